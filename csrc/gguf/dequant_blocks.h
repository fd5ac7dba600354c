/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The exact values of one block of each quantised type; dequant.c chooses. `block` has no
 * alignment, `x` has room for the block's elements, 32 or 256.
 */
#ifndef LS_DEQUANT_BLOCKS_H
#define LS_DEQUANT_BLOCKS_H

#include <stdint.h>

#include "dequant.h"

#ifdef __cplusplus
extern "C" {
#endif

void dequant_q4_0(const uint8_t *block, double *x);
void dequant_q4_1(const uint8_t *block, double *x);
void dequant_q5_0(const uint8_t *block, double *x);
void dequant_q5_1(const uint8_t *block, double *x);
void dequant_q8_0(const uint8_t *block, double *x);
void dequant_iq4_nl(const uint8_t *block, double *x);
void dequant_mxfp4(const uint8_t *block, double *x);
void dequant_q2_k(const uint8_t *block, double *x);
void dequant_q3_k(const uint8_t *block, double *x);
void dequant_q4_k(const uint8_t *block, double *x);
void dequant_q5_k(const uint8_t *block, double *x);
void dequant_q6_k(const uint8_t *block, double *x);
void dequant_iq4_xs(const uint8_t *block, double *x);
void dequant_tq1_0(const uint8_t *block, double *x);
void dequant_tq2_0(const uint8_t *block, double *x);

#ifdef __cplusplus
}
#endif
#endif
