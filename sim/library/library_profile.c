/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The profile: what went by until an op is done belongs to its part of the program, which its words
 * at the commit port tell; ops without any (QUANT, ANGLES) to that of the op behind them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "generated/device.h"
#include "library.h"

uint64_t library_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void library_spent(struct lockstep *d, enum library_part part, uint64_t since) {
    if (d->profile.shares == NULL)
        return;
    d->profile.shares[part].count++;
    d->profile.shares[part].nanoseconds += library_now() - since;
}

/* All since the last mark belongs to the part. */
static void mark(struct lockstep *d, uint32_t part) {
    struct library_profile *p = &d->profile;
    const uint64_t now = library_now(), cycle = d->session.device.cycle;
    p->shares[part].cycles += cycle - p->cycle;
    p->shares[part].nanoseconds += now - p->nanoseconds;
    p->cycle = cycle;
    p->nanoseconds = now;
}

void library_profile_begin(struct lockstep *d) {
    d->profile.cycle = d->session.device.cycle;
    d->profile.nanoseconds = library_now();
}

void library_profile_end(struct lockstep *d) {
    if (d->profile.shares != NULL)
        mark(d, PART_FIRMWARE);
}

void library_profile_guess(struct lockstep *d) {
    if (d->profile.shares == NULL)
        return;
    mark(d, PART_DRAFT);
    d->profile.shares[PART_DRAFT].count++;
}

/* ---- the observer ---- */

static int profile_open(struct session *s, void **self, struct ls_error *err) {
    (void)err;
    *self = s->owner;
    return 0;
}

static uint32_t part_of(const struct library_profile *p, const struct device_commit *commit) {
    return commit->pc < p->loop        ? PART_EMBED
           : commit->pc > p->next      ? PART_OUTPUT
           : commit->layer < p->layers ? PART_LAYER + commit->layer
                                       : PART_OUTPUT; /* a device may say anything */
}

static void profile_pulse(void *self, enum device_pulse pulse) {
    struct lockstep *d = self;
    struct library_profile *p = &d->profile;
    if (p->shares == NULL)
        return;
    if (pulse == DEVICE_PASS_START) {
        mark(d, PART_FIRMWARE);
        p->shares[PART_FIRMWARE].count++;
    } else if (pulse == DEVICE_OP_DONE && p->working) {
        mark(d, p->part);
        p->shares[p->part].count++;
        p->working = false;
    }
}

/* A slot that begins a pass; a slot that is sampled; words of an op. */
static int profile_commit(void *self, const struct device_commit *commit) {
    struct lockstep *d = self;
    struct library_profile *p = &d->profile;
    if (p->shares == NULL)
        return 0;
    if (commit->op == LOCKSTEP_OP_PASS || commit->op == LOCKSTEP_OP_SAMPLE) {
        const uint32_t part = commit->op == LOCKSTEP_OP_PASS ? PART_PASS : PART_SAMPLE;
        mark(d, part);
        p->shares[part].count++;
    } else {
        p->working = true;
        p->part = part_of(p, commit);
    }
    return 0;
}

const struct observer library_observe_profile = {
    .open = profile_open, .commit = profile_commit, .pulse = profile_pulse};

/* ---- the caller's ---- */

static uint32_t find_op(const struct fw_program *program, uint32_t op) {
    uint32_t pc = 0;
    while (pc < program->ops && (program->words[pc][0] & LOCKSTEP_UCODE0_OP_MASK) != op)
        pc++;
    return pc;
}

int lockstep_set_profile(struct lockstep *d, uint32_t on) {
    struct library_profile *p = &d->profile;
    if (d->model == NULL)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "no model is loaded");
    if (d->out)
        return library_no_device(d);
    free(p->shares);
    *p = (struct library_profile){0};
    if (on == 0)
        return LOCKSTEP_OK;
    p->layers = d->model->layers;
    p->shares = calloc(PART_LAYER + p->layers, sizeof *p->shares);
    if (p->shares == NULL)
        return library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
    p->loop = find_op(&d->session.firmware.program, LOCKSTEP_OP_LOOP);
    p->next = find_op(&d->session.firmware.program, LOCKSTEP_OP_NEXT);
    return LOCKSTEP_OK;
}

int lockstep_get_profile(struct lockstep *d, uint32_t index, struct lockstep_profile *part,
                         size_t size) {
    static const struct {
        enum library_part part;
        const char *name;
    } front[] = {{PART_TOKENISE, "tokenise"}, {PART_PASS, "pass"}, {PART_EMBED, "embed"}},
      back[] = {{PART_OUTPUT, "output"},
                {PART_SAMPLE, "sample"},
                {PART_DRAFT, "draft"},
                {PART_FIRMWARE, "firmware"},
                {PART_DETOKENISE, "detokenise"}};
    const struct library_profile *p = &d->profile;
    struct lockstep_profile row = {.size = size};
    uint32_t which;
    if (p->shares == NULL)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "the profile is off");
    if (index < 3) {
        which = front[index].part;
        snprintf(row.name, sizeof row.name, "%s", front[index].name);
    } else if (index - 3 < p->layers) {
        which = PART_LAYER + index - 3;
        snprintf(row.name, sizeof row.name, "layer %u", index - 3);
    } else if (index - 3 - p->layers < sizeof back / sizeof *back) {
        which = back[index - 3 - p->layers].part;
        snprintf(row.name, sizeof row.name, "%s", back[index - 3 - p->layers].name);
    } else {
        return library_fail(d, LOCKSTEP_NOT_FOUND, "no part %u of the profile", index);
    }
    row.count = p->shares[which].count;
    row.cycles = p->shares[which].cycles;
    row.seconds = 1e-9 * (double)p->shares[which].nanoseconds;
    memcpy(part, &row, size < sizeof row ? size : sizeof row);
    return LOCKSTEP_OK;
}
