/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Counters, energy and heat, against what follows from program and shapes.
 */
#include <stdio.h>

#include "observer.h"

static void power_begin(void *self) {
    struct rtl *rtl = self;
    sim_power_begin(&rtl->power, &rtl->firmware.program, &rtl->firmware.model, &rtl->run->limits);
}

static int power_commit(void *self, const struct device_commit *commit) {
    struct rtl *rtl = self;
    if (!rtl->stopping)
        sim_power_commit(&rtl->power, commit, rtl->board.slots[commit->slot].wanted);
    return 0;
}

static void power_pulse(void *self, enum device_pulse pulse) {
    struct rtl *rtl = self;
    sim_power_pulse(&rtl->power, pulse, rtl->device.cycle);
}

static void power_part(void *self, uint32_t unit, uint64_t energy) {
    struct rtl *rtl = self;
    sim_power_part(&rtl->power, unit, energy);
}

static void power_closes(void *self, uint32_t die, uint32_t package, uint32_t pace) {
    struct rtl *rtl = self;
    if (!sim_power_window(&rtl->power, rtl->device.cycle, die, package, pace) &&
        rtl->device.status == DEVICE_OK)
        rtl->device.status = DEVICE_STOPPED;
}

/* Counters and energy of a run that was right so far must be right too. */
static void power_check(void *self) {
    struct rtl *rtl = self;
    struct sim_run *run = rtl->run;
    rtl->device.status = DEVICE_OK;
    sim_power_collect(&rtl->power, run->verdict == SIM_PASS);
    run->power = rtl->power.result;
    if (run->verdict == SIM_PASS && run->power.first[0] != '\0') {
        snprintf(run->message, sizeof run->message, "first difference: %s", run->power.first);
        run->verdict = SIM_DIFFERENCE;
    }
}

static int power_close(void *self, struct ls_error *err) {
    struct rtl *rtl = self;
    return sim_power_close(&rtl->power, err);
}

const struct observer observe_power = {.begin = power_begin,
                                       .commit = power_commit,
                                       .pulse = power_pulse,
                                       .part = power_part,
                                       .window = power_closes,
                                       .check = power_check,
                                       .close = power_close};
