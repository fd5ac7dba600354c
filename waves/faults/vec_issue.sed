# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_gain HEADNORM takes the gain's groups in pairs the other way round, from the second head
# on. With +fault_own HEADNORM_OWN takes the first head's gains for all, with +fault_head HEADCENTER the
# first head's mean.
s/^  reg  \[15:0\] head_q;/  reg fault;\
  initial fault = $test$plusargs("fault_gain") != 0;\
  reg fault_own, fault_head;\
  initial fault_own = $test$plusargs("fault_own") != 0;\
  initial fault_head = $test$plusargs("fault_head") != 0;\
&/
s/^  wire \[15:0\] element = head_q + of_head;/  wire [15:0] element = (fault_head \&\& is_center \&\& blocks ? 16'd0 : head_q) + of_head;/
s/{9'd0, expert_i} : is_own ? element : of_head;/{9'd0, expert_i} :\
                        is_own \&\& !fault_own ? element : of_head ^ ({15'd0, fault \&\& head_q != 16'd0} << LANE_BITS);/
