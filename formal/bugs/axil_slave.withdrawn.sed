# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A write response is withdrawn after a cycle.
s/else if (s_axil_bready_i)$/else/
