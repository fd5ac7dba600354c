// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// y = a * b: binary32, nearest, ties to even, results and operands below the normal range flushed
// to zero (docs/numerics.md, section 1).
//
// Latency 2, throughput 1, no back-pressure. overflow_o goes with y_o, which is then an infinity;
// an operand that is no finite number raises it too.
`default_nettype none

module fp_mul (
  input  wire        clk_i,
  input  wire        rst_ni,
  // Operands
  input  wire        valid_i,
  input  wire [31:0] a_i,
  input  wire [31:0] b_i,
  // Result
  output wire        valid_o,
  output wire [31:0] y_o,
  output wire        overflow_o
);

  `include "float/fp_fn.vh"

  reg [1:0] valid_q;
  always @(posedge clk_i)
    if (!rst_ni) valid_q <= 2'd0;
    else valid_q <= {valid_q[0], valid_i};

  // 1: the product of the mantissas, in [2^46, 2^48) or 0, and the sum of the exponents.
  reg        sign_q, bad_q;
  reg [8:0] exp_q;
  reg [47:0] prod_q;
  always @(posedge clk_i)
    if (valid_i) begin
      sign_q <= a_i[31] ^ b_i[31];
      bad_q <= a_i[30:23] == 8'hff || b_i[30:23] == 8'hff;
      exp_q <= {1'b0, a_i[30:23]} + {1'b0, b_i[30:23]};
      prod_q <= a_i[30:23] == 0 || b_i[30:23] == 0 ? 48'd0 :
                {24'd0, 1'b1, a_i[22:0]} * {24'd0, 1'b1, b_i[22:0]};
    end

  // 2: normalise by at most one bit and round.
  reg [32:0] y_q;
  always @(posedge clk_i)
    if (valid_q[0]) begin : g_normalise
      reg [31:0] sig;
      sig = prod_q[47] ? {prod_q[47:17], prod_q[16:0] != 0} : {prod_q[46:16], prod_q[15:0] != 0};
      y_q <= {bad_q, 32'd0} | fp_round(sign_q, {3'd0, exp_q} - 12'd127 + {11'd0, prod_q[47]}, sig);
    end

  assign valid_o = valid_q[1];
  assign {overflow_o, y_o} = y_q;

endmodule

`default_nettype wire
