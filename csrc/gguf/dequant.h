/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Exact binary32 values of GGUF weights, for the float reference and the tools.
 * The golden model and the device do not use it: they decode on their own.
 *
 *     float row[4096];
 *     dequant_row(tensor->type, tensor->data, row, tensor->ne[0]);
 */
#ifndef LS_DEQUANT_H
#define LS_DEQUANT_H

#include <stdint.h>

#include "gguf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Value of a binary16; exact. */
float fp32_from_fp16(uint16_t half);

/* Writes `count` values (whole blocks) of F32, F16, BF16, Q8_0 or Q4_0.
 * Returns 0, or -1 for another type. Products of scale and integer are exact. */
int dequant_row(enum ggml_type type, const void *blocks, float *values, uint64_t count);

#ifdef __cplusplus
}
#endif
#endif
