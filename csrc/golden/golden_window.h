/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden_multiply.c, golden_wide*.c and golden_avx2.c: in which powers of two the rows
 * of Q4_0 and Q8_0 are summed in 64 bits. A block's product times g is below 2^38; it counts g *
 * 2^(t + shift - base), at most 31 bits, if t + shift is one of base .. base + size. Any other is
 * summed in 128 bits.
 */
#ifndef LS_GOLDEN_WINDOW_H
#define LS_GOLDEN_WINDOW_H

#include <stdbool.h>

#include "golden_dot.h"

#define GOLDEN_WIDE_VECTORS 8u /* at once */
#define GOLDEN_WIDE_ROWS    8u

struct golden_window {
    int size;
    int base[GOLDEN_WIDE_VECTORS]; /* of each vector */
};

/* Of up to GOLDEN_WIDE_VECTORS vectors. */
struct golden_window golden_window_of(const struct golden_matrix *matrix,
                                      const struct golden_block *const *x, size_t count);

/* The binary32 by which the value of a block's binary16 scale is multiplied: 2^(shift + 24 - base).
 * A block of zeros is put into the window. */
float golden_window_factor(const struct golden_block *x, int base);

/* Adds dot * g * 2^(t + shift) to *sum, g and t of a binary16. False: it is not finite. */
bool golden_window_apart(int32_t dot, const uint8_t scale[2], int shift, golden_int128 *sum);

static inline int log2_above(size_t n) {
    int bits = 0;
    while (((size_t)1 << bits) < n)
        bits++;
    return bits;
}

#endif
