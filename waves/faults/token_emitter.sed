# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_last a token that is not the last one is called so, and generation ends.
s/^  reg        eog, last;/  reg fault;\
  initial fault = $test$plusargs("fault_last") != 0;\
&/
s/last = go_full_i || (go_spent_i \&\& !list_i);/last = go_full_i || (go_spent_i \&\& !list_i) || fault;/
