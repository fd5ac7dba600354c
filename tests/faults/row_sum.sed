# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The dot array drops every second block of a row.
s/if (lanes_i\[l\])/if (lanes_i[l] \&\& l != 1)/
