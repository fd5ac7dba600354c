/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Looks for the cycles of run->window, and ends the run when they are known. Only a trigger needs
 * to be asked in every cycle.
 */
#include "rtl.h"

static void enough(struct rtl *rtl) {
    if (rtl->run->window->found && rtl->session.device.status == DEVICE_OK)
        rtl->session.device.status = DEVICE_ENOUGH;
}

static int window_open(struct session *session, void **self, struct ls_error *err) {
    struct rtl *rtl = rtl_of(session);
    (void)err;
    *self = rtl->run->window != NULL ? rtl : NULL;
    return 0;
}

static int window_commit(void *self, const struct device_commit *commit) {
    struct rtl *rtl = self;
    const struct scoreboard_difference *d = &rtl->session.board.first;
    if (d->found && d->cycle == commit->cycle)
        window_difference(rtl->run->window, d->begin, d->cycle);
    return 0;
}

static void op(void *self, const struct scoreboard_op *ended) {
    struct rtl *rtl = self;
    window_op(rtl->run->window, ended);
    enough(rtl);
}

static int trigger_open(struct session *session, void **self, struct ls_error *err) {
    struct rtl *rtl = rtl_of(session);
    struct window *window = rtl->run->window;
    if (window == NULL)
        return 0;
    if (window_watch(window, rtl->session.device.dut, err) != 0)
        return -1;
    *self = window->watched_count != 0 ? rtl : NULL;
    return 0;
}

static void trigger_cycle(void *self) {
    struct rtl *rtl = self;
    window_cycle(rtl->run->window, rtl->session.device.cycle);
    enough(rtl);
}

const struct observer observe_window = {.open = window_open, .commit = window_commit, .op = op};
const struct observer observe_trigger = {.open = trigger_open, .cycle = trigger_cycle};
