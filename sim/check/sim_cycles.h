/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Holds every op of a run to the cycles that csrc/expect/cycles.c predicts: with a regular port
 * exactly; with jitter or gaps those that use weights take at least as many.
 *
 *     sim_cycles_open(&cycles, &program, &fw_model, &limits, &memory, model, &err);
 *     sim_cycles_slot(&cycles, position, token, wants); // each PASS commit
 *     sim_cycles_pulse(&cycles, pulse, cycle);          // each pulse
 *     if (cycles.wrong != 0)
 *         puts(cycles.text);
 *     sim_cycles_close(&cycles);
 */
#ifndef LOCKSTEP_SIM_CYCLES_H
#define LOCKSTEP_SIM_CYCLES_H

#include "csrc/expect/cycles.h"
#include "csrc/model/model.h"
#include "scoreboard.h"
#include "sim/device/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_CYCLES_OPS 64u

struct sim_cycles {
    struct cycles *model;
    struct scoreboard *board;     /* knows what slots choose; NULL: no model has experts */
    const struct ls_model *names; /* of tensors */
    bool exact;                   /* the port is regular */
    bool paced;                   /* the engine may rest between ops */
    uint32_t fault;               /* planted: added to every prediction */
    struct cycles_slot slots[CYCLES_SLOTS]; /* of the pass that comes */
    uint32_t slot_count;
    bool running;                       /* a pass */
    bool working;                       /* an op */
    uint64_t begin, start, done;        /* cycles: of the pass, of the op, of the one before */
    struct cycles_op op;                /* that runs */
    uint64_t predicted;                 /* its cycles */
    uint64_t ops, wrong;                /* compared, and of them outside of what was predicted */
    uint64_t actual_of[SIM_CYCLES_OPS]; /* cycles of all ops of a kind */
    char text[256];                     /* the first that is wrong, or empty */
};

/* Program, model and names are kept by the caller. Returns 0, or -1 with `err`. */
int sim_cycles_open(struct sim_cycles *cycles, const struct fw_program *program,
                    const struct fw_model *model, const struct fw_limits *limits,
                    const struct weight_mem_settings *memory, const struct ls_model *names,
                    struct ls_error *err);

void sim_cycles_close(struct sim_cycles *cycles);

/* A slot of the coming pass, in the order of their numbers; wants: it samples at the end. */
void sim_cycles_slot(struct sim_cycles *cycles, uint32_t position, uint32_t token, bool wants);

void sim_cycles_pulse(struct sim_cycles *cycles, enum device_pulse pulse, uint64_t cycle);

/* The run is over and was right: so is its last pass, with all of its ops. */
void sim_cycles_end(struct sim_cycles *cycles);

/* All ops of kind `op` took `total` cycles, as the device's OP_CYCLES says. */
void sim_cycles_total(struct sim_cycles *cycles, uint32_t op, uint64_t total);

#ifdef __cplusplus
}
#endif
#endif
