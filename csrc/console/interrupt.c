/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Ctrl-C: a signal knows no context, so this state alone is global.
 */
#include <signal.h>

#include "inside.h"

static struct lockstep *volatile working;
static volatile sig_atomic_t seen, gentle, passed_on;

static void on_interrupt(int number) {
    struct lockstep *device = working;
    (void)number;
    seen++;
    if (device != NULL && (!gentle || seen > 1)) {
        passed_on = 1;
        lockstep_interrupt(device);
    }
}

void console_catch(void) {
    struct sigaction action = {.sa_handler = on_interrupt}; /* reads of lines end */
    sigaction(SIGINT, &action, NULL);
}

void console_interrupts(struct lockstep *device, bool patient) {
    struct lockstep *before = working;
    working = NULL;
    if (before != NULL && passed_on) /* it came when all was done */
        lockstep_clock(before, 1);
    passed_on = 0;
    seen = 0;
    gentle = patient;
    working = device;
}

bool console_stopped(void) {
    return seen != 0;
}
