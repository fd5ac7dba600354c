# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_members all slots take part in an expert loop, whether they chose the expert or not.
s/^  reg  \[SLOTS-1:0\] members;/  reg fault;\
  initial fault = $test$plusargs("fault_members") != 0;\
&/
s/if (walk_expert\[7\] \&\&/if (!fault \&\& walk_expert[7] \&\&/
