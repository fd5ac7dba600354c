// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// y = 1/x, or 1/sqrt(x) if sqrt_i: binary32, by a table of 256 segments and a polynomial of degree
// 2. Letters are those of docs/numerics.md, section 7.
//
// Latency 4, throughput 1, no back-pressure. error_o goes with y_o, which then means nothing: x is
// outside the domain (DIVZERO), or no finite number.
`default_nettype none

module fp_recip (
  input  wire        clk_i,
  input  wire        rst_ni,
  // Operand
  input  wire        valid_i,
  input  wire        sqrt_i,
  input  wire [31:0] x_i,
  // Result
  output wire        valid_o,
  output wire [31:0] y_o,
  output wire        error_o
);

  `include "float/fn_recip_table.vh"

  reg [3:0] valid_q;
  always @(posedge clk_i)
    if (!rst_ni) valid_q <= 4'd0;
    else valid_q <= {valid_q[2:0], valid_i};

  // The exponent field of the result if m < 2^24. With e = field - 127:
  // m * 2^(-24-e) is 1.ffff * 2^(-1-e), m * 2^(-24-floor(e/2)) is 1.ffff * 2^(-1-floor(e/2)).
  wire [7:0] exp_in = x_i[30:23];
  wire [9:0] exp_rcp = 10'd253 - {2'd0, exp_in};             // 127 - 1 - e
  wire [9:0] exp_rsqrt = 10'd190 - {3'd0, exp_in[7:1]} - {9'd0, exp_in[0]};

  // 1: look the segment up. An even exponent field is an odd e.
  reg        [29:0] c0_1q;
  reg        [35:0] c12_q;
  reg signed [14:0] h_q;
  reg        [28:0] h2_q;
  reg        [9:0] exp1_q;
  reg               sign1_q, error1_q;
  always @(posedge clk_i)
    if (valid_i) begin : g_look_up
      reg        [9:0] row;
      reg signed [14:0] h;
      reg signed [28:0] h_wide;
      row = {sqrt_i && !exp_in[0], sqrt_i && exp_in[0], x_i[22:15]};
      c0_1q <= recip_c0_rom[row];
      c12_q <= recip_c12_rom[row];
      h = {!x_i[14], x_i[13:0]};  // the fraction within the segment - 2^14
      h_wide = {{14{h[14]}}, h};
      h_q <= h;
      h2_q <= h_wide * h_wide;
      exp1_q <= sqrt_i ? exp_rsqrt : exp_rcp;
      sign1_q <= x_i[31];
      error1_q <= exp_in == 0 || exp_in == 8'hff || sqrt_i && x_i[31];
    end

  // 2: the terms. c1 * h is signed, c2 * h^2 is not.
  reg [29:0] c0_2q;
  reg [63:0] c1h_q, c2h2_q;
  reg [9:0] exp2_q;
  reg        sign2_q, error2_q;
  always @(posedge clk_i)
    if (valid_q[0]) begin
      c0_2q <= c0_1q;
      c1h_q <= {42'd0, c12_q[35:14]} * {{49{h_q[14]}}, h_q};
      c2h2_q <= {50'd0, c12_q[13:0]} * {35'd0, h2_q};
      exp2_q <= exp1_q;
      sign2_q <= sign1_q;
      error2_q <= error1_q;
    end

  // 3: Y and its rounding to 24 bits.
  reg [22:0] m_q;
  reg        top_q;
  reg [9:0] exp3_q;
  reg        sign3_q, error3_q;
  always @(posedge clk_i)
    if (valid_q[1]) begin : g_sum
      reg [22:0] m;
      reg        top, unused_second;
      reg [2:0] unused_high;
      reg [35:0] unused_low;
      {unused_high, top, unused_second, m, unused_low} =
          {4'd0, c0_2q, 30'd0} - (c1h_q << 15) + c2h2_q + 64'h8_0000_0000;
      m_q <= m;
      top_q <= top;  // else the second bit is set
      exp3_q <= exp2_q;
      sign3_q <= sign2_q;
      error3_q <= error2_q;
    end

  // 4: pack; an m of 2^24 carries into the exponent. Fields run from -1 (a flush) to 254.
  reg [31:0] y_q;
  reg        error_q;
  always @(posedge clk_i)
    if (valid_q[2]) begin : g_pack
      reg [9:0] bexp;
      bexp = exp3_q + {9'd0, top_q};
      y_q <= {sign3_q, bexp[9] || bexp == 0 ? 31'd0 : {bexp[7:0], m_q}};
      error_q <= error3_q;
    end

  assign valid_o = valid_q[3];
  assign y_o = y_q;
  assign error_o = error_q;

endmodule

`default_nettype wire
