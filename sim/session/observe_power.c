/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Counters, energy and heat, against what follows from program and shapes.
 */
#include <stdio.h>

#include "session.h"

static void power_begin(void *self) {
    struct session *s = self;
    sim_power_begin(&s->power, &s->firmware.program, &s->firmware.model, &s->firmware.limits);
}

static int power_commit(void *self, const struct device_commit *commit) {
    struct session *s = self;
    const struct scoreboard_slot *slot = &s->board.slots[commit->slot];
    if (!s->stopping)
        sim_power_commit(&s->power, commit, slot->wanted, slot->draft);
    return 0;
}

static void power_pulse(void *self, enum device_pulse pulse) {
    struct session *s = self;
    sim_power_pulse(&s->power, pulse, s->device.cycle);
}

static void power_part(void *self, uint32_t unit, uint64_t energy) {
    struct session *s = self;
    sim_power_part(&s->power, unit, energy);
}

static void power_closes(void *self, uint32_t die, uint32_t package, uint32_t pace) {
    struct session *s = self;
    if (!sim_power_window(&s->power, s->device.cycle, die, package, pace) &&
        s->device.status == DEVICE_OK)
        s->device.status = DEVICE_STOPPED;
}

/* Counters and energy of a run that was right so far must be right too. */
static void power_check(void *self) {
    struct session *s = self;
    s->device.status = DEVICE_OK;
    sim_power_collect(&s->power, s->right);
    if (s->right && s->power.result.first[0] != '\0') {
        snprintf(s->message, sizeof s->message, "first difference: %s", s->power.result.first);
        s->right = false;
    }
}

static int power_close(void *self, struct ls_error *err) {
    struct session *s = self;
    return sim_power_close(&s->power, err);
}

const struct observer observe_power = {.begin = power_begin,
                                       .commit = power_commit,
                                       .pulse = power_pulse,
                                       .part = power_part,
                                       .window = power_closes,
                                       .check = power_check,
                                       .close = power_close};
