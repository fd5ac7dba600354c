// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Proof of the decoders, rtl/weights/weight_decode.v and what it includes, for one type: of any
// bytes, every element of every lane is what docs/numerics.md says, sections 3 and 11. Written as
// there, element by element, each number by its place in the block.
//
// TYPE is ggml's number; STEP is that of a block of 256 in fewer lanes than eight. Of floats only
// what comes behind block(x, 16) is proved here.
`default_nettype none
`include "generated/device.vh"

module weight_blocks #(
  parameter TYPE      = 2,
  parameter LANES     = 2,
  parameter PORT_BITS = 128,
  parameter STEP      = 0
) (
  input wire       clk_i,
  input wire       load_i,
  input wire [5:0] turn_i
);

  `include "generated/device_fn.vh"
  `include "weights/weight_fn.vh"

  localparam [63:0] TYPES_FLOAT = `LOCKSTEP_TYPES_FLOAT, TYPES_MIN = `LOCKSTEP_TYPES_MIN;
  localparam FLOAT = TYPES_FLOAT[TYPE];
  localparam MIN = TYPES_MIN[TYPE];
  localparam MX = TYPE == `LOCKSTEP_TYPE_MXFP4;
  localparam LONG = device_type_log2(TYPE) == 4'd8;                     // of 256
  localparam BYTES = {20'd0, device_type_bytes(TYPE)};
  localparam CHUNK = weight_chunk_bits(PORT_BITS, LANES);
  localparam FLOATS = 1 << weight_log2_blocks(`LOCKSTEP_TYPE_F16, PORT_BITS, LANES);
  localparam PARTS = 1 << weight_log2_blocks(TYPE, PORT_BITS, LANES);   // of 32, in a chunk

  // Scales follow the load by a cycle (dot_array).
  reg load_q = 1'b0;
  always @(posedge clk_i) load_q <= load_i;

  (* anyseq *) wire [CHUNK-1:0] chunk;
  (* anyseq *) wire [512*FLOATS-1:0] float_m;
  (* anyseq *) wire [5*FLOATS-1:0] float_s;
  wire [256*LANES-1:0] w, high;
  wire [32*LANES-1:0] t, r, scale0, scale1, min0, min1;
  wire [LANES-1:0] nonfinite, range;
  weight_decode #(
    .LANES(LANES),
    .PORT_BITS(PORT_BITS),
    .CHUNK(CHUNK),
    .FLOATS(FLOATS)
  ) u_decode (
    .clk_i(clk_i),
    .load_i(load_i),
    .dot_i(load_q),
    .type_i(TYPE[7:0]),
    .float_i(FLOAT),
    .mx_i(MX),
    .min_i(MIN),
    .f32_i(TYPE == `LOCKSTEP_TYPE_F32),
    .step_i(STEP[2:0]),
    .turn_i(turn_i),
    .chunk_i(chunk),
    .float_m_i(float_m),
    .float_s_i(float_s),
    .w_o(w),
    .high_o(high),
    .t_o(t),
    .r_o(r),
    .scale0_o(scale0),
    .scale1_o(scale1),
    .min0_o(min0),
    .min1_o(min1),
    .nonfinite_o(nonfinite),
    .range_o(range)
  );

  // What was loaded last.
  reg [CHUNK-1:0] chunk_q;
  reg [512*FLOATS-1:0] float_m_q;
  reg [5*FLOATS-1:0] float_s_q;
  reg [5:0] turn_q;
  reg loaded_q = 1'b0, scaled_q = 1'b0;
  always @(posedge clk_i) begin
    if (load_i) begin
      chunk_q <= chunk;
      float_m_q <= float_m;
      float_s_q <= float_s;
      turn_q <= turn_i;
    end
    loaded_q <= loaded_q || load_i;
    scaled_q <= scaled_q || load_q;
  end

  // `count` bits of a byte from bit `first` on; a nibble of one.
  function [15:0] bits(input [7:0] from, input integer first, input integer count);
    bits = {8'd0, from} >> first & ~(16'hffff << count);
  endfunction
  function [15:0] nibble(input [7:0] from, input integer high);
    nibble = {12'd0, high != 0 ? from[7:4] : from[3:0]};
  endfunction
  function [15:0] extended(input [7:0] from);
    extended = {{8{from[7]}}, from};
  endfunction
  // IQ4_NL and IQ4_XS: X[q].
  function [15:0] x_of(input [15:0] q);
    case (q)
      0: x_of = -127;
      1: x_of = -104;
      2: x_of = -83;
      3: x_of = -65;
      4: x_of = -49;
      5: x_of = -35;
      6: x_of = -22;
      7: x_of = -10;
      8: x_of = 1;
      9: x_of = 13;
      10: x_of = 25;
      11: x_of = 38;
      12: x_of = 53;
      13: x_of = 69;
      14: x_of = 89;
      default: x_of = 113;
    endcase
  endfunction
  // MXFP4: F[q], times 2^(e - 100) where e is below 100, to nearest, ties to even.
  function [15:0] f_of(input [15:0] q, input [7:0] e);
    reg [15:0] size, rest, one;
    begin
      size = q[2:0] < 4 ? q[2:0] : q[2:0] == 4 ? 4 : q[2:0] == 5 ? 6 : q[2:0] == 6 ? 8 : 12;
      one = 16'd1 << 100 - e;
      rest = size & (one - 16'd1);
      if (e < 90) size = 0;
      else if (e < 100) begin
        size = size >> 100 - e;
        if (2 * rest > one || (2 * rest == one && size[0])) size = size + 16'd1;
      end
      f_of = q[3] ? -size : size;
    end
  endfunction
  // TQ1_0: digit n of a byte.
  function [15:0] digit(input [7:0] from, input integer n);
    reg [7:0] rest;
    begin
      rest = from * (n == 0 ? 8'd1 : n == 1 ? 8'd3 : n == 2 ? 8'd9 : n == 3 ? 8'd27 : 8'd81);
      digit = 16'd3 * {8'd0, rest} >> 8;
    end
  endfunction
  // Section 3: g and t of a binary16.
  function [31:0] g_of(input [15:0] d);
    reg [31:0] size;
    begin
      size = (d[14:10] == 0 ? 32'd0 : 32'd1024) + {22'd0, d[9:0]};
      g_of = d[15] ? -size : size;
    end
  endfunction
  function [31:0] t_of(input [15:0] d);
    t_of = d[14:10] == 0 ? 32'd0 : {27'd0, d[14:10]} - 32'd1;
  endfunction

  // Factors of scales and minimums, which are multiplied a cycle later.
  (* hierconn *) wire [32*LANES-1:0] \u_decode.g_q , \u_decode.h_q , \u_decode.sub_q ;
  function [31:0] long(input [7:0] x);
    long = ({24'd0, x} ^ 32'h80) - 32'h80;
  endfunction

  // Of each lane what is not as it should be.
  wire [LANES-1:0] bad, large, wrong_shift, wrong_factor, wrong_scale, wrong_nonfinite, wrong_range;
  wire [32*LANES-1:0] wrong_weight;
  wire [2*LANES-1:0] wrong_sub;
  genvar l, i;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      wire [31:0] g = \u_decode.g_q [32*l+:32];
      wire [31:0] h = \u_decode.h_q [32*l+:32];
      wire [31:0] sub = \u_decode.sub_q [32*l+:32];
      reg [127:0] product_q;
      always @(posedge clk_i)
        if (load_q)
          product_q <= {h * long(sub[31:24]), h * long(sub[23:16]),
                        g * long(sub[15:8]), g * long(sub[7:0])};
      wire [5:0] from = l - turn_q;   // in the order of the chunk
      assign wrong_nonfinite[l] = nonfinite[from&(LANES-1)] != bad[l];
      assign wrong_range[l] = !bad[l] && range[from&(LANES-1)] != large[l];
      if (FLOAT) begin : g_float
        wire [511:0] m = float_m_q[512*(from&(PARTS-1))+:512];
        assign bad[l] = 1'b0;
        assign large[l] = 1'b0;
        assign wrong_shift[l] = t[32*l+:32] != {27'd0, float_s_q[5*(from&(PARTS-1))+:5]};
        assign wrong_factor[l] = 1'b0;
        assign wrong_scale[l] = 1'b0;
        for (i = 0; i < 32; i = i + 1) begin : g_element
          localparam AT = 32 * (LANES * (i / 4) + l) + 8 * (i % 4);
          assign wrong_weight[32*l+i] =
              {high[AT+:8], 8'd0} + extended(w[AT+:8]) + 16'd128 != m[16*i+:16];
        end
        assign wrong_sub = 0;
      end else begin : g_block
        // Lane l has block l mod P, or of block floor(l / 8) part l mod 8 or one after the other.
        localparam INDEX = LONG ? l / 8 & (PARTS - 1) / 8 : l & PARTS - 1;
        wire [8*BYTES-1:0] b = chunk_q[8*BYTES*INDEX+:8*BYTES];
        localparam D = TYPE == `LOCKSTEP_TYPE_Q2_K ? 80 : TYPE == `LOCKSTEP_TYPE_Q3_K ? 108 :
                       TYPE == `LOCKSTEP_TYPE_Q6_K ? 208 : TYPE == `LOCKSTEP_TYPE_TQ1_0 ? 52 :
                       TYPE == `LOCKSTEP_TYPE_TQ2_0 ? 64 : 0;
        wire [15:0] d = MX ? {8'd0, b[7:0]} : b[8*D+:16];
        wire [15:0] m = MIN ? b[8*D+16+:16] : 16'd0;
        assign bad[l] = MX ? d == 255 : d[14:10] == 31 || m[14:10] == 31;
        assign large[l] = MX && d > 142;
        wire fine = !bad[l] && !large[l];
        assign wrong_shift[l] = fine && (
            t[32*l+:32] != (!MX ? t_of(d) : d < 100 ? 32'd0 : d < 132 ? d - 32'd100 : 32'd31) ||
            (MIN && r[32*l+:32] != t_of(m)));
        assign wrong_factor[l] = fine && (
            g != (!MX ? g_of(d) : d < 132 ? 32'd1 : 32'd1 << d - 16'd131) ||
            (MIN && h != g_of(m)));
        assign wrong_scale[l] = {scale1[32*l+:32], scale0[32*l+:32]} != product_q[63:0] ||
            (MIN && {min1[32*l+:32], min0[32*l+:32]} != product_q[127:64]);

        // Section 11, of column 32 p + i.
        localparam p = LONG ? (LANES * STEP + l) % 8 : 0;
        for (i = 0; i < 32; i = i + 1) begin : g_element
          localparam AT = 32 * (LANES * (i / 4) + l) + 8 * (i % 4);
          localparam C = 32 * p + i;
          wire [15:0] q;
          case (TYPE)
            `LOCKSTEP_TYPE_Q4_0: assign q = nibble(b[8*(2+i%16)+:8], i / 16) - 8;
            `LOCKSTEP_TYPE_Q4_1: assign q = nibble(b[8*(4+i%16)+:8], i / 16);
            `LOCKSTEP_TYPE_Q5_0:
              assign q = nibble(b[8*(6+i%16)+:8], i / 16) + {b[8*2+i], 4'd0} - 16;
            `LOCKSTEP_TYPE_Q5_1:
              assign q = nibble(b[8*(8+i%16)+:8], i / 16) + {b[8*4+i], 4'd0};
            `LOCKSTEP_TYPE_Q8_0: assign q = extended(b[8*(2+i)+:8]);
            `LOCKSTEP_TYPE_IQ4_NL: assign q = x_of(nibble(b[8*(2+i%16)+:8], i / 16));
            `LOCKSTEP_TYPE_MXFP4: assign q = f_of(nibble(b[8*(1+i%16)+:8], i / 16), d[7:0]);
            `LOCKSTEP_TYPE_Q2_K: assign q = bits(b[8*(16+32*(p/4)+i)+:8], 2 * (p % 4), 2);
            `LOCKSTEP_TYPE_Q3_K:
              assign q = bits(b[8*(32+32*(p/4)+i)+:8], 2 * (p % 4), 2) + {b[8*i+p], 2'd0} - 4;
            `LOCKSTEP_TYPE_Q4_K: assign q = nibble(b[8*(16+32*(p/2)+i)+:8], p % 2);
            `LOCKSTEP_TYPE_Q5_K:
              assign q = nibble(b[8*(48+32*(p/2)+i)+:8], p % 2) + {b[8*(16+i)+p], 4'd0};
            `LOCKSTEP_TYPE_Q6_K:
              assign q = nibble(b[8*(64*(p/4)+32*(p%2)+i)+:8], p % 4 / 2) +
                  16 * bits(b[8*(128+32*(p/4)+i)+:8], 2 * (p % 4), 2) - 32;
            `LOCKSTEP_TYPE_IQ4_XS: assign q = x_of(nibble(b[8*(8+16*p+i%16)+:8], i / 16));
            `LOCKSTEP_TYPE_TQ1_0:
              if (C < 160) assign q = digit(b[8*i+:8], p) - 1;
              else if (C < 240) assign q = digit(b[8*(32+i%16)+:8], (C - 160) / 16) - 1;
              else assign q = digit(b[8*(48+i%4)+:8], (C - 240) / 4) - 1;
            default:   // TQ2_0
              assign q = bits(b[8*(32*(p/4)+i)+:8], 2 * (p % 4), 2) - 1;
          endcase
          assign wrong_weight[32*l+i] =
              fine && extended(w[AT+:8]) != q << weight_align(TYPE);
        end
        for (i = 0; i < 2; i = i + 1) begin : g_half
          localparam K = 2 * p + i;
          wire [15:0] sc, v;
          case (TYPE)
            `LOCKSTEP_TYPE_Q2_K: begin
              assign sc = b[8*K+:4];
              assign v = -{12'd0, b[8*K+4+:4]};
            end
            `LOCKSTEP_TYPE_Q3_K: begin
              assign sc = {b[8*(96+8+K%4)+2*(K/4)+:2], b[8*(96+K%8)+4*(K/8)+:4]} - 32;
              assign v = 0;
            end
            `LOCKSTEP_TYPE_Q4_K, `LOCKSTEP_TYPE_Q5_K:
              if (p < 4) begin
                assign sc = b[8*(4+p)+:6];
                assign v = -{10'd0, b[8*(4+p+4)+:6]};
              end else begin
                assign sc = {b[8*(4+p-4)+6+:2], b[8*(4+p+4)+:4]};
                assign v = -{10'd0, b[8*(4+p)+6+:2], b[8*(4+p+4)+4+:4]};
              end
            `LOCKSTEP_TYPE_Q6_K: begin
              assign sc = extended(b[8*(192+K)+:8]);
              assign v = 0;
            end
            `LOCKSTEP_TYPE_IQ4_XS: begin
              assign sc = {b[8*2+2*p+:2], b[8*(4+p/2)+4*(p%2)+:4]} - 32;
              assign v = 0;
            end
            default: begin
              assign sc = 1;
              assign v = 1;
            end
          endcase
          assign wrong_sub[2*l+i] = fine && (extended(sub[8*i+:8]) != sc ||
              (MIN && extended(sub[16+8*i+:8]) != v));
        end
      end
    end
  endgenerate

  always @* begin
    if (loaded_q) begin
      weights: assert (wrong_weight == 0);
      shifts: assert (wrong_shift == 0);
      if (!FLOAT) factors: assert (wrong_factor == 0 && wrong_sub == 0);
      nonfinites: assert (wrong_nonfinite == 0);
      ranges: assert (wrong_range == 0);
    end
    if (scaled_q && !FLOAT) scales: assert (wrong_scale == 0);

    cover (scaled_q && load_i && bad == 0 && large == 0);
    if (!FLOAT) cover (loaded_q && (MX ? large != 0 : bad != 0));
  end

endmodule

`default_nettype wire
