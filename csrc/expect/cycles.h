/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * How many cycles each op of a pass takes, from the program, the shapes and the parameters of the
 * device alone: no value is computed and nothing is simulated. docs/cycles.md has the equations.
 *
 *     struct cycles *c;
 *     struct cycles_op op;
 *     uint64_t cycle = 0;
 *     cycles_open(&c, &program, &fw_model, &limits, latency, &err);
 *     for (cycles_pass(c, cycle, slots, count); cycles_next(c, cycle, &op);)
 *         cycle = op.start + cycles_run(c, op.start);
 *     cycles_close(c);
 */
#ifndef LS_CYCLES_H
#define LS_CYCLES_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/base/error.h"
#include "firmware/program.h"
#include "walk.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CYCLES_SLOTS    WALK_SLOTS
#define CYCLES_ANY_PORT UINT32_MAX

struct cycles;

struct cycles_slot {
    uint32_t position;
    uint32_t token;
    bool wants;                       /* samples at the end of the pass */
    const struct walk_choice *choice; /* [layers] of its experts; NULL: the model has none */
};

struct cycles_op {
    uint32_t op; /* LOCKSTEP_OP_* */
    uint32_t pc, layer;
    uint32_t tensor; /* index into the tensor table, or WALK_NO_TENSOR */
    uint64_t start;  /* cycle at which it starts unless the engine rests before it */
};

/* latency: of an ideal port, which takes a request at once, brings its first beat that many cycles
 * later and then a beat a cycle; cycles_run is exact. CYCLES_ANY_PORT: nothing is known of the
 * port; cycles_run is the least that any port allows. Program and model are kept by the caller.
 * Returns 0, or -1 with `err`. */
int cycles_open(struct cycles **cycles, const struct fw_program *program,
                const struct fw_model *model, const struct fw_limits *limits, uint32_t latency,
                struct ls_error *err);

void cycles_close(struct cycles *cycles);

/* A pass over `count` slots, in the order of their numbers, whose walk begins at `cycle`. What they
 * chose is copied. */
void cycles_pass(struct cycles *cycles, uint64_t cycle, const struct cycles_slot *slots,
                 uint32_t count);

/* The next op of the pass, the one before done at `cycle` (of the first: ignored). false: there is
 * none. */
bool cycles_next(struct cycles *cycles, uint64_t cycle, struct cycles_op *op);

/* Cycles from start to done of that op if it starts at `start`. To be called once an op. */
uint64_t cycles_run(struct cycles *cycles, uint64_t start);

#ifdef __cplusplus
}
#endif
#endif
