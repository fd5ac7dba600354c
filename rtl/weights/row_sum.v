// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Adds up the products of all lanes of one slot, exactly, until the row ends, and rounds the sum
// to binary32 once (docs/numerics.md, section 4).
//
// A product of shift s goes, shifted by s mod 16, into accumulator s / 16; the four are merged
// when the row has ended. add_i with the products, merge_i a cycle after the row's last, the
// result 4 cycles after that. A row may end every cycle.
`default_nettype none
`include "generated/defaults.vh"

module row_sum #(
  parameter LANES  = `LOCKSTEP_DEFAULT_LANES,
  parameter BLOCKS = 512  // of the longest row, up to 4096
) (
  input  wire                clk_i,
  input  wire                rst_ni,
  // first_i: the first chunk of a row
  input  wire                add_i,
  input  wire                first_i,
  // Of the lanes that hold one, in 64 bits each: the product [39:0] and its shift [45:40]
  input  wire [LANES-1:0]    lanes_i,
  input  wire [64*LANES-1:0] product_i,
  // The row's result is the sum times 2^exponent_i
  input  wire                merge_i,
  input  wire signed [9:0]   exponent_i,
  output wire [31:0]         y_o,
  output wire                overflow_o
);

  // |product| < 2^38, so that a bin of a row stays below 2^(53 + log2 BLOCKS).
  localparam GROW = $clog2(BLOCKS);
  localparam BIN_W = GROW > 10 ? 54 + GROW : 64;

  localparam [BIN_W-1:0] SIGN = {{(BIN_W - 40) {1'b0}}, 1'b1, 39'd0};

  reg [BIN_W-1:0] bin0_q, bin1_q, bin2_q, bin3_q;
  always @(posedge clk_i)
    if (add_i) begin : g_accumulate
      reg [BIN_W-1:0] bin[0:3];
      reg [BIN_W-1:0] term;
      integer l;
      bin[0] = first_i ? {BIN_W{1'b0}} : bin0_q;
      bin[1] = first_i ? {BIN_W{1'b0}} : bin1_q;
      bin[2] = first_i ? {BIN_W{1'b0}} : bin2_q;
      bin[3] = first_i ? {BIN_W{1'b0}} : bin3_q;
      for (l = 0; l < LANES; l = l + 1)
        if (lanes_i[l]) begin
          term = ({{(BIN_W - 40) {1'b0}}, product_i[64*l+:40]} ^ SIGN) - SIGN;
          term = term << product_i[64*l+40+:4];
          bin[product_i[64*l+44+:2]] = bin[product_i[64*l+44+:2]] + term;
        end
      bin0_q <= bin[0];
      bin1_q <= bin[1];
      bin2_q <= bin[2];
      bin3_q <= bin[3];
    end

  reg signed [127:0] n_q;
  reg merged_q;
  always @(posedge clk_i) merged_q <= merge_i;
  always @(posedge clk_i)
    if (merge_i)
      n_q <= {{(128 - BIN_W) {bin0_q[BIN_W-1]}}, bin0_q} +
          {{(112 - BIN_W) {bin1_q[BIN_W-1]}}, bin1_q, 16'd0} +
          {{(96 - BIN_W) {bin2_q[BIN_W-1]}}, bin2_q, 32'd0} +
          {{(80 - BIN_W) {bin3_q[BIN_W-1]}}, bin3_q, 48'd0};

  wire unused_valid;
  round32 #(
    .W(128)
  ) u_round (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .valid_i(merged_q),
    .n_i(n_q),
    .k_i(exponent_i),
    .valid_o(unused_valid),
    .y_o(y_o),
    .overflow_o(overflow_o)
  );

endmodule

`default_nettype wire
