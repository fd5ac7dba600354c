/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * base^(-2j/n) = 2^(-y), y = (2j/n) log2(base): the logarithm bit by bit through repeated squaring,
 * the power through the series of e^(-f ln 2). Numbers of two words carry some 118 good bits to the
 * end; an increment has at most 62 before whole turns are taken off.
 */
#include "rotation.h"

struct wide {
    uint64_t high, low;
};

static struct wide add(struct wide a, struct wide b) {
    const uint64_t low = a.low + b.low;
    return (struct wide){a.high + b.high + (low < a.low), low};
}

static struct wide subtract(struct wide a, struct wide b) {
    return (struct wide){a.high - b.high - (a.low < b.low), a.low - b.low};
}

static struct wide shift_left(struct wide a, uint32_t n) { /* n in 1..63 */
    return (struct wide){(a.high << n) | (a.low >> (64 - n)), a.low << n};
}

static struct wide multiply_words(uint64_t a, uint64_t b) {
    uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
    uint64_t p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
    uint64_t middle = (p00 >> 32) + (p01 & 0xffffffffu) + (p10 & 0xffffffffu);
    return (struct wide){p11 + (p01 >> 32) + (p10 >> 32) + (middle >> 32),
                         (middle << 32) | (p00 & 0xffffffffu)};
}

/* a * b / 2^128, at most 3 too small: the product of the low words is left out. */
static struct wide multiply(struct wide a, struct wide b) {
    const struct wide cross = {0, multiply_words(a.high, b.low).high};
    const struct wide other = {0, multiply_words(a.low, b.high).high};
    return add(multiply_words(a.high, b.high), add(cross, other));
}

/* floor((high * 2^128 + low) / d), high < d, by digits of 32 bits. */
static struct wide divide(uint64_t high, struct wide low, uint32_t d) {
    for (uint32_t i = 0; i < 4; i++) {
        const uint64_t part = (high << 32) | (low.high >> 32);
        low = shift_left(low, 32);
        low.low |= part / d;
        high = part % d;
    }
    return low;
}

/* log2 of a binary32 >= 1, units 2^-121: squaring doubles it, and what passes 2 is its next bit. */
static struct wide log2_of(uint32_t x) {
    struct wide log = {0, (x >> 23) - 127};
    struct wide m = {(uint64_t)((x & 0x7fffffu) | 0x800000u) << 40, 0}; /* 1 <= m < 2, 2^-127 */
    for (uint32_t i = 0; i < 121; i++) {
        m = multiply(m, m);
        log = shift_left(log, 1);
        if (m.high >> 63)
            log.low |= 1;
        else
            m = shift_left(m, 1);
    }
    return log;
}

/* a * 2^(-f / 2^128): a - a x + a x^2/2 - a x^3/6 .., x = f ln 2. */
static struct wide times_power(struct wide a, struct wide f) {
    const struct wide x = multiply(f, (struct wide)ROTATION_LN2_Q128);
    struct wide term = a, sum = a;
    for (uint32_t n = 1; (term.high | term.low) != 0; n++) {
        term = divide(0, multiply(term, x), n);
        sum = (n & 1u) ? subtract(sum, term) : add(sum, term);
    }
    return sum;
}

uint64_t rotation_increment(uint32_t base, uint32_t factor, uint32_t pair, uint32_t n_rot) {
    const struct wide part = divide(2 * (uint64_t)pair, (struct wide){0, 0}, n_rot);
    const struct wide y = multiply(log2_of(base), part); /* units 2^-121 */
    struct wide p = times_power((struct wide)ROTATION_INV_2PI_Q130, shift_left(y, 7));
    /* The factor is d * 2^e, 2^23 <= d < 2^24; p / d keeps its bits as 2^23 p / d. */
    const uint32_t d = (factor & 0x7fffffu) | 0x800000u;
    p = divide(p.high >> 41, shift_left(p, 23), d);
    /* What is left of 2^48: p is in units of 2^-130, times 2^-y and the exponent of the factor. */
    const uint32_t shift = 130 - 48 + (uint32_t)(y.high >> 57) + (factor >> 23) - 127;
    if (shift > 128)
        return 0;
    const uint64_t nearest = ((p.high >> (shift - 65)) + 1) >> 1;
    return nearest & 0xffffffffffffu; /* whole turns do not count */
}
