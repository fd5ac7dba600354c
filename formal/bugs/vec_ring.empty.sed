# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The ring says empty while it has one entry.
s/assign empty_o = write_q == read_q;/assign empty_o = write_q == read_q || write_q - 1'b1 == read_q;/
