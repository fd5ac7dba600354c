// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The control half of the device: registers behind AXI4-Lite (docs/registers.md), the engine, the
// loader and the telemetry. The top joins it with the units of the datapath. Every unit is cleared
// by clear_o; the weight port drops what belongs to an older epoch_o.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module control #(
  parameter LANES        = `LOCKSTEP_DEFAULT_LANES,
  parameter SLOTS        = `LOCKSTEP_DEFAULT_SLOTS,
  parameter PORT_BITS    = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter VLANES       = `LOCKSTEP_DEFAULT_VLANES,
  parameter ACT_BITS     = `LOCKSTEP_DEFAULT_ACT_BITS,
  parameter ATTN_HEADS   = `LOCKSTEP_DEFAULT_ATTN_HEADS,
  parameter KV_WORDS     = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter VEC_WORDS    = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter SEQS         = `LOCKSTEP_DEFAULT_SEQS,
  parameter UCODE_OPS    = `LOCKSTEP_DEFAULT_UCODE_OPS,
  parameter TENSORS      = `LOCKSTEP_DEFAULT_TENSORS,
  parameter CONTEXT_MAX  = `LOCKSTEP_DEFAULT_CONTEXT_MAX,
  parameter TOKEN_FIFO   = `LOCKSTEP_DEFAULT_TOKEN_FIFO,
  parameter BEATS        = `LOCKSTEP_DEFAULT_BEATS,
  parameter TELEMETRY    = `LOCKSTEP_DEFAULT_TELEMETRY
) (
  input  wire                clk_i,
  input  wire                rst_ni,
  output wire                clear_o,        // soft reset, for everything but this module

  input  wire        s_axil_awvalid_i,
  output wire        s_axil_awready_o,
  input  wire [15:0] s_axil_awaddr_i,
  input  wire        s_axil_wvalid_i,
  output wire        s_axil_wready_o,
  input  wire [31:0] s_axil_wdata_i,
  input  wire [3:0]  s_axil_wstrb_i,
  output wire        s_axil_bvalid_o,
  input  wire        s_axil_bready_i,
  output wire [1:0]  s_axil_bresp_o,
  input  wire        s_axil_arvalid_i,
  output wire        s_axil_arready_o,
  input  wire [15:0] s_axil_araddr_i,
  output wire        s_axil_rvalid_o,
  input  wire        s_axil_rready_i,
  output wire [31:0] s_axil_rdata_o,
  output wire [1:0]  s_axil_rresp_o,
  output wire        irq_o,

  // Geometry and settings that units need.
  output wire [7:0]          n_layers_o,
  output wire [7:0]          n_heads_o,
  output wire [7:0]          n_kv_heads_o,
  output wire [8:0]          head_dim_o,
  output wire [8:0]          n_rot_o,
  output wire [15:0]         context_o,
  output wire [31:0]         attn_scale_o,
  output wire [31:0]         port_timeout_o,
  output wire                rope_we_o,      // rotation increments, 2^-48 turns a position
  output wire [6:0]          rope_pair_o,
  output wire [47:0]         rope_inc_o,

  // Units: operands stay from op_start_o to op_done_i.
  output wire                pass_start_o,   // pulse: the walk of a pass begins
  output wire                op_start_o,
  output wire [5:0]          op_o,
  output wire [7:0]          op_pc_o,
  output wire [7:0]          op_layer_o,
  output wire [SLOTS-1:0]    op_slots_o,
  output wire [15:0]         op_dst_o,       // vector addresses, in units of 32 words
  output wire [15:0]         op_a_o,
  output wire [15:0]         op_b_o,
  output wire [15:0]         op_n_o,         // elements
  output wire [31:0]         op_imm_o,
  output wire [15:0]         op_tensor_o,    // descriptor, where the op has one:
  output wire [7:0]          op_type_o,
  output wire [19:0]         op_rows_o,
  output wire [17:0]         op_cols_o,
  input  wire                op_done_i,
  input  wire                op_err_i,
  input  wire [7:0]          op_err_code_i,
  input  wire [3:0]          op_err_slot_i,
  output wire [SLOTS*16-1:0] slot_pos_o,
  output wire [SLOTS*4-1:0]  slot_seq_o,
  output wire [SLOTS*20-1:0] slot_token_o,
  output wire [3:0]          epoch_o,

  // Weight port.
  output wire                fetch_valid_o,
  input  wire                fetch_ready_i,
  output wire [39:0]         fetch_addr_o,   // bytes
  output wire [39:0]         fetch_bytes_o,
  output wire [31:0]         fetch_tag_o,    // tensor 15:0, layer 23:16, pc 31:24
  input  wire                port_err_i,
  input  wire [7:0]          port_err_code_i,
  input  wire [31:0]         port_err_tag_i,

  // Results of LOGITS.
  input  wire                res_valid_i,
  input  wire [19:0]         res_row_i,
  input  wire [SLOTS*32-1:0] res_data_i,

  // Commits of the engine itself: PASS (token, position, sequence) and SAMPLE (id, logit).
  output wire                cm_valid_o,
  output wire [5:0]          cm_op_o,
  output wire [3:0]          cm_slot_o,
  output wire [19:0]         cm_index_o,
  output wire [5:0]          cm_count_o,     // words
  output wire [95:0]         cm_data_o,

  // Loader, AXI4 write master.
  output wire                   m_axi_awvalid_o,
  input  wire                   m_axi_awready_i,
  output wire [39:0]            m_axi_awaddr_o,
  output wire [7:0]             m_axi_awlen_o,
  output wire [2:0]             m_axi_awsize_o,
  output wire [1:0]             m_axi_awburst_o,
  output wire                   m_axi_wvalid_o,
  input  wire                   m_axi_wready_i,
  output wire [PORT_BITS-1:0]   m_axi_wdata_o,
  output wire [PORT_BITS/8-1:0] m_axi_wstrb_o,
  output wire                   m_axi_wlast_o,
  input  wire                   m_axi_bvalid_i,
  output wire                   m_axi_bready_o,
  input  wire [1:0]             m_axi_bresp_i,

  // Events, for the counters.
  input  wire [19:0]         ev_macs_i,   // multiply-accumulates in this cycle
  input  wire                ev_beat_i,   // beat taken from the weight port
  input  wire                ev_stall_i,   // dot array waited for weights
  input  wire [7:0]          ev_kv_reads_i,   // words in this cycle
  input  wire [7:0]          ev_kv_writes_i,
  input  wire [1:0]          ev_width_i,      // see rtl/telemetry/energy_meter.v
  input  wire [15:0]         ev_dots_i,
  input  wire [15:0]         ev_halves_i,
  input  wire [15:0]         ev_rows_i,
  input  wire [15:0]         ev_words_i,
  input  wire                ev_burst_i,
  input  wire [15:0]         ev_elements_i,
  input  wire [15:0]         ev_attend_i,

  // A power window has closed: rtl/telemetry/telemetry.v.
  output wire                part_valid_o,
  output wire [2:0]          part_unit_o,
  output wire [63:0]         part_energy_o,
  output wire                window_valid_o,
  output wire [31:0]         window_die_o,
  output wire [31:0]         window_package_o,
  output wire [7:0]          window_pace_o
);

  wire         run, validate, changed, busy, model_ready, idle, error, error_now, in_push,
               in_push_last, in_empty, in_pop, out_full, out_push, listed, list_we, ucode_we,
               tensor_we, load_valid, load_ready, load_busy, load_pending, ev_prefill, ev_pass,
               load_err, pace, rest, hold, hot;
  wire [1:0]   load_cmd;
  wire [3:0]   state, error_slot, list_seq;
  wire [4:0]   n_seqs;
  wire [5:0]   list_rank;
  wire [6:0]   topk;
  wire [7:0]   pass_slots, error_code, error_pc, error_layer;
  wire [12:0]  in_level;
  wire [15:0]  stride, error_tensor, ucode_addr, tensor_addr;
  wire [19:0]  vocab;
  wire [15:0]  start_pos;
  wire         bus_valid, bus_access, bus_we, snapshot, telemetry_hit, throttled;
  wire [15:0]  bus_addr;
  wire [31:0]  bus_wdata, bus_wmask, telemetry_rdata;
  wire [31:0]  budget, in_word, out_word, store_data, load_data, load_crc;
  wire [39:0]  load_addr;
  wire [51:0]  list_entry;
  wire [83:0]  eog;

  csr #(
    .LANES        (LANES),
    .SLOTS        (SLOTS),
    .PORT_BITS    (PORT_BITS),
    .VLANES       (VLANES),
    .ACT_BITS     (ACT_BITS),
    .ATTN_HEADS   (ATTN_HEADS),
    .KV_WORDS     (KV_WORDS),
    .VEC_WORDS    (VEC_WORDS),
    .SEQS         (SEQS),
    .UCODE_OPS    (UCODE_OPS),
    .TENSORS      (TENSORS),
    .CONTEXT_MAX  (CONTEXT_MAX),
    .TOKEN_FIFO   (TOKEN_FIFO),
    .BEATS        (BEATS),
    .TELEMETRY    (TELEMETRY)
  ) u_csr (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .s_axil_awvalid_i (s_axil_awvalid_i),
    .s_axil_awready_o (s_axil_awready_o),
    .s_axil_awaddr_i  (s_axil_awaddr_i),
    .s_axil_wvalid_i  (s_axil_wvalid_i),
    .s_axil_wready_o  (s_axil_wready_o),
    .s_axil_wdata_i   (s_axil_wdata_i),
    .s_axil_wstrb_i   (s_axil_wstrb_i),
    .s_axil_bvalid_o  (s_axil_bvalid_o),
    .s_axil_bready_i  (s_axil_bready_i),
    .s_axil_bresp_o   (s_axil_bresp_o),
    .s_axil_arvalid_i (s_axil_arvalid_i),
    .s_axil_arready_o (s_axil_arready_o),
    .s_axil_araddr_i  (s_axil_araddr_i),
    .s_axil_rvalid_o  (s_axil_rvalid_o),
    .s_axil_rready_i  (s_axil_rready_i),
    .s_axil_rdata_o   (s_axil_rdata_o),
    .s_axil_rresp_o   (s_axil_rresp_o),
    .irq_o            (irq_o),
    .n_layers_o       (n_layers_o),
    .n_heads_o        (n_heads_o),
    .n_kv_heads_o     (n_kv_heads_o),
    .head_dim_o       (head_dim_o),
    .n_rot_o          (n_rot_o),
    .context_o        (context_o),
    .n_seqs_o         (n_seqs),
    .attn_scale_o     (attn_scale_o),
    .stride_o         (stride),
    .vocab_o          (vocab),
    .budget_o         (budget),
    .start_pos_o      (start_pos),
    .topk_o           (topk),
    .pass_slots_o     (pass_slots),
    .port_timeout_o   (port_timeout_o),
    .eog_o            (eog),
    .run_o            (run),
    .validate_o       (validate),
    .clear_o          (clear_o),
    .changed_o        (changed),
    .busy_i           (busy),
    .model_ready_i    (model_ready),
    .state_i          (state),
    .idle_i           (idle),
    .error_i          (error),
    .error_now_i      (error_now),
    .error_code_i     (error_code),
    .error_pc_i       (error_pc),
    .error_layer_i    (error_layer),
    .error_slot_i     (error_slot),
    .error_tensor_i   (error_tensor),
    .in_push_o        (in_push),
    .in_push_last_o   (in_push_last),
    .in_word_o        (in_word),
    .in_empty_o       (in_empty),
    .in_level_o       (in_level),
    .in_pop_i         (in_pop),
    .out_full_o       (out_full),
    .out_push_i       (out_push),
    .out_word_i       (out_word),
    .listed_i         (listed),
    .list_we_i        (list_we),
    .list_seq_i       (list_seq),
    .list_rank_i      (list_rank),
    .list_entry_i     (list_entry),
    .ucode_we_o       (ucode_we),
    .ucode_addr_o     (ucode_addr),
    .tensor_we_o      (tensor_we),
    .tensor_addr_o    (tensor_addr),
    .rope_we_o        (rope_we_o),
    .rope_pair_o      (rope_pair_o),
    .rope_inc_o       (rope_inc_o),
    .store_data_o     (store_data),
    .load_valid_o     (load_valid),
    .load_cmd_o       (load_cmd),
    .load_data_o      (load_data),
    .load_ready_i     (load_ready),
    .load_addr_i      (load_addr),
    .load_busy_i      (load_busy),
    .load_pending_i   (load_pending),
    .load_crc_i       (load_crc),
    .ev_prefill_i     (ev_prefill),
    .ev_macs_i        (ev_macs_i),
    .ev_beat_i        (ev_beat_i),
    .ev_stall_i       (ev_stall_i),
    .ev_pass_i        (ev_pass),
    .ev_kv_reads_i    (ev_kv_reads_i),
    .ev_kv_writes_i   (ev_kv_writes_i),
    .bus_valid_o      (bus_valid),
    .bus_access_o     (bus_access),
    .bus_we_o         (bus_we),
    .bus_addr_o       (bus_addr),
    .bus_wdata_o      (bus_wdata),
    .bus_wmask_o      (bus_wmask),
    .telemetry_hit_i  (telemetry_hit),
    .telemetry_rdata_i (telemetry_rdata),
    .throttled_i      (throttled),
    .snapshot_o       (snapshot)
  );

  engine #(
    .SLOTS        (SLOTS),
    .VLANES       (VLANES),
    .KV_WORDS     (KV_WORDS),
    .VEC_WORDS    (VEC_WORDS),
    .SEQS         (SEQS),
    .UCODE_OPS    (UCODE_OPS),
    .TENSORS      (TENSORS),
    .CONTEXT_MAX  (CONTEXT_MAX)
  ) u_engine (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .clear_i         (clear_o),
    .n_layers_i      (n_layers_o),
    .n_heads_i       (n_heads_o),
    .n_kv_heads_i    (n_kv_heads_o),
    .head_dim_i      (head_dim_o),
    .n_rot_i         (n_rot_o),
    .context_i       (context_o),
    .n_seqs_i        (n_seqs),
    .stride_i        (stride),
    .vocab_i         (vocab),
    .budget_i        (budget),
    .start_pos_i     (start_pos),
    .topk_i          (topk),
    .pass_slots_i    (pass_slots),
    .eog_i           (eog),
    .run_i           (run),
    .validate_i      (validate),
    .changed_i       (changed),
    .busy_o          (busy),
    .model_ready_o   (model_ready),
    .state_o         (state),
    .idle_o          (idle),
    .error_o         (error),
    .error_now_o     (error_now),
    .error_code_o    (error_code),
    .error_pc_o      (error_pc),
    .error_layer_o   (error_layer),
    .error_slot_o    (error_slot),
    .error_tensor_o  (error_tensor),
    .in_push_i       (in_push),
    .in_push_last_i  (in_push_last),
    .in_word_i       (in_word),
    .in_empty_i      (in_empty),
    .in_level_i      (in_level),
    .in_pop_o        (in_pop),
    .out_full_i      (out_full),
    .out_push_o      (out_push),
    .out_word_o      (out_word),
    .listed_o        (listed),
    .list_we_o       (list_we),
    .list_seq_o      (list_seq),
    .list_rank_o     (list_rank),
    .list_entry_o    (list_entry),
    .ucode_we_i      (ucode_we),
    .ucode_addr_i    (ucode_addr),
    .tensor_we_i     (tensor_we),
    .tensor_addr_i   (tensor_addr),
    .store_data_i    (store_data),
    .load_err_i      (load_err),
    .op_start_o      (op_start_o),
    .op_o            (op_o),
    .op_pc_o         (op_pc_o),
    .op_layer_o      (op_layer_o),
    .op_slots_o      (op_slots_o),
    .op_dst_o        (op_dst_o),
    .op_a_o          (op_a_o),
    .op_b_o          (op_b_o),
    .op_n_o          (op_n_o),
    .op_imm_o        (op_imm_o),
    .op_tensor_o     (op_tensor_o),
    .op_type_o       (op_type_o),
    .op_rows_o       (op_rows_o),
    .op_cols_o       (op_cols_o),
    .op_done_i       (op_done_i),
    .op_err_i        (op_err_i),
    .op_err_code_i   (op_err_code_i),
    .op_err_slot_i   (op_err_slot_i),
    .slot_pos_o      (slot_pos_o),
    .slot_seq_o      (slot_seq_o),
    .slot_token_o    (slot_token_o),
    .epoch_o         (epoch_o),
    .fetch_valid_o   (fetch_valid_o),
    .fetch_ready_i   (fetch_ready_i),
    .fetch_addr_o    (fetch_addr_o),
    .fetch_bytes_o   (fetch_bytes_o),
    .fetch_tag_o     (fetch_tag_o),
    .port_err_i      (port_err_i),
    .port_err_code_i (port_err_code_i),
    .port_err_tag_i  (port_err_tag_i),
    .res_valid_i     (res_valid_i),
    .res_row_i       (res_row_i),
    .res_data_i      (res_data_i),
    .cm_valid_o      (cm_valid_o),
    .cm_op_o         (cm_op_o),
    .cm_slot_o       (cm_slot_o),
    .cm_index_o      (cm_index_o),
    .cm_count_o      (cm_count_o),
    .cm_data_o       (cm_data_o),
    .pace_i          (pace),
    .rest_i          (rest),
    .wait_i          (hold),
    .hot_i           (hot),
    .ev_pass_o       (ev_pass),
    .ev_prefill_o    (ev_prefill)
  );

  assign pass_start_o = ev_pass;

  generate
    if (TELEMETRY != 0) begin : g_telemetry
      telemetry u_telemetry (
        .clk_i            (clk_i),
        .rst_ni           (rst_ni),
        .clear_i          (clear_o),
        .valid_i          (bus_valid),
        .addr_i           (bus_addr),
        .write_i          (bus_we),
        .wdata_i          (bus_wdata),
        .wmask_i          (bus_wmask),
        .hit_o            (telemetry_hit),
        .rdata_o          (telemetry_rdata),
        .snapshot_i       (snapshot),
        .busy_i           (busy),
        .state_i          (state),
        .stall_i          (ev_stall_i),
        .op_start_i       (op_start_o),
        .op_done_i        (op_done_i),
        .op_i             (op_o),
        .op_layer_i       (op_layer_o),
        .pass_i           (ev_pass),
        .token_i          (out_push),
        .access_i         (bus_access),
        .prompt_i         (in_pop && in_word[`LOCKSTEP_IN_FIRST]),
        .ev_width_i       (ev_width_i),
        .ev_dots_i        (ev_dots_i),
        .ev_halves_i      (ev_halves_i),
        .ev_rows_i        (ev_rows_i),
        .ev_words_i       (ev_words_i),
        .ev_burst_i       (ev_burst_i),
        .ev_elements_i    (ev_elements_i),
        .ev_attend_i      (ev_attend_i),
        .ev_kv_reads_i    (ev_kv_reads_i),
        .ev_kv_writes_i   (ev_kv_writes_i),
        .throttled_o      (throttled),
        .pace_o           (pace),
        .rest_o           (rest),
        .wait_o           (hold),
        .hot_o            (hot),
        .part_valid_o     (part_valid_o),
        .part_unit_o      (part_unit_o),
        .part_energy_o    (part_energy_o),
        .window_valid_o   (window_valid_o),
        .window_die_o     (window_die_o),
        .window_package_o (window_package_o),
        .window_pace_o    (window_pace_o)
      );
    end else begin : g_no_telemetry
      assign {telemetry_hit, telemetry_rdata, throttled, pace, hold, hot} = 37'd0;
      assign rest = 1'b1;
      assign {part_valid_o, part_unit_o, part_energy_o} = 68'd0;
      assign {window_valid_o, window_die_o, window_package_o, window_pace_o} = {65'd0, 8'd1};
      wire unused = &{1'b0, bus_valid, bus_access, bus_we, bus_addr, bus_wdata, bus_wmask, snapshot,
                      ev_width_i, ev_dots_i, ev_halves_i, ev_rows_i, ev_words_i, ev_burst_i,
                      ev_elements_i, ev_attend_i};
    end
  endgenerate

  loader #(
    .PORT_BITS (PORT_BITS)
  ) u_loader (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .clear_i         (clear_o),
    .cmd_valid_i     (load_valid),
    .cmd_i           (load_cmd),
    .cmd_data_i      (load_data),
    .cmd_ready_o     (load_ready),
    .addr_o          (load_addr),
    .busy_o          (load_busy),
    .pending_o       (load_pending),
    .crc_o           (load_crc),
    .err_o           (load_err),
    .m_axi_awvalid_o (m_axi_awvalid_o),
    .m_axi_awready_i (m_axi_awready_i),
    .m_axi_awaddr_o  (m_axi_awaddr_o),
    .m_axi_awlen_o   (m_axi_awlen_o),
    .m_axi_awsize_o  (m_axi_awsize_o),
    .m_axi_awburst_o (m_axi_awburst_o),
    .m_axi_wvalid_o  (m_axi_wvalid_o),
    .m_axi_wready_i  (m_axi_wready_i),
    .m_axi_wdata_o   (m_axi_wdata_o),
    .m_axi_wstrb_o   (m_axi_wstrb_o),
    .m_axi_wlast_o   (m_axi_wlast_o),
    .m_axi_bvalid_i  (m_axi_bvalid_i),
    .m_axi_bready_o  (m_axi_bready_o),
    .m_axi_bresp_i   (m_axi_bresp_i)
  );

endmodule

`default_nettype wire
