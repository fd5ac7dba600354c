// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// ROPE: turns the pairs of a group of VLANES elements by the angles of the rotation buffer; groups
// with rotate_i = 0, those past n_rot in a head, pass through as they are. Element i is in bits
// 32i+31:32i; elements 2k and 2k+1 are pair k. docs/numerics.md, section 5.
//
// A group a cycle; latency that of fp_mul and fp_add; no back-pressure. The products cannot
// overflow, as |cos| and |sin| are at most 1.
`default_nettype none
`include "generated/defaults.vh"

module vec_rope #(
  parameter VLANES = `LOCKSTEP_DEFAULT_VLANES
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire                   clear_i,

  input  wire                   valid_i,
  input  wire                   rotate_i,
  input  wire [VLANES*32-1:0]   x_i,
  input  wire [VLANES/2*32-1:0] cos_i,
  input  wire [VLANES/2*32-1:0] sin_i,

  output wire                   valid_o,
  output wire [VLANES*32-1:0]   y_o,
  output wire [VLANES-1:0]      overflow_o
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
      wire unused_along, unused_across;

      // y = along -+ across: own element times cos, the pair's other one times sin.
      fp_mul u_along (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (valid_i),
        .a_i       (x_i[32*g +: 32]),
        .b_i       (cos_i[32*(g/2) +: 32]),
        .valid_o   (along_valid[g]),
        .y_o       (along[32*g +: 32]),
        .overflow_o(unused_along)
      );

      fp_mul u_cross (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (valid_i),
        .a_i       (x_i[32*(g^1) +: 32]),
        .b_i       (sin_i[32*(g/2) +: 32]),
        .valid_o   (across_valid[g]),
        .y_o       (across[32*g +: 32]),
        .overflow_o(unused_across)
      );

      fp_add u_add (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (along_valid[0]),
        .sub_i     (g % 2 == 0),
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
