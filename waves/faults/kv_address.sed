# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_position position 16 of a sequence lies where position 0 lies.
s/^  reg \[3:0\]  step_q;/  reg fault;\
  initial fault = $test$plusargs("fault_position") != 0;\
&/
s/operand = {24'd0, pos_i};/operand = {24'd0, pos_i[15:5], pos_i[4] \&\& !fault, pos_i[3:0]};/
