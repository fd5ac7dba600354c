# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Each of these plusargs makes one counter wrong: +fault_macs, +fault_beats, +fault_reads,
# +fault_writes, +fault_in, +fault_out count twice, +fault_prefill counts every pass as prefill, +fault_kept
# survives a soft reset.
s/^  localparam COUNT = .*/&\
  reg [7:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_macs") != 0;\
    fault[1] = $test$plusargs("fault_beats") != 0;\
    fault[2] = $test$plusargs("fault_reads") != 0;\
    fault[3] = $test$plusargs("fault_writes") != 0;\
    fault[4] = $test$plusargs("fault_in") != 0;\
    fault[5] = $test$plusargs("fault_out") != 0;\
    fault[6] = $test$plusargs("fault_prefill") != 0;\
    fault[7] = $test$plusargs("fault_kept") != 0;\
  end/
s/{dots, 5'd0}/& << fault[0]/
s/{20'd0, beat}/& << fault[1]/
s/{5'd0, kv_reads}/& << fault[2]/
s/{5'd0, kv_writes}/& << fault[3]/
s/{20'd0, token_in_i}/& << fault[4]/
s/{20'd0, token_out_i}/& << fault[5]/
s/busy_i \&\& prefill_i/busy_i \&\& (prefill_i || fault[6])/
s/      if (!rst_ni || clear_i)$/      if (!rst_ni || (clear_i \&\& !(fault[7] \&\& i == 0)))/
