// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The commit port, in the spirit of RISC-V's RVFI: every result word as it is written, with its op,
// pc, layer, slot and element. It has no effect on the device. One source speaks at a time; what it
// says is registered, so it appears a cycle after the write.
//
// by_slot = 0: words index .. index + count - 1 of one slot. by_slot = 1 (dot array, OFFER):
// word s is element `index` of slot s, for the slots in the mask.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

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

  // A row of the dot array, an element of OFFER: a binary32 word per slot.
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
  input  wire [`LOCKSTEP_NOTE_W-1:0]   note_i,

  output reg  [`LOCKSTEP_COMMIT_W-1:0] commit_o,
  output reg  [17*32-1:0]     commit_data_o
);

  wire note  = note_i[`LOCKSTEP_NOTE_VALID];
  wire valid = row_valid_i || vec_valid_i || att_valid_i || note;

  always @(posedge clk_i) begin
    if (!rst_ni) commit_o[`LOCKSTEP_COMMIT_VALID] <= 1'b0;
    else         commit_o[`LOCKSTEP_COMMIT_VALID] <= valid;
  end

  always @(posedge clk_i) begin
    if (valid) begin
      commit_o[`LOCKSTEP_COMMIT_BY_SLOT] <= row_valid_i;
      commit_o[`LOCKSTEP_COMMIT_OP]      <= note ? note_i[`LOCKSTEP_NOTE_OP] : op_i;
      commit_o[`LOCKSTEP_COMMIT_PC]      <= pc_i;
      commit_o[`LOCKSTEP_COMMIT_LAYER]   <= layer_i;
      commit_o[`LOCKSTEP_COMMIT_MASK]    <= {{(8-SLOTS){1'b0}}, row_slots_i};
    end
    if (row_valid_i) begin
      commit_o[`LOCKSTEP_COMMIT_SLOT]    <= 4'd0;
      commit_o[`LOCKSTEP_COMMIT_INDEX]   <= row_i;
      commit_o[`LOCKSTEP_COMMIT_COUNT]   <= SLOTS[5:0];
      commit_data_o[SLOTS*32-1:0]        <= row_data_i;
    end
    if (vec_valid_i) begin
      commit_o[`LOCKSTEP_COMMIT_SLOT]    <= {{(4-SLOT_BITS){1'b0}}, vec_slot_i};
      commit_o[`LOCKSTEP_COMMIT_INDEX]   <= vec_index_i;
      commit_o[`LOCKSTEP_COMMIT_COUNT]   <= vec_count_i;
      commit_data_o[VLANES*32-1:0]       <= vec_data_i;
    end
    if (att_valid_i) begin
      commit_o[`LOCKSTEP_COMMIT_SLOT]    <= {{(4-SLOT_BITS){1'b0}}, att_slot_i};
      commit_o[`LOCKSTEP_COMMIT_INDEX]   <= att_index_i;
      commit_o[`LOCKSTEP_COMMIT_COUNT]   <= att_count_i;
      commit_data_o                      <= att_data_i;
    end
    if (note) begin
      commit_o[`LOCKSTEP_COMMIT_SLOT]    <= note_i[`LOCKSTEP_NOTE_SLOT];
      commit_o[`LOCKSTEP_COMMIT_INDEX]   <= note_i[`LOCKSTEP_NOTE_INDEX];
      commit_o[`LOCKSTEP_COMMIT_COUNT]   <= note_i[`LOCKSTEP_NOTE_COUNT];
      commit_data_o[95:0]                <= note_i[`LOCKSTEP_NOTE_DATA];
    end
  end

endmodule

`default_nettype wire
