/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the golden model's tests compare it with: the same definitions of
 * docs/numerics.md in the slowest and plainest way, in double where double is
 * exact.
 */
#ifndef GOLDEN_NAIVE_H
#define GOLDEN_NAIVE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "csrc/golden/golden_arith.h"
#include "tests/kit/random.h"

static inline uint32_t float_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float bits_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A finite binary32 whose exponent field is within low..high. */
static inline uint32_t random_float(uint64_t *state, uint32_t low, uint32_t high) {
    uint64_t r = random_64(state);
    uint32_t field = low + (uint32_t)(r >> 40) % (high - low + 1);
    uint32_t fraction_mask = (r >> 38 & 3) == 0 ? 0x807ff000 : 0x807fffff;
    return ((uint32_t)r & fraction_mask) | field << 23;
}

/* A subnormal operand counts as zero of its sign. */
static inline double naive_value(uint32_t bits) {
    return (bits & GOLDEN_EXPONENT) == 0 ? ((bits & GOLDEN_SIGN) != 0 ? -0.0 : 0.0)
                                         : (double)bits_float(bits);
}

/* n * 2^k, halved until 25 bits are left, what falls off being remembered. Infinity bits
 * on overflow. */
static inline uint32_t naive_round32(golden_int128 n, int k) {
    uint32_t sign = n < 0 ? GOLDEN_SIGN : 0;
    int more = 0;
    if (n == 0)
        return 0;
    n = n < 0 ? -n : n;
    for (; n >= 1 << 25; n /= 2, k++)
        more |= (int)(n & 1);
    double exact = ldexp((double)n + (more ? 0.5 : 0.0), k); /* 26 bits */
    if (exact < 0x1p-126)
        return sign;
    return sign | float_bits((float)exact);
}

/* block(x, bits); returns 1 for RANGE. */
static inline int naive_block(const uint32_t *x, size_t count, int bits,
                              struct golden_block *block) {
    double largest = 0;
    memset(block, 0, sizeof *block);
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(naive_value(x[i])));
    if (largest >= 0x1p18)
        return 1;
    while (largest >= ldexp(1, block->shift - 13)) /* log2 < shift - 13 */
        block->shift++;
    for (size_t i = 0; i < count; i++) {
        double limit = ldexp(1, bits - 1) - 1;
        double m = nearbyint(ldexp(naive_value(x[i]), 12 + bits - block->shift));
        block->m[i] = (int16_t)fmin(fmax(m, -limit), limit);
    }
    return 0;
}

#endif
