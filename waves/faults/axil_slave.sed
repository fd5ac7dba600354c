# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_answer the answer to a read that waits for its reader is lost over a soft reset.
s/^  reg \[1:0\]  state_q;/&\
  reg fault;\
  initial fault = $test$plusargs("fault_answer") != 0;/
s/end else if (s_axil_rready_i)/end else if (s_axil_rready_i || (fault \&\& wrote \&\& bus_addr_o == 16'h0080 \&\& w_data_q[2]))/
