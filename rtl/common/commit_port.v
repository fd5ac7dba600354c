// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The commit port, in the spirit of RISC-V's RVFI: every result word as it is written, with its op,
// pc, layer, slot and element. It has no effect on the device. One source speaks at a time; what it
// says is registered, so it appears a cycle after the write.
//
// by_slot = 0: words index .. index + count - 1 of one slot. by_slot = 1 (rows of the dot array):
// word s is element `index` of slot s, for the slots in the mask.
`default_nettype none
`include "generated/defaults.vh"

module commit_port #(
  parameter SLOTS     = `LOCKSTEP_DEFAULT_SLOTS,
  parameter VLANES    = `LOCKSTEP_DEFAULT_VLANES,
  // Derived; not to be set.
  parameter SLOT_BITS = (SLOTS > 1) ? $clog2(SLOTS) : 1
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,

  // The running op.
  input  wire [5:0]           op_i,
  input  wire [7:0]           pc_i,
  input  wire [7:0]           layer_i,

  // A row of the dot array: a binary32 word per slot.
  input  wire                 row_valid_i,
  input  wire [19:0]          row_i,
  input  wire [SLOTS-1:0]     row_slots_i,
  input  wire [SLOTS*32-1:0]  row_data_i,

  // The vector unit.
  input  wire                 vec_valid_i,
  input  wire [SLOT_BITS-1:0] vec_slot_i,
  input  wire [19:0]          vec_index_i,
  input  wire [5:0]           vec_count_i,
  input  wire [VLANES*32-1:0] vec_data_i,

  // The attention unit.
  input  wire                 att_valid_i,
  input  wire [SLOT_BITS-1:0] att_slot_i,
  input  wire [19:0]          att_index_i,
  input  wire [5:0]           att_count_i,
  input  wire [17*32-1:0]     att_data_i,

  // The engine: PASS and SAMPLE.
  input  wire                 eng_valid_i,
  input  wire [5:0]           eng_op_i,
  input  wire [3:0]           eng_slot_i,
  input  wire [19:0]          eng_index_i,
  input  wire [5:0]           eng_count_i,
  input  wire [95:0]          eng_data_i,

  output reg                  commit_valid_o,
  output reg                  commit_by_slot_o,
  output reg  [5:0]           commit_op_o,
  output reg  [7:0]           commit_pc_o,
  output reg  [7:0]           commit_layer_o,
  output reg  [3:0]           commit_slot_o,
  output reg  [7:0]           commit_mask_o,
  output reg  [19:0]          commit_index_o,
  output reg  [5:0]           commit_count_o,
  output reg  [17*32-1:0]     commit_data_o
);

  wire valid = row_valid_i || vec_valid_i || att_valid_i || eng_valid_i;

  always @(posedge clk_i) begin
    if (!rst_ni) commit_valid_o <= 1'b0;
    else         commit_valid_o <= valid;
  end

  always @(posedge clk_i) begin
    if (valid) begin
      commit_by_slot_o <= row_valid_i;
      commit_op_o      <= eng_valid_i ? eng_op_i : op_i;
      commit_pc_o      <= pc_i;
      commit_layer_o   <= layer_i;
      commit_mask_o    <= {{(8-SLOTS){1'b0}}, row_slots_i};
    end
    if (row_valid_i) begin
      commit_slot_o                <= 4'd0;
      commit_index_o               <= row_i;
      commit_count_o               <= SLOTS[5:0];
      commit_data_o[SLOTS*32-1:0]  <= row_data_i;
    end
    if (vec_valid_i) begin
      commit_slot_o                <= {{(4-SLOT_BITS){1'b0}}, vec_slot_i};
      commit_index_o               <= vec_index_i;
      commit_count_o               <= vec_count_i;
      commit_data_o[VLANES*32-1:0] <= vec_data_i;
    end
    if (att_valid_i) begin
      commit_slot_o                <= {{(4-SLOT_BITS){1'b0}}, att_slot_i};
      commit_index_o               <= att_index_i;
      commit_count_o               <= att_count_i;
      commit_data_o                <= att_data_i;
    end
    if (eng_valid_i) begin
      commit_slot_o                <= eng_slot_i;
      commit_index_o               <= eng_index_i;
      commit_count_o               <= eng_count_i;
      commit_data_o[95:0]          <= eng_data_i;
    end
  end

endmodule

`default_nettype wire
