# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_drop a beat that comes while the FIFO is nearly full is lost.
s/^  reg \[PTR_W:0\] level_q;/  reg fault;\
  initial fault = $test$plusargs("fault_drop") != 0;\
&\
  wire push = push_i \&\& !(fault \&\& level_q > BEATS * 7 \/ 8);/
s/if (push_i) beats_q/if (push) beats_q/
s/{{(PTR_W - 1) {1.b0}}, push_i}/{{(PTR_W - 1) {1'b0}}, push}/
