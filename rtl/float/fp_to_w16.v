// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The softmax weight of a binary32 x in [0, 1]: nearest(x * 2^16), ties to even, 0..65536
// (docs/numerics.md, section 6).
//
// Latency 1, throughput 1, no back-pressure.
`default_nettype none

module fp_to_w16 (
  input  wire        clk_i,
  input  wire        rst_ni,
  // Operand
  input  wire        valid_i,
  input  wire [31:0] x_i,
  // Result
  output wire        valid_o,
  output wire [16:0] w_o
);

  reg valid_q;
  always @(posedge clk_i)
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= valid_i;

  reg [16:0] w_q;
  always @(posedge clk_i)
    if (valid_i) begin : g_scale
      reg [31:0] man;
      reg [4:0] shift;
      man = x_i[30:23] == 0 ? 32'd0 : {9'd1, x_i[22:0]};
      // 134 - exponent field; 31 is as good as any larger shift: all that is left is below a half.
      shift = x_i[30:23] < 8'd103 ? 5'd31 : 5'd6 - x_i[27:23];
      man = man + (32'd1 << (shift - 5'd1)) - 32'd1 + (man >> shift & 32'd1) >> shift;
      w_q <= man[16:0];
    end

  assign valid_o = valid_q;
  assign w_o = w_q;

  // A number in [0, 1] has a sign only if it is zero.
  wire unused = &{1'b0, x_i[31]};

endmodule

`default_nettype wire
