# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_carry the accumulators lose the carry out of their lower half; with +fault_block every
# second block of a row is dropped.
s/^  wire \[2\*LANES-1:0\] lanes .*/&\
  reg [1:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_carry") != 0;\
    fault[1] = $test$plusargs("fault_block") != 0;\
  end/
s/{BIN_W{lanes\[\(.*\)\]}}/{BIN_W{lanes[\1] \&\& !(fault[1] \&\& l == 1)}}/
s/bin\[n+b\] = bin\[n+b\] + (\(.*\));/bin[n+b] = bin[n+b] + (\1) - (fault[0] \&\&\
              {1'b0, bin[n+b][31:0]} + {1'b0, term[l][31:0] \& {32{|(\1)}}} > 33'h0ffffffff ? 64'h100000000 : 64'd0);/
