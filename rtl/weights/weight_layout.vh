// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// How the types that are no floats lie in their blocks (drawn in docs/numerics.md, section 11), to
// be included inside a module behind generated/device.vh. A block of 256 has 8 parts of 32
// elements; a type of 32 has part 0 alone.

// What 4 bits of IQ4_NL and IQ4_XS name.
function [7:0] weight_iq4(input [3:0] code);
  case (code)
    4'd0: weight_iq4 = -8'd127;
    4'd1: weight_iq4 = -8'd104;
    4'd2: weight_iq4 = -8'd83;
    4'd3: weight_iq4 = -8'd65;
    4'd4: weight_iq4 = -8'd49;
    4'd5: weight_iq4 = -8'd35;
    4'd6: weight_iq4 = -8'd22;
    4'd7: weight_iq4 = -8'd10;
    4'd8: weight_iq4 = 8'd1;
    4'd9: weight_iq4 = 8'd13;
    4'd10: weight_iq4 = 8'd25;
    4'd11: weight_iq4 = 8'd38;
    4'd12: weight_iq4 = 8'd53;
    4'd13: weight_iq4 = 8'd69;
    4'd14: weight_iq4 = 8'd89;
    default: weight_iq4 = 8'd113;
  endcase
endfunction

// What 4 bits of MXFP4 name, in halves.
function [7:0] weight_e2m1(input [3:0] code);
  reg [7:0] magnitude;
  begin
    magnitude = code[2:1] == 0 ? {7'd0, code[0]} : {6'd0, 1'b1, code[0]} << (code[2:1] - 2'd1);
    weight_e2m1 = code[3] ? -magnitude : magnitude;
  end
endfunction

// Digit n, 0..4, of a byte of TQ1_0, the highest first.
function [1:0] weight_digit(input [7:0] fraction, input [2:0] n);
  reg [7:0] rest;
  begin
    case (n)
      3'd0: rest = fraction;
      3'd1: rest = fraction * 8'd3;
      3'd2: rest = fraction * 8'd9;
      3'd3: rest = fraction * 8'd27;
      default: rest = fraction * 8'd81;
    endcase
    weight_digit = rest < 8'd86 ? 2'd0 : rest < 8'd171 ? 2'd1 : 2'd2;
  end
endfunction

// Nibbles of 16 bytes as 32 bytes: the low ones, then the high ones.
function [255:0] weight_nibbles(input [127:0] bytes);
  weight_nibbles = {bytes >> 4 & {16{8'h0f}}, bytes & {16{8'h0f}}};
endfunction

// Bit i of a word as bit 4 of byte i.
function [255:0] weight_fifth(input [31:0] word);
  integer i;
  begin
    weight_fifth = 256'd0;
    for (i = 0; i < 32; i = i + 1) weight_fifth[8*i+4] = word[i];
  end
endfunction

// By how much the bytes of weight_block are shifted left.
function [2:0] weight_align(input [7:0] kind);
  case (kind)
    `LOCKSTEP_TYPE_Q4_0: weight_align = 3'd4;
    `LOCKSTEP_TYPE_Q5_0: weight_align = 3'd3;
    `LOCKSTEP_TYPE_Q3_K: weight_align = 3'd5;
    `LOCKSTEP_TYPE_Q6_K: weight_align = 3'd2;
    default: weight_align = 3'd0;
  endcase
endfunction

// A part of a block:
//   [319:304] m or dmin, [303:288] d        binary16; MXFP4: none
//   [287:280] [279:272] v of the elements from 16 on, and before, signed
//   [271:264] [263:256] their sub-scales, signed; 1 in types without
//   [255:0]             integers, a signed byte an element, times 2^weight_align: a number of n
//                       bits less 2^(n-1) is that number at the top, its highest bit inverted
function [319:0] weight_block(input [7:0] kind, input [8*`LOCKSTEP_BLOCK_BYTES-1:0] block,
                              input [2:0] part);
  reg [255:0] q;
  reg [31:0] halves;
  reg [15:0] sub, v, s;
  reg [7:0] a, b, c;
  reg [1:0] code;
  reg [2:0] n;
  integer i;
  begin
    q = 256'd0;
    halves = block[31:0];
    sub = 16'h0101;
    v = 16'd0;
    s = 16'd0;
    a = 8'd0;
    b = 8'd0;
    c = 8'd0;
    code = 2'd0;
    n = 3'd0;
    case (kind)
      `LOCKSTEP_TYPE_Q4_0: q = (weight_nibbles(block[16+:128]) ^ {32{8'h08}}) << 4;
      `LOCKSTEP_TYPE_Q4_1: begin
        q = weight_nibbles(block[32+:128]);
        v = 16'h0101;
      end
      `LOCKSTEP_TYPE_Q5_0:
        q = (weight_nibbles(block[48+:128]) | weight_fifth(~block[16+:32])) << 3;
      `LOCKSTEP_TYPE_Q5_1: begin
        q = weight_nibbles(block[64+:128]) | weight_fifth(block[32+:32]);
        v = 16'h0101;
      end
      `LOCKSTEP_TYPE_Q8_0: q = block[16+:256];
      `LOCKSTEP_TYPE_IQ4_NL, `LOCKSTEP_TYPE_IQ4_XS: begin
        if (kind == `LOCKSTEP_TYPE_IQ4_NL) q = weight_nibbles(block[16+:128]);
        else begin
          q = weight_nibbles(block[11'd64+{1'b0, part, 7'd0}+:128]);
          a = {2'd0, block[11'd16+{7'd0, part, 1'b0}+:2], block[11'd32+{6'd0, part, 2'd0}+:4]};
          a = {{3{!a[5]}}, a[4:0]};  // less 32
          sub = {a, a};
        end
        for (i = 0; i < 32; i = i + 1) q[8*i+:8] = weight_iq4(q[8*i+:4]);
      end
      `LOCKSTEP_TYPE_MXFP4: begin
        q = weight_nibbles(block[8+:128]);
        for (i = 0; i < 32; i = i + 1) q[8*i+:8] = weight_e2m1(q[8*i+:4]);
      end
      `LOCKSTEP_TYPE_Q2_K: begin
        q = block[11'd128+{2'd0, part[2], 8'd0}+:256] >> {part[1:0], 1'b0} & {32{8'h03}};
        s = block[{4'd0, part, 4'd0}+:16];
        sub = {4'd0, s[11:8], 4'd0, s[3:0]};
        v = {-{4'd0, s[15:12]}, -{4'd0, s[7:4]}};
        halves = block[640+:32];
      end
      `LOCKSTEP_TYPE_Q3_K: begin
        q = block[11'd256+{2'd0, part[2], 8'd0}+:256] >> {part[1:0], 1'b0} & {32{8'h03}};
        q = (q | (~block[0+:256] >> part & {32{8'h01}}) << 2) << 5;
        s = block[11'd768+{5'd0, part[1:0], 4'd0}+:16] >> {part[2], 2'd0};
        a = block[11'd832+{6'd0, part[0], 4'd0}+:8] >> {part[2:1], 1'b0};
        b = block[11'd840+{6'd0, part[0], 4'd0}+:8] >> {part[2:1], 1'b0};
        // less 32
        sub = {{3{!b[1]}}, b[0], s[11:8], {3{!a[1]}}, a[0], s[3:0]};
        halves = {16'd0, block[864+:16]};
      end
      `LOCKSTEP_TYPE_Q4_K, `LOCKSTEP_TYPE_Q5_K: begin
        a = block[11'd32+{6'd0, part[1:0], 3'd0}+:8];
        b = block[11'd64+{6'd0, part[1:0], 3'd0}+:8];
        c = block[11'd96+{6'd0, part[1:0], 3'd0}+:8];
        sub = {2{part[2] ? {2'd0, a[7:6], c[3:0]} : {2'd0, a[5:0]}}};
        v = {2{-(part[2] ? {2'd0, b[7:6], c[7:4]} : {2'd0, b[5:0]})}};
        if (kind == `LOCKSTEP_TYPE_Q4_K)
          q = block[11'd128+{1'b0, part[2:1], 8'd0}+:256] >> {part[0], 2'd0} & {32{8'h0f}};
        else
          q = block[11'd384+{1'b0, part[2:1], 8'd0}+:256] >> {part[0], 2'd0} & {32{8'h0f}} |
              (block[128+:256] >> part & {32{8'h01}}) << 4;
      end
      `LOCKSTEP_TYPE_Q6_K: begin
        q = block[{1'b0, part[2], part[0], 8'd0}+:256] >> {part[1], 2'd0} & {32{8'h0f}};
        q = q | (block[11'd1024+{2'd0, part[2], 8'd0}+:256] >> {part[1:0], 1'b0} &
                 {32{8'h03}}) << 4;
        q = (q ^ {32{8'h20}}) << 2;
        sub = block[11'd1536+{4'd0, part, 4'd0}+:16];
        halves = {16'd0, block[1664+:16]};
      end
      `LOCKSTEP_TYPE_TQ1_0: begin
        for (i = 0; i < 32; i = i + 1) begin
          n = part < 3'd5 ? part : part < 3'd7 ? {1'b0, part[1], i[4]} :
              i < 16 ? 3'd4 : {1'b0, i[3:2]};
          a = part < 3'd5 ? block[8*i+:8] :
              part < 3'd7 || i < 16 ? block[256+8*(i%16)+:8] : block[384+8*(i%4)+:8];
          code = weight_digit(a, n);
          q[8*i+:8] = {6'd0, code} - 8'd1;
        end
        halves = {16'd0, block[416+:16]};
      end
      `LOCKSTEP_TYPE_TQ2_0: begin
        q = block[{2'd0, part[2], 8'd0}+:256] >> {part[1:0], 1'b0} & {32{8'h03}};
        for (i = 0; i < 32; i = i + 1) q[8*i+:8] = q[8*i+:8] - 8'd1;
        halves = {16'd0, block[512+:16]};
      end
      default: ;
    endcase
    weight_block = {halves, v, sub, q};
  end
endfunction
