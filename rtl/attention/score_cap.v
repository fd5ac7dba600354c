// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The cap of attention scores, c tanh(z / c); letters are those of docs/numerics.md, section 6.
// exp, the difference 1 - e and the reciprocal are the caller's, who has them for the softmax:
//
//     z -> a (2) -> [e (7)] -> 1 + e, [1 - e] (10) -> [reciprocal (14)] -> t (16) -> c t (18)
//
// Latency 18, throughput 1, no back-pressure. Only a can overflow: c is finite, and t is at most 1.
`default_nettype none

module score_cap (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire [31:0] cap_i,           // c
  input  wire [31:0] slope_i,         // b, 2 / c
  // Score
  input  wire        valid_i,
  input  wire [31:0] z_i,
  // To exp, which looks at no sign; e comes 5 cycles later
  output wire        a_valid_o,
  output wire [31:0] a_o,
  output wire        overflow_o,      // goes with a_o
  input  wire        exp_valid_i,
  input  wire [31:0] exp_i,
  // To the reciprocal, which comes 4 cycles later
  output wire        sum_valid_o,
  output wire [31:0] sum_o,           // 1 + e
  input  wire [31:0] less_i,          // 1 - e, in the same cycle
  input  wire        rcp_valid_i,
  input  wire [31:0] rcp_i,
  // Result
  output wire        valid_o,
  output wire [31:0] y_o
);

  localparam [31:0] ONE = 32'h3f800000;
  localparam LATENCY    = 18;
  localparam WAIT       = 4;          // of 1 - e for the reciprocal

  fp_mul u_slope (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .a_i(z_i), .b_i(slope_i),
    .valid_o(a_valid_o), .y_o(a_o), .overflow_o(overflow_o)
  );

  fp_add u_sum (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(exp_valid_i), .sub_i(1'b0), .a_i(ONE), .b_i(exp_i),
    .valid_o(sum_valid_o), .y_o(sum_o), .overflow_o()
  );

  reg [32*WAIT-1:0] less_q;
  reg [LATENCY-1:0] busy_q, sign_q;   // a score is on its way; its sign
  always @(posedge clk_i) busy_q <= {busy_q[LATENCY-2:0], valid_i};
  always @(posedge clk_i)
    if (valid_i || busy_q != {LATENCY{1'b0}}) begin
      less_q <= {less_q[32*WAIT-33:0], less_i};
      sign_q <= {sign_q[LATENCY-2:0], z_i[31]};
    end

  wire        t_valid, unused_sign;
  wire [31:0] t;
  wire [30:0] magnitude;

  fp_mul u_quotient (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(rcp_valid_i), .a_i(less_q[32*WAIT-1 -: 32]),
    .b_i(rcp_i), .valid_o(t_valid), .y_o(t), .overflow_o()
  );
  fp_mul u_cap (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(t_valid), .a_i(cap_i), .b_i(t),
    .valid_o(valid_o), .y_o({unused_sign, magnitude}), .overflow_o()
  );
  assign y_o = {sign_q[LATENCY-1], magnitude};

endmodule

`default_nettype wire
