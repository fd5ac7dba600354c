/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Quantisers from binary32, byte for byte those of llama.cpp's reference
 * (ggml-quants.c: quantize_row_q8_0_ref, quantize_row_q4_0_ref).
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

/* Writes `count` finite values (whole blocks of the type) as F32, F16, Q8_0 or Q4_0.
 * Returns 0, or -1 for another type or a broken block. */
int quantize_row(enum ggml_type type, const float *values, void *blocks, uint64_t count);

/* The types that quantize_row() writes, as choices of an option; and the ggml_type of such a name,
 * in any case, or -1. */
#define QUANTIZE_TYPES "F32|F16|Q8_0|Q4_0"
int quantize_type_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
