// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The product of a weight block and an activation block, scale * (sum of w_i * m_i), with the shift
// t + s that it is to be taken at; and of the minimums, min * (sum of m_i), with r + s. The
// elements below 16 and those from 16 on may have scales and minimums of their own. Exact.
//
// Pipeline: dot_i with the operands, scale_i with scales and minimums a cycle later, the products a
// cycle after that. Fields of w_i are 2^drop_i times the weights (weight_decode.v).
`default_nettype none

module block_dot (
  input  wire               clk_i,
  input  wire               dot_i,
  input  wire               scale_i,
  input  wire               sub_i,    // the halves have scales of their own, else scale0_i
  input  wire               min_i,    // there are minimums
  // Signed 16-bit fields in the same order; |m| <= 32767
  input  wire [511:0]       w_i,
  input  wire [511:0]       m_i,
  input  wire [4:0]         t_i,
  input  wire [4:0]         r_i,
  input  wire [4:0]         s_i,
  input  wire [3:0]         drop_i,
  input  wire signed [19:0] scale0_i,
  input  wire signed [19:0] scale1_i,
  input  wire signed [19:0] min0_i,
  input  wire signed [19:0] min1_i,
  // [53:0] a product, signed; [59:54] its shift. Below 2^53 in magnitude; minimums below 2^38, and
  // with no sub-scales the others too
  output wire [63:0]        product_o,
  output wire [63:0]        minimum_o
);

  // Simulators fold this into vector instructions: products of pairs first, which fit 32 bits,
  // over consecutive words; a number is sign-extended by (x ^ sign) - sign. Words 0..3 and 8..11
  // hold the elements from 16 on (weight_element).
  reg signed [63:0] dot0_q, dot1_q;  // 36 bits; synthesis merges the copies of the sign
  reg signed [31:0] sum0_q, sum1_q;  // 20 bits
  reg [5:0] shift_q, min_shift_q;
  always @(posedge clk_i)
    if (dot_i) begin : g_dot
      reg [31:0] pair[0:15];
      reg [63:0] half0[0:3];
      reg [63:0] half1[0:3];
      reg [31:0] sum0, sum1;
      integer k;
      for (k = 0; k < 16; k = k + 1)
        pair[k] =
            (({16'd0, w_i[32*k+:16]} ^ 32'h8000) - 32'h8000) *
            (({16'd0, m_i[32*k+:16]} ^ 32'h8000) - 32'h8000) +
            (({16'd0, w_i[32*k+16+:16]} ^ 32'h8000) - 32'h8000) *
            (({16'd0, m_i[32*k+16+:16]} ^ 32'h8000) - 32'h8000);
      for (k = 0; k < 4; k = k + 1) begin
        half1[k] =
            (({32'd0, pair[k]} ^ 64'h80000000) - 64'h80000000) +
            (({32'd0, pair[k+8]} ^ 64'h80000000) - 64'h80000000);
        half0[k] =
            (({32'd0, pair[k+4]} ^ 64'h80000000) - 64'h80000000) +
            (({32'd0, pair[k+12]} ^ 64'h80000000) - 64'h80000000);
      end
      dot0_q <= half0[0] + half0[1] + half0[2] + half0[3];
      dot1_q <= half1[0] + half1[1] + half1[2] + half1[3];
      shift_q <= {1'b0, t_i} + {1'b0, s_i};
      if (min_i) begin
        sum0 = 32'd0;
        sum1 = 32'd0;
        for (k = 0; k < 16; k = k + 1)
          if (k / 4 % 2 == 0)
            sum1 = sum1 + (({16'd0, m_i[32*k+:16]} ^ 32'h8000) - 32'h8000) +
                (({16'd0, m_i[32*k+16+:16]} ^ 32'h8000) - 32'h8000);
          else
            sum0 = sum0 + (({16'd0, m_i[32*k+:16]} ^ 32'h8000) - 32'h8000) +
                (({16'd0, m_i[32*k+16+:16]} ^ 32'h8000) - 32'h8000);
        sum0_q <= sum0;
        sum1_q <= sum1;
        min_shift_q <= {1'b0, r_i} + {1'b0, s_i};
      end
    end

  function signed [63:0] wide(input signed [19:0] x);
    wide = {{44{x[19]}}, x};
  endfunction

  reg [63:0] product_q, minimum_q;
  always @(posedge clk_i)
    if (scale_i) begin : g_scale
      reg signed [63:0] product, minimum;
      if (sub_i)
        product = (dot0_q >>> drop_i) * wide(scale0_i) + (dot1_q >>> drop_i) * wide(scale1_i);
      else product = ((dot0_q + dot1_q) >>> drop_i) * wide(scale0_i);
      product_q <= {4'd0, shift_q, product[53:0]};
      if (min_i) begin
        minimum = {{32{sum0_q[31]}}, sum0_q} * wide(min0_i) +
            {{32{sum1_q[31]}}, sum1_q} * wide(min1_i);
        minimum_q <= {4'd0, min_shift_q, minimum[53:0]};
      end
    end
  assign product_o = product_q;
  assign minimum_o = minimum_q;

endmodule

`default_nettype wire
