/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A run of the device, as its own observers see it.
 *
 *     const struct rtl *rtl = rtl_of(session);
 */
#ifndef LOCKSTEP_RTL_H
#define LOCKSTEP_RTL_H

#include "sim/session/session.h"
#include "sim_run.h"
#include "sim_start.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rtl {
    struct session session;
    struct sim_run *run;
    struct sim_start start;
    struct sim_drafts *drafts;      /* NULL: the device goes on by itself */
    struct ls_reference *reference; /* NULL: none was asked for */
    bool joined;                    /* the process of the next segment has taken over */
    uint64_t before;                /* cycle at which the pass before ended */
};

static inline struct rtl *rtl_of(const struct session *session) {
    return (struct rtl *)session->owner;
}

/* The observers of a run, sim/run/observers.c. */
extern const struct observer *const rtl_observers[];
extern const size_t rtl_observer_count;

#ifdef __cplusplus
}
#endif
#endif
