# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_gelu the fourth lane subtracts the cube.
s/^  localparam        W  = VLANES \* 32;/&\
  reg fault;\
  initial fault = $test$plusargs("fault_gelu") != 0;/
s/\.a_i       (K2),/.a_i       (K2 ^ {fault \&\& g == 3, 31'd0}),/
