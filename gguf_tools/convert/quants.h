/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Quantisers from binary32.
 *
 *     uint8_t blocks[64 / 32 * LOCKSTEP_BYTES_Q4_0];
 *     quantize_row(GGML_TYPE_Q4_0, weights, blocks, 64);
 */
#ifndef GGUF_QUANTS_H
#define GGUF_QUANTS_H

#include <stdint.h>

#include "csrc/gguf/gguf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Nearest binary16, ties to even; subnormals kept, overflow gives infinity. */
uint16_t fp16_from_fp32(float value);

/* Writes `count` finite values (whole blocks of the type) in a type
 * of QUANTIZE_TYPES.
 * Returns 0, or -1 for another type or a broken block. */
int quantize_row(enum ggml_type type, const float *values, void *blocks, uint64_t count);

/* The types that quantize_row() writes, as choices of an option; and the ggml_type of such a name,
 * in any case, or -1. */
#define QUANTIZE_TYPES                                                                             \
    "F32|F16|BF16|Q8_0|Q6_K|Q5_K|Q5_1|Q5_0|Q4_K|Q4_1|Q4_0|IQ4_NL|IQ4_XS|MXFP4|Q3_K|Q2_K|TQ2_0|"    \
    "TQ1_0"
int quantize_type_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
