/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Norms, activations, rotation: section 5 of docs/numerics.md.
 */
#include "golden_vector.h"

#include <string.h>

#include "golden_dot.h"
#include "golden_lanes.h"

/* x times nearest-by-table 1/n */
static uint32_t divided(const struct golden_tables *tables, uint32_t x, size_t n,
                        enum golden_fault *fault) {
    return golden_mul(x, golden_rcp(tables, golden_round32((golden_int128)n, 0, fault), fault),
                      fault);
}

/* Adds up a block's share of the whole over the vector. */
static golden_int128 sum_blocks(const uint32_t *x, size_t n,
                                golden_int128 (*share)(const struct golden_block *),
                                enum golden_fault *fault) {
    golden_int128 sum = 0;
    for (size_t first = 0; first < n; first += GOLDEN_BLOCK) {
        struct golden_block block;
        const size_t left = n - first;
        const enum golden_fault range =
            golden_block_from(x + first, left < GOLDEN_BLOCK ? left : GOLDEN_BLOCK, 16, &block);
        if (range != GOLDEN_FAULT_NONE) {
            *fault = *fault == GOLDEN_FAULT_NONE ? range : *fault;
            return 0;
        }
        sum += share(&block);
    }
    return sum;
}

static golden_int128 squares(const struct golden_block *block) {
    return golden_dot_blocks(block, block, 1);
}

static golden_int128 total(const struct golden_block *block) {
    int64_t sum = 0;
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
        sum += block->m[i];
    return sum * ((int64_t)1 << block->shift);
}

uint32_t golden_norm_factor(const struct golden_tables *tables, const uint32_t *x, size_t n,
                            uint32_t eps, enum golden_fault *fault) {
    const golden_int128 sum = sum_blocks(x, n, squares, fault);
    if (*fault != GOLDEN_FAULT_NONE)
        return 0;
    const uint32_t mean = divided(tables, golden_round32(sum, -56, fault), n, fault);
    return golden_rsqrt(tables, golden_add(mean, eps, fault), fault);
}

uint32_t golden_mean(const struct golden_tables *tables, const uint32_t *x, size_t n,
                     enum golden_fault *fault) {
    const golden_int128 sum = sum_blocks(x, n, total, fault);
    return divided(tables, golden_round32(sum, -28, fault), n, fault);
}

uint32_t golden_sigmoid(const struct golden_tables *tables, uint32_t x, enum golden_fault *fault) {
    const uint32_t e = golden_exp(tables, x | GOLDEN_SIGN);
    const uint32_t r = golden_rcp(tables, golden_add(GOLDEN_ONE, e, fault), fault);
    return (x & GOLDEN_SIGN) == 0 ? r : golden_mul(e, r, fault);
}

uint32_t golden_silu(const struct golden_tables *tables, uint32_t x, enum golden_fault *fault) {
    return golden_mul(x, golden_sigmoid(tables, x, fault), fault);
}

uint32_t golden_gelu(const struct golden_tables *tables, uint32_t x, enum golden_fault *fault) {
    const uint32_t cubic = golden_mul(GOLDEN_GELU_K2, golden_mul(x, x, fault), fault);
    const uint32_t u = golden_mul(x, golden_add(GOLDEN_GELU_K0, cubic, fault), fault);
    return golden_mul(x, golden_sigmoid(tables, u, fault), fault);
}

uint32_t golden_cap(const struct golden_tables *tables, uint32_t z, uint32_t cap, uint32_t slope,
                    enum golden_fault *fault) {
    const uint32_t e = golden_exp(tables, golden_mul(z, slope, fault) | GOLDEN_SIGN);
    const uint32_t share = golden_rcp(tables, golden_add(GOLDEN_ONE, e, fault), fault);
    const uint32_t t = golden_mul(golden_sub(GOLDEN_ONE, e, fault), share, fault);
    return golden_mul(cap, t, fault) | (z & GOLDEN_SIGN);
}

uint32_t golden_fixed(uint32_t e, unsigned bits) {
    const uint32_t m = (e & 0x007fffff) | 0x00800000;
    const int drop = 150 - (int)bits - (int)(e >> 23);
    if (drop > 25)
        return 0;
    if (drop <= 0)
        return m << -drop;
    return (m + (1u << (drop - 1)) - 1 + (m >> drop & 1)) >> drop;
}

/* Whether fewer than `used` of the experts come before expert i: greater, or equal and lower. */
static bool is_chosen(const uint32_t *x, size_t n, size_t i, size_t used) {
    size_t before = 0;
    for (size_t j = 0; j < n && before < used; j++) {
        const int order = golden_compare(x[j], x[i]);
        before += order > 0 || (order == 0 && j < i);
    }
    return before < used;
}

void golden_route(const struct golden_tables *tables, const uint32_t *x, size_t n, size_t used,
                  bool normalised, uint32_t *chosen, uint32_t *y, enum golden_fault *fault) {
    uint32_t most = x[0];
    size_t count = 0;
    golden_int128 sum = 0;
    for (size_t i = 1; i < n; i++)
        most = golden_compare(x[i], most) > 0 ? x[i] : most;
    for (size_t i = 0; i < n; i++) {
        const uint32_t p = golden_exp(tables, golden_sub(x[i], most, fault));
        const bool taken = is_chosen(x, n, i, used);
        sum += taken || !normalised ? golden_fixed(p, 24) : 0;
        y[i] = taken ? p : 0;
        if (taken)
            chosen[count++] = (uint32_t)i;
    }
    const uint32_t share = golden_rcp(tables, golden_round32(sum, -24, fault), fault);
    for (size_t k = 0; k < count; k++)
        y[chosen[k]] = golden_mul(y[chosen[k]], share, fault);
}

/* Angles of some pairs that follow one another. */
struct angles {
    uint32_t pairs, cosine[GOLDEN_LANES], sine[GOLDEN_LANES];
};

static struct angles angles_from(const struct golden_tables *tables,
                                 const struct golden_rotary *rotary, uint64_t position,
                                 uint32_t first, int wrong_pair, enum golden_fault *fault) {
    struct angles a = {.pairs = rotary->pairs - first};
    a.pairs = a.pairs < GOLDEN_LANES ? a.pairs : GOLDEN_LANES;
    for (uint32_t j = 0; j < a.pairs; j++) {
        const int64_t near = (int64_t)(first + j) + wrong_pair, last = (int64_t)rotary->pairs - 1;
        const int64_t of = near < 0 ? 0 : near > last ? last : near;
        uint32_t c, s;
        golden_rotation(tables, position, rotary->increment[of], &c, &s);
        a.cosine[j] = golden_mul(rotary->magnitude, c, fault); /* at most 2 */
        a.sine[j] = golden_mul(rotary->magnitude, s, fault);
    }
    return a;
}

/* Turns one head's pairs from x and y on; v elements lie `apart` behind u elements, which lie
 * `step` apart. Returns the first element with a fault, or SIZE_MAX. */
static size_t turn(const struct angles *a, size_t step, size_t apart, const uint32_t *x,
                   uint32_t *y) {
    size_t wrong = SIZE_MAX;
    for (uint32_t j = 0; j < a->pairs; j++) {
        const size_t u = j * step, v = u + apart;
        const uint32_t c = a->cosine[j], s = a->sine[j];
        enum golden_fault u_fault = GOLDEN_FAULT_NONE, v_fault = GOLDEN_FAULT_NONE;
        y[u] = golden_sub(golden_mul(x[u], c, &u_fault), golden_mul(x[v], s, &u_fault), &u_fault);
        y[v] = golden_add(golden_mul(x[u], s, &v_fault), golden_mul(x[v], c, &v_fault), &v_fault);
        if (u_fault != GOLDEN_FAULT_NONE && u < wrong)
            wrong = u;
        if (v_fault != GOLDEN_FAULT_NONE && v < wrong)
            wrong = v;
    }
    return wrong;
}

size_t golden_rope(const struct golden_tables *tables, const struct golden_rotary *rotary,
                   uint64_t position, int wrong_pair, const uint32_t *x, size_t count, uint32_t *y,
                   enum golden_fault *fault) {
    const size_t step = rotary->halves ? 1 : 2, apart = rotary->halves ? rotary->pairs : 1;
    size_t wrong = count;
    memcpy(y, x, count * sizeof *y);
    for (uint32_t first = 0; first < rotary->pairs; first += GOLDEN_LANES) {
        const struct angles a = angles_from(tables, rotary, position, first, wrong_pair, fault);
        for (size_t at = first * step; at < count; at += rotary->head_dim) {
            if (a.pairs == GOLDEN_LANES &&
                golden_lanes_turn(a.cosine, a.sine, rotary->halves, apart, x + at, y + at))
                continue;
            const size_t element = turn(&a, step, apart, x + at, y + at);
            if (element != SIZE_MAX && at + element < wrong)
                wrong = at + element;
        }
    }
    if (wrong < count)
        *fault = GOLDEN_FAULT_OVERFLOW; /* no other is possible */
    return wrong;
}
