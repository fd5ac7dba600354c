# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_end a row that ends within a chunk ends a block late.
s/^  reg valid_q, last_q;/  reg fault;\
  initial fault = $test$plusargs("fault_end") != 0;\
&/
s/chunk_split_q <= split_q/& + {6'd0, fault \&\& split_q != 0}/
