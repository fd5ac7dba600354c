// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// ADD, y = a + b, and SWIGLU, y = silu(a) * b, on VLANES elements a cycle (docs/numerics.md, section
// 5). Element i of a group is in bits 32i+31:32i. The adders serve both: ADD takes fp_add's latency,
// SWIGLU that of exp, add, rcp and three products. No back-pressure.
//
//     silu(x) = x * z,  z = w * rcp(1 + e),  e = exp(-|x|),  w = e where x is negative, else 1
//
// Only the last operation can overflow: |z| <= 1.

`default_nettype none

module vec_elementwise #(
  parameter VLANES = 8
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,

  input  wire                 swiglu_i,   // 1: SWIGLU, 0: ADD; holds while groups are in flight
  input  wire                 valid_i,
  input  wire [VLANES*32-1:0] a_i,
  input  wire [VLANES*32-1:0] b_i,

  output wire                 valid_o,
  output wire [VLANES*32-1:0] y_o,
  output wire [VLANES-1:0]    overflow_o
);

  localparam        W   = VLANES * 32;
  localparam [31:0] ONE = 32'h3f800000;

  // All lanes have the same valids; lane 0 speaks for them.
  wire [VLANES-1:0] exp_valid, add_valid, rcp_valid, z_valid, silu_valid, y_valid;
  wire [VLANES-1:0] add_overflow, y_overflow;
  wire [W-1:0]      exp_y, exp_w, add_y, y;

  // What waits for e, for r, for z and for silu(x).
  wire [VLANES-1:0] sign;
  wire [W-1:0]      w, x, up;
  wire              swiglu_valid = valid_i && swiglu_i;
  wire              unused_sign, unused_w, unused_x, unused_up;

  reg  [VLANES-1:0] a_sign;
  integer i;
  always @* begin
    for (i = 0; i < VLANES; i = i + 1) a_sign[i] = a_i[32*i+31];
  end

  vec_ring #(.WIDTH(VLANES)) u_sign (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (swiglu_valid),
    .data_i (a_sign),
    .pop_i  (exp_valid[0]),
    .data_o (sign),
    .empty_o(unused_sign)
  );

  vec_ring #(.WIDTH(W)) u_w (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (exp_valid[0]),
    .data_i (exp_w),
    .pop_i  (rcp_valid[0]),
    .data_o (w),
    .empty_o(unused_w)
  );

  vec_ring #(.WIDTH(W)) u_x (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (swiglu_valid),
    .data_i (a_i),
    .pop_i  (z_valid[0]),
    .data_o (x),
    .empty_o(unused_x)
  );

  vec_ring #(.WIDTH(W)) u_up (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (swiglu_valid),
    .data_i (b_i),
    .pop_i  (silu_valid[0]),
    .data_o (up),
    .empty_o(unused_up)
  );

  genvar g;
  generate
    for (g = 0; g < VLANES; g = g + 1) begin : g_lane
      wire [31:0] r, z, silu;
      wire        unused_rcp, unused_z, unused_silu;

      fp_exp u_exp (
        .clk_i  (clk_i),
        .rst_ni (rst_ni),
        .valid_i(swiglu_valid),
        .x_i    (a_i[32*g +: 32]),
        .valid_o(exp_valid[g]),
        .y_o    (exp_y[32*g +: 32])
      );

      assign exp_w[32*g +: 32] = sign[g] ? exp_y[32*g +: 32] : ONE;

      fp_add u_add (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (swiglu_i ? exp_valid[0] : valid_i),
        .sub_i     (1'b0),
        .a_i       (swiglu_i ? ONE : a_i[32*g +: 32]),
        .b_i       (swiglu_i ? exp_y[32*g +: 32] : b_i[32*g +: 32]),
        .valid_o   (add_valid[g]),
        .y_o       (add_y[32*g +: 32]),
        .overflow_o(add_overflow[g])
      );

      fp_recip u_rcp (
        .clk_i  (clk_i),
        .rst_ni (rst_ni),
        .valid_i(add_valid[0] && swiglu_i),
        .sqrt_i (1'b0),
        .x_i    (add_y[32*g +: 32]),
        .valid_o(rcp_valid[g]),
        .y_o    (r),
        .error_o(unused_rcp)
      );

      fp_mul u_z (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (rcp_valid[0]),
        .a_i       (w[32*g +: 32]),
        .b_i       (r),
        .valid_o   (z_valid[g]),
        .y_o       (z),
        .overflow_o(unused_z)
      );

      fp_mul u_silu (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (z_valid[0]),
        .a_i       (x[32*g +: 32]),
        .b_i       (z),
        .valid_o   (silu_valid[g]),
        .y_o       (silu),
        .overflow_o(unused_silu)
      );

      fp_mul u_y (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (silu_valid[0]),
        .a_i       (silu),
        .b_i       (up[32*g +: 32]),
        .valid_o   (y_valid[g]),
        .y_o       (y[32*g +: 32]),
        .overflow_o(y_overflow[g])
      );
    end
  endgenerate

  assign valid_o    = swiglu_i ? y_valid[0] : add_valid[0];
  assign y_o        = swiglu_i ? y : add_y;
  assign overflow_o = swiglu_i ? y_overflow : add_overflow;

  wire unused = &{1'b0, exp_valid, add_valid, rcp_valid, z_valid, silu_valid, y_valid};

endmodule

`default_nettype wire
