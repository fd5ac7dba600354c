# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A word is delivered twice if another comes in with its pop.
s/if (pop_i && !empty_o)/if (pop_i \&\& !empty_o \&\& !push_i)/
