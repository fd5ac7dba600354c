# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Each of these plusargs counts a class of cycles as CONTROL: +fault_held THROTTLED, +fault_choose
# SAMPLE, +fault_push FIFO_WAIT, +fault_check VALIDATE.
s/^  reg \[3:0\] class_now;/  reg [3:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_held") != 0;\
    fault[1] = $test$plusargs("fault_choose") != 0;\
    fault[2] = $test$plusargs("fault_push") != 0;\
    fault[3] = $test$plusargs("fault_check") != 0;\
  end\
&/
s/`LOCKSTEP_STATE_THROTTLED: /&if (!fault[0]) /
s/`LOCKSTEP_STATE_SAMPLE: /&if (!fault[1]) /
s/`LOCKSTEP_STATE_PUSH: /&if (!fault[2]) /
s/`LOCKSTEP_STATE_VALIDATE: /&if (!fault[3]) /
