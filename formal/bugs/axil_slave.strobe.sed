# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# All strobes are set if the address is odd.
s/assign bus_wstrb_o = w_strb_q;/assign bus_wstrb_o = w_strb_q | {4{aw_addr_q[0]}};/
