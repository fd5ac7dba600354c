# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The highest bit that is set instead of the lowest.
s/for (i = WIDTH - 1; i >= 0; i = i - 1)/for (i = 0; i < WIDTH; i = i + 1)/
