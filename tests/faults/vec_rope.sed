# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Rotation turns the first element of the second pair of a word the wrong way.
s/!halves_i ? g % 2 == 0 :/!halves_i ? g == 0 :/
