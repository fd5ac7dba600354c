// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// ROPE: turns the pairs of a group of VLANES elements by the angles of the rotation buffer; groups
// with rotate_i = 0, those past n_rot in a head, pass through as they are. Element i is in bits
// 32i+31:32i. docs/numerics.md, section 5. The pairs of a group's elements, and their angles:
//
//     halves_i  single_i     element i meets             at angle   and is the first if
//     0         -            its neighbour               i / 2      i is even
//     1         1            VLANES / 2 away in x_i      i mod V/2  i < VLANES / 2
//     1         0            element i of far_i          i          lower_i
//
// A group a cycle; latency that of fp_mul and fp_add; no back-pressure. A product can overflow only
// where the magnitude of the angles is above 1, and then the sum overflows, too.
`default_nettype none
`include "generated/defaults.vh"

module vec_rope #(
  parameter VLANES = `LOCKSTEP_DEFAULT_VLANES
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,

  input  wire                 halves_i,      // both hold while groups are in flight
  input  wire                 single_i,      // a group holds all that turns of a head

  input  wire                 valid_i,
  input  wire                 rotate_i,
  input  wire                 lower_i,
  input  wire [VLANES*32-1:0] x_i,
  input  wire [VLANES*32-1:0] far_i,
  input  wire [VLANES*32-1:0] cos_i,
  input  wire [VLANES*32-1:0] sin_i,

  output wire                 valid_o,
  output wire [VLANES*32-1:0] y_o,
  output wire [VLANES-1:0]    overflow_o
);

  localparam W = VLANES * 32;

  wire [VLANES-1:0] across_valid, along_valid, y_valid, overflow;
  wire [W-1:0]      along, across, y, x;
  wire              rotate;
  wire              unused_x;

  vec_ring #(.WIDTH(W + 1)) u_x (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (valid_i),
    .data_i ({rotate_i, x_i}),
    .pop_i  (y_valid[0]),
    .data_o ({rotate, x}),
    .empty_o(unused_x)
  );

  genvar g;
  generate
    for (g = 0; g < VLANES; g = g + 1) begin : g_lane
      localparam HALF = VLANES / 2;
      localparam NEAR = g ^ 1, OTHER = g ^ HALF, LOW = g % HALF;
      wire unused_along, unused_across;

      wire [31:0] other = !halves_i ? x_i[32*NEAR +: 32] :
                          single_i  ? x_i[32*OTHER +: 32] : far_i[32*g +: 32];
      wire [31:0] cos   = !halves_i ? cos_i[32*(g/2) +: 32] :
                          single_i  ? cos_i[32*LOW +: 32] : cos_i[32*g +: 32];
      wire [31:0] sin   = !halves_i ? sin_i[32*(g/2) +: 32] :
                          single_i  ? sin_i[32*LOW +: 32] : sin_i[32*g +: 32];
      wire        first = !halves_i ? g % 2 == 0 : single_i ? g < HALF : lower_i;

      // y = along + across: own element times cos, the pair's other one times sin; of the first of
      // a pair times -sin, which is to subtract.
      fp_mul u_along (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (valid_i),
        .a_i       (x_i[32*g +: 32]),
        .b_i       (cos),
        .valid_o   (along_valid[g]),
        .y_o       (along[32*g +: 32]),
        .overflow_o(unused_along)
      );

      fp_mul u_cross (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (valid_i),
        .a_i       (other),
        .b_i       ({sin[31] ^ first, sin[30:0]}),
        .valid_o   (across_valid[g]),
        .y_o       (across[32*g +: 32]),
        .overflow_o(unused_across)
      );

      fp_add u_add (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (along_valid[0]),
        .sub_i     (1'b0),
        .a_i       (along[32*g +: 32]),
        .b_i       (across[32*g +: 32]),
        .valid_o   (y_valid[g]),
        .y_o       (y[32*g +: 32]),
        .overflow_o(overflow[g])
      );
    end
  endgenerate

  assign valid_o    = y_valid[0];
  assign y_o        = rotate ? y : x;
  assign overflow_o = rotate ? overflow : {VLANES{1'b0}};

  wire unused = &{1'b0, across_valid, along_valid, y_valid};

endmodule

`default_nettype wire
