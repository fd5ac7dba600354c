# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The newest word comes out instead of the oldest.
s/word_q\[read_q\[BITS-1:0\]\]/word_q[write_q[BITS-1:0] - 1'b1]/
