# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The enable changes while the clock is high.
s/always @(negedge clk_i) enable_q/always @(posedge clk_i) enable_q/
