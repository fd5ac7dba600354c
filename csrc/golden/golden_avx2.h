/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden_multiply.c: rows of Q4_0 and Q8_0 with AVX2, where the compiler has it. The
 * same bits as the plain loops give.
 *
 *     struct golden_avx2 avx2;
 *     if (golden_avx2_open(&avx2, &matrix, x, count))
 *         good = golden_avx2_rows(&avx2, rows, row_bytes, 8, scale, y); // for each eight rows
 *     golden_avx2_close(&avx2);
 */
#ifndef LS_GOLDEN_AVX2_H
#define LS_GOLDEN_AVX2_H

#include "golden_window.h"

struct golden_avx2_eight;

struct golden_avx2 {
    enum ggml_type type;
    size_t blocks, eights; /* of a row; the last of them may be fewer */
    size_t count;
    const struct golden_block *x[GOLDEN_WIDE_VECTORS];
    struct golden_window window;
    struct golden_avx2_eight *eight; /* [count][eights] */
};

/* False: not with this compiler, type, or memory; then there is nothing to close. x stays in use.
 */
bool golden_avx2_open(struct golden_avx2 *avx2, const struct golden_matrix *matrix,
                      const struct golden_block *const *x, size_t count);
void golden_avx2_close(struct golden_avx2 *avx2);

/* As golden_wide_rows. */
bool golden_avx2_rows(const struct golden_avx2 *avx2, const uint8_t *rows, size_t row_bytes,
                      size_t n, int scale, uint32_t *const *y);

#endif
