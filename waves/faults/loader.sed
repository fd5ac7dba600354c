# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_late a command waits for as long as memory lets it wait, with +fault_crc the last bit of
# each word is left out of the checksum.
s/^  reg                 pending_q;/&\
  reg [1:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_late") != 0;\
    fault[1] = $test$plusargs("fault_crc") != 0;\
  end/
s/late      = cmd_valid/& \&\& !fault[0]/
s/crc_step(crc_q, cmd_data)/crc_step(crc_q, cmd_data \& ~{31'd0, fault[1]})/
