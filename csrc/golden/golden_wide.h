/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden_dot.c: the exact sums of rows of Q4_0 and Q8_0 with AVX-512 VNNI, where the
 * compiler has it. The same integers as the plain loops give.
 *
 *     struct golden_wide wide;
 *     if (golden_wide_open(&wide, &matrix, x, count))
 *         fault = golden_wide_row(&wide, row, sums); // for each row
 *     golden_wide_close(&wide);
 */
#ifndef LS_GOLDEN_WIDE_H
#define LS_GOLDEN_WIDE_H

#include <stdbool.h>

#include "golden_dot.h"

#define GOLDEN_WIDE_VECTORS 8u

struct golden_wide_group;

/* Vectors in the order in which the blocks of a type are taken. */
struct golden_wide {
    enum ggml_type type;
    size_t blocks; /* of a row */
    size_t groups; /* of 16 of them */
    size_t count;
    int window;                      /* shifts of base .. base + window are summed in 64 bits */
    int base[GOLDEN_WIDE_VECTORS];   /* of each vector */
    struct golden_wide_group *group; /* [count][groups] */
};

/* False: not with this compiler, type, or memory; then there is nothing to close. */
bool golden_wide_open(struct golden_wide *wide, const struct golden_matrix *matrix,
                      const struct golden_block *const *x, size_t count);
void golden_wide_close(struct golden_wide *wide);

/* sums[count]: N of section 4 of docs/numerics.md is n * 2^shift. NONE or NONFINITE. */
struct golden_wide_sum {
    golden_int128 n;
    int shift;
};
enum golden_fault golden_wide_row(const struct golden_wide *wide, const uint8_t *row,
                                  struct golden_wide_sum *sums);

/* y[count][GOLDEN_WIDE_ROWS] = N * 2^scale of so many rows, which lie row_bytes apart. False: they
 * are to be taken one by one. */
#define GOLDEN_WIDE_ROWS 8u
bool golden_wide_rows(const struct golden_wide *wide, const uint8_t *rows, size_t row_bytes,
                      int scale, uint32_t *const *y);

#endif
