# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_rotary each pair is turned by the angle of the next one.
s/^  reg \[47:0\] inc_mem_q.*/  reg fault;\
  initial fault = $test$plusargs("fault_rotary") != 0;\
&/
s/inc_mem_q\[{bank_i, pair_i}\]/inc_mem_q[{bank_i, pair_i + {6'd0, fault}}]/
