/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * base^(-2j/n) = 2^(-y), y = (2j/n) log2(base): the logarithm bit by bit through repeated squaring,
 * the power through the series of e^(-f ln 2). Both carry 62 good bits; an increment has at
 * most 46.
 */
#include "rotation.h"

#define LN2_Q64     0xb17217f7d1cf79acull /* nearest(2^64 ln 2) */
#define INV_2PI_Q66 0xa2f9836e4e44152aull /* nearest(2^66 / (2 pi)) */

/* The high and low halves of a * b. */
static uint64_t multiply(uint64_t a, uint64_t b, uint64_t *low) {
    uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
    uint64_t p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
    uint64_t middle = (p00 >> 32) + (p01 & 0xffffffffu) + (p10 & 0xffffffffu);
    *low = (middle << 32) | (p00 & 0xffffffffu);
    return p11 + (p01 >> 32) + (p10 >> 32) + (middle >> 32);
}

static uint64_t multiply_high(uint64_t a, uint64_t b) {
    uint64_t low;
    return multiply(a, b, &low);
}

/* floor(high:low / d), d > high. */
static uint64_t divide(uint64_t high, uint64_t low, uint64_t d) {
    uint64_t quotient = 0;
    for (int i = 0; i < 64; i++) {
        uint64_t carry = high >> 63;
        high = (high << 1) | (low >> 63);
        low <<= 1;
        quotient <<= 1;
        if (carry || high >= d) {
            high -= d;
            quotient |= 1;
        }
    }
    return quotient;
}

/* Fraction of log2 of m / 2^63, m in [2^63, 2^64): units 2^-64. */
static uint64_t log2_fraction(uint64_t m) {
    uint64_t fraction = 0;
    for (int i = 0; i < 64; i++) {
        uint64_t low, high = multiply(m, m, &low);
        fraction <<= 1;
        if (high >> 63) {
            fraction |= 1;
            m = high;
        } else {
            m = (high << 1) | (low >> 63);
        }
    }
    return fraction;
}

/* 2^(-f / 2^64) in units of 2^-64, f > 0. */
static uint64_t exp2_negative(uint64_t f) {
    uint64_t x = multiply_high(f, LN2_Q64);
    uint64_t term = x, sum = 0;
    for (uint32_t n = 2; term != 0; n++) { /* e^-x = 1 - (x - x^2/2 + x^3/6 - ...) */
        sum += (n & 1u) ? (0 - term) : term;
        term = multiply_high(term, x) / n;
    }
    return 0 - sum;
}

uint64_t rotation_increment(uint32_t base, uint32_t factor, uint32_t pair, uint32_t n_rot) {
    /* log2(base) = exponent + fraction/2^64, times 2 pair / n_rot = numerator/n_rot */
    uint64_t exponent = (base >> 23) - 127;
    uint64_t fraction = log2_fraction((uint64_t)((base & 0x7fffffu) | 0x800000u) << 40);
    uint64_t numerator = 2 * (uint64_t)pair;
    uint64_t low, carry = multiply(fraction, numerator, &low);
    uint64_t whole = exponent * numerator + carry;
    uint64_t y_int = whole / n_rot;
    uint64_t y_fraction = divide(whole % n_rot, low, n_rot);
    /* 2^66/(2 pi) * 2^-y_fraction, then the factor m * 2^e divides */
    uint64_t p = y_fraction ? multiply_high(INV_2PI_Q66, exp2_negative(y_fraction)) : INV_2PI_Q66;
    const int64_t shift = 66 - 48 + (int64_t)y_int + (int64_t)(factor >> 23) - 127;
    uint64_t m = (uint64_t)((factor & 0x7fffffu) | 0x800000u) << 40; /* units 2^-63 */
    if ((factor & 0x7fffffu) != 0)
        p = divide(p >> 1, p << 63, m);
    if (shift > 64)
        return 0;
    p = shift == 64 ? p >> 63 : (p >> shift) + ((p >> (shift - 1)) & 1u);
    return p & 0xffffffffffffu; /* whole turns do not count */
}
