# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_short a rest is half as long as it must be, with +fault_long twice.
s/^  reg \[31:0\] begin_q;/  reg fault_short, fault_long;\
  initial begin\
    fault_short = $test$plusargs("fault_short") != 0;\
    fault_long = $test$plusargs("fault_long") != 0;\
  end\
&/
s/owed_q    <= now_i - begin_q;/owed_q    <= fault_short ? (now_i - begin_q) >> 1 : (now_i - begin_q) << fault_long;/
