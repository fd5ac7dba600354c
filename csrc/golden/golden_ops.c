/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The ops that forward passes are made of, each as the device does it: sections 4 to 6 of
 * docs/numerics.md.
 */
#include "golden_ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/device_info.h"
#include "golden_dot.h"

/* ---- Records ---- */

/* Room in the plan for another record and its name. */
static struct golden_record *extend_plan(struct golden_run *run, const char *name) {
    struct golden_plan *plan = &run->golden->plan;
    if (plan->records == plan->room) {
        const size_t room = 2 * plan->room + 32;
        struct golden_record *record = realloc(plan->record, room * sizeof *record);
        plan->record = record != NULL ? record : plan->record;
        char(*names)[ROLE_NAME_SIZE] = realloc(plan->name, room * sizeof *names);
        plan->name = names != NULL ? names : plan->name;
        run->no_memory |= record == NULL || names == NULL;
        if (run->no_memory)
            return NULL;
        plan->room = room;
    }
    if (run->layer < 0)
        snprintf(plan->name[plan->records], ROLE_NAME_SIZE, "%s", name);
    else
        snprintf(plan->name[plan->records], ROLE_NAME_SIZE, "blk.%d.%s", run->layer, name);
    return &plan->record[plan->records];
}

/* Whether ops compute: not while planning, and not behind a fault. */
static bool computes(const struct golden_run *run) {
    return !run->planning && run->slot->stop.fault == GOLDEN_FAULT_NONE;
}

/* Begins the record of an op on `a` and `b` (GOLDEN_NO_RECORD: none). */
static golden_value begin(struct golden_run *run, uint32_t op, const char *name,
                          const struct gguf_tensor *weights, size_t count, golden_value a,
                          golden_value b) {
    struct golden_plan *plan = &run->golden->plan;
    struct golden_slot *slot = run->slot;
    struct golden_record *record = NULL;
    golden_value self = GOLDEN_NO_RECORD;
    if (run->planning)
        record = run->no_memory ? NULL : extend_plan(run, name);
    else if (computes(run))
        record = &slot->record[slot->records];
    if (record == NULL)
        return self;
    *record = (struct golden_record){.op = op,
                                     .unit = op_info[op].unit,
                                     .kind = op == LOCKSTEP_OP_KV ? GOLDEN_BLOCKS : GOLDEN_BINARY32,
                                     .layer = run->layer,
                                     .weights = weights,
                                     .input = {a, b},
                                     .count = count};
    if (run->planning) {
        self = plan->records++;
        plan->words += count;
    } else {
        self = slot->records++;
        record->tensor = plan->name[self];
        record->words = slot->arena + slot->used;
        slot->used += count;
    }
    return self;
}

/* The values of a record; NULL and 0 if nothing is computed. */
static const uint32_t *words_of(const struct golden_run *run, golden_value value) {
    return computes(run) ? run->slot->record[value].words : NULL;
}

static size_t count_of(const struct golden_run *run, golden_value value) {
    if (value == GOLDEN_NO_RECORD)
        return 0;
    return run->planning ? run->golden->plan.record[value].count : run->slot->record[value].count;
}

/* Those of the record that has begun, to be written. */
static uint32_t *result(const struct golden_run *run) {
    const struct golden_slot *slot = run->slot;
    return slot->arena + (slot->used - slot->record[slot->records - 1].count);
}

/* An error that the op of the last record meets besides the one that it fails with. */
static void note_fault(const struct golden_run *run, enum golden_fault fault) {
    if (fault != GOLDEN_FAULT_NONE)
        run->slot->stop.met |= 1u << fault;
}

/* Ends the run at word `element` of the last record. */
static void fail(struct golden_run *run, enum golden_fault fault, size_t element) {
    struct golden_record *record = &run->slot->record[run->slot->records - 1];
    record->count = element;
    run->slot->stop.fault = fault;
    note_fault(run, fault);
    char layer[24] = "";
    if (record->layer >= 0)
        snprintf(layer, sizeof layer, " layer %d,", record->layer);
    ls_error_set(run->err, "sequence %u, position %u,%s %s %s, element %zu: %s", run->seq, run->pos,
                 layer, op_info[record->op].name, record->tensor, element,
                 golden_fault_name(fault));
}

/* ---- Ops ---- */

static const struct gguf_tensor *tensor_of(const struct golden_run *run, enum role role) {
    const struct ls_model *m = run->model;
    return role_is_of_layer(role) ? m->layer[run->layer].tensor[role] : m->tensor[role];
}

static struct golden_matrix matrix_of(const struct gguf_tensor *tensor) {
    return (struct golden_matrix){.type = tensor->type,
                                  .data = tensor->data,
                                  .rows = (size_t)tensor->ne[1],
                                  .cols = (size_t)tensor->ne[0]};
}

/* The token's row of the embedding matrix. */
golden_value op_embed(struct golden_run *run, uint32_t token) {
    const struct gguf_tensor *weights = tensor_of(run, ROLE_TOKEN_EMBD);
    const struct golden_matrix matrix = matrix_of(weights);
    const golden_value self = begin(run, LOCKSTEP_OP_EMBED, role_bare_name(ROLE_TOKEN_EMBD),
                                    weights, matrix.cols, GOLDEN_NO_RECORD, GOLDEN_NO_RECORD);
    size_t done;
    if (!computes(run))
        return self;
    enum golden_fault fault = golden_row_values(&matrix, token, result(run), &done);
    if (fault != GOLDEN_FAULT_NONE)
        fail(run, fault, done);
    return self;
}

/* y = x / sqrt(mean(x^2) + eps) * gain */
golden_value op_norm(struct golden_run *run, enum role role, golden_value value) {
    struct golden *g = run->golden;
    const struct gguf_tensor *gain = tensor_of(run, role);
    const uint32_t *x = words_of(run, value);
    const size_t n = count_of(run, value);
    const golden_value self =
        begin(run, LOCKSTEP_OP_NORM, role_bare_name(role), gain, n, value, GOLDEN_NO_RECORD);
    if (!computes(run))
        return self;

    /* The gains stream in while x is summed up. */
    const struct golden_matrix matrix = matrix_of(gain);
    size_t gains;
    enum golden_fault gain_fault = golden_row_values(&matrix, 0, g->gain, &gains);
    note_fault(run, gain_fault);
    uint32_t *y = result(run);
    enum golden_fault fault = golden_blocks_from(x, n, 16, g->x_blocks);
    if (fault != GOLDEN_FAULT_NONE) {
        fail(run, fault, 0);
        return self;
    }
    golden_int128 sum = golden_dot_blocks(g->x_blocks, g->x_blocks, (n + 31) / GOLDEN_BLOCK);
    uint32_t share = golden_rcp(&g->tables, golden_round32((golden_int128)n, 0, &fault), &fault);
    uint32_t mean = golden_mul(golden_round32(sum, -56, &fault), share, &fault);
    uint32_t r = golden_rsqrt(&g->tables, golden_add(mean, g->eps, &fault), &fault);

    for (size_t i = 0; i < n; i++) {
        if (i < gains)
            y[i] = golden_mul(golden_mul(x[i], r, &fault), g->gain[i], &fault);
        else if (fault == GOLDEN_FAULT_NONE)
            fault = gain_fault;
        if (fault != GOLDEN_FAULT_NONE) {
            fail(run, fault, i);
            break;
        }
    }
    return self;
}

/* y = weights * x */
static golden_value multiply(struct golden_run *run, uint32_t op, const char *name,
                             const struct gguf_tensor *weights, golden_value value) {
    struct golden *g = run->golden;
    const struct golden_matrix matrix = matrix_of(weights);
    const uint32_t *x = words_of(run, value);
    const golden_value self = begin(run, op, name, weights, matrix.rows, value, GOLDEN_NO_RECORD);
    size_t done = 0;
    if (!computes(run))
        return self;
    enum golden_fault fault = golden_blocks_from(x, matrix.cols, g->act_bits, g->x_blocks);
    run->slot->stop.input = fault != GOLDEN_FAULT_NONE;
    if (fault == GOLDEN_FAULT_NONE)
        fault = golden_matvec(&matrix, g->x_blocks, g->act_bits, result(run), &done);
    if (fault != GOLDEN_FAULT_NONE)
        fail(run, fault, done);
    return self;
}

golden_value op_matvec(struct golden_run *run, enum role weights, golden_value x) {
    return multiply(run, LOCKSTEP_OP_MATVEC, role_bare_name(weights), tensor_of(run, weights), x);
}

void op_logits(struct golden_run *run, golden_value x) {
    const enum role role = run->model->tied ? ROLE_TOKEN_EMBD : ROLE_OUTPUT;
    multiply(run, LOCKSTEP_OP_LOGITS, role_bare_name(role), tensor_of(run, ROLE_OUTPUT), x);
}

/* y = x + bias */
golden_value op_bias(struct golden_run *run, enum role role, golden_value value) {
    const struct gguf_tensor *bias = tensor_of(run, role);
    const uint32_t *x = words_of(run, value);
    const size_t n = count_of(run, value);
    const golden_value self =
        begin(run, LOCKSTEP_OP_BIAS, role_bare_name(role), bias, n, value, GOLDEN_NO_RECORD);
    if (!computes(run))
        return self;

    const struct golden_matrix row = matrix_of(bias);
    uint32_t *d = run->golden->gain, *y = result(run);
    size_t known;
    const enum golden_fault row_fault = golden_row_values(&row, 0, d, &known);
    note_fault(run, row_fault);
    for (size_t i = 0; i < n; i++) {
        enum golden_fault fault = row_fault;
        if (i < known) {
            fault = GOLDEN_FAULT_NONE;
            y[i] = golden_add(x[i], d[i], &fault);
        }
        if (fault != GOLDEN_FAULT_NONE) {
            fail(run, fault, i);
            break;
        }
    }
    return self;
}

golden_value op_linear(struct golden_run *run, enum role weights, enum role bias, golden_value x) {
    const golden_value y = op_matvec(run, weights, x);
    return (run->model->roles & ROLE_BIT(bias)) != 0 ? op_bias(run, bias, y) : y;
}

/* Turns the pairs of each head by the position's angle. */
golden_value op_rope(struct golden_run *run, const char *name, golden_value value) {
    const struct golden *g = run->golden;
    const size_t head_dim = run->model->head_dim, count = count_of(run, value);
    const uint32_t *x = words_of(run, value);
    const golden_value self =
        begin(run, LOCKSTEP_OP_ROPE, name, NULL, count, value, GOLDEN_NO_RECORD);
    if (!computes(run))
        return self;

    uint32_t *y = result(run);
    memcpy(y, x, count * sizeof *y);
    for (size_t head = 0; head < count; head += head_dim) {
        size_t wrong = count; /* first element that has a fault */
        for (uint32_t j = 0; j < run->model->n_rot / 2; j++) {
            const size_t u = head + golden_rope_first(run->model, j);
            const size_t v = u + golden_rope_distance(run->model);
            enum golden_fault u_fault = GOLDEN_FAULT_NONE, v_fault = GOLDEN_FAULT_NONE;
            uint32_t c, s;
            golden_rotation(&g->tables, run->pos, g->increment[j], &c, &s);
            y[u] =
                golden_sub(golden_mul(x[u], c, &u_fault), golden_mul(x[v], s, &u_fault), &u_fault);
            y[v] =
                golden_add(golden_mul(x[u], s, &v_fault), golden_mul(x[v], c, &v_fault), &v_fault);
            if (u_fault != GOLDEN_FAULT_NONE && u < wrong)
                wrong = u;
            if (v_fault != GOLDEN_FAULT_NONE && v < wrong)
                wrong = v;
        }
        if (wrong < count) { /* products cannot overflow, |c| and |s| are at most 1 */
            fail(run, GOLDEN_FAULT_OVERFLOW, wrong);
            break;
        }
    }
    return self;
}

/* The cache's blocks of the run's sequence and layer at a position: [kv_heads][head_blocks] */
static struct golden_block *cache_at(const struct golden_run *run, struct golden_block *cache,
                                     uint32_t pos) {
    const struct golden *g = run->golden;
    size_t row = (size_t)run->seq * g->model->layers + (size_t)run->layer;
    return cache + (row * g->context + pos) * g->model->kv_heads * g->head_blocks;
}

/* Appends K and V, quantised, to the cache. */
void op_kv(struct golden_run *run, golden_value k_value, golden_value v_value) {
    const struct golden *g = run->golden;
    const size_t head_dim = g->model->head_dim;
    const size_t blocks = (size_t)g->model->kv_heads * g->head_blocks;
    const uint32_t *k = words_of(run, k_value), *v = words_of(run, v_value);
    begin(run, LOCKSTEP_OP_KV, "kv", NULL, 2 * blocks * GOLDEN_KV_BLOCK_WORDS, k_value, v_value);
    if (!computes(run))
        return;

    uint32_t *words = result(run);
    struct golden_block *k_block = cache_at(run, g->k, run->pos);
    struct golden_block *v_block = cache_at(run, g->v, run->pos);
    for (size_t b = 0; b < 2 * blocks; b++) {
        size_t within = b % blocks;
        size_t first = within % g->head_blocks * GOLDEN_BLOCK;
        size_t left = head_dim - first;
        struct golden_block *block = (b < blocks ? k_block : v_block) + within;
        enum golden_fault fault =
            golden_block_from((b < blocks ? k : v) + within / g->head_blocks * head_dim + first,
                              left < GOLDEN_BLOCK ? left : GOLDEN_BLOCK, 16, block);
        if (fault != GOLDEN_FAULT_NONE) {
            fail(run, fault, b * GOLDEN_KV_BLOCK_WORDS);
            return;
        }
        for (unsigned i = 0; i < GOLDEN_BLOCK / 2; i++)
            *words++ = (uint16_t)block->m[2 * i] | (uint32_t)(uint16_t)block->m[2 * i + 1] << 16;
        *words++ = (uint32_t)block->shift;
    }
}

/* nearest(e * 2^16), ties to even, of a binary32 0 <= e <= 1 */
static uint32_t softmax_weight(uint32_t e) {
    uint32_t drop = 127 + 7 - (e >> 23);
    uint32_t m = (e & 0x007fffff) | 0x00800000;
    if (drop > 25)
        return 0;
    return (m + (1u << (drop - 1)) - 1 + (m >> drop & 1)) >> drop;
}

/* One head's softmax(q.k * scale) v over the positions so far; k and v are its blocks at
 * position 0, `stride` blocks apart. Returns the elements computed before a fault. */
static size_t attend(struct golden_run *run, const uint32_t *q, const struct golden_block *k,
                     const struct golden_block *v, size_t stride, uint32_t *y,
                     enum golden_fault *fault) {
    struct golden *g = run->golden;
    const size_t head_dim = g->model->head_dim;
    const size_t positions = (size_t)run->pos + 1;
    uint32_t *score = g->score;

    *fault = golden_blocks_from(q, head_dim, g->act_bits, g->x_blocks);
    if (*fault != GOLDEN_FAULT_NONE)
        return 0;
    for (size_t j = 0; j < positions; j++) {
        golden_int128 n = golden_dot_blocks(g->x_blocks, k + j * stride, g->head_blocks);
        uint32_t dot = golden_round32(n, -28 - 12 - g->act_bits, fault);
        score[j] = golden_mul(dot, g->score_unit, fault);
    }

    uint32_t best = score[0];
    for (size_t j = 1; j < positions; j++)
        best = golden_compare(score[j], best) > 0 ? score[j] : best;
    golden_int128 total = 0;
    for (size_t j = 0; j < positions; j++) {
        score[j] = softmax_weight(golden_exp(&g->tables, golden_sub(score[j], best, fault)));
        total += score[j];
    }
    uint32_t share = golden_rcp(&g->tables, golden_round32(total, -16, fault), fault);
    if (*fault != GOLDEN_FAULT_NONE)
        return 0;

    golden_int128 sum[GOLDEN_BLOCK] = {0};
    for (size_t i = 0; i < head_dim; i++) {
        if (i % GOLDEN_BLOCK == 0)
            golden_weighted_sum(score, positions, v + i / GOLDEN_BLOCK, stride, sum);
        y[i] = golden_mul(golden_round32(sum[i % GOLDEN_BLOCK], -44, fault), share, fault);
        if (*fault != GOLDEN_FAULT_NONE)
            return i;
    }
    return head_dim;
}

golden_value op_attend(struct golden_run *run, golden_value value) {
    const struct golden *g = run->golden;
    const uint32_t heads = g->model->heads, kv_heads = g->model->kv_heads;
    const size_t head_dim = g->model->head_dim;
    const uint32_t *q = words_of(run, value);
    const golden_value self =
        begin(run, LOCKSTEP_OP_ATTEND, "attn_out", NULL, heads * head_dim, value, GOLDEN_NO_RECORD);
    if (!computes(run))
        return self;

    uint32_t *y = result(run);
    const struct golden_block *k = cache_at(run, g->k, 0);
    const struct golden_block *v = cache_at(run, g->v, 0);
    for (size_t head = 0; head < heads; head++) {
        size_t at = head * kv_heads / heads * g->head_blocks; /* of the K and V it shares */
        enum golden_fault fault;
        size_t done = attend(run, q + head * head_dim, k + at, v + at,
                             (size_t)kv_heads * g->head_blocks, y + head * head_dim, &fault);
        note_fault(run, fault);
        if (fault != GOLDEN_FAULT_NONE && run->slot->stop.fault == GOLDEN_FAULT_NONE)
            fail(run, fault, head * head_dim + done);
    }
    return self;
}

/* y = gate * sigmoid(gate) * up */
golden_value op_swiglu(struct golden_run *run, golden_value gate_value, golden_value up_value) {
    const struct golden_tables *tables = &run->golden->tables;
    const uint32_t *gate = words_of(run, gate_value), *up = words_of(run, up_value);
    const size_t n = count_of(run, gate_value);
    const golden_value self =
        begin(run, LOCKSTEP_OP_SWIGLU, "ffn_act", NULL, n, gate_value, up_value);
    if (!computes(run))
        return self;
    uint32_t *y = result(run);
    for (size_t i = 0; i < n; i++) {
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        uint32_t x = gate[i];
        uint32_t e = golden_exp(tables, x | GOLDEN_SIGN);
        uint32_t r = golden_rcp(tables, golden_add(GOLDEN_ONE, e, &fault), &fault);
        uint32_t z = (x & GOLDEN_SIGN) == 0 ? r : golden_mul(e, r, &fault);
        y[i] = golden_mul(golden_mul(x, z, &fault), up[i], &fault);
        if (fault != GOLDEN_FAULT_NONE) {
            fail(run, fault, i);
            break;
        }
    }
    return self;
}

/* y = x + d */
golden_value op_add(struct golden_run *run, const char *name, golden_value x_value,
                    golden_value d_value) {
    const uint32_t *x = words_of(run, x_value), *d = words_of(run, d_value);
    const size_t n = count_of(run, x_value);
    const golden_value self = begin(run, LOCKSTEP_OP_ADD, name, NULL, n, x_value, d_value);
    if (!computes(run))
        return self;
    uint32_t *y = result(run);
    for (size_t i = 0; i < n; i++) {
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        y[i] = golden_add(x[i], d[i], &fault);
        if (fault != GOLDEN_FAULT_NONE) {
            fail(run, fault, i);
            break;
        }
    }
    return self;
}
