# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_best the id of each token that is chosen is another.
s/^  reg  \[6:0\]          k_q;/  reg fault;\
  initial fault = $test$plusargs("fault_best") != 0;\
&/
s/assign rd_id_o    = chosen\[51:32\];/assign rd_id_o    = chosen[51:32] ^ {18'd0, fault, 1'b0};/
