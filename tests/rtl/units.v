// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Test wrapper: the arithmetic leaf units side by side on shared operands. Bit u of valid_i feeds
// unit u and bit u of valid_o announces its result:
//
//     0 fp_add   1 fp_mul     2 round32 W=128   3 round32 W=40   4 fp_exp    5 fp_recip
//     6 rotation 7 fp_to_fixed 8 fp_key         9 bfp_quant 16  10 ... 12   11 ... 8
//
// While bit u of fault_i is set, unit u gives wrong results for some operands: the test must
// notice.
`default_nettype none

module units (
  input  wire          clk_i,
  input  wire          rst_ni,
  input  wire [11:0]   fault_i,
  input  wire [11:0]   valid_i,
  output wire [11:0]   valid_o,
  // Operands
  input  wire [31:0]   a_i,
  input  wire [31:0]   b_i,
  input  wire          flag_i,  // subtract; square root
  input  wire [127:0]  n_i,
  input  wire [9:0]    k_i,
  input  wire [1023:0] x_i,
  // Results; err_o[u] is the error of unit u
  output wire [11:0]   err_o,
  output wire [31:0]   add_o,
  output wire [31:0]   mul_o,
  output wire [31:0]   round128_o,
  output wire [31:0]   round40_o,
  output wire [31:0]   exp_o,
  output wire [31:0]   recip_o,
  output wire [31:0]   cos_o,
  output wire [31:0]   sin_o,
  output wire [16:0]   w16_o,   // of 16 and of 24 bits
  output wire [24:0]   w24_o,
  output wire [1:0]    order_o,  // a < b, a == b
  output wire [511:0]  m16_o,
  output wire [511:0]  m12_o,
  output wire [511:0]  m8_o,
  output wire [4:0]    s16_o,
  output wire [4:0]    s12_o,
  output wire [4:0]    s8_o
);

  `include "float/fp_order.vh"

  wire [31:0] add, mul, round128, round40, exp, recip, cos;
  wire [16:0] w16;
  wire [1:0] order;
  wire [4:0] s16, s12, s8;
  assign add_o = add ^ {31'd0, fault_i[0] && add[7:0] == 8'h5a};
  assign mul_o = mul ^ {31'd0, fault_i[1] && mul[7:0] == 8'h5a};
  assign round128_o = round128 ^ {31'd0, fault_i[2] && round128[7:0] == 8'h5a};
  assign round40_o = round40 ^ {31'd0, fault_i[3] && round40[7:0] == 8'h5a};
  assign exp_o = exp ^ {31'd0, fault_i[4] && exp[7:0] == 8'h5a};
  assign recip_o = recip ^ {31'd0, fault_i[5] && recip[7:0] == 8'h5a};
  assign cos_o = cos ^ {31'd0, fault_i[6] && cos[7:0] == 8'h5a};
  assign w16_o = w16 ^ {16'd0, fault_i[7] && w16[7:0] == 8'h5a};
  assign order_o = order ^ {1'b0, fault_i[8] && order[1]};
  assign s16_o = s16 ^ {4'd0, fault_i[9] && s16 == 5'd7};
  assign s12_o = s12 ^ {4'd0, fault_i[10] && s12 == 5'd7};
  assign s8_o = s8 ^ {4'd0, fault_i[11] && s8 == 5'd7};

  fp_add u_add (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .valid_i(valid_i[0]), .sub_i(flag_i), .a_i(a_i), .b_i(b_i),
    .valid_o(valid_o[0]), .y_o(add), .overflow_o(err_o[0])
  );

  fp_mul u_mul (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .valid_i(valid_i[1]), .a_i(a_i), .b_i(b_i),
    .valid_o(valid_o[1]), .y_o(mul), .overflow_o(err_o[1])
  );

  round32 u_round128 (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .valid_i(valid_i[2]), .n_i(n_i), .k_i(k_i),
    .valid_o(valid_o[2]), .y_o(round128), .overflow_o(err_o[2])
  );

  round32 #(.W(40)) u_round40 (
      .clk_i(clk_i), .rst_ni(rst_ni),
      .valid_i(valid_i[3]), .n_i(n_i[39:0]), .k_i(k_i),
      .valid_o(valid_o[3]), .y_o(round40), .overflow_o(err_o[3])
  );

  fp_exp u_exp (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .valid_i(valid_i[4]), .x_i(a_i),
    .valid_o(valid_o[4]), .y_o(exp)
  );
  assign err_o[4] = 1'b0;

  fp_recip u_recip (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .valid_i(valid_i[5]), .sqrt_i(flag_i), .x_i(a_i),
    .valid_o(valid_o[5]), .y_o(recip), .error_o(err_o[5])
  );

  rotation u_rotation (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .valid_i(valid_i[6]), .phase_i(a_i[23:0]),
    .valid_o(valid_o[6]), .cos_o(cos), .sin_o(sin_o)
  );
  assign err_o[6] = 1'b0;

  fp_to_fixed #(.BITS(16)) u_w16 (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .valid_i(valid_i[7]), .x_i(a_i),
    .valid_o(valid_o[7]), .w_o(w16)
  );
  assign err_o[7] = 1'b0;

  wire unused_valid;
  fp_to_fixed #(.BITS(24)) u_w24 (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .valid_i(valid_i[7]), .x_i(a_i),
    .valid_o(unused_valid), .w_o(w24_o)
  );

  reg order_valid_q;
  reg [31:0] key_a_q, key_b_q;
  always @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) order_valid_q <= 1'b0;
    else order_valid_q <= valid_i[8];
  always @(posedge clk_i)
    if (valid_i[8]) begin
      key_a_q <= fp_key(a_i);
      key_b_q <= fp_key(b_i);
    end
  assign valid_o[8] = order_valid_q;
  assign order = {key_a_q < key_b_q, key_a_q == key_b_q};
  assign err_o[8] = 1'b0;

  bfp_quant u_quant16 (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .valid_i(valid_i[9]), .x_i(x_i),
    .valid_o(valid_o[9]), .m_o(m16_o), .s_o(s16), .range_o(err_o[9])
  );

  bfp_quant #(.BITS(12)) u_quant12 (
      .clk_i(clk_i), .rst_ni(rst_ni),
      .valid_i(valid_i[10]), .x_i(x_i),
      .valid_o(valid_o[10]), .m_o(m12_o), .s_o(s12), .range_o(err_o[10])
  );

  bfp_quant #(.BITS(8)) u_quant8 (
      .clk_i(clk_i), .rst_ni(rst_ni),
      .valid_i(valid_i[11]), .x_i(x_i),
      .valid_o(valid_o[11]), .m_o(m8_o), .s_o(s8), .range_o(err_o[11])
  );

endmodule

`default_nettype wire
