# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_gain HEADNORM's gain goes on behind the first head.
s/^  reg  \[15:0\] before_q;/  reg fault;\
  initial fault = $test$plusargs("fault_gain") != 0;\
&/
s/b_addr = {b_i, {PHASE_BITS{1'b0}}} + {{PHASE_BITS{1'b0}}, group};/b_addr = {b_i, {PHASE_BITS{1'b0}}} +\
                                  {{PHASE_BITS{1'b0}}, fault ? place : group};/
