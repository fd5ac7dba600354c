# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The clock never stops.
s/hold_q <= hold_q - 8.d1;/hold_q <= hold_q;/
