// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// What GELU and GEGLU take ahead of SWIGLU's way (docs/numerics.md, section 5), VLANES elements a
// cycle; element i is in bits 32i+31:32i:
//
//     u = x * (K0 + K2 * (x * x)),  gelu(x) = x * sigmoid(u)
//
// Latency that of three fp_mul and an fp_add; no back-pressure. overflow_o goes with u_o: a square
// that overflows makes the last product overflow, too.
`default_nettype none
`include "generated/defaults.vh"

module vec_gelu #(
  parameter VLANES = `LOCKSTEP_DEFAULT_VLANES
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,

  input  wire                 valid_i,
  input  wire [VLANES*32-1:0] x_i,

  output wire                 valid_o,
  output wire [VLANES*32-1:0] u_o,
  output wire [VLANES-1:0]    overflow_o
);

  localparam        W  = VLANES * 32;
  localparam [31:0] K0 = 32'h3fcc422a;   // 2 sqrt(2/pi)
  localparam [31:0] K2 = 32'h3d922279;   // 0.08943 sqrt(2/pi)

  // All lanes have the same valids; lane 0 speaks for them.
  wire [VLANES-1:0] square_valid, term_valid, slope_valid, u_valid;
  wire [W-1:0]      x;
  wire              unused_x;

  vec_ring #(.WIDTH(W), .ADDR_BITS(3)) u_x (   // an fp_mul, another and an fp_add: 7
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (valid_i),
    .data_i (x_i),
    .pop_i  (slope_valid[0]),
    .data_o (x),
    .empty_o(unused_x)
  );

  genvar g;
  generate
    for (g = 0; g < VLANES; g = g + 1) begin : g_lane
      wire [31:0] square, term, slope;
      wire        unused_square, unused_term, unused_slope;

      fp_mul u_square (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (valid_i),
        .a_i       (x_i[32*g +: 32]),
        .b_i       (x_i[32*g +: 32]),
        .valid_o   (square_valid[g]),
        .y_o       (square),
        .overflow_o(unused_square)
      );

      fp_mul u_term (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (square_valid[0]),
        .a_i       (K2),
        .b_i       (square),
        .valid_o   (term_valid[g]),
        .y_o       (term),
        .overflow_o(unused_term)
      );

      fp_add u_slope (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (term_valid[0]),
        .sub_i     (1'b0),
        .a_i       (K0),
        .b_i       (term),
        .valid_o   (slope_valid[g]),
        .y_o       (slope),
        .overflow_o(unused_slope)
      );

      fp_mul u_u (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (slope_valid[0]),
        .a_i       (x[32*g +: 32]),
        .b_i       (slope),
        .valid_o   (u_valid[g]),
        .y_o       (u_o[32*g +: 32]),
        .overflow_o(overflow_o[g])
      );
    end
  endgenerate

  assign valid_o = u_valid[0];

  wire unused = &{1'b0, square_valid, term_valid, slope_valid, u_valid};

endmodule

`default_nettype wire
