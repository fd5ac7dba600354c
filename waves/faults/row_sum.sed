# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_carry the accumulators lose the carry out of their lower half; with +fault_block every
# second block of a row is dropped.
s/^  reg \[BIN_W-1:0\] bin0_q.*/&\
  reg [1:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_carry") != 0;\
    fault[1] = $test$plusargs("fault_block") != 0;\
  end/
s/if (lanes_i\[l\])/if (lanes_i[l] \&\& !(fault[1] \&\& l == 1))/
s/\(bin\[product_i\[64\*l+58+:2\]\]\) = bin\[product_i\[64\*l+58+:2\]\] + term;/\1 = fault[0] ?\
              {bin[product_i[64*l+58+:2]][BIN_W-1:32] + term[BIN_W-1:32],\
               bin[product_i[64*l+58+:2]][31:0] + term[31:0]} : bin[product_i[64*l+58+:2]] + term;/
