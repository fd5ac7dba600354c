/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Binary32 values of GGUF weights, for the float reference and the tools.
 * The golden model and the device do not use it: they decode on their own.
 *
 *     float row[4096];
 *     dequant_row(tensor->type, tensor->data, row, tensor->ne[0]);
 */
#ifndef LS_DEQUANT_H
#define LS_DEQUANT_H

#include <stdbool.h>
#include <stdint.h>

#include "gguf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Value of a binary16; exact. */
float fp32_from_fp16(uint16_t half);

#define DEQUANT_BLOCK 256u /* elements of the largest block */

/* Whether weights of the type can be read: not integers, F64, Q8_1, Q8_K, IQ1, IQ2 and IQ3. */
bool dequant_known(enum ggml_type type);

/* Writes `count` values (whole blocks), each the binary32 nearest to the weight's exact value.
 * Returns 0, or -1 for a type that cannot be read. */
int dequant_row(enum ggml_type type, const void *blocks, float *values, uint64_t count);

/* The same, exactly. */
int dequant_exact(enum ggml_type type, const void *blocks, double *values, uint64_t count);

#ifdef __cplusplus
}
#endif
#endif
