/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The numbers of `lockstep perplexity`: what a token's logits are worth, mean and error over
 * chunks, how a text is cut; and that one number that differs, or is missing, is seen.
 */
#include "sim/run/perplexity.h"

#include <math.h>

#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

static void test_surprise(struct host_test *t) {
    enum { VOCAB = 300 };
    uint64_t state = 5;
    double logits[VOCAB];
    for (int round = 0; round < 200; round++) {
        const double width = round < 100 ? 10 : 2000; /* where exp by itself would overflow */
        long double sum = 0;
        for (int i = 0; i < VOCAB; i++)
            logits[i] = width * ((double)random_below(&state, 20001) / 10000 - 1);
        const uint32_t token = random_below(&state, VOCAB);
        for (int i = 0; i < VOCAB; i++)
            sum += expl((long double)logits[i] - (long double)logits[token]);
        const double expected = (double)logl(sum), got = ls_surprise(logits, VOCAB, token);
        CHECK(t, fabs(got - expected) <= 1e-12 * (1 + expected), "%.17g for %.17g", got, expected);
    }
    for (int i = 0; i < VOCAB; i++)
        logits[i] = -3;
    CHECK(t, fabs(ls_surprise(logits, VOCAB, 7) - log(VOCAB)) < 1e-14, "all alike");
}

/* Against two passes over the numbers. */
static void test_values(struct host_test *t) {
    enum { CHUNKS = 5, COUNT = 31 };
    double numbers[CHUNKS * COUNT], others[CHUNKS * COUNT];
    uint64_t state = 9;
    struct perplexity p = {.count = COUNT, .nats = {numbers, others}};
    for (int i = 0; i < CHUNKS * COUNT; i++)
        numbers[i] = others[i] = (double)random_below(&state, 1000000) / 1e5;
    for (uint32_t chunks = 1; chunks <= CHUNKS; chunks++) {
        const double n = chunks * COUNT;
        double mean = 0, spread = 0;
        for (uint32_t i = 0; i < chunks * COUNT; i++)
            mean += numbers[i] / n;
        for (uint32_t i = 0; i < chunks * COUNT; i++)
            spread += (numbers[i] - mean) * (numbers[i] - mean) / n;
        const struct perplexity_value v = perplexity_of(&p, PERPLEXITY_DEVICE, chunks);
        CHECK(t, fabs(v.value / exp(mean) - 1) < 1e-12, "%u chunks: %.12g", chunks, v.value);
        CHECK(t, fabs(v.error / (exp(mean) * sqrt(spread / (n - 1))) - 1) < 1e-9,
              "%u chunks: error %.12g", chunks, v.error);
    }
    CHECK(t, perplexity_same(&p, 0, CHUNKS), "the same");
    others[2 * COUNT + 7] = nextafter(others[2 * COUNT + 7], 100);
    CHECK(t, !perplexity_same(&p, 0, CHUNKS) && !perplexity_same(&p, 2, 1), "one bit");
    CHECK(t, perplexity_same(&p, 0, 2) && perplexity_same(&p, 3, 2), "other chunks");
    numbers[0] = others[0] = NAN;
    CHECK(t, !perplexity_same(&p, 0, 1), "numbers that are not there");
}

static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        exit(1);
}

static void test_cut(struct host_test *t) {
    static const char path[] = "build/tests/perplexity/text.txt";
    static const char text[] =
        "Once upon a time there was a boy. He had a red ball and a blue one, and "
        "he was happy with both of them every day.";
    struct perplexity_options o = {.model = HOST_MODEL("Q8_0"), .file = path, .context = 16};
    struct perplexity p;
    struct ls_error err;
    uint32_t *all;
    size_t count;
    write_text(path, text);
    CHECK(t, perplexity_open(&p, &o, &err) == 0, "%s", err.text);
    if (tokenizer_encode(p.model->tokenizer, text, sizeof text - 1, TOKENIZER_ADD_BOS, &all, &count,
                         &err) != 0)
        exit(1);
    CHECK(t, p.chunks == count / 16 && p.chunks >= 2 && p.first == 8 && p.count == 7,
          "%u chunks, from %u on %u", p.chunks, p.first, p.count);
    for (uint32_t i = 0; i < p.chunks * 16; i++)
        CHECK(t, p.tokens[i] == (i % 16 == 0 ? all[0] : all[i]), "token %u", i);
    CHECK(t,
          p.nats[PERPLEXITY_DEVICE] != NULL && p.nats[PERPLEXITY_FLOAT] == NULL &&
              isnan(p.nats[PERPLEXITY_DEVICE][0]),
          "what is not computed yet");
    free(all);
    perplexity_close(&p);
    o.context = 4096;
    CHECK(t, perplexity_open(&p, &o, &err) != 0 && strstr(err.text, "--ctx-size 4096") != NULL,
          "%s", err.text);
    perplexity_close(&p);
    o.context = 100;
    CHECK(t, perplexity_open(&p, &o, &err) != 0 && strstr(err.text, "less than a chunk") != NULL,
          "%s", err.text);
    perplexity_close(&p);
    o.file = "build/tests/perplexity/no such text";
    CHECK(t, perplexity_open(&p, &o, &err) != 0 && strstr(err.text, "no such text") != NULL, "%s",
          err.text);
    perplexity_close(&p);
}

int main(void) {
    struct host_test t = {"perplexity", 0, 0};
    host_folder(&t);
    test_surprise(&t);
    test_values(&t);
    test_cut(&t);
    return host_test_finish(&t);
}
