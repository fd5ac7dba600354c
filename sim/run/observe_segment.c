/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Of a segment: when its passes began, its power windows, what the float reference says.
 */
#include "sim_segment.h"

#include <string.h>

void sim_segment_witness(struct rtl *rtl, const struct ls_witness *one) {
    struct sim_segment *segment = rtl->run->segment;
    if (segment->witnesses < rtl->run->context)
        segment->witness[segment->witnesses++] = *one;
}

static int segment_open(struct session *session, void **self, struct ls_error *err) {
    struct rtl *rtl = rtl_of(session);
    (void)err;
    *self = rtl->run->segment != NULL ? rtl : NULL;
    return 0;
}

/* The first segment tells of two passes behind the prompt. `done` is of the pass before. */
static void segment_pulse(void *self, enum device_pulse pulse) {
    struct rtl *rtl = self;
    const struct sim_cycles *c = &rtl->session.cycles;
    struct sim_segments *all = rtl->run->segment->all;
    if (pulse == DEVICE_PASS_START)
        rtl->before = c->done;
    if (pulse != DEVICE_OP_START || rtl->run->segment->index != 0 || sim_flag(&all->anchored))
        return;
    const uint32_t position = c->slots[0].position;
    const uint32_t first = rtl->run->texts[0].prompt_count;
    if (position == first && all->rest_first == 0) {
        all->rest_first = c->begin - rtl->before;
    } else if (position == first + 1) {
        all->rest = c->begin - rtl->before;
        all->anchor = c->begin;
        sim_flag_set(&all->anchored);
    }
}

static void segment_window(void *self, uint32_t die, uint32_t package, uint32_t pace) {
    const struct rtl *rtl = self;
    const struct sim_power *p = &rtl->session.power;
    struct sim_segment *segment = rtl->run->segment;
    (void)die, (void)package, (void)pace;
    if (!p->begun || p->taken || segment->row_count == SIM_SEGMENT_WINDOWS)
        return;
    struct sim_window_row *row = &segment->rows[segment->row_count++];
    row->at = p->row;
    memcpy(row->parts, p->parts, sizeof row->parts);
    memcpy(row->part, p->part, sizeof row->part);
}

const struct observer observe_segment = {
    .open = segment_open, .pulse = segment_pulse, .window = segment_window};
