/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * binary32 and blocks from integers: sections 1 and 2 of docs/numerics.md.
 *
 *     31 30       23 22                    0
 *     s  exponent    fraction                  value = (2^23 + fraction) * 2^(exponent - 150)
 *
 * Every operation forms the exact result as (sign, integer, power of two) and
 * rounds it in one place, round_magnitude(); golden_mul() does so by itself.
 */
#include "golden_arith.h"

#include <string.h>

#define FRACTION_BITS   23
#define FRACTION_MASK   0x007fffffu
#define HIDDEN_BIT      0x00800000u
#define BIAS            127
#define MIN_EXPONENT    (-126)
#define MAX_EXPONENT    127
#define BLOCK_EXPONENTS 18 /* a block holds magnitudes below 2^18 */

const char *golden_fault_name(enum golden_fault fault) {
    switch (fault) {
    case GOLDEN_FAULT_NONE:
        return "no error";
    case GOLDEN_FAULT_NONFINITE:
        return "NONFINITE: a weight, a scale or a gain is infinite or not a number";
    case GOLDEN_FAULT_RANGE:
        return "RANGE: a magnitude of 2^18 or more where a block is formed";
    case GOLDEN_FAULT_OVERFLOW:
        return "OVERFLOW: a binary32 result of magnitude 2^128 or more";
    case GOLDEN_FAULT_DIVZERO:
        return "DIVZERO: rcp or rsqrt outside its domain";
    }
    return "unknown error";
}

static void raise_fault(enum golden_fault *fault, enum golden_fault raised) {
    if (*fault == GOLDEN_FAULT_NONE)
        *fault = raised;
}

static int exponent_field(uint32_t x) {
    return (int)((x & GOLDEN_EXPONENT) >> FRACTION_BITS);
}

/* 24-bit integer significand; a subnormal counts as zero. */
static uint32_t significand_of(uint32_t x) {
    return exponent_field(x) == 0 ? 0 : (x & FRACTION_MASK) | HIDDEN_BIT;
}

/* The binary32 nearest to n * 2^k with the given sign bit; 0 < n <= 2^63. The lowest bit of n
 * may stand for "something more below" if n has at least 26 bits. */
static uint32_t round_magnitude(uint32_t sign, uint64_t n, int k, enum golden_fault *fault) {
    int top = 63 - __builtin_clzll(n);
    int exponent = top + k;
    if (exponent < MIN_EXPONENT)
        return sign;
    if (exponent > MAX_EXPONENT) {
        raise_fault(fault, GOLDEN_FAULT_OVERFLOW);
        return sign | GOLDEN_EXPONENT;
    }

    uint64_t m;
    if (top <= FRACTION_BITS) {
        m = n << (FRACTION_BITS - top);
    } else {
        const int drop = top - FRACTION_BITS;
        m = (n + ((uint64_t)1 << (drop - 1)) - 1 + (n >> drop & 1)) >> drop;
    }
    /* m = 2^24 after rounding carries into the exponent field, as it should. */
    uint32_t magnitude = ((uint32_t)(exponent + BIAS) << FRACTION_BITS) + (uint32_t)m - HIDDEN_BIT;
    if (magnitude >= GOLDEN_EXPONENT)
        raise_fault(fault, GOLDEN_FAULT_OVERFLOW);
    return sign | magnitude;
}

uint32_t golden_round32(golden_int128 n, int k, enum golden_fault *fault) {
    if (n == 0)
        return 0;
    const uint32_t sign = n < 0 ? GOLDEN_SIGN : 0;
    if (n == (int64_t)n) {
        const uint64_t all = (uint64_t)((int64_t)n >> 63); /* all bits of a negative number */
        return round_magnitude(sign, ((uint64_t)n ^ all) - all, k, fault);
    }
    const golden_uint128 magnitude = n < 0 ? -(golden_uint128)n : (golden_uint128)n;
    const uint64_t high = (uint64_t)(magnitude >> 63); /* not 0 */

    /* Keep the 63 highest bits; what falls off only matters as "not zero". */
    const int drop = 64 - __builtin_clzll(high);
    uint64_t kept = (uint64_t)(magnitude >> drop);
    kept |= (magnitude & (((golden_uint128)1 << drop) - 1)) != 0;
    return round_magnitude(sign, kept, k + drop, fault);
}

uint32_t golden_add(uint32_t a, uint32_t b, enum golden_fault *fault) {
    if ((a & ~GOLDEN_SIGN) < (b & ~GOLDEN_SIGN)) {
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    if (significand_of(a) == 0)
        return a & b & GOLDEN_SIGN;
    if (significand_of(b) == 0)
        return a;

    /* Align the larger to the smaller: 24 + 38 bits. Further apart, the smaller is less
     * than half a unit of the smallest kept place and only its sign matters. */
    const int reach = 38;
    int distance = exponent_field(a) - exponent_field(b);
    int64_t smaller = significand_of(b);
    if (distance > reach) {
        distance = reach;
        smaller = 1;
    }
    int64_t n = (int64_t)significand_of(a) << distance;
    n += ((a ^ b) & GOLDEN_SIGN) != 0 ? -smaller : smaller;
    if (n == 0)
        return 0;
    int k = exponent_field(a) - distance - BIAS - FRACTION_BITS;
    return round_magnitude(a & GOLDEN_SIGN, (uint64_t)n, k, fault);
}

uint32_t golden_sub(uint32_t a, uint32_t b, enum golden_fault *fault) {
    return golden_add(a, b ^ GOLDEN_SIGN, fault);
}

/* The product of significands has 47 or 48 bits, of which 24 stay. */
uint32_t golden_mul(uint32_t a, uint32_t b, enum golden_fault *fault) {
    const uint32_t sign = (a ^ b) & GOLDEN_SIGN;
    const uint64_t n = (uint64_t)significand_of(a) * significand_of(b);
    const int longer = (int)(n >> 47), drop = FRACTION_BITS + longer;
    const int field = exponent_field(a) + exponent_field(b) - BIAS + longer;
    if (n == 0 || field <= 0)
        return sign;
    const uint64_t m = (n + ((uint64_t)1 << (drop - 1)) - 1 + (n >> drop & 1)) >> drop;
    const uint32_t magnitude = ((uint32_t)field << FRACTION_BITS) + (uint32_t)m - HIDDEN_BIT;
    if (magnitude >= GOLDEN_EXPONENT)
        raise_fault(fault, GOLDEN_FAULT_OVERFLOW);
    return sign | magnitude;
}

/* An integer in the order of the real numbers; both zeros and all subnormals give 0. */
static int32_t order_of(uint32_t x) {
    int32_t magnitude = significand_of(x) == 0 ? 0 : (int32_t)(x & ~GOLDEN_SIGN);
    return (x & GOLDEN_SIGN) != 0 ? -magnitude : magnitude;
}

int golden_compare(uint32_t a, uint32_t b) {
    return (order_of(a) > order_of(b)) - (order_of(a) < order_of(b));
}

enum golden_fault golden_block_from(const uint32_t *x, size_t count, int bits,
                                    struct golden_block *block) {
    if (count < GOLDEN_BLOCK) { /* loops of a fixed length vectorise best */
        uint32_t padded[GOLDEN_BLOCK] = {0};
        memcpy(padded, x, count * sizeof *x);
        return golden_block_from(padded, GOLDEN_BLOCK, bits, block);
    }
    uint32_t largest = 0;
    for (size_t i = 0; i < GOLDEN_BLOCK; i++) {
        uint32_t magnitude = x[i] & ~GOLDEN_SIGN;
        largest = magnitude > largest ? magnitude : largest;
    }

    /* A block of zeros and subnormals comes out as shift 0, mantissas 0 by itself. */
    int exponent = exponent_field(largest) - BIAS;
    if (exponent >= BLOCK_EXPONENTS)
        return GOLDEN_FAULT_RANGE;
    int shift = exponent + 14 > 0 ? exponent + 14 : 0;
    block->shift = shift;

    /* x * 2^(12 + bits - shift) = significand >> (places - field), at least 9 places. */
    const int places = shift + FRACTION_BITS - 12 - bits + BIAS;
    const int32_t limit = (1 << (bits - 1)) - 1;
    for (size_t i = 0; i < GOLDEN_BLOCK; i++) {
        int32_t field = (int32_t)((x[i] >> FRACTION_BITS) & 0xff);
        int32_t whole = (int32_t)((x[i] & FRACTION_MASK) | HIDDEN_BIT);
        int32_t drop = places - field > 26 ? 26 : places - field; /* beyond 25 nothing is left */
        int32_t odd = (whole >> drop) & 1;
        int32_t m = (whole + (1 << (drop - 1)) - 1 + odd) >> drop;
        m = m > limit ? limit : m;
        m = field == 0 ? 0 : m;
        block->m[i] = (int16_t)((x[i] & GOLDEN_SIGN) != 0 ? -m : m);
    }
    return GOLDEN_FAULT_NONE;
}

enum golden_fault golden_blocks_from(const uint32_t *x, size_t count, int bits,
                                     struct golden_block *blocks) {
    for (size_t first = 0; first < count; first += GOLDEN_BLOCK) {
        size_t left = count - first;
        enum golden_fault fault =
            golden_block_from(x + first, left < GOLDEN_BLOCK ? left : GOLDEN_BLOCK, bits, blocks++);
        if (fault != GOLDEN_FAULT_NONE)
            return fault;
    }
    return GOLDEN_FAULT_NONE;
}
