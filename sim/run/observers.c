/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The list of observers, and how each of them is told.
 */
#include <stdlib.h>

#include "observer.h"

/* In the order in which they are told: the checks first, because others read what they found. */
#define OBSERVERS(X)                                                                               \
    X(words)                                                                                       \
    X(power)                                                                                       \
    X(cycles)                                                                                      \
    X(commits)                                                                                     \
    X(timeline)                                                                                    \
    X(window)                                                                                      \
    X(trigger)                                                                                     \
    X(reference)                                                                                   \
    X(progress)                                                                                    \
    X(planted)

#define DECLARE(name) extern const struct observer observe_##name;
OBSERVERS(DECLARE)
#define POINTER(name) &observe_##name,
static const struct observer *const list[] = {OBSERVERS(POINTER)};
enum { COUNT = sizeof list / sizeof *list };

/* Everyone who takes part and has `what`, as number i. */
#define EACH(rtl, what)                                                                            \
    for (int i = 0; i < COUNT; i++)                                                                \
        if ((rtl)->observers[i] != NULL && list[i]->what != NULL)

static int on_commit(void *observer, const struct device_commit *commit) {
    struct rtl *rtl = observer;
    EACH (rtl, commit)
        if (list[i]->commit(rtl->observers[i], commit) != 0)
            rtl->stopping = true;
    return rtl->stopping;
}

static void on_pulse(void *observer, enum device_pulse pulse) {
    struct rtl *rtl = observer;
    EACH (rtl, pulse)
        list[i]->pulse(rtl->observers[i], pulse);
}

static void on_part(void *observer, uint32_t unit, uint64_t energy) {
    struct rtl *rtl = observer;
    EACH (rtl, part)
        list[i]->part(rtl->observers[i], unit, energy);
}

static void on_window(void *observer, uint32_t die, uint32_t package, uint32_t pace) {
    struct rtl *rtl = observer;
    EACH (rtl, window)
        list[i]->window(rtl->observers[i], die, package, pace);
}

static void on_cycle(void *observer) {
    struct rtl *rtl = observer;
    EACH (rtl, cycle)
        list[i]->cycle(rtl->observers[i]);
}

static void on_progress(void *observer) {
    struct rtl *rtl = observer;
    EACH (rtl, progress)
        list[i]->progress(rtl->observers[i]);
}

static void on_op(void *context, const struct scoreboard_op *op) {
    struct rtl *rtl = context;
    EACH (rtl, op)
        list[i]->op(rtl->observers[i], op);
}

static void on_token(void *context, uint32_t sequence, uint32_t position, uint32_t token,
                     const uint32_t *logits) {
    struct rtl *rtl = context;
    EACH (rtl, token)
        list[i]->token(rtl->observers[i], sequence, position, token, logits);
}

int observers_open(struct rtl *rtl, struct ls_error *err) {
    struct device *device = &rtl->device;
    bool by_cycle = false;
    rtl->observers = calloc(COUNT, sizeof *rtl->observers);
    if (rtl->observers == NULL)
        return ls_error_set(err, "out of memory");
    for (int i = 0; i < COUNT; i++) {
        if (list[i]->open == NULL)
            rtl->observers[i] = rtl;
        else if (list[i]->open(rtl, &rtl->observers[i], err) != 0)
            return -1;
        by_cycle = by_cycle || (rtl->observers[i] != NULL && list[i]->cycle != NULL);
    }
    device->observer = rtl;
    device->on_commit = on_commit;
    device->on_pulse = on_pulse;
    device->on_part = on_part;
    device->on_window = on_window;
    device->on_progress = on_progress;
    device->on_cycle = by_cycle ? on_cycle : NULL;
    rtl->board.told = rtl;
    rtl->board.on_op = on_op;
    rtl->board.on_token = on_token;
    return 0;
}

void observers_begin(struct rtl *rtl) {
    EACH (rtl, begin)
        list[i]->begin(rtl->observers[i]);
}

void observers_check(struct rtl *rtl) {
    EACH (rtl, check)
        list[i]->check(rtl->observers[i]);
}

/* Power windows go on: the device closes one after the run. */
void observers_detach(struct rtl *rtl) {
    rtl->device.on_commit = NULL;
    rtl->device.on_pulse = NULL;
    rtl->device.on_cycle = NULL;
}

void observers_close(struct rtl *rtl) {
    struct ls_error err;
    if (rtl->observers == NULL)
        return;
    EACH (rtl, close)
        if (list[i]->close(rtl->observers[i], &err) != 0)
            sim_run_unwritten(rtl->run, &err);
    free(rtl->observers);
    rtl->observers = NULL;
}
