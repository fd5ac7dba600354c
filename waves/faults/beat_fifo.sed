# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_drop a beat that comes while the FIFO is nearly full is lost.
s/^  reg \[PTR_W:0\] tail_q, level_q;.*/&\
  reg fault;\
  initial fault = $test$plusargs("fault_drop") != 0;\
  wire beat = beat_o \&\& !(fault \&\& level_q > BEATS * 7 \/ 8);/
s/{{PTR_W{1'b0}}, beat_o}/{{PTR_W{1'b0}}, beat}/
