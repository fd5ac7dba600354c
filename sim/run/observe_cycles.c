/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The cycles of every op, against what is predicted.
 */
#include <stdio.h>

#include "generated/device.h"
#include "observer.h"

static int cycles_commit(void *self, const struct device_commit *commit) {
    struct rtl *rtl = self;
    if (commit->op == LOCKSTEP_OP_PASS)
        sim_cycles_slot(&rtl->cycles, commit->words[1], commit->words[0],
                        rtl->board.slots[commit->slot % SCOREBOARD_SLOTS].wanted);
    return 0;
}

/* Tells the energy meter which op runs. */
static void cycles_pulse(void *self, enum device_pulse pulse) {
    struct rtl *rtl = self;
    if (rtl->cycles.model == NULL) /* while loading */
        return;
    sim_cycles_pulse(&rtl->cycles, pulse, rtl->device.cycle);
    sim_power_op(&rtl->power, rtl->cycles.working ? op_name(rtl->cycles.op.op) : NULL);
}

/* One by one, and as the device adds them up. */
static void cycles_check(void *self) {
    struct rtl *rtl = self;
    struct sim_run *run = rtl->run;
    const struct activity_sum *sum = &run->power.end.sum;
    for (uint32_t i = 0; i < ACTIVITY_OPS && run->verdict == SIM_PASS && run->power.known; i++)
        sim_cycles_total(&rtl->cycles, i, sum->op[i].cycles);
    if (run->verdict == SIM_PASS && rtl->cycles.wrong != 0) {
        snprintf(run->message, sizeof run->message, "other cycles than predicted: %s",
                 rtl->cycles.text);
        run->verdict = SIM_DIFFERENCE;
    }
    run->timed_ops = rtl->cycles.ops;
    run->mistimed = rtl->cycles.wrong;
}

const struct observer observe_cycles = {
    .commit = cycles_commit, .pulse = cycles_pulse, .check = cycles_check};
