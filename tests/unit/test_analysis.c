/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What sim/check/sim_analysis.c says of two vectors is true of all that differs in them, or not
 * said.
 */
#include <math.h>
#include <string.h>

#include "sim/check/sim_analysis.h"
#include "tests/kit/host_test.h"

#define COUNT 64

static uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

struct vectors {
    uint32_t expected[COUNT], actual[COUNT];
};

/* Different numbers between 1 and 2. */
static struct vectors equal(void) {
    struct vectors v;
    for (uint32_t i = 0; i < COUNT; i++)
        v.expected[i] = v.actual[i] = bits_of(1 + (float)(i * 37 % COUNT) / COUNT);
    return v;
}

static struct analysis_facts compare(const struct vectors *v) {
    struct analysis_facts f;
    analysis_compare(v->expected, v->actual, COUNT, &f);
    return f;
}

/* Of a vector that is long enough, from 1 to 32 on. */
static void test_far(struct host_test *t) {
    enum { LONG = 128 };
    uint32_t expected[LONG], actual[LONG];
    for (int i = 0; i < LONG; i++)
        expected[i] = bits_of(1 + (float)(i * 37 % LONG) / (float)LONG);
    for (int by = -34; by <= 34; by++) {
        struct analysis_facts f;
        const int most = by < 0 ? -by : by;
        for (int i = 0; i < LONG; i++)
            actual[i] = i + by >= 0 && i + by < LONG ? expected[i + by] : expected[i];
        analysis_compare(expected, actual, LONG, &f);
        CHECK(t,
              f.is_displaced == (by != 0 && most <= 32) && (!f.is_displaced || f.displaced == by),
              "%d on: %d, %d", by, f.is_displaced, f.displaced);
    }
}

/* Errors are multiples of a step as far as that is told from rounding, which is half a bit in the
 * last place of either number: a sixteenth of the step at most. */
static void test_steps(struct host_test *t) {
    for (int step = -23; step <= -8; step++) { /* 1.5 and 2.5 lie eight of it apart at -3 */
        struct vectors v = equal();
        for (uint32_t i = 0; i < 10; i++) {
            v.expected[i] = v.actual[i] = bits_of(1.5f);
            if (i % 2 == 0)
                v.actual[i] = bits_of(1.5f + ldexpf((float)(1 + 2 * (i % 3)), step));
        }
        const struct analysis_facts f = compare(&v);
        /* of 3 and a bit the last place is 2^-23 of it */
        const bool told = 16 * 3.01 * 0x1p-23 < ldexp(1, step);
        CHECK(t, f.different == 5 && f.is_step == told && (!told || f.step == step),
              "step 2^%d: told %d, 2^%d", step, f.is_step, f.step);
    }
    /* the sum of both is 4, rounding 2^-21: up to that an error is off, and the step 2^-17 */
    for (int step = -18; step <= -12; step++)
        for (int off = -2; off <= 2; off++) {
            struct vectors v = equal();
            for (uint32_t i = 0; i < 10; i++) {
                const float half = ldexpf((float)(1 + 2 * i), step - 1) + ldexpf((float)off, -22);
                v.expected[i] = bits_of(2 - half);
                v.actual[i] = bits_of(2 + half);
            }
            const struct analysis_facts f = compare(&v);
            const bool told = step >= -17 && (off >= -1 && off <= 1);
            CHECK(t, f.different == 10 && f.is_step == told, "step 2^%d, off by %d: told %d, 2^%d",
                  step, off, f.is_step, f.step);
        }
    /* the step is found from the least error on, which is up to 11 of it */
    for (int least = 1; least <= 19; least += 2) {
        struct vectors v = equal();
        for (int i = 0; i < 6; i++)
            v.actual[i] = bits_of(ldexpf((float)(1024 + least + (i % 3) * 2), -10)),
            v.expected[i] = bits_of(1);
        const struct analysis_facts f = compare(&v);
        CHECK(t, f.is_step == (least <= 11) && (!f.is_step || f.step == -10),
              "%d steps of 2^-10 at least: told %d, 2^%d", least, f.is_step, f.step);
    }
    for (uint32_t wrong = 0; wrong < 6; wrong++) { /* that is no multiple, the first or the last */
        struct vectors v = equal();
        for (uint32_t i = 0; i < 6; i++) {
            v.expected[i] = bits_of(1);
            v.actual[i] = bits_of(1 + ldexpf(1 + 0.34375f * (float)(i == wrong), -10));
        }
        CHECK(t, !compare(&v).is_step, "element %u is no multiple", wrong);
    }
    for (uint32_t least = 0; least < 6; least++) { /* wherever the least error is */
        struct vectors v = equal();
        for (uint32_t i = 0; i < 6; i++) {
            v.expected[i] = bits_of(1);
            v.actual[i] = bits_of(1 + ldexpf(i == least ? 1 : 64, -10));
        }
        const struct analysis_facts f = compare(&v);
        CHECK(t, f.is_step && f.step == -10, "element %u is the least: 2^%d", least, f.step);
    }
    static const uint32_t none[] = {0x7fc00000, 0x80000000, 0x7f800000}; /* NaN, -0, infinity */
    for (size_t k = 0; k < sizeof none / sizeof *none; k++) {
        struct vectors v = equal();
        for (uint32_t i = 0; i < 8; i++) {
            v.expected[i] = 0;
            v.actual[i] = none[k];
        }
        const struct analysis_facts f = compare(&v);
        CHECK(t, f.different == 8 && !f.is_step && !f.is_power, "%08x for 0", none[k]);
        CHECK(t, f.zeros == (k == 1 ? 8 : 0), "%u zeros", f.zeros);
    }
}

/* A factor is a power of two within 2^-12, the same for every element. */
static void test_powers(struct host_test *t) {
    static const struct {
        double factor;
        bool is_power;
        int power;
    } cases[] = {{8, true, 3},
                 {0.125, true, -3},
                 {3, false, 0},
                 {1.5, false, 0},
                 {6, false, 0},
                 {-8, false, 0},
                 {0, false, 0},
                 {8 * (1 + 0x1p-12), false, 0},
                 {8 * (1 + 0x1p-13), true, 3},
                 {8 * (1 - 0x1p-12), false, 0},
                 {8 * (1 - 0x1p-13), true, 3},
                 {1 + 0x1p-20, false, 0}, /* hardly another number */
                 {INFINITY, false, 0},
                 {NAN, false, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (uint32_t count = 1; count <= COUNT; count += 3) {
            struct vectors v = equal();
            for (uint32_t k = 0; k < count; k++) {
                v.expected[k] = bits_of(1 + (float)(k % 2));
                v.actual[k] = bits_of((float)((1 + k % 2) * cases[i].factor));
            }
            const struct analysis_facts f = compare(&v);
            CHECK(t,
                  f.different == count && f.is_power == cases[i].is_power &&
                      (!f.is_power || f.power == cases[i].power),
                  "%u times %g: 2^%d", count, cases[i].factor, f.power);
        }
    for (uint32_t other = 0; other < 8; other++) { /* one by another power */
        struct vectors v = equal();
        for (uint32_t k = 0; k < 8; k++)
            v.actual[k] = v.expected[k] + ((k == other ? 2u : 3u) << 23);
        CHECK(t, !compare(&v).is_power, "element %u by another power", other);
    }
}

/* Zeros of either sign; numbers that look like them in some bits are none. */
static void test_zeros(struct host_test *t) {
    static const uint32_t words[] = {0, 0x80000000, 0x40000000, 1, 0x80000001, 0xc0000000};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct vectors v = equal();
        v.expected[5] = bits_of(7);
        v.actual[5] = words[i];
        CHECK(t, compare(&v).zeros == (i < 2), "%08x", words[i]);
    }
}

/* Two elements show a displacement by one, one does not; the first element counts, too. And errors
 * of one lane of up to 64, in three elements at least. */
static void test_few(struct host_test *t) {
    enum { LONG = 256 };
    static uint32_t expected[LONG], actual[LONG];
    struct analysis_facts f;
    for (uint32_t held = 1; held <= 3; held++) {
        struct vectors v = equal();
        for (uint32_t i = 0; i < held; i++)
            v.actual[10 + i] = v.expected[11 + i];
        f = compare(&v);
        CHECK(t, f.is_displaced == (held >= 2) && (held < 2 || f.displaced == 1),
              "%u elements: by %d", held, f.displaced);
    }
    for (uint32_t wrong = 0; wrong < 12; wrong += 11) {
        struct vectors v = equal();
        for (uint32_t i = 0; i < 12; i++)
            v.actual[i] = i == wrong ? bits_of(9) : v.expected[i + 1];
        CHECK(t, !compare(&v).is_displaced, "element %u is another one", wrong);
    }
    for (uint32_t period = 1; period <= 128; period *= 2)
        for (uint32_t first = 0; first < period; first += 1 + period / 4) {
            for (uint32_t i = 0; i < LONG; i++)
                expected[i] = actual[i] = bits_of(1 + (float)i / (float)LONG);
            uint32_t count = 0;
            for (uint32_t i = first; i < LONG; i += period, count++)
                actual[i] ^= 1u << (3 + i / period % 7);
            analysis_compare(expected, actual, LONG, &f);
            const uint32_t told = count < 3 ? 1 : period > 64 ? 64 : period;
            CHECK(t, f.period == told && f.phase == (told == 1 ? 0 : first % told),
                  "%u errors at %u mod %u: %u mod %u", count, first, period, f.phase, f.period);
        }
}

int main(void) {
    struct host_test t = {"analysis", 0, 0};
    struct vectors v = equal();
    struct analysis_facts f = compare(&v);
    CHECK(&t, f.different == 0 && !f.is_power && !f.is_step && !f.is_displaced, "equal vectors");

    for (uint32_t i = 0; i < COUNT; i += 3) /* the last bits */
        v.actual[i] ^= 5;
    f = compare(&v);
    CHECK(&t, f.different == 22 && !f.is_power, "an error of some ulp is 2^%d times", f.power);

    v = equal();
    for (uint32_t i = 0; i < COUNT; i++)
        v.actual[i] += 3u << 23;
    f = compare(&v);
    CHECK(&t, f.is_power && f.power == 3 && !f.is_displaced, "times 8: 2^%d", f.power);
    v.actual[20] ^= 1u << 22;
    f = compare(&v);
    CHECK(&t, !f.is_power, "one element is not times 8");

    v = equal();
    for (uint32_t i = 10; i < COUNT; i++) /* what came before it: three late */
        v.actual[i] = v.expected[i - 3];
    f = compare(&v);
    CHECK(&t, f.is_displaced && f.displaced == -3, "three late: %d", f.displaced);
    v.actual[40] ^= 1u << 20;
    f = compare(&v);
    CHECK(&t, !f.is_displaced, "one element is not late");

    for (int by = -33; by <= 33; by++) { /* from 1 to 32 is looked for */
        const int most = by < 0 ? -by : by;
        v = equal();
        for (int i = 0; i < COUNT; i++)
            if (by != 0 && i + by >= 0 && i + by < COUNT && i % 5 != 0)
                v.actual[i] = v.expected[i + by];
        f = compare(&v);
        const bool seen = f.is_displaced && f.displaced == by;
        const uint32_t held = f.different;
        CHECK(&t, seen == (by != 0 && most <= 32 && held > (uint32_t)most), "%d on: %d of %u", by,
              f.displaced, held);
    }

    test_far(&t);
    test_steps(&t);
    test_powers(&t);
    test_zeros(&t);
    test_few(&t);

    v = equal(); /* three elements that happen to lie elsewhere, with most beyond the end */
    for (uint32_t i = COUNT - 22; i < COUNT; i++)
        v.actual[i] = i + 20 < COUNT ? v.expected[i + 20] : bits_of(9);
    f = compare(&v);
    CHECK(&t, !f.is_displaced, "2 of 22 elements explained by %d further on", f.displaced);

    v = equal();
    for (uint32_t i = 5; i < COUNT; i += 8)
        v.actual[i] ^= 0x80000000u;
    f = compare(&v);
    CHECK(&t, f.signs == f.different && f.period == 8 && f.phase == 5, "signs of lane %u of %u",
          f.phase, f.period);

    for (int few = 2; few <= 4; few++) { /* a rule takes three elements, a step four */
        v = equal();
        for (int i = 0; i < few; i++)
            v.actual[3 + 16 * i] =
                bits_of(1 + (float)((3 + 16 * i) * 37 % COUNT + 1 + 2 * i) / COUNT);
        f = compare(&v);
        CHECK(&t, f.different == (uint32_t)few, "%u of %d", f.different, few);
        CHECK(&t, few >= 3 ? f.period == 16 && f.phase == 3 : f.period == 1, "%d: element %u of %u",
              few, f.phase, f.period);
        CHECK(&t, f.is_step == (few >= 4), "%d: a step", few);
    }

    const float one = 1, next = 1 + 0x1p-23f;
    CHECK(&t, analysis_ulp(bits_of(one), bits_of(next)) == 1, "1 and the next");
    CHECK(&t, analysis_ulp(bits_of(-next), bits_of(-one)) == 1, "-1 and the next");
    CHECK(&t, analysis_ulp(0x80000000u, 0) == 0, "the zeros");
    CHECK(&t, analysis_ulp(0x80000003u, 2) == 5, "on both sides of 0");
    v = equal();
    v.actual[9] += 5;
    v.actual[11] -= 7;
    v.actual[12] += 6;
    f = compare(&v);
    CHECK(&t, f.first == 9 && f.last == 12 && f.most_ulp == 7, "elements %u to %u, %u ulp", f.first,
          f.last, (unsigned)f.most_ulp);
    return host_test_finish(&t);
}
