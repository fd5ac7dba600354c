/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The tables and rotary increments of section 7 of docs/numerics.md, from
 * integers: reciprocals by division, powers by integer square roots, the sine
 * by its series, increments by a 126-bit logarithm and exponential. All are
 * the nearest integers to the real numbers that the page names.
 */
#include "golden_arith.h"

typedef golden_uint128 u128;

#define UNIT_BITS 126 /* fixed point of the long computations: 2 integer bits */
#define UNIT      ((u128)1 << UNIT_BITS)

/* ---- Integers ---- */

/* floor(sqrt(n)), a bit at a time. */
static uint64_t square_root(u128 n) {
    uint64_t root = 0;
    for (int bit = 63; bit >= 0; bit--) {
        uint64_t trial = root | (uint64_t)1 << bit;
        if ((u128)trial * trial <= n)
            root = trial;
    }
    return root;
}

/* nearest(sqrt(num / den)); no ties, num < 2^126. */
static int64_t nearest_root(u128 num, u128 den) {
    return (int64_t)((square_root(4 * num / den) + 1) / 2);
}

/* nearest(num / den), den odd so that there are no ties. */
static int64_t nearest_ratio(uint64_t num, uint64_t den) {
    return (int64_t)((u128)2 * num / den + 1) / 2;
}

/* ---- rcp and rsqrt: D = (513 + 2i)/512 = d/512 ---- */

static void fill_quadratics(struct golden_tables *tables) {
    for (uint64_t i = 0; i < 256; i++) {
        uint64_t d = 513 + 2 * i, d3 = d * d * d, d5 = d3 * d * d;
        tables->rcp[i].c0 = nearest_ratio((uint64_t)1 << 39, d);
        tables->rcp[i].c1 = nearest_ratio((uint64_t)1 << 40, d * d);
        tables->rcp[i].c2 = nearest_ratio((uint64_t)1 << 41, d3);
        /* The squares of the entries are rational: 2^60/D, 2^42/D^3, 9 * 2^22/D^5. */
        tables->rsqrt_even[i].c0 = nearest_root((u128)1 << 69, d);
        tables->rsqrt_even[i].c1 = nearest_root((u128)1 << 69, d3);
        tables->rsqrt_even[i].c2 = nearest_root((u128)9 << 67, d5);
        /* Half of those: divided by sqrt 2. */
        tables->rsqrt_odd[i].c0 = nearest_root((u128)1 << 68, d);
        tables->rsqrt_odd[i].c1 = nearest_root((u128)1 << 68, d3);
        tables->rsqrt_odd[i].c2 = nearest_root((u128)9 << 66, d5);
    }
}

/* ---- exp: 2^(i/256) as a product of 2^(1/2), 2^(1/4) .. 2^(1/256) ---- */

static void fill_exp2(struct golden_tables *tables) {
    uint64_t root[8]; /* of bit 7 .. bit 0 of i; units 2^-62 */
    uint64_t base = (uint64_t)1 << 63;
    for (int n = 0; n < 8; n++)
        base = root[n] = square_root((u128)base << 62);

    for (int i = 0; i < 256; i++) {
        uint64_t power = (uint64_t)1 << 62;
        for (int n = 0; n < 8; n++)
            if ((i >> (7 - n) & 1) != 0)
                power = (uint64_t)((u128)power * root[n] >> 62);
        tables->exp2[i] = (int64_t)((power + ((uint64_t)1 << 31)) >> 32);
    }
}

/* ---- rotation: sin x = x - x^3/3! + x^5/5! .. ---- */

static void fill_sin(struct golden_tables *tables) {
    const uint64_t half_pi = 0x6487ed5110b4611a; /* units 2^-62 */
    for (unsigned i = 0; i <= 256; i++) {
        uint64_t x = (uint64_t)((u128)half_pi * i >> 8);
        uint64_t square = (uint64_t)((u128)x * x >> 62); /* at most 2.47, fits 64 bits */
        uint64_t term = x, sum = 0;                      /* the sum stays in 0 .. 2 */
        for (unsigned n = 1; term != 0; n += 2) {
            sum = (n & 2) == 0 ? sum + term : sum - term;
            term = (uint64_t)((u128)term * square >> 62) / ((n + 1) * (n + 2));
        }
        tables->sin[i] = (int64_t)((sum + ((uint64_t)1 << 31)) >> 32);
    }
}

void golden_tables_init(struct golden_tables *tables) {
    fill_quadratics(tables);
    fill_exp2(tables);
    fill_sin(tables);
}

/* ---- rotary increments ---- */

/* floor(a * b / 2^126), from the four 64-bit products; the result must fit. */
static u128 multiply(u128 a, u128 b) {
    uint64_t a1 = (uint64_t)(a >> 64), a0 = (uint64_t)a;
    uint64_t b1 = (uint64_t)(b >> 64), b0 = (uint64_t)b;
    u128 low = (u128)a0 * b0;
    u128 mid1 = (u128)a1 * b0, mid0 = (u128)a0 * b1;
    u128 mid = (low >> 64) + (uint64_t)mid1 + (uint64_t)mid0;
    u128 high = (u128)a1 * b1 + (mid1 >> 64) + (mid0 >> 64) + (mid >> 64);
    return high << 2 | (uint64_t)mid >> 62; /* 256-bit product, bits 126 and up */
}

/* log2 of a binary32 >= 1, units 2^-120: squaring doubles the logarithm, and each
 * carry beyond 2 is its next bit. */
static u128 log2_of(uint32_t x) {
    const int places = 120;
    u128 log = (u128)((x >> 23) - 127) << places;
    u128 y = (u128)((x & 0x007fffffu) | 0x00800000u) << (UNIT_BITS - 23);
    for (int bit = places - 1; bit >= 0; bit--) {
        y = multiply(y, y);
        if (y >= 2 * UNIT) {
            y >>= 1;
            log |= (u128)1 << bit;
        }
    }
    return log;
}

/* exp(x), 0 <= x < ln 2, by its series. */
static u128 exp_of(u128 x) {
    u128 sum = 0, term = UNIT;
    for (unsigned n = 1; term != 0; n++) {
        sum += term;
        term = multiply(term, x) / n;
    }
    return sum;
}

uint64_t golden_rope_increment(uint32_t base, uint32_t factor, uint32_t j, uint32_t n_rot) {
    const u128 ln_2 = (u128)0x2c5c85fdf473de6a << 64 | 0xf278ece600fcbdab;
    const u128 inverse_2_pi = (u128)0x0a2f9836e4e44152 << 64 | 0x9fc2757d1f534ddc;
    const u128 fraction = ((u128)1 << 120) - 1;

    /* base^(-2j/n_rot) = 2^-power; split the division so that nothing overflows. */
    u128 log = log2_of(base);
    u128 power = log / n_rot * (2 * j) + log % n_rot * (2 * j) / n_rot;
    u128 rest = ((u128)1 << 120) - (power & fraction); /* 2^-power = 2^(rest - whole - 1) */
    int whole = (int)(power >> 120);

    /* 2^48 * 2^-whole * value; a factor is an odd number times a power of two. */
    u128 value = UNIT;
    if (rest <= fraction)
        value = exp_of(multiply(rest << 6, ln_2)) >> 1;
    value = multiply(value, inverse_2_pi) << 3; /* below 2^127 */
    uint32_t odd = (factor & 0x007fffffu) | 0x00800000u;
    int scale = (int)(factor >> 23) - 150;
    for (; (odd & 1) == 0; odd >>= 1)
        scale++;
    value /= odd;

    int drop = UNIT_BITS + 3 - GOLDEN_TURN_BITS + whole + scale;
    if (drop > 127)
        return 0;
    u128 nearest = drop <= 0 ? value << -drop : ((value >> (drop - 1)) + 1) >> 1;
    return (uint64_t)nearest & (((uint64_t)1 << GOLDEN_TURN_BITS) - 1);
}
