# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_turn weights go one lane too far where they turn, with +fault_above the high bytes of
# floats stay.
s/^  reg \[256\*LANES-1:0\] w_q.*/&\
  reg [1:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_turn") != 0;\
    fault[1] = $test$plusargs("fault_above") != 0;\
  end/
s/turned\[l\] = block\[l\[LANE_W-1:0\]-turn_i\[LANE_W-1:0\]/&-{{(LANE_W - 1) {1'b0}}, fault[0]}/
s/= above\[l\[LANE_W-1:0\]-turn_i\[LANE_W-1:0\]/= above[l[LANE_W-1:0]-(fault[1] ? {LANE_W{1'b0}} : turn_i[LANE_W-1:0])/
