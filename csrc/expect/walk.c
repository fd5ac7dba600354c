/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Instruction by instruction: docs/architecture.md, Microcode.
 */
#include "walk.h"

#include "csrc/base/device_info.h"

struct walk walk_begin(const struct fw_program *program, const struct fw_model *model,
                       bool wants_any) {
    return (struct walk){.program = program, .model = model, .wants_any = wants_any};
}

uint32_t walk_op(const struct walk *walk) {
    return walk->program->words[walk->pc][0] & LOCKSTEP_UCODE0_OP_MASK;
}

uint32_t walk_n(const struct walk *walk) {
    return walk->program->words[walk->pc][2] >> LOCKSTEP_UCODE2_N_SHIFT;
}

void walk_on(struct walk *walk) {
    switch (walk_op(walk)) {
    case LOCKSTEP_OP_END:
        walk->over = true;
        return;
    case LOCKSTEP_OP_WANT:
        walk->over = !walk->wants_any;
        walk->wanting = true;
        break;
    case LOCKSTEP_OP_LOOP:
        walk->loop_pc = walk->pc + 1;
        walk->layer = 0;
        break;
    case LOCKSTEP_OP_NEXT:
        if (++walk->layer < walk->model->layers) {
            walk->pc = walk->loop_pc;
            return;
        }
        break;
    default:
        break;
    }
    walk->pc++;
}

bool walk_next(struct walk *walk, uint32_t *steps) {
    for (*steps = 0; !walk->over && in_mask(LOCKSTEP_OPS_CLASS_CONTROL, walk_op(walk)); ++*steps)
        walk_on(walk);
    return !walk->over;
}

uint32_t walk_seen(const struct walk *walk, uint32_t position) {
    const struct fw_model *m = walk->model;
    const bool local = m->local_period != 0 && walk->layer % m->local_period < m->local_count;
    return local && m->local_window != 0 && m->local_window <= position ? m->local_window
                                                                        : position + 1;
}

uint32_t walk_tensor_index(const struct walk *walk) {
    const uint32_t word = walk->program->words[walk->pc][0];
    const uint32_t place = word >> LOCKSTEP_UCODE0_TENSOR_SHIFT;
    if (!in_mask(LOCKSTEP_OPS_TENSOR, walk_op(walk)))
        return WALK_NO_TENSOR;
    return (word & LOCKSTEP_UCODE0_PER_LAYER_MASK) != 0
               ? place + walk->layer * program_stride(walk->model)
               : place;
}

const struct fw_tensor *walk_tensor(const struct walk *walk) {
    const uint32_t index = walk_tensor_index(walk);
    return index == WALK_NO_TENSOR ? NULL : &walk->model->tensors[index];
}

bool walk_rows_by_slot(const struct walk *walk) {
    return in_mask(LOCKSTEP_OPS_TOKEN | LOCKSTEP_OPS_POSITION, walk_op(walk));
}

uint32_t walk_row(const struct walk *walk, uint32_t token, uint32_t position) {
    return in_mask(LOCKSTEP_OPS_POSITION, walk_op(walk)) ? position : token;
}
