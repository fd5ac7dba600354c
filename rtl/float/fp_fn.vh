// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Functions of binary32 arithmetic, to be included inside a module: count leading zeros, and the
// one place that rounds, flushes and detects overflow (docs/numerics.md, section 1).

// Leading zeros of `x`, 0..31; 31 also if x is 0.
function [4:0] fp_lzc32(input [31:0] x);
  reg [31:0] t;
  reg [ 4:0] n;
  begin
    n[4] = x[31:16] == 0;
    t = n[4] ? x << 16 : x;
    n[3] = t[31:24] == 0;
    t = n[3] ? t << 8 : t;
    n[2] = t[31:28] == 0;
    t = n[2] ? t << 4 : t;
    n[1] = t[31:30] == 0;
    t = n[1] ? t << 2 : t;
    n[0] = !t[31];
    fp_lzc32 = n;
  end
endfunction

// {overflow, binary32} of a number of sign `sign` and magnitude 1.ffff * 2^(bexp-127), where `sig`
// is the 1.ffff, its leading one at bit 31, and bit 0 also stands for everything below it. A `sig`
// without its leading one is a zero.
function [32:0] fp_round(input sign, input signed [11:0] bexp, input [31:0] sig);
  reg [33:0] sum;
  reg        up;
  begin
    up  = sig[7] && (sig[6:0] != 0 || sig[8]);
    sum = {bexp[10:0], sig[30:8]} + {33'd0, up};
    if (!sig[31] || bexp <= 0) fp_round = {1'b0, sign, 31'd0};
    else if (sum[33:23] >= 11'd255) fp_round = {1'b1, sign, 8'hff, 23'd0};
    else fp_round = {1'b0, sign, sum[30:0]};
  end
endfunction
