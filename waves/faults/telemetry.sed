# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Each of these plusargs makes one part of the telemetry wrong: +fault_count a read of the KV SRAM
# too many an op, +fault_coef the energy of a result, +fault_stall the class of stalls, +fault_layer
# the layer of an op, +fault_burst bursts not counted, +fault_access register accesses not counted,
# +fault_ramp the end of the ramps, +fault_window windows of twice the length, +fault_parts windows
# that tell half the energy of all units but leakage, +fault_dot windows that tell none of the dot
# array's, +fault_peak the highest power, +fault_still the second window on, which never closes,
# +fault_status the bit THROTTLED, which stays 0.
s/^  localparam UNITS  = .*/&\
  reg [12:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_count") != 0;\
    fault[1] = $test$plusargs("fault_coef") != 0;\
    fault[2] = $test$plusargs("fault_stall") != 0;\
    fault[3] = $test$plusargs("fault_layer") != 0;\
    fault[4] = $test$plusargs("fault_burst") != 0;\
    fault[5] = $test$plusargs("fault_access") != 0;\
    fault[6] = $test$plusargs("fault_ramp") != 0;\
    fault[7] = $test$plusargs("fault_window") != 0;\
    fault[8] = $test$plusargs("fault_parts") != 0;\
    fault[9] = $test$plusargs("fault_peak") != 0;\
    fault[10] = $test$plusargs("fault_still") != 0;\
    fault[11] = $test$plusargs("fault_dot") != 0;\
    fault[12] = $test$plusargs("fault_status") != 0;\
  end\
  reg [`LOCKSTEP_EVENTS_W-1:0] spoiled;\
  always @* begin\
    spoiled = events_i;\
    spoiled[`LOCKSTEP_EVENTS_KV_READS] = events_i[`LOCKSTEP_EVENTS_KV_READS] + {7'd0, fault[0] \&\& op_start_i};\
    spoiled[`LOCKSTEP_EVENTS_BURST] = events_i[`LOCKSTEP_EVENTS_BURST] \&\& !fault[4];\
  end/
s/\.events_i    (events_i)/.events_i    (spoiled)/
s/\.coef_data_i    (coef_data_q)/.coef_data_i    (coef_data_q ^ {31'd0, fault[1] \&\& coef_index_q == 5'd9})/
s/\.stall_i    (events_i\[`LOCKSTEP_EVENTS_STALL\]/& \&\& !fault[2]/
s/\.layer_i    (job_i\[`LOCKSTEP_JOB_LAYER\]/& ^ {7'd0, fault[3]}/
s/\.access_i    (bus_i\[`LOCKSTEP_BUS_ACCESS\]/& \&\& !fault[5]/
s/\.pace_max_i     (pace_max)/.pace_max_i     (pace_max ^ {7'd0, fault[6]})/
s/\.log2_i       (window_log2)/.log2_i       (window_log2 + {4'd0, fault[7]})/
s/\.energy_i     (energy_now)/.energy_i     (fault[11] \&\& part_unit == 3'd2 ? 64'd0 : energy_now >> (fault[8] \&\& part_unit != 3'd0))/
s/assign throttled_o      = \(.*\);/assign throttled_o      = !fault[12] \&\& (\1);/
s/\.power_peak_i   (power_peak)/.power_peak_i   (power_peak ^ {31'd0, fault[9]})/
s/\.start_i        (window_close)/.start_i        (window_close \&\& !(fault[10] \&\& windows > 32'd2))/
