/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The walk over the microcode that a pass takes, as rtl/engine/walker.v does it. What is predicted
 * of ops, cycles, fetches and events alike, is worked out along it.
 *
 *     struct walk walk = walk_begin(program, model, wants_any);
 *     for (; walk_next(&walk, &steps); walk_on(&walk))
 *         use(walk_op(&walk), walk.layer, walk_tensor(&walk));
 */
#ifndef LS_WALK_H
#define LS_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/program.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WALK_NO_TENSOR UINT32_MAX

struct walk {
    const struct fw_program *program;
    const struct fw_model *model;
    uint32_t pc, layer;
    uint32_t loop_pc; /* of the first instruction of the loop */
    bool wants_any;   /* some slot of the pass wants a token */
    bool wanting;     /* behind WANT: only the slots that do are active */
    bool over;
};

/* At the first instruction. Keeps views of program and model. */
struct walk walk_begin(const struct fw_program *program, const struct fw_model *model,
                       bool wants_any);

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

/* Whether each slot takes a row of it, and which one that is. */
bool walk_rows_by_slot(const struct walk *walk);
uint32_t walk_row(const struct walk *walk, uint32_t token, uint32_t position);

#ifdef __cplusplus
}
#endif
#endif
