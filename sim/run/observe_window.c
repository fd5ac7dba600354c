/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Looks for the cycles of run->window, and ends the run when they are known. Only a trigger needs
 * to be asked in every cycle.
 */
#include "observer.h"

static void enough(struct rtl *rtl) {
    if (rtl->run->window->found && rtl->device.status == DEVICE_OK)
        rtl->device.status = DEVICE_ENOUGH;
}

static int window_open(struct rtl *rtl, void **self, struct ls_error *err) {
    (void)err;
    *self = rtl->run->window != NULL ? rtl : NULL;
    return 0;
}

static int window_commit(void *self, const struct device_commit *commit) {
    struct rtl *rtl = self;
    const struct scoreboard_difference *d = &rtl->board.first;
    if (d->found && d->cycle == commit->cycle)
        window_difference(rtl->run->window, d->begin, d->cycle);
    return 0;
}

static void op(void *self, const struct scoreboard_op *ended) {
    struct rtl *rtl = self;
    window_op(rtl->run->window, ended);
    enough(rtl);
}

static int trigger_open(struct rtl *rtl, void **self, struct ls_error *err) {
    struct window *window = rtl->run->window;
    if (window == NULL)
        return 0;
    if (window_watch(window, rtl->device.dut, err) != 0)
        return -1;
    *self = window->watched_count != 0 ? rtl : NULL;
    return 0;
}

static void trigger_cycle(void *self) {
    struct rtl *rtl = self;
    window_cycle(rtl->run->window, rtl->device.cycle);
    enough(rtl);
}

const struct observer observe_window = {.open = window_open, .commit = window_commit, .op = op};
const struct observer observe_trigger = {.open = trigger_open, .cycle = trigger_cycle};
