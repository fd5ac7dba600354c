// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// y = exp(-|x|), binary32; the sign of x is not looked at. Letters are those of docs/numerics.md,
// section 7.
//
// Latency 5, throughput 1, no back-pressure. No errors: the result is in [0, 1].
`default_nettype none

module fp_exp (
  input  wire        clk_i,
  input  wire        rst_ni,
  // Operand
  input  wire        valid_i,
  input  wire [31:0] x_i,
  // Result
  output wire        valid_o,
  output wire [31:0] y_o
);

  `include "float/fn_exp_table.vh"

  localparam [63:0] LOG2_E = 64'd198282496599;  // nearest(2^37 * log2(e))
  localparam [63:0] LN2   = 64'd744261118;     // nearest(2^30 * ln 2)

  reg [4:0] valid_q;
  always @(posedge clk_i)
    if (!rst_ni) valid_q <= 5'd0;
    else valid_q <= {valid_q[3:0], valid_i};

  // 1: P = |x| * log2(e). E >= 7 is an exponent field of 134 or more.
  reg [63:0] p_q;
  reg [5:0] shift_q;
  reg        one1_q, zero1_q;
  always @(posedge clk_i)
    if (valid_i) begin
      p_q <= {40'd0, 1'b1, x_i[22:0]} * LOG2_E;
      // 33 - E; beyond 62 there is nothing left.
      shift_q <= x_i[30:23] < 8'd98 ? 6'd63 : 6'd32 - x_i[28:23];
      one1_q <= x_i[30:23] < 8'd98;
      zero1_q <= x_i[30:23] > 8'd133;
    end

  // 2: T, its fraction u and -k, at most 185.
  reg [26:0] u_q;
  reg [7:0] down2_q;
  reg        zero2_q;
  always @(posedge clk_i)
    if (valid_q[0]) begin : g_reduce
      reg [34:0] t;
      reg [28:0] unused_high;
      {unused_high, t} = one1_q ? 64'd0 : p_q + (64'd1 << (shift_q - 6'd1)) >> shift_q;
      u_q <= -t[26:0];
      down2_q <= t[34:27] + {7'd0, t[26:0] != 0};
      zero2_q <= zero1_q;
    end

  // 3: a = z * ln 2, and C[i].
  reg [30:0] c3_q;
  reg [26:0] a_q;
  reg [7:0] down3_q;
  reg        zero3_q;
  always @(posedge clk_i)
    if (valid_q[1]) begin : g_look_up
      reg [26:0] a;
      reg [14:0] unused_high;
      reg [21:0] unused_low;
      {unused_high, a, unused_low} = {45'd0, u_q[18:0]} * LN2;
      a_q <= a;
      c3_q <= exp_rom[u_q[26:19]];
      down3_q <= down2_q;
      zero3_q <= zero2_q;
    end

  // 4: h = a + a^2 / 2.
  reg [30:0] c4_q;
  reg [27:0] h_q;
  reg [7:0] down4_q;
  reg        zero4_q;
  always @(posedge clk_i)
    if (valid_q[2]) begin : g_square
      reg [27:0] half_square;
      reg [35:0] unused_low;
      {half_square, unused_low} = {37'd0, a_q} * {37'd0, a_q};
      h_q <= {1'b0, a_q} + half_square;
      c4_q <= c3_q;
      down4_q <= down3_q;
      zero4_q <= zero3_q;
    end

  // 5: C[i] * (1 + h), rounded to 24 bits; a mantissa of 2^24 carries into the exponent.
  reg [31:0] y_q;
  always @(posedge clk_i)
    if (valid_q[3]) begin : g_finish
      reg [31:0] m, unused_high;
      {unused_high, m} =
          {33'd0, c4_q} + ({33'd0, c4_q} * {36'd0, h_q} >> 35) + 64'd64 >> 7;
      // The leading one of m, at bit 23, adds 1 to the exponent field under it.
      y_q <= zero4_q || down4_q > 8'd126 ? 32'd0 : {1'b0, 8'd126 - down4_q, 23'd0} + m;
    end

  assign valid_o = valid_q[4];
  assign y_o = y_q;

  wire unused = &{1'b0, x_i[31]};

endmodule

`default_nettype wire
