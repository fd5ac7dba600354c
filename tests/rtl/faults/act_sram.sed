# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# With +fault_again no block is written a second time, with +fault_next lanes that lie in the next
# word are read from this one.
s/^  reg \[512\*LANES-1:0\] m_q;/  reg [1:0] fault;\
  initial begin\
    fault[0] = $test$plusargs("fault_again") != 0;\
    fault[1] = $test$plusargs("fault_next") != 0;\
  end\
&/
s/if (again_i)/if (again_i \&\& !fault[0])/
s/< base}}/< base \&\& !fault[1]}}/
