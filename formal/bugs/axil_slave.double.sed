# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A read is answered twice: its request stays.
s/else if (was_read)$/else if (was_read \&\& s_axil_rready_i)/
