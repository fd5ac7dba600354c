/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Every word that the device commits, against the golden model.
 */
#include "observer.h"

#define CYCLES_OF_A_BROKEN_OP 1000000u /* to wait for the rest of an op that went wrong */

static int words_commit(void *self, const struct device_commit *commit) {
    struct rtl *rtl = self;
    const int result = scoreboard_commit(&rtl->board, commit);
    if (rtl->board.first.found && rtl->board.first.cycle == commit->cycle)
        rtl->device.cycle_limit = commit->cycle + CYCLES_OF_A_BROKEN_OP;
    return result;
}

static void words_check(void *self) {
    const struct rtl *rtl = self;
    rtl->run->ops = rtl->board.ops;
    rtl->run->words = rtl->board.words;
    rtl->run->mismatches = rtl->board.mismatches;
}

const struct observer observe_words = {.commit = words_commit, .check = words_check};
