/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model's elementary functions over every input: exp over all
 * negative binary32, rcp and rsqrt over all mantissas, rotation over all 2^24
 * phases; and that every table entry and increment is the nearest integer to
 * what docs/numerics.md names. Prints the worst errors, which section 10 of the
 * page quotes; an ulp is that of the true value's binade.
 *
 *     build/.../test_golden_func
 */
#include "golden_naive.h"
#include "tests/kit/host_test.h"

static const long double pi = 3.14159265358979323846264338327950288L;

/* A worst case so far. */
struct worst {
    double error;
    uint32_t at; /* bits of the input */
};

static void worst_add(struct worst *worst, double error, uint32_t at) {
    if (!(error <= worst->error))
        *worst = (struct worst){error, at};
}

/* Spacing of binary32 at x > 0. */
static double ulp_of(double x) {
    return ldexp(1, ilogb(x) - 23);
}

/* ---- Tables ---- */

/* An entry is right if it is the nearest integer; long double settles all but values
 * within 2^-20 of a tie, of which there must be none. */
static int is_nearest(int64_t entry, long double value) {
    return fabsl((long double)entry - value) < 0.5L - 0x1p-20L;
}

static int count_wrong_entries(const struct golden_tables *tables) {
    int wrong = 0;
    for (int i = 0; i < 256; i++)
        wrong += !is_nearest(tables->exp2[i], 0x1p30L * exp2l(i / 256.0L));
    for (int i = 0; i <= 256; i++)
        wrong += !is_nearest(tables->sin[i], 0x1p30L * sinl(pi / 512 * i));
    for (int i = 0; i < 256; i++) {
        long double d = (513 + 2 * i) / 512.0L, r = 1 / sqrtl(d), h = sqrtl(0.5L);
        const struct golden_quadratic *rcp = &tables->rcp[i];
        const struct golden_quadratic *even = &tables->rsqrt_even[i];
        const struct golden_quadratic *odd = &tables->rsqrt_odd[i];
        wrong += !is_nearest(rcp->c0, 0x1p30L / d);
        wrong += !is_nearest(rcp->c1, 0x1p22L / (d * d));
        wrong += !is_nearest(rcp->c2, 0x1p14L / (d * d * d));
        wrong += !is_nearest(even->c0, 0x1p30L * r);
        wrong += !is_nearest(even->c1, 0x1p21L * r / d);
        wrong += !is_nearest(even->c2, 0x1p11L * 3 * r / (d * d));
        wrong += !is_nearest(odd->c0, 0x1p30L * r * h);
        wrong += !is_nearest(odd->c1, 0x1p21L * r * h / d);
        wrong += !is_nearest(odd->c2, 0x1p11L * 3 * r * h / (d * d));
    }
    return wrong;
}

static void test_tables(struct host_test *t, const struct golden_tables *tables) {
    struct golden_tables planted = *tables;
    int wrong = count_wrong_entries(tables);
    CHECK(t, wrong == 0, "%d entries are not the nearest", wrong);
    planted.exp2[100]++;
    planted.sin[7]--;
    planted.rsqrt_odd[200].c2++;
    CHECK(t, count_wrong_entries(&planted) == 3, "a fault went unseen");
}

static void test_increments(struct host_test *t) {
    static const float bases[] = {10000, 500000, 1000000, 1, 2, 3.5f, 1e30f};
    static const float factors[] = {1, 2, 4, 0.25f, 1.3f, 32.125f};
    static const uint32_t widths[] = {2, 8, 80, 128};
    for (size_t b = 0; b < sizeof bases / sizeof *bases; b++)
        for (size_t f = 0; f < sizeof factors / sizeof *factors; f++)
            for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
                for (uint32_t j = 0; j < widths[w] / 2; j++) {
                    long double power = powl(bases[b], -2.0L * j / widths[w]);
                    long double exact = 0x1p48L * power / (2 * pi * factors[f]);
                    uint64_t inc =
                        golden_rope_increment(to_bits(bases[b]), to_bits(factors[f]), j, widths[w]);
                    /* long double leaves an error of about 2^-16 at 2^48 */
                    long double error = fabsl((long double)inc - exact);
                    CHECK(t, error < 0.5L + 0x1p-12L, "base %g, factor %g, pair %u of %u: %Lf off",
                          (double)bases[b], (double)factors[f], j, widths[w], error);
                    CHECK(t, fabsl((long double)inc + 1 - exact) > 0.49L, "a fault went unseen");
                }
}

/* ---- exp ---- */

static struct worst exp_error(const struct golden_tables *tables, uint32_t first, uint32_t last,
                              uint32_t step, double *absolute) {
    struct worst worst = {0, 0};
    double before = 1;
    for (uint32_t x = first; x <= last; x += step) {
        double exact = exp((double)to_float(x)); /* within 2^-52 of e^x */
        double got = (double)to_float(golden_exp(tables, x));
        double error = got > before ? INFINITY : fabs(got - exact); /* never grows as x falls */
        before = got;
        *absolute = fmax(*absolute, error);
        if (exact >= 0x1p-126)
            worst_add(&worst, error / ulp_of(exact), x);
    }
    return worst;
}

static void test_exp(struct host_test *t, const struct golden_tables *tables) {
    /* All of -2^-30 .. -128; nearer to 0 the result is 1, further away it is 0. */
    double absolute = 0;
    struct worst worst = exp_error(tables, 0xb0800000, 0xc2ffffff, 1, &absolute);
    printf("exp: worst error %.4f ulp at %.9g (%08x), absolute %.3g\n", worst.error,
           (double)to_float(worst.at), worst.at, absolute);
    CHECK(t, worst.error < 1.5, "%g ulp", worst.error);
    t->checks += 0xc2ffffff - 0xb0800000;

    for (uint32_t x = 0x80000000; x < 0xb0800000; x += 0x1001)
        CHECK(t, golden_exp(tables, x) == GOLDEN_ONE, "exp of %08x", x);
    for (uint32_t x = 0xc3000000; x < 0xff800000; x += 0x1001)
        CHECK(t, golden_exp(tables, x) == 0, "exp of %08x", x);
    CHECK(t, golden_exp(tables, 0) == GOLDEN_ONE, "exp of +0");
    CHECK(t, golden_exp(tables, 0xc2aeac4f) >= 0x00800000, "exp of the last normal result");
    CHECK(t, golden_exp(tables, 0xc2aeac50) == 0, "exp of the first that is flushed");

    struct golden_tables planted = *tables;
    planted.exp2[77] += 512;
    worst = exp_error(&planted, 0xbf000000, 0xbfffffff, 255, &absolute);
    CHECK(t, worst.error > 1.5, "a fault went unseen");
}

/* ---- rcp and rsqrt ---- */

/* Mantissas of the binade of `first`. */
static struct worst inverse_error(const struct golden_tables *tables, uint32_t first, int root,
                                  uint32_t step) {
    struct worst worst = {0, 0};
    for (uint32_t x = first; x < first + 0x00800000; x += step) {
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        double value = (double)to_float(x), exact = root ? 1 / sqrt(value) : 1 / value;
        uint32_t y = root ? golden_rsqrt(tables, x, &fault) : golden_rcp(tables, x, &fault);
        worst_add(&worst, fabs((double)to_float(y) - exact) / ulp_of(exact), x);
        if (fault != GOLDEN_FAULT_NONE)
            worst_add(&worst, INFINITY, x);
    }
    return worst;
}

/* Other binades only move the exponent. */
static unsigned long count_unlike(const struct golden_tables *tables, uint64_t *state) {
    unsigned long wrong = 0;
    for (int i = 0; i < 1000000; i++) {
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        uint32_t x = random_float(state, 1, 254), base = (x & 0x007fffff) | GOLDEN_ONE;
        int e = (int)(x >> 23 & 255) - 127, odd = e & 1;
        double rcp = ldexp((double)to_float(golden_rcp(tables, base, &fault)), -e);
        rcp = rcp < 0x1p-126 ? 0 : rcp;
        wrong += golden_rcp(tables, x, &fault) != ((x & GOLDEN_SIGN) | to_bits((float)rcp));
        x &= ~GOLDEN_SIGN;
        double root = (double)to_float(golden_rsqrt(tables, base + ((uint32_t)odd << 23), &fault));
        root = ldexp(root, -(e - odd) / 2);
        wrong += golden_rsqrt(tables, x, &fault) != to_bits((float)root);
        wrong += fault != GOLDEN_FAULT_NONE;
    }
    return wrong;
}

static void test_inverses(struct host_test *t, const struct golden_tables *tables) {
    static const struct {
        const char *name;
        uint32_t first;
        int root;
    } cases[] = {
        {"rcp", 0x3f800000, 0}, {"rsqrt, even", 0x3f800000, 1}, {"rsqrt, odd", 0x40000000, 1}};
    struct golden_tables planted = *tables;
    planted.rcp[9].c1 += 64;
    planted.rsqrt_even[10].c0 += 64;
    planted.rsqrt_odd[11].c1 += 64;
    for (size_t i = 0; i < 3; i++) {
        struct worst worst = inverse_error(tables, cases[i].first, cases[i].root, 1);
        printf("%s: worst error %.4f ulp at %.9g (%08x)\n", cases[i].name, worst.error,
               (double)to_float(worst.at), worst.at);
        CHECK(t, worst.error < 1, "%s: %g ulp", cases[i].name, worst.error);
        struct worst seen = inverse_error(&planted, cases[i].first, cases[i].root, 255);
        CHECK(t, seen.error > worst.error, "%s: a fault went unseen", cases[i].name);
        t->checks += 0x00800000;
    }
    uint64_t state = 7;
    unsigned long wrong = count_unlike(tables, &state);
    CHECK(t, wrong == 0, "%lu results of other binades differ", wrong);

    static const uint32_t outside[] = {0, 0x80000000, 0x007fffff, 0x807fffff};
    for (size_t i = 0; i < 4; i++) {
        enum golden_fault rcp = GOLDEN_FAULT_NONE, rsqrt = GOLDEN_FAULT_NONE;
        golden_rcp(tables, outside[i], &rcp);
        golden_rsqrt(tables, outside[i], &rsqrt);
        CHECK(t, rcp == GOLDEN_FAULT_DIVZERO && rsqrt == GOLDEN_FAULT_DIVZERO, "%08x", outside[i]);
    }
    enum golden_fault fault = GOLDEN_FAULT_NONE;
    golden_rsqrt(tables, 0xbf800000, &fault);
    CHECK(t, fault == GOLDEN_FAULT_DIVZERO, "rsqrt of -1");
}

/* ---- rotation ---- */

static struct worst rotation_error(const struct golden_tables *tables, uint32_t step) {
    struct worst worst = {0, 0};
    for (uint32_t phase = 0; phase < 1 << 24; phase += step) {
        uint32_t c, s;
        golden_rotation(tables, 1, (uint64_t)phase << 24, &c, &s);
        long double exact_c, exact_s;
        sincosl(2 * pi * phase / 0x1p24L, &exact_s, &exact_c);
        worst_add(&worst, fabs((double)((long double)to_float(c) - exact_c)), phase);
        worst_add(&worst, fabs((double)((long double)to_float(s) - exact_s)), phase);
    }
    return worst;
}

static void test_rotation(struct host_test *t, const struct golden_tables *tables) {
    struct worst worst = rotation_error(tables, 1);
    printf("rotation: worst error %.4g = 2^%.2f at phase %u\n", worst.error, log2(worst.error),
           worst.at);
    CHECK(t, worst.error < 0x1p-24, "%g", worst.error);
    t->checks += 1 << 24;

    /* The phase is the turn rounded to 24 bits, half up, around the circle. */
    static const uint64_t turns[] = {0x7fffff, 0x800000, 0xffffff7fffff, 0xffffff800000};
    static const uint64_t phases[] = {0, 1, 0xffffff, 0};
    for (size_t i = 0; i < 4; i++) {
        uint32_t c, s, phase_c, phase_s;
        golden_rotation(tables, 1, turns[i], &c, &s);
        golden_rotation(tables, 1, phases[i] << 24, &phase_c, &phase_s);
        CHECK(t, c == phase_c && s == phase_s, "turn %012llx", (unsigned long long)turns[i]);
        golden_rotation(tables, 3, turns[i], &c, &s);
        golden_rotation(tables, 1, 3 * turns[i] & 0xffffffffffff, &phase_c, &phase_s);
        CHECK(t, c == phase_c && s == phase_s, "turn %012llx", (unsigned long long)turns[i]);
    }

    struct golden_tables planted = *tables;
    planted.sin[30] += 128;
    CHECK(t, rotation_error(&planted, 255).error > 0x1p-24, "a fault went unseen");
}

int main(void) {
    struct host_test t = {"golden_func", 0, 0};
    struct golden_tables tables;
    golden_tables_init(&tables);
    test_tables(&t, &tables);
    test_increments(&t);
    test_exp(&t, &tables);
    test_inverses(&t, &tables);
    test_rotation(&t, &tables);
    return host_test_finish(&t);
}
