// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// One slot of the dot array: in each lane the product of a weight block and an activation block,
// scale * (sum of w_i * m_i), and of the minimums, min * (sum of m_i), added up exactly over all
// lanes until the row ends, and rounded to binary32 once (docs/numerics.md, section 4). The
// elements below 16 and those from 16 on may have scales and minimums of their own. Lanes may
// belong to two rows: the second has a sum of its own, which may go on with the next chunk.
//
// Pipeline: dot_i with the operands; scale_i with scales and minimums a cycle later; add_i a cycle
// after that, merge_i a cycle after the row's last, the result 4 cycles later. Two rows may end
// every cycle. Words of a lane stand as weight_decode and act_sram have them, 32 bits a lane, side
// by side.
`default_nettype none
`include "generated/defaults.vh"

module dot_slot #(
  parameter LANES  = `LOCKSTEP_DEFAULT_LANES,
  parameter BLOCKS = 512  // of the longest row, up to 4096
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 dot_i,
  input  wire                 scale_i,
  input  wire                 add_i,
  // With add_i: the chunk begins a row, or goes on with the second row of the one before; the lanes
  // that hold blocks of its first row, and of its second, if any
  input  wire                 first_i,
  input  wire                 second_goes_on_i,
  input  wire [LANES-1:0]     lanes_i,
  input  wire                 two_i,
  input  wire [LANES-1:0]     second_lanes_i,
  input  wire                 merge_i,
  input  wire                 merge_second_i,
  // The type: has minimums; has high bytes; products may reach 2^38; bytes are 2^align_i times the
  // weights
  input  wire                 min_i,
  input  wire                 float_i,
  input  wire                 wide_i,
  input  wire [2:0]           align_i,
  // Shifts: a product is to be taken at t + s, a minimum at r + s
  input  wire [32*LANES-1:0]  t_i,
  input  wire [32*LANES-1:0]  r_i,
  input  wire [32*LANES-1:0]  s_i,
  // 32 signed bytes a lane, 4 to a word; 32 signed 16-bit numbers, 2 to a word, |m| <= 32767
  input  wire [256*LANES-1:0] w_i,
  input  wire [256*LANES-1:0] high_i,
  input  wire [512*LANES-1:0] m_i,
  input  wire [32*LANES-1:0]  scale0_i,
  input  wire [32*LANES-1:0]  scale1_i,
  input  wire [32*LANES-1:0]  min0_i,
  input  wire [32*LANES-1:0]  min1_i,
  // A row's result is the sum times 2^exponent_i
  input  wire signed [9:0]    exponent_i,
  output wire [31:0]          y_o,
  output wire                 overflow_o,
  output wire [31:0]          second_y_o,
  output wire                 second_overflow_o
);

  // Lanes stand in groups, each with bins of its own; the sums of the groups meet behind merge_i.
  localparam GROUP = LANES < 16 ? LANES : 16;
  localparam GROUPS = LANES / GROUP;

  // Narrow products are below 2^38, and where there are minimums the two of a block together: so a
  // bin of a row of which the group has N blocks stays below 2^(53 + log2 N). The low bits of wide
  // products with minimums, and what is above them, stay below that too.
  localparam GROW = $clog2((BLOCKS + LANES - 1) / LANES * GROUP);
  localparam BIN_W = GROW > 10 ? 54 + GROW : 64;

  // A number is sign-extended by (x ^ sign) - sign, which simulators fold.
  function [31:0] extended8(input [7:0] x);
    extended8 = ({24'd0, x} ^ 32'h80) - 32'h80;
  endfunction
  function [31:0] extended16(input [15:0] x);
    extended16 = ({16'd0, x} ^ 32'h8000) - 32'h8000;
  endfunction
  function signed [63:0] extended32(input [31:0] x);
    extended32 = ({32'd0, x} ^ 64'h80000000) - 64'h80000000;
  endfunction
  function [BIN_W-1:0] extended(input [63:0] x);
    extended = {{(BIN_W - 63) {x[63]}}, x[62:0]};
  endfunction

  // Of 4 elements: the sum of their products, and of the activations.
  function [31:0] dot4(input [31:0] w, input [31:0] m0, input [31:0] m1);
    dot4 = (extended8(w[7:0]) * extended16(m0[15:0]) + extended8(w[15:8]) * extended16(m0[31:16])) +
        (extended8(w[23:16]) * extended16(m1[15:0]) + extended8(w[31:24]) * extended16(m1[31:16]));
  endfunction
  function [31:0] sum4(input [31:0] m0, input [31:0] m1);
    sum4 = (extended16(m0[15:0]) + extended16(m0[31:16])) +
        (extended16(m1[15:0]) + extended16(m1[31:16]));
  endfunction

  // The sum of four bins.
  function [127:0] merged(input [BIN_W-1:0] b0, input [BIN_W-1:0] b1, input [BIN_W-1:0] b2,
                          input [BIN_W-1:0] b3);
    merged = {{(128 - BIN_W) {b0[BIN_W-1]}}, b0} + {{(112 - BIN_W) {b1[BIN_W-1]}}, b1, 16'd0} +
        {{(96 - BIN_W) {b2[BIN_W-1]}}, b2, 32'd0} + {{(80 - BIN_W) {b3[BIN_W-1]}}, b3, 48'd0};
  endfunction

  wire [2*LANES-1:0] lanes = {second_lanes_i, lanes_i};

  reg merged_q, second_merged_q;
  always @(posedge clk_i) begin
    merged_q <= merge_i;
    second_merged_q <= merge_second_i;
  end

  genvar g;
  generate
    for (g = 0; g < GROUPS; g = g + 1) begin : g_group
      localparam FIRST = GROUP * g;

      // The stages, last one first: each reads the registers of the one before and then sets its
      // own.
      reg signed [127:0] n_q, second_n_q;
      always @(posedge clk_i) begin : g_stages
        reg [31:0] dot0[0:GROUP-1];  // 28 bits; synthesis merges the copies of the sign
        reg [31:0] dot1[0:GROUP-1];
        reg [31:0] high[0:GROUP-1];
        reg [31:0] sum0[0:GROUP-1];  // 20 bits
        reg [31:0] sum1[0:GROUP-1];
        reg [31:0] shift0[0:GROUP-1];  // 6 bits
        reg [31:0] min_shift0[0:GROUP-1];
        reg signed [63:0] product[0:GROUP-1];  // 54 bits
        reg signed [63:0] minimum[0:GROUP-1];  // 39 bits
        reg [31:0] shift1[0:GROUP-1];
        reg [31:0] min_shift1[0:GROUP-1];
        reg [BIN_W-1:0] bin[0:7];  // of the row, from 4 on of the second
        reg [BIN_W-1:0] top[0:7];  // of the wide products what is above the low 24 bits
        reg [BIN_W-1:0] term[0:GROUP-1];
        reg [31:0] part[0:8*GROUP-1];  // of 4 elements
        reg [BIN_W-1:0] kept[0:GROUP-1];  // all ones in lanes of the row
        reg signed [63:0] low;  // mask: the low 24 bits of wide products, all bits of others
        integer l, b, k, n;

        if (merge_i) begin
          if (!wide_i) n_q <= merged(bin[0], bin[1], bin[2], bin[3]);
          else
            n_q <= merged(bin[0], bin[1], bin[2], bin[3]) +
                (merged(top[0], top[1], top[2], top[3]) << 24);
        end
        if (merge_second_i) begin
          if (!wide_i) second_n_q <= merged(bin[4], bin[5], bin[6], bin[7]);
          else
            second_n_q <= merged(bin[4], bin[5], bin[6], bin[7]) +
                (merged(top[4], top[5], top[6], top[7]) << 24);
        end

        // A product of shift s goes, shifted by s mod 16, into bin s / 16.
        low = wide_i ? 64'hffffff : ~64'd0;
        if (add_i) begin
          if (first_i)
            for (b = 0; b < 4; b = b + 1) begin
              bin[b] = {BIN_W{1'b0}};
              top[b] = {BIN_W{1'b0}};
            end
          else if (second_goes_on_i)
            for (b = 0; b < 4; b = b + 1) begin
              bin[b] = bin[4+b];
              top[b] = top[4+b];
            end
          if (two_i)
            for (b = 4; b < 8; b = b + 1) begin
              bin[b] = {BIN_W{1'b0}};
              top[b] = {BIN_W{1'b0}};
            end
          for (n = 0; n < 8; n = n + 4)
            if (n == 0 || two_i) begin
              for (l = 0; l < GROUP; l = l + 1) kept[l] = {BIN_W{lanes[FIRST+l+n/4*LANES]}};
              for (l = 0; l < GROUP; l = l + 1)
                term[l] = extended(product[l] & low) << shift1[l][3:0] & kept[l];
              for (b = 0; b < 4; b = b + 1)
                for (l = 0; l < GROUP; l = l + 1)
                  bin[n+b] = bin[n+b] + (shift1[l][5:4] == b[1:0] ? term[l] : {BIN_W{1'b0}});
              if (wide_i) begin
                for (l = 0; l < GROUP; l = l + 1)
                  term[l] = extended(product[l] >>> 24) << shift1[l][3:0] & kept[l];
                for (b = 0; b < 4; b = b + 1)
                  for (l = 0; l < GROUP; l = l + 1)
                    top[n+b] = top[n+b] + (shift1[l][5:4] == b[1:0] ? term[l] : {BIN_W{1'b0}});
              end
              if (min_i) begin
                for (l = 0; l < GROUP; l = l + 1)
                  term[l] = extended(minimum[l]) << min_shift1[l][3:0] & kept[l];
                for (b = 0; b < 4; b = b + 1)
                  for (l = 0; l < GROUP; l = l + 1)
                    bin[n+b] = bin[n+b] + (min_shift1[l][5:4] == b[1:0] ? term[l] : {BIN_W{1'b0}});
              end
            end
        end

        if (scale_i) begin
          for (l = 0; l < GROUP; l = l + 1) shift1[l] = shift0[l];
          if (float_i)
            for (l = 0; l < GROUP; l = l + 1)
              product[l] = extended32(dot0[l] + dot1[l] + ((sum0[l] + sum1[l]) << 7)) +
                  (extended32(high[l]) << 8);
          else
            for (l = 0; l < GROUP; l = l + 1)
              product[l] = extended32($signed(dot0[l]) >>> align_i) *
                  extended32(scale0_i[32*(FIRST+l)+:32]) +
                  extended32($signed(dot1[l]) >>> align_i) *
                  extended32(scale1_i[32*(FIRST+l)+:32]);
          if (min_i)
            for (l = 0; l < GROUP; l = l + 1) begin
              minimum[l] = extended32(sum0[l]) * extended32(min0_i[32*(FIRST+l)+:32]) +
                  extended32(sum1[l]) * extended32(min1_i[32*(FIRST+l)+:32]);
              min_shift1[l] = min_shift0[l];
            end
        end

        if (dot_i) begin
          for (k = 0; k < 8; k = k + 1)
            for (l = 0; l < GROUP; l = l + 1)
              part[GROUP*k+l] = dot4(w_i[32*(LANES*k+FIRST+l)+:32], m_i[32*(LANES*2*k+FIRST+l)+:32],
                                     m_i[32*(LANES*(2*k+1)+FIRST+l)+:32]);
          for (l = 0; l < GROUP; l = l + 1)
            dot0[l] = (part[l] + part[GROUP+l]) + (part[2*GROUP+l] + part[3*GROUP+l]);
          for (l = 0; l < GROUP; l = l + 1)
            dot1[l] = (part[4*GROUP+l] + part[5*GROUP+l]) + (part[6*GROUP+l] + part[7*GROUP+l]);
          for (l = 0; l < GROUP; l = l + 1)
            shift0[l] = t_i[32*(FIRST+l)+:32] + s_i[32*(FIRST+l)+:32];
          if (min_i || float_i) begin
            for (k = 0; k < 8; k = k + 1)
              for (l = 0; l < GROUP; l = l + 1)
                part[GROUP*k+l] = sum4(m_i[32*(LANES*2*k+FIRST+l)+:32],
                                       m_i[32*(LANES*(2*k+1)+FIRST+l)+:32]);
            for (l = 0; l < GROUP; l = l + 1)
              sum0[l] = (part[l] + part[GROUP+l]) + (part[2*GROUP+l] + part[3*GROUP+l]);
            for (l = 0; l < GROUP; l = l + 1)
              sum1[l] = (part[4*GROUP+l] + part[5*GROUP+l]) + (part[6*GROUP+l] + part[7*GROUP+l]);
          end
          if (min_i)
            for (l = 0; l < GROUP; l = l + 1)
              min_shift0[l] = r_i[32*(FIRST+l)+:32] + s_i[32*(FIRST+l)+:32];
          if (float_i) begin
            for (k = 0; k < 8; k = k + 1)
              for (l = 0; l < GROUP; l = l + 1)
                part[GROUP*k+l] = dot4(high_i[32*(LANES*k+FIRST+l)+:32],
                                       m_i[32*(LANES*2*k+FIRST+l)+:32],
                                       m_i[32*(LANES*(2*k+1)+FIRST+l)+:32]);
            for (l = 0; l < GROUP; l = l + 1)
              high[l] = ((part[l] + part[GROUP+l]) + (part[2*GROUP+l] + part[3*GROUP+l])) +
                  ((part[4*GROUP+l] + part[5*GROUP+l]) + (part[6*GROUP+l] + part[7*GROUP+l]));
          end
        end
      end

      // With the groups before; in the cycle in which they are wanted.
      reg [127:0] row, second_row;
      if (g == 0) begin : g_first
        always @* row = merged_q ? n_q : 128'd0;
        always @* second_row = second_merged_q ? second_n_q : 128'd0;
      end else begin : g_further
        always @* row = merged_q ? g_group[g-1].row + n_q : 128'd0;
        always @* second_row = second_merged_q ? g_group[g-1].second_row + second_n_q : 128'd0;
      end
    end
  endgenerate

  wire unused_valid, unused_second_valid;
  round32 #(
    .W(128)
  ) u_round (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .valid_i(merged_q),
    .n_i(g_group[GROUPS-1].row),
    .k_i(exponent_i),
    .valid_o(unused_valid),
    .y_o(y_o),
    .overflow_o(overflow_o)
  );
  round32 #(
    .W(128)
  ) u_round_second (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .valid_i(second_merged_q),
    .n_i(g_group[GROUPS-1].second_row),
    .k_i(exponent_i),
    .valid_o(unused_second_valid),
    .y_o(second_y_o),
    .overflow_o(second_overflow_o)
  );

endmodule

`default_nettype wire
