/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What sim/check/sim_analysis.c says of two vectors is true of all that differs in them, or not
 * said.
 */
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
