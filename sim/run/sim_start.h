/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Puts a run at a later token: the golden model computes what comes before, or a checkpoint holds
 * it, and its K and V go into the device by the back door.
 *
 *     struct sim_start start;
 *     if (sim_start_find(run, golden, reference, slots, &start, &err) == 0)
 *         session_put_kv(session, golden, 0, start.state.computed);
 *     sim_start_close(&start);
 */
#ifndef LOCKSTEP_SIM_START_H
#define LOCKSTEP_SIM_START_H

#include "csrc/expect/walk.h"
#include "csrc/golden/checkpoint.h"
#include "sim/device/device.h"
#include "sim_run.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_start {
    struct checkpoint state; /* owned */
    uint32_t generated;      /* tokens of the completion before it */
    /* [state.computed * layers], owned: what each position chose; in a segment of a model with
     * experts. */
    struct walk_choice *choices;
};

/* Whether the options ask for it. */
bool sim_start_wanted(const struct sim_options *options);

/* Computes with `golden`, sequence 0, up to the pass before that of token options->start_token, or
 * reads options->resume; so the token itself enters the device as in a run of everything. A pass of
 * the prompt begins where it would. `slots`: of a pass. The text goes to run. `reference` keeps
 * up, if not NULL. Returns 0, or -1 with `err`. */
int sim_start_find(struct sim_run *run, struct golden *golden, struct ls_reference *reference,
                   uint32_t slots, struct sim_start *start, struct ls_error *err);

void sim_start_close(struct sim_start *start);

#ifdef __cplusplus
}
#endif
#endif
