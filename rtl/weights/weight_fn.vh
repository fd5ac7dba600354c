// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Functions of the weight path, to be included inside a module behind device_fn.vh: its geometry and the order of
// elements in a lane (constant functions), binary16 to binary32.

// log2 of the blocks a cycle: the power of two next to what a beat holds, at most a block a lane.
// A block of 32 elements takes `halfs` 16-bit units.
function integer weight_log2_blocks(input [11:0] halfs, input integer port_bits,
                                    input integer lanes);
  integer n;
  begin
    weight_log2_blocks = 0;
    for (n = 0; n < 5; n = n + 1)
      if (({20'd0, halfs} << n) < port_bits / 16 && (2 << n) <= lanes) weight_log2_blocks = n + 1;
  end
endfunction

// The largest chunk, in bits: what the array takes in one cycle, of the types that it decodes.
function integer weight_chunk_bits(input integer port_bits, input integer lanes);
  integer t, n;
  begin
    weight_chunk_bits = 1024;
    for (t = 0; t < 64; t = t + 1) begin
      n = {16'd0, device_type_halfs(t[7:0]), 4'd0} <<
          weight_log2_blocks(device_type_halfs(t[7:0]), port_bits, lanes);
      if (n > weight_chunk_bits) weight_chunk_bits = n;
    end
  end
endfunction

// Beats that hold the largest chunk wherever it begins.
function integer weight_window_beats(input integer port_bits, input integer lanes);
  weight_window_beats = (2 * port_bits - 17 + weight_chunk_bits(port_bits, lanes)) / port_bits;
endfunction

// The element of a block at place p in a lane: the order in which the nibbles of Q4_0 fall out of
// 32-bit words, two to a word, when these are shifted left by 0, 4, 8 and 12. Activations and all
// weights lie in that order, so that only wires are spent on it.
function integer weight_element(input integer p);
  integer nibble;
  begin
    nibble = 4 * (p % 2) + 3 - p / 8;
    weight_element = 4 * (p / 2 % 4) + nibble / 2 + 16 * (nibble % 2);
  end
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
