/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One block of each quantised type from finite binary32 values; quants.c chooses. The layouts are
 * drawn in docs/numerics.md, section 11. A value for which a block's binary16 scale overflows gives
 * an infinite scale: who reads the block back sees it.
 */
#ifndef GGUF_QUANTS_BLOCKS_H
#define GGUF_QUANTS_BLOCKS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 32 values each */
void quantize_q4_0(const float *x, uint8_t *block);
void quantize_q4_1(const float *x, uint8_t *block);
void quantize_q5_0(const float *x, uint8_t *block);
void quantize_q5_1(const float *x, uint8_t *block);
void quantize_q8_0(const float *x, uint8_t *block);
void quantize_iq4_nl(const float *x, uint8_t *block);
void quantize_mxfp4(const float *x, uint8_t *block);

/* 256 values each */
void quantize_q2_k(const float *x, uint8_t *block);
void quantize_q3_k(const float *x, uint8_t *block);
void quantize_q4_k(const float *x, uint8_t *block);
void quantize_q5_k(const float *x, uint8_t *block);
void quantize_q6_k(const float *x, uint8_t *block);
void quantize_iq4_xs(const float *x, uint8_t *block);
void quantize_tq1_0(const float *x, uint8_t *block);
void quantize_tq2_0(const float *x, uint8_t *block);

#ifdef __cplusplus
}
#endif
#endif
