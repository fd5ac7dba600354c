/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * csrc/sampling/sampling.c against a sampler that is written another way (probabilities and
 * thresholds in long double, no sorting), and against the firmware's where that sees all that
 * counts. Planted: the oracle
 * with another typical_p. Arguments: seed=, rounds=
 */
#include <math.h>
#include <string.h>

#include "csrc/sampling/sampling.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { VOCAB_MOST = 300, TEXT = 90 };

struct draw {
    double logits[VOCAB_MOST];
    uint32_t text[TEXT];
    uint32_t count;
    struct sampling_bias biases[6];
    struct sampling settings;
    uint64_t random;
};

static double real(uint64_t *random) {
    return (double)random_below(random, 1u << 30) / (1u << 30);
}

/* The token that counts as the `rank`th of those in `in`, best first; UINT32_MAX: there is none. */
static uint32_t ranked(const long double *value, const bool *in, uint32_t vocab, uint32_t rank) {
    for (uint32_t i = 0; i < vocab; i++) {
        uint32_t better = 0;
        for (uint32_t k = 0; k < vocab; k++)
            better += in[k] && (value[k] > value[i] || (value[k] == value[i] && k < i));
        if (in[i] && better == rank)
            return i;
    }
    return UINT32_MAX;
}

static long double sum_of(const long double *value, const bool *in, uint32_t vocab,
                          long double temperature) {
    long double sum = 0;
    for (uint32_t i = 0; i < vocab; i++)
        sum += in[i] ? expl(value[i] / temperature) : 0;
    return sum;
}

/* Keeps the first `most` in the order of `key` (the greatest first), and of these the first that
 * have the probability p between them. */
static void cut(const long double *key, const long double *value, bool *in, uint32_t vocab,
                uint32_t most, long double p) {
    const long double all = sum_of(value, in, vocab, 1);
    bool kept[VOCAB_MOST] = {false};
    long double sum = 0;
    for (uint32_t rank = 0; rank < most && sum < p; rank++) {
        const uint32_t token = ranked(key, in, vocab, rank);
        if (token == UINT32_MAX)
            break;
        kept[token] = true;
        sum += expl(value[token]) / all;
    }
    memcpy(in, kept, sizeof kept);
}

static uint32_t oracle(const struct draw *d, double typical_p) {
    const struct sampling *s = &d->settings;
    const struct sampler_settings *base = &s->base;
    const uint32_t vocab = s->vocab;
    long double value[VOCAB_MOST], far[VOCAB_MOST];
    bool in[VOCAB_MOST], any = false;
    for (uint32_t i = 0; i < vocab; i++) {
        double x = d->logits[i];
        uint32_t times = 0;
        in[i] = true;
        for (size_t k = 0; k < s->bias_count; k++)
            if (d->biases[k].token == i && d->biases[k].bias == (double)-INFINITY)
                in[i] = false;
            else if (d->biases[k].token == i)
                x += d->biases[k].bias;
        for (uint32_t k = 0; k < d->count; k++)
            times += d->text[k] == i && d->count - k <= s->last;
        if (times != 0) {
            x = x <= 0 ? x * base->repeat_penalty : x / base->repeat_penalty;
            x -= base->presence_penalty;
            x -= times * base->frequency_penalty;
        }
        value[i] = x;
        any |= in[i];
    }
    for (uint32_t i = 0; i < vocab && !any; i++)
        in[i] = true;
    if (base->top_k != 0)
        cut(value, value, in, vocab, base->top_k, 2);
    if (typical_p < 1) {
        long double entropy = 0;
        const long double all = sum_of(value, in, vocab, 1);
        for (uint32_t i = 0; i < vocab; i++)
            if (in[i])
                entropy -= expl(value[i]) / all * logl(expl(value[i]) / all);
        for (uint32_t i = 0; i < vocab; i++)
            far[i] = -fabsl(-logl(expl(value[i]) / all) - entropy);
        cut(far, value, in, vocab, vocab, typical_p);
    }
    if (base->top_p < 1)
        cut(value, value, in, vocab, vocab, base->top_p);
    const uint32_t best = ranked(value, in, vocab, 0);
    for (uint32_t i = 0; i < vocab; i++)
        in[i] = in[i] && expl(value[i] - value[best]) >= base->min_p;
    if (base->temperature <= 0)
        return best;
    uint64_t random = d->random;
    long double rest = sampler_uniform(&random) * sum_of(value, in, vocab, base->temperature);
    for (uint32_t rank = 0;; rank++) {
        const uint32_t token = ranked(value, in, vocab, rank);
        rest -= expl(value[token] / base->temperature);
        if (rest < 0 || ranked(value, in, vocab, rank + 1) == UINT32_MAX)
            return token;
    }
}

static void make(struct draw *d, uint64_t *random) {
    const double spread = random_below(random, 3) == 0 ? 0.5 : 4;
    memset(d, 0, sizeof *d);
    d->settings.vocab = 1 + random_below(random, VOCAB_MOST);
    for (uint32_t i = 0; i < d->settings.vocab; i++)
        d->logits[i] = (real(random) + real(random) + real(random) - 1.5) * 2 * spread;
    d->count = random_below(random, TEXT + 1);
    for (uint32_t i = 0; i < d->count; i++)
        d->text[i] = random_below(random, d->settings.vocab);
    d->settings.biases = d->biases;
    d->settings.bias_count = random_below(random, 2) * random_below(random, 7);
    for (size_t i = 0; i < d->settings.bias_count; i++)
        d->biases[i] = (struct sampling_bias){random_below(random, d->settings.vocab),
                                              random_below(random, 2) != 0 ? (double)-INFINITY
                                                                           : 10 * real(random) - 5};
    d->settings.base = (struct sampler_settings){
        .temperature = random_below(random, 5) == 0 ? 0 : 0.2 + 2 * real(random),
        .top_k = random_below(random, 2) * random_below(random, 200),
        .top_p = random_below(random, 2) != 0 ? 1 : 0.05 + 0.95 * real(random),
        .min_p = random_below(random, 2) * 0.3 * real(random),
        .repeat_penalty = random_below(random, 2) != 0 ? 1 : 0.5 + 1.5 * real(random),
        .presence_penalty = random_below(random, 2) * (4 * real(random) - 2),
        .frequency_penalty = random_below(random, 2) * (4 * real(random) - 2)};
    d->settings.typical_p = random_below(random, 2) != 0 ? 1 : 0.05 + 0.95 * real(random);
    d->settings.last = random_below(random, 2) != 0 ? UINT32_MAX : random_below(random, 40);
    d->random = random_below(random, 0xffffffffu);
}

static uint32_t choose(const struct draw *d, uint64_t *random) {
    static struct sampling_candidate room[VOCAB_MOST];
    memset(room, 0xa5, sizeof room);
    for (uint32_t i = 0; i < d->settings.vocab; i++)
        room[i].logit = d->logits[i];
    return sampling_choose(&d->settings, random, d->text, d->count, room);
}

static void test_oracle(struct host_test *t, const struct draw *d, bool fault) {
    uint64_t random = d->random, used = d->random;
    const double typical_p =
        fault && d->settings.typical_p < 1 ? d->settings.typical_p / 2 : d->settings.typical_p;
    const uint32_t want = oracle(d, typical_p), token = choose(d, &random);
    CHECK(t, token == want, "token %u, not %u (of %u, top_k %u, typical_p %g)", token, want,
          d->settings.vocab, d->settings.base.top_k, d->settings.typical_p);
    if (d->settings.base.temperature > 0)
        sampler_uniform(&used);
    CHECK(t, random == used, "a random number for each token");
}

/* Where the firmware's list has all that counts, the token is its. With penalties that is the whole
 * vocabulary, and they look back on as many tokens as the firmware's do. */
static void test_firmware(struct host_test *t, struct draw *d, bool penalties) {
    struct sampler sampler;
    struct sampler_entry list[SAMPLER_LIST];
    bool in[VOCAB_MOST];
    long double value[VOCAB_MOST];
    d->settings.bias_count = 0;
    d->settings.typical_p = 1;
    d->settings.base.top_k = 1 + d->settings.base.top_k % SAMPLER_LIST;
    d->settings.last = SAMPLER_RECENT;
    if (penalties) {
        d->settings.vocab = 1 + d->settings.vocab % SAMPLER_LIST;
        for (uint32_t i = 0; i < d->count; i++)
            d->text[i] %= d->settings.vocab;
    } else {
        d->settings.base.repeat_penalty = 1;
        d->settings.base.presence_penalty = d->settings.base.frequency_penalty = 0;
    }
    d->settings.base.seed = d->random;
    for (uint32_t i = 0; i < d->settings.vocab; i++) {
        in[i] = true;
        value[i] = d->logits[i];
    }
    uint32_t count = 0;
    const uint32_t most = penalties ? SAMPLER_LIST : d->settings.base.top_k;
    for (; count < most && count < d->settings.vocab; count++) {
        const uint32_t token = ranked(value, in, d->settings.vocab, count);
        list[count] = (struct sampler_entry){token, d->logits[token]};
    }
    sampler_init(&sampler, &d->settings.base);
    for (uint32_t i = 0; i < d->count; i++)
        sampler_accept(&sampler, d->text[i]);
    uint64_t random = d->random;
    const uint32_t token = choose(d, &random);
    const uint32_t want = sampler_choose(&sampler, list, count);
    CHECK(t, token == want, "token %u, the firmware's is %u", token, want);
}

static bool is_odd(void *context, uint32_t token) {
    ++*(unsigned *)context;
    return token % 2 != 0;
}

static bool is_none(void *context, uint32_t token) {
    (void)context;
    (void)token;
    return false;
}

static void test_allows(struct host_test *t, struct draw *d) {
    unsigned asked = 0;
    uint64_t random = d->random;
    d->settings.allows = is_odd;
    d->settings.context = &asked;
    const uint32_t token = choose(d, &random);
    CHECK(t, d->settings.vocab == 1 ? token == UINT32_MAX : token % 2 == 1, "token %u", token);
    CHECK(t, asked == d->settings.vocab, "each is asked about once: %u", asked);
    d->settings.allows = is_none;
    CHECK(t, choose(d, &random) == UINT32_MAX, "none is allowed");
}

int main(int argc, char **argv) {
    struct host_test t = {"sampling", 0, 0};
    uint64_t random = host_argument(argc, argv, "seed", 1);
    const uint64_t rounds = host_argument(argc, argv, "rounds", 300);
    struct host_test planted = {NULL, 0, 0};
    static struct draw d;
    for (uint64_t i = 0; i < rounds; i++) {
        make(&d, &random);
        test_oracle(&t, &d, false);
        test_oracle(&planted, &d, true);
        test_firmware(&t, &d, true);
        test_firmware(&t, &d, false);
        test_allows(&t, &d);
    }
    CHECK(&t, planted.failures > rounds / 20, "%lu of %lu are wrong with another typical_p",
          planted.failures, planted.checks);
    return host_test_finish(&t);
}
