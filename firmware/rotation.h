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

/* nearest(2^128 ln 2) and nearest(2^130 / (2 pi)), high and low 64 bits: ln 2 as the sum of
 * 1 / (n 2^n), pi by Machin's formula. tests/unit/test_rotation.c does them again. */
#define ROTATION_LN2_Q128     {0xb17217f7d1cf79abu, 0xc9e3b39803f2f6afu}
#define ROTATION_INV_2PI_Q130 {0xa2f9836e4e441529u, 0xfc2757d1f534ddc1u}

/* nearest(2^48 * base^(-2 pair/n_rot) / (2 pi * factor)) mod 2^48; base and factor are binary32
 * bits of normal numbers, base >= 1, factor >= 2^-16; n_rot even, pair < n_rot/2. Units: 2^-48
 * turns a position. */
uint64_t rotation_increment(uint32_t base, uint32_t factor, uint32_t pair, uint32_t n_rot);

#ifdef __cplusplus
}
#endif
#endif
