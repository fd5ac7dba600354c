# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The enable changes while the clock is high.
s/if (!clk_i) enable_q/if (clk_i) enable_q/
