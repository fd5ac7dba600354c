// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The fixed-point number nearest to a binary32 x in [0, 1]: nearest(x * 2^BITS), ties to even,
// 0..2^BITS: softmax weights of attention (docs/numerics.md, section 6) and of ROUTE (section 5).
//
// Latency 1, throughput 1, no back-pressure.
`default_nettype none

module fp_to_fixed #(
  parameter BITS = 16   // 16..24
) (
  input  wire            clk_i,
  input  wire            rst_ni,
  // Operand
  input  wire            valid_i,
  input  wire [31:0]     x_i,
  // Result
  output wire            valid_o,
  output wire [BITS:0]   w_o
);

  generate
    if (BITS < 16 || BITS > 24) begin : g_check
      fp_to_fixed_BITS_must_be_16_to_24 u_error ();
    end
  endgenerate

  // x is man * 2^-BITS, shifted right by FROM less its exponent field, at least 1. 31 is as good as
  // any larger shift: all that is left is below a half.
  localparam [31:0] FROM = 32'd152 - BITS;
  localparam [31:0] FAR  = FROM - 32'd31;

  reg valid_q;
  always @(posedge clk_i)
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= valid_i;

  reg [BITS:0] w_q;
  always @(posedge clk_i)
    if (valid_i) begin : g_scale
      reg [31:0] man;
      reg [4:0] shift;
      man = x_i[30:23] == 0 ? 32'd0 : {7'd1, x_i[22:0], 2'd0};
      shift = x_i[30:23] < FAR[7:0] ? 5'd31 : FROM[4:0] - x_i[27:23];
      man = man + (32'd1 << (shift - 5'd1)) - 32'd1 + (man >> shift & 32'd1) >> shift;
      w_q <= man[BITS:0];
    end

  assign valid_o = valid_q;
  assign w_o = w_q;

  // A number in [0, 1] has a sign only if it is zero.
  wire unused = &{1'b0, x_i[31]};

endmodule

`default_nettype wire
