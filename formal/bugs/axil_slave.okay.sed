# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# An error of the registers is answered with OKAY.
s/assign s_axil_bresp_o   = b_error_q ? SLVERR : OKAY;/assign s_axil_bresp_o   = OKAY;/
