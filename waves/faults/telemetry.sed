# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Each of these plusargs makes one part of the regulation wrong: +fault_ramp the end of the ramps,
# +fault_window windows of twice the length, +fault_parts windows that tell half the energy of all
# units but leakage, +fault_dot windows that tell none of the dot array's, +fault_peak the highest
# power, +fault_still the second window on, which never closes, +fault_status the bit THROTTLED,
# which stays 0.
s/^  localparam UNITS  = .*/&\
  reg [6:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_ramp") != 0;\
    fault[1] = $test$plusargs("fault_window") != 0;\
    fault[2] = $test$plusargs("fault_parts") != 0;\
    fault[3] = $test$plusargs("fault_peak") != 0;\
    fault[4] = $test$plusargs("fault_still") != 0;\
    fault[5] = $test$plusargs("fault_dot") != 0;\
    fault[6] = $test$plusargs("fault_status") != 0;\
  end/
s/\.pace_max_i     (pace_max)/.pace_max_i     (pace_max ^ {7'd0, fault[0]})/
s/\.log2_i       (window_log2)/.log2_i       (window_log2 + {4'd0, fault[1]})/
s/\.energy_i     (energy_now)/.energy_i     (fault[5] \&\& part_unit == 3'd2 ? 64'd0 : energy_now >> (fault[2] \&\& part_unit != 3'd0))/
s/assign throttled_o      = \(.*\);/assign throttled_o      = !fault[6] \&\& (\1);/
s/\.power_peak_i   (power_peak)/.power_peak_i   (power_peak ^ {31'd0, fault[3]})/
s/\.start_i        (window_close)/.start_i        (window_close \&\& !(fault[4] \&\& windows > 32'd2))/
