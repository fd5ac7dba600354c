/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Numbers that end a run in the experts of some slots, several at a time, planted at random: device
 * and golden model stop at the same op behind equal words, whichever slot comes to its error first
 * in the order of the experts; what nobody chose ends no run.
 */
#include <math.h>

#include "tests/kit/odd_models.h"

#define ODD "build/tests/expert_errors/odd.gguf"

enum { RUNS = 20 };

struct outcomes {
    unsigned passed, within, later; /* stopped in an expert; that of a sequence behind the first */
};

static const char *const families[] = {"llama", "qwen2moe", "qwen3moe"};
static const enum role roles[] = {ROLE_FFN_GATE_EXPS, ROLE_FFN_UP_EXPS, ROLE_FFN_DOWN_EXPS};

/* An element that is no number, or a row whose results exceed what a matrix's input, or SWIGLU's or
 * the sum's range, may hold. */
static void plant(struct odd_file *f, uint64_t *random) {
    const struct ls_model *m = f->model;
    const uint32_t layer = random_below(random, m->layers);
    const struct gguf_tensor *t = m->layer[layer].tensor[roles[random_below(random, 3)]];
    const uint64_t row = random_below(random, (uint32_t)(t->ne[1] * t->ne[2]));
    static const float values[] = {NAN, INFINITY, 0x1p17f, 0x1p60f, 3e38f};
    const uint32_t kind = random_below(random, 5);
    const uint32_t at = random_below(random, (uint32_t)t->ne[0]);
    char *to = odd_row(f, t, row);
    for (uint32_t i = 0; i < t->ne[0]; i++)
        if (kind >= 2 || i == at)
            memcpy(to + 4 * (size_t)i, &values[kind], 4);
}

/* All of the sequences begin with tokens of their own. */
static void run(struct host_test *t, const char *what, const char *config, unsigned sequences,
                struct outcomes *count) {
    static const char *const prompts[] = {"the thin", "a cat", "once", "zebra tale"};
    const char *args[CHILD_ARGS] = {ODD, "-n", "3", "--no-reference"};
    struct child c;
    for (unsigned n = 4, i = 0; i < sequences; i++) {
        args[n++] = "-p";
        args[n++] = prompts[i];
    }
    child_sim(&c, config, args);
    const int status = c.status;
    const char *message = child_string(&c, "message");
    CHECK(t, status == 0 || status == 3, "%s, %u sequences on %s: exit %d: %s%s", what, sequences,
          config, status, message, c.err);
    CHECK(t, status == 0 || strstr(message, "the golden model meets it too: ") != NULL,
          "%s, %u sequences on %s: %s", what, sequences, config, message);
    /* What an expert makes of a row that is large may be too large for another op. */
    const bool within = strstr(message, "_exps.weight") != NULL;
    CHECK(t, !within || strstr(message, ", expert ") != NULL, "%s: no expert is named: %s", what,
          message);
    count->passed += status == 0;
    count->within += within;
    count->later += within && strstr(message, "too: sequence 0,") == NULL;
    child_close(&c);
}

int main(void) {
    struct host_test t = {"expert_errors", 0, 0};
    uint64_t random = 5;
    struct outcomes count = {0};
    host_folder(&t);
    for (unsigned i = 0; i < RUNS; i++) {
        char what[40];
        odd_make(ODD, "F32", "--arch", families[i % 3], "--experts", "8");
        struct odd_file f = odd_open(ODD);
        const uint32_t faults = 1 + random_below(&random, 3);
        for (uint32_t k = 0; k < faults; k++)
            plant(&f, &random);
        odd_write(&f, ODD);
        odd_close(&f);
        snprintf(what, sizeof what, "run %u, %s, %u faults", i, families[i % 3], faults);
        run(&t, what, "small", 2, &count);
        run(&t, what, "default", 4, &count);
    }
    CHECK(&t, count.passed > 0 && count.within > count.later && count.later > 0,
          "%u runs passed, %u stopped in an expert, %u of a later sequence", count.passed,
          count.within, count.later);
    unlink(ODD);
    return host_test_finish(&t);
}
