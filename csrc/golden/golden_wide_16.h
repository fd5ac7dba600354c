/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden_multiply.c: the exact sums of rows of all types but Q4_0 and Q8_0 with AVX-512,
 * where the compiler has it. The same integers as the plain loops give.
 *
 *     struct golden_wide_16 wide;
 *     if (golden_wide_16_open(&wide, &matrix, x, count))
 *         good = golden_wide_16_row(&wide, row, sums); // for each row
 *     golden_wide_16_close(&wide);
 */
#ifndef LS_GOLDEN_WIDE_16_H
#define LS_GOLDEN_WIDE_16_H

#include <stdbool.h>

#include "golden_plain.h"

#define GOLDEN_WIDE_GROUP 16u /* blocks */

/* Blocks of weights in the terms of section 3 of docs/numerics.md. */
struct golden_wide_weights {
    int16_t w[GOLDEN_WIDE_GROUP][GOLDEN_BLOCK] __attribute__((aligned(64)));
    int32_t g[GOLDEN_WIDE_GROUP], t[GOLDEN_WIDE_GROUP];
    int32_t h[GOLDEN_WIDE_GROUP], r[GOLDEN_WIDE_GROUP], v[2][GOLDEN_WIDE_GROUP]; /* minimums */
};

/* Blocks first .. first + count - 1 of a row. False: one of them is an error. */
typedef bool golden_wide_decoder(enum ggml_type type, const uint8_t *row, size_t cols, size_t first,
                                 size_t count, struct golden_wide_weights *to);
golden_wide_decoder *golden_wide_decoder_of(enum ggml_type type);

struct golden_wide_vector;

struct golden_wide_16 {
    enum ggml_type type;
    golden_wide_decoder *decode;
    bool minimums;                     /* the type has them */
    size_t cols, blocks, groups;       /* of a row */
    size_t count;                      /* vectors */
    int window;                        /* shifts of base .. base + window are summed in 64 bits */
    int base[GOLDEN_WIDE_VECTORS];     /* of each vector */
    struct golden_wide_vector *vector; /* [count][groups] */
};

/* False: not with this compiler, type, or memory; then there is nothing to close. */
bool golden_wide_16_open(struct golden_wide_16 *wide, const struct golden_matrix *matrix,
                         const struct golden_block *const *x, size_t count);
void golden_wide_16_close(struct golden_wide_16 *wide);

/* sums[count]. False: a block of the row is an error. */
bool golden_wide_16_row(const struct golden_wide_16 *wide, const uint8_t *row,
                        struct golden_sum *sums);

/* As golden_wide_rows, of GOLDEN_WIDE_ROWS rows. False: they are to be taken one by one. */
bool golden_wide_16_rows(const struct golden_wide_16 *wide, const uint8_t *rows, size_t row_bytes,
                         int scale, uint32_t *const *y);

#endif
