// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// y = a + b, or a - b if sub_i: binary32, nearest, ties to even, results and operands below the
// normal range flushed to zero (docs/numerics.md, section 1).
//
// Latency 3, throughput 1, no back-pressure. overflow_o goes with y_o, which is then an infinity;
// an operand that is no finite number raises it too.
`default_nettype none

module fp_add (
  input  wire        clk_i,
  input  wire        rst_ni,
  // Operands
  input  wire        valid_i,
  input  wire        sub_i,
  input  wire [31:0] a_i,
  input  wire [31:0] b_i,
  // Result
  output wire        valid_o,
  output wire [31:0] y_o,
  output wire        overflow_o
);

  `include "float/fp_fn.vh"

  reg [2:0] valid_q;
  always @(posedge clk_i)
    if (!rst_ni) valid_q <= 3'd0;
    else valid_q <= {valid_q[1:0], valid_i};

  // 1: order the operands by magnitude, so that the larger is the one that does not shift.
  reg        major_sign_q, differ_q, bad1_q;
  reg [7:0] major_exp1_q, shift_q;
  reg [23:0] major_man_q, minor_man_q;
  always @(posedge clk_i)
    if (valid_i) begin : g_order
      reg b_sign, swap;
      reg [30:0] major, minor;
      b_sign = b_i[31] ^ sub_i;
      swap = b_i[30:0] > a_i[30:0];
      major = swap ? b_i[30:0] : a_i[30:0];
      minor = swap ? a_i[30:0] : b_i[30:0];
      major_sign_q <= swap ? b_sign : a_i[31];
      differ_q <= a_i[31] ^ b_sign;
      bad1_q <= major[30:23] == 8'hff;
      major_exp1_q <= major[30:23];
      shift_q <= major[30:23] - minor[30:23];
      major_man_q <= major[30:23] == 0 ? 24'd0 : {1'b1, major[22:0]};
      minor_man_q <= minor[30:23] == 0 ? 24'd0 : {1'b1, minor[22:0]};
    end

  // 2: align and add. Mantissas move up by three bits: guard, round, and a sticky bit that holds
  // everything below.
  reg        sign_q, bad2_q;
  reg [7:0] major_exp2_q;
  reg [27:0] sum_q;
  always @(posedge clk_i)
    if (valid_q[0]) begin : g_align
      reg [55:0] wide;
      reg [27:0] major, minor;
      wide = {minor_man_q, 32'd0} >> shift_q[4:0];
      major = {1'b0, major_man_q, 3'd0};
      // Further down it cannot change what rounds to nearest.
      minor = shift_q < 8'd32 ? {1'b0, wide[55:30], wide[29:0] != 0} : 28'd0;
      sum_q <= differ_q ? major - minor : major + minor;
      // x + -x is +0; of two zeros of one sign either has the right one.
      sign_q <= major_sign_q && !(differ_q && major == minor);
      major_exp2_q <= major_exp1_q;
      bad2_q <= bad1_q;
    end

  // 3: normalise and round.
  reg [32:0] y_q;
  always @(posedge clk_i)
    if (valid_q[1]) begin : g_normalise
      reg [4:0] zeros;
      zeros = fp_lzc32({sum_q, 4'd0});
      y_q <= {bad2_q, 32'd0} | fp_round(
          sign_q, {4'd0, major_exp2_q} + 12'd1 - {7'd0, zeros}, {sum_q, 4'd0} << zeros);
    end

  assign valid_o = valid_q[2];
  assign {overflow_o, y_o} = y_q;

endmodule

`default_nettype wire
