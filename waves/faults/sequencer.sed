# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_validate a validation that is asked for during another never begins, with +fault_hang nothing
# follows the first op.
s/^  reg       check_pending_q;/&\
  reg fault, fault_hang;\
  initial fault = $test$plusargs("fault_validate") != 0;\
  initial fault_hang = $test$plusargs("fault_hang") != 0;/
s/EXECUTE: if (op_done_i)/EXECUTE: if (op_done_i \&\& !fault_hang)/
s/wire checking = /&!fault \&\& (/
/wire checking = /s/;$/);/
