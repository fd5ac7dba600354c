# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The clock begins a cycle too late.
s/enable_q = wake_i || hold_q/enable_q = hold_q/
