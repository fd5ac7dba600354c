// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Functions of weight_layout.vh, to be included inside a module.

// What 4 bits of IQ4_NL and IQ4_XS name, 0 first, and those of MXFP4, in halves.
localparam [127:0] WEIGHT_IQ4 = {
  8'd113, 8'd89, 8'd69, 8'd53, 8'd38, 8'd25, 8'd13, 8'd1,
  -8'd10, -8'd22, -8'd35, -8'd49, -8'd65, -8'd83, -8'd104, -8'd127
};
localparam [127:0] WEIGHT_E2M1 = {
  -8'd12, -8'd8, -8'd6, -8'd4, -8'd3, -8'd2, -8'd1, 8'd0,
  8'd12, 8'd8, 8'd6, 8'd4, 8'd3, 8'd2, 8'd1, 8'd0
};

// MXFP4 counts in units of 2^-28 and 2^t, t of 0 to 31. With exponents above that the scale
// grows; below, what 4 bits name is divided, to nearest, ties to even.
function [127:0] mx_names(input [7:0] e);
  case (e)
    8'd99: mx_names = 128'hfafcfdfefeff00000604030202010000;
    8'd98: mx_names = 128'hfdfefeffff0000000302020101000000;
    8'd97: mx_names = 128'hfeffff00000000000201010000000000;
    8'd96: mx_names = 128'hff000000000000000100000000000000;
    default: mx_names = e < 8'd96 ? 128'd0 : WEIGHT_E2M1;
  endcase
endfunction

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

// Sub-scales of types without; and v of those with minimums.
localparam [31:0] WEIGHT_PLAIN = 32'h00000101;
localparam [31:0] WEIGHT_ADDED = 32'h01010101;
