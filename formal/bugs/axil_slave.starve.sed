# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A read waits as long as the master has write addresses to offer.
s/end else if (can_read) begin/end else if (can_read \&\& !s_axil_awvalid_i) begin/
