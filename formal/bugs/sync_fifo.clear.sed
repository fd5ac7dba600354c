# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A clear leaves the words inside.
s/^    end else if (clear_i) begin/    end else if (clear_i \&\& empty_o) begin/
