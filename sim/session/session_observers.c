/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * How each observer is told.
 */
#include <stdlib.h>

#include "session.h"

/* Everyone who takes part and has `what`, as number i. */
#define EACH(s, what)                                                                              \
    for (size_t i = 0; i < (s)->count; i++)                                                        \
        if ((s)->observers[i] != NULL && (s)->list[i]->what != NULL)

static int on_commit(void *observer, const struct device_commit *commit) {
    struct session *s = observer;
    EACH (s, commit)
        if (s->list[i]->commit(s->observers[i], commit) != 0)
            s->stopping = true;
    return s->stopping;
}

static void on_pulse(void *observer, enum device_pulse pulse) {
    struct session *s = observer;
    EACH (s, pulse)
        s->list[i]->pulse(s->observers[i], pulse);
}

static void on_part(void *observer, uint32_t unit, uint64_t energy) {
    struct session *s = observer;
    EACH (s, part)
        s->list[i]->part(s->observers[i], unit, energy);
}

static void on_window(void *observer, uint32_t die, uint32_t package, uint32_t pace) {
    struct session *s = observer;
    EACH (s, window)
        s->list[i]->window(s->observers[i], die, package, pace);
}

static void on_cycle(void *observer) {
    struct session *s = observer;
    EACH (s, cycle)
        s->list[i]->cycle(s->observers[i]);
}

static void on_progress(void *observer) {
    struct session *s = observer;
    EACH (s, progress)
        s->list[i]->progress(s->observers[i]);
}

static void on_op(void *context, const struct scoreboard_op *op) {
    struct session *s = context;
    EACH (s, op)
        s->list[i]->op(s->observers[i], op);
}

static void on_token(void *context, uint32_t sequence, uint32_t position, uint32_t token,
                     const uint32_t *logits) {
    struct session *s = context;
    EACH (s, token)
        s->list[i]->token(s->observers[i], sequence, position, token, logits);
}

int session_observe(struct session *s, const struct observer *const *list, size_t count,
                    struct ls_error *err) {
    struct device *device = &s->device;
    bool by_cycle = false;
    s->observers = calloc(count, sizeof *s->observers);
    if (s->observers == NULL)
        return ls_error_set(err, "out of memory");
    s->list = list;
    s->count = count;
    for (size_t i = 0; i < count; i++) {
        if (list[i]->open == NULL)
            s->observers[i] = s;
        else if (list[i]->open(s, &s->observers[i], err) != 0)
            return -1;
        by_cycle = by_cycle || (s->observers[i] != NULL && list[i]->cycle != NULL);
    }
    device->observer = s;
    device->on_commit = on_commit;
    device->on_pulse = on_pulse;
    device->on_part = on_part;
    device->on_window = on_window;
    device->on_progress = on_progress;
    device->on_cycle = by_cycle ? on_cycle : NULL;
    s->board.told = s;
    s->board.on_op = on_op;
    scoreboard_follow(&s->board, on_token, s);
    return 0;
}

void session_begin(struct session *s) {
    EACH (s, begin)
        s->list[i]->begin(s->observers[i]);
}

void session_check(struct session *s, bool right) {
    scoreboard_settle(&s->board);
    s->right = right;
    EACH (s, check)
        s->list[i]->check(s->observers[i]);
}

/* Power windows go on: the device closes one after the run. */
void session_detach(struct session *s) {
    s->device.on_commit = NULL;
    s->device.on_pulse = NULL;
    s->device.on_cycle = NULL;
}

void session_unobserve(struct session *s,
                       void (*on_unwritten)(void *owner, const struct ls_error *err)) {
    struct ls_error err;
    scoreboard_settle(&s->board);
    EACH (s, close)
        if (s->list[i]->close(s->observers[i], &err) != 0 && on_unwritten != NULL)
            on_unwritten(s->owner, &err);
    free(s->observers);
    s->observers = NULL;
    s->count = 0;
}
