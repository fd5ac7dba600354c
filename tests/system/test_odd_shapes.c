/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Heads of sizes and groups that few models have, and rotary parts of any of their sizes: each
 * runs, every word and cycle checked, on a device of four and on one of eight vector lanes, or is
 * refused for its size.
 */
#include "tests/kit/odd_models.h"

#define ODD "build/tests/odd_shapes/odd.gguf"

static const char *const configs[] = {"small", "default"}; /* of 4 and of 8 vector lanes */

static void make(const char *arch, unsigned heads, unsigned kv_heads, unsigned size,
                 unsigned rotary) {
    char text[4][16];
    snprintf(text[0], sizeof text[0], "%u", heads);
    snprintf(text[1], sizeof text[1], "%u", kv_heads);
    snprintf(text[2], sizeof text[2], "%u", size);
    snprintf(text[3], sizeof text[3], "%u", rotary);
    const char *const args[] = {"make",      ODD,     "--arch",     arch,    "--layers",    "1",
                                "--heads",   text[0], "--kv-heads", text[1], "--head-size", text[2],
                                "--vocab",   "260",   "--dim",      "32",    "--hidden",    "32",
                                "--context", "16",    "--rotary",   text[3], NULL};
    odd_gguf(args);
}

/* says: NULL if it runs; leads: what else the refusal says. */
static void check(struct host_test *t, const char *config, const char *what, unsigned number,
                  const char *says, const char *leads) {
    struct child c;
    child_sim(&c, config, (const char *const[]){ODD, "-p", "a b", "-n", "3", NULL});
    if (says == NULL)
        CHECK(t, c.status == 0 && child_number(&c, "lockstep.words") > 0,
              "%s %u on %s: exit %d: %s", what, number, config, c.status, c.err);
    else
        CHECK(t,
              c.status == 2 && child_lines(c.err) == 1 && strstr(c.err, says) != NULL &&
                  strstr(c.err, leads) != NULL,
              "%s %u on %s: exit %d, '%s' and '%s' are not in: %s", what, number, config, c.status,
              says, leads, c.err);
    child_close(&c);
}

static void test_size(struct host_test *t, const char *arch, unsigned size, unsigned rotary) {
    const char *says = size > LOCKSTEP_RESET_HEAD_DIM_MAX
                           ? "elements of a head: the model needs 512, this device has 256"
                           : NULL;
    const bool grouped = strcmp(arch, "gptneox") != 0 && strcmp(arch, "gpt2") != 0;
    make(arch, 2, grouped ? 1 : 2, size, rotary);
    for (unsigned k = 0; k < 2; k++)
        check(t, configs[k], arch, size, says, "no configuration of this device can hold it");
}

static void test_sizes(struct host_test *t) {
    static const unsigned sizes[] = {2, 4, 6, 12, 22, 40, 80, 96, 112, 120, 192, 256, 512};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        test_size(t, "llama", sizes[i], sizes[i]);
        test_size(t, "qwen3", sizes[i], sizes[i]);
    }
    static const struct {
        const char *arch;
        unsigned size, rotary;
    } parts[] = {
        {"gptneox", 80, 20},   /* Pythia 2.8B */
        {"stablelm", 80, 20},  /* StableLM 3B */
        {"stablelm", 160, 40}, /* StableLM 2 12B, with norms of heads */
        {"phi2", 80, 32},      /* Phi-2 */
        {"gptneox", 96, 24},   /* GPT-NeoX 20B */
        {"gptneox", 12, 2},    {"stablelm", 22, 6}, {"phi2", 40, 10},
        {"llama", 40, 10},     {"olmo2", 22, 22},   {"gpt2", 33, 2},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        test_size(t, parts[i].arch, parts[i].size, parts[i].rotary);
}

static void test_groups(struct host_test *t) {
    static const unsigned groups[][2] = {{7, 1}, {5, 5}, {9, 3}, {14, 2}, {15, 5}};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        make("qwen2", groups[i][0], groups[i][1], 16, 16);
        for (unsigned k = 0; k < 2; k++)
            check(t, configs[k], "heads:", groups[i][0], NULL, "");
    }
    make("llama", 256, 256, 8, 8);
    check(t, "small", "heads:", 256, "heads: the model needs 256, this device has 255",
          "no configuration of this device can hold it");
}

int main(void) {
    struct host_test t = {"odd_shapes", 0, 0};
    host_folder(&t);
    test_sizes(&t);
    test_groups(&t);
    unlink(ODD);
    return host_test_finish(&t);
}
