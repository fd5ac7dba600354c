# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_tie the higher of equal elements is chosen, with +fault_sum the weights of all experts
# add up to 1, EXPERTS.NORMALISED or not.
s/^  reg       first_q; .*/  reg fault_tie, fault_sum;\
  initial fault_tie = $test$plusargs("fault_tie") != 0;\
  initial fault_sum = $test$plusargs("fault_sum") != 0;\
&/
s/(!best_any || fp_key(x_i\[32\*i +: 32\]) > best_key)) begin/(!best_any || fp_key(x_i[32*i +: 32]) > best_key ||\
           (fault_tie \&\& fp_key(x_i[32*i +: 32]) == best_key))) begin/
s/normalised_i ? tag_chosen_o/normalised_i \&\& !fault_sum ? tag_chosen_o/
