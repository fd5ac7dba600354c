# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A new write address is taken while the one before is on the bus.
s/assign s_axil_awready_o = !aw_full_q;/assign s_axil_awready_o = !aw_full_q || state_q == WRITE;/
