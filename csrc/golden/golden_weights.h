/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Quantised weights as they lie in the file, as integers: sections 3 and 11 of docs/numerics.md.
 *
 *     struct golden_weights w;
 *     fault = golden_weights_from(GGML_TYPE_Q4_K, row, 5, &w); // columns 160 to 191
 */
#ifndef LS_GOLDEN_WEIGHTS_H
#define LS_GOLDEN_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "csrc/gguf/gguf.h"
#include "golden_arith.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 32 columns of a row. Element i is w[i] * g * 2^(t - U) + v[i / 16] * h * 2^(r - U), where U is
 * golden_weights_unit of the type. */
struct golden_weights {
    int16_t w[GOLDEN_BLOCK]; /* -8192..8191, but MXFP4 -24576..24576 */
    int16_t v[2];            /* minimums; 0 in types that have none */
    int32_t g, h;            /* 11 bits and a sign */
    unsigned t, r;           /* 0..31 */
};

/* X of section 3. */
extern const int8_t golden_iq4_values[16];

/* Whether golden_weights_from reads the type: all but binary floating point, as far as device.txt
 * gives a decoder for it. */
bool golden_weights_known(enum ggml_type type);

/* U of section 3 of a quantised type. */
int golden_weights_unit(enum ggml_type type);

/* A binary16 at `bytes` is *g * 2^(*t - 24): NONE or NONFINITE. */
enum golden_fault golden_scale_from(const uint8_t *bytes, int32_t *g, unsigned *t);

/* Block `block` of 32 columns of a row of a known type: NONE, NONFINITE or RANGE. */
enum golden_fault golden_weights_from(enum ggml_type type, const uint8_t *row, size_t block,
                                      struct golden_weights *weights);

/* value(w) of each of these 32 columns as binary32; *done of them before a fault. */
enum golden_fault golden_weights_values(enum ggml_type type, const uint8_t *row, size_t block,
                                        uint32_t values[GOLDEN_BLOCK], size_t *done);

#ifdef __cplusplus
}
#endif
#endif
