/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The flag is the program's, as its signals are.
 */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile bool interrupted;

static void on_interrupt(int number) {
    (void)number;
    interrupted = true;
}

const volatile bool *interrupt_watch(void) {
    struct sigaction action = {.sa_handler = on_interrupt};
    action.sa_flags = (int)(SA_RESTART | SA_RESETHAND);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (signal(SIGHUP, SIG_IGN) != SIG_IGN) /* nohup */
        sigaction(SIGHUP, &action, NULL);
    return &interrupted;
}
