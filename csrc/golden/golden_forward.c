/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through the model, op by op as the device does it: sections 4 to 6
 * of docs/numerics.md. Read forward() first, it is at the end. Each op begins a
 * record, writes its result into the record's words and returns them; once an
 * op has failed, those after it do nothing and return NULL.
 */
#include <stdio.h>
#include <string.h>

#include "golden_dot.h"
#include "golden_state.h"

struct run {
    struct golden *golden;
    struct golden_slot *slot;
    unsigned seq;
    uint32_t pos;
    int layer; /* of the ops that begin; -1 outside the layers */
    struct ls_error *err;
};

/* ---- Records ---- */

static uint32_t *record_begin(struct run *run, enum golden_op op, const char *name, size_t count) {
    struct golden_slot *slot = run->slot;
    if (slot->stop.fault != GOLDEN_FAULT_NONE)
        return NULL;
    size_t index = slot->records++;
    char *tensor = slot->name[index];
    if (*tensor == '\0' && run->layer < 0)
        snprintf(tensor, GOLDEN_NAME_SIZE, "%s", name);
    else if (*tensor == '\0')
        snprintf(tensor, GOLDEN_NAME_SIZE, "blk.%d.%s", run->layer, name);

    uint32_t *words = slot->arena + slot->used;
    slot->used += count;
    slot->record[index] = (struct golden_record){
        .op = op, .layer = run->layer, .tensor = tensor, .words = words, .count = count};
    return words;
}

/* An error that the op of the last record meets besides the one that it fails with. */
static void note_fault(const struct run *run, enum golden_fault fault) {
    if (fault != GOLDEN_FAULT_NONE)
        run->slot->stop.met |= 1u << fault;
}

/* Ends the run at word `element` of the last record. */
static void record_fail(struct run *run, enum golden_fault fault, size_t element) {
    struct golden_record *record = &run->slot->record[run->slot->records - 1];
    record->count = element;
    run->slot->stop.fault = fault;
    note_fault(run, fault);
    char layer[24] = "";
    if (record->layer >= 0)
        snprintf(layer, sizeof layer, " layer %d,", record->layer);
    ls_error_set(run->err, "sequence %u, position %u,%s %s %s, element %zu: %s", run->seq, run->pos,
                 layer, golden_op_name(record->op), record->tensor, element,
                 golden_fault_name(fault));
}

/* ---- Ops ---- */

static struct golden_matrix matrix_of(const struct gguf_tensor *tensor) {
    return (struct golden_matrix){.type = tensor->type,
                                  .data = tensor->data,
                                  .rows = (size_t)tensor->ne[1],
                                  .cols = (size_t)tensor->ne[0]};
}

/* The token's row of the embedding matrix. */
static const uint32_t *embed(struct run *run, uint32_t token) {
    struct golden_matrix matrix = matrix_of(run->golden->model->token_embd);
    uint32_t *x = record_begin(run, GOLDEN_EMBED, "token_embd.weight", matrix.cols);
    size_t done;
    enum golden_fault fault = golden_row_values(&matrix, token, x, &done);
    if (fault != GOLDEN_FAULT_NONE)
        record_fail(run, fault, done);
    return x;
}

/* y = x / sqrt(mean(x^2) + eps) * gain */
static const uint32_t *norm(struct run *run, const char *name, const struct gguf_tensor *gain,
                            const uint32_t *x) {
    struct golden *g = run->golden;
    size_t n = g->model->dim, gains;
    uint32_t *y = record_begin(run, GOLDEN_NORM, name, n);
    if (y == NULL)
        return NULL;

    /* The gains stream in while x is summed up. */
    struct golden_matrix matrix = matrix_of(gain);
    enum golden_fault gain_fault = golden_row_values(&matrix, 0, g->gain, &gains);
    note_fault(run, gain_fault);
    enum golden_fault fault = golden_blocks_from(x, n, 16, g->x_blocks);
    if (fault != GOLDEN_FAULT_NONE) {
        record_fail(run, fault, 0);
        return y;
    }
    golden_int128 sum = golden_dot_blocks(g->x_blocks, g->x_blocks, (n + 31) / GOLDEN_BLOCK);
    uint32_t mean = golden_mul(golden_round32(sum, -56, &fault), g->dim_rcp, &fault);
    uint32_t r = golden_rsqrt(&g->tables, golden_add(mean, g->eps, &fault), &fault);

    for (size_t i = 0; i < n; i++) {
        if (i < gains)
            y[i] = golden_mul(golden_mul(x[i], r, &fault), g->gain[i], &fault);
        else if (fault == GOLDEN_FAULT_NONE)
            fault = gain_fault;
        if (fault != GOLDEN_FAULT_NONE) {
            record_fail(run, fault, i);
            break;
        }
    }
    return y;
}

/* y = weights * x */
static const uint32_t *multiply(struct run *run, enum golden_op op, const char *name,
                                const struct gguf_tensor *weights, const uint32_t *x) {
    struct golden *g = run->golden;
    struct golden_matrix matrix = matrix_of(weights);
    uint32_t *y = record_begin(run, op, name, matrix.rows);
    if (y == NULL)
        return NULL;
    size_t done = 0;
    enum golden_fault fault = golden_blocks_from(x, matrix.cols, g->act_bits, g->x_blocks);
    run->slot->stop.input = fault != GOLDEN_FAULT_NONE;
    if (fault == GOLDEN_FAULT_NONE)
        fault = golden_matvec(&matrix, g->x_blocks, g->act_bits, y, &done);
    if (fault != GOLDEN_FAULT_NONE)
        record_fail(run, fault, done);
    return y;
}

static const uint32_t *matvec(struct run *run, const char *name, const struct gguf_tensor *weights,
                              const uint32_t *x) {
    return multiply(run, GOLDEN_MATVEC, name, weights, x);
}

/* Turns the pairs (2j, 2j+1) of each head by the position's angle. */
static const uint32_t *rope(struct run *run, const char *name, const uint32_t *x, uint32_t heads) {
    const struct golden *g = run->golden;
    const uint32_t head_dim = g->model->head_dim;
    uint32_t *y = record_begin(run, GOLDEN_ROPE, name, (size_t)heads * head_dim);
    if (y == NULL)
        return NULL;
    memcpy(y, x, (size_t)heads * head_dim * sizeof *y);

    for (uint32_t head = 0; head < heads; head++) {
        for (uint32_t j = 0; j < g->model->n_rot / 2; j++) {
            enum golden_fault fault = GOLDEN_FAULT_NONE;
            size_t i = (size_t)head * head_dim + 2 * j;
            uint32_t c, s;
            golden_rotation(&g->tables, run->pos, g->increment[j], &c, &s);
            y[i] = golden_sub(golden_mul(x[i], c, &fault), golden_mul(x[i + 1], s, &fault), &fault);
            if (fault == GOLDEN_FAULT_NONE) {
                i++;
                y[i] = golden_add(golden_mul(x[i - 1], s, &fault), golden_mul(x[i], c, &fault),
                                  &fault);
            }
            if (fault != GOLDEN_FAULT_NONE) {
                record_fail(run, fault, i);
                return y;
            }
        }
    }
    return y;
}

/* The cache's blocks of the run's sequence and layer at a position: [kv_heads][head_blocks] */
static struct golden_block *cache_at(const struct run *run, struct golden_block *cache,
                                     uint32_t pos) {
    const struct golden *g = run->golden;
    size_t row = (size_t)run->seq * g->model->layers + (size_t)run->layer;
    return cache + (row * g->context + pos) * g->model->kv_heads * g->head_blocks;
}

/* Appends K and V, quantised, to the cache. */
static void kv_write(struct run *run, const uint32_t *k, const uint32_t *v) {
    const struct golden *g = run->golden;
    const size_t head_dim = g->model->head_dim;
    const size_t blocks = (size_t)g->model->kv_heads * g->head_blocks;
    uint32_t *words = record_begin(run, GOLDEN_KV, "kv", 2 * blocks * GOLDEN_KV_BLOCK_WORDS);
    if (words == NULL)
        return;

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
            record_fail(run, fault, b * GOLDEN_KV_BLOCK_WORDS);
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
static size_t attend(struct run *run, const uint32_t *q, const struct golden_block *k,
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

static const uint32_t *attention(struct run *run, const uint32_t *q) {
    const struct golden *g = run->golden;
    const uint32_t heads = g->model->heads, kv_heads = g->model->kv_heads;
    const size_t head_dim = g->model->head_dim;
    uint32_t *y = record_begin(run, GOLDEN_ATTENTION, "attn_out", heads * head_dim);
    if (y == NULL)
        return NULL;

    const struct golden_block *k = cache_at(run, g->k, 0);
    const struct golden_block *v = cache_at(run, g->v, 0);
    for (size_t head = 0; head < heads; head++) {
        size_t at = head * kv_heads / heads * g->head_blocks; /* of the K and V it shares */
        enum golden_fault fault;
        size_t done = attend(run, q + head * head_dim, k + at, v + at,
                             (size_t)kv_heads * g->head_blocks, y + head * head_dim, &fault);
        note_fault(run, fault);
        if (fault != GOLDEN_FAULT_NONE && run->slot->stop.fault == GOLDEN_FAULT_NONE)
            record_fail(run, fault, head * head_dim + done);
    }
    return y;
}

/* y = gate * sigmoid(gate) * up */
static const uint32_t *swiglu(struct run *run, const uint32_t *gate, const uint32_t *up) {
    const struct golden_tables *tables = &run->golden->tables;
    const size_t n = run->golden->model->hidden;
    uint32_t *y = record_begin(run, GOLDEN_SWIGLU, "ffn_act", n);
    if (y == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        uint32_t x = gate[i];
        uint32_t e = golden_exp(tables, x | GOLDEN_SIGN);
        uint32_t r = golden_rcp(tables, golden_add(GOLDEN_ONE, e, &fault), &fault);
        uint32_t z = (x & GOLDEN_SIGN) == 0 ? r : golden_mul(e, r, &fault);
        y[i] = golden_mul(golden_mul(x, z, &fault), up[i], &fault);
        if (fault != GOLDEN_FAULT_NONE) {
            record_fail(run, fault, i);
            break;
        }
    }
    return y;
}

/* y = x + d */
static const uint32_t *add(struct run *run, const char *name, const uint32_t *x,
                           const uint32_t *d) {
    const size_t n = run->golden->model->dim;
    uint32_t *y = record_begin(run, GOLDEN_ADD, name, n);
    if (y == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        y[i] = golden_add(x[i], d[i], &fault);
        if (fault != GOLDEN_FAULT_NONE) {
            record_fail(run, fault, i);
            break;
        }
    }
    return y;
}

static void forward(struct run *run, uint32_t token, bool want_logits) {
    const struct ls_model *model = run->golden->model;

    /* The residual stream x [dim] */
    const uint32_t *x = embed(run, token);

    for (uint32_t l = 0; l < model->layers; l++) {
        const struct ls_layer *w = &model->layer[l];
        run->layer = (int)l;

        /* q [heads * head_dim], k and v [kv_heads * head_dim] */
        const uint32_t *h = norm(run, "attn_norm.weight", w->attn_norm, x);
        const uint32_t *q = matvec(run, "attn_q.weight", w->attn_q, h);
        const uint32_t *k = matvec(run, "attn_k.weight", w->attn_k, h);
        const uint32_t *v = matvec(run, "attn_v.weight", w->attn_v, h);

        q = rope(run, "attn_q_rope", q, model->heads);
        k = rope(run, "attn_k_rope", k, model->kv_heads);
        kv_write(run, k, v);

        /* Attention over positions 0..pos, back into the stream */
        const uint32_t *a = attention(run, q);
        const uint32_t *o = matvec(run, "attn_output.weight", w->attn_output, a);
        x = add(run, "attn_residual", x, o);

        /* Feed forward: down(silu(gate) * up), back into the stream */
        h = norm(run, "ffn_norm.weight", w->ffn_norm, x);
        const uint32_t *gate = matvec(run, "ffn_gate.weight", w->ffn_gate, h);
        const uint32_t *up = matvec(run, "ffn_up.weight", w->ffn_up, h);
        const uint32_t *act = swiglu(run, gate, up);
        const uint32_t *down = matvec(run, "ffn_down.weight", w->ffn_down, act);
        x = add(run, "ffn_residual", x, down);
    }
    run->layer = -1;
    if (!want_logits)
        return;

    /* Logits [vocab] */
    const uint32_t *h = norm(run, "output_norm.weight", model->output_norm, x);
    const char *name = model->tied ? "token_embd.weight" : "output.weight";
    multiply(run, GOLDEN_LOGITS, name, model->output, h);
}

int golden_forward(struct golden *golden, struct golden_slot *slot, unsigned seq, uint32_t pos,
                   uint32_t token, bool want_logits, struct ls_error *err) {
    struct run run = {
        .golden = golden, .slot = slot, .seq = seq, .pos = pos, .layer = -1, .err = err};
    slot->records = 0;
    slot->used = 0;
    slot->stop = (struct golden_stop){0};
    forward(&run, token, want_logits);
    return slot->stop.fault == GOLDEN_FAULT_NONE ? 0 : -1;
}
