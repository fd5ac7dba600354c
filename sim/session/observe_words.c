/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Every word that the device commits, against the golden model.
 */
#include "session.h"

#define CYCLES_OF_A_BROKEN_OP 1000000u /* to wait for the rest of an op that went wrong */

static int words_commit(void *self, const struct device_commit *commit) {
    struct session *s = self;
    const int result = scoreboard_commit(&s->board, commit);
    if (s->board.first.found && s->board.first.cycle == commit->cycle)
        s->device.cycle_limit = commit->cycle + CYCLES_OF_A_BROKEN_OP;
    return result;
}

const struct observer observe_words = {.commit = words_commit};
