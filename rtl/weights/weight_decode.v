// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The weight register of one lane: a block as w_o (32 signed 16-bit fields), g_o and t_o. The
// integers of a quantised block lie at the top of their field, so that sign extension costs
// nothing: Q4_0 w_i * 2^12, Q8_0 w_i * 2^8, floats m_i. block_dot takes the factor out again.
// Fields are in the order of weight_element (weight_fn.vh): two to a 32-bit word, as shifts of
// the file's words give them.
`default_nettype none

module weight_decode (
  input  wire               clk_i,
  // load_i: take a block of the type that is selected, a float block if neither
  input  wire               load_i,
  input  wire               q4_i,
  input  wire               q8_i,
  // As in the file; the scale comes first, byte k in bits 8k+7:8k
  input  wire [143:0]       q4_block_i,
  input  wire [271:0]       q8_block_i,
  // A float block as block(x, 16), in order
  input  wire [511:0]       float_m_i,
  input  wire [4:0]         float_s_i,
  output wire [511:0]       w_o,
  output wire signed [11:0] g_o,
  output wire [4:0]         t_o,
  // The scale is no number
  output wire               nonfinite_o
);

  reg [511:0] w_q;
  always @(posedge clk_i)
    if (load_i) begin : g_integers
      reg [511:0] w;
      integer k;
      if (q4_i)
        for (k = 0; k < 16; k = k + 1)
          w[32*k+:32] = q4_block_i[32*(k%4)+16+:32] << 4 * (k / 4) & 32'hf000f000 ^ 32'h80008000;
      else if (q8_i)
        for (k = 0; k < 16; k = k + 1)
          w[32*k+:32] = q8_block_i[32*(k%4+(k/4%2==0?4:0))+16+:32] << (k < 8 ? 0 : 8) &
              32'hff00ff00;
      else w = float_m_i;
      w_q <= w;
    end

  reg signed [11:0] g_q;
  reg [4:0] t_q;
  reg nonfinite_q;
  always @(posedge clk_i)
    if (load_i) begin : g_scale
      reg [15:0] d;
      reg normal;
      reg [11:0] magnitude;
      d = q4_i ? q4_block_i[15:0] : q8_block_i[15:0];
      normal = d[14:10] != 0;
      magnitude = {1'b0, normal, d[9:0]};
      g_q <= !(q4_i || q8_i) ? 12'd1 : d[15] ? -magnitude : magnitude;
      t_q <= !(q4_i || q8_i) ? float_s_i : normal ? d[14:10] - 5'd1 : 5'd0;
      nonfinite_q <= (q4_i || q8_i) && d[14:10] == 5'd31;
    end

  assign w_o = w_q;
  assign g_o = g_q;
  assign t_o = t_q;
  assign nonfinite_o = nonfinite_q;

endmodule

`default_nettype wire
