/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `lockstep sim` on trained models: what they write, no differing word, how near the float
 * reference is; and that nothing of that depends on the configuration, the weight memory's timing,
 * the way the weights are loaded, the slots of a pass or the company of another sequence.
 */
#include "tests/kit/child.h"
#include "tests/kit/host_test.h"

#define MODEL HOST_MODEL("Q4_0")

#define PROMPT "Once upon a time"
#define OTHER  "Tom had a red ball. He wanted to"

static const char *const configs[] = {"default", "small", "single"};

static bool passed(const struct child *c) {
    return c->status == 0 && strcmp(child_string(c, "verdict"), "PASS") == 0 &&
           child_number(c, "lockstep.mismatches") == 0 && child_number(c, "lockstep.words") > 0;
}

static bool same_tokens(const cJSON *a, const cJSON *b) {
    return a != NULL && b != NULL && cJSON_GetArraySize(a) > 0 && cJSON_Compare(a, b, true);
}

static bool same_run(const struct child *a, const struct child *b) {
    return same_tokens(child_item(a, "generated_tokens"), child_item(b, "generated_tokens")) &&
           child_number(a, "lockstep.words") == child_number(b, "lockstep.words");
}

/* A story of 64 tokens, exactly so in all but Q4_0, which rounds too much to be the same one. */
static void test_story(struct host_test *t, const char *file, const char *story) {
    struct child c;
    SIM(&c, "default", file, "-p", PROMPT, "-n", "64");
    CHECK(t, passed(&c), "%s: exit %d: %s", file, c.status, c.err);
    CHECK(t, cJSON_GetArraySize(child_item(&c, "generated_tokens")) == 64, "%s", file);
    CHECK(t,
          strstr(file, "Q4_0") != NULL ||
              strncmp(child_string(&c, "text"), story, strlen(story)) == 0,
          "%s writes %s", file, child_string(&c, "text"));
    CHECK(t, strstr(c.out, child_string(&c, "text")) != NULL, "stdout: %s", c.out);
    CHECK(t, child_number(&c, "reference.tokens") >= 64, "%g tokens",
          child_number(&c, "reference.tokens"));
    CHECK(t, child_number(&c, "reference.kl_mean") < 1e-6, "%s: KL %g", file,
          child_number(&c, "reference.kl_mean"));
    CHECK(t, child_number(&c, "reference.top1_agreement") >= 0.998, "%s: top-1 %g", file,
          child_number(&c, "reference.top1_agreement"));
    child_close(&c);
}

static void test_models(struct host_test *t) {
    static const char *const shipped[] = {HOST_MODEL("F32"), HOST_MODEL("F16"), HOST_MODEL("Q8_0"),
                                          HOST_MODEL("Q4_0")};
    static const char *const theirs[] = {"models/stories260K.gguf", "models/stories260K-F16.gguf",
                                         "models/stories260K-Q8_0.gguf",
                                         "models/stories260K-Q4_0.gguf"};
    for (int i = 0; i < 4; i++)
        test_story(t, shipped[i], HOST_STORY);
    if (host_shared_has(t, "stories260K", theirs[0]))
        for (int i = 0; i < 4; i++)
            test_story(t, host_shared(theirs[i]).text, HOST_SHARED_STORY);
}

static void test_configurations(struct host_test *t, const char *model, struct child *first) {
    SIM(first, "default", model, "-p", PROMPT, "-n", "24");
    CHECK(t, passed(first), "%s", first->err);
    for (int i = 1; i < 3; i++) {
        struct child c;
        SIM(&c, configs[i], model, "-p", PROMPT, "-n", "24");
        CHECK(t, passed(&c) && same_run(&c, first), "%s: exit %d: %s", configs[i], c.status, c.err);
        CHECK(t, child_number(&c, "config.lanes") != child_number(first, "config.lanes"),
              "%s is another device", configs[i]);
        child_close(&c);
    }
}

static void test_memory(struct host_test *t, const char *model, const struct child *first) {
    static const char *const timing[5][3] = {{"1", "0", "0"},
                                             {"40", "200", "0"},
                                             {"7", "30", "128"},
                                             {"300", "50", "32"},
                                             {"2", "5", "200"}};
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 2; k++) {
            struct child c;
            char seed[2] = {(char)('1' + i), '\0'};
            SIM(&c, configs[k], model, "-p", PROMPT, "-n", "24", "--seed", seed, "--latency",
                timing[i][0], "--jitter", timing[i][1], "--gaps", timing[i][2], "--no-reference");
            CHECK(t, passed(&c) && same_run(&c, first), "%s, seed %s: exit %d: %s", configs[k],
                  seed, c.status, c.err);
            child_close(&c);
        }
    for (int k = 0; k < 2; k++) {
        struct child c;
        SIM(&c, configs[k], model, "-p", PROMPT, "-n", "24", "--front-door");
        CHECK(t, passed(&c) && same_run(&c, first), "%s, front door: exit %d: %s", configs[k],
              c.status, c.err);
        child_close(&c);
    }
}

static void test_prefill(struct host_test *t, const char *model) {
    static const char *const slots[] = {"1", "2", "4"};
    struct child c[3];
    for (int i = 0; i < 3; i++) {
        SIM(&c[i], "default", model, "-p", "Once upon a time, there was a little girl named Lily.",
            "-n", "8", "--slots", slots[i]);
        CHECK(t, passed(&c[i]) && same_run(&c[i], &c[0]), "%s slots: exit %d: %s", slots[i],
              c[i].status, c[i].err);
        CHECK(t,
              i == 0 || child_number(&c[i], "device.prefill_cycles") <
                            child_number(&c[i - 1], "device.prefill_cycles"),
              "%s slots take %g cycles of prefill", slots[i],
              child_number(&c[i], "device.prefill_cycles"));
        CHECK(t,
              i == 0 || child_number(&c[i], "device.weight_bytes") <
                            child_number(&c[i - 1], "device.weight_bytes"),
              "%s slots read %g bytes", slots[i], child_number(&c[i], "device.weight_bytes"));
    }
    for (int i = 0; i < 3; i++)
        child_close(&c[i]);
}

static void test_interleaved(struct host_test *t, const char *model) {
    for (int k = 0; k < 3; k++) {
        const char *const prompts[] = {PROMPT, OTHER};
        struct child both, alone;
        SIM(&both, configs[k], model, "-p", PROMPT, "-p", OTHER, "-n", "20");
        CHECK(t, passed(&both), "exit %d: %s", both.status, both.err);
        for (int i = 0; i < 2; i++) {
            const cJSON *sequence = cJSON_GetArrayItem(child_item(&both, "sequences"), i);
            SIM(&alone, configs[k], model, "-p", prompts[i], "-n", "20");
            CHECK(t,
                  passed(&alone) && same_tokens(child_item(&alone, "generated_tokens"),
                                                cJSON_GetObjectItem(sequence, "generated_tokens")),
                  "%s: '%s' is continued in another way beside another prompt", configs[k],
                  prompts[i]);
            child_close(&alone);
        }
        child_close(&both);
    }
}

static void test_sampling(struct host_test *t, const char *model, const struct child *first) {
    struct child a, b, c;
    SIM(&a, "default", model, "-p", PROMPT, "-n", "24", "--temp", "0.8", "--seed", "7");
    SIM(&b, "small", model, "-p", PROMPT, "-n", "24", "--temp", "0.8", "--seed", "7");
    SIM(&c, "default", model, "-p", PROMPT, "-n", "24", "--temp", "0.8", "--seed", "8");
    CHECK(t, passed(&a) && passed(&b) && passed(&c), "%s%s%s", a.err, b.err, c.err);
    CHECK(t, same_run(&a, &b), "the same seed writes%sand%s", a.out, b.out);
    CHECK(t, !same_run(&a, &c), "another seed writes the same%s", a.out);
    child_close(&a);
    child_close(&b);
    child_close(&c);

    SIM(&a, "default", model, "-p", PROMPT, "-n", "24", "--repeat-penalty", "3");
    SIM(&b, "small", model, "-p", PROMPT, "-n", "24", "--repeat-penalty", "3");
    SIM(&c, "default", model, "-p", PROMPT, "-n", "24", "--repeat-penalty", "3", "--backend",
        "golden");
    CHECK(t, passed(&a) && passed(&b) && same_run(&a, &b), "%s%s", a.err, b.err);
    CHECK(t,
          c.status == 0 &&
              same_tokens(child_item(&a, "generated_tokens"), child_item(&c, "generated_tokens")),
          "the golden model alone writes%s", c.out);
    CHECK(t,
          !same_tokens(child_item(&a, "generated_tokens"), child_item(first, "generated_tokens")),
          "the penalty changes nothing:%s", a.out);
    child_close(&a);
    child_close(&b);
    child_close(&c);
}

static void test_backends(struct host_test *t, const char *model, const struct child *first) {
    static const char *const backends[] = {"golden", "float", "golden"};
    for (int i = 0; i < 3; i++) {
        struct child c;
        SIM(&c, "default", model, "-p", PROMPT, "-n", "24", "--backend", backends[i],
            i == 2 ? "--threads=3" : "--context=64");
        CHECK(t,
              c.status == 0 && same_tokens(child_item(&c, "generated_tokens"),
                                           child_item(first, "generated_tokens")),
              "%s: exit %d: %s", backends[i], c.status, c.err);
        child_close(&c);
    }
}

/* A copy of the model whose end-of-generation token is one that it is about to write. */
static void test_end(struct host_test *t, const char *model, const struct child *first) {
    static const char key[] = "tokenizer.ggml.eos_token_id";
    const char *path = "build/tests/sim/end.gguf";
    const cJSON *tokens = child_item(first, "generated_tokens");
    const int token = (int)cJSON_GetNumberValue(cJSON_GetArrayItem(tokens, 9));
    int at = 0;
    size_t size;
    char *bytes = host_read(model, &size);
    char *found = memmem(bytes, size, key, sizeof key - 1);
    FILE *file = fopen(path, "wb");
    while ((int)cJSON_GetNumberValue(cJSON_GetArrayItem(tokens, at)) != token)
        at++;
    CHECK(t, found != NULL && file != NULL, "%s lacks %s, or %s cannot be written", model, key,
          path);
    if (found == NULL || file == NULL)
        return;
    memcpy(found + sizeof key - 1 + 4, &token, 4);
    CHECK(t, fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "%s", path);
    for (int k = 0; k < 2; k++) {
        static const char *const temperature[] = {"0", "0.00001"}; /* the device, the firmware */
        struct child c;
        SIM(&c, "small", path, "-p", PROMPT, "-n", "24", "--temp", temperature[k]);
        const cJSON *ended = child_item(&c, "generated_tokens");
        CHECK(t, passed(&c) && cJSON_GetArraySize(ended) == at + 1, "exit %d, %d tokens: %s",
              c.status, cJSON_GetArraySize(ended), c.err);
        CHECK(t, (int)cJSON_GetNumberValue(cJSON_GetArrayItem(ended, at)) == token,
              "the end is not among the tokens");
        child_close(&c);
    }
    free(bytes);
    unlink(path);
}

int main(void) {
    struct host_test t = {"sim", 0, 0};
    host_folder(&t);
    struct child first;
    test_configurations(&t, MODEL, &first);
    test_models(&t);
    test_memory(&t, MODEL, &first);
    test_prefill(&t, MODEL);
    test_interleaved(&t, MODEL);
    test_sampling(&t, MODEL, &first);
    test_backends(&t, MODEL, &first);
    test_end(&t, MODEL, &first);
    child_close(&first);
    return host_test_finish(&t);
}
