/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What KV and ATTEND must do, for tests/rtl/test_attention.c: section 6 of docs/numerics.md, step
 * by step, on the operations of tests/kit/numerics.h.
 *
 *     error = model_kv(b, g, &slot);          changes b->kv, says in b->expected what must come
 *     error = model_attend(b, g, &slot);
 */
#ifndef ATTENTION_ORACLE_H
#define ATTENTION_ORACLE_H

#include "attention_bench.h"

/* block(x, bits) of up to 32 elements; LOCKSTEP_ERROR_RANGE or 0. */
static int model_quantise(const uint32_t *x, uint32_t count, int bits, struct model_block *block) {
    uint32_t all[32] = {0};
    unsigned s = 0;
    memset(block, 0, sizeof *block);
    memcpy(all, x, count * sizeof *x);
    const bool range = oracle_block(all, bits, block->m, &s);
    block->s = (uint8_t)s;
    return range ? LOCKSTEP_ERROR_RANGE : 0;
}

/* The bits of a result, whose only error here is OVERFLOW. */
static uint32_t model_take(struct value y, int *error) {
    if (y.error)
        *error = LOCKSTEP_ERROR_OVERFLOW;
    return y.bits;
}

static uint64_t kv_address(const struct geometry *g, uint32_t seq, uint32_t kv, uint32_t head,
                           uint32_t pos, uint32_t block) {
    uint64_t wph = (g->dim + 31) / 32;
    uint64_t row = (uint64_t)seq * g->layers + g->layer, mate = head ^ 1;
    uint64_t before = row * g->n_kv + (head < mate ? head : mate); /* heads */
    uint64_t word = pos * wph + block;
    return 2 * (before * g->context * wph + (mate < g->n_kv ? 2 * word + head % 2 : word)) + kv;
}

static bool kv_fits(const struct bench *b, const struct geometry *g, int slot) {
    uint32_t wph = (g->dim + 31) / 32;
    return g->pos[slot] < g->context && g->pos[slot] < b->context_max &&
           kv_address(g, g->seq[slot], 1, g->n_kv - 1, g->pos[slot], wph - 1) < b->kv_words;
}

/* Updates b->kv and lists the commits; returns the error code and its slot. */
static int model_kv(struct bench *b, const struct geometry *g, int *slot) {
    b->expected.count = 0;
    for (*slot = 0; *slot < SLOTS; ++*slot) {
        if (!(g->active >> *slot & 1))
            continue;
        if (!kv_fits(b, g, *slot))
            return LOCKSTEP_ERROR_KV_FULL;
        uint32_t index = 0;
        for (uint32_t kv = 0; kv < 2; kv++)
            for (uint32_t head = 0; head < g->n_kv; head++)
                for (uint32_t at = 0; at < g->dim; at += 32) {
                    const uint32_t *x =
                        &b->model[*slot][32 * (kv ? g->b : g->a) + head * g->dim + at];
                    uint32_t count = g->dim - at < 32 ? g->dim - at : 32;
                    struct model_block block;
                    int error = model_quantise(x, count, 16, &block);
                    if (error)
                        return error;
                    b->kv[kv_address(g, g->seq[*slot], kv, head, g->pos[*slot], at / 32)] = block;
                    for (uint32_t i = 0; i < 16; i++)
                        commit_add(&b->expected, (uint32_t)*slot, index++,
                                   (uint16_t)block.m[2 * i] | (uint32_t)(uint16_t)block.m[2 * i + 1]
                                                                  << 16);
                    commit_add(&b->expected, (uint32_t)*slot, index++, block.s);
                }
    }
    return 0;
}

/* One query head: y[dim] from x[dim]. */
static int model_head(const struct bench *b, const struct geometry *g, int slot, uint32_t head,
                      const uint32_t *x, uint32_t *y) {
    uint32_t kv_head = head * g->n_kv / g->heads, seq = g->seq[slot], end = g->pos[slot];
    struct model_block q[HEAD_MAX / 32];
    int error = 0;
    for (uint32_t at = 0; at < g->dim && !error; at += 32) {
        uint32_t count = g->dim - at < 32 ? g->dim - at : 32;
        error = model_quantise(x + at, count, (int)b->act_bits, &q[at / 32]);
    }
    if (error)
        return error;

    const uint32_t first = g->window != 0 && end >= g->window ? end - g->window + 1 : 0;
    uint32_t *z = malloc((end + 1) * sizeof *z), best = 0;
    int64_t *w = malloc((end + 1) * sizeof *w), sum = 0;
    for (uint32_t j = first; j <= end; j++) {
        oracle_i128 n = 0;
        for (uint32_t k = 0; 32 * k < g->dim; k++) {
            const struct model_block *key = &b->kv[kv_address(g, seq, 0, kv_head, j, k)];
            int64_t products = 0;
            for (int i = 0; i < 32; i++)
                products += (int64_t)q[k].m[i] * key->m[i];
            n += (oracle_i128)products * ((oracle_i128)1 << (q[k].s + key->s));
        }
        const uint32_t dot = model_take(oracle_round32(n, -28 - 12 - (int)b->act_bits), &error);
        z[j] = model_take(oracle_mul(dot, g->scale), &error);
        if (g->cap != 0 && !error)
            z[j] = model_take(oracle_cap(&b->tables, z[j], g->cap, g->cap_slope), &error);
        if (j == first || oracle_compare(z[j], best) > 0)
            best = z[j];
    }
    for (uint32_t j = first; j <= end && !error; j++) {
        const uint32_t d = model_take(oracle_add(z[j], best, true), &error);
        w[j] = oracle_fixed(oracle_exp(&b->tables, d).bits, 16);
        sum += w[j];
    }
    for (uint32_t i = 0; i < g->dim && !error; i++) {
        oracle_i128 total = 0;
        for (uint32_t j = first; j <= end; j++) {
            const struct model_block *value = &b->kv[kv_address(g, seq, 1, kv_head, j, i / 32)];
            total += (oracle_i128)(w[j] * value->m[i % 32]) << value->s;
        }
        const uint32_t a = model_take(oracle_round32(total, -44), &error);
        const uint32_t r = oracle_recip(&b->tables, oracle_round32(sum, -16).bits, false).bits;
        y[i] = model_take(oracle_mul(a, r), &error);
    }
    free(z);
    free(w);
    return error;
}

static int model_attend(struct bench *b, const struct geometry *g, int *slot) {
    b->expected.count = 0;
    for (*slot = 0; *slot < SLOTS; ++*slot) {
        if (!(g->active >> *slot & 1))
            continue;
        if (!kv_fits(b, g, *slot))
            return LOCKSTEP_ERROR_KV_FULL;
        for (uint32_t head = 0; head < g->heads; head++) {
            uint32_t y[HEAD_MAX];
            const uint32_t *x = &b->model[*slot][32 * g->a + head * g->dim];
            int error = model_head(b, g, *slot, head, x, y);
            if (error)
                return error;
            for (uint32_t i = 0; i < g->dim; i++) {
                b->model[*slot][32 * g->dst + head * g->dim + i] = y[i];
                commit_add(&b->expected, (uint32_t)*slot, head * g->dim + i, y[i]);
            }
        }
    }
    return 0;
}

#endif
