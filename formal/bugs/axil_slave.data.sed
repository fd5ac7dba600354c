# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Data read while the response waits overwrites it.
s/wire can_read  = ar_full_q && !r_full_q;/wire can_read  = ar_full_q;/
