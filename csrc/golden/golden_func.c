/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * exp, rcp, rsqrt and rotation: section 7 of docs/numerics.md, given the tables
 * of golden_tables.c; the slope of section 6.
 */
#include "golden_arith.h"

#define FRACTION_MASK 0x007fffffu
#define BIAS          127

static int exponent_of(uint32_t x) {
    return (int)((x & GOLDEN_EXPONENT) >> 23) - BIAS;
}

uint32_t golden_exp(const struct golden_tables *tables, uint32_t x) {
    const uint64_t log2_e = 198282496599; /* nearest(2^37 * log2(e)) */
    const int64_t ln_2 = 744261118;       /* nearest(2^30 * ln 2) */
    int exponent = exponent_of(x);
    if (exponent == -BIAS)
        return GOLDEN_ONE;
    if (exponent >= 7)
        return 0;

    /* t = -x * log2(e), units 2^-27; -t = k * 2^27 + u. */
    int drop = 33 - exponent;
    uint64_t product = ((x & FRACTION_MASK) | 0x00800000u) * log2_e;
    int64_t t = drop > 62 ? 0 : (int64_t)((product + ((uint64_t)1 << (drop - 1))) >> drop);
    int64_t u = -t & ((1 << 27) - 1);
    int k = (int)(-(t + u) / (1 << 27));

    /* 2^(u / 2^27) = C[i] * (1 + a + a^2/2), the rest of the exponent times ln 2 being a. */
    int64_t i = u >> 19;
    int64_t z = u & ((1 << 19) - 1);
    int64_t a = (z * ln_2) >> 22; /* units 2^-35 */
    int64_t h = a + ((a * a) >> 36);
    int64_t y = tables->exp2[i] + ((tables->exp2[i] * h) >> 35); /* units 2^-30 */
    int64_t m = (y + 64) >> 7;                                   /* 2^23 .. 2^24 */
    if (k < -126)
        return 0;
    return (uint32_t)((k + BIAS - 1) * (1 << 23) + (int32_t)m);
}

/* The quadratic of f's segment, rounded to a multiple m of 2^-24; m is 2^23..2^24. */
static int64_t segment_value(const struct golden_quadratic *table, uint32_t x) {
    int64_t f = x & FRACTION_MASK;
    const struct golden_quadratic *c = &table[f >> 15];
    int64_t h = (f & 0x7fff) - (1 << 14);
    int64_t y = c->c0 * (1 << 30) - c->c1 * h * (1 << 15) + c->c2 * h * h;
    return (y + ((int64_t)1 << 35)) >> 36;
}

uint32_t golden_rcp(const struct golden_tables *tables, uint32_t x, enum golden_fault *fault) {
    if (exponent_of(x) == -BIAS || exponent_of(x) > BIAS) {
        if (*fault == GOLDEN_FAULT_NONE)
            *fault = GOLDEN_FAULT_DIVZERO;
        return 0;
    }
    uint32_t y = golden_round32(segment_value(tables->rcp, x), -24 - exponent_of(x), fault);
    return y | (x & GOLDEN_SIGN);
}

uint32_t golden_rsqrt(const struct golden_tables *tables, uint32_t x, enum golden_fault *fault) {
    int exponent = exponent_of(x);
    if (exponent == -BIAS || exponent > BIAS || (x & GOLDEN_SIGN) != 0) {
        if (*fault == GOLDEN_FAULT_NONE)
            *fault = GOLDEN_FAULT_DIVZERO;
        return 0;
    }
    int odd = exponent & 1;
    const struct golden_quadratic *table = odd ? tables->rsqrt_odd : tables->rsqrt_even;
    return golden_round32(segment_value(table, x), -24 - (exponent - odd) / 2, fault);
}

uint32_t golden_cap_slope(uint32_t cap) {
    const uint64_t m = (cap & FRACTION_MASK) | 0x00800000u, one = (uint64_t)1 << 62;
    enum golden_fault unused = GOLDEN_FAULT_NONE;
    return golden_round32((golden_int128)(one / m * 2 + (one % m != 0)), 23 - 62 - exponent_of(cap),
                          &unused);
}

void golden_rotation(const struct golden_tables *tables, uint64_t position, uint64_t increment,
                     uint32_t *cosine, uint32_t *sine) {
    const int64_t half_pi = 3373259426; /* nearest(2^31 * pi/2) */
    uint64_t turn = (position * increment) & (((uint64_t)1 << GOLDEN_TURN_BITS) - 1);
    uint32_t phase = (uint32_t)((turn + (1 << 23)) >> 24) & 0xffffff;
    uint32_t quadrant = phase >> 22;
    uint32_t i = (phase >> 14) & 255;
    int64_t r = phase & 0x3fff;

    /* The angle beyond the table's entry, its sine and cosine; units 2^-38. */
    int64_t h = (r * half_pi) >> 15;
    int64_t h2 = (h * h) >> 39;
    int64_t sh = h - ((((h * h2) >> 38) * 21846) >> 16);
    int64_t ch = ((int64_t)1 << 38) - h2;

    golden_int128 table_sin = tables->sin[i];
    golden_int128 table_cos = tables->sin[256 - i];
    golden_int128 sin_value = (table_sin * ch + table_cos * sh) >> 38;
    golden_int128 cos_value = (table_cos * ch - table_sin * sh) >> 38;

    golden_int128 c = (quadrant & 1) != 0 ? sin_value : cos_value;
    golden_int128 s = (quadrant & 1) != 0 ? cos_value : sin_value;
    enum golden_fault unused = GOLDEN_FAULT_NONE; /* magnitudes are at most about 1 */
    *cosine = golden_round32(quadrant == 1 || quadrant == 2 ? -c : c, -30, &unused);
    *sine = golden_round32(quadrant >= 2 ? -s : s, -30, &unused);
}
