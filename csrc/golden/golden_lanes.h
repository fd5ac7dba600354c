/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden_ops*.c and golden_vector.c: 16 elements of vector ops at once. The same bits
 * as the plain functions give.
 *
 *     if (!golden_lanes_mul(&tables, a, b, y))
 *         for (size_t i = 0; i < GOLDEN_LANES; i++)
 *             y[i] = golden_mul(a[i], b[i], &fault);
 */
#ifndef LS_GOLDEN_LANES_H
#define LS_GOLDEN_LANES_H

#include <stdbool.h>

#include "golden_arith.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GOLDEN_LANES 16u

/* All are of sections 5 to 7 of docs/numerics.md. False: an operand or a result is subnormal or not
 * finite, which is for the plain functions; y means nothing then. */
typedef bool golden_lanes_op(const struct golden_tables *tables, const uint32_t *a,
                             const uint32_t *b, uint32_t *y);
golden_lanes_op golden_lanes_add, golden_lanes_mul;
golden_lanes_op golden_lanes_sigmoid, golden_lanes_gelu; /* of a alone */
golden_lanes_op golden_lanes_swiglu, golden_lanes_geglu; /* of gate and up */
golden_lanes_op golden_lanes_weights; /* w of scores z and of the greatest, 16 times */

/* x * r * gain */
bool golden_lanes_norm(const uint32_t *x, uint32_t r, const uint32_t *gain, uint32_t *y);

/* 16 pairs by 16 angles. Elements u and v of pair j are 2 j and 2 j + 1 of x, or j and
 * apart + j. */
bool golden_lanes_turn(const uint32_t *cosine, const uint32_t *sine, bool halves, size_t apart,
                       const uint32_t *x, uint32_t *y);

#ifdef __cplusplus
}
#endif
#endif
