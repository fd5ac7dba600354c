# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_withdrawn a burst is withdrawn from all channels when one takes it; with +fault_deaf
# what the last channel refuses is not told; with +fault_round an epoch that comes round is taken though
# bursts of it are owed.
s/^  reg \[CHANNELS-1:0\] arvalid_q;/&\
  reg [2:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_withdrawn") != 0;\
    fault[1] = $test$plusargs("fault_deaf") != 0;\
    fault[2] = $test$plusargs("fault_round") != 0;\
  end/
s/: arvalid_q & ~m_axi_arready_i;/: fault[0] \&\& m_axi_arready_i != 0 ? 0 : arvalid_q \& ~m_axi_arready_i;/
s/assign refused\[c\] = own && /&!(fault[1] \&\& c == CHANNELS - 1) \&\& /
s/seeking_q <= owes != 0;/seeking_q <= owes != 0 \&\& !fault[2];/
