// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Cosine and sine, binary32, of an angle given as a fraction of a turn: phase_i * 2^-24. Letters
// are those of docs/numerics.md, section 7.
//
// Latency 6, throughput 1, no back-pressure. No errors.
`default_nettype none

module rotation (
  input  wire        clk_i,
  input  wire        rst_ni,
  // Operand
  input  wire        valid_i,
  input  wire [23:0] phase_i,
  // Result
  output wire        valid_o,
  output wire [31:0] cos_o,
  output wire [31:0] sin_o
);

  `include "float/fp_fn.vh"
  `include "float/fn_sine_table.vh"

  localparam [63:0] HALF_PI = 64'd3373259426;  // nearest(2^31 * pi/2)

  reg [5:0] valid_q;
  always @(posedge clk_i)
    if (!rst_ni) valid_q <= 6'd0;
    else valid_q <= {valid_q[4:0], valid_i};

  // 1: h, the angle within a table step, and the entries of its start: G[i] and G[256-i].
  reg [1:0] quad1_q;
  reg [29:0] s1_q;
  reg [30:0] c1_q, h1_q;
  always @(posedge clk_i)
    if (valid_i) begin : g_look_up
      reg [30:0] h;
      reg [17:0] unused_high;
      reg [14:0] unused_low;
      {unused_high, h, unused_low} = {50'd0, phase_i[13:0]} * HALF_PI;
      quad1_q <= phase_i[23:22];
      {s1_q, c1_q} <= sine_rom[phase_i[21:14]];
      h1_q <= h;
    end

  // 2: h2 = h^2 / 2, at most 2^22.3.
  reg [1:0] quad2_q;
  reg [29:0] s2_q;
  reg [30:0] c2_q, h2_q;
  reg [22:0] hh2_q;
  always @(posedge clk_i)
    if (valid_q[0]) begin : g_square
      reg [22:0] hh;
      reg [1:0] unused_high;
      reg [38:0] unused_low;
      {unused_high, hh, unused_low} = {33'd0, h1_q} * {33'd0, h1_q};
      hh2_q <= hh;
      h2_q <= h1_q;
      quad2_q <= quad1_q;
      s2_q <= s1_q;
      c2_q <= c1_q;
    end

  // 3: sh = h - h^3 / 6, the sine of h; 21846 is 2^16 / 3.
  reg [1:0] quad3_q;
  reg [29:0] s3_q;
  reg [30:0] c3_q, sh_q;
  reg [22:0] hh3_q;
  always @(posedge clk_i)
    if (valid_q[1]) begin : g_cube
      reg [30:0] cubed, third;
      reg [32:0] unused_high;
      {unused_high, cubed} = {33'd0, h2_q} * {41'd0, hh2_q} >> 38;
      {unused_high, third} = {33'd0, cubed} * 64'd21846 >> 16;
      sh_q <= h2_q - third;
      hh3_q <= hh2_q;
      quad3_q <= quad2_q;
      s3_q <= s2_q;
      c3_q <= c2_q;
    end

  // 4: what the sums of angles add to the table's entries. The cosine of h is 2^38 - h2, so the
  // product with 2^38, which the shift leaves whole, is not formed.
  reg        [1:0] quad4_q;
  reg        [29:0] s4_q;
  reg        [30:0] c4_q;
  reg        [25:0] ds_q, dc_q;
  always @(posedge clk_i)
    if (valid_q[2]) begin : g_products
      reg [25:0] ds, dc;
      reg [37:0] unused_low;
      {ds, unused_low} = {33'd0, c3_q} * {33'd0, sh_q} - {34'd0, s3_q} * {41'd0, hh3_q};
      {dc, unused_low} = -({33'd0, c3_q} * {41'd0, hh3_q}) - {34'd0, s3_q} * {33'd0, sh_q};
      ds_q <= ds;
      dc_q <= dc;
      quad4_q <= quad3_q;
      s4_q <= s3_q;
      c4_q <= c3_q;
    end

  // 5: cosine and sine of the first quadrant, units 2^-30, then turned into the right one.
  reg [31:0] cos_q, sin_q;
  always @(posedge clk_i)
    if (valid_q[3]) begin : g_turn
      reg [31:0] c, s;
      s = {2'd0, s4_q} + {{6{ds_q[25]}}, ds_q};
      c = {1'd0, c4_q} + {{6{dc_q[25]}}, dc_q};
      case (quad4_q)
        2'd0: {cos_q, sin_q} <= {c, s};
        2'd1: {cos_q, sin_q} <= {-s, c};
        2'd2: {cos_q, sin_q} <= {-c, -s};
        default: {cos_q, sin_q} <= {s, -c};
      endcase
    end

  // 6: round32(., -30); the sign of a zero is +.
  function [31:0] to_float(input [31:0] n);
    reg [31:0] mag;
    reg [4:0] zeros;
    reg        unused_overflow;
    begin
      mag   = n[31] ? -n : n;
      zeros = fp_lzc32(mag);
      {unused_overflow, to_float} = fp_round(n[31], 12'd128 - {7'd0, zeros}, mag << zeros);
    end
  endfunction

  reg [31:0] cos_o_q, sin_o_q;
  always @(posedge clk_i)
    if (valid_q[4]) begin
      cos_o_q <= to_float(cos_q);
      sin_o_q <= to_float(sin_q);
    end

  assign valid_o = valid_q[5];
  assign cos_o = cos_o_q;
  assign sin_o = sin_o_q;

endmodule

`default_nettype wire
