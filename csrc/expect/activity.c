/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Walks the microcode as docs/architecture.md tells it and counts.
 */
#include "activity.h"

#include <string.h>

struct op {
    uint32_t code, n, layer;
    const struct fw_tensor *tensor;
    const struct walk *walk; /* which shows it */
};

static uint64_t blocks_of(uint64_t elements) {
    return (elements + LOCKSTEP_BLOCK - 1) / LOCKSTEP_BLOCK;
}

void activity_open(struct activity *activity, const struct fw_program *program,
                   const struct fw_model *model, const struct fw_limits *limits,
                   const struct power_settings *settings) {
    memset(activity, 0, sizeof *activity);
    activity->program = program;
    activity->model = model;
    activity->limits = *limits;
    activity->settings = *settings;
}

void activity_slot(struct activity *activity, const struct activity_slot *slot) {
    if (activity->slot_count < ACTIVITY_SLOTS)
        activity->slots[activity->slot_count++] = *slot;
}

void activity_choice(struct activity *activity, uint32_t slot, const struct walk_choice *choice) {
    if (slot < ACTIVITY_SLOTS && choice != NULL)
        memcpy(activity->choices[slot], choice, activity->model->layers * sizeof *choice);
}

/* 128-bit words of the whole beats that hold these bytes. */
static uint64_t port_words(const struct activity *a, uint64_t address, uint64_t bytes) {
    const uint64_t beat = a->limits.port_bits / 8;
    return ((address % beat + bytes + beat - 1) / beat) * (beat / 16);
}

static void count_matrix(const struct activity *a, const struct op *op, uint64_t slots,
                         uint64_t counts[LOCKSTEP_EVENT_LIMIT]) {
    const struct fw_tensor *t = op->tensor;
    const uint64_t blocks = t->rows * blocks_of(t->cols);
    const struct type_info *const type = type_info_of(t->type);
    counts[type->event] += blocks * slots;
    /* 16-bit halfwords of 32 elements, rounded up; the last block of a row of floats counts whole
     */
    counts[LOCKSTEP_EVENT_HALF] +=
        blocks * ((LOCKSTEP_BLOCK / 2 * type->bytes + type->elements - 1u) / type->elements);
    counts[LOCKSTEP_EVENT_RESULT] += t->rows * slots;
    counts[LOCKSTEP_EVENT_WORD] += port_words(a, walk_address(op->walk), walk_bytes(op->walk));
}

/* K and V words of the positions that are seen, once for each group of query heads that share a
 * reading. */
static void count_attention(const struct activity *a, const struct walk *walk,
                            uint64_t counts[LOCKSTEP_EVENT_LIMIT]) {
    const struct fw_model *m = a->model;
    const uint64_t words = blocks_of(m->head_dim), shared = m->heads / m->kv_heads;
    const uint64_t at_once = a->limits.attention_heads;
    for (uint32_t i = 0; i < a->slot_count; i++) {
        if (!walk_active(walk, i))
            continue;
        const uint64_t read = 2 * words * (uint64_t)walk_seen(walk, a->slots[i].position);
        counts[LOCKSTEP_EVENT_KV_READ] += m->kv_heads * ((shared + at_once - 1) / at_once) * read;
        counts[LOCKSTEP_EVENT_ATTEND] += m->heads * read;
    }
}

static void count_op(const struct activity *a, const struct op *op, uint64_t slots,
                     uint64_t counts[LOCKSTEP_EVENT_LIMIT]) {
    const struct fw_model *m = a->model;
    const uint32_t event = op_info[op->code].event;
    counts[LOCKSTEP_EVENT_OP]++;
    switch (op->code) {
    case LOCKSTEP_OP_MATVEC:
        count_matrix(a, op, slots, counts);
        return;
    case LOCKSTEP_OP_LOGITS:
        count_matrix(a, op, slots, counts);
        counts[event] += op->tensor->rows * slots;
        return;
    case LOCKSTEP_OP_ATTEND:
        count_attention(a, op->walk, counts);
        return;
    case LOCKSTEP_OP_KV:
        counts[event] += slots * 2 * m->kv_heads * blocks_of(m->head_dim);
        return;
    case LOCKSTEP_OP_ANGLES: /* pairs */
        counts[event] += slots * (m->n_rot / 2);
        return;
    case LOCKSTEP_OP_QUANT:
        counts[event] += slots * blocks_of(op->n);
        return;
    case LOCKSTEP_OP_EMBED:
    case LOCKSTEP_OP_POSITION:
        for (uint32_t i = 0; i < a->slot_count; i++) {
            const struct activity_slot *const s = &a->slots[i];
            const uint64_t row = op->tensor->bytes / op->tensor->rows;
            if (walk_active(op->walk, i))
                counts[LOCKSTEP_EVENT_WORD] += port_words(
                    a, op->tensor->address + walk_row(op->walk, s->token, s->position) * row, row);
        }
        break;
    default: /* one row for all slots */
        if (op->tensor != NULL)
            counts[LOCKSTEP_EVENT_WORD] += port_words(a, op->tensor->address, op->tensor->bytes);
        break;
    }
    counts[event] += slots * op->n; /* elements */
}

static void add(struct activity_total *total, uint64_t energy) {
    total->ops++;
    total->energy += energy;
}

static void run_op(struct activity *a, const struct op *op) {
    uint64_t counts[LOCKSTEP_EVENT_LIMIT] = {0}, energy = 0, slots = 0;
    for (uint32_t i = 0; i < a->slot_count; i++)
        slots += walk_active(op->walk, i);
    count_op(a, op, slots, counts);
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
        if (in_mask(LOCKSTEP_UNITS_WORK, u))
            energy += power_energy(&a->settings, u, counts);
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        a->sum.counts[e] += counts[e];
    add(&a->sum.op[op->code % ACTIVITY_OPS], energy);
    add(&a->sum.layer[op->layer % ACTIVITY_LAYERS], energy);
}

void activity_pass(struct activity *a) {
    uint64_t wanting_slots = 0;
    uint32_t steps;
    for (uint32_t i = 0; i < a->slot_count; i++)
        wanting_slots += a->slots[i].wants;
    struct walk walk = walk_begin(a->program, a->model, wanting_slots != 0);
    for (uint32_t i = 0; i < a->slot_count; i++)
        walk_slot(&walk, a->slots[i].wants, a->choices[i]);
    for (; walk_next(&walk, &steps); walk_on(&walk)) {
        const struct op op = {walk_op(&walk), walk_n(&walk), walk.layer, walk_tensor(&walk), &walk};
        run_op(a, &op);
    }
    for (uint32_t i = 0; i < a->slot_count; i++) {
        a->sum.counts[LOCKSTEP_EVENT_PROMPT] += a->slots[i].first;
        a->sum.fed += a->slots[i].fed;
    }
    a->sum.chosen += wanting_slots;
    a->sum.passes++;
    a->sum.tokens += a->slot_count;
    a->slot_count = 0;
}
