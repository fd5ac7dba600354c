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

void walk_slot(struct walk *walk, bool wants, const struct walk_choice *choice) {
    if (walk->slot_count == WALK_SLOTS)
        return;
    walk->wants[walk->slot_count] = wants;
    walk->choices[walk->slot_count++] = choice;
}

static bool has_chosen(const struct walk *walk, uint32_t slot, uint32_t expert) {
    return (walk->choices[slot][walk->layer].experts[expert / 64] >> expert % 64 & 1) != 0;
}

bool walk_active(const struct walk *walk, uint32_t slot) {
    return (!walk->wanting || walk->wants[slot]) &&
           (!walk->in_experts || has_chosen(walk, slot, walk->expert));
}

/* Goes to the lowest of the experts that are left; false: none is. */
static bool take_expert(struct walk *walk) {
    for (uint32_t i = 0; i < LOCKSTEP_EXPERTS_MAX / 64; i++)
        if (walk->left.experts[i] != 0) {
            walk->expert = 64 * i + (uint32_t)__builtin_ctzll(walk->left.experts[i]);
            return true;
        }
    return false;
}

static void begin_experts(struct walk *walk) {
    walk->left = (struct walk_choice){{0}};
    for (uint32_t slot = 0; slot < walk->slot_count; slot++)
        for (uint32_t i = 0; i < LOCKSTEP_EXPERTS_MAX / 64 && walk_active(walk, slot); i++)
            walk->left.experts[i] |= walk->choices[slot][walk->layer].experts[i];
    walk->expert_pc = walk->pc + 1;
    walk->in_experts = take_expert(walk);
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
    case LOCKSTEP_OP_EXPERTS:
        begin_experts(walk);
        break;
    case LOCKSTEP_OP_NEXT_EXPERT:
        walk->left.experts[walk->expert / 64] &= ~(UINT64_C(1) << walk->expert % 64);
        walk->in_experts = take_expert(walk);
        if (walk->in_experts) {
            walk->pc = walk->expert_pc;
            return;
        }
        break;
    default:
        break;
    }
    walk->pc++;
}

bool walk_is_control(const struct walk *walk) {
    return !walk->over && in_mask(LOCKSTEP_OPS_CLASS_CONTROL, walk_op(walk));
}

bool walk_next(struct walk *walk, uint32_t *steps) {
    for (*steps = 0; walk_is_control(walk); ++*steps)
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

bool walk_is_of_expert(const struct walk *walk) {
    return (walk->program->words[walk->pc][0] & LOCKSTEP_UCODE0_EXPERT_MASK) != 0;
}

uint64_t walk_bytes(const struct walk *walk) {
    const struct fw_tensor *const t = walk_tensor(walk);
    return type_row_bytes(&type_info[t->type], t->cols) * t->rows;
}

uint64_t walk_address(const struct walk *walk) {
    const struct fw_tensor *const t = walk_tensor(walk);
    return walk_is_of_expert(walk) ? t->address + walk->expert * walk_bytes(walk) : t->address;
}

bool walk_rows_by_slot(const struct walk *walk) {
    return in_mask(LOCKSTEP_OPS_TOKEN | LOCKSTEP_OPS_POSITION, walk_op(walk));
}

uint32_t walk_row(const struct walk *walk, uint32_t token, uint32_t position) {
    return in_mask(LOCKSTEP_OPS_POSITION, walk_op(walk)) ? position : token;
}
