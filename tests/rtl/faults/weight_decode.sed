# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_above the high bytes of floats stay where the low ones turn.
s/^  reg \[256\*LANES-1:0\] w_q.*/&\
  reg fault;\
  initial fault = $test$plusargs("fault_above") != 0;/
s/+:32\] = x;/+:32] = fault ? float_m_i[0+:32] : x;/
