# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_place positions have the rows of their neighbours, with +fault_expert experts the
# matrices of theirs.
s/^  localparam \[63:0\] OPS_TENSOR/  reg fault, fault_expert;\
  initial fault = $test$plusargs("fault_place") != 0;\
  initial fault_expert = $test$plusargs("fault_expert") != 0;\
&/
s/{4'd0, slot_pos_i\[16\*first +: 16\]}/{4'd0, slot_pos_i[16*first +: 16] ^ {15'd0, fault}}/
s/{33'd0, op_expert\[6:0\]}/{33'd0, op_expert[6:0] ^ {6'd0, fault_expert}}/
