# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_stale a K word of every odd position is not written and keeps what it held.
s/^  reg \[2:0\]            state_q;/  reg fault;\
  initial fault = $test$plusargs("fault_stale") != 0;\
&/
s/assign kv_we_o      = written;/assign kv_we_o      = written \&\& !(fault \&\& cm_index_o == 20'd17 \&\& kv_addr_q[0]);/
