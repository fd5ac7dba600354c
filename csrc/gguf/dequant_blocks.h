/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The exact values of one block of each quantised type: dequant_q4_0() and so on; dequant.c
 * chooses. `block` has no alignment, `x` has room for the block's elements, 32 or 256.
 */
#ifndef LS_DEQUANT_BLOCKS_H
#define LS_DEQUANT_BLOCKS_H

#include <stdint.h>

#include "dequant.h"
#include "generated/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DEQUANT(TYPE, type) void dequant_##type(const uint8_t *block, double *x);
LOCKSTEP_QUANTISED_TYPES(DEQUANT)
#undef DEQUANT

#ifdef __cplusplus
}
#endif
#endif
