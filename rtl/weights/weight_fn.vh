// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Functions of the weight path, to be included inside a module behind device_fn.vh: its geometry
// (constant functions), binary16 to binary32.

// log2 of the blocks of 32 elements in a chunk: of the type's blocks the power of two next to what
// a beat holds, at most a lane for every 32 elements, but one at least.
function integer weight_log2_blocks(input [7:0] kind, input integer port_bits,
                                    input integer lanes);
  integer n, part;
  begin
    part = {28'd0, device_type_log2(kind)} - 5;
    weight_log2_blocks = part;
    for (n = 0; n < 6; n = n + 1)
      if (({20'd0, device_type_bytes(kind)} << n) < port_bits / 8 && (2 << n << part) <= lanes)
        weight_log2_blocks = part + n + 1;
  end
endfunction

// The last of the type's blocks in a chunk; their number is a power of two.
function integer weight_last_unit(input [7:0] kind, input integer port_bits, input integer lanes);
  weight_last_unit =
      (1 << (weight_log2_blocks(kind, port_bits, lanes) + 5 - {28'd0, device_type_log2(kind)})) - 1;
endfunction

// The largest chunk, in bits, of the types that the array decodes.
function integer weight_chunk_bits(input integer port_bits, input integer lanes);
  integer t, n;
  begin
    weight_chunk_bits = 1024;
    for (t = 0; t < 64; t = t + 1) begin
      n = {17'd0, device_type_bytes(t[7:0]), 3'd0} <<
          (weight_log2_blocks(t[7:0], port_bits, lanes) + 5 - {28'd0, device_type_log2(t[7:0])});
      if (n > weight_chunk_bits) weight_chunk_bits = n;
    end
  end
endfunction

// Bits of a chunk that move for every type; those above it only for types whose chunks are longer.
function integer weight_short_bits(input integer port_bits);
  weight_short_bits = port_bits > 1024 ? port_bits * 9 / 8 : 1152;
endfunction

// Beats that hold the largest chunk wherever it begins.
function integer weight_window_beats(input integer port_bits, input integer lanes);
  weight_window_beats = (2 * port_bits - 9 + weight_chunk_bits(port_bits, lanes)) / port_bits;
endfunction

// The blocks of the longest row that may share a chunk with the next: the activations, whole words
// of LANES blocks, then have room for LANES copies.
function integer weight_longest_joined(input integer blocks, input integer lanes);
  weight_longest_joined = (blocks + lanes - 1) / lanes * lanes - lanes;
endfunction

// By how much the bytes of weight_layout.vh are shifted left.
function [2:0] weight_align(input [7:0] kind);
  case (kind)
    `LOCKSTEP_TYPE_Q4_0: weight_align = 3'd4;
    `LOCKSTEP_TYPE_Q5_0: weight_align = 3'd3;
    `LOCKSTEP_TYPE_Q3_K: weight_align = 3'd5;
    `LOCKSTEP_TYPE_Q6_K: weight_align = 3'd2;
    default: weight_align = 3'd0;
  endcase
endfunction

// The binary32 of a finite binary16, exactly; subnormals become normal numbers.
function [31:0] weight_half(input [15:0] h);
  reg [9:0] f;
  reg [3:0] zeros;
  begin
    f = h[9:0];
    zeros = 4'd0;
    if (f[9:2] == 0) begin
      zeros = zeros + 4'd8;
      f = f << 8;
    end
    if (f[9:6] == 0) begin
      zeros = zeros + 4'd4;
      f = f << 4;
    end
    if (f[9:8] == 0) begin
      zeros = zeros + 4'd2;
      f = f << 2;
    end
    if (!f[9]) begin
      zeros = zeros + 4'd1;
      f = f << 1;
    end
    if (h[14:10] != 0) weight_half = {h[15], {3'd0, h[14:10]} + 8'd112, h[9:0], 13'd0};
    else if (h[9:0] == 0) weight_half = {h[15], 31'd0};
    else weight_half = {h[15], 8'd112 - {4'd0, zeros}, f[8:0], 14'd0};
  end
endfunction
