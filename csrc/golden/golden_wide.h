/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden_multiply.c: rows of Q4_0 and Q8_0 with AVX-512 VNNI, where the compiler has it.
 * The same bits as the plain loops give.
 *
 *     struct golden_wide wide;
 *     if (golden_wide_open(&wide, &matrix, x, count))
 *         good = golden_wide_rows(&wide, rows, row_bytes, 8, scale, y); // for each eight rows
 *     golden_wide_close(&wide);
 */
#ifndef LS_GOLDEN_WIDE_H
#define LS_GOLDEN_WIDE_H

#include <stdalign.h>
#include <stdbool.h>

#include "golden_window.h"

#define GOLDEN_WIDE_GROUP 16u /* blocks */

/* Blocks of a vector. */
struct golden_wide_group {
    alignas(64) uint8_t part[4][4][64]; /* of each four blocks: high and low bytes of the mantissas
                                           of the first 16 columns, then of the others */
    float scale[GOLDEN_WIDE_GROUP];     /* 2^(shift + 24 - base) */
    int32_t excess[GOLDEN_WIDE_GROUP];  /* of the sum of products, since weights are taken as 0 and
                                           more */
    int32_t shift[GOLDEN_WIDE_GROUP];
};

/* Vectors in the order in which the blocks of a type are taken. */
struct golden_wide {
    enum ggml_type type;
    size_t blocks; /* of a row */
    size_t groups;
    size_t count;
    struct golden_window window;
    struct golden_wide_group *group; /* [count][groups] */
};

/* False: not with this compiler, type, or memory; then there is nothing to close. */
bool golden_wide_open(struct golden_wide *wide, const struct golden_matrix *matrix,
                      const struct golden_block *const *x, size_t count);
void golden_wide_close(struct golden_wide *wide);

/* y[count][n] = N * 2^scale of n rows, 1 .. GOLDEN_WIDE_ROWS, which lie row_bytes apart, N as in
 * section 4 of docs/numerics.md. False: one of them is an error. */
bool golden_wide_rows(const struct golden_wide *wide, const uint8_t *rows, size_t row_bytes,
                      size_t n, int scale, uint32_t *const *y);

#endif
