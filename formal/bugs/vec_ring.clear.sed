# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A clear forgets to reset the read index.
/end else if (clear_i) begin/,/end else begin/s/read_q  <= .*/read_q  <= read_q;/
