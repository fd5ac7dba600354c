// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Lockstep: an accelerator for language models. Registers and token FIFOs on AXI4-Lite
// (docs/registers.md), weights on the AXI4 read half of CHANNELS channels, a loader on their write
// half, and the commit port. docs/architecture.md draws it and tells of the parameters.
`default_nettype none
`include "generated/device.vh"

module lockstep #(
  parameter LANES       = 16,     // weight blocks of 32 that a cycle takes; 2..64, a power of two
  parameter SLOTS       = 4,      // tokens served by one pass over the weights, 1..8
  parameter PORT_BITS   = 2048,   // width of the weight port; 128..8192, a power of two
  parameter CHANNELS    = 2,      // of the weight port, of 128..1024 bits each; a power of two
  parameter VLANES      = 8,      // binary32 lanes of the vector unit, 4 or 8
  parameter ACT_BITS    = 16,     // bits of the mantissa of a matrix input, 8..16
  parameter ATTN_HEADS  = 4,      // query heads of one group, served by one read of K and V
  parameter KV_WORDS    = 131072, // words of the KV SRAM: 32 elements of 16 bits and a shift each
  parameter VEC_WORDS   = 16384,  // binary32 words of the vector SRAM of a slot
  parameter SEQS        = 4,      // sequences, 2..16
  parameter UCODE_OPS   = 64,     // instructions of the microcode store
  parameter TENSORS     = 1024,   // entries of the tensor table
  parameter CONTEXT_MAX = 4096,   // most positions of a sequence: depth of the score buffers
  parameter TOKEN_FIFO  = 64,     // depth of the token FIFOs, a power of two
  parameter BEATS       = 64,     // depth of the beat FIFO behind the weight port, a power of two
  parameter LOGIT_WORDS = 32768,  // logits of a slot that can be kept for the host
  parameter TELEMETRY   = 1       // 0: without cycle classes, energy, heat and throttle
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  output wire                   irq_o,

  // AXI4-Lite subordinate.
  input  wire [15:0]            s_axil_awaddr_i,
  input  wire                   s_axil_awvalid_i,
  output wire                   s_axil_awready_o,
  input  wire [31:0]            s_axil_wdata_i,
  input  wire [3:0]             s_axil_wstrb_i,
  input  wire                   s_axil_wvalid_i,
  output wire                   s_axil_wready_o,
  output wire [1:0]             s_axil_bresp_o,
  output wire                   s_axil_bvalid_o,
  input  wire                   s_axil_bready_i,
  input  wire [15:0]            s_axil_araddr_i,
  input  wire                   s_axil_arvalid_i,
  output wire                   s_axil_arready_o,
  output wire [31:0]            s_axil_rdata_o,
  output wire [1:0]             s_axil_rresp_o,
  output wire                   s_axil_rvalid_o,
  input  wire                   s_axil_rready_i,

  // AXI4 managers, one a channel, the first in the lowest bits of each vector: they read weights
  // and write what the loader brings. docs/architecture.md says which bytes a channel holds.
  output wire [4*CHANNELS-1:0]  m_axi_arid_o,
  output wire [40*CHANNELS-1:0] m_axi_araddr_o,
  output wire [8*CHANNELS-1:0]  m_axi_arlen_o,
  output wire [3*CHANNELS-1:0]  m_axi_arsize_o,
  output wire [2*CHANNELS-1:0]  m_axi_arburst_o,
  output wire [CHANNELS-1:0]    m_axi_arvalid_o,
  input  wire [CHANNELS-1:0]    m_axi_arready_i,
  input  wire [4*CHANNELS-1:0]  m_axi_rid_i,
  input  wire [PORT_BITS-1:0]   m_axi_rdata_i,
  input  wire [2*CHANNELS-1:0]  m_axi_rresp_i,
  input  wire [CHANNELS-1:0]    m_axi_rlast_i,
  input  wire [CHANNELS-1:0]    m_axi_rvalid_i,
  output wire [CHANNELS-1:0]    m_axi_rready_o,
  output wire [40*CHANNELS-1:0] m_axi_awaddr_o,
  output wire [8*CHANNELS-1:0]  m_axi_awlen_o,
  output wire [3*CHANNELS-1:0]  m_axi_awsize_o,
  output wire [2*CHANNELS-1:0]  m_axi_awburst_o,
  output wire [CHANNELS-1:0]    m_axi_awvalid_o,
  input  wire [CHANNELS-1:0]    m_axi_awready_i,
  output wire [PORT_BITS-1:0]   m_axi_wdata_o,
  output wire [PORT_BITS/8-1:0] m_axi_wstrb_o,
  output wire [CHANNELS-1:0]    m_axi_wlast_o,
  output wire [CHANNELS-1:0]    m_axi_wvalid_o,
  input  wire [CHANNELS-1:0]    m_axi_wready_i,
  input  wire [2*CHANNELS-1:0]  m_axi_bresp_i,
  input  wire [CHANNELS-1:0]    m_axi_bvalid_i,
  output wire [CHANNELS-1:0]    m_axi_bready_o,

  // Commit port: rtl/common/commit_port.v.
  output wire                   commit_valid_o,
  output wire                   commit_by_slot_o,
  output wire [5:0]             commit_op_o,
  output wire [7:0]             commit_pc_o,
  output wire [7:0]             commit_layer_o,
  output wire [3:0]             commit_slot_o,
  output wire [7:0]             commit_mask_o,
  output wire [19:0]            commit_index_o,
  output wire [5:0]             commit_count_o,
  output wire [17*32-1:0]       commit_data_o,

  // Pulses for the harness: the walk of a pass begins; a unit starts; it is done.
  output wire                   pass_start_o,
  output wire                   op_start_o,
  output wire                   op_done_o,

  // Back door to the KV SRAM, to be used between ops: a word is 32 x 16-bit mantissas and a 5-bit
  // shift.
  input  wire                   kv_dbg_en_i,
  input  wire                   kv_dbg_we_i,
  input  wire [31:0]            kv_dbg_addr_i,
  input  wire [516:0]           kv_dbg_wdata_i,
  output wire [516:0]           kv_dbg_rdata_o,

  // Power windows: what each unit used in fJ, then temperatures in 2^-16 degrees C and pacing.
  output wire                   part_valid_o,
  output wire [2:0]             part_unit_o,
  output wire [63:0]            part_energy_o,
  output wire                   window_valid_o,
  output wire [31:0]            window_die_o,
  output wire [31:0]            window_package_o,
  output wire [7:0]             window_pace_o
);

  localparam KV_BITS = $clog2(KV_WORDS);

  wire                              clear, fetch_valid, fetch_ready, logit_valid, logit_both;
  wire [`LOCKSTEP_SETTINGS_W-1:0]   settings;
  wire [`LOCKSTEP_ROPE_INC_W-1:0]   rope;
  wire [`LOCKSTEP_JOB_W-1:0]        job;
  wire [SLOTS-1:0]                  op_slots;
  wire [`LOCKSTEP_FAULT_W-1:0]      fault;
  wire [SLOTS*16-1:0]               slot_pos;
  wire [SLOTS*4-1:0]                slot_seq;
  wire [SLOTS*`LOCKSTEP_EXPERTS_MAX-1:0] choice;
  wire [`LOCKSTEP_FETCH_W-1:0]      fetch;
  wire [`LOCKSTEP_PORT_FAULT_W-1:0] port_fault;
  wire [19:0]                       logit_row;
  wire [SLOTS*64-1:0]               logit_data;
  wire [`LOCKSTEP_NOTE_W-1:0]       note;
  wire [`LOCKSTEP_COMMIT_W-1:0]     commit;
  wire [`LOCKSTEP_EVENTS_W-1:0]     events;
  wire [`LOCKSTEP_POWER_W-1:0]      power;

  // Pins, each as the member of its bus.
  wire [`LOCKSTEP_AXIL_IN_W-1:0] axil_in = {
    s_axil_rready_i, s_axil_arvalid_i, s_axil_bready_i, s_axil_wvalid_i, s_axil_awvalid_i,
    s_axil_wstrb_i, s_axil_araddr_i, s_axil_awaddr_i, s_axil_wdata_i
  };
  wire [`LOCKSTEP_AXIL_OUT_W-1:0] axil_out;
  assign {
    s_axil_rvalid_o, s_axil_arready_o, s_axil_bvalid_o, s_axil_wready_o, s_axil_awready_o,
    s_axil_bresp_o, s_axil_rresp_o, s_axil_rdata_o
  } = axil_out;
  wire [`LOCKSTEP_READ_OUT_W-1:0] m_read_out;
  assign m_axi_araddr_o  = {CHANNELS{m_read_out[`LOCKSTEP_READ_OUT_ADDR]}};
  assign m_axi_arlen_o   = {CHANNELS{m_read_out[`LOCKSTEP_READ_OUT_LEN]}};
  assign m_axi_arid_o    = {CHANNELS{m_read_out[`LOCKSTEP_READ_OUT_ID]}};
  assign m_axi_arsize_o  = {CHANNELS{m_read_out[`LOCKSTEP_READ_OUT_SIZE]}};
  assign m_axi_arburst_o = {CHANNELS{m_read_out[`LOCKSTEP_READ_OUT_BURST]}};
  wire [CHANNELS*`LOCKSTEP_READ_IN_W-1:0] m_read_in = {
    m_axi_arready_i, m_axi_rvalid_i, m_axi_rlast_i, m_axi_rresp_i, m_axi_rid_i
  };
  wire [`LOCKSTEP_WRITE_OUT_W-1:0]   m_write_out;
  wire [PORT_BITS/CHANNELS-1:0]      m_wdata;
  wire [PORT_BITS/CHANNELS/8-1:0]    m_wstrb;
  assign m_axi_awaddr_o  = {CHANNELS{m_write_out[`LOCKSTEP_WRITE_OUT_ADDR]}};
  assign m_axi_awlen_o   = {CHANNELS{m_write_out[`LOCKSTEP_WRITE_OUT_LEN]}};
  assign m_axi_awsize_o  = {CHANNELS{m_write_out[`LOCKSTEP_WRITE_OUT_SIZE]}};
  assign m_axi_awburst_o = {CHANNELS{m_write_out[`LOCKSTEP_WRITE_OUT_BURST]}};
  assign m_axi_wlast_o   = {CHANNELS{m_write_out[`LOCKSTEP_WRITE_OUT_LAST]}};
  assign m_axi_wdata_o   = {CHANNELS{m_wdata}};
  assign m_axi_wstrb_o   = {CHANNELS{m_wstrb}};
  wire [CHANNELS*`LOCKSTEP_WRITE_IN_W-1:0] m_write_in = {
    m_axi_wready_i, m_axi_awready_i, m_axi_bvalid_i, m_axi_bresp_i
  };
  assign {
    commit_valid_o, commit_by_slot_o, commit_slot_o, commit_mask_o, commit_layer_o, commit_pc_o,
    commit_op_o, commit_count_o, commit_index_o
  } = commit;
  assign {
    window_valid_o, part_valid_o, part_unit_o, window_pace_o, window_package_o, window_die_o,
    part_energy_o
  } = power;

  control #(
    .LANES(LANES), .SLOTS(SLOTS), .PORT_BITS(PORT_BITS), .CHANNELS(CHANNELS), .VLANES(VLANES),
    .ACT_BITS(ACT_BITS), .ATTN_HEADS(ATTN_HEADS), .KV_WORDS(KV_WORDS), .VEC_WORDS(VEC_WORDS),
    .SEQS(SEQS), .UCODE_OPS(UCODE_OPS), .TENSORS(TENSORS), .CONTEXT_MAX(CONTEXT_MAX),
    .TOKEN_FIFO(TOKEN_FIFO), .BEATS(BEATS), .LOGIT_WORDS(LOGIT_WORDS), .TELEMETRY(TELEMETRY)
  ) u_control (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_o(clear), .axil_i(axil_in),
    .axil_o(axil_out), .irq_o(irq_o), .settings_o(settings), .rope_o(rope),
    .pass_start_o(pass_start_o), .op_start_o(op_start_o), .job_o(job), .op_slots_o(op_slots),
    .op_done_i(op_done_o), .fault_i(fault), .slot_pos_o(slot_pos), .slot_seq_o(slot_seq),
    .choice_i(choice),
    .slot_token_o(),
    .fetch_valid_o(fetch_valid), .fetch_ready_i(fetch_ready), .fetch_o(fetch),
    .port_fault_i(port_fault), .logit_valid_i(logit_valid),
    .logit_both_i(logit_both), .logit_row_i(logit_row),
    .logit_data_i(logit_data),
    .note_o(note), .events_i(events), .power_o(power),
    .m_write_o(m_write_out), .m_wdata_o(m_wdata), .m_wstrb_o(m_wstrb),
    .m_awvalid_o(m_axi_awvalid_o), .m_wvalid_o(m_axi_wvalid_o), .m_bready_o(m_axi_bready_o),
    .m_write_i(m_write_in)
  );

  datapath #(
    .LANES(LANES), .SLOTS(SLOTS), .PORT_BITS(PORT_BITS), .CHANNELS(CHANNELS), .VLANES(VLANES),
    .ACT_BITS(ACT_BITS), .ATTN_HEADS(ATTN_HEADS), .KV_WORDS(KV_WORDS), .VEC_WORDS(VEC_WORDS),
    .SEQS(SEQS), .CONTEXT_MAX(CONTEXT_MAX), .BEATS(BEATS)
  ) u_datapath (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear), .settings_i(settings),
    .rope_i(rope),
    .op_start_i(op_start_o), .job_i(job), .op_slots_i(op_slots), .op_done_o(op_done_o),
    .fault_o(fault), .slot_pos_i(slot_pos), .slot_seq_i(slot_seq),
    .choice_o(choice),
    .fetch_valid_i(fetch_valid), .fetch_ready_o(fetch_ready), .fetch_i(fetch),
    .port_fault_o(port_fault), .logit_valid_o(logit_valid),
    .logit_both_o(logit_both), .logit_row_o(logit_row),
    .logit_data_o(logit_data),
    .note_i(note), .commit_o(commit), .commit_data_o(commit_data_o), .events_o(events),
    .m_read_o(m_read_out), .m_arvalid_o(m_axi_arvalid_o), .m_rready_o(m_axi_rready_o),
    .m_read_i(m_read_in), .m_rdata_i(m_axi_rdata_i),
    .kv_dbg_en_i(kv_dbg_en_i), .kv_dbg_we_i(kv_dbg_we_i),
    .kv_dbg_addr_i(kv_dbg_addr_i[KV_BITS-1:0]), .kv_dbg_wdata_i(kv_dbg_wdata_i),
    .kv_dbg_rdata_o(kv_dbg_rdata_o)
  );

endmodule

`default_nettype wire
