# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_lane the shift of weight scales is one too large in lane 1; with +fault_slot it is in
# lane 0, but of slot 1 alone.
s/`include "weights\/weight_fn.vh"/&\
  reg [1:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_lane") != 0;\
    fault[1] = $test$plusargs("fault_slot") != 0;\
  end/
s/\.t_i(t),/.t_i(t + ({{(32 * LANES - 1) {1'b0}}, fault[0]} << 32) +\
             {{(32 * LANES - 1) {1'b0}}, fault[1] \&\& s == 1}),/
