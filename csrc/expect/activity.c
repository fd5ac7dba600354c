/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Walks the microcode as docs/architecture.md tells it and counts.
 */
#include "activity.h"

#include <string.h>

#include "generated/device.h"

#define BLOCK 32u

struct op {
    uint32_t code, n, layer;
    const struct fw_tensor *tensor;
};

static const char *const class_names[ACTIVITY_CLASSES] = {
    "idle",      "control", "matvec",    "weight_stall", "vector",
    "attention", "sample",  "fifo_wait", "throttled",    "validate"};

static const char *const op_names[ACTIVITY_OPS] = {
    [LOCKSTEP_OP_ANGLES] = "ANGLES", [LOCKSTEP_OP_EMBED] = "EMBED",
    [LOCKSTEP_OP_NORM] = "NORM",     [LOCKSTEP_OP_QUANT] = "QUANT",
    [LOCKSTEP_OP_MATVEC] = "MATVEC", [LOCKSTEP_OP_ROPE] = "ROPE",
    [LOCKSTEP_OP_KV] = "KV",         [LOCKSTEP_OP_ATTEND] = "ATTEND",
    [LOCKSTEP_OP_SWIGLU] = "SWIGLU", [LOCKSTEP_OP_ADD] = "ADD",
    [LOCKSTEP_OP_LOGITS] = "LOGITS"};

const char *activity_class_name(uint32_t index) {
    return class_names[index];
}

const char *activity_op_name(uint32_t op) {
    return op < ACTIVITY_OPS ? op_names[op] : NULL;
}

static uint64_t blocks_of(uint64_t elements) {
    return (elements + BLOCK - 1) / BLOCK;
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

/* 128-bit words of the whole beats that hold these bytes. */
static uint64_t port_words(const struct activity *a, uint64_t address, uint64_t bytes) {
    const uint64_t beat = a->limits.port_bits / 8;
    return ((address % beat + bytes + beat - 1) / beat) * (beat / 16);
}

/* 16-bit halfwords of a block of 32. */
static uint64_t block_halves(uint32_t type) {
    switch (type) {
    case LOCKSTEP_TYPE_F32:
        return 64;
    case LOCKSTEP_TYPE_Q4_0:
        return 9;
    case LOCKSTEP_TYPE_Q8_0:
        return 17;
    default:
        return 32;
    }
}

static void count_matrix(const struct activity *a, const struct op *op, uint64_t slots,
                         uint64_t counts[POWER_EVENTS]) {
    const struct fw_tensor *t = op->tensor;
    const uint64_t blocks = t->rows * blocks_of(t->cols);
    const enum power_event width = t->type == LOCKSTEP_TYPE_Q4_0   ? POWER_DOT4
                                   : t->type == LOCKSTEP_TYPE_Q8_0 ? POWER_DOT8
                                                                   : POWER_DOT16;
    counts[width] += blocks * slots;
    counts[POWER_HALF] += blocks * block_halves(t->type);
    counts[POWER_RESULT] += t->rows * slots;
    counts[POWER_WORD] += port_words(a, t->address, t->bytes);
    if (op->code == LOCKSTEP_OP_LOGITS)
        counts[POWER_SAMPLE] += t->rows * slots;
}

/* K and V words of all positions, once for each group of query heads that share a reading. */
static void count_attention(const struct activity *a, bool wanting, uint64_t counts[POWER_EVENTS]) {
    const struct fw_model *m = a->model;
    const uint64_t words = blocks_of(m->head_dim), shared = m->heads / m->kv_heads;
    const uint64_t at_once = a->limits.attention_heads;
    for (uint32_t i = 0; i < a->slot_count; i++) {
        if (wanting && !a->slots[i].wants)
            continue;
        const uint64_t read = 2 * words * ((uint64_t)a->slots[i].position + 1);
        counts[POWER_KV_READ] += m->kv_heads * ((shared + at_once - 1) / at_once) * read;
        counts[POWER_ATTEND] += m->heads * read;
    }
}

static void count_op(const struct activity *a, const struct op *op, uint64_t slots, bool wanting,
                     uint64_t counts[POWER_EVENTS]) {
    const struct fw_model *m = a->model;
    counts[POWER_OP]++;
    switch (op->code) {
    case LOCKSTEP_OP_ANGLES:
        counts[POWER_ANGLES] += slots * (m->n_rot / 2);
        break;
    case LOCKSTEP_OP_EMBED:
        counts[POWER_EMBED] += slots * op->n;
        for (uint32_t i = 0; i < a->slot_count; i++) {
            const uint64_t row = op->tensor->bytes / op->tensor->rows;
            if (!wanting || a->slots[i].wants)
                counts[POWER_WORD] +=
                    port_words(a, op->tensor->address + a->slots[i].token * row, row);
        }
        break;
    case LOCKSTEP_OP_NORM:
        counts[POWER_NORM] += slots * op->n;
        counts[POWER_WORD] += port_words(a, op->tensor->address, op->tensor->bytes);
        break;
    case LOCKSTEP_OP_QUANT:
        counts[POWER_QUANT] += slots * blocks_of(op->n);
        break;
    case LOCKSTEP_OP_MATVEC:
    case LOCKSTEP_OP_LOGITS:
        count_matrix(a, op, slots, counts);
        break;
    case LOCKSTEP_OP_ROPE:
        counts[POWER_ROPE] += slots * op->n;
        break;
    case LOCKSTEP_OP_KV:
        counts[POWER_KV_WRITE] += slots * 2 * m->kv_heads * blocks_of(m->head_dim);
        break;
    case LOCKSTEP_OP_ATTEND:
        count_attention(a, wanting, counts);
        break;
    case LOCKSTEP_OP_SWIGLU:
        counts[POWER_SWIGLU] += slots * op->n;
        break;
    case LOCKSTEP_OP_ADD:
        counts[POWER_ADD] += slots * op->n;
        break;
    default:
        break;
    }
}

static void add(struct activity_total *total, uint64_t energy) {
    total->ops++;
    total->energy += energy;
}

static void run_op(struct activity *a, const struct op *op, uint64_t slots, bool wanting) {
    /* What they do depends on the op alone, not on when. */
    static const enum power_unit told[] = {POWER_DOT, POWER_WEIGHTS, POWER_VECTOR, POWER_ATTENTION,
                                           POWER_KV};
    uint64_t counts[POWER_EVENTS] = {0}, energy = 0;
    count_op(a, op, slots, wanting, counts);
    for (size_t u = 0; u < sizeof told / sizeof told[0]; u++)
        energy += power_energy(&a->settings, told[u], counts);
    for (int e = 0; e < POWER_EVENTS; e++)
        a->sum.counts[e] += counts[e];
    add(&a->sum.op[op->code % ACTIVITY_OPS], energy);
    add(&a->sum.layer[op->layer % ACTIVITY_LAYERS], energy);
}

void activity_pass(struct activity *a) {
    uint64_t wanting_slots = 0;
    uint32_t layer = 0, loop = 0;
    bool wanting = false;
    for (uint32_t i = 0; i < a->slot_count; i++)
        wanting_slots += a->slots[i].wants;
    for (uint32_t pc = 0; pc < a->program->ops; pc++) {
        const uint32_t *w = a->program->words[pc];
        struct op op = {w[0] & LOCKSTEP_UCODE0_OP_MASK, w[2] >> LOCKSTEP_UCODE2_N_SHIFT, layer,
                        NULL};
        uint32_t tensor = w[0] >> LOCKSTEP_UCODE0_TENSOR_SHIFT;
        if ((w[0] & LOCKSTEP_UCODE0_PER_LAYER_MASK) != 0)
            tensor += layer * FW_LAYER_TENSORS;
        op.tensor = &a->model->tensors[tensor];
        if (op.code == LOCKSTEP_OP_END || (op.code == LOCKSTEP_OP_WANT && wanting_slots == 0))
            break;
        if (op.code == LOCKSTEP_OP_LOOP) {
            layer = 0;
            loop = pc;
        } else if (op.code == LOCKSTEP_OP_NEXT) {
            if (++layer < a->model->layers)
                pc = loop;
        } else if (op.code == LOCKSTEP_OP_WANT) {
            wanting = true;
        } else {
            run_op(a, &op, wanting ? wanting_slots : a->slot_count, wanting);
        }
    }
    for (uint32_t i = 0; i < a->slot_count; i++) {
        a->sum.counts[POWER_PROMPT] += a->slots[i].first;
        a->sum.fed += a->slots[i].fed;
    }
    a->sum.chosen += wanting_slots;
    a->sum.passes++;
    a->sum.tokens += a->slot_count;
    a->slot_count = 0;
}
