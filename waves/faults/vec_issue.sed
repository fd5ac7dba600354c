# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_gain HEADNORM takes the gain's groups in pairs the other way round, from the second head
# on.
s/^  reg  \[15:0\] before_q;/  reg fault;\
  initial fault = $test$plusargs("fault_gain") != 0;\
&/
s/b_addr = {b_i, {PHASE_BITS{1'b0}}} + {{PHASE_BITS{1'b0}}, b_group};/b_addr = {b_i, {PHASE_BITS{1'b0}}} +\
                                  {{PHASE_BITS{1'b0}}, b_group ^ {15'd0, fault \&\& before_q != 16'd0}};/
