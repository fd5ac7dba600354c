/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The ops that read no weights, each as the device does it: sections 5 and 6 of docs/numerics.md.
 */
#include "generated/device.h"
#include "golden_lanes.h"
#include "golden_record.h"
#include "golden_vector.h"

/* ---- Element by element ---- */

typedef uint32_t element_of(const struct golden_tables *tables, uint32_t a, uint32_t b,
                            enum golden_fault *fault);

/* y_i of a_i and of b_i; or, if there is no b, of the first of GOLDEN_LANES constants, or of a_i
 * alone (NULL); by 16 where that is possible. */
static golden_value each(struct golden_run *run, uint32_t op, const char *name, element_of *element,
                         golden_lanes_op *lanes, golden_value a_value, golden_value b_value,
                         const uint32_t *constants) {
    const size_t n = record_count(run, a_value);
    const struct golden_tables *tables = &run->golden->tables;
    const golden_value self = record_begin(run, op, name, NULL, n, a_value, b_value);
    EACH_SLOT (run, slot) {
        const uint32_t *a = record_words(slot, a_value);
        const uint32_t *b = constants != NULL             ? constants
                            : b_value != GOLDEN_NO_RECORD ? record_words(slot, b_value)
                                                          : a;
        uint32_t *y = record_result(slot);
        for (size_t i = 0; i < n; i++) {
            const uint32_t *b_i = constants != NULL ? b : b + i;
            enum golden_fault fault = GOLDEN_FAULT_NONE;
            if (i % GOLDEN_LANES == 0 && n - i >= GOLDEN_LANES &&
                lanes(tables, a + i, b_i, y + i)) {
                i += GOLDEN_LANES - 1;
                continue;
            }
            y[i] = element(tables, a[i], *b_i, &fault);
            if (fault != GOLDEN_FAULT_NONE) {
                slot_fail(slot, fault, i);
                break;
            }
        }
    }
    return self;
}

static uint32_t swiglu(const struct golden_tables *tables, uint32_t gate, uint32_t up,
                       enum golden_fault *fault) {
    return golden_mul(golden_silu(tables, gate, fault), up, fault);
}

static uint32_t geglu(const struct golden_tables *tables, uint32_t gate, uint32_t up,
                      enum golden_fault *fault) {
    return golden_mul(golden_gelu(tables, gate, fault), up, fault);
}

static uint32_t gelu(const struct golden_tables *tables, uint32_t x, uint32_t unused,
                     enum golden_fault *fault) {
    (void)unused;
    return golden_gelu(tables, x, fault);
}

static uint32_t sigmoid(const struct golden_tables *tables, uint32_t x, uint32_t unused,
                        enum golden_fault *fault) {
    (void)unused;
    return golden_sigmoid(tables, x, fault);
}

static uint32_t sum(const struct golden_tables *tables, uint32_t x, uint32_t d,
                    enum golden_fault *fault) {
    (void)tables;
    return golden_add(x, d, fault);
}

static uint32_t product(const struct golden_tables *tables, uint32_t x, uint32_t c,
                        enum golden_fault *fault) {
    (void)tables;
    return golden_mul(c, x, fault);
}

golden_value op_swiglu(struct golden_run *run, golden_value gate, golden_value up) {
    return each(run, LOCKSTEP_OP_SWIGLU, "ffn_act", swiglu, golden_lanes_swiglu, gate, up, NULL);
}

golden_value op_geglu(struct golden_run *run, golden_value gate, golden_value up) {
    return each(run, LOCKSTEP_OP_GEGLU, "ffn_act", geglu, golden_lanes_geglu, gate, up, NULL);
}

golden_value op_gelu(struct golden_run *run, golden_value x) {
    return each(run, LOCKSTEP_OP_GELU, "ffn_act", gelu, golden_lanes_gelu, x, GOLDEN_NO_RECORD,
                NULL);
}

golden_value op_add(struct golden_run *run, const char *name, golden_value x, golden_value d) {
    return each(run, LOCKSTEP_OP_ADD, name, sum, golden_lanes_add, x, d, NULL);
}

golden_value op_scale(struct golden_run *run, const char *name, uint32_t c, golden_value x) {
    uint32_t constants[GOLDEN_LANES];
    for (unsigned i = 0; i < GOLDEN_LANES; i++)
        constants[i] = c;
    return each(run, LOCKSTEP_OP_SCALE, name, product, golden_lanes_mul, x, GOLDEN_NO_RECORD,
                constants);
}

golden_value op_sigmoid(struct golden_run *run, const char *name, golden_value x) {
    return each(run, LOCKSTEP_OP_SIGMOID, name, sigmoid, golden_lanes_sigmoid, x, GOLDEN_NO_RECORD,
                NULL);
}

/* ---- Experts ---- */

/* y = the weights of the experts that are chosen */
golden_value op_route(struct golden_run *run, golden_value value) {
    const struct ls_model *m = run->model;
    const golden_value self = record_begin(run, LOCKSTEP_OP_ROUTE, "ffn_route", NULL,
                                           record_count(run, value), value, GOLDEN_NO_RECORD);
    EACH_SLOT (run, slot) {
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        golden_route(&run->golden->tables, record_words(slot, value), m->experts, m->experts_used,
                     m->experts_normalised, slot->chosen, record_result(slot), &fault);
        if (fault != GOLDEN_FAULT_NONE)
            slot_fail(slot, fault, 0);
    }
    return self;
}

/* y = the expert's weight times x */
golden_value op_weigh(struct golden_run *run, const char *name, golden_value x_value,
                      golden_value w_value) {
    const size_t n = record_count(run, x_value);
    const golden_value self = record_begin(run, LOCKSTEP_OP_WEIGH, name, NULL, n, x_value, w_value);
    EACH_SLOT (run, slot) {
        const uint32_t *x = record_words(slot, x_value), *w = record_words(slot, w_value);
        const uint32_t weight = w[run->turn < 0 ? 0 : slot_expert(run, slot)];
        uint32_t *y = record_result(slot);
        for (size_t i = 0; i < n; i++) {
            enum golden_fault fault = GOLDEN_FAULT_NONE;
            y[i] = golden_mul(weight, x[i], &fault);
            if (fault != GOLDEN_FAULT_NONE) {
                slot_fail(slot, fault, i);
                break;
            }
        }
    }
    return self;
}

/* ---- Norms ---- */

/* Every `span` elements by themselves: y = x - mean(x) */
static golden_value center(struct golden_run *run, uint32_t op, const char *name,
                           golden_value value, size_t span) {
    const size_t n = record_count(run, value);
    const golden_value self = record_begin(run, op, name, NULL, n, value, GOLDEN_NO_RECORD);
    EACH_SLOT (run, slot) {
        const uint32_t *x = record_words(slot, value);
        uint32_t *y = record_result(slot);
        for (size_t first = 0; first < n; first += span) {
            enum golden_fault fault = GOLDEN_FAULT_NONE;
            const uint32_t mean = golden_mean(&run->golden->tables, x + first, span, &fault);
            for (size_t i = first; i < first + span && fault == GOLDEN_FAULT_NONE; i++)
                y[i] = golden_sub(x[i], mean, &fault); /* below 2^19: the blocks hold x */
            if (fault != GOLDEN_FAULT_NONE) {
                slot_fail(slot, fault, first);
                break;
            }
        }
    }
    return self;
}

golden_value op_center(struct golden_run *run, const char *name, golden_value x) {
    return center(run, LOCKSTEP_OP_CENTER, name, x, record_count(run, x));
}

golden_value op_headcenter(struct golden_run *run, const char *name, golden_value x) {
    return center(run, LOCKSTEP_OP_HEADCENTER, name, x, run->model->head_dim);
}

/* Every head by itself: y = x / sqrt(mean(x^2) + eps) * gain, one of `gains` in turn */
static golden_value headnorm(struct golden_run *run, uint32_t op, const char *name,
                             golden_value value, golden_value gain_value, size_t gains) {
    const struct golden *g = run->golden;
    const size_t head_dim = run->model->head_dim, n = record_count(run, value);
    const golden_value self = record_begin(run, op, name, NULL, n, value, gain_value);
    EACH_SLOT (run, slot) {
        const uint32_t *x = record_words(slot, value), *gain = record_words(slot, gain_value);
        uint32_t *y = record_result(slot), r = 0;
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        for (size_t i = 0; i < n; i++) {
            if (i % head_dim == 0)
                r = golden_norm_factor(&g->tables, x + i, head_dim, g->eps, &fault);
            if (fault == GOLDEN_FAULT_NONE && i % head_dim % GOLDEN_LANES == 0 &&
                head_dim - i % head_dim >= GOLDEN_LANES &&
                golden_lanes_norm(x + i, r, gain + i % gains, y + i)) {
                i += GOLDEN_LANES - 1;
                continue;
            }
            y[i] = golden_mul(golden_mul(x[i], r, &fault), gain[i % gains], &fault);
            if (fault != GOLDEN_FAULT_NONE) {
                slot_fail(slot, fault, i);
                break;
            }
        }
    }
    return self;
}

golden_value op_headnorm(struct golden_run *run, const char *name, golden_value x,
                         golden_value gain) {
    return headnorm(run, LOCKSTEP_OP_HEADNORM, name, x, gain, run->model->head_dim);
}

golden_value op_headnorm_own(struct golden_run *run, const char *name, golden_value x,
                             golden_value gain) {
    return headnorm(run, LOCKSTEP_OP_HEADNORM_OWN, name, x, gain, record_count(run, x));
}

/* ---- Attention ---- */

/* Turns the pairs of each head by the position's angle. */
golden_value op_rope(struct golden_run *run, const char *name, golden_value value) {
    const struct golden *g = run->golden;
    const size_t count = record_count(run, value);
    const golden_value self =
        record_begin(run, LOCKSTEP_OP_ROPE, name, NULL, count, value, GOLDEN_NO_RECORD);
    const struct golden_rotary rotary = golden_rotary_of(g, golden_bank(g, (uint32_t)run->layer));
    EACH_SLOT (run, slot) {
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        const size_t done =
            golden_rope(&g->tables, &rotary, slot->pos, 0, record_words(slot, value), count,
                        record_result(slot), &fault);
        if (fault != GOLDEN_FAULT_NONE)
            slot_fail(slot, fault, done);
    }
    return self;
}

/* The cache's blocks of a slot's sequence and layer at a position: [kv_heads][head_blocks] */
static struct golden_block *cache_at(const struct golden_run *run, const struct golden_slot *slot,
                                     struct golden_block *cache, uint32_t pos) {
    const struct golden *g = run->golden;
    size_t row = (size_t)slot->seq * g->model->layers + (size_t)run->layer;
    return cache + (row * g->context + pos) * g->model->kv_heads * g->head_blocks;
}

static void append_kv(const struct golden_run *run, struct golden_slot *slot, const uint32_t *k,
                      const uint32_t *v) {
    const struct golden *g = run->golden;
    const size_t head_dim = g->model->head_dim;
    const size_t blocks = (size_t)g->model->kv_heads * g->head_blocks;
    uint32_t *words = record_result(slot);
    struct golden_block *k_block = cache_at(run, slot, g->k, slot->pos);
    struct golden_block *v_block = cache_at(run, slot, g->v, slot->pos);
    for (size_t b = 0; b < 2 * blocks; b++) {
        size_t within = b % blocks;
        size_t first = within % g->head_blocks * GOLDEN_BLOCK;
        size_t left = head_dim - first;
        struct golden_block *block = (b < blocks ? k_block : v_block) + within;
        enum golden_fault fault =
            golden_block_from((b < blocks ? k : v) + within / g->head_blocks * head_dim + first,
                              left < GOLDEN_BLOCK ? left : GOLDEN_BLOCK, 16, block);
        if (fault != GOLDEN_FAULT_NONE) {
            slot_fail(slot, fault, b * GOLDEN_KV_BLOCK_WORDS);
            return;
        }
        for (unsigned i = 0; i < GOLDEN_BLOCK / 2; i++)
            *words++ = (uint16_t)block->m[2 * i] | (uint32_t)(uint16_t)block->m[2 * i + 1] << 16;
        *words++ = (uint32_t)block->shift;
    }
}

/* Appends K and V, quantised, to the cache. */
void op_kv(struct golden_run *run, golden_value k, golden_value v) {
    const struct golden *g = run->golden;
    const size_t blocks = (size_t)g->model->kv_heads * g->head_blocks;
    record_begin(run, LOCKSTEP_OP_KV, "kv", NULL, 2 * blocks * GOLDEN_KV_BLOCK_WORDS, k, v);
    EACH_SLOT (run, slot)
        append_kv(run, slot, record_words(slot, k), record_words(slot, v));
}

static void attend(const struct golden_run *run, struct golden_slot *slot, const uint32_t *q) {
    const struct golden *g = run->golden;
    const uint32_t heads = g->model->heads, kv_heads = g->model->kv_heads;
    const size_t head_dim = g->model->head_dim;
    uint32_t *y = record_result(slot);
    const struct golden_attention attention = golden_attention_of(g);
    const uint32_t first = golden_first_seen(g->model, (uint32_t)run->layer, slot->pos);
    const struct golden_block *k = cache_at(run, slot, g->k, first);
    const struct golden_block *v = cache_at(run, slot, g->v, first);
    for (size_t head = 0; head < heads; head++) {
        size_t at = head * kv_heads / heads * g->head_blocks; /* of the K and V it shares */
        enum golden_fault fault;
        size_t done = golden_attend_head(&g->tables, &attention, q + head * head_dim, k + at,
                                         v + at, (size_t)kv_heads * g->head_blocks,
                                         slot->pos + 1 - first, y + head * head_dim, &fault);
        slot_note_fault(slot, fault);
        if (fault != GOLDEN_FAULT_NONE && slot->stop.fault == GOLDEN_FAULT_NONE)
            slot_fail(slot, fault, head * head_dim + done);
    }
}

golden_value op_attend(struct golden_run *run, golden_value q) {
    const struct ls_model *m = run->model;
    const golden_value self = record_begin(run, LOCKSTEP_OP_ATTEND, "attn_out", NULL,
                                           (size_t)m->heads * m->head_dim, q, GOLDEN_NO_RECORD);
    EACH_SLOT (run, slot)
        attend(run, slot, record_words(slot, q));
    return self;
}
