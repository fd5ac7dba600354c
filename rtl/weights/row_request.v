// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Asks for the rows of floats that an op of the vector unit takes: one, or of an op with the flag
// `token` or `position` one for each slot. The next one is asked for when the last group of the one
// before has been taken.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module row_request #(
  parameter VLANES = `LOCKSTEP_DEFAULT_VLANES,
  // Derived; not to be set.
  parameter LOG_V  = $clog2(VLANES)
) (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        clear_i,

  input  wire        start_i,
  input  wire [5:0]  op_i,
  input  wire [15:0] n_i,        // elements of a row
  input  wire [3:0]  slots_i,    // how many there are
  input  wire        taken_i,    // a group of VLANES elements
  output wire        row_o       // pulse: begin a row
);

  localparam [63:0] OPS_BY_SLOT = `LOCKSTEP_OPS_TOKEN | `LOCKSTEP_OPS_POSITION;

  reg  [3:0]        rows_left_q;
  reg  [16-LOG_V:0] groups_left_q;
  reg               row_q;
  wire [16-LOG_V:0] groups   = {1'b0, n_i[15:LOG_V]} + {{(16-LOG_V){1'b0}}, |n_i[LOG_V-1:0]};
  wire              row_over = taken_i && groups_left_q == 1;

  assign row_o = row_q;

  always @(posedge clk_i)
    if (!rst_ni || clear_i) row_q <= 1'b0;
    else if (start_i) begin
      row_q         <= 1'b1;
      rows_left_q   <= OPS_BY_SLOT[op_i] ? slots_i : 4'd1;
      groups_left_q <= groups;
    end else begin
      row_q <= row_over && rows_left_q > 4'd1;
      if (row_over) begin
        rows_left_q   <= rows_left_q - 4'd1;
        groups_left_q <= groups;
      end else if (taken_i) begin
        groups_left_q <= groups_left_q - 1'b1;
      end
    end

endmodule

`default_nettype wire
