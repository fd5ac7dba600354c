# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_place positions have the rows of their neighbours.
s/^  localparam \[63:0\] OPS_TENSOR/  reg fault;\
  initial fault = $test$plusargs("fault_place") != 0;\
&/
s/{4'd0, slot_pos_i\[16\*first +: 16\]}/{4'd0, slot_pos_i[16*first +: 16] ^ {15'd0, fault}}/
