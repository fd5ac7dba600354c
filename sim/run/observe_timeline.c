/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * options.timeline. A run that looks for a window is followed by one that has its timeline.
 */
#include <string.h>

#include "rtl.h"
#include "sim/trace/timeline.h"

static int open_timeline(struct session *session, void **self, struct ls_error *err) {
    struct rtl *rtl = rtl_of(session);
    const struct sim_run *run = rtl->run;
    const struct sim_options *o = run->options;
    const char *slash = strrchr(o->model, '/');
    const struct timeline_subject subject = {.model = run->model,
                                             .tokenizer = run->model->tokenizer,
                                             .program = &rtl->session.firmware.program,
                                             .device = &rtl->session.device,
                                             .power = &rtl->session.power,
                                             .title = slash != NULL ? slash + 1 : o->model,
                                             .clock_hz = o->clock_hz,
                                             .slots = run->limits.slots};
    struct timeline *timeline = NULL;
    if (o->timeline == NULL || run->window != NULL)
        return 0;
    const int status = timeline_open(o->timeline, &subject, &timeline, err);
    *self = timeline;
    return status;
}

static void begin(void *self) {
    timeline_begin(self);
}

static int commit(void *self, const struct device_commit *c) {
    timeline_commit(self, c);
    return 0;
}

static void op(void *self, const struct scoreboard_op *op) {
    timeline_op(self, op);
}

static void window(void *self, uint32_t die, uint32_t package, uint32_t pace) {
    timeline_window(self, die, package, pace);
}

static void cycle(void *self) {
    timeline_cycle(self);
}

static int close_timeline(void *self, struct ls_error *err) {
    return timeline_close(self, err);
}

const struct observer observe_timeline = {.open = open_timeline,
                                          .begin = begin,
                                          .commit = commit,
                                          .op = op,
                                          .window = window,
                                          .cycle = cycle,
                                          .close = close_timeline};
