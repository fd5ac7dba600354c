/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What test_attention expects: docs/numerics.md, sections 1, 2, 6 and 7, written down once more in
 * the plainest C. Table entries come from long double, whose 64 bits leave no doubt about the
 * nearest integer of 31 bits.
 */
#ifndef ATTENTION_MODEL_H
#define ATTENTION_MODEL_H

#include "generated/device.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef __int128 model_int;
__extension__ typedef unsigned __int128 model_uint;

struct model_block {
    int16_t m[32];
    uint8_t s;
};

static inline float model_float(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t model_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* A subnormal operand counts as zero of its sign. */
static inline float model_operand(float x) {
    return fabsf(x) < 0x1p-126f ? copysignf(0, x) : x;
}

/* The product of two binary32 is exact in binary64. *error is set on overflow. */
static inline float model_mul(float a, float b, int *error) {
    double exact = (double)model_operand(a) * (double)model_operand(b);
    if (fabs(exact) < 0x1p-126)
        return (float)copysign(0, exact);
    float y = (float)exact;
    if (isinf(y))
        *error = LOCKSTEP_ERROR_OVERFLOW;
    return y;
}

/* A sum below the normal range is exact, so that it can be flushed after the addition. */
static inline float model_sub(float a, float b, int *error) {
    float y = model_operand(a) - model_operand(b);
    if (isinf(y))
        *error = LOCKSTEP_ERROR_OVERFLOW;
    return model_operand(y);
}

static inline float model_round32(model_int n, int k) {
    model_uint mag = n < 0 ? -(model_uint)n : (model_uint)n;
    int e = 0; /* n = mag * 2^e, until mag has 24 bits at most */
    bool half = false, rest = false;
    while (mag >> 24) {
        rest = rest || half;
        half = mag & 1;
        mag >>= 1;
        e++;
    }
    if (half && (rest || (mag & 1)))
        mag++;
    double y = ldexp((double)(uint32_t)mag, e + k); /* no test gets near 2^-126 here */
    return (float)(n < 0 ? -y : y);
}

/* Returns LOCKSTEP_ERROR_RANGE, or 0. */
static inline int model_quantise(const float *x, int count, int bits, struct model_block *block) {
    int e = -1000;
    memset(block, 0, sizeof *block);
    for (int i = 0; i < count; i++)
        if (model_operand(x[i]) != 0 && ilogbf(x[i]) > e)
            e = ilogbf(x[i]);
    int s = e + 14 > 0 ? e + 14 : 0;
    if (s > 31)
        return LOCKSTEP_ERROR_RANGE;
    block->s = (uint8_t)s;
    double limit = ldexp(1, bits - 1) - 1;
    for (int i = 0; i < count; i++) {
        double m = nearbyint(ldexp((double)model_operand(x[i]), 12 + bits - s));
        block->m[i] = (int16_t)fmax(-limit, fmin(limit, m));
    }
    return 0;
}

/* exp(x), x <= 0 */
static inline float model_exp(float x) {
    if (model_operand(x) == 0)
        return 1;
    int e = ilogbf(x);
    if (e >= 7)
        return 0;
    uint64_t mantissa = (model_bits(x) & 0x7fffff) | 0x800000;
    uint64_t p = mantissa * 198282496599u;
    uint64_t t = 33 - e > 62 ? 0 : (p + (1ull << (32 - e))) >> (33 - e);
    uint64_t u = -t & ((1u << 27) - 1);
    int k = (int)(-(int64_t)(t + u) >> 27);
    uint64_t i = u >> 19, z = u & 0x7ffff;
    uint64_t a = (z * 744261118u) >> 22;
    uint64_t h = a + ((a * a) >> 36);
    uint64_t c = (uint64_t)roundl(ldexpl(powl(2, (long double)i / 256), 30));
    uint64_t y = c + ((c * h) >> 35);
    return k < -126 ? 0 : ldexpf((float)((y + 64) >> 7), k - 23);
}

/* 1/x, x > 0 and normal */
static inline float model_rcp(float x) {
    uint32_t f = model_bits(x) & 0x7fffff;
    long double d = (513 + 2 * (long double)(f >> 15)) / 512;
    int64_t h = (int64_t)(f & 0x7fff) - 0x4000;
    int64_t c0 = (int64_t)roundl(0x1p30L / d);
    int64_t c1 = (int64_t)roundl(0x1p22L / (d * d));
    int64_t c2 = (int64_t)roundl(0x1p14L / (d * d * d));
    int64_t y = (c0 << 30) - ((c1 * h) << 15) + c2 * h * h;
    return ldexpf((float)((y + (1ll << 35)) >> 36), -24 - ilogbf(x));
}

#endif
