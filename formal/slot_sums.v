// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Proof of a slot of the dot array, rtl/weights/dot_slot.v, of two lanes, for any operands and any
// words in its registers: what it adds up for a block is the plain sum of products, what a chunk
// adds to the bins of a row are its terms, and a row is the sum of its bins. Each stage is proved
// from the registers of the one before. That no bin wraps is shown of the numbers.
`default_nettype none

module slot_sums #(
  parameter BLOCKS = 4096
) (
  input wire       clk_i,
  input wire       rst_ni,
  input wire       dot_i,
  input wire       scale_i,
  input wire       add_i,
  input wire       first_i,
  input wire       goes_on_i,
  input wire [1:0] lanes_i,
  input wire       two_i,
  input wire [1:0] second_i,
  input wire       merge_i,
  input wire       merge_second_i
);

  localparam LANES = 2;
  localparam LONGEST = (BLOCKS + LANES - 1) / LANES * LANES;
  localparam GROW = $clog2(LONGEST);
  localparam BIN_W = GROW > 10 ? 54 + GROW : 64;
  localparam W = BIN_W + 4;  // with bits to spare

  // The type, and operands.
  (* anyconst *) wire mins, floats, wide;
  (* anyconst *) wire [2:0] align;
  (* anyseq *) wire [63:0] t, r, s, scale0, scale1, min0, min1;
  (* anyseq *) wire [511:0] w, high;
  (* anyseq *) wire [1023:0] m;
  (* anyseq *) wire [9:0] exponent;
  wire [31:0] y, second_y;
  wire overflow, second_overflow;
  dot_slot #(
    .LANES (LANES),
    .BLOCKS(BLOCKS)
  ) u_slot (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .dot_i(dot_i),
    .scale_i(scale_i),
    .add_i(add_i),
    .first_i(first_i),
    .second_goes_on_i(goes_on_i),
    .lanes_i(lanes_i),
    .two_i(two_i),
    .second_lanes_i(second_i),
    .merge_i(merge_i),
    .merge_second_i(merge_second_i),
    .min_i(mins),
    .float_i(floats),
    .wide_i(wide),
    .align_i(align),
    .t_i(t),
    .r_i(r),
    .s_i(s),
    .w_i(w),
    .high_i(high),
    .m_i(m),
    .scale0_i(scale0),
    .scale1_i(scale1),
    .min0_i(min0),
    .min1_i(min1),
    .exponent_i(exponent),
    .y_o(y),
    .overflow_o(overflow),
    .second_y_o(second_y),
    .second_overflow_o(second_overflow)
  );

  // Its registers, lane by lane, and bin by bin.
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.dot0[0] ,
                  \u_slot.g_group[0].g_stages.dot0[1] ;
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.dot1[0] ,
                  \u_slot.g_group[0].g_stages.dot1[1] ;
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.high[0] ,
                  \u_slot.g_group[0].g_stages.high[1] ;
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.sum0[0] ,
                  \u_slot.g_group[0].g_stages.sum0[1] ;
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.sum1[0] ,
                  \u_slot.g_group[0].g_stages.sum1[1] ;
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.shift0[0] ;
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.shift0[1] ;
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.shift1[0] ;
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.shift1[1] ;
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.min_shift0[0] ;
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.min_shift0[1] ;
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.min_shift1[0] ;
  (* hierconn *) wire [31:0] \u_slot.g_group[0].g_stages.min_shift1[1] ;
  (* hierconn *) wire [63:0] \u_slot.g_group[0].g_stages.product[0] ;
  (* hierconn *) wire [63:0] \u_slot.g_group[0].g_stages.product[1] ;
  (* hierconn *) wire [63:0] \u_slot.g_group[0].g_stages.minimum[0] ;
  (* hierconn *) wire [63:0] \u_slot.g_group[0].g_stages.minimum[1] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.bin[0] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.bin[1] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.bin[2] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.bin[3] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.bin[4] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.bin[5] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.bin[6] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.bin[7] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.top[0] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.top[1] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.top[2] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.top[3] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.top[4] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.top[5] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.top[6] ;
  (* hierconn *) wire [BIN_W-1:0] \u_slot.g_group[0].g_stages.top[7] ;
  (* hierconn *) wire [127:0] \u_slot.g_group[0].row ;
  (* hierconn *) wire [127:0] \u_slot.g_group[0].second_row ;
  wire [63:0] dot0 = {\u_slot.g_group[0].g_stages.dot0[1] , \u_slot.g_group[0].g_stages.dot0[0] };
  wire [63:0] dot1 = {\u_slot.g_group[0].g_stages.dot1[1] , \u_slot.g_group[0].g_stages.dot1[0] };
  wire [63:0] highs = {\u_slot.g_group[0].g_stages.high[1] , \u_slot.g_group[0].g_stages.high[0] };
  wire [63:0] sum0 = {\u_slot.g_group[0].g_stages.sum0[1] , \u_slot.g_group[0].g_stages.sum0[0] };
  wire [63:0] sum1 = {\u_slot.g_group[0].g_stages.sum1[1] , \u_slot.g_group[0].g_stages.sum1[0] };
  wire [63:0] shift0 = {\u_slot.g_group[0].g_stages.shift0[1] ,
                        \u_slot.g_group[0].g_stages.shift0[0] };
  wire [63:0] shift1 = {\u_slot.g_group[0].g_stages.shift1[1] ,
                        \u_slot.g_group[0].g_stages.shift1[0] };
  wire [63:0] min_shift0 = {\u_slot.g_group[0].g_stages.min_shift0[1] ,
                            \u_slot.g_group[0].g_stages.min_shift0[0] };
  wire [63:0] min_shift1 = {\u_slot.g_group[0].g_stages.min_shift1[1] ,
                            \u_slot.g_group[0].g_stages.min_shift1[0] };
  wire [127:0] product = {\u_slot.g_group[0].g_stages.product[1] ,
                          \u_slot.g_group[0].g_stages.product[0] };
  wire [127:0] minimum = {\u_slot.g_group[0].g_stages.minimum[1] ,
                          \u_slot.g_group[0].g_stages.minimum[0] };
  // Bins of the row, of the second, and their tops.
  wire [16*BIN_W-1:0] bins = {
    \u_slot.g_group[0].g_stages.top[7] , \u_slot.g_group[0].g_stages.top[6] ,
    \u_slot.g_group[0].g_stages.top[5] , \u_slot.g_group[0].g_stages.top[4] ,
    \u_slot.g_group[0].g_stages.top[3] , \u_slot.g_group[0].g_stages.top[2] ,
    \u_slot.g_group[0].g_stages.top[1] , \u_slot.g_group[0].g_stages.top[0] ,
    \u_slot.g_group[0].g_stages.bin[7] , \u_slot.g_group[0].g_stages.bin[6] ,
    \u_slot.g_group[0].g_stages.bin[5] , \u_slot.g_group[0].g_stages.bin[4] ,
    \u_slot.g_group[0].g_stages.bin[3] , \u_slot.g_group[0].g_stages.bin[2] ,
    \u_slot.g_group[0].g_stages.bin[1] , \u_slot.g_group[0].g_stages.bin[0]
  };

  // Signed numbers, in the slot's own words, so that a solver sees the same products; that they are
  // what they should be is part of `dots`.
  function [31:0] extended8(input [7:0] x);
    extended8 = ({24'd0, x} ^ 32'h80) - 32'h80;
  endfunction
  function [31:0] extended16(input [15:0] x);
    extended16 = ({16'd0, x} ^ 32'h8000) - 32'h8000;
  endfunction
  function signed [63:0] extended32(input [31:0] x);
    extended32 = ({32'd0, x} ^ 64'h80000000) - 64'h80000000;
  endfunction
  (* anyconst *) wire [31:0] any;

  // A block: sums over elements 0 to 15 and 16 to 31, one after the other.
  reg dotted_q = 1'b0, scaled_q = 1'b0;
  reg [63:0] dot0_q, dot1_q, highs_q, sum0_q, sum1_q, shift_q, min_shift_q;
  integer l, i, b, n;
  always @(posedge clk_i) begin : g_dots
    reg [31:0] d0, d1, h, s0, s1, w_i, high_w, m_i;
    dotted_q <= dot_i;
    if (dot_i)
      for (l = 0; l < LANES; l = l + 1) begin
        d0 = 32'd0;
        d1 = 32'd0;
        h = 32'd0;
        s0 = 32'd0;
        s1 = 32'd0;
        for (i = 0; i < 32; i = i + 1) begin
          // Words of a lane: 4 weights, 2 activations.
          w_i = extended8(w[32*(LANES*(i/4)+l)+8*(i%4)+:8]);
          high_w = extended8(high[32*(LANES*(i/4)+l)+8*(i%4)+:8]);
          m_i = extended16(m[32*(LANES*(i/2)+l)+16*(i%2)+:16]);
          if (i < 16) d0 = d0 + w_i * m_i;
          else d1 = d1 + w_i * m_i;
          if (i < 16) s0 = s0 + m_i;
          else s1 = s1 + m_i;
          h = h + high_w * m_i;
        end
        dot0_q[32*l+:32] <= d0;
        dot1_q[32*l+:32] <= d1;
        highs_q[32*l+:32] <= h;
        sum0_q[32*l+:32] <= s0;
        sum1_q[32*l+:32] <= s1;
        shift_q[32*l+:32] <= t[32*l+:32] + s[32*l+:32];
        min_shift_q[32*l+:32] <= r[32*l+:32] + s[32*l+:32];
      end
  end

  // Its product, and that of its minimums.
  reg [127:0] product_q, minimum_q;
  reg [63:0] shift1_q, min_shift1_q;
  always @(posedge clk_i) begin
    scaled_q <= scale_i;
    if (scale_i)
      for (l = 0; l < LANES; l = l + 1) begin
        if (floats)
          product_q[64*l+:64] <= extended32(dot0[32*l+:32] + dot1[32*l+:32] +
                                            ((sum0[32*l+:32] + sum1[32*l+:32]) << 7)) +
                                 (extended32(highs[32*l+:32]) << 8);
        else
          product_q[64*l+:64] <=
              extended32($signed(dot0[32*l+:32]) >>> align) * extended32(scale0[32*l+:32]) +
              extended32($signed(dot1[32*l+:32]) >>> align) * extended32(scale1[32*l+:32]);
        minimum_q[64*l+:64] <= extended32(sum0[32*l+:32]) * extended32(min0[32*l+:32]) +
                               extended32(sum1[32*l+:32]) * extended32(min1[32*l+:32]);
        shift1_q[32*l+:32] <= shift0[32*l+:32];
        min_shift1_q[32*l+:32] <= min_shift0[32*l+:32];
      end
  end

  // Rows: bins of what has a shift of 0 to 15, 16 to 31, ...; [4] on: of the second; [8] on: of
  // what is above 24 bits of wide products. A chunk adds its lanes' terms, and nothing else does.
  function [BIN_W-1:0] term(input [63:0] x, input [31:0] shift, input kept);
    term = {{(BIN_W - 63) {x[63]}}, x[62:0]} << shift[3:0] & {BIN_W{kept}};
  endfunction
  reg [16*BIN_W-1:0] bins_q;
  reg began_q = 1'b0, added_q = 1'b0, two_q = 1'b0;
  wire [63:0] low = wide ? 64'hffffff : ~64'd0;
  always @(posedge clk_i) begin : g_rows
    reg [BIN_W-1:0] bin, top, x;
    began_q <= 1'b1;
    added_q <= add_i;
    two_q <= add_i && two_i;
    bins_q <= bins;
    for (n = 0; n < 2; n = n + 1)
      if (add_i && (n == 0 || two_i))
        for (b = 0; b < 4; b = b + 1) begin
          bin = bins[BIN_W*b+:BIN_W];
          top = bins[BIN_W*(8+b)+:BIN_W];
          if (first_i || n == 1) begin
            bin = 0;
            top = 0;
          end else if (goes_on_i) begin
            bin = bins[BIN_W*(4+b)+:BIN_W];
            top = bins[BIN_W*(12+b)+:BIN_W];
          end
          for (l = 0; l < LANES; l = l + 1) begin
            x = term(product[64*l+:64] & low, shift1[32*l+:32],
                     n == 0 ? lanes_i[l] : second_i[l]);
            bin = bin + (shift1[32*l+4+:2] == b[1:0] ? x : 0);
          end
          if (wide)
            for (l = 0; l < LANES; l = l + 1) begin
              x = term($signed(product[64*l+:64]) >>> 24, shift1[32*l+:32],
                       n == 0 ? lanes_i[l] : second_i[l]);
              top = top + (shift1[32*l+4+:2] == b[1:0] ? x : 0);
            end
          if (mins)
            for (l = 0; l < LANES; l = l + 1) begin
              x = term(minimum[64*l+:64], min_shift1[32*l+:32],
                       n == 0 ? lanes_i[l] : second_i[l]);
              bin = bin + (min_shift1[32*l+4+:2] == b[1:0] ? x : 0);
            end
          bins_q[BIN_W*(4*n+b)+:BIN_W] <= bin;
          bins_q[BIN_W*(8+4*n+b)+:BIN_W] <= top;
        end
  end

  // Any bin, and what a chunk adds to it: of either lane a product and a minimum.
  (* anyseq *) wire [63:0] any_x;
  (* anyseq *) wire [31:0] any_shift;
  (* anyseq *) wire [BIN_W-1:0] any_bin, any_x0, any_x1, any_min0, any_min1;
  (* anyseq *) wire [GROW:0] any_blocks;
  (* anyseq *) wire [1:0] any_lanes;
  wire [W-1:0] any_sum = spare(any_bin) + spare(any_x0) + spare(any_x1) + spare(any_min0) +
      spare(any_min1);
  wire [GROW+1:0] all_blocks = any_blocks + any_lanes[0] + any_lanes[1];
  function [W-1:0] spare(input [BIN_W-1:0] x);
    spare = {{4{x[BIN_W-1]}}, x};
  endfunction
  // From -2^n to below 2^n.
  function fits(input [BIN_W-1:0] x, input integer n);
    fits = (x ^ {BIN_W{x[BIN_W-1]}}) >> n == 0;
  endfunction
  // From -blocks * 2^53 to below blocks * 2^53; of no block 0.
  function within(input [W-1:0] x, input [GROW+1:0] blocks);
    reg signed [W-54:0] part, most;
    begin
      part = x[W-1:53];
      most = blocks;
      within = blocks == 0 ? x == 0 : part >= -most && part < most;
    end
  endfunction

  // What merge_i takes, of both rows.
  function [127:0] long(input [BIN_W-1:0] x);
    long = {{(128 - BIN_W) {x[BIN_W-1]}}, x};
  endfunction
  function [127:0] whole(input [4*BIN_W-1:0] four);
    whole = long(four[0+:BIN_W]) + (long(four[BIN_W+:BIN_W]) << 16) +
        (long(four[2*BIN_W+:BIN_W]) << 32) + (long(four[3*BIN_W+:BIN_W]) << 48);
  endfunction
  reg [127:0] n_q, second_n_q;
  reg merged_q = 1'b0, second_merged_q = 1'b0;
  always @(posedge clk_i) begin
    merged_q <= merge_i;
    second_merged_q <= merge_second_i;
    if (wide) begin
      n_q <= whole(bins[0+:4*BIN_W]) + (whole(bins[8*BIN_W+:4*BIN_W]) << 24);
      second_n_q <= whole(bins[4*BIN_W+:4*BIN_W]) + (whole(bins[12*BIN_W+:4*BIN_W]) << 24);
    end else begin
      n_q <= whole(bins[0+:4*BIN_W]);
      second_n_q <= whole(bins[4*BIN_W+:4*BIN_W]);
    end
  end

  always @* begin
    dots_2: assert (extended8(any[7:0]) == {{24{any[7]}}, any[7:0]} &&
                    extended16(any[15:0]) == {{16{any[15]}}, any[15:0]} &&
                    extended32(any) == {{32{any[31]}}, any});
    if (dotted_q) begin
      dots_1: assert (dot0 == dot0_q && dot1 == dot1_q);
      if (floats) highs_1: assert (highs == highs_q);
      if (floats || mins) sums: assert (sum0 == sum0_q && sum1 == sum1_q);
      shifts_1: assert (shift0 == shift_q && (!mins || min_shift0 == min_shift_q));
    end
    if (scaled_q) begin
      products: assert (product == product_q);
      if (mins) minimums: assert (minimum == minimum_q);
      shifts_2: assert (shift1 == shift1_q && (!mins || min_shift1 == min_shift1_q));
    end
    if (added_q) begin
      bins_1: assert (bins[0+:4*BIN_W] == bins_q[0+:4*BIN_W]);
      if (wide) bins_2: assert (bins[8*BIN_W+:4*BIN_W] == bins_q[8*BIN_W+:4*BIN_W]);
    end
    if (two_q) begin
      bins_3: assert (bins[4*BIN_W+:4*BIN_W] == bins_q[4*BIN_W+:4*BIN_W]);
      if (wide) bins_4: assert (bins[12*BIN_W+:4*BIN_W] == bins_q[12*BIN_W+:4*BIN_W]);
    end
    if (began_q && !added_q)
      bins_5: assert (bins[0+:4*BIN_W] == bins_q[0+:4*BIN_W] &&
                      bins[8*BIN_W+:4*BIN_W] == bins_q[8*BIN_W+:4*BIN_W]);
    if (began_q && !two_q)
      bins_6: assert (bins[4*BIN_W+:4*BIN_W] == bins_q[4*BIN_W+:4*BIN_W] &&
                      bins[12*BIN_W+:4*BIN_W] == bins_q[12*BIN_W+:4*BIN_W]);
    // Products are below 2^38, with minimums both below 2^37, wide ones below 2^62.
    if (fits({{(BIN_W - 63) {any_x[63]}}, any_x[62:0]}, 38))
      no_wrap_2: assert (fits(term(any_x, any_shift, 1'b1), 53));
    if (fits({{(BIN_W - 63) {any_x[63]}}, any_x[62:0]}, 37))
      no_wrap_3: assert (fits(term(any_x, any_shift, 1'b1), 52));
    if (within(spare(any_bin), {1'b0, any_blocks}) && all_blocks <= LONGEST &&
        (any_lanes[0] || (any_x0 == 0 && any_min0 == 0)) &&
        (any_lanes[1] || (any_x1 == 0 && any_min1 == 0)) &&
        fits(any_x0, mins ? 52 : 53) && fits(any_x1, mins ? 52 : 53) &&
        fits(any_min0, 52) && fits(any_min1, 52) && (mins || (any_min0 == 0 && any_min1 == 0)))
      no_wrap_1: assert (within(any_sum, all_blocks) && spare(any_sum[BIN_W-1:0]) == any_sum);
    if (merged_q) rows_1: assert (\u_slot.g_group[0].row == n_q);
    if (second_merged_q) rows_2: assert (\u_slot.g_group[0].second_row == second_n_q);

    cover (dotted_q && floats);
    cover (scaled_q && mins && wide && align == 3'd4);
    cover (began_q && add_i && two_i && wide && mins);
    cover (merged_q && second_merged_q && wide);
    cover (all_blocks == LONGEST && any_lanes == 2'b11 && within(spare(any_bin), any_blocks));
  end

endmodule

`default_nettype wire
