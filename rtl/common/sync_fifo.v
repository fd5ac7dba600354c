// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// First-in first-out queue of one clock. The oldest word shows on data_o while empty_o is low;
// pop_i takes it. A push into a full queue and a pop of an empty one do nothing but raise
// overflow_o or underflow_o for that cycle.
`default_nettype none

module sync_fifo #(
  parameter WIDTH = 32,
  parameter DEPTH = 16,   // words, a power of two, 2..4096
  parameter LEVEL_BITS = 13
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  clear_i,

  input  wire                  push_i,
  input  wire [WIDTH-1:0]      data_i,
  input  wire                  pop_i,
  output wire [WIDTH-1:0]      data_o,

  output wire [LEVEL_BITS-1:0] level_o,      // words
  output wire                  full_o,
  output wire                  empty_o,
  output wire                  overflow_o,
  output wire                  underflow_o
);

  localparam BITS = $clog2(DEPTH);

  reg [WIDTH-1:0] word_q [0:DEPTH-1];
  reg [BITS:0]    write_q, read_q;      // one bit more than an index: tells full from empty

  wire [BITS:0] level = write_q - read_q;

  assign empty_o     = write_q == read_q;
  assign full_o      = level[BITS];
  assign level_o     = {{LEVEL_BITS-BITS-1{1'b0}}, level};
  assign data_o      = word_q[read_q[BITS-1:0]];
  assign overflow_o  = push_i && full_o;
  assign underflow_o = pop_i && empty_o;

  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      write_q <= 0;
      read_q  <= 0;
    end else begin
      if (push_i && !full_o)
        write_q <= write_q + 1'b1;
      if (pop_i && !empty_o)
        read_q <= read_q + 1'b1;
    end

  always @(posedge clk_i)
    if (push_i && !full_o)
      word_q[write_q[BITS-1:0]] <= data_i;

`ifdef FORMAL
`include "common/formal.vh"
  // What a queue is, told by counting: a word that goes in behind N others comes out with the pop
  // after N pops more, unchanged. `mark` chooses any one word; what holds for it holds for all.
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  always `LOCKSTEP_CHECKED if (!begun_q) assume (!rst_ni);

  `LOCKSTEP_ANY_TIME(mark)
  reg [BITS:0]    count_q, ahead_q;   // words inside; of these before the marked one
  reg             marked_q;           // it is inside
  reg [WIDTH-1:0] marked_word_q;
  wire in  = push_i && count_q != DEPTH;
  wire out = pop_i && count_q != 0;

  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      count_q  <= 0;
      marked_q <= 1'b0;
    end else begin
      count_q <= count_q + {{BITS{1'b0}}, in} - {{BITS{1'b0}}, out};
      if (marked_q && out) begin
        ahead_q  <= ahead_q - 1'b1;
        marked_q <= ahead_q != 0;
      end else if (!marked_q && in && mark) begin
        ahead_q       <= count_q - {{BITS{1'b0}}, out};
        marked_q      <= 1'b1;
        marked_word_q <= data_i;
      end
    end

  wire [BITS:0] place = read_q + ahead_q;
  always `LOCKSTEP_CHECKED if (begun_q) begin
    assert (count_q <= DEPTH);
    count: assert (level_o == count_q);
    flags_1: assert (full_o == (count_q == DEPTH));
    flags_2: assert (empty_o == (count_q == 0));
    faults_1: assert (overflow_o == (push_i && count_q == DEPTH));
    faults_2: assert (underflow_o == (pop_i && count_q == 0));
    if (marked_q) begin
      assert (ahead_q < count_q);
      assert (word_q[place[BITS-1:0]] == marked_word_q);   // what induction rests on
      if (ahead_q == 0) order: assert (data_o == marked_word_q);
    end
    cover (marked_q && ahead_q == DEPTH - 1);              // the last one of a full queue
    cover (marked_q && ahead_q == 0 && out && in && count_q == DEPTH - 1 && write_q[BITS]);
    cover (overflow_o && pop_i);
    cover (underflow_o && push_i);
    cover (clear_i && full_o);
  end
`endif

endmodule

`default_nettype wire
