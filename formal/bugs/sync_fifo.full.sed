# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The queue says full a word early.
s/assign full_o      = level\[BITS\];/assign full_o      = level >= DEPTH - 1;/
