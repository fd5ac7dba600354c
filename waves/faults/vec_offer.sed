# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_offer a group's second element takes the place of its third.
s/^  reg \[VLANES-1:0\] keep_q;/  reg fault;\
  initial fault = $test$plusargs("fault_offer") != 0;\
&/
s/data_q <= data_q >> 32;/data_q <= fault \&\& index_q[1:0] == 2'd1 ? data_q : data_q >> 32;/
