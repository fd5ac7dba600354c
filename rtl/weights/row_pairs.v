// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The results of the dot array, one row a cycle or two, as pairs of an even row and the next: they
// lie in one word of the vector SRAM. An even row waits for the next one. The last row of an odd
// number comes alone, a cycle after it came in; so does one that waits, or the row before, in the
// cycle of flush_i.
`default_nettype none
`include "generated/defaults.vh"

module row_pairs #(
  parameter SLOTS = `LOCKSTEP_DEFAULT_SLOTS
) (
  input  wire                clk_i,
  input  wire                rst_ni,
  input  wire                clear_i,
  input  wire                start_i,        // row 0 is next
  input  wire [19:0]         rows_i,
  input  wire                flush_i,
  // Rows; a second one only with a first
  input  wire                row_valid_i,
  input  wire [32*SLOTS-1:0] row_data_i,
  input  wire                second_valid_i,
  input  wire [32*SLOTS-1:0] second_data_i,
  // Pairs: both_o, or the even row alone; of slot s in bits 64s+63:64s
  output wire                valid_o,
  output wire                both_o,
  output wire [19:0]         row_o,
  output wire [64*SLOTS-1:0] data_o
);

  reg held_q;
  reg [19:0] row_q;  // the next even row
  reg [32*SLOTS-1:0] data_q;
  wire both = row_valid_i && (held_q || second_valid_i);
  wire alone = held_q ? flush_i || row_q + 20'd1 == rows_i : row_valid_i && flush_i;
  wire waits = held_q ? second_valid_i : row_valid_i && !second_valid_i;

  always @(posedge clk_i)
    if (!rst_ni || clear_i || start_i) begin
      held_q <= 1'b0;
      row_q  <= 20'd0;
    end else begin
      held_q <= both || alone ? waits && both : held_q || waits;
      if (both) row_q <= row_q + 20'd2;
      else if (alone) row_q <= row_q + 20'd1;
    end
  always @(posedge clk_i)
    if (row_valid_i) data_q <= held_q ? second_data_i : row_data_i;

  genvar s;
  generate
    for (s = 0; s < SLOTS; s = s + 1) begin : g_slot
      assign data_o[64*s+:32] = held_q ? data_q[32*s+:32] : row_data_i[32*s+:32];
      assign data_o[64*s+32+:32] = held_q ? row_data_i[32*s+:32] : second_data_i[32*s+:32];
    end
  endgenerate
  assign valid_o = both || alone;
  assign both_o = both;
  assign row_o = row_q;

endmodule

`default_nettype wire
