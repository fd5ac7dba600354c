# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A full queue says level 0.
s/{{LEVEL_BITS-BITS-1{1.b0}}, level}/{{LEVEL_BITS-BITS{1'b0}}, level[BITS-1:0]}/
