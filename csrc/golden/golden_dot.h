/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Weights as they lie in the file and exact dot products: sections 3, 4 and the
 * sums of 5 and 6 of docs/numerics.md. A sum is exact until it is rounded once.
 *
 *     golden_blocks_from(x, cols, bits, blocks);
 *     fault = golden_matvec(&matrix, blocks, bits, y, &done);
 */
#ifndef LS_GOLDEN_DOT_H
#define LS_GOLDEN_DOT_H

#include <stddef.h>
#include <stdint.h>

#include "csrc/gguf/gguf.h"
#include "golden_arith.h"
#include "golden_pool.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GOLDEN_MAX_COLS 131072u /* columns of a row whose sum is sure to fit */

/* A view of weights: rows follow one another in the file. */
struct golden_matrix {
    enum ggml_type type; /* a float, or of golden_weights_known */
    const uint8_t *data; /* row 0 */
    size_t rows;
    size_t cols; /* a multiple of the type's elements; at most GOLDEN_MAX_COLS */
};

/* Bytes of a row; 0 if the type is none of them. */
size_t golden_row_bytes(const struct golden_matrix *matrix);

/* y = matrix * x, x in ceil(cols / 32) blocks of `bits`, y[rows] binary32. *done is
 * the number of rows computed: all of them, or those before the row that failed. */
enum golden_fault golden_matvec(const struct golden_matrix *matrix, const struct golden_block *x,
                                int bits, uint32_t *y, size_t *done);

/* The same for several vectors at once: weights are decoded once for all of them. */
struct golden_product {
    const struct golden_block *x;
    uint32_t *y;
    size_t done;             /* comes out, as above */
    enum golden_fault fault; /* so does this */
};

/* pool: threads that share the rows, or NULL. */
void golden_multiply(const struct golden_matrix *matrix, int bits, struct golden_product *products,
                     size_t count, struct golden_pool *pool);

/* All give the same bits; a test compares them. Without what they need they are the next ones. */
enum golden_loops { GOLDEN_LOOPS_WIDEST, GOLDEN_LOOPS_AVX2, GOLDEN_LOOPS_PLAIN };
void golden_multiply_by(enum golden_loops loops, const struct golden_matrix *matrix, int bits,
                        struct golden_product *products, size_t count, struct golden_pool *pool);

/* value(w) of a row's weights as binary32 [cols]; *done as above, in elements. */
enum golden_fault golden_row_values(const struct golden_matrix *matrix, size_t row,
                                    uint32_t *values, size_t *done);

/* Sum over blocks and elements of a * b * 2^(shift of a + shift of b). */
golden_int128 golden_dot_blocks(const struct golden_block *a, const struct golden_block *b,
                                size_t blocks);

/* For each of the block's elements, the sum over positions of
 * weight[j] * v[j * stride].m[i] * 2^(v[j * stride].shift); weights are 0..65536. */
void golden_weighted_sum(const uint32_t *weight, size_t positions, const struct golden_block *v,
                         size_t stride, golden_int128 sum[GOLDEN_BLOCK]);

#ifdef __cplusplus
}
#endif
#endif
