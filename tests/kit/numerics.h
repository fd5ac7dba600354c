/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The oracle of numerics: the arithmetic of docs/numerics.md, sections 1, 2 and 7, on the bits of
 * binary32. Add and mul by the host's IEEE arithmetic, the rest a plain transcription of the page
 * with tables from long double math. Letters are those of the page. It knows neither csrc/golden
 * nor the RTL, which the tests hold to it; written for the eye, not for speed.
 *
 *     struct tables tables;
 *     tables_make(&tables);
 *     struct value y = oracle_recip(&tables, oracle_add(a, b, false).bits, true);
 */
#ifndef NUMERICS_H
#define NUMERICS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef __int128 oracle_i128;
__extension__ typedef unsigned __int128 oracle_u128;

/* A result; `error`: the page says that there is none, and `bits` means nothing. */
struct value {
    uint32_t bits;
    bool error;
};

struct tables {
    int64_t C[256], c0[3][256], c1[3][256], c2[3][256], G[257];
};

static inline float to_float(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t to_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline uint32_t exp_field(uint32_t x) {
    return x >> 23 & 255;
}

/* A subnormal operand counts as zero of its sign. */
static inline uint32_t operand(uint32_t x) {
    return exp_field(x) ? x : x & 0x80000000;
}

static inline void tables_make(struct tables *t) {
    const long double pi = acosl(-1.0L);
    for (int i = 0; i < 256; i++) {
        const long double D = (513 + 2 * i) / 512.0L, r = sqrtl(D), q = sqrtl(2);
        t->C[i] = llroundl(0x1p30L * powl(2, (long double)i / 256));
        t->c0[0][i] = llroundl(0x1p30L / D);
        t->c1[0][i] = llroundl(0x1p22L / (D * D));
        t->c2[0][i] = llroundl(0x1p14L / (D * D * D));
        t->c0[1][i] = llroundl(0x1p30L / r);
        t->c1[1][i] = llroundl(0x1p22L / (D * r) / 2);
        t->c2[1][i] = llroundl(0x1p14L * 3 / 8 / (D * D * r));
        t->c0[2][i] = llroundl(0x1p30L / r / q);
        t->c1[2][i] = llroundl(0x1p22L / (D * r) / (2 * q));
        t->c2[2][i] = llroundl(0x1p14L * 3 / 8 / (D * D * r) / q);
    }
    for (int i = 0; i <= 256; i++)
        t->G[i] = llroundl(0x1p30L * sinl(pi / 2 * i / 256));
}

/* The exact `x` (a double holds it) rounded by the rules of section 1. */
static inline struct value finish(double x) {
    if (x != 0 && fabs(x) < 0x1p-126)
        return (struct value){signbit(x) ? 0x80000000 : 0, false};
    const float y = (float)x;
    return (struct value){to_bits(y), isinf(y)};
}

static inline bool not_finite(uint32_t a, uint32_t b) {
    return exp_field(a) == 255 || exp_field(b) == 255;
}

static inline struct value oracle_add(uint32_t a, uint32_t b, bool sub) {
    if (not_finite(a, b))
        return (struct value){0, true};
    const float x = to_float(operand(a)), y = to_float(operand(sub ? b ^ 0x80000000 : b));
    /* A sum below the normal range is exact, so the rounded one is as good to look at. */
    const float sum = x + y;
    return isinf(sum) ? (struct value){0, true} : finish((double)sum);
}

static inline struct value oracle_mul(uint32_t a, uint32_t b) {
    if (not_finite(a, b))
        return (struct value){0, true};
    return finish((double)to_float(operand(a)) * (double)to_float(operand(b)));
}

/* Below, at or above 0 as the real number a is to b. */
static inline int oracle_compare(uint32_t a, uint32_t b) {
    const float x = to_float(operand(a)), y = to_float(operand(b));
    return (x > y) - (x < y);
}

static inline struct value oracle_round32(oracle_i128 n, int k) {
    if (n == 0)
        return (struct value){0, false};
    const uint32_t sign = n < 0 ? 0x80000000 : 0;
    oracle_u128 mag = n < 0 ? -(oracle_u128)n : (oracle_u128)n;
    int top = 0; /* 2^top <= mag < 2^(top+1) */
    while (mag >> top > 1)
        top++;
    if (top + k < -126)
        return (struct value){sign, false};
    if (top > 23) {
        const oracle_u128 unit = (oracle_u128)1 << (top - 23), rest = mag % unit;
        mag /= unit;
        if (rest * 2 > unit || (rest * 2 == unit && mag % 2 == 1))
            mag++;
        k += top - 23;
    }
    /* mag has 24 bits, or is 2^24: exact as a float. The scale is a normal double. */
    const double y = ldexp((double)(uint32_t)mag, k);
    if (y >= 0x1p128)
        return (struct value){0, true};
    return (struct value){sign | to_bits((float)y), false};
}

static inline struct value oracle_exp(const struct tables *t, uint32_t x) {
    const int E = (int)exp_field(x) - 127;
    const int64_t M = (x & 0x7fffff) | 0x800000;
    if (E == -127)
        return (struct value){to_bits(1.0f), false};
    if (E >= 7)
        return (struct value){0, false};
    const oracle_i128 P = (oracle_i128)M * 198282496599;
    const int64_t T = 33 - E > 62 ? 0 : (int64_t)((P + ((oracle_i128)1 << (32 - E))) >> (33 - E));
    const int64_t u = -T & ((1 << 27) - 1);
    const int64_t k = -((T + u) / (1 << 27));
    const int64_t i = u >> 19, z = u & ((1 << 19) - 1);
    const int64_t a = (z * 744261118) >> 22;
    const int64_t h = a + ((a * a) >> 36);
    const int64_t y = t->C[i] + ((t->C[i] * h) >> 35);
    const int64_t m = (y + 64) >> 7;
    return (struct value){k < -126 ? 0 : to_bits(ldexpf((float)m, (int)k - 23)), false};
}

static inline struct value oracle_recip(const struct tables *t, uint32_t x, bool root) {
    if (exp_field(x) == 0 || exp_field(x) == 255 || (root && x >> 31))
        return (struct value){0, true};
    const int e = (int)exp_field(x) - 127;
    const uint32_t f = x & 0x7fffff, i = f >> 15;
    const int64_t h = (int64_t)(f & 0x7fff) - 0x4000;
    const int which = !root ? 0 : e & 1 ? 2 : 1;
    const oracle_i128 Y = ((oracle_i128)t->c0[which][i] << 30) -
                          (oracle_i128)t->c1[which][i] * h * (1 << 15) +
                          (oracle_i128)t->c2[which][i] * h * h;
    const int64_t m = (int64_t)((Y + ((oracle_i128)1 << 35)) >> 36);
    const double y = ldexp((double)m, root ? -24 - (e >> 1) : -24 - e);
    return finish(x >> 31 ? -y : y);
}

/* cap(z) of section 6, c tanh(z / c), with b = 2 / c. */
static inline struct value oracle_cap(const struct tables *t, uint32_t z, uint32_t c, uint32_t b) {
    const struct value a = oracle_mul(z, b);
    const uint32_t one = 0x3f800000, e = oracle_exp(t, a.bits & 0x7fffffff).bits;
    const uint32_t r = oracle_recip(t, oracle_add(one, e, false).bits, false).bits;
    const struct value y = oracle_mul(c, oracle_mul(oracle_add(one, e, true).bits, r).bits);
    return (struct value){(y.bits & 0x7fffffff) | (z & 0x80000000), a.error || y.error};
}

/* Cosine into y[0], sine into y[1]. */
static inline void oracle_rotation(const struct tables *t, uint32_t phase, uint32_t y[2]) {
    const int64_t quadrant = phase >> 22, i = phase >> 14 & 255, r = phase & 0x3fff;
    const int64_t h = (r * 3373259426) >> 15, h2 = (h * h) >> 39;
    const int64_t sh = h - (((((h * h2) >> 38)) * 21846) >> 16), ch = ((int64_t)1 << 38) - h2;
    const int64_t s =
        (int64_t)(((oracle_i128)t->G[i] * ch + (oracle_i128)t->G[256 - i] * sh) >> 38);
    const int64_t c =
        (int64_t)(((oracle_i128)t->G[256 - i] * ch - (oracle_i128)t->G[i] * sh) >> 38);
    const int64_t turned[4][2] = {{c, s}, {-s, c}, {-c, -s}, {s, -c}};
    for (int j = 0; j < 2; j++) /* round32(., -30): a double holds it exactly */
        y[j] = to_bits((float)((double)turned[quadrant][j] * 0x1p-30));
}

/* x * 2^bits is exact in a double, and nearbyint ties to even. */
static inline uint32_t oracle_fixed(uint32_t x, int bits) {
    return (uint32_t)nearbyint(ldexp((double)to_float(operand(x)), bits));
}

/* Mantissas into m, the shift into *s; true for RANGE. */
static inline bool oracle_block(const uint32_t x[32], int B, int16_t m[32], unsigned *s) {
    int e = -1000;
    for (int i = 0; i < 32; i++) {
        if (exp_field(x[i]) == 255)
            return true;
        if (operand(x[i]) << 1 && ilogb((double)to_float(x[i])) > e)
            e = ilogb((double)to_float(x[i]));
    }
    const int shift = e + 14 > 0 ? e + 14 : 0, limit = (1 << (B - 1)) - 1;
    if (shift > 31)
        return true;
    for (int i = 0; i < 32; i++) {
        const double v = nearbyint(ldexp((double)to_float(operand(x[i])), 12 + B - shift));
        m[i] = (int16_t)(v > limit ? limit : v < -limit ? -limit : v);
    }
    *s = (unsigned)shift;
    return false;
}

#endif
