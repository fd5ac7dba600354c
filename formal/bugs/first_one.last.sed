# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The last bit is not looked at.
s/for (i = WIDTH - 1;/for (i = WIDTH - 2;/
