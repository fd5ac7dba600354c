/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Rotary increments by integers alone, the same on every host (docs/numerics.md, section 7).
 *
 *     uint64_t inc = rotation_increment(0x461c4000, 0x3f800000, 3, 64); // base 10000, pair 3
 */
#ifndef LOCKSTEP_ROTATION_H
#define LOCKSTEP_ROTATION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* nearest(2^48 * base^(-2 pair/n_rot) / (2 pi * factor)); base and factor are binary32 bits of
 * normal numbers, base >= 1, factor >= 2^-16; n_rot even, pair < n_rot/2. Units: 2^-48 turns a
 * position. */
uint64_t rotation_increment(uint32_t base, uint32_t factor, uint32_t pair, uint32_t n_rot);

#ifdef __cplusplus
}
#endif
#endif
