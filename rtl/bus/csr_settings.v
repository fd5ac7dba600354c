// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Registers that only store: geometry, settings of generation, choice of the list entry to read.
// A write takes the bytes that its strobes name. Geometry (cfg) is locked while the engine may
// use it: a write is then refused with error_o; any other tells the engine with changed_o.
`default_nettype none
`include "generated/device.vh"

module csr_settings (
  input  wire        clk_i,
  input  wire        rst_ni,

  // Register bus; wmask_i has the bits of the bytes that are written.
  input  wire        valid_i,
  input  wire [15:0] addr_i,
  input  wire        write_i,       // pulse
  input  wire [31:0] wdata_i,
  input  wire [31:0] wmask_i,
  input  wire        locked_i,
  output reg         hit_o,
  output wire        error_o,
  output reg  [31:0] rdata_o,
  output wire        changed_o,     // pulse

  output reg  [7:0]   n_layers_o,
  output reg  [7:0]   n_heads_o,
  output reg  [7:0]   n_kv_heads_o,
  output reg  [8:0]   head_dim_o,
  output reg  [8:0]   n_rot_o,
  output reg  [15:0]  context_o,
  output reg  [4:0]   n_seqs_o,
  output reg  [31:0]  attn_scale_o,
  output reg  [15:0]  stride_o,
  output reg  [19:0]  vocab_o,
  output reg  [31:0]  budget_o,
  output reg  [15:0]  start_pos_o,
  output reg  [6:0]   topk_o,
  output reg  [7:0]   pass_slots_o,
  output reg  [31:0]  port_timeout_o,
  output reg          pass_snapshot_o,
  output reg  [3:0]   list_seq_o,
  output reg  [5:0]   list_index_o,
  output reg  [83:0] eog_o          // four times {valid, token}
);

  wire [31:0] merged = (rdata_o & ~wmask_i) | (wdata_i & wmask_i);
  wire [20:0] eog    = {merged[`LOCKSTEP_EOG0_VALID], merged[`LOCKSTEP_EOG0_TOKEN]};

  reg is_cfg;
  always @* begin
    is_cfg = 1'b0;
    case (addr_i)
      `LOCKSTEP_REG_N_LAYERS,
      `LOCKSTEP_REG_N_HEADS,
      `LOCKSTEP_REG_N_KV_HEADS,
      `LOCKSTEP_REG_HEAD_DIM,
      `LOCKSTEP_REG_N_ROT,
      `LOCKSTEP_REG_CONTEXT,
      `LOCKSTEP_REG_N_SEQS,
      `LOCKSTEP_REG_ATTN_SCALE,
      `LOCKSTEP_REG_TENSOR_STRIDE,
      `LOCKSTEP_REG_VOCAB: is_cfg = 1'b1;
      default: ;
    endcase
  end

  wire accepted = write_i && !(is_cfg && locked_i);
  assign error_o   = is_cfg && locked_i;
  assign changed_o = is_cfg && accepted;

  always @* begin
    hit_o   = valid_i;
    rdata_o = 32'd0;
    if (valid_i)                      // nothing is looked up between accesses
      case (addr_i)
        `LOCKSTEP_REG_N_LAYERS:      rdata_o = {24'd0, n_layers_o};
        `LOCKSTEP_REG_N_HEADS:       rdata_o = {24'd0, n_heads_o};
        `LOCKSTEP_REG_N_KV_HEADS:    rdata_o = {24'd0, n_kv_heads_o};
        `LOCKSTEP_REG_HEAD_DIM:      rdata_o = {23'd0, head_dim_o};
        `LOCKSTEP_REG_N_ROT:         rdata_o = {23'd0, n_rot_o};
        `LOCKSTEP_REG_CONTEXT:       rdata_o = {16'd0, context_o};
        `LOCKSTEP_REG_N_SEQS:        rdata_o = {27'd0, n_seqs_o};
        `LOCKSTEP_REG_ATTN_SCALE:    rdata_o = attn_scale_o;
        `LOCKSTEP_REG_TENSOR_STRIDE: rdata_o = {16'd0, stride_o};
        `LOCKSTEP_REG_VOCAB:         rdata_o = {12'd0, vocab_o};
        `LOCKSTEP_REG_BUDGET:        rdata_o = budget_o;
        `LOCKSTEP_REG_START_POS:     rdata_o = {16'd0, start_pos_o};
        `LOCKSTEP_REG_TOPK:          rdata_o = {25'd0, topk_o};
        `LOCKSTEP_REG_PASS_SLOTS:    rdata_o = {24'd0, pass_slots_o};
        `LOCKSTEP_REG_PORT_TIMEOUT:  rdata_o = port_timeout_o;
        `LOCKSTEP_REG_SNAPSHOT_AT:   rdata_o = {31'd0, pass_snapshot_o};
        `LOCKSTEP_REG_LIST_SEQ:      rdata_o = {28'd0, list_seq_o};
        `LOCKSTEP_REG_LIST_INDEX:    rdata_o = {26'd0, list_index_o};
        `LOCKSTEP_REG_EOG0:           rdata_o = {eog_o[20], 11'd0, eog_o[0 +: 20]};
        `LOCKSTEP_REG_EOG1:           rdata_o = {eog_o[41], 11'd0, eog_o[21 +: 20]};
        `LOCKSTEP_REG_EOG2:           rdata_o = {eog_o[62], 11'd0, eog_o[42 +: 20]};
        `LOCKSTEP_REG_EOG3:           rdata_o = {eog_o[83], 11'd0, eog_o[63 +: 20]};
        default: hit_o = 1'b0;
      endcase
  end

  always @(posedge clk_i)
    if (!rst_ni) begin
      n_layers_o     <= 8'd0;
      n_heads_o      <= 8'd0;
      n_kv_heads_o   <= 8'd0;
      head_dim_o     <= 9'd0;
      n_rot_o        <= 9'd0;
      context_o      <= 16'd0;
      n_seqs_o       <= 5'd0;
      attn_scale_o   <= `LOCKSTEP_RESET_ATTN_SCALE;
      stride_o       <= 16'd0;
      vocab_o        <= 20'd0;
      budget_o       <= `LOCKSTEP_RESET_BUDGET;
      start_pos_o    <= 16'd0;
      topk_o         <= 7'd0;
      pass_slots_o   <= 8'd1;
      port_timeout_o <= `LOCKSTEP_RESET_PORT_TIMEOUT;
      pass_snapshot_o <= 1'b0;
      list_seq_o     <= 4'd0;
      list_index_o   <= 6'd0;
      eog_o          <= 84'd0;
    end else if (accepted)
      case (addr_i)
        `LOCKSTEP_REG_N_LAYERS:      n_layers_o     <= merged[`LOCKSTEP_N_LAYERS_VALUE];
        `LOCKSTEP_REG_N_HEADS:       n_heads_o      <= merged[`LOCKSTEP_N_HEADS_VALUE];
        `LOCKSTEP_REG_N_KV_HEADS:    n_kv_heads_o   <= merged[`LOCKSTEP_N_KV_HEADS_VALUE];
        `LOCKSTEP_REG_HEAD_DIM:      head_dim_o     <= merged[`LOCKSTEP_HEAD_DIM_VALUE];
        `LOCKSTEP_REG_N_ROT:         n_rot_o        <= merged[`LOCKSTEP_N_ROT_VALUE];
        `LOCKSTEP_REG_CONTEXT:       context_o      <= merged[`LOCKSTEP_CONTEXT_VALUE];
        `LOCKSTEP_REG_N_SEQS:        n_seqs_o       <= merged[`LOCKSTEP_N_SEQS_VALUE];
        `LOCKSTEP_REG_ATTN_SCALE:    attn_scale_o   <= merged;
        `LOCKSTEP_REG_TENSOR_STRIDE: stride_o       <= merged[`LOCKSTEP_TENSOR_STRIDE_VALUE];
        `LOCKSTEP_REG_VOCAB:         vocab_o        <= merged[`LOCKSTEP_VOCAB_VALUE];
        `LOCKSTEP_REG_BUDGET:        budget_o       <= merged;
        `LOCKSTEP_REG_START_POS:     start_pos_o    <= merged[`LOCKSTEP_START_POS_VALUE];
        `LOCKSTEP_REG_TOPK:          topk_o         <= merged[`LOCKSTEP_TOPK_VALUE];
        `LOCKSTEP_REG_PASS_SLOTS:    pass_slots_o   <= merged[`LOCKSTEP_PASS_SLOTS_VALUE];
        `LOCKSTEP_REG_PORT_TIMEOUT:  port_timeout_o <= merged;
        `LOCKSTEP_REG_SNAPSHOT_AT:   pass_snapshot_o <= merged[`LOCKSTEP_SNAPSHOT_AT_PASS];
        `LOCKSTEP_REG_LIST_SEQ:      list_seq_o     <= merged[`LOCKSTEP_LIST_SEQ_VALUE];
        `LOCKSTEP_REG_LIST_INDEX:    list_index_o   <= merged[`LOCKSTEP_LIST_INDEX_VALUE];
        `LOCKSTEP_REG_EOG0:           eog_o[0 +: 21] <= eog;
        `LOCKSTEP_REG_EOG1:           eog_o[21 +: 21] <= eog;
        `LOCKSTEP_REG_EOG2:           eog_o[42 +: 21] <= eog;
        `LOCKSTEP_REG_EOG3:           eog_o[63 +: 21] <= eog;
        default: ;
      endcase

endmodule

`default_nettype wire
