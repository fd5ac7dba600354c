# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_apart a part goes to the beat that the others wait for, not behind those of its own
# channel; with +fault_whole a beat counts when the first channel's part of it is there; with
# +fault_turn a chunk that turns goes a bit too far.
s/^  reg \[PART-1:0\] parts_q\[.*/&\
  reg [2:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_apart") != 0;\
    fault[1] = $test$plusargs("fault_whole") != 0;\
    fault[2] = $test$plusargs("fault_turn") != 0;\
  end/
s/assign at = at_q;/assign at = fault[0] ? tail_q : at_q;/
s/assign beat_o = &there;/assign beat_o = fault[1] ? there[0] : \&there;/
s/| chunk << {turn_i, 3'd0}/| chunk << {turn_i, 2'd0, fault[2]}/
