# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_gain HEADNORM takes the gain's groups in pairs the other way round, from the second head
# on.
s/^  reg  \[15:0\] head_q;/  reg fault;\
  initial fault = $test$plusargs("fault_gain") != 0;\
&/
s/{9'd0, expert_i} : of_head};/{9'd0, expert_i} :\
                        of_head ^ ({15'd0, fault \&\& head_q != 16'd0} << LANE_BITS)};/
