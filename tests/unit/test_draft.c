/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Drafts of a small model: for texts that grow, part from the drafts, begin anew and change places,
 * they are what a golden model without a past says. Planted: K and V of wrong drafts stay.
 */
#include "csrc/draft/draft.h"

#include "csrc/golden/golden_choose.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { SEQUENCES = 3, CONTEXT = 40, MOST = 4, VOCAB = 260 };

struct rig {
    struct host_test *test;
    struct drafter *drafter;
    struct golden *fresh;
    const struct ls_model *model;
    uint64_t random;
    uint32_t text[SEQUENCES][CONTEXT], known[SEQUENCES];
    uint32_t drafts[SEQUENCES][MOST], drafted[SEQUENCES]; /* the newest */
    uint32_t made, ended, lost;
    bool planted; /* the drafter takes K and V that it has for those of the text */
};

static struct ls_model *open_model(struct host_test *t, const char *path) {
    struct ls_model *model;
    struct ls_error err;
    if (ls_model_open(path, &model, &err) != 0) {
        printf("FAIL %s: %s\n", t->name, err.text);
        exit(1);
    }
    return model;
}

/* Each token from the first one on, one after the other. */
static uint32_t expect(struct rig *r, struct sampler sampler, const uint32_t *text, uint32_t known,
                       uint32_t *drafts, uint32_t most) {
    struct ls_error err;
    uint32_t made = 0, all[CONTEXT + MOST];
    memcpy(all, text, known * sizeof *all);
    for (uint32_t i = 0; i < CONTEXT && i < known + made && made < most; i++) {
        const bool last = i + 1 == known + made;
        if (golden_run(r->fresh, 0, 0, i, all[i], last, &err) != 0)
            abort();
        if (!last)
            continue;
        drafts[made] = golden_choose(r->model, &sampler, golden_logits(r->fresh, 0));
        if (ls_model_is_eog(r->model, drafts[made]))
            break;
        all[known + made] = drafts[made];
        made++;
    }
    return made;
}

/* What may happen to a sequence between two guesses. */
static void change(struct rig *r, uint32_t q) {
    uint32_t *text = r->text[q], *known = &r->known[q];
    const uint32_t right = random_below(&r->random, r->drafted[q] + 1);
    switch (random_below(&r->random, 8)) {
    case 0: /* another request, which begins like this one */
        *known = random_below(&r->random, *known + 1);
        break;
    case 1: /* like another one: it has its place */
        *known = r->known[(q + 1) % SEQUENCES];
        memcpy(text, r->text[(q + 1) % SEQUENCES], sizeof r->text[q]);
        break;
    default: /* some drafts are right */
        for (uint32_t i = 0; i < right && *known < CONTEXT; i++)
            text[(*known)++] = r->drafts[q][i];
        break;
    }
    for (uint32_t n = 1 + random_below(&r->random, 3); n != 0 && *known < CONTEXT; n--)
        text[(*known)++] = random_below(&r->random, VOCAB);
    if (*known == CONTEXT && random_below(&r->random, 4) == 0)
        *known = 1 + random_below(&r->random, 9);
}

static void run(struct rig *r, uint32_t rounds) {
    for (uint32_t round = 0; round < rounds; round++) {
        const uint32_t q = random_below(&r->random, SEQUENCES);
        const uint32_t most = random_below(&r->random, MOST + 1);
        const struct sampler_settings settings = {.temperature = round % 3 == 0 ? 0 : 1.5,
                                                  .top_k = 1 + round % 40,
                                                  .top_p = 0.95,
                                                  .repeat_penalty = round % 2 == 0 ? 1 : 1.3,
                                                  .seed = round};
        struct sampler sampler;
        uint32_t drafts[MOST] = {0}, expected[MOST] = {0};
        change(r, q);
        sampler_init(&sampler, &settings);
        for (uint32_t i = 0; i < r->known[q]; i++)
            sampler_accept(&sampler, r->text[q][i]);
        struct drafter_sequence *held = &r->drafter->held[q];
        if (r->planted && held->count < r->known[q])
            memcpy(held->tokens, r->text[q], held->count * sizeof *held->tokens);
        const uint32_t made =
            drafter_guess(r->drafter, q, &sampler, r->text[q], r->known[q], drafts, most);
        const uint32_t count = expect(r, sampler, r->text[q], r->known[q], expected, most);
        CHECK(r->test, made == count && memcmp(drafts, expected, made * sizeof *drafts) == 0,
              "round %u: %u drafts %u %u %u %u, expected %u: %u %u %u %u", round, made, drafts[0],
              drafts[1], drafts[2], drafts[3], count, expected[0], expected[1], expected[2],
              expected[3]);
        r->made += made;
        r->ended += made < most;
        memcpy(r->drafts[q], drafts, sizeof drafts);
        r->drafted[q] = made;
    }
}

static void test_texts(struct host_test *t, bool planted) {
    static struct rig r;
    struct ls_error err;
    r = (struct rig){.test = t, .random = 5, .planted = planted};
    struct ls_model *model = open_model(t, HOST_TINY);
    r.model = model;
    CHECK(t,
          drafter_open(open_model(t, HOST_TINY), 16, SEQUENCES, CONTEXT, &r.drafter, &err) == 0 &&
              golden_open(model, 16, 1, 1, CONTEXT, &r.fresh, &err) == 0,
          "%s", err.text);
    if (r.drafter != NULL && r.fresh != NULL)
        run(&r, 400);
    CHECK(t, planted || (r.made > 400 && r.ended > 10), "%u drafts, %u ended before", r.made,
          r.ended);
    golden_close(r.fresh);
    drafter_close(r.drafter);
    ls_model_close(model);
}

/* Of a text as long as the small model's context one more is guessed, of a longer one none. */
static void test_context(struct host_test *t) {
    const struct sampler_settings greedy = {.top_k = 1, .top_p = 1, .repeat_penalty = 1};
    uint32_t text[66], drafts[MOST];
    struct sampler sampler;
    struct drafter *d;
    struct ls_error err;
    struct ls_model *small = open_model(t, HOST_TINY);
    CHECK(t, small->context_length == 64, "%u positions", small->context_length);
    CHECK(t, drafter_open(small, 16, 1, 1000, &d, &err) == 0, "%s", err.text);
    sampler_init(&sampler, &greedy);
    for (uint32_t i = 0; i < 66; i++)
        text[i] = 70 + i;
    static const struct {
        uint32_t known, made;
    } cases[] = {{62, 3}, {63, 2}, {64, 1}, {65, 0}, {66, 0}, {10, MOST}};
    for (size_t i = 0; d != NULL && i < sizeof cases / sizeof *cases; i++) {
        const uint32_t made = drafter_guess(d, 0, &sampler, text, cases[i].known, drafts, MOST);
        CHECK(t, made == cases[i].made, "behind %u tokens %u drafts", cases[i].known, made);
    }
    drafter_close(d);
}

/* Without a small model it is the text that tells. */
static void test_lookup(struct host_test *t) {
    static const uint32_t text[] = {5, 6, 7, 8, 5, 6};
    uint32_t drafts[3] = {0};
    struct drafter *d;
    struct ls_error err;
    CHECK(t, drafter_open(NULL, 16, 1, 64, &d, &err) == 0, "%s", err.text);
    CHECK(t,
          drafter_guess(d, 0, NULL, text, 6, drafts, 3) == 3 && drafts[0] == 7 && drafts[1] == 8 &&
              drafts[2] == 5,
          "%u %u %u", drafts[0], drafts[1], drafts[2]);
    drafter_close(d);
}

/* A copy of the tiny model with a byte of the map changed. */
static struct ls_model *changed(struct host_test *t, size_t at, const void *bytes, size_t count) {
    static const char path[] = "build/tests/draft/changed.gguf";
    size_t size;
    char *all = host_read(HOST_TINY, &size);
    memcpy(all + at, bytes, count);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(all, 1, size, file) != size || fclose(file) != 0)
        abort();
    free(all);
    return open_model(t, path);
}

static void test_fits(struct host_test *t) {
    struct ls_model *model = open_model(t, HOST_TINY), *other = open_model(t, HOST_MADE("Q4_0"));
    struct gguf_string piece;
    struct ls_error err = {""};
    CHECK(t, drafter_fits(model, model, &err) == 0, "%s", err.text);
    CHECK(t,
          drafter_fits(other, model, &err) == -1 &&
              strcmp(err.text, HOST_MADE("Q4_0") ": no draft model of " HOST_TINY
                                                 ": a vocabulary of 512 tokens, not of 260") == 0,
          "%s", err.text);
    ls_model_close(other);
    CHECK(t, tokenizer_piece(model->tokenizer, 259, &piece, &err) == 0, "%s", err.text);
    other = changed(t, (size_t)(piece.data - (const char *)model->gguf->map), "\x01", 1);
    CHECK(t,
          drafter_fits(other, model, &err) == -1 && strstr(err.text, ": token 259 is '?") != NULL,
          "%s", err.text);
    ls_model_close(other);
    ls_model_close(model);
}

/* A small model that cannot compute a token guesses nothing. */
static void test_broken(struct host_test *t) {
    const struct sampler_settings greedy = {.top_k = 1, .top_p = 1, .repeat_penalty = 1};
    static const uint32_t text[] = {5, 6, 7};
    struct ls_model *model = open_model(t, HOST_TINY);
    const struct gguf_tensor *norm = gguf_find_tensor(model->gguf, "output_norm.weight");
    uint32_t largest[32], drafts[MOST];
    struct sampler sampler;
    struct drafter *d;
    struct ls_error err;
    for (uint32_t i = 0; i < 32; i++)
        largest[i] = 0x7f7fffffu;
    struct ls_model *broken = changed(t, norm->offset, largest, sizeof largest);
    CHECK(t, drafter_open(broken, 16, 1, 64, &d, &err) == 0, "%s", err.text);
    sampler_init(&sampler, &greedy);
    for (uint32_t i = 0; i < 2; i++)
        CHECK(t, drafter_guess(d, 0, &sampler, text, 3, drafts, MOST) == 0, "a draft of infinity");
    drafter_close(d);
    ls_model_close(model);
}

int main(void) {
    struct host_test t = {"draft", 0, 0}, silent = {NULL, 0, 0};
    host_folder(&t);
    test_texts(&t, false);
    test_texts(&silent, true);
    CHECK(&t, silent.failures > 10, "planted: wrong drafts leave K and V: %lu of %lu seen",
          silent.failures, silent.checks);
    printf("planted: wrong drafts leave K and V: %lu of %lu guesses are wrong\n", silent.failures,
           silent.checks);
    test_context(&t);
    test_lookup(&t);
    test_fits(&t);
    test_broken(&t);
    return host_test_finish(&t);
}
