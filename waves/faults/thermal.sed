# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_thermal a product of the thermal step is one shift short.
s/^  reg        \[2:0\]  state_q, which_q;/  reg fault;\
  initial fault = $test$plusargs("fault_thermal") != 0;\
&/
s/if (count_q == 6'd39)/if (count_q == (fault ? 6'd38 : 6'd39))/
