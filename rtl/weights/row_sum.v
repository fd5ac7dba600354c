// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Adds up the products of all lanes of one slot, exactly, until the row ends, and rounds the sum
// to binary32 once (docs/numerics.md, section 4).
//
// A product of shift s goes, shifted by s mod 16, into accumulator s / 16; the four are merged
// when the row has ended. Of wide products the low 24 bits go there, and the rest into four more
// accumulators that count 2^24 times as much. add_i with the products, merge_i a cycle after the
// row's last, the result 4 cycles after that. A row may end every cycle.
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
  // Of the lanes that hold one, in 64 bits each: the product [53:0] and its shift [59:54], and as
  // much of the minimums if min_i; wide_i: products may reach 2^38
  input  wire [LANES-1:0]    lanes_i,
  input  wire                wide_i,
  input  wire                min_i,
  input  wire [64*LANES-1:0] product_i,
  input  wire [64*LANES-1:0] minimum_i,
  // The row's result is the sum times 2^exponent_i
  input  wire                merge_i,
  input  wire signed [9:0]   exponent_i,
  output wire [31:0]         y_o,
  output wire                overflow_o
);

  // Narrow products are below 2^38, and where there are minimums the two of a block together: so a
  // bin of a row stays below 2^(53 + log2 BLOCKS). The low bits of wide products with minimums,
  // and what is above them, stay below that too.
  localparam GROW = $clog2(BLOCKS);
  localparam BIN_W = GROW > 10 ? 54 + GROW : 64;

  localparam [BIN_W-1:0] SIGN = {{(BIN_W - 54) {1'b0}}, 1'b1, 53'd0};

  // A product of a lane, its sign extended.
  function [BIN_W-1:0] extended(input [53:0] x);
    extended = ({{(BIN_W - 54) {1'b0}}, x} ^ SIGN) - SIGN;
  endfunction

  reg [BIN_W-1:0] bin0_q, bin1_q, bin2_q, bin3_q;
  reg [BIN_W-1:0] high0_q, high1_q, high2_q, high3_q;
  always @(posedge clk_i)
    if (add_i) begin : g_accumulate
      reg [BIN_W-1:0] bin[0:3];
      reg [BIN_W-1:0] high[0:3];
      reg [BIN_W-1:0] term;
      integer l;
      bin[0] = first_i ? {BIN_W{1'b0}} : bin0_q;
      bin[1] = first_i ? {BIN_W{1'b0}} : bin1_q;
      bin[2] = first_i ? {BIN_W{1'b0}} : bin2_q;
      bin[3] = first_i ? {BIN_W{1'b0}} : bin3_q;
      if (!wide_i) begin
        for (l = 0; l < LANES; l = l + 1)
          if (lanes_i[l]) begin
            term = extended(product_i[64*l+:54]) << product_i[64*l+54+:4];
            bin[product_i[64*l+58+:2]] = bin[product_i[64*l+58+:2]] + term;
          end
      end else begin
        high[0] = first_i ? {BIN_W{1'b0}} : high0_q;
        high[1] = first_i ? {BIN_W{1'b0}} : high1_q;
        high[2] = first_i ? {BIN_W{1'b0}} : high2_q;
        high[3] = first_i ? {BIN_W{1'b0}} : high3_q;
        for (l = 0; l < LANES; l = l + 1)
          if (lanes_i[l]) begin
            term = {{(BIN_W - 24) {1'b0}}, product_i[64*l+:24]} << product_i[64*l+54+:4];
            bin[product_i[64*l+58+:2]] = bin[product_i[64*l+58+:2]] + term;
            term = extended({{24{product_i[64*l+53]}}, product_i[64*l+24+:30]}) <<
                product_i[64*l+54+:4];
            high[product_i[64*l+58+:2]] = high[product_i[64*l+58+:2]] + term;
          end
        high0_q <= high[0];
        high1_q <= high[1];
        high2_q <= high[2];
        high3_q <= high[3];
      end
      if (min_i)
        for (l = 0; l < LANES; l = l + 1)
          if (lanes_i[l]) begin
            term = extended(minimum_i[64*l+:54]) << minimum_i[64*l+54+:4];
            bin[minimum_i[64*l+58+:2]] = bin[minimum_i[64*l+58+:2]] + term;
          end
      bin0_q <= bin[0];
      bin1_q <= bin[1];
      bin2_q <= bin[2];
      bin3_q <= bin[3];
    end

  // The sum of four bins.
  function [127:0] merged(input [BIN_W-1:0] b0, input [BIN_W-1:0] b1, input [BIN_W-1:0] b2,
                          input [BIN_W-1:0] b3);
    merged = {{(128 - BIN_W) {b0[BIN_W-1]}}, b0} + {{(112 - BIN_W) {b1[BIN_W-1]}}, b1, 16'd0} +
        {{(96 - BIN_W) {b2[BIN_W-1]}}, b2, 32'd0} + {{(80 - BIN_W) {b3[BIN_W-1]}}, b3, 48'd0};
  endfunction

  reg signed [127:0] n_q;
  reg merged_q;
  always @(posedge clk_i) merged_q <= merge_i;
  always @(posedge clk_i)
    if (merge_i) begin
      if (!wide_i) n_q <= merged(bin0_q, bin1_q, bin2_q, bin3_q);
      else
        n_q <= merged(bin0_q, bin1_q, bin2_q, bin3_q) +
            (merged(high0_q, high1_q, high2_q, high3_q) << 24);
    end

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
