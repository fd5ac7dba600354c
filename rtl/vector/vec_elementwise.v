// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Element by element, VLANES of them a cycle (docs/numerics.md, section 5); element i of a group is
// in bits 32i+31:32i:
//
//     ADD, BIAS       y = a + b            b of BIAS from a row of floats
//     CENTERs         y = a - r            their second walks
//     NORMs           y = a * r * gain     the same; the gain from a row of floats, of heads from b
//     SCALE           y = a * r * 1
//     SWIGLU          y = a * z * b        z = w * rcp(1 + e),  e = exp(-|u|),  u = a,
//     GEGLU, GELU     the same             w = e where u is negative, else 1;  u from vec_gelu,
//                                          whose clock stands in other ops; b of GELU is 1
//     SIGMOID         y = 1 * z * 1        u = a
//     WEIGH           y = a * r * 1
//     ROUTE           p = exp(-|a - r|)    p goes to vec_route, which gives q
//                     y = p * 1 * q        its last walk
//
// Sums share SWIGLU's adder, products its last two multipliers. No back-pressure; latencies are
// those of the arithmetic units on the way. Only the last operation can overflow, as |z| <= 1; in
// NORM, as |x| < 2^18 when its blocks were formed, and r < 2^63. And u can, where |x| > 2^42: then
// w is infinite, and so is all that follows.
`default_nettype none
`include "generated/defaults.vh"

module vec_elementwise #(
  parameter VLANES = `LOCKSTEP_DEFAULT_VLANES
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,

  // The op; these hold while groups are in flight. None of them: ADD.
  input  wire                 gated_i,       // SWIGLU, GEGLU, GELU, SIGMOID
  input  wire                 gelu_i,        // GEGLU, GELU
  input  wire                 alone_i,       // GELU, SCALE, SIGMOID, WEIGH: 1 for b
  input  wire                 sigmoid_i,     // and for a of the product
  input  wire                 bias_i,
  input  wire                 center_i,
  input  wire                 norm_i,
  input  wire                 route_i,
  input  wire                 weighing_i,    // its last walk

  input  wire                 valid_i,       // all but NORMs, SCALE and WEIGH,
  input  wire                 scale_valid_i, // which have this one
  input  wire [VLANES*32-1:0] a_i,
  input  wire [VLANES*32-1:0] b_i,
  input  wire [31:0]          r_i,
  input  wire [31:0]          q_i,

  // NORM and BIAS: of the row of floats, a cycle before its a_i comes.
  input  wire                 gain_valid_i,
  input  wire [VLANES*32-1:0] gain_i,

  // Of ROUTE.
  output wire                 p_valid_o,
  output wire [VLANES*32-1:0] p_o,
  output wire [VLANES-1:0]    p_overflow_o,

  output wire                 valid_o,
  output wire [VLANES*32-1:0] y_o,
  output wire [VLANES-1:0]    overflow_o
);

  localparam        W        = VLANES * 32;
  localparam [31:0] ONE      = 32'h3f800000;
  localparam [31:0] INFINITE = 32'h7f800000;

  // All lanes have the same valids; lane 0 speaks for them.
  wire [VLANES-1:0] exp_valid, add_valid, rcp_valid, z_valid, xz_valid, y_valid;
  wire [VLANES-1:0] add_overflow, y_overflow;
  wire [W-1:0]      exp_y, exp_w, add_y, y;

  wire              gelu_clk, gelu_valid;
  wire [W-1:0]      gelu_u;
  wire [VLANES-1:0] gelu_overflow;

  clock_gate #(
    .HOLD(15)
  ) u_gelu_clock (
    .clk_i (clk_i),
    .rst_ni(rst_ni),
    .clk_o (gelu_clk),
    .wake_i(gelu_i || clear_i)
  );

  vec_gelu #(.VLANES(VLANES)) u_gelu (
    .clk_i     (gelu_clk),
    .rst_ni    (rst_ni),
    .clear_i   (clear_i),
    .valid_i   (valid_i && gelu_i),
    .x_i       (a_i),
    .valid_o   (gelu_valid),
    .u_o       (gelu_u),
    .overflow_o(gelu_overflow)
  );

  // What waits for e, for rcp, for z and for the product of x and z or r.
  wire [VLANES-1:0] sign, over;
  wire [W-1:0]      w, x, up;
  wire              gated_valid = valid_i && gated_i;
  wire              u_valid     = route_i ? add_valid[0] : gelu_i ? gelu_valid : gated_valid;
  wire [W-1:0]      u           = route_i ? add_y : gelu_i ? gelu_u : a_i;
  wire              unused_sign, unused_w, unused_x, unused_up;

  reg  [VLANES-1:0] u_sign;
  integer i;
  always @* begin
    for (i = 0; i < VLANES; i = i + 1) u_sign[i] = u[32*i+31];
  end

  vec_ring #(.WIDTH(2 * VLANES)) u_signs (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (u_valid),
    .data_i ({u_sign, route_i ? add_overflow : gelu_i ? gelu_overflow : {VLANES{1'b0}}}),
    .pop_i  (exp_valid[0]),
    .data_o ({sign, over}),
    .empty_o(unused_sign)
  );

  vec_ring #(.WIDTH(W)) u_w (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (exp_valid[0] && gated_i),
    .data_i (exp_w),
    .pop_i  (rcp_valid[0]),
    .data_o (w),
    .empty_o(unused_w)
  );

  vec_ring #(.WIDTH(W)) u_x (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (gated_valid),
    .data_i (sigmoid_i ? {VLANES{ONE}} : a_i),
    .pop_i  (z_valid[0]),
    .data_o (x),
    .empty_o(unused_x)
  );

  vec_ring #(.WIDTH(W)) u_up (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (gated_valid || gain_valid_i || (scale_valid_i && !norm_i) || (valid_i && weighing_i)),
    .data_i (gain_valid_i ? gain_i : alone_i ? {VLANES{ONE}} : route_i ? {VLANES{q_i}} : b_i),
    .pop_i  (xz_valid[0] || (valid_i && bias_i)),
    .data_o (up),
    .empty_o(unused_up)
  );

  genvar g;
  generate
    for (g = 0; g < VLANES; g = g + 1) begin : g_lane
      wire [31:0] rcp, z, xz;
      wire        unused_rcp, unused_z, unused_xz;

      fp_exp u_exp (
        .clk_i  (clk_i),
        .rst_ni (rst_ni),
        .valid_i(u_valid),
        .x_i    (u[32*g +: 32]),
        .valid_o(exp_valid[g]),
        .y_o    (exp_y[32*g +: 32])
      );

      assign exp_w[32*g +: 32] = over[g] ? INFINITE : sign[g] ? exp_y[32*g +: 32] : ONE;

      fp_add u_add (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (gated_i ? exp_valid[0] : valid_i),
        .sub_i     (center_i || route_i),
        .a_i       (gated_i ? ONE : a_i[32*g +: 32]),
        .b_i       (gated_i ? exp_y[32*g +: 32] : bias_i ? up[32*g +: 32] :
                    center_i || route_i ? r_i : b_i[32*g +: 32]),
        .valid_o   (add_valid[g]),
        .y_o       (add_y[32*g +: 32]),
        .overflow_o(add_overflow[g])
      );

      fp_recip u_rcp (
        .clk_i  (clk_i),
        .rst_ni (rst_ni),
        .valid_i(add_valid[0] && gated_i),
        .sqrt_i (1'b0),
        .x_i    (add_y[32*g +: 32]),
        .valid_o(rcp_valid[g]),
        .y_o    (rcp),
        .error_o(unused_rcp)
      );

      fp_mul u_z (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (rcp_valid[0]),
        .a_i       (w[32*g +: 32]),
        .b_i       (rcp),
        .valid_o   (z_valid[g]),
        .y_o       (z),
        .overflow_o(unused_z)
      );

      fp_mul u_xz (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (z_valid[0] || scale_valid_i || (exp_valid[0] && weighing_i)),
        .a_i       (scale_valid_i ? a_i[32*g +: 32] :
                    route_i ? exp_y[32*g +: 32] : x[32*g +: 32]),
        .b_i       (scale_valid_i ? r_i : route_i ? ONE : z),
        .valid_o   (xz_valid[g]),
        .y_o       (xz),
        .overflow_o(unused_xz)
      );

      fp_mul u_y (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .valid_i   (xz_valid[0]),
        .a_i       (xz),
        .b_i       (up[32*g +: 32]),
        .valid_o   (y_valid[g]),
        .y_o       (y[32*g +: 32]),
        .overflow_o(y_overflow[g])
      );
    end
  endgenerate

  assign p_valid_o    = exp_valid[0] && route_i;
  assign p_o          = exp_y;
  assign p_overflow_o = over;

  assign valid_o    = y_valid[0] || (add_valid[0] && !gated_i && !route_i);
  assign y_o        = y_valid[0] ? y : add_y;
  assign overflow_o = y_valid[0] ? y_overflow : add_overflow;

  wire unused = &{1'b0, exp_valid, add_valid, rcp_valid, z_valid, xz_valid, y_valid};

endmodule

`default_nettype wire
