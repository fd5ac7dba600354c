# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Position 16 of a sequence lies where position 0 lies.
s/operand = {24'd0, pos_i};/operand = {24'd0, pos_i[15:5], 1'b0, pos_i[3:0]};/
