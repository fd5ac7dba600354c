// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// How the types that are no floats lie in their blocks (drawn in docs/numerics.md, section 11), to
// be included inside a module. A block of 256 has 8
// parts of 32 elements; a type of 32 has part 0 alone.

// What 4 bits of IQ4_NL and IQ4_XS name, 0 first, and those of MXFP4, in halves.
localparam [127:0] WEIGHT_IQ4 = {
  8'd113, 8'd89, 8'd69, 8'd53, 8'd38, 8'd25, 8'd13, 8'd1,
  -8'd10, -8'd22, -8'd35, -8'd49, -8'd65, -8'd83, -8'd104, -8'd127
};
localparam [127:0] WEIGHT_E2M1 = {
  -8'd12, -8'd8, -8'd6, -8'd4, -8'd3, -8'd2, -8'd1, 8'd0,
  8'd12, 8'd8, 8'd6, 8'd4, 8'd3, 8'd2, 8'd1, 8'd0
};

// The functions below work on 4 bytes, an element each.

// What the high or low 4 bits of each name in such a table.
function [31:0] weight_names(input [127:0] names, input [31:0] bytes, input high);
  reg [63:0] n0, n8;
  reg [15:0] n;
  begin
    {n8, n0} = names;
    n = high ? {bytes[31:28], bytes[23:20], bytes[15:12], bytes[7:4]} :
        {bytes[27:24], bytes[19:16], bytes[11:8], bytes[3:0]};
    weight_names = {
      n[15] ? n8[{n[14:12], 3'd0}+:8] : n0[{n[14:12], 3'd0}+:8],
      n[11] ? n8[{n[10:8], 3'd0}+:8] : n0[{n[10:8], 3'd0}+:8],
      n[7] ? n8[{n[6:4], 3'd0}+:8] : n0[{n[6:4], 3'd0}+:8],
      n[3] ? n8[{n[2:0], 3'd0}+:8] : n0[{n[2:0], 3'd0}+:8]
    };
  end
endfunction

// Each less 1; they are below 128.
function [31:0] weight_less_one(input [31:0] bytes);
  weight_less_one = ((bytes | 32'h80808080) - 32'h01010101) ^ 32'h80808080;
endfunction

// Bit i as bit 0 of byte i.
function [31:0] weight_bits(input [3:0] bits);
  weight_bits = {7'd0, bits[3], 7'd0, bits[2], 7'd0, bits[1], 7'd0, bits[0]};
endfunction

// Digit n, 0..4, of bytes of TQ1_0, the highest first: 3 * (byte * 3^n mod 256) / 256.
function [31:0] weight_digits(input [31:0] bytes, input [31:0] n);
  reg [31:0] power, even, odd;
  begin
    power = n == 0 ? 1 : n == 1 ? 3 : n == 2 ? 9 : n == 3 ? 27 : 81;
    even = (bytes & 32'h00ff00ff) * power & 32'h00ff00ff;
    odd = (bytes >> 8 & 32'h00ff00ff) * power & 32'h00ff00ff;
    weight_digits = (even * 32'd3) >> 8 & 32'h00030003 | odd * 32'd3 & 32'h03000300;
  end
endfunction

// {v, sub-scales} of Q4_K and Q5_K, 6 bits each of 12 bytes.
function [31:0] weight_sixes(input [95:0] bytes, input [31:0] part);
  reg [7:0] sub, least;
  begin
    sub = {2'd0, bytes[8*(part%4)+:6]};
    least = {2'd0, bytes[32+8*(part%4)+:6]};
    if (part >= 4) begin
      sub = {2'd0, bytes[8*(part%4)+6+:2], bytes[64+8*(part%4)+:4]};
      least = {2'd0, bytes[32+8*(part%4)+6+:2], bytes[68+8*(part%4)+:4]};
    end
    weight_sixes = {-least, -least, sub, sub};
  end
endfunction

// A part of a block:
//   [319:304] m or dmin, [303:288] d        binary16; MXFP4: d is its 8 bits
//   [287:280] [279:272] v of the elements from 16 on, and before, signed
//   [271:264] [263:256] their sub-scales, signed; 1 in types without
//   [255:0]             integers, a signed byte an element, times 2^weight_align: a number of n
//                       bits less 2^(n-1) is that number at the top, its highest bit inverted
localparam [31:0] WEIGHT_PLAIN = 32'h00000101;
localparam [31:0] WEIGHT_ADDED = 32'h01010101;

function [319:0] block_q4_0(input [143:0] block);
  reg [255:0] q;
  reg [31:0] x;
  integer k;
  begin
    for (k = 0; k < 4; k = k + 1) begin
      x = block[16+32*k+:32] ^ 32'h88888888;
      q[32*k+:32] = x << 4 & 32'hf0f0f0f0;
      q[32*k+128+:32] = x & 32'hf0f0f0f0;
    end
    block_q4_0 = {16'd0, block[0+:16], WEIGHT_PLAIN, q};
  end
endfunction

function [319:0] block_q4_1(input [159:0] block);
  reg [255:0] q;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1)
      q[32*k+:32] = block[32+32*(k%4)+:32] >> 4 * (k / 4) & 32'h0f0f0f0f;
    block_q4_1 = {block[0+:32], WEIGHT_ADDED, q};
  end
endfunction

function [319:0] block_q5_0(input [175:0] block);
  reg [255:0] q;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1)
      q[32*k+:32] = (block[48+32*(k%4)+:32] >> 4 * (k / 4) & 32'h0f0f0f0f |
                     weight_bits(~block[16+4*k+:4]) << 4) << 3;
    block_q5_0 = {16'd0, block[0+:16], WEIGHT_PLAIN, q};
  end
endfunction

function [319:0] block_q5_1(input [191:0] block);
  reg [255:0] q;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1)
      q[32*k+:32] = block[64+32*(k%4)+:32] >> 4 * (k / 4) & 32'h0f0f0f0f |
          weight_bits(block[32+4*k+:4]) << 4;
    block_q5_1 = {block[0+:32], WEIGHT_ADDED, q};
  end
endfunction

function [319:0] block_q8_0(input [271:0] block);
  reg [255:0] q;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1) q[32*k+:32] = block[16+32*k+:32];
    block_q8_0 = {16'd0, block[0+:16], WEIGHT_PLAIN, q};
  end
endfunction

function [319:0] block_iq4_nl(input [143:0] block);
  reg [255:0] q;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1)
      q[32*k+:32] = weight_names(WEIGHT_IQ4, block[16+32*(k%4)+:32], k >= 4);
    block_iq4_nl = {16'd0, block[0+:16], WEIGHT_PLAIN, q};
  end
endfunction

function [319:0] block_iq4_xs(input [1087:0] block, input [31:0] part);
  reg [255:0] q;
  reg [7:0] a;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1)
      q[32*k+:32] = weight_names(WEIGHT_IQ4, block[64+128*part+32*(k%4)+:32], k >= 4);
    a = {2'd0, block[16+2*part+:2], block[32+4*part+:4]};
    a = {{3{!a[5]}}, a[4:0]};  // less 32
    block_iq4_xs = {16'd0, block[0+:16], 16'd0, a, a, q};
  end
endfunction

// names: WEIGHT_E2M1, or rounded
function [319:0] block_mxfp4(input [135:0] block, input [127:0] names);
  reg [255:0] q;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1)
      q[32*k+:32] = weight_names(names, block[8+32*(k%4)+:32], k >= 4);
    block_mxfp4 = {24'd0, block[0+:8], WEIGHT_PLAIN, q};
  end
endfunction

function [319:0] block_q2_k(input [671:0] block, input [31:0] part);
  reg [255:0] q;
  reg [7:0] a, b;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1)
      q[32*k+:32] = block[128+256*(part/4)+32*k+:32] >> 2 * (part % 4) & 32'h03030303;
    a = block[16*part+:8];
    b = block[16*part+8+:8];
    block_q2_k = {
      block[640+:32], -{4'd0, b[7:4]}, -{4'd0, a[7:4]}, 4'd0, b[3:0], 4'd0, a[3:0], q
    };
  end
endfunction

function [319:0] block_q3_k(input [879:0] block, input [31:0] part);
  reg [255:0] q;
  reg [7:0] a, b;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1)
      q[32*k+:32] = (block[256+256*(part/4)+32*k+:32] >> 2 * (part % 4) & 32'h03030303 |
                     (~block[32*k+:32] >> part & 32'h01010101) << 2) << 5;
    a = {
      2'd0, block[832+16*(part%2)+2*(part/2)+:2], block[768+16*(part%4)+4*(part/4)+:4]
    };
    a = {{3{!a[5]}}, a[4:0]};  // less 32
    b = {
      2'd0, block[840+16*(part%2)+2*(part/2)+:2], block[776+16*(part%4)+4*(part/4)+:4]
    };
    b = {{3{!b[5]}}, b[4:0]};
    block_q3_k = {16'd0, block[864+:16], 16'd0, b, a, q};
  end
endfunction

function [319:0] block_q4_k(input [1151:0] block, input [31:0] part);
  reg [255:0] q;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1)
      q[32*k+:32] = block[128+256*(part/2)+32*k+:32] >> 4 * (part % 2) & 32'h0f0f0f0f;
    block_q4_k = {block[0+:32], weight_sixes(block[32+:96], part), q};
  end
endfunction

function [319:0] block_q5_k(input [1407:0] block, input [31:0] part);
  reg [255:0] q;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1)
      q[32*k+:32] = block[384+256*(part/2)+32*k+:32] >> 4 * (part % 2) & 32'h0f0f0f0f |
          (block[128+32*k+:32] >> part & 32'h01010101) << 4;
    block_q5_k = {block[0+:32], weight_sixes(block[32+:96], part), q};
  end
endfunction

function [319:0] block_q6_k(input [1679:0] block, input [31:0] part);
  reg [255:0] q;
  reg [31:0] x;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1) begin
      x = block[512*(part/4)+256*(part%2)+32*k+:32] >> 4 * (part / 2 % 2) & 32'h0f0f0f0f;
      x = x | (block[1024+256*(part/4)+32*k+:32] >> 2 * (part % 4) & 32'h03030303) << 4;
      q[32*k+:32] = (x ^ 32'h20202020) << 2;
    end
    block_q6_k = {16'd0, block[1664+:16], 16'd0, block[1536+16*part+:16], q};
  end
endfunction

function [319:0] block_tq1_0(input [431:0] block, input [31:0] part);
  reg [255:0] q;
  reg [31:0] x, n;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1) begin
      x = part < 5 ? block[32*k+:32] : part < 7 || k < 4 ? block[256+32*(k%4)+:32] :
          block[384+:32];
      n = part < 5 ? part : part < 7 ? 2 * (part - 5) + k / 4 : k < 4 ? 4 : k - 4;
      q[32*k+:32] = weight_less_one(weight_digits(x, n));
    end
    block_tq1_0 = {16'd0, block[416+:16], WEIGHT_PLAIN, q};
  end
endfunction

function [319:0] block_tq2_0(input [527:0] block, input [31:0] part);
  reg [255:0] q;
  integer k;
  begin
    for (k = 0; k < 8; k = k + 1)
      q[32*k+:32] = weight_less_one(
          block[256*(part/4)+32*k+:32] >> 2 * (part % 4) & 32'h03030303);
    block_tq2_0 = {16'd0, block[512+:16], WEIGHT_PLAIN, q};
  end
endfunction
