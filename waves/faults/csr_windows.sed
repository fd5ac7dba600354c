# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_step the address of the tensor table stays where it is; with +fault_beyond a word behind
# the last instruction is taken.
s/^  reg  \[1:0\]  load_cmd;/&\
  reg [1:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_step") != 0;\
    fault[1] = $test$plusargs("fault_beyond") != 0;\
  end/
s/tensor_addr_q + 16'd1/tensor_addr_q + {15'd0, !fault[0]}/
s/{16'd0, ucode_addr_q} >= 4 \* UCODE_OPS/{16'd0, ucode_addr_q} >= 4 * UCODE_OPS + {31'd0, fault[1]}/
