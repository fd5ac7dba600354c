// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// control with the members of its buses as ports, for tests/rtl/control_bench.c.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module control_tb #(
  parameter LANES       = `LOCKSTEP_DEFAULT_LANES,
  parameter SLOTS       = `LOCKSTEP_DEFAULT_SLOTS,
  parameter PORT_BITS   = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter CHANNELS    = `LOCKSTEP_DEFAULT_CHANNELS,
  parameter VLANES      = `LOCKSTEP_DEFAULT_VLANES,
  parameter ACT_BITS    = `LOCKSTEP_DEFAULT_ACT_BITS,
  parameter ATTN_HEADS  = `LOCKSTEP_DEFAULT_ATTN_HEADS,
  parameter KV_WORDS    = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter VEC_WORDS   = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter SEQS        = `LOCKSTEP_DEFAULT_SEQS,
  parameter UCODE_OPS   = `LOCKSTEP_DEFAULT_UCODE_OPS,
  parameter TENSORS     = `LOCKSTEP_DEFAULT_TENSORS,
  parameter CONTEXT_MAX = `LOCKSTEP_DEFAULT_CONTEXT_MAX,
  parameter TOKEN_FIFO  = `LOCKSTEP_DEFAULT_TOKEN_FIFO,
  parameter BEATS       = `LOCKSTEP_DEFAULT_BEATS,
  parameter LOGIT_WORDS = `LOCKSTEP_DEFAULT_LOGIT_WORDS
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  output wire                   clear_o,
  input  wire                   s_axil_awvalid_i,
  output wire                   s_axil_awready_o,
  input  wire [15:0]            s_axil_awaddr_i,
  input  wire                   s_axil_wvalid_i,
  output wire                   s_axil_wready_o,
  input  wire [31:0]            s_axil_wdata_i,
  input  wire [3:0]             s_axil_wstrb_i,
  output wire                   s_axil_bvalid_o,
  input  wire                   s_axil_bready_i,
  output wire [1:0]             s_axil_bresp_o,
  input  wire                   s_axil_arvalid_i,
  output wire                   s_axil_arready_o,
  input  wire [15:0]            s_axil_araddr_i,
  output wire                   s_axil_rvalid_o,
  input  wire                   s_axil_rready_i,
  output wire [31:0]            s_axil_rdata_o,
  output wire [1:0]             s_axil_rresp_o,
  output wire                   irq_o,
  output wire [7:0]             n_layers_o,
  output wire [7:0]             n_heads_o,
  output wire [7:0]             n_kv_heads_o,
  output wire [8:0]             head_dim_o,
  output wire [8:0]             n_rot_o,
  output wire [15:0]            context_o,
  output wire [31:0]            attn_scale_o,
  output wire [31:0]            port_timeout_o,
  output wire                   rope_we_o,
  output wire [6:0]             rope_pair_o,
  output wire                   rope_bank_o,
  output wire [47:0]            rope_inc_o,
  output wire                   op_start_o,
  output wire [5:0]             op_o,
  output wire [7:0]             op_pc_o,
  output wire [7:0]             op_layer_o,
  output wire                   op_local_o,
  output wire                   op_bank_o,
  output wire [7:0]             op_expert_o,
  output wire [SLOTS-1:0]       op_slots_o,
  output wire [15:0]            op_dst_o,
  output wire [15:0]            op_a_o,
  output wire [15:0]            op_b_o,
  output wire [15:0]            op_n_o,
  output wire [31:0]            op_imm_o,
  output wire [15:0]            op_tensor_o,
  output wire [7:0]             op_type_o,
  output wire [19:0]            op_rows_o,
  output wire [17:0]            op_cols_o,
  input  wire                   op_done_i,
  input  wire                   op_err_i,
  input  wire [7:0]             op_err_code_i,
  input  wire [3:0]             op_err_slot_i,
  output wire [SLOTS*16-1:0]    slot_pos_o,
  output wire [SLOTS*4-1:0]     slot_seq_o,
  output wire [SLOTS*20-1:0]    slot_token_o,
  input  wire [SLOTS*128-1:0]   choice_i,
  output wire                   fetch_valid_o,
  input  wire                   fetch_ready_i,
  output wire [39:0]            fetch_addr_o,
  output wire [39:0]            fetch_bytes_o,
  output wire [31:0]            fetch_tag_o,
  input  wire                   port_err_i,
  input  wire [7:0]             port_err_code_i,
  input  wire [31:0]            port_err_tag_i,
  input  wire                   res_valid_i,
  input  wire                   res_both_i,
  input  wire [19:0]            res_row_i,
  input  wire [SLOTS*64-1:0]    res_data_i,
  output wire                   cm_valid_o,
  output wire [5:0]             cm_op_o,
  output wire [3:0]             cm_slot_o,
  output wire [19:0]            cm_index_o,
  output wire [5:0]             cm_count_o,
  output wire [95:0]            cm_data_o,
  output wire [CHANNELS-1:0]    m_axi_awvalid_o,
  input  wire [CHANNELS-1:0]    m_axi_awready_i,
  output wire [39:0]            m_axi_awaddr_o,
  output wire [7:0]             m_axi_awlen_o,
  output wire [2:0]             m_axi_awsize_o,
  output wire [1:0]             m_axi_awburst_o,
  output wire [CHANNELS-1:0]    m_axi_wvalid_o,
  input  wire [CHANNELS-1:0]    m_axi_wready_i,
  output wire [PORT_BITS/CHANNELS-1:0]   m_axi_wdata_o,
  output wire [PORT_BITS/CHANNELS/8-1:0] m_axi_wstrb_o,
  output wire                   m_axi_wlast_o,
  input  wire [CHANNELS-1:0]    m_axi_bvalid_i,
  output wire [CHANNELS-1:0]    m_axi_bready_o,
  input  wire [2*CHANNELS-1:0]  m_axi_bresp_i,
  input  wire [19:0]            ev_macs_i,
  input  wire                   ev_beat_i,
  input  wire                   ev_stall_i,
  input  wire [7:0]             ev_kv_reads_i,
  input  wire [7:0]             ev_kv_writes_i,
  input  wire [1:0]             ev_width_i,
  input  wire [15:0]            ev_dots_i,
  input  wire [15:0]            ev_halves_i,
  input  wire [15:0]            ev_rows_i,
  input  wire [15:0]            ev_words_i,
  input  wire                   ev_burst_i,
  input  wire [15:0]            ev_elements_i,
  input  wire [15:0]            ev_attend_i
);

  wire [`LOCKSTEP_AXIL_IN_W-1:0] axil_in = {
    s_axil_rready_i, s_axil_arvalid_i, s_axil_bready_i, s_axil_wvalid_i, s_axil_awvalid_i,
    s_axil_wstrb_i, s_axil_araddr_i, s_axil_awaddr_i, s_axil_wdata_i
  };
  wire [`LOCKSTEP_AXIL_OUT_W-1:0] axil_out;
  assign {
    s_axil_rvalid_o, s_axil_arready_o, s_axil_bvalid_o, s_axil_wready_o, s_axil_awready_o,
    s_axil_bresp_o, s_axil_rresp_o, s_axil_rdata_o
  } = axil_out;
  wire [`LOCKSTEP_SETTINGS_W-1:0] settings;
  assign n_layers_o     = settings[`LOCKSTEP_SETTINGS_N_LAYERS];
  assign n_heads_o      = settings[`LOCKSTEP_SETTINGS_N_HEADS];
  assign n_kv_heads_o   = settings[`LOCKSTEP_SETTINGS_N_KV_HEADS];
  assign head_dim_o     = settings[`LOCKSTEP_SETTINGS_HEAD_DIM];
  assign n_rot_o        = settings[`LOCKSTEP_SETTINGS_N_ROT];
  assign context_o      = settings[`LOCKSTEP_SETTINGS_CONTEXT];
  assign attn_scale_o   = settings[`LOCKSTEP_SETTINGS_ATTN_SCALE];
  assign port_timeout_o = settings[`LOCKSTEP_SETTINGS_PORT_TIMEOUT];
  wire [`LOCKSTEP_ROPE_INC_W-1:0] rope;
  assign {
    rope_we_o, rope_bank_o, rope_pair_o, rope_inc_o
  } = rope;
  wire [`LOCKSTEP_JOB_W-1:0] job;
  assign {
    op_expert_o, op_bank_o, op_local_o, op_rows_o, op_cols_o, op_type_o, op_o, op_layer_o, op_pc_o,
    op_tensor_o, op_n_o, op_dst_o, op_b_o, op_a_o, op_imm_o
  } = job;
  wire [`LOCKSTEP_FAULT_W-1:0] fault = {
    op_err_slot_i, op_err_code_i, op_err_i
  };
  wire [`LOCKSTEP_FETCH_W-1:0] fetch;
  assign {
    fetch_bytes_o, fetch_addr_o, fetch_tag_o
  } = fetch;
  wire [`LOCKSTEP_PORT_FAULT_W-1:0] port_fault = {
    port_err_tag_i, port_err_code_i, port_err_i
  };
  wire [`LOCKSTEP_NOTE_W-1:0] note;
  assign {
    cm_valid_o, cm_count_o, cm_slot_o, cm_op_o, cm_index_o, cm_data_o
  } = note;
  wire [`LOCKSTEP_EVENTS_W-1:0] events = {
    ev_burst_i, ev_stall_i, ev_beat_i, `LOCKSTEP_EVENT_DOT4 + {3'd0, ev_width_i},
    8'd0, ev_kv_writes_i, 8'd0, ev_kv_reads_i, ev_attend_i, ev_elements_i, ev_words_i, ev_rows_i,
    ev_halves_i,
    {1'b0, ev_macs_i[19:5]}
  };
  wire [`LOCKSTEP_WRITE_OUT_W-1:0] m_write_out;
  assign {
    m_axi_wlast_o, m_axi_awburst_o, m_axi_awsize_o, m_axi_awlen_o, m_axi_awaddr_o
  } = m_write_out;
  wire [CHANNELS*`LOCKSTEP_WRITE_IN_W-1:0] m_write_in = {
    m_axi_wready_i, m_axi_awready_i, m_axi_bvalid_i, m_axi_bresp_i
  };

  control #(
    .LANES(LANES), .SLOTS(SLOTS), .PORT_BITS(PORT_BITS), .CHANNELS(CHANNELS), .VLANES(VLANES),
    .ACT_BITS(ACT_BITS), .ATTN_HEADS(ATTN_HEADS), .KV_WORDS(KV_WORDS), .VEC_WORDS(VEC_WORDS),
    .SEQS(SEQS), .UCODE_OPS(UCODE_OPS), .TENSORS(TENSORS), .CONTEXT_MAX(CONTEXT_MAX),
    .TOKEN_FIFO(TOKEN_FIFO), .BEATS(BEATS), .LOGIT_WORDS(LOGIT_WORDS)
  ) u_control (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_o(clear_o), .axil_i(axil_in),
    .axil_o(axil_out), .irq_o(irq_o), .settings_o(settings), .rope_o(rope),
    .pass_start_o(), .op_start_o(op_start_o), .job_o(job), .op_slots_o(op_slots_o),
    .op_done_i(op_done_i), .fault_i(fault), .slot_pos_o(slot_pos_o), .slot_seq_o(slot_seq_o),
    .slot_token_o(slot_token_o), .choice_i(choice_i),
    .fetch_valid_o(fetch_valid_o), .fetch_ready_i(fetch_ready_i), .fetch_o(fetch),
    .port_fault_i(port_fault), .logit_valid_i(res_valid_i), .logit_both_i(res_both_i),
    .logit_row_i(res_row_i), .logit_data_i(res_data_i),
    .note_o(note), .events_i(events), .power_o(),
    .m_write_o(m_write_out), .m_wdata_o(m_axi_wdata_o), .m_wstrb_o(m_axi_wstrb_o),
    .m_awvalid_o(m_axi_awvalid_o), .m_wvalid_o(m_axi_wvalid_o), .m_bready_o(m_axi_bready_o),
    .m_write_i(m_write_in)
  );

  wire unused = &{1'b0, settings, ev_macs_i[4:0], ev_dots_i};

endmodule

`default_nettype wire
