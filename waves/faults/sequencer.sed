# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_validate a validation that is asked for during another never begins.
s/^  reg       check_pending_q;/&\
  reg fault;\
  initial fault = $test$plusargs("fault_validate") != 0;/
s/wire checking = /&!fault \&\& (/
/wire checking = /s/;$/);/
