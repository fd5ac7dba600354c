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
 * last place of either number: less than a twentieth of the step. */
static void test_steps(struct host_test *t) {
    for (int step = -22; step <= -8; step++)
        for (int odd = 0; odd < 2; odd++) {
            struct vectors v = equal();
            for (uint32_t i = 0; i < 10; i++) {
                v.expected[i] = v.actual[i] = bits_of(1.5f);
                if (i % 2 == 0)
                    v.actual[i] = bits_of(
                        1.5f + ldexpf((float)(1 + 2 * (i % 3)) + 0.25f * (odd && i == 4), step));
            }
            const struct analysis_facts f = compare(&v);
            /* of 3 and a bit the last place is 2^-23 of it: 3 x 2^-23 < 2^step / 20 */
            const bool told = 20 * 3.01 * 0x1p-23 < ldexp(1, step) && !odd;
            CHECK(t, f.different == 5 && (odd || f.is_step == told), "step 2^%d: told %d", step,
                  f.is_step);
            CHECK(t, !f.is_step || f.step == step - 2 * odd, "step 2^%d: 2^%d", step, f.step);
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
