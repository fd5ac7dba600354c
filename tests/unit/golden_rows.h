/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Rows of random weights of every type that the golden model reads, and random vectors.
 */
#ifndef GOLDEN_ROWS_H
#define GOLDEN_ROWS_H

#include "csrc/golden/golden_dot.h"
#include "golden_naive.h"

/* Every type that the golden model reads, with the places of its binary16 scales in a block. */
static const struct {
    enum ggml_type type;
    int scales[2]; /* -1: none */
} types[] = {{GGML_TYPE_F32, {-1, -1}},   {GGML_TYPE_F16, {-1, -1}},   {GGML_TYPE_BF16, {-1, -1}},
             {GGML_TYPE_Q4_0, {0, -1}},   {GGML_TYPE_Q4_1, {0, 2}},    {GGML_TYPE_Q5_0, {0, -1}},
             {GGML_TYPE_Q5_1, {0, 2}},    {GGML_TYPE_Q8_0, {0, -1}},   {GGML_TYPE_Q2_K, {80, 82}},
             {GGML_TYPE_Q3_K, {108, -1}}, {GGML_TYPE_Q4_K, {0, 2}},    {GGML_TYPE_Q5_K, {0, 2}},
             {GGML_TYPE_Q6_K, {208, -1}}, {GGML_TYPE_IQ4_NL, {0, -1}}, {GGML_TYPE_IQ4_XS, {0, -1}},
             {GGML_TYPE_TQ1_0, {52, -1}}, {GGML_TYPE_TQ2_0, {64, -1}}, {GGML_TYPE_MXFP4, {-1, -1}}};
#define TYPES (sizeof types / sizeof *types)

static inline int is_float(enum ggml_type type) {
    return type_info[type].is_float;
}

static inline void set_16(uint8_t *bytes, uint32_t value) {
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

/* Random weights; the exponents of a block's floats or scales lie near `center`, 0..255 of
 * the format's range. */
static inline void random_row(size_t n, uint8_t *row, size_t cols, uint32_t center,
                              uint64_t *state) {
    const enum ggml_type type = types[n].type;
    struct golden_matrix matrix = {type, row, 1, cols};
    size_t bytes = golden_row_bytes(&matrix);
    for (size_t i = 0; i < bytes; i++)
        row[i] = (uint8_t)random_64(state);
    if (is_float(type)) {
        for (size_t i = 0; i < cols; i++) {
            /* below 2^18, which is exponent field 145; now and then a subnormal */
            uint32_t top = center * 144 / 255, low = top > 12 ? top - 12 : 0;
            uint32_t x = random_float(state, low, top);
            x |= (random_64(state) & 7) == 0 ? 0x7fffff : 0; /* its mantissa is rounded up */
            uint32_t half_field = (uint32_t)(random_64(state) % 31);
            if (type == GGML_TYPE_F32)
                memcpy(row + 4 * i, &x, 4);
            else if (type == GGML_TYPE_BF16)
                set_16(row + 2 * i, x >> 16);
            else
                set_16(row + 2 * i, (x >> 16 & 0x83ff) | half_field << 10);
        }
        return;
    }
    for (size_t at = 0; at < bytes; at += type_info[type].bytes) {
        for (int k = 0; k < 2 && types[n].scales[k] >= 0; k++) {
            uint32_t field = center * 30 / 255;
            field = (random_64(state) & 3) == 0 ? (uint32_t)(random_64(state) % 31) : field;
            set_16(row + at + types[n].scales[k],
                   ((uint32_t)random_64(state) & 0x83ff) | field << 10);
        }
        if (type == GGML_TYPE_MXFP4)
            row[at] = (uint8_t)(90 + (center * 50 / 255 + random_64(state) % 3));
    }
}

static inline void random_vector(uint32_t *x, size_t cols, uint64_t *state) {
    /* Below 2^-28 all mantissas are 0: mostly above it. */
    uint32_t least = (random_64(state) & 7) == 0 ? 0 : 100;
    uint32_t top = least + (uint32_t)(random_64(state) % (145 - least));
    for (size_t i = 0; i < cols; i++)
        x[i] = (random_64(state) & 15) == 0 ? 0 : random_float(state, top > 9 ? top - 9 : 0, top);
}

/* All scales of a row within a few binades, as those of models are. */
static inline void even_scales(size_t n, uint8_t *row, size_t row_bytes, uint64_t *state) {
    for (size_t at = 0; at < row_bytes; at += type_info[types[n].type].bytes)
        for (int k = 0; k < 2 && types[n].scales[k] >= 0; k++) {
            uint8_t *high = row + at + types[n].scales[k] + 1;
            *high = (uint8_t)((*high & 0x83) | (10 + random_64(state) % 4) << 2);
        }
}

#endif
