# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Each of these plusargs makes one part of the accounts wrong: +fault_count a read of the KV SRAM too
# many an op, +fault_coef the energy of a result, +fault_stall the class of stalls, +fault_layer the
# layer of an op, +fault_burst bursts not counted, +fault_access register accesses not counted.
s/^  localparam UNITS   = .*/&\
  reg [5:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_count") != 0;\
    fault[1] = $test$plusargs("fault_coef") != 0;\
    fault[2] = $test$plusargs("fault_stall") != 0;\
    fault[3] = $test$plusargs("fault_layer") != 0;\
    fault[4] = $test$plusargs("fault_burst") != 0;\
    fault[5] = $test$plusargs("fault_access") != 0;\
  end\
  reg [`LOCKSTEP_EVENTS_W-1:0] spoiled;\
  always @* begin\
    spoiled = events_i;\
    spoiled[`LOCKSTEP_EVENTS_KV_READS] = events_i[`LOCKSTEP_EVENTS_KV_READS] + {15'd0, fault[0] \&\& op_start_i};\
    spoiled[`LOCKSTEP_EVENTS_BURST] = events_i[`LOCKSTEP_EVENTS_BURST] \&\& !fault[4];\
  end/
s/\.events_i    (events_i)/.events_i    (spoiled)/
s/\.coef_data_i    (coef_data_q)/.coef_data_i    (coef_data_q ^ {31'd0, fault[1] \&\& coef_index_q == 5'd9})/
s/\.stall_i    (events_i\[`LOCKSTEP_EVENTS_STALL\]/& \&\& !fault[2]/
s/\.layer_i    (job_i\[`LOCKSTEP_JOB_LAYER\]/& ^ {7'd0, fault[3]}/
s/\.access_i    (bus_i\[`LOCKSTEP_BUS_ACCESS\]/& \&\& !fault[5]/
