# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A write begins before its data came.
s/wire can_write = aw_full_q && w_full_q/wire can_write = aw_full_q/
