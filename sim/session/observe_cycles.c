/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The cycles of every op, against what is predicted.
 */
#include <stdio.h>

#include "generated/device.h"
#include "session.h"

static int cycles_commit(void *self, const struct device_commit *commit) {
    struct session *s = self;
    if (commit->op == LOCKSTEP_OP_PASS)
        sim_cycles_slot(&s->cycles, commit->words[1], commit->words[0],
                        s->board.slots[commit->slot % SCOREBOARD_SLOTS].wanted);
    return 0;
}

/* Tells the energy meter which op runs. */
static void cycles_pulse(void *self, enum device_pulse pulse) {
    struct session *s = self;
    if (s->cycles.model == NULL) /* while loading */
        return;
    sim_cycles_pulse(&s->cycles, pulse, s->device.cycle);
    sim_power_op(&s->power, s->cycles.working ? (int32_t)s->cycles.op.op : -1);
}

/* One by one, and as the device adds them up. */
static void cycles_check(void *self) {
    struct session *s = self;
    const struct sim_power_result *power = &s->power.result;
    if (s->right)
        sim_cycles_end(&s->cycles);
    for (uint32_t i = 0; i < ACTIVITY_OPS && s->right && power->known; i++)
        sim_cycles_total(&s->cycles, i, power->end.sum.op[i].cycles);
    if (s->right && s->cycles.wrong != 0) {
        snprintf(s->message, sizeof s->message, "other cycles than predicted: %s", s->cycles.text);
        s->right = false;
    }
}

const struct observer observe_cycles = {
    .commit = cycles_commit, .pulse = cycles_pulse, .check = cycles_check};
