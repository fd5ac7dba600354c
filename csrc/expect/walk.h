/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The walk over the microcode that a pass takes, as rtl/engine/walker.v does it. What is predicted
 * of ops, cycles, fetches and events alike, is worked out along it.
 *
 *     struct walk walk = walk_begin(program, model, wants_any);
 *     walk_slot(&walk, wants, choice); // each, if the model has experts
 *     for (; walk_next(&walk, &steps); walk_on(&walk))
 *         use(walk_op(&walk), walk.layer, walk_tensor(&walk));
 */
#ifndef LS_WALK_H
#define LS_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/program.h"
#include "generated/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WALK_NO_TENSOR UINT32_MAX
#define WALK_SLOTS     8u
#define WALK_LAYERS    256u

/* The experts that a slot chose in a layer: a bit each. Of values this alone decides what is done,
 * so it is told, by the golden model. */
struct walk_choice {
    uint64_t experts[LOCKSTEP_EXPERTS_MAX / 64];
};

struct walk {
    const struct fw_program *program;
    const struct fw_model *model;
    uint32_t pc, layer;
    uint32_t loop_pc; /* of the first instruction of the loop */
    bool wants_any;   /* some slot of the pass wants a token */
    bool wanting;     /* behind WANT: only the slots that do are active */
    bool over;
    bool in_experts; /* only the slots that chose `expert` are active */
    uint32_t expert, expert_pc;
    struct walk_choice left; /* experts of the loop, `expert` the lowest of them */
    uint32_t slot_count;
    bool wants[WALK_SLOTS];
    const struct walk_choice *choices[WALK_SLOTS]; /* [layers] */
};

/* At the first instruction. Keeps views of program and model. */
struct walk walk_begin(const struct fw_program *program, const struct fw_model *model,
                       bool wants_any);

/* A slot of the pass. `choice` [layers], kept by the caller, or NULL in a model without experts. */
void walk_slot(struct walk *walk, bool wants, const struct walk_choice *choice);

/* Whether a slot, as they were told, takes part where the walk stands. */
bool walk_active(const struct walk *walk, uint32_t slot);

/* Whether it is at an instruction that no unit executes. */
bool walk_is_control(const struct walk *walk);

/* Goes on to the next op that a unit executes, if it is not at one. false: the pass is over.
 * *steps: control instructions that were passed. */
bool walk_next(struct walk *walk, uint32_t *steps);

/* Behind that op. */
void walk_on(struct walk *walk);

uint32_t walk_op(const struct walk *walk); /* LOCKSTEP_OP_* */
uint32_t walk_n(const struct walk *walk);  /* its elements */

/* Positions that attention of its layer sees from `position`, that one among them. */
uint32_t walk_seen(const struct walk *walk, uint32_t position);

/* Index of its tensor in the table, or WALK_NO_TENSOR. */
uint32_t walk_tensor_index(const struct walk *walk);

/* Its tensor, or NULL. */
const struct fw_tensor *walk_tensor(const struct walk *walk);

/* Whether it holds a matrix of each expert, of which one is used. */
bool walk_is_of_expert(const struct walk *walk);

/* What is fetched of a tensor that is used whole: all of it, or the expert's matrix. */
uint64_t walk_address(const struct walk *walk);
uint64_t walk_bytes(const struct walk *walk);

/* Whether each slot takes a row of it, and which one that is. */
bool walk_rows_by_slot(const struct walk *walk);
uint32_t walk_row(const struct walk *walk, uint32_t token, uint32_t position);

#ifdef __cplusplus
}
#endif
#endif
