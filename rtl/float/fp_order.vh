// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The order of binary32 numbers, to be included inside a module: unsigned keys compare as the
// numbers do. -0 equals +0, and a subnormal counts as zero (docs/numerics.md, section 1).

function [31:0] fp_key(input [31:0] x);
  fp_key = x[30:23] == 0 ? 32'h80000000 : x[31] ? ~x : {1'b1, x[30:0]};
endfunction
