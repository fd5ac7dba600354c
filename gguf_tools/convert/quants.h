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

/* Writes `count` finite values (whole blocks of the type) in F32, F16, BF16 or a quantised type
 * that the device decodes. Returns 0, or -1 for another type or a broken block. */
int quantize_row(enum ggml_type type, const float *values, void *blocks, uint64_t count);

/* The ggml_type of the name, in any case, of a type that quantize_row() writes, or -1. */
int quantize_type_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
