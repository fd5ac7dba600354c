# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_second the sum of a second row is lost where the row goes on in the next chunk.
s/^  wire \[2\*LANES-1:0\] lanes .*/&\
  reg fault;\
  initial fault = $test$plusargs("fault_second") != 0;/
s/if (second_goes_on_i)/if (second_goes_on_i \&\& !fault)/
