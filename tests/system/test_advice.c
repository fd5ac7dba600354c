/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A model that does not fit the device is refused with the limit, both sizes and the way out, and
 * the way leads there: the configuration that is named runs it. Where none would do, the
 * parameters that would are named, or that nothing helps.
 */
#include "tests/kit/odd_models.h"

#define ODD "build/tests/advice/odd.gguf"

/* Runs the model on `config` with these arguments, which must end with status 2 and all of `says`.
 * If `leads` is not NULL, the same on that configuration passes. */
static void check_advice(struct host_test *t, const char *config, const char *leads,
                         const char *says, const char *const *args) {
    struct child c;
    char parts[240], *rest = NULL;
    child_sim(&c, config, args);
    CHECK(t, c.status == 2 && child_lines(c.err) == 1, "%s: exit %d: %s", says, c.status, c.err);
    snprintf(parts, sizeof parts, "%s", says);
    for (char *p = strtok_r(parts, "|", &rest); p != NULL; p = strtok_r(NULL, "|", &rest))
        CHECK(t, strstr(c.err, p) != NULL, "'%s' is not in: %s", p, c.err);
    if (leads != NULL) {
        snprintf(parts, sizeof parts, "CONFIG=%s holds it", leads);
        CHECK(t, strstr(c.err, parts) != NULL, "'%s' is not in: %s", parts, c.err);
    } else {
        CHECK(t, strstr(c.err, "CONFIG=") == NULL, "%s", c.err);
    }
    child_close(&c);
    if (leads == NULL)
        return;
    child_sim(&c, leads, args);
    CHECK(t, c.status == 0, "%s on %s: exit %d: %s", says, leads, c.status, c.err);
    child_close(&c);
}

#define ADVICE(t, config, leads, says, ...)                                                        \
    check_advice(t, config, leads, says, (const char *const[]){ODD, __VA_ARGS__, NULL})
#define MAKE(...) odd_make_list(ODD, "Q8_0", (const char *const[]){__VA_ARGS__, NULL})

int main(void) {
    struct host_test t = {"advice", 0, 0};
    host_folder(&t);

    /* Larger ones do: vectors, tensors, K and V, positions. */
    MAKE("--dim", "512", "--hidden", "2048", "--layers", "1");
    ADVICE(&t, "small", "default", "vector SRAM|4096", "-p", "a", "-n", "1");
    MAKE("--layers", "30", "--dim", "32");
    ADVICE(&t, "small", "default", "tensors in the descriptor table|273|256", "-p", "a", "-n", "1");
    MAKE("--context", "4096", "--layers", "4");
    ADVICE(&t, "small", "default", "KV SRAM|32768|fewer tokens", "-p", "a", "-n", "2", "-p", "b",
           "-p", "b", "--context", "1000");
    ADVICE(&t, "small", "default", "positions|2000|1024", "-p", "a", "-n", "2", "--context",
           "2000");

    /* None does; parameters would. */
    MAKE("--context", "4096");
    ADVICE(&t, "small", NULL,
           "sequences|5|none of scripts/configs.mk|like default would with SEQS=5", "-p", "a", "-p",
           "a", "-p", "a", "-p", "a", "-p", "a", "-n", "1");
    ADVICE(&t, "default", NULL, "sequences|like default would with KV_WORDS=163840 SEQS=5", "-p",
           "a", "-p", "a", "-p", "a", "-p", "a", "-p", "a", "-n", "1", "--context", "4096");
    MAKE("--dim", "48", "--context", "16384");
    ADVICE(&t, "small", NULL, "positions|would with|CONTEXT_MAX=9000", "-p", "a", "-n", "1",
           "--context", "9000");
    MAKE("--hidden", "32768", "--dim", "32", "--layers", "1");
    ADVICE(&t, "single", NULL, "widest vector|16384|would with VEC_WORDS=65", "-p", "a", "-n", "1");

    /* Nothing does. */
    MAKE("--layers", "256", "--dim", "32");
    ADVICE(&t, "default", NULL, "tensors|no configuration of this device can", "-p", "a", "-n",
           "1");
    unlink(ODD);
    return host_test_finish(&t);
}
