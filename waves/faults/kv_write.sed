# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_stale the second K word of a token is not written at every other address, and what
# was there remains; with +fault_mantissa a bit of the third mantissa of every word is wrong.
s/^  reg  *value_q;.*/  reg [1:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_stale") != 0;\
    fault[1] = $test$plusargs("fault_mantissa") != 0;\
  end\
&/
s/assign kv_we_o      = written;/assign kv_we_o      = written \&\& !(fault[0] \&\& cm_index_o == 20'd17 \&\& kv_addr_q[1]);/
s/assign kv_data_o    = {q_shift, q_data};/assign kv_data_o    = {q_shift, q_data ^ {474'd0, fault[1], 37'd0}};/
