# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A push into a full queue overwrites its oldest word.
s/^    if (push_i && !full_o)$/    if (push_i)/
