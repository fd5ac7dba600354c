/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A ring. Its lock is held for copies alone, never while the device computes.
 */
#include <stdlib.h>
#include <string.h>

#include "csrc/base/device_info.h"
#include "watch_step.h"

static void free_step(struct step *s) {
    for (uint32_t i = 0; i < s->token_count; i++)
        free(s->tokens[i].fed);
    free(s->ops);
    memset(s, 0, sizeof *s);
}

static uint32_t capability(struct lockstep *device, uint32_t address) {
    uint32_t value = 0;
    return lockstep_read(device, address, &value) == LOCKSTEP_OK ? value : 0;
}

struct watch *watch_open(struct lockstep *device) {
    struct watch *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    pthread_mutex_init(&w->lock, NULL);
    w->asked = -WATCH_SECONDS;
    w->of = (struct watch_device){.lanes = capability(device, LOCKSTEP_REG_LANES),
                                  .slots = capability(device, LOCKSTEP_REG_SLOTS),
                                  .port_bits = capability(device, LOCKSTEP_REG_PORT_BITS),
                                  .token_fifo = capability(device, LOCKSTEP_REG_TOKEN_FIFO),
                                  .beat_fifo = capability(device, LOCKSTEP_REG_BEATS)};
    return w;
}

void watch_close(struct watch *w) {
    if (w == NULL)
        return;
    free_step(&w->now);
    for (uint32_t i = 0; i < WATCH_PASSES; i++)
        free_step(&w->ring[i]);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

struct watch_device watch_of(const struct watch *w) {
    return w->of;
}

/* ---- by the device's thread ---- */

/* Counters are told as what came since they were read before, so they are read once in advance. */
void watch_before(struct watch *w, struct lockstep *device) {
    struct lockstep_pass pass;
    pthread_mutex_lock(&w->lock);
    const bool looking = generation_now() - w->asked < WATCH_SECONDS;
    pthread_mutex_unlock(&w->lock);
    if (looking && !w->looking && lockstep_get_pass(device, &pass, sizeof pass) == LOCKSTEP_OK)
        w->pass = pass.number;
    w->looking = looking;
}

void watch_token(struct watch *w, const struct generation *g, const struct lockstep_event *event) {
    struct step *s = &w->now;
    if (!w->looking || s->token_count == WATCH_TOKENS || g->generated == 0)
        return;
    struct token *t = &s->tokens[s->token_count++];
    const uint32_t before = g->generated - 1; /* it has been noted there */
    *t = (struct token){.request = event->request,
                        .index = event->index,
                        .token = event->token,
                        .golden = event->golden != 0};
    memcpy(t->completion, g->name, sizeof t->completion);
    t->fed = malloc((g->count + before + 1) * sizeof *t->fed);
    if (t->fed == NULL)
        return;
    t->fed_count = (uint32_t)g->count + before;
    memcpy(t->fed, g->tokens, g->count * sizeof *t->fed);
    if (before != 0)
        memcpy(t->fed + g->count, g->ids, before * sizeof *t->fed);
}

static void take_pass(struct watch *w, struct lockstep *device) {
    struct step *s = &w->now;
    if (lockstep_get_pass(device, &s->pass, sizeof s->pass) != LOCKSTEP_OK || s->pass.slots == 0 ||
        s->pass.number == w->pass)
        return;
    w->pass = s->pass.number;
    s->ops = calloc(s->pass.ops + 1, sizeof *s->ops);
    s->has_pass = s->ops != NULL;
    for (uint32_t i = 0; i < s->pass.ops && s->has_pass; i++)
        lockstep_get_op(device, i, &s->ops[i], sizeof *s->ops);
    s->pass.slots = s->pass.slots < WATCH_SLOTS ? s->pass.slots : WATCH_SLOTS;
    for (uint32_t i = 0; i < s->pass.slots; i++)
        lockstep_get_slot(device, i, &s->slots[i], sizeof *s->slots);
}

void watch_behind(struct watch *w, struct lockstep *device) {
    struct step *s = &w->now;
    if (w->looking)
        take_pass(w, device);
    if (!s->has_pass && s->token_count == 0)
        return;
    pthread_mutex_lock(&w->lock);
    s->number = ++w->number;
    struct step old = w->ring[s->number % WATCH_PASSES];
    w->ring[s->number % WATCH_PASSES] = *s;
    pthread_mutex_unlock(&w->lock);
    memset(s, 0, sizeof *s);
    free_step(&old);
}
