# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The clock stops a cycle too early.
s/enable_q = wake_i || hold_q != 8.d0;/enable_q = wake_i || hold_q > 8'd1;/
