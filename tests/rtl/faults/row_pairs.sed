# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_held the second of two rows is lost if one waits.
s/^  reg held_q;/&\
  reg fault;\
  initial fault = $test$plusargs("fault_held") != 0;/
s/held_q ? second_data_i/held_q \&\& !fault ? second_data_i/
