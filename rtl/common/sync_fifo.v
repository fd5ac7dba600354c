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
    if (!rst_ni) begin
      write_q <= 0;
      read_q  <= 0;
    end else if (clear_i) begin
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

endmodule

`default_nettype wire
