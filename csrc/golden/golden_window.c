/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The window is as large as sums of 64 bits allow, and lies as high as the blocks do.
 */
#include "golden_window.h"

#include <string.h>

#include "golden_weights.h"

#define SCALE_BITS 11 /* of g */

static int dot_bits(enum ggml_type type) { /* of 32 products */
    return type == GGML_TYPE_Q4_0 ? 23 : 27;
}

/* The largest shift of a scale in the first rows: a guess, on which only speed depends. */
static int typical_shift(const struct golden_matrix *matrix) {
    const size_t row_bytes = golden_row_bytes(matrix);
    const size_t block_bytes = row_bytes / (matrix->cols / GOLDEN_BLOCK);
    unsigned largest = 0;
    for (size_t row = 0; row < matrix->rows && row < 4; row++)
        for (size_t at = 0; at < row_bytes; at += block_bytes) {
            int32_t g;
            unsigned t;
            (void)golden_scale_from(matrix->data + row * row_bytes + at, &g, &t);
            largest = t > largest ? t : largest;
        }
    return (int)largest;
}

struct golden_window golden_window_of(const struct golden_matrix *matrix,
                                      const struct golden_block *const *x, size_t count) {
    const size_t blocks = matrix->cols / GOLDEN_BLOCK;
    const int typical = typical_shift(matrix);
    struct golden_window w = {.size =
                                  62 - dot_bits(matrix->type) - SCALE_BITS - log2_above(blocks)};
    w.size = w.size > 30 - SCALE_BITS ? 30 - SCALE_BITS : w.size;
    for (size_t v = 0; v < count; v++) {
        int largest = 0;
        for (size_t b = 0; b < blocks; b++)
            largest = x[v][b].shift > largest ? x[v][b].shift : largest;
        const int base = largest + typical + 2 - w.size;
        w.base[v] = base > 0 ? base : 0;
    }
    return w;
}

float golden_window_factor(const struct golden_block *x, int base) {
    int32_t any = 0;
    float factor;
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
        any |= x->m[i];
    const uint32_t field = (uint32_t)((any == 0 ? 0 : x->shift - base) + 24 + 127) << 23;
    memcpy(&factor, &field, sizeof factor);
    return factor;
}

bool golden_window_apart(int32_t dot, const uint8_t scale[2], int shift, golden_int128 *sum) {
    int32_t g;
    unsigned t;
    if (golden_scale_from(scale, &g, &t) != GOLDEN_FAULT_NONE)
        return false;
    *sum += (golden_int128)((int64_t)dot * g) * ((int64_t)1 << t << shift);
    return true;
}
