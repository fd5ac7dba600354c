# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_carry the accumulators lose the carry out of their lower half.
s/^  reg \[BIN_W-1:0\] bin0_q.*/&\
  reg fault;\
  initial fault = $test$plusargs("fault_carry") != 0;/
s/\(bin\[product_i\[64\*l+58+:2\]\]\) = bin\[product_i\[64\*l+58+:2\]\] + term;/\1 = fault ?\
              {bin[product_i[64*l+58+:2]][BIN_W-1:32] + term[BIN_W-1:32],\
               bin[product_i[64*l+58+:2]][31:0] + term[31:0]} : bin[product_i[64*l+58+:2]] + term;/
