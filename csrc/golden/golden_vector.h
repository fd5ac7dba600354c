/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What ops compute, on plain vectors of binary32: sections 5 and 6 of docs/numerics.md. A fault is
 * sticky, as in golden_arith.h.
 *
 *     enum golden_fault fault = GOLDEN_FAULT_NONE;
 *     uint32_t r = golden_norm_factor(&tables, x, n, eps, &fault);
 *     for (size_t i = 0; i < n && fault == GOLDEN_FAULT_NONE; i++)
 *         y[i] = golden_mul(golden_mul(x[i], r, &fault), gain[i], &fault);
 */
#ifndef LS_GOLDEN_VECTOR_H
#define LS_GOLDEN_VECTOR_H

#include <stdbool.h>

#include "golden_arith.h"

#ifdef __cplusplus
extern "C" {
#endif

/* r of RMSNorm. */
uint32_t golden_norm_factor(const struct golden_tables *tables, const uint32_t *x, size_t n,
                            uint32_t eps, enum golden_fault *fault);

/* What CENTER takes away. */
uint32_t golden_mean(const struct golden_tables *tables, const uint32_t *x, size_t n,
                     enum golden_fault *fault);

#define GOLDEN_GELU_K0 0x3fcc422au /* nearest binary32 of 2 sqrt(2/pi) */
#define GOLDEN_GELU_K2 0x3d922279u /* nearest binary32 of 0.08943 sqrt(2/pi) */

uint32_t golden_sigmoid(const struct golden_tables *tables, uint32_t x, enum golden_fault *fault);
uint32_t golden_silu(const struct golden_tables *tables, uint32_t x, enum golden_fault *fault);
uint32_t golden_gelu(const struct golden_tables *tables, uint32_t x, enum golden_fault *fault);

/* cap tanh(z / cap), of either sign; slope is the binary32 nearest to 2 / cap. */
uint32_t golden_cap(const struct golden_tables *tables, uint32_t z, uint32_t cap, uint32_t slope,
                    enum golden_fault *fault);

/* nearest(e * 2^bits), ties to even, of a binary32 0 <= e <= 1; bits is at most 24. */
uint32_t golden_fixed(uint32_t e, unsigned bits);

/* ROUTE of x [n]: the `used` experts that it chooses, in ascending order, and the weights y [n].
 * After a fault neither means anything. */
void golden_route(const struct golden_tables *tables, const uint32_t *x, size_t n, size_t used,
                  bool normalised, uint32_t *chosen, uint32_t *y, enum golden_fault *fault);

/* How the elements of a head turn. */
struct golden_rotary {
    size_t head_dim;
    uint32_t pairs;
    bool halves;
    const uint64_t *increment; /* [pairs] */
    uint32_t magnitude;
};

/* Turns whole heads at a position; pair j with the increment of pair j + wrong_pair, or of the
 * first or the last (0: as it should be). Returns count, or the first element with *fault. */
size_t golden_rope(const struct golden_tables *tables, const struct golden_rotary *rotary,
                   uint64_t position, int wrong_pair, const uint32_t *x, size_t count, uint32_t *y,
                   enum golden_fault *fault);

struct golden_attention {
    size_t head_dim;
    int act_bits;
    uint32_t scale;
    uint32_t cap, slope;    /* of golden_cap; cap 0: none */
    struct golden_block *q; /* scratch: a head */
    uint32_t *score;        /* scratch: a word a position */
};

/* One head's softmax(cap(q.k * scale)) v over `positions` from the first that k and v point to,
 * `stride` blocks from one to the next. Returns head_dim, or the first element with *fault. */
size_t golden_attend_head(const struct golden_tables *tables,
                          const struct golden_attention *attention, const uint32_t *q,
                          const struct golden_block *k, const struct golden_block *v, size_t stride,
                          size_t positions, uint32_t *y, enum golden_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
