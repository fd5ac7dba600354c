# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_lock geometry can be written while it is in use; with +fault_strobe all bytes of a word
# are written, whatever the strobes.
s/^  wire        is_cfg   = .*/&\
  reg [1:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_lock") != 0;\
    fault[1] = $test$plusargs("fault_strobe") != 0;\
  end/
s/is_cfg && locked_i/& \&\& !fault[0]/
s/wire \[31:0\] merged   = (rdata_o & ~wmask_i) | (wdata_i & wmask_i);/wire [31:0] merged = fault[1] ? wdata_i : (rdata_o \& ~wmask_i) | (wdata_i \& wmask_i);/
