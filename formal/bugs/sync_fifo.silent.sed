# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# An overflow is not told while a word is taken.
s/assign overflow_o  = push_i && full_o;/assign overflow_o  = push_i \&\& full_o \&\& !pop_i;/
