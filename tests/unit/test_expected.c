/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model's logits behind a prompt against those that llama.cpp computes for the same
 * file, which ../shared/expected lists. On a quantised file llama.cpp rounds activations to 8 bits,
 * so that the limit is wider: in Q4_K blocks of 256 of them share a scale, and minima multiply
 * their sums.
 */
#include <math.h>
#include <string.h>

#include "csrc/golden/golden.h"
#include "tests/kit/host_test.h"

static const uint32_t prompt[] = {1,   403, 407, 261, 378, 432, 383,
                                  286, 261, 376, 298, 315, 421, 395};
enum { PROMPT = sizeof prompt / sizeof *prompt, VOCAB = 512 };

static const struct {
    const char *name;
    double limit; /* of a logit's difference */
} files[] = {
    {"stories260K", 0.05},
    {"stories260K-F16", 0.05},
    {"stories260K-as-qwen2-f32", 0.05},
    {"stories260K-Q8_0", 0.3},
    {"stories260K-Q4_0", 0.3},
    {"stories260K-pad256-Q8_0", 0.3},
    {"stories260K-pad256-Q6_K", 0.3},
    {"stories260K-pad256-Q4_K_M", 0.4},
};

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

static double largest_difference(const float *logits, const double *expected, uint32_t count) {
    double largest = 0;
    for (uint32_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)logits[i] - expected[i]));
    return largest;
}

static void compare(struct host_test *t, const char *name, double limit) {
    char file[80];
    double expected[VOCAB] = {0};
    struct ls_model *model;
    struct golden *golden;
    struct ls_error err = {""};
    snprintf(file, sizeof file, "expected/%s.logits.txt", name);
    read_logits(t, host_shared(file).text, expected);
    snprintf(file, sizeof file, "models/%s.gguf", name);
    if (ls_model_open(host_shared(file).text, &model, &err) != 0) {
        CHECK(t, false, "%s", err.text);
        return;
    }
    CHECK(t, golden_open(model, 16, 1, 1, PROMPT, &golden, &err) == 0, "%s", err.text);
    for (uint32_t pos = 0; golden != NULL && pos < PROMPT; pos++)
        CHECK(t, golden_run(golden, 0, 0, pos, prompt[pos], true, &err) == 0, "%s", err.text);
    if (golden != NULL && t->failures == 0 && model->vocab == VOCAB) {
        float logits[VOCAB];
        memcpy(logits, golden_logits(golden, 0), sizeof logits);
        const double difference = largest_difference(logits, expected, VOCAB);
        printf("%s: largest difference of a logit %.4f\n", name, difference);
        CHECK(t, difference <= limit, "%s: %g", name, difference);
        /* Planted: the last logit is off. */
        expected[VOCAB - 1] += 2 * limit;
        CHECK(t, largest_difference(logits, expected, VOCAB) > limit, "a fault went unseen");
    }
    golden_close(golden);
    ls_model_close(model);
}

int main(void) {
    struct host_test t = {"expected", 0, 0};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char file[80];
        snprintf(file, sizeof file, "expected/%s.logits.txt", files[i].name);
        if (host_shared_has(&t, "logits of llama.cpp", file))
            compare(&t, files[i].name, files[i].limit);
    }
    return host_test_finish(&t);
}
