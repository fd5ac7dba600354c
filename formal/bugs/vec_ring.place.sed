# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# An entry is written a place too far where the ring closes.
s/mem_q\[write_q\] <= data_i/mem_q[\&write_q ? write_q + 1'b1 : write_q] <= data_i/
