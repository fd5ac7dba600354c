// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Quantises 32 binary32 numbers to block floating point, block(x, BITS) of docs/numerics.md,
// section 2: element i becomes m_i * 2^(s - 12 - BITS), |m_i| < 2^(BITS-1). A short block is filled
// up with +0 by the caller.
//
// Latency 3, throughput 1, no back-pressure. range_o goes with m_o and s_o, which then mean
// nothing: some |x_i| is 2^18 or more (or no finite number).
`default_nettype none

module bfp_quant #(
  parameter BITS = 16  // of a mantissa with its sign, 2..16
) (
  input  wire          clk_i,
  input  wire          rst_ni,
  // Element i is x_i[32*i +: 32], binary32
  input  wire          valid_i,
  input  wire [1023:0] x_i,
  // Mantissa i is m_o[16*i +: 16], sign-extended from BITS
  output wire          valid_o,
  output wire [511:0]  m_o,
  output wire [4:0]    s_o,
  output wire          range_o
);

  generate
    if (BITS < 2 || BITS > 16) begin : g_check
      bfp_quant_BITS_must_be_2_to_16 u_error ();
    end
  endgenerate

  localparam [15:0] MAX_MANTISSA = (16'd1 << (BITS - 1)) - 16'd1;

  reg [2:0] valid_q;
  always @(posedge clk_i)
    if (!rst_ni) valid_q <= 3'd0;
    else valid_q <= {valid_q[1:0], valid_i};

  // 1: the base, the largest exponent field, but at least 113, that of 2^-14. A zero (or subnormal,
  // which counts as one) has field 0 and so does not take part.
  reg [1023:0] x_q;
  always @(posedge clk_i) if (valid_i) x_q <= x_i;

  reg [7:0] base_q;
  always @(posedge clk_i)
    if (valid_i) begin : g_largest
      reg [7:0] max;
      integer i;
      max = 8'd113;
      for (i = 0; i < 32; i = i + 1) if (x_i[32*i+23+:8] > max) max = x_i[32*i+23+:8];
      base_q <= max;
    end

  reg [4:0] s_q, s_o_q;
  reg range_q, range_o_q;
  always @(posedge clk_i)
    if (valid_q[0]) begin
      s_q <= base_q[4:0] - 5'd17;  // base - 113, modulo 32
      range_q <= base_q > 8'd144;
    end
  always @(posedge clk_i)
    if (valid_q[1]) begin
      s_o_q <= s_q;
      range_o_q <= range_q;
    end

  // 2: shift and round. The mantissa of a number of exponent field e is its 24-bit integer shifted
  // right by 25 - BITS + (base - e); its magnitude is at most 2^(BITS-1).
  reg [31:0] sign_q;
  reg [511:0] mag_q;
  always @(posedge clk_i)
    if (valid_q[0]) begin : g_scale
      reg [31:0] sign, man;
      reg [511:0] mag;
      reg [7:0] below;
      reg [4:0] shift;
      integer i;
      for (i = 0; i < 32; i = i + 1) begin
        man = x_q[32*i+23+:8] == 0 ? 32'd0 : {9'd1, x_q[32*i+:23]};
        below = base_q - x_q[32*i+23+:8];
        // 31 is as good as any larger shift: all that is left is below a half.
        shift = below > 8'd6 + BITS[7:0] ? 5'd31 : below[4:0] + 5'd25 - BITS[4:0];
        man = man + (32'd1 << (shift - 5'd1)) - 32'd1 + (man >> shift & 32'd1) >> shift;
        mag[16*i+:16] = man[15:0];
        sign[i] = x_q[32*i+31];
      end
      mag_q <= mag;
      sign_q <= sign;
    end

  // 3: clamp and apply the sign.
  reg [511:0] m_q;
  always @(posedge clk_i)
    if (valid_q[1]) begin : g_clamp
      reg [15:0] one;
      reg [511:0] m;
      integer i;
      for (i = 0; i < 32; i = i + 1) begin
        one = mag_q[16*i+:16] > MAX_MANTISSA ? MAX_MANTISSA : mag_q[16*i+:16];
        m[16*i+:16] = sign_q[i] ? -one : one;
      end
      m_q <= m;
    end

  assign m_o = m_q;
  assign valid_o = valid_q[2];
  assign s_o = s_o_q;
  assign range_o = range_o_q;

endmodule

`default_nettype wire
