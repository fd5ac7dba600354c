// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The product of a weight block and an activation block,
// g * (sum of w_i * m_i), with the shift t + s that it is to be taken at. Exact.
//
// Pipeline: dot_i with the operands, scale_i a cycle later, the product a cycle after that.
// Fields of w_i are 2^drop_i times the weights (weight_decode.v).
`default_nettype none

module block_dot (
  input  wire               clk_i,
  input  wire               dot_i,
  input  wire               scale_i,
  // Signed 16-bit fields in the same order; |m| <= 32767
  input  wire [511:0]       w_i,
  input  wire [511:0]       m_i,
  input  wire signed [11:0] g_i,
  input  wire [4:0]         t_i,
  input  wire [4:0]         s_i,
  input  wire [3:0]         drop_i,
  // [39:0] the product, signed, below 2^38 in magnitude; [45:40] its shift
  output wire [63:0]        product_o
);

  // Simulators fold this into vector instructions: products of pairs first, which fit 32 bits,
  // over consecutive words; a number is sign-extended by (x ^ sign) - sign.
  reg signed [63:0] dot_q;  // 37 bits; synthesis merges the copies of the sign
  reg signed [11:0] g_q;
  reg [5:0] shift_q;
  always @(posedge clk_i)
    if (dot_i) begin : g_dot
      reg [31:0] pair[0:15];
      reg [63:0] quad[0:3];
      integer k;
      for (k = 0; k < 16; k = k + 1)
        pair[k] =
            (({16'd0, w_i[32*k+:16]} ^ 32'h8000) - 32'h8000) *
            (({16'd0, m_i[32*k+:16]} ^ 32'h8000) - 32'h8000) +
            (({16'd0, w_i[32*k+16+:16]} ^ 32'h8000) - 32'h8000) *
            (({16'd0, m_i[32*k+16+:16]} ^ 32'h8000) - 32'h8000);
      for (k = 0; k < 4; k = k + 1)
        quad[k] =
            (({32'd0, pair[k]} ^ 64'h80000000) - 64'h80000000) +
            (({32'd0, pair[k+4]} ^ 64'h80000000) - 64'h80000000) +
            (({32'd0, pair[k+8]} ^ 64'h80000000) - 64'h80000000) +
            (({32'd0, pair[k+12]} ^ 64'h80000000) - 64'h80000000);
      dot_q <= quad[0] + quad[1] + quad[2] + quad[3];
      g_q <= g_i;
      shift_q <= {1'b0, t_i} + {1'b0, s_i};
    end

  reg [63:0] product_q;
  always @(posedge clk_i)
    if (scale_i) begin : g_scale
      reg signed [63:0] product;
      product = (dot_q >>> drop_i) * $signed({{52{g_q[11]}}, g_q});
      product_q <= {18'd0, shift_q, 40'd0} | product & 64'hff_ffff_ffff;
    end
  assign product_o = product_q;

endmodule

`default_nettype wire
