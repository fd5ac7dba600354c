# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_turn the first element of the second pair of a word is turned the wrong way.
s/^  localparam W = VLANES \* 32;/&\
  reg fault;\
  initial fault = $test$plusargs("fault_turn") != 0;/
s/!halves_i ? g % 2 == 0 :/!halves_i ? (fault ? g == 0 : g % 2 == 0) :/
