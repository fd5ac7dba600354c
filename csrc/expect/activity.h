/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What a run must make the device do: events, ops and their energy, worked out from the program,
 * the shapes and the slots of each pass alone. Nothing here comes from the device's counters.
 *
 *     struct activity activity;
 *     activity_open(&activity, &program, &fw_model, &limits, &settings);
 *     activity_slot(&activity, &slot); // each of the pass
 *     activity_pass(&activity);
 *     products = activity.sum.counts[LOCKSTEP_EVENT_DOT4];
 *
 * CYCLE, BUSY, REGISTER and BURST follow from when things happen, not from shapes: they stay 0
 * here, and sim/check/sim_power.c counts them at the device's ports.
 */
#ifndef LS_ACTIVITY_H
#define LS_ACTIVITY_H

#include <stdbool.h>

#include "firmware/program.h"
#include "power.h"
#include "walk.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACTIVITY_SLOTS  WALK_SLOTS
#define ACTIVITY_OPS    64u  /* rows of OP_INDEX: enum OP, */
#define ACTIVITY_LAYERS 256u /* then 64 + layer */

struct activity_total {
    uint64_t ops;
    uint64_t cycles; /* of a device; 0 in struct activity */
    uint64_t energy; /* fJ of the units that OP_ENERGY counts, modulo 2^64 */
};

/* After so many passes. */
struct activity_sum {
    uint64_t passes, tokens;
    uint64_t fed, chosen; /* tokens that came through token-in; that are put out */
    uint64_t counts[LOCKSTEP_EVENT_LIMIT];
    struct activity_total op[ACTIVITY_OPS];       /* by LOCKSTEP_OP_* */
    struct activity_total layer[ACTIVITY_LAYERS]; /* before LOOP: 0, behind the loop: N_LAYERS */
};

struct activity_slot {
    uint32_t position, token;
    bool wants; /* a token is chosen after it */
    bool first; /* its sequence begins */
    bool fed;   /* it came through token-in */
};

struct activity {
    const struct fw_program *program;
    const struct fw_model *model;
    struct fw_limits limits;
    struct power_settings settings;
    struct activity_sum sum;
    struct activity_slot slots[ACTIVITY_SLOTS]; /* of the pass that is being told */
    struct walk_choice choices[ACTIVITY_SLOTS][WALK_LAYERS];
    uint32_t slot_count;
};

/* Keeps views of program and model. */
void activity_open(struct activity *activity, const struct fw_program *program,
                   const struct fw_model *model, const struct fw_limits *limits,
                   const struct power_settings *settings);

/* A slot of the coming pass; more than ACTIVITY_SLOTS are left out. */
void activity_slot(struct activity *activity, const struct activity_slot *slot);

/* What one of these slots chooses: `choice` [layers] is copied. NULL: the model has no experts. */
void activity_choice(struct activity *activity, uint32_t slot, const struct walk_choice *choice);

/* The pass with these slots has run. */
void activity_pass(struct activity *activity);

#ifdef __cplusplus
}
#endif
#endif
