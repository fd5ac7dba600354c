/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Sections 5 and 6 of docs/numerics.md on plain vectors, written for the eye on the oracle of
 * numerics; csrc/golden/golden_vector.h is held to it. Letters are those of the page.
 */
#ifndef GOLDEN_NAIVE_OPS_H
#define GOLDEN_NAIVE_OPS_H

#include "golden_naive.h"

/* A chain of operations: after an error no value means anything. */
struct naive {
    const struct tables *tables;
    bool error;
};

static inline uint32_t naive_take(struct naive *n, struct value v) {
    n->error |= v.error;
    return v.bits;
}

static inline uint32_t n_add(struct naive *n, uint32_t a, uint32_t b) {
    return naive_take(n, oracle_add(a, b, false));
}

static inline uint32_t n_sub(struct naive *n, uint32_t a, uint32_t b) {
    return naive_take(n, oracle_add(a, b, true));
}

static inline uint32_t n_mul(struct naive *n, uint32_t a, uint32_t b) {
    return naive_take(n, oracle_mul(a, b));
}

static inline uint32_t n_exp(struct naive *n, uint32_t x) {
    return naive_take(n, oracle_exp(n->tables, x));
}

static inline uint32_t n_rcp(struct naive *n, uint32_t x) {
    return naive_take(n, oracle_recip(n->tables, x, false));
}

static inline uint32_t n_sigmoid(struct naive *n, uint32_t u) {
    const uint32_t e = n_exp(n, u | 0x80000000), r = n_rcp(n, n_add(n, to_bits(1), e));
    return u >> 31 ? n_mul(n, e, r) : r;
}

static inline uint32_t n_silu(struct naive *n, uint32_t x) {
    return n_mul(n, x, n_sigmoid(n, x));
}

static inline uint32_t n_gelu(struct naive *n, uint32_t x) {
    const double root = sqrt(2 / acos(-1));
    const uint32_t K0 = to_bits((float)(2 * root)), K2 = to_bits((float)(0.08943 * root));
    const uint32_t u = n_mul(n, x, n_add(n, K0, n_mul(n, K2, n_mul(n, x, x))));
    return n_mul(n, x, n_sigmoid(n, u));
}

static inline uint32_t n_cap(struct naive *n, uint32_t z, float c) {
    if (c == 0)
        return z;
    const uint32_t a = n_mul(n, z, to_bits(2 / c)), e = n_exp(n, a | 0x80000000);
    const uint32_t t = n_mul(n, n_sub(n, to_bits(1), e), n_rcp(n, n_add(n, to_bits(1), e)));
    return n_mul(n, to_bits(c), t) | (z & 0x80000000);
}

/* Sum over the blocks of x of m^power * 2^(power * s). */
static inline oracle_i128 n_sum(struct naive *n, const uint32_t *x, size_t count, int power) {
    oracle_i128 sum = 0;
    for (size_t i = 0; i < count; i += 32) {
        struct golden_block block;
        n->error |= naive_block(x + i, count - i < 32 ? count - i : 32, 16, &block) != 0;
        for (int k = 0; k < 32 && !n->error; k++) {
            const oracle_i128 value = (oracle_i128)block.m[k] * ((int64_t)1 << block.shift);
            sum += power == 2 ? value * value : value;
        }
    }
    return sum;
}

/* The mean of a sum in units 2^k. */
static inline uint32_t n_mean(struct naive *n, oracle_i128 sum, size_t count, int k) {
    return n_mul(n, naive_take(n, oracle_round32(sum, k)), n_rcp(n, to_bits((float)count)));
}

static inline uint32_t n_norm_factor(struct naive *n, const uint32_t *x, size_t count,
                                     uint32_t eps) {
    const uint32_t a = n_mean(n, n_sum(n, x, count, 2), count, -56);
    return naive_take(n, oracle_recip(n->tables, n_add(n, a, eps), true));
}

/* ROUTE: y, and which experts are chosen; of equal ones the lower, or as a planted fault the
 * higher.
 */
static inline void n_route(struct naive *n, const uint32_t *x, size_t count, size_t used,
                           bool normalised, bool higher, bool *chosen, uint32_t *y) {
    uint32_t p[128], z = x[0];
    oracle_i128 S = 0;
    for (size_t i = 0; i < count; i++)
        z = oracle_compare(x[i], z) > 0 ? x[i] : z;
    memset(chosen, 0, count * sizeof *chosen);
    for (size_t k = 0; k < used; k++) {
        size_t best = count;
        for (size_t i = 0; i < count; i++) {
            const int order = best < count ? oracle_compare(x[i], x[best]) : 1;
            if (!chosen[i] && (order > 0 || (higher && order == 0)))
                best = i;
        }
        chosen[best] = true;
    }
    for (size_t i = 0; i < count; i++) {
        p[i] = n_exp(n, n_sub(n, x[i], z));
        if (chosen[i] || !normalised)
            S += (oracle_i128)nearbyint(ldexp((double)to_float(p[i]), 24));
    }
    const uint32_t r = n_rcp(n, naive_take(n, oracle_round32(S, -24)));
    for (size_t i = 0; i < count; i++)
        y[i] = chosen[i] ? n_mul(n, p[i], r) : 0;
}

/* Element i of a head that turns by the angles phase[pair]. */
static inline uint32_t n_turn(struct naive *n, const uint32_t *x, size_t i, uint32_t pairs,
                              bool halves, const uint32_t *phase, uint32_t magnitude) {
    if (i >= 2 * (size_t)pairs)
        return x[i];
    const size_t j = halves ? i % pairs : i / 2;
    const size_t u = halves ? j : 2 * j, v = halves ? j + pairs : 2 * j + 1;
    uint32_t turn[2];
    oracle_rotation(n->tables, phase[j], turn);
    const uint32_t c = n_mul(n, magnitude, turn[0]), s = n_mul(n, magnitude, turn[1]);
    return i == u ? n_sub(n, n_mul(n, x[u], c), n_mul(n, x[v], s))
                  : n_add(n, n_mul(n, x[u], s), n_mul(n, x[v], c));
}

struct naive_attention {
    size_t head_dim, positions, stride;
    int act_bits;
    uint32_t scale;
    float cap;
};

/* A head's attention; false for an error before the first element. */
static inline bool n_attend(struct naive *n, const struct naive_attention *a, const uint32_t *q,
                            const struct golden_block *k, const struct golden_block *v,
                            uint32_t *y) {
    uint32_t z[64], most = 0;
    oracle_i128 W = 0, w[64];
    for (size_t j = 0; j < a->positions; j++) {
        oracle_i128 N = 0;
        for (size_t b = 0; 32 * b < a->head_dim; b++) {
            const size_t left = a->head_dim - 32 * b;
            const struct golden_block *K = &k[j * a->stride + b];
            struct golden_block block;
            n->error |= naive_block(q + 32 * b, left < 32 ? left : 32, a->act_bits, &block) != 0;
            for (int i = 0; i < 32 && !n->error; i++)
                N += (oracle_i128)block.m[i] * K->m[i] * ((int64_t)1 << (block.shift + K->shift));
        }
        z[j] = n_mul(n, naive_take(n, oracle_round32(N, -28 - 12 - a->act_bits)), a->scale);
        z[j] = n_cap(n, z[j], a->cap);
        most = j == 0 || oracle_compare(z[j], most) > 0 ? z[j] : most;
    }
    for (size_t j = 0; j < a->positions; j++)
        W += w[j] = oracle_fixed(n_exp(n, n_sub(n, z[j], most)), 16);
    const uint32_t share = n_rcp(n, naive_take(n, oracle_round32(W, -16)));
    for (size_t i = 0; i < a->head_dim && !n->error; i++) {
        oracle_i128 A = 0;
        for (size_t j = 0; j < a->positions; j++) {
            const struct golden_block *V = &v[j * a->stride + i / 32];
            A += w[j] * V->m[i % 32] * ((int64_t)1 << V->shift);
        }
        y[i] = n_mul(n, naive_take(n, oracle_round32(A, -44)), share);
    }
    return !n->error;
}

#endif
