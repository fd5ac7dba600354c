/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The firmware's sampler at its edges: exponentials and caps against libm, the generator against
 * SplitMix64's published numbers, cuts that fall exactly on a weight, draws that do, lists that are
 * too long, what an earlier text leaves behind.
 */
#include <math.h>

#include "firmware/sampler.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

/* Each halving of x doubles the error of the series. */
static void test_exp(struct host_test *t, uint64_t *random) {
    for (uint32_t i = 0; i <= 20000; i++) {
        const double x = i == 0 ? 0 : -80.0 * random_below(random, 1u << 30) / ((1u << 30) - 1);
        const long double right = expl((long double)x);
        const double off = (double)fabsl(((long double)sampler_exp(x) - right) / right);
        CHECK(t, off <= 4e-16 * (1 - 32 * x), "e^%.17g is off by %g", x, off);
    }
    CHECK(t, sampler_exp(0) == 1, "e^0");
    CHECK(t, sampler_exp(-80) > 1.8e-35 && sampler_exp(-80) < 1.81e-35, "e^-80 %g",
          sampler_exp(-80));
    CHECK(t, sampler_exp(nextafter(-80, -81)) == 0 && sampler_exp(-1e300) == 0, "below -80");
}

/* Seed 1234567, as published with the generator; and numbers that its inverse is asked for. */
static void test_uniform(struct host_test *t) {
    static const uint64_t numbers[] = {6457827717110365317u, 3203168211198807973u,
                                       9817491932198370423u, 4593380528125082431u,
                                       16408922859458223821u};
    uint64_t state = 1234567;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const double got = sampler_uniform(&state), right = ldexp((double)(numbers[i] >> 11), -53);
        CHECK(t, got == right, "number %zu: %.17g, not %.17g", i, got, right);
    }
    static const struct {
        uint64_t state;
        double number;
    } ends[] = {{0x61c8864680b583eb, 0}, /* of 0, 2^63 and 2^64 - 1 */
                {0x2fedf1efce1d5545, 0.5},
                {0x31628af67b2131ab, 1 - 0x1p-53}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        state = ends[i].state;
        CHECK(t, sampler_uniform(&state) == ends[i].number, "number %g", ends[i].number);
    }
}

static void test_logit(struct host_test *t, uint64_t *random) {
    for (unsigned i = 0; i < 5000; i++) {
        const uint32_t bits = random_float(random, 115, 136);
        float logit;
        memcpy(&logit, &bits, sizeof logit);
        const double scale = 0.25 * (1 + random_below(random, 8)), cap = 10 + i % 40;
        CHECK(t, sampler_logit(bits, scale, 0) == scale * (double)logit, "%g by %g", (double)logit,
              scale);
        const long double right =
            (long double)cap * tanhl((long double)scale * (long double)logit / (long double)cap);
        const double off = (double)fabsl((long double)sampler_logit(bits, scale, cap) - right);
        CHECK(t, off < 3e-13, "%g by %g below %g is off by %g", (double)logit, scale, cap, off);
    }
    CHECK(t, sampler_logit(0, 1, 30) == 0, "0");
}

/* The tokens that a thousand draws give, as bits; of a sampler that was used before. */
static uint64_t seen(const struct sampler_settings *settings, const struct sampler_entry *list,
                     uint32_t count) {
    struct sampler s;
    uint64_t tokens = 0;
    memset(&s, 0, sizeof s); /* token 0 is the last one's */
    sampler_init(&s, settings);
    for (unsigned i = 0; i < 1000; i++)
        tokens |= (uint64_t)1 << sampler_choose(&s, list, count);
    return tokens;
}

/* Weights of 1: sums of them are exact. */
static void test_cuts(struct host_test *t) {
    struct sampler_entry list[8];
    for (uint32_t i = 0; i < 8; i++)
        list[i] = (struct sampler_entry){i, 2.5};
    for (uint32_t count = 1; count <= 8; count++) {
        struct sampler_settings settings = {
            .temperature = 0.7, .top_k = 8, .top_p = 1, .repeat_penalty = 1, .seed = count};
        CHECK(t, seen(&settings, list, count) == (1u << count) - 1, "all of %u", count);
        for (uint32_t k = 1; k <= 8; k++) {
            settings.top_k = k;
            CHECK(t, seen(&settings, list, count) == (1u << (k < count ? k : count)) - 1,
                  "top-k %u of %u", k, count);
        }
        settings.top_k = 8;
        settings.min_p = 1; /* as probable as the best one */
        CHECK(t, seen(&settings, list, count) == (1u << count) - 1, "min-p of %u", count);
        settings.min_p = 0;
        if ((count & (count - 1)) != 0)
            continue; /* parts that are no binary fractions */
        for (uint32_t k = 1; k <= count; k++) {
            settings.top_p = (double)k / count;
            CHECK(t, seen(&settings, list, count) == (1u << k) - 1, "top-p %g of %u",
                  settings.top_p, count);
            settings.top_p = (k - 0.5) / count;
            CHECK(t, seen(&settings, list, count) == (1u << k) - 1, "top-p %g of %u",
                  settings.top_p, count);
        }
    }
    for (uint32_t i = 0; i < 8; i++)
        list[i].logit = -(double)i;
    struct sampler_settings settings = {
        .temperature = 4, .top_k = 8, .top_p = 1, .min_p = 1, .repeat_penalty = 1};
    CHECK(t, seen(&settings, list, 8) == 1, "the best alone");
    settings.min_p = 0.9 * exp(-3); /* of probabilities before the temperature */
    CHECK(t, seen(&settings, list, 8) == 15, "e^-3 and more");
    settings.min_p = 0;
    settings.top_p = 1e-9;
    CHECK(t, seen(&settings, list, 8) == 1, "the best reaches it");
    settings.top_p = 0.9; /* 1 + e^-1 + e^-2 are 0.95 of all, without the last 0.87 */
    CHECK(t, seen(&settings, list, 8) == 7, "three reach it");
}

/* A draw of exactly a weight is of the next one. */
static void test_draws(struct host_test *t) {
    const struct sampler_entry list[] = {{3, 1}, {4, 1}, {5, 1}, {6, 1}};
    const struct sampler_settings settings = {
        .temperature = 1, .top_k = 4, .top_p = 1, .repeat_penalty = 1};
    static const struct {
        uint64_t state;
        uint32_t count, token;
    } draws[] = {{0x61c8864680b583eb, 2, 3}, {0x2fedf1efce1d5545, 2, 4}, {0x31628af67b2131ab, 2, 4},
                 {0x61c8864680b583eb, 4, 3}, {0x2fedf1efce1d5545, 4, 5}, {0x31628af67b2131ab, 4, 6},
                 {0x2fedf1efce1d5545, 3, 4}, {0x2fedf1efce1d5545, 1, 3}};
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++) {
        struct sampler s;
        uint64_t next = draws[i].state;
        sampler_init(&s, &settings);
        s.random = draws[i].state;
        CHECK(t, sampler_choose(&s, list, draws[i].count) == draws[i].token, "draw %zu", i);
        sampler_uniform(&next);
        CHECK(t, s.random == next, "draw %zu takes one number", i);
    }
}

/* No more than 64 entries count. */
static void test_long_list(struct host_test *t) {
    struct sampler_entry list[SAMPLER_LIST + 3];
    struct sampler_settings settings = {
        .temperature = 0, .top_k = SAMPLER_LIST, .top_p = 1, .repeat_penalty = 1};
    struct sampler s;
    for (uint32_t i = 0; i < SAMPLER_LIST + 3; i++)
        list[i] = (struct sampler_entry){100 + i, i};
    sampler_init(&s, &settings);
    for (uint32_t count = SAMPLER_LIST - 1; count <= SAMPLER_LIST + 3; count++) {
        const uint32_t best = 99 + (count < SAMPLER_LIST ? count : SAMPLER_LIST);
        CHECK(t, sampler_choose(&s, list, count) == best, "%u of %u", best, count);
    }
    settings.temperature = 1e9; /* one like the other */
    sampler_init(&s, &settings);
    for (unsigned i = 0; i < 1000; i++) {
        const uint32_t token = sampler_choose(&s, list, SAMPLER_LIST + 3);
        CHECK(t, token >= 100 && token < 100 + SAMPLER_LIST, "token %u", token);
    }
}

/* A new text knows no tokens, whatever lies in the memory of the last one. */
static void test_new_text(struct host_test *t) {
    const struct sampler_entry list[] = {{7, 3}, {8, 2}};
    const struct sampler_settings settings = {
        .temperature = 0, .top_k = 2, .top_p = 1, .repeat_penalty = 2};
    struct sampler s;
    for (uint32_t i = 0; i < SAMPLER_RECENT; i++)
        s.recent[i] = 7;
    s.recent_count = SAMPLER_RECENT;
    sampler_init(&s, &settings);
    CHECK(t, sampler_choose(&s, list, 2) == 7, "a token of the text before");
    for (uint32_t i = 0; i < SAMPLER_RECENT; i++)
        s.recent[i] = 8;
    sampler_accept(&s, 7);
    CHECK(t, s.recent_count == 1 && s.recent[0] == 7 && sampler_choose(&s, list, 2) == 8,
          "its own token");
}

int main(void) {
    struct host_test t = {"sampler_edges", 0, 0};
    uint64_t random = 12;
    test_exp(&t, &random);
    test_uniform(&t);
    test_logit(&t, &random);
    test_cuts(&t);
    test_draws(&t);
    test_long_list(&t);
    test_new_text(&t);
    return host_test_finish(&t);
}
