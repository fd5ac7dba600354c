// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The binary32 nearest to n * 2^k, ties to even, flushed to zero below the normal range: round32(n,
// k) of docs/numerics.md, section 1. This is the only rounding of an exact dot product.
//
// Latency 3, throughput 1, no back-pressure. overflow_o goes with y_o, which is then an infinity.
`default_nettype none

module round32 #(
  parameter W = 128  // bits of n, 2..128
) (
  input  wire                clk_i,
  input  wire                rst_ni,
  // Operands
  input  wire                valid_i,
  input  wire signed [W-1:0] n_i,
  input  wire signed [9:0]   k_i,
  // Result
  output wire                valid_o,
  output wire [31:0]         y_o,
  output wire                overflow_o
);

  `include "float/fp_fn.vh"

  generate
    if (W < 2 || W > 128) begin : g_check
      round32_W_must_be_2_to_128 u_error ();
    end
  endgenerate

  reg [2:0] valid_q;
  always @(posedge clk_i)
    if (!rst_ni) valid_q <= 3'd0;
    else valid_q <= {valid_q[1:0], valid_i};

  // 1: sign and magnitude, in two halves.
  reg sign1_q;
  reg signed [9:0] k1_q;
  reg [63:0] high_q, low_q;
  always @(posedge clk_i)
    if (valid_i) begin : g_split
      reg [127:0] n;
      n = {{(129 - W) {n_i[W-1]}}, n_i[W-2:0]};
      sign1_q <= n[127];
      k1_q <= k_i;
      low_q <= n[127] ? -n[63:0] : n[63:0];
      high_q <= !n[127] ? n[127:64] : n[63:0] == 0 ? -n[127:64] : ~n[127:64];
    end

  // 2: the leading one goes to bit 63; bit 0 also stands for everything below.
  reg sign2_q;
  reg signed [11:0] exp_q;
  reg [63:0] sig_q;
  always @(posedge clk_i)
    if (valid_q[0]) begin : g_normalise
      reg [63:0] top, rest, sig;
      reg [5:0] zeros;
      reg        upper;
      upper = high_q != 0;
      top = upper ? high_q : low_q;
      rest = upper ? low_q : 64'd0;
      zeros[5] = top[63:32] == 0;
      zeros[4:0] = fp_lzc32(zeros[5] ? top[31:0] : top[63:32]);
      sig = top << zeros | rest >> 1 >> ~zeros;
      rest = rest << zeros;
      sig_q <= {sig[63:1], sig[0] || rest != 0};
      // The place of the leading one is 63 - zeros, or 64 more.
      exp_q <= {{2{k1_q[9]}}, k1_q} + 12'd127 + {5'd0, upper, ~zeros};
      sign2_q <= sign1_q;
    end

  // 3: round.
  reg [32:0] y_q;
  always @(posedge clk_i)
    if (valid_q[1]) y_q <= fp_round(sign2_q, exp_q, {sig_q[63:33], sig_q[32:0] != 0});

  assign valid_o = valid_q[2];
  assign {overflow_o, y_o} = y_q;

endmodule

`default_nettype wire
