# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A push is lost if an entry is popped in the same cycle.
s/if (push_i) write_q <=/if (push_i \&\& !pop_i) write_q <=/
