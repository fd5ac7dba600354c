# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_cause the cause IDLE of an interrupt cannot be cleared; with +fault_over nobody hears of
# a word that token-in had no room for.
s/^  reg \[1:0\] fifo_flags_q;/&\
  reg [1:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_cause") != 0;\
    fault[1] = $test$plusargs("fault_over") != 0;\
  end/
s/LOCKSTEP_REG_IRQ_STATUS ? ones\[2:0\]/LOCKSTEP_REG_IRQ_STATUS ? ones[2:0] \& ~{fault[0], 2'd0}/
s/{out_underflow_i, in_overflow_i}/{out_underflow_i, in_overflow_i \&\& !fault[1]}/
