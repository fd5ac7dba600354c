/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * How a run ends and what it says of it: why each sequence has no more tokens, in report, table and
 * text; a planted fault of which nothing came, for every kind of fault; faults and limits that
 * could not act, which are refused.
 */
#include "csrc/gguf/gguf.h"
#include "sim/run/sim_options.h"
#include "tests/kit/child.h"
#include "tests/kit/host_test.h"

#define FOLDER "build/tests/sim_end/"
#define MODEL  FOLDER "tiny.gguf"
#define STORY  "models/stories-600K-Q8_0.gguf"

enum { CONTEXT = 12, VOCAB = 301 };

/* Rows of 18 bytes, an odd number of them, so that tensors end within a beat; the output matrix is
 * its own tensor, so that rows of token_embd are read for their tokens alone. */
static void make_model(struct host_test *t) {
    struct child c;
    const char *const args[] = {"make",       MODEL,      "--dim",   "32",      "--hidden",
                                "64",         "--layers", "1",       "--heads", "4",
                                "--kv-heads", "4",        "--vocab", "301",     "--context",
                                "12",         "--type",   "q4_0",    NULL};
    child_start(&c, "build/gguf", args, false);
    child_wait(&c);
    CHECK(t, c.status == 0, "gguf make: %s", c.err);
    child_close(&c);
}

static void check_run(struct host_test *t, const struct child *c, const char *what, int status,
                      const char *verdict) {
    CHECK(t, c->status == status, "%s: exit %d: %s", what, c->status, c->err);
    CHECK(t, strcmp(child_string(c, "verdict"), verdict) == 0, "%s: verdict %s", what,
          child_string(c, "verdict"));
}

/* ---- why there are no more tokens ---- */

static void check_end(struct host_test *t, const struct child *c, const char *what,
                      const char *reason, const char *table) {
    CHECK(t, strcmp(child_string(c, "stop_reason"), reason) == 0, "%s: stop_reason %s", what,
          child_string(c, "stop_reason"));
    const char *line = strstr(c->err, "\n  ended by    ");
    CHECK(t, line != NULL && strncmp(line + 15, table, strlen(table)) == 0, "%s: %s", what, c->err);
}

static void test_ends(struct host_test *t) {
    static const char *const backends[] = {"rtl", "golden", "float"};
    struct child c;
    for (int i = 0; i < 3; i++) {
        SIM(&c, "small", MODEL, "-p", "a", "-n", "4", "--backend", backends[i]);
        check_run(t, &c, backends[i], 0, "PASS");
        check_end(t, &c, backends[i], "budget", "number of tokens asked for\n");
        CHECK(t, strstr(c.err, "is full") == NULL, "%s", c.err);
        child_close(&c);

        SIM(&c, "small", MODEL, "-p", "a", "-n", "50", "--backend", backends[i]);
        check_run(t, &c, backends[i], 0, "PASS");
        check_end(t, &c, backends[i], "context_full", "full context\n");
        CHECK(t, strstr(c.err, "of 50 tokens: the context of 12 positions is full") != NULL, "%s",
              c.err);
        const int all = cJSON_GetArraySize(child_item(&c, "prompt_tokens")) +
                        cJSON_GetArraySize(child_item(&c, "generated_tokens"));
        CHECK(t, all == CONTEXT + 1, "%s: %d tokens", backends[i], all);
        child_close(&c);

        if (i == 0)
            continue;
        SIM(&c, "small", STORY, "-p", "Once upon a time", "-n", "240", "--backend", backends[i]);
        check_run(t, &c, backends[i], 0, "PASS");
        check_end(t, &c, backends[i], "end_of_generation", "end of generation\n");
        child_close(&c);
    }
    SIM(&c, "small", MODEL, "-p", "a", "-n", "50", "--context", "6");
    check_end(t, &c, "--context", "context_full", "full context\n");
    CHECK(t, strstr(c.err, "positions is full; raise --context") != NULL, "%s", c.err);
    child_close(&c);
}

static void test_sequences(struct host_test *t) {
    struct child c;
    SIM(&c, "small", MODEL, "-p", "abcdefgh", "-p", "a", "-n", "6");
    check_run(t, &c, "two", 0, "PASS");
    check_end(t, &c, "two", "context_full", "[0] full context, [1] number of tokens asked for\n");
    const cJSON *second = cJSON_GetArrayItem(child_item(&c, "sequences"), 1);
    const cJSON *reason = cJSON_GetObjectItem(second, "stop_reason");
    CHECK(t, cJSON_IsString(reason) && strcmp(reason->valuestring, "budget") == 0,
          "the second one");
    child_close(&c);
}

static void test_broken_off(struct host_test *t) {
    struct child c;
    SIM(&c, "small", MODEL, "-p", "a", "-n", "8", "--cycle-limit", "5000");
    check_run(t, &c, "--cycle-limit", 3, "DEVICE_ERROR");
    check_end(t, &c, "--cycle-limit", "cycle_limit", "limit of cycles\n");
    CHECK(t, strstr(c.err, "5000 cycles; raise --cycle-limit") != NULL, "%s", c.err);
    child_close(&c);

    setenv("LOCKSTEP_PLUSARGS", "+fault_hang", 1);
    SIM(&c, "faults/seen-trace", MODEL, "-p", "a", "-n", "8");
    unsetenv("LOCKSTEP_PLUSARGS");
    check_run(t, &c, "+fault_hang", 3, "DEVICE_ERROR");
    check_end(t, &c, "+fault_hang", "device_error", "error of the device\n");
    CHECK(t,
          strstr(c.err, "the device hangs: no op, commit, beat or register access since cycle ") !=
              NULL,
          "%s", c.err);
    child_close(&c);

    SIM(&c, "small", MODEL, "-p", "a", "-n", "8", "--token-rate", "1", "--cycle-limit", "200000");
    check_run(t, &c, "--token-rate", 3, "DEVICE_ERROR");
    check_end(t, &c, "--token-rate", "cycle_limit", "limit of cycles\n");
    CHECK(t, strstr(c.err, "lockstep: --token-rate 1: a token every 500000000 cycles") != NULL,
          "%s", c.err);
    CHECK(t, strstr(c.err, "cycles: --token-rate makes it wait") != NULL, "%s", c.err);
    child_close(&c);

    SIM(&c, "small", MODEL, "-p", "a", "-n", "8", "--flip-kv", "0:14");
    check_run(t, &c, "--flip-kv", 1, "DIFFERENCE");
    check_end(t, &c, "--flip-kv", "difference", "difference\n");
    child_close(&c);

    SIM(&c, "small-trace", MODEL, "-p", "a", "-n", "8", "--trace", FOLDER "end.fst", "--cycles",
        "3000:4000");
    check_run(t, &c, "--cycles", 0, "STOPPED");
    check_end(t, &c, "--cycles", "window", "end of what is traced\n");
    child_close(&c);
    unlink(FOLDER "end.fst");

    const char *const args[] = {"sim", STORY, "-p", "Once", "-n", "250", NULL};
    int waits = 0;
    child_start(&c, "build/small/lockstep", args, true);
    while (lseek(c.out_fd, 0, SEEK_END) == 0 && waits++ < 60000)
        usleep(1000);
    kill(c.pid, SIGINT);
    child_wait(&c);
    check_run(t, &c, "SIGINT", 130, "INTERRUPTED");
    check_end(t, &c, "SIGINT", "interrupted", "interrupt\n");
    child_close(&c);
}

/* ---- faults ---- */

struct places {
    uint64_t header, size;   /* a byte that is no tensor's; behind the file */
    uint64_t unread, padded; /* in a row of no token of the run; between tensors, but in a beat */
    uint64_t read;           /* a weight of which much comes */
};

static struct places find_places(struct host_test *t) {
    struct places p = {0};
    struct gguf *g;
    struct ls_error err = {""};
    CHECK(t, gguf_open(MODEL, &g, &err) == 0, "%s", err.text);
    const struct gguf_tensor *embd = gguf_find_tensor(g, "token_embd.weight");
    const struct gguf_tensor *output = gguf_find_tensor(g, "output.weight");
    CHECK(t, embd != NULL && output != NULL && output->size % 16 != 0, "another model");
    p.size = g->size;
    p.unread = embd->offset + 5 * (embd->size / VOCAB) + 9; /* of byte 2 */
    p.padded = output->offset + output->size;
    p.read = output->offset + 3;
    bool last = true;
    for (uint64_t i = 0; i < g->tensor_count; i++)
        last &= g->tensors[i].offset <= output->offset;
    CHECK(t, !last, "no tensor behind the output matrix");
    gguf_close(g);
    return p;
}

static void check_inert(struct host_test *t, const char *option, const char *value,
                        const char *tokens, const char *says) {
    struct child c;
    char what[64];
    snprintf(what, sizeof what, "--%s=%s", option, value);
    SIM(&c, "small", MODEL, "-p", "a", "-n", tokens, "--no-reference", what);
    check_run(t, &c, what, 2, "INERT");
    CHECK(t, strstr(child_string(&c, "message"), option) != NULL, "%s: %s", what,
          child_string(&c, "message"));
    CHECK(t, strstr(child_string(&c, "message"), says) != NULL, "%s: '%s' is not in %s", what, says,
          child_string(&c, "message"));
    CHECK(t, strstr(c.err, "\n  verdict     INERT: --") != NULL, "%s: %s", what, c.err);
    CHECK(t, child_number(&c, "lockstep.mismatches") == 0, "%s", what);
    child_close(&c);
}

/* The same fault where it acts: neither PASS nor INERT. */
static void check_acts(struct host_test *t, const char *option, const char *value, int status) {
    struct child c;
    char what[64];
    snprintf(what, sizeof what, "--%s=%s", option, value);
    SIM(&c, "small", MODEL, "-p", "a", "-n", "6", "--no-reference", what);
    check_run(t, &c, what, status, status == 1 ? "DIFFERENCE" : "DEVICE_ERROR");
    child_close(&c);
}

static void check_refused(struct host_test *t, const char *option, const char *value,
                          const char *says) {
    struct child c;
    char what[64];
    snprintf(what, sizeof what, "--%s=%s", option, value);
    SIM(&c, "small", MODEL, "-p", "a", "-n", "4", what);
    CHECK(t,
          c.status == 2 && child_lines(c.err) == 1 && *c.out == '\0' && c.report == NULL &&
              strstr(c.err, option) != NULL && strstr(c.err, says) != NULL,
          "%s: exit %d: %s", what, c.status, c.err);
    child_close(&c);
}

static void test_faults(struct host_test *t) {
    const struct places p = find_places(t);
    char value[64];
    unsigned kinds = 0;
    for (size_t i = 0; i < sizeof sim_option_rows / sizeof *sim_option_rows; i++) {
        const struct option_row *row = &sim_option_rows[i];
        const bool flips = row->kind == OPTION_U64_PAIR;
        if (row->group != SIM_FAULTS)
            continue;
        kinds++;
        if (strcmp(row->name, "miscount") == 0) { /* of every op, so it always acts */
            check_acts(t, row->name, "1", 1);
        } else if (strcmp(row->name, "flip-kv") == 0) {
            check_inert(t, row->name, "32767:3", "6", "never used that word");
            check_inert(t, row->name, "0:14", "1", "ended with its first token");
            check_acts(t, row->name, "0:14", 1);
            check_refused(t, row->name, "32768:3", "words 0 to 32767");
            check_refused(t, row->name, "3:517", "517");
        } else {
            const char *format = flips ? "%llu:4" : "%llu";
            snprintf(value, sizeof value, format, (unsigned long long)p.unread);
            check_inert(t, row->name, value, "6", "never read that byte");
            snprintf(value, sizeof value, format, (unsigned long long)p.read);
            check_acts(t, row->name, value, flips ? 1 : 3);
            snprintf(value, sizeof value, format, (unsigned long long)p.header);
            check_refused(t, row->name, value, "never reads");
            snprintf(value, sizeof value, format, (unsigned long long)p.size);
            check_refused(t, row->name, value, "never reads");
        }
        if (strcmp(row->name, "flip-weight") == 0) {
            snprintf(value, sizeof value, "%llu:4", (unsigned long long)p.padded);
            check_inert(t, row->name, value, "6", "times, and no committed word came of it");
            check_refused(t, row->name, "0:8", "8");
        }
    }
    CHECK(t, kinds == 5, "%u kinds of faults", kinds);
}

/* ---- the rest ---- */

static void test_limits(struct host_test *t) {
    check_refused(t, "cycle-limit", "0", "0");
    check_refused(t, "cycle-limit", "1", "allow more");
    check_refused(t, "cycle-limit", "100", "allow more");
}

static void test_power_folder(struct host_test *t) {
    struct child c;
    struct stat file;
    CHECK(t, system("rm -rf " FOLDER "a") == 0, "rm");
    SIM(&c, "small", MODEL, "-p", "a", "-n", "2", "--power", FOLDER "a/b");
    check_run(t, &c, "--power", 0, "PASS");
    CHECK(t, stat(FOLDER "a/b/power.csv", &file) == 0 && file.st_size > 0, "no power.csv");
    child_close(&c);
    CHECK(t, system("rm -rf " FOLDER "a") == 0, "rm");
}

int main(void) {
    struct host_test t = {"sim_end", 0, 0};
    host_folder(&t);
    make_model(&t);
    test_ends(&t);
    test_sequences(&t);
    test_broken_off(&t);
    test_faults(&t);
    test_limits(&t);
    test_power_folder(&t);
    unlink(MODEL);
    return host_test_finish(&t);
}
