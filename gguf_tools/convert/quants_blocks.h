/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One block of each quantised type, of 32 or 256 elements, from finite binary32 values:
 * quantize_q4_0() and so on; quants.c chooses. The layouts are drawn in docs/numerics.md, section
 * 11. A value for which a block's binary16 scale overflows gives an infinite scale: who reads the
 * block back sees it.
 */
#ifndef GGUF_QUANTS_BLOCKS_H
#define GGUF_QUANTS_BLOCKS_H

#include <stdint.h>

#include "generated/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define QUANTIZE(TYPE, type) void quantize_##type(const float *x, uint8_t *block);
LOCKSTEP_QUANTISED_TYPES(QUANTIZE)
#undef QUANTIZE

#ifdef __cplusplus
}
#endif
#endif
