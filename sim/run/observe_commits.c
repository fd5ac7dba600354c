/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * options.commits: a line a commit and slot: position, slot, pc, op, layer, element, words.
 */
#include <stdio.h>
#include <stdlib.h>

#include "csrc/base/output.h"
#include "generated/device.h"
#include "rtl.h"

struct commits {
    const struct rtl *rtl;
    struct output out;
};

static int commits_open(struct session *session, void **self, struct ls_error *err) {
    struct rtl *rtl = rtl_of(session);
    struct commits *log;
    if (rtl->run->options->commits == NULL)
        return 0;
    if ((log = calloc(1, sizeof *log)) == NULL)
        return ls_error_set(err, "out of memory");
    log->rtl = rtl;
    *self = log;
    return output_open(&log->out, rtl->run->options->commits, err);
}

static int commits_commit(void *self, const struct device_commit *c) {
    const struct commits *log = self;
    for (uint32_t slot = 0; slot < SCOREBOARD_SLOTS; slot++) {
        if (c->by_slot ? !((c->mask >> slot) & 1u) : slot != c->slot)
            continue;
        const bool placed = c->op != LOCKSTEP_OP_PASS; /* before it, nothing has been executed */
        fprintf(log->out.file, "%u %u %u %s %u %u:", log->rtl->session.board.slots[slot].position,
                slot, placed ? c->pc : 0, op_name(c->op), placed ? c->layer : 0, c->index);
        for (uint32_t i = 0; i < c->count; i++)
            fprintf(log->out.file, " %08x", c->words[c->by_slot ? 2 * slot + i : i]);
        fputc('\n', log->out.file);
    }
    return 0;
}

static int commits_close(void *self, struct ls_error *err) {
    struct commits *log = self;
    if (log->rtl->run->verdict == SIM_BAD_INPUT)
        output_discard(&log->out);
    const int status = output_close(&log->out, err);
    free(log);
    return status;
}

const struct observer observe_commits = {
    .open = commits_open, .commit = commits_commit, .close = commits_close};
