/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model on the files of ../shared/models, which others made, and whose fault a
 * difference is: how far it is from the float reference over 48 tokens behind each of seven
 * prompts, and behind another how far both are from the logits that llama.cpp computes for the same
 * file (../shared/expected). On a quantised file llama.cpp rounds activations to 8 bits, in Q4_K
 * and Q6_K 256 of them by one scale; the reference rounds nothing, so what it differs by is that.
 */
#include <math.h>
#include <string.h>

#include "csrc/golden/golden.h"
#include "csrc/reference/reference.h"
#include "tests/kit/host_test.h"

static const uint32_t prompt[] = {1,   403, 407, 261, 378, 432, 383,
                                  286, 261, 376, 298, 315, 421, 395};
enum { PROMPT = sizeof prompt / sizeof *prompt, STORY_MAX = 10, TOKENS = 48, VOCAB = 512 };

static const struct {
    uint32_t count, tokens[STORY_MAX];
} stories[] = {
    {5, {1, 403, 407, 261, 378}},                           /* Once upon a time */
    {10, {1, 359, 416, 261, 279, 295, 433, 272, 414, 276}}, /* In a dark fore */
    {3, {1, 385, 328}},                                     /* One day */
    {4, {1, 291, 280, 294}},                                /* The cat */
    {4, {1, 346, 306, 414}},                                /* Hello */
    {6, {1, 274, 287, 269, 301, 314}},                      /* Tom and Sam */
    {5, {1, 317, 263, 377, 267}},                           /* Lily went to */
};
enum { STORIES = sizeof stories / sizeof *stories };

/* Limits of the mean KL, nats a token: of all stories, and of each (in Q2_K one token may have half
 * of it, and K's mantissas half of that: test_roundings). */
static const double kl_of_all = 1e-6, kl_of_one = 2e-6;

static const struct {
    const char *name;
    double logits; /* limit of a logit's difference to llama.cpp's; 0: those are not there */
} files[] = {
    {"", 0.05},
    {"-F16", 0.05},
    {"-BF16", 0},
    {"-as-qwen2-f32", 0.05},
    {"-Q8_0", 0.3},
    {"-Q5_1", 0},
    {"-Q5_0", 0},
    {"-Q4_1", 0},
    {"-Q4_0", 0.3},
    {"-pad256-Q8_0", 0.3},
    {"-pad256-Q6_K", 0.3},
    {"-pad256-Q5_K_M", 0},
    {"-pad256-Q4_K_M", 0.4},
    {"-pad256-Q3_K_M", 0},
    {"-pad256-Q2_K", 0},
};
/* A logit of the golden model and of the reference. */
static const double near_reference = 0.05;

/* Lines "id: logit". */
static void read_logits(struct host_test *t, const char *path, double logits[VOCAB]) {
    size_t size;
    char *text = host_read(path, &size), *at = text;
    uint32_t count = 0;
    for (char *end; count < VOCAB; count++, at = end) {
        const unsigned long id = strtoul(at, &end, 10);
        if (end == at || *end != ':' || id != count)
            break;
        logits[count] = strtod(end + 1, &end);
    }
    CHECK(t, count == VOCAB, "%s: %u logits", path, count);
    free(text);
}

static double largest_difference(const float *logits, const double *expected) {
    double largest = 0;
    for (uint32_t i = 0; i < VOCAB; i++)
        largest = fmax(largest, fabs((double)logits[i] - expected[i]));
    return largest;
}

struct pair {
    struct golden *golden;
    struct ls_reference *reference;
    float ours[VOCAB], theirs[VOCAB]; /* logits of the token that ran last */
};

static void run(struct host_test *t, struct pair *p, uint32_t pos, uint32_t token) {
    struct ls_error err = {""};
    CHECK(t, golden_run(p->golden, 0, 0, pos, token, true, &err) == 0, "%s", err.text);
    const float *theirs = ls_reference_step(p->reference, 0, pos, token, &err);
    CHECK(t, theirs != NULL, "%s", err.text);
    if (t->failures > 0)
        exit(host_test_finish(t));
    memcpy(p->ours, golden_logits(p->golden, 0), sizeof p->ours);
    memcpy(p->theirs, theirs, sizeof p->theirs);
}

/* Greedily behind a story's first words, told to both witnesses. */
static void tell(struct host_test *t, struct pair *p, size_t story, struct ls_witness *all,
                 struct ls_witness *one) {
    uint32_t token = 0, value;
    const uint32_t count = stories[story].count;
    for (uint32_t pos = 0; pos < count + TOKENS - 1; pos++) {
        run(t, p, pos, pos < count ? stories[story].tokens[pos] : token);
        ls_witness_add(all, p->theirs, p->ours, VOCAB);
        ls_witness_add(one, p->theirs, p->ours, VOCAB);
        golden_top_k(golden_logits(p->golden, 0), VOCAB, 1, &token, &value);
    }
}

static void compare_expected(struct host_test *t, struct pair *p, const char *name, double limit) {
    char file[80];
    double expected[VOCAB] = {0};
    snprintf(file, sizeof file, "expected/stories260K%s.logits.txt", name);
    if (!host_shared_has(t, "logits of llama.cpp", file))
        return;
    read_logits(t, host_shared(file).text, expected);
    for (uint32_t pos = 0; pos < PROMPT; pos++)
        run(t, p, pos, prompt[pos]);
    const double difference = largest_difference(p->ours, expected);
    printf(" %.4f | %.4f |", difference, largest_difference(p->theirs, expected));
    CHECK(t, difference <= limit, "%s: %g", name, difference);
    /* Planted: the last logit is off. */
    expected[VOCAB - 1] += 2 * limit;
    CHECK(t, largest_difference(p->ours, expected) > limit, "a fault went unseen");
}

static void compare(struct host_test *t, size_t i) {
    char file[80];
    struct ls_model *model;
    struct pair p = {.golden = NULL};
    struct ls_error err = {""};
    snprintf(file, sizeof file, "models/stories260K%s.gguf", files[i].name);
    if (!host_shared_has(t, "models of others", file))
        return;
    if (ls_model_open(host_shared(file).text, &model, &err) != 0 || model->vocab != VOCAB ||
        golden_open(model, 16, 1, 1, STORY_MAX + TOKENS, &p.golden, &err) != 0 ||
        ls_reference_open(model, 1, STORY_MAX + TOKENS, &p.reference, &err) != 0) {
        CHECK(t, false, "%s: %s", file, err.text);
        exit(host_test_finish(t));
    }
    struct ls_witness w = {0};
    double worst = 0;
    uint32_t tokens = 0;
    for (size_t story = 0; story < STORIES; story++) {
        struct ls_witness one = {0};
        tell(t, &p, story, &w, &one);
        worst = fmax(worst, ls_witness_kl_mean(&one));
        tokens += stories[story].count + TOKENS - 1;
    }
    printf("| stories260K%s | %.1e | %.1e | %.1e | %.2f %% | %.4f |", files[i].name,
           ls_witness_kl_mean(&w), worst, w.kl_max, 100 * ls_witness_top1_agreement(&w),
           w.max_abs_logit_error);
    CHECK(t, w.tokens == tokens && ls_witness_kl_mean(&w) < kl_of_all && worst < kl_of_one,
          "%s: KL %g, of one story %g", file, ls_witness_kl_mean(&w), worst);
    CHECK(t, w.max_abs_logit_error < near_reference, "%s: %g", file, w.max_abs_logit_error);
    if (files[i].logits != 0)
        compare_expected(t, &p, files[i].name, files[i].logits);
    else
        printf(" | |");
    putchar('\n');
    ls_reference_close(p.reference);
    golden_close(p.golden);
    ls_model_close(model);
}

int main(void) {
    struct host_test t = {"expected", 0, 0};
    puts(
        "| file | mean KL, nats | of one story, at most | of a token, at most | same most likely "
        "token | "
        "largest logit error | golden model to llama.cpp | reference to llama.cpp |\n| --- | --- | "
        "--- | --- | --- | --- | --- | --- |");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        compare(&t, i);
    return host_test_finish(&t);
}
