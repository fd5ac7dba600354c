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

`ifdef FORMAL
`include "common/formal.vh"
  // Assumed: an op starts when the one before has had all of its rows, has at least a slot and an
  // element, and stays what it is; a group is taken of a row that has been asked for (datapath,
  // weight_path).
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  reg         working_q, cleared_q;
  reg  [3:0]  asked_q;                // rows asked for of this op
  reg  [15:0] had_q;                  // groups of the newest that have been taken
  reg  [25:0] op_q;
  wire [3:0]  rows  = OPS_BY_SLOT[op_i] ? slots_i : 4'd1;
  wire [16:0] whole = ({1'b0, n_i} + VLANES - 1) / VLANES;
  wire        over  = {1'b0, had_q} == whole;
  always @(posedge clk_i) begin
    cleared_q <= clear_i || !rst_ni;
    op_q      <= {op_i, n_i, slots_i};
    if (!rst_ni || clear_i) working_q <= 1'b0;
    else if (start_i) {working_q, asked_q, had_q} <= {1'b1, 4'd0, 16'd0};
    else if (working_q) begin
      if (row_o) {asked_q, had_q} <= {asked_q + 4'd1, 15'd0, taken_i};
      else if (taken_i) had_q <= had_q + 16'd1;
      if (over && asked_q == rows && !row_o) working_q <= 1'b0;
    end
  end
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q) begin
      if (start_i) assume (!working_q && !row_o);
      if (start_i || working_q) assume (slots_i != 0 && n_i != 0);
      if (working_q) assume ({op_i, n_i, slots_i} == op_q);
      if (taken_i) assume (working_q && (row_o || (asked_q != 0 && !over)));
    end
  end
  always `LOCKSTEP_CHECKED if (begun_q) begin
    // As many rows as there are, each behind the last group of the one before, and none else.
    if (row_o) rows_1: assert (working_q && asked_q < rows && (asked_q == 0 || over));
    if (working_q && asked_q == 0) rows_2: assert (row_o);
    if (working_q && over && asked_q < rows && asked_q != 0) rows_3: assert (row_o);
    if (cleared_q) cleared: assert (!row_o);
    // What induction rests on.
    if (working_q && !row_o) assert (groups_left_q == (over ? whole : whole - had_q));
    if (working_q && row_o) assert (groups_left_q == whole && rows_left_q == rows - asked_q);
    if (working_q && !row_o && !over) assert (rows_left_q == rows - asked_q + 4'd1);
    if (working_q && asked_q != 0) assert (asked_q <= rows && {1'b0, had_q} <= whole);

    cover (row_o && asked_q == 2);
    cover (cleared_q && working_q == 0 && asked_q == 1);
  end
`endif

endmodule

`default_nettype wire
