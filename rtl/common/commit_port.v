// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The commit port, in the spirit of RISC-V's RVFI: every result word as it is written, with its op,
// pc, layer, slot and element. It has no effect on the device. One source speaks at a time; what it
// says is registered, so it appears a cycle after the write.
//
// by_slot = 0: words index .. index + count - 1 of one slot. by_slot = 1 (dot array, OFFER): those
// elements of each slot in the mask, of slot s words 2s .. 2s + count - 1.
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

  // A row of the dot array or two, an element of OFFER: a binary32 word of each per slot.
  input  wire                 row_valid_i,
  input  wire                 row_both_i,
  input  wire [19:0]          row_i,
  input  wire [SLOTS-1:0]     row_slots_i,
  input  wire [SLOTS*64-1:0]  row_data_i,

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

  output wire [`LOCKSTEP_COMMIT_W-1:0] commit_o,
  output reg  [17*32-1:0]     commit_data_o
);

  wire        note       = note_i[`LOCKSTEP_NOTE_VALID];
  wire [5:0]  note_op    = note_i[`LOCKSTEP_NOTE_OP];
  wire [3:0]  note_slot  = note_i[`LOCKSTEP_NOTE_SLOT];
  wire [19:0] note_index = note_i[`LOCKSTEP_NOTE_INDEX];
  wire [5:0]  note_count = note_i[`LOCKSTEP_NOTE_COUNT];
  wire [95:0] note_data  = note_i[`LOCKSTEP_NOTE_DATA];

  reg        valid_q, by_slot_q;
  reg [3:0]  slot_q;
  reg [7:0]  mask_q, layer_q, pc_q;
  reg [5:0]  op_q, count_q;
  reg [19:0] index_q;

  assign commit_o[`LOCKSTEP_COMMIT_VALID]   = valid_q;
  assign commit_o[`LOCKSTEP_COMMIT_BY_SLOT] = by_slot_q;
  assign commit_o[`LOCKSTEP_COMMIT_SLOT]    = slot_q;
  assign commit_o[`LOCKSTEP_COMMIT_MASK]    = mask_q;
  assign commit_o[`LOCKSTEP_COMMIT_LAYER]   = layer_q;
  assign commit_o[`LOCKSTEP_COMMIT_PC]      = pc_q;
  assign commit_o[`LOCKSTEP_COMMIT_OP]      = op_q;
  assign commit_o[`LOCKSTEP_COMMIT_COUNT]   = count_q;
  assign commit_o[`LOCKSTEP_COMMIT_INDEX]   = index_q;

  wire valid = row_valid_i || vec_valid_i || att_valid_i || note;

  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 1'b0;
    else         valid_q <= valid;
  end

  always @(posedge clk_i)
    if (valid) begin
      by_slot_q <= row_valid_i;
      op_q      <= note ? note_op : op_i;
      pc_q      <= pc_i;
      layer_q   <= layer_i;
      mask_q    <= {{(8-SLOTS){1'b0}}, row_slots_i};
      if (row_valid_i) begin
        slot_q                       <= 4'd0;
        index_q                      <= row_i;
        count_q                      <= row_both_i ? 6'd2 : 6'd1;
        commit_data_o[SLOTS*64-1:0]  <= row_data_i;
      end
      if (vec_valid_i) begin
        slot_q                       <= {{(4-SLOT_BITS){1'b0}}, vec_slot_i};
        index_q                      <= vec_index_i;
        count_q                      <= vec_count_i;
        commit_data_o[VLANES*32-1:0] <= vec_data_i;
      end
      if (att_valid_i) begin
        slot_q                       <= {{(4-SLOT_BITS){1'b0}}, att_slot_i};
        index_q                      <= att_index_i;
        count_q                      <= att_count_i;
        commit_data_o                <= att_data_i;
      end
      if (note) begin
        slot_q                       <= note_slot;
        index_q                      <= note_index;
        count_q                      <= note_count;
        commit_data_o[95:0]          <= note_data;
      end
    end

endmodule

`default_nettype wire
