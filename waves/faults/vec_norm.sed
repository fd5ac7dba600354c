# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_mean four elements whose sum is negative count as if it were not, in CENTER.
s/^  reg  \[127:0\]    sum_q;/  reg fault;\
  initial fault = $test$plusargs("fault_mean") != 0;\
&/
s/{3{center_i \&\& parts\[32\*i+31\]}}/{3{center_i \&\& !fault \&\& parts[32*i+31]}}/
