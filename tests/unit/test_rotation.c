/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * firmware/rotation.c: its constants, done again to 224 bits; its increments against long double as
 * far as that goes, and equal to those of the golden model, at the ends of the ranges and where a
 * real number is all but half way between two increments, too. Arithmetic of 64 bits must be seen.
 */
#include <math.h>
#include <string.h>

#include "csrc/golden/golden_arith.h"
#include "firmware/rotation.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#define INCREMENT_MASK (((uint64_t)1 << 48) - 1)

/* ---- constants ---- */

enum { DIGITS = 8 };

struct fixed {
    uint32_t digit[DIGITS]; /* digit[i] in units of 2^(-32 i) */
};

static struct fixed divide(struct fixed a, uint32_t d) {
    uint64_t rest = 0;
    for (int i = 0; i < DIGITS; i++) {
        rest = rest << 32 | a.digit[i];
        a.digit[i] = (uint32_t)(rest / d);
        rest %= d;
    }
    return a;
}

static struct fixed add(struct fixed a, struct fixed b) {
    uint64_t carry = 0;
    for (int i = DIGITS - 1; i >= 0; i--) {
        carry += (uint64_t)a.digit[i] + b.digit[i];
        a.digit[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return a;
}

static struct fixed subtract(struct fixed a, struct fixed b) {
    for (int i = 0; i < DIGITS; i++) /* a + ~b + 1 */
        b.digit[i] = ~b.digit[i];
    return add(add(a, b), (struct fixed){.digit[DIGITS - 1] = 1});
}

static struct fixed multiply(struct fixed a, struct fixed b) {
    struct fixed product = {{0}};
    for (int i = DIGITS - 1; i >= 0; i--) {
        uint64_t carry = 0;
        for (int j = DIGITS - 1 - i; j >= 0; j--) {
            carry += (uint64_t)a.digit[i] * b.digit[j] + product.digit[i + j];
            product.digit[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        if (i > 0)
            product.digit[i - 1] = (uint32_t)carry;
    }
    return product;
}

static struct fixed natural_log_of_2(void) { /* the sum of 1 / (n 2^n) */
    struct fixed sum = {{0}}, power = {{1}};
    for (uint32_t n = 1; n < 32 * DIGITS; n++) {
        power = divide(power, 2);
        sum = add(sum, divide(power, n));
    }
    return sum;
}

/* times * atan(1/x) = times * (1/x - 1/(3 x^3) + ..) */
static struct fixed arc_tangent(uint32_t times, uint32_t x) {
    struct fixed power = divide((struct fixed){{times}}, x), sum = power;
    for (uint32_t n = 3; n < 100; n += 2) {
        power = divide(power, x * x);
        sum = (n & 2) != 0 ? subtract(sum, divide(power, n)) : add(sum, divide(power, n));
    }
    return sum;
}

/* value / 2^128, and half a unit less or more. */
static struct fixed fraction_of(const uint64_t value[2], int halves) {
    struct fixed f = {{0, (uint32_t)(value[0] >> 32), (uint32_t)value[0],
                       (uint32_t)(value[1] >> 32), (uint32_t)value[1]}};
    const struct fixed half = {{0, 0, 0, 0, 0, 0x80000000u}};
    return halves < 0 ? subtract(f, half) : add(f, half);
}

static bool is_nearest_ln2(const uint64_t value[2]) {
    const struct fixed exact = natural_log_of_2();
    return subtract(exact, fraction_of(value, -1)).digit[0] == 0 &&
           subtract(fraction_of(value, 1), exact).digit[0] == 0;
}

/* 2^130 / (2 pi) = 2^128 * 2/pi: what it and pi make is 2. */
static bool is_nearest_inv_2pi(const uint64_t value[2]) {
    const struct fixed pi = subtract(arc_tangent(16, 5), arc_tangent(4, 239));
    return multiply(fraction_of(value, -1), pi).digit[0] == 1 &&
           multiply(fraction_of(value, 1), pi).digit[0] == 2;
}

static void test_constants(struct host_test *t) {
    uint64_t ln2[2] = ROTATION_LN2_Q128, inv_2pi[2] = ROTATION_INV_2PI_Q130;
    CHECK(t, is_nearest_ln2(ln2), "ln 2");
    CHECK(t, is_nearest_inv_2pi(inv_2pi), "1 / (2 pi)");
    for (int off = -1; off < 2; off += 2) {
        const uint64_t planted_ln2[2] = {ln2[0], ln2[1] + (uint64_t)off};
        const uint64_t planted_inv_2pi[2] = {inv_2pi[0], inv_2pi[1] + (uint64_t)off};
        CHECK(t, !is_nearest_ln2(planted_ln2), "planted: ln 2 %d off", off);
        CHECK(t, !is_nearest_inv_2pi(planted_inv_2pi), "planted: 1 / (2 pi) %d off", off);
    }
}

/* ---- increments ---- */

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Before it is rounded and whole turns are taken off. */
static long double in_long_double(uint32_t base, uint32_t factor, uint32_t pair, uint32_t n_rot) {
    const long double turn = 2 * acosl(-1.0L);
    const long double power =
        powl((long double)float_of(base), -2.0L * (long double)pair / (long double)n_rot);
    return ldexpl(power / (long double)float_of(factor) / turn, 48);
}

static uint64_t of_64_bits(uint32_t base, uint32_t factor, uint32_t pair, uint32_t n_rot) {
    return (uint64_t)llroundl(in_long_double(base, factor, pair, n_rot)) & INCREMENT_MASK;
}

static void test_long_double(struct host_test *t) {
    static const float bases[] = {1, 2, 10000, 500000, 1000000, 12345.678f, 3.4e38f};
    static const float factors[] = {1, 2, 4, 3.5f, 0.25f, 0.7f};
    static const uint32_t sizes[] = {2, 8, 48, 64, 128, 256};
    for (size_t b = 0; b < sizeof bases / sizeof *bases; b++)
        for (size_t f = 0; f < sizeof factors / sizeof *factors; f++)
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
                for (uint32_t pair = 0; pair < sizes[s] / 2; pair++) {
                    const uint32_t base = bits_of(bases[b]), factor = bits_of(factors[f]);
                    const long double exact = in_long_double(base, factor, pair, sizes[s]);
                    const uint64_t got = rotation_increment(base, factor, pair, sizes[s]);
                    const uint64_t want = of_64_bits(base, factor, pair, sizes[s]);
                    /* within the doubt of long double, either neighbour of a tie */
                    const long double tie = fabsl(exact - floorl(exact) - 0.5L);
                    CHECK(t, got == want || tie < 1e-3L,
                          "base %g, factor %g, pair %u of %u: %llx, not %llx", (double)bases[b],
                          (double)factors[f], pair, sizes[s], (unsigned long long)got,
                          (unsigned long long)want);
                }
}

struct turn {
    uint32_t base, factor; /* binary32 */
    uint32_t pair, n_rot;
};

/* Bases in 1..1e7 and above, factors in 2^-16..2^16. */
static struct turn draw(uint64_t *random, uint32_t round) {
    struct turn r;
    const uint32_t highest = round % 8 == 0 ? 0x7f7fffff : bits_of(1e7f);
    r.base = GOLDEN_ONE + random_below(random, highest - GOLDEN_ONE + 1);
    r.factor = bits_of(0x1p-16f) + random_below(random, (32u << 23) + 1);
    if (round % 4 == 0)
        r.factor &= 0xff800000u;
    else if (round % 4 == 1) /* the longest increments */
        r.factor = bits_of(0x1p-16f) | (r.factor & 0x7fffffu);
    r.n_rot = 2 + 2 * random_below(random, 128);
    r.pair = random_below(random, r.n_rot / 2);
    return r;
}

static void check_equal(struct host_test *t, struct turn r, uint64_t want) {
    const uint64_t got = rotation_increment(r.base, r.factor, r.pair, r.n_rot);
    CHECK(t, got == want, "base %08x, factor %08x, pair %u of %u: %llx, not %llx", r.base, r.factor,
          r.pair, r.n_rot, (unsigned long long)got, (unsigned long long)want);
}

static uint64_t golden(struct turn r) {
    return golden_rope_increment(r.base, r.factor, r.pair, r.n_rot);
}

static void test_golden(struct host_test *t) {
    uint64_t random = 62;
    uint32_t seen = 0;
    for (uint32_t round = 0; round < 40000; round++) {
        const struct turn r = draw(&random, round);
        check_equal(t, r, golden(r));
        seen += of_64_bits(r.base, r.factor, r.pair, r.n_rot) != golden(r);
    }
    CHECK(t, seen > 10, "planted: 64 bits are seen %u times", seen);

    static const float bases[] = {1, 0x1.000002p0f, 0x1.fffffep0f, 2, 4, 1e7f, 0x1.fffffep127f};
    static const float factors[] = {0x1p-16f, 0x1.000002p-16f, 0x1.fffffep-16f, 0x1.fffffep-1f,
                                    1,        0x1.000002p0f,   0x1.fffffep15f,  0x1p16f};
    static const uint32_t sizes[] = {2, 4, 6, 254, 256};
    for (size_t b = 0; b < sizeof bases / sizeof *bases; b++)
        for (size_t f = 0; f < sizeof factors / sizeof *factors; f++)
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
                for (uint32_t pair = 0; pair < sizes[s] / 2; pair++) {
                    const struct turn r = {bits_of(bases[b]), bits_of(factors[f]), pair, sizes[s]};
                    check_equal(t, r, golden(r));
                }

    /* below half a unit nothing is left: 2^48 / (2 pi) is above 2^45 */
    for (uint32_t exponent = 127 + 44; exponent < 255; exponent++) {
        const struct turn r = {GOLDEN_ONE, exponent << 23, 0, 2};
        check_equal(t, r, golden(r));
        CHECK(t, golden(r) <= 3, "factor 2^%u leaves %llu", exponent - 127,
              (unsigned long long)golden(r));
    }
}

/* Real numbers within 2^-21 of half way between two increments, found among 5 million with random
 * bases and all factors of 2^-16..2^-15 with base 1. What they are is from arithmetic of 110
 * decimal digits (Python's decimal, ln and exp). */
static void test_ties(struct host_test *t) {
    static const struct {
        struct turn turn;
        uint64_t want;
    } ties[] = {
        {{0x3f800000, 0x37df30c9, 0, 2}, 0xd4f02562aacf},
        {{0x3f800000, 0x37fe38cf, 0, 2}, 0xaa5ecbe1049a},
        {{0x3f800000, 0x378c5015, 0, 2}, 0x15c9f4d14224},
        {{0x3f800000, 0x37af7dd0, 0, 2}, 0xb63e3987d7e1},
        {{0x45286b2b, 0x37e751d2, 8, 42}, 0xbb71af947803},
        {{0x42fc35fd, 0x37ad7312, 1, 74}, 0xfd69109f6349},
        {{0x42d2f000, 0x37a3b667, 1, 58}, 0xe374adc85771},
        {{0x41746000, 0x37d3011f, 94, 228}, 0x54186f7511d0},
        {{0x485858de, 0x37b8fbde, 37, 166}, 0xe2c0faaaebf4},
        {{0x481d3000, 0x379ea6e4, 36, 116}, 0xef6c3a303e4a},
        {{0x42b142e3, 0x37e5fc89, 67, 150}, 0xac6b89062955},
        {{0x42ccd602, 0x37c7d000, 1, 6}, 0x1c6bdc7fda24},
    };
    uint32_t seen = 0;
    for (size_t i = 0; i < sizeof ties / sizeof *ties; i++) {
        const struct turn r = ties[i].turn;
        check_equal(t, r, ties[i].want);
        CHECK(t, golden(r) == ties[i].want, "tie %zu in the golden model", i);
        seen += of_64_bits(r.base, r.factor, r.pair, r.n_rot) != ties[i].want;
    }
    CHECK(t, seen > 0, "planted: 64 bits are not seen");
}

int main(void) {
    struct host_test t = {.name = "rotation"};
    test_constants(&t);
    test_long_double(&t);
    test_golden(&t);
    test_ties(&t);
    return host_test_finish(&t);
}
