// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Whether a binary32 is positive and normal, by sign and exponent; to be included inside a module.
function positive(input [8:0] top);
  positive = !top[8] && top[7:0] != 0 && top[7:0] != 8'hff;
endfunction
