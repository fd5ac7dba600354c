# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_lane the shift of weight scales is one too large in lane 1.
s/`include "weight_fn.vh"/&\
  reg fault;\
  initial fault = $test$plusargs("fault_lane") != 0;/
s/\.t_i(t),/.t_i(fault \&\& l == 1 ? t + 5'd1 : t),/
