/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What a user can get wrong: each bad command line, prompt, file or model is refused with exit
 * status 2, one line on stderr that says what is wrong, nothing on stdout and no report. And what
 * is right: --help, and an interrupted run that still leaves its report.
 */
#include "tests/kit/child.h"
#include "tests/kit/host_test.h"

#define MODEL HOST_MODEL("Q4_0")

#define PROMPT "Once upon a time"

/* The parts of `says` between bars must all stand in the one line. */
static void check_refused(struct host_test *t, const struct child *c, const char *what,
                          const char *says) {
    char parts[160], *rest = NULL;
    CHECK(t, c->status == 2, "%s: exit %d", what, c->status);
    CHECK(t, child_lines(c->err) == 1, "%s: %d lines: %s", what, child_lines(c->err), c->err);
    CHECK(t, strncmp(c->err, "lockstep: ", 10) == 0, "%s: %s", what, c->err);
    CHECK(t, *c->out == '\0', "%s: stdout: %s", what, c->out);
    CHECK(t, c->report == NULL && !c->leftover, "%s: a report", what);
    snprintf(parts, sizeof parts, "%s", says);
    for (char *part = strtok_r(parts, "|", &rest); part != NULL; part = strtok_r(NULL, "|", &rest))
        CHECK(t, strstr(c->err, part) != NULL, "%s: '%s' is not in: %s", what, part, c->err);
}

#define REFUSED(t, config, says, ...)                                                              \
    do {                                                                                           \
        struct child child;                                                                        \
        SIM(&child, config, __VA_ARGS__);                                                          \
        check_refused(t, &child, #__VA_ARGS__, says);                                              \
        child_close(&child);                                                                       \
    } while (0)

static void test_usage(struct host_test *t, const char *model) {
    REFUSED(t, "small", "prompt|empty", model, "-p", "");
    REFUSED(t, "small", "prompt|missing", model);
    REFUSED(t, "small", "MODEL|missing", "-p", PROMPT);
    REFUSED(t, "small", "one too many|--help", model, model, "-p", PROMPT);
    REFUSED(t, "small", "tokens|0", model, "-p", PROMPT, "-n", "0");
    REFUSED(t, "small", "tokens|-1", model, "-p", PROMPT, "-n", "-1");
    REFUSED(t, "small", "tokens|many", model, "-p", PROMPT, "-n", "many");
    REFUSED(t, "small", "--colour|--help", model, "-p", PROMPT, "--colour");
    REFUSED(t, "small", "--tokesn|--tokens?", model, "-p", PROMPT, "--tokesn", "3");
    REFUSED(t, "small", "temp|-1", model, "-p", PROMPT, "--temp", "-1");
    REFUSED(t, "small", "temp|nan", model, "-p", PROMPT, "--temp", "nan");
    REFUSED(t, "small", "top-k|65", model, "-p", PROMPT, "--top-k", "65");
    REFUSED(t, "small", "top-k", model, "-p", PROMPT, "--top-k", "0");
    REFUSED(t, "small", "top-p|2", model, "-p", PROMPT, "--top-p", "2");
    REFUSED(t, "small", "backend|gpu", model, "-p", PROMPT, "--backend", "gpu");
    REFUSED(t, "small", "flip-weight", model, "-p", PROMPT, "--flip-weight", "12");
    REFUSED(t, "small", "flip-weight|8", model, "-p", PROMPT, "--flip-weight", "12:8");
    REFUSED(t, "small", "context", model, "-p", PROMPT, "--context", "2");
    REFUSED(t, "small", "--ids|1,x|1,15,7", model, "--ids", "1,x");
    REFUSED(t, "small", "--ids|'1,'", model, "--ids", "1,");
    REFUSED(t, "small", "--ids|4000000000|vocabulary", model, "--ids", "1,4000000000");
    REFUSED(t, "small", "--ids|--prompt", model, "-p", PROMPT, "--ids", "1");
    REFUSED(t, "small", "clock", model, "-p", PROMPT, "--clock", "0");
    REFUSED(t, "small", "--draft-model|--draft", model, "-p", PROMPT, "--draft-model", model);
    REFUSED(t, "small", "--draft|rtl", model, "-p", PROMPT, "--draft", "1", "--draft-model", model,
            "--backend", "golden");
    REFUSED(t, "small", "none.gguf", model, "-p", PROMPT, "--draft", "1", "--draft-model",
            "none.gguf");
    REFUSED(t, "small", "a vocabulary of 260 tokens, not of 1024", model, "-p", PROMPT, "--draft",
            "1", "--draft-model", HOST_TINY);
    REFUSED(t, "small", "none.fst|tracing", model, "-p", PROMPT, "--trace",
            "build/tests/sim_input/none.fst");
}

static void test_long_prompt(struct host_test *t, const char *model) {
    static char prompt[8192];
    for (size_t i = 0; i + 6 < sizeof prompt; i += 5)
        memcpy(prompt + i, " time", 5);
    REFUSED(t, "small", "prompt|tokens|context", model, "-p", prompt);
}

/* Files of others. */
static void test_strangers(struct host_test *t) {
    static const char *const bad[] = {
        "gguf-bad/gridcore-bad-version.bin", "gguf-bad/gridcore-hdr-zero-first-dim.gguf",
        "gguf-bad/gridcore-huge-counts.bin", "gguf-bad/gridcore-kv-huge-strlen.bin",
        "gguf-bad/gridcore-magic-only.bin",  "gguf-bad/gridcore-tensor-huge-dims.bin",
        "gguf-bad/lfs-pointer.gguf",         "gguf-bad/weightinspect-tiny.gguf",
        "vocab/ggml-vocab-llama-spm.gguf",   "vocab/ggml-vocab-qwen2.gguf",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct host_path path = host_shared(bad[i]);
        struct child c;
        if (access(path.text, R_OK) != 0)
            continue;
        SIM(&c, "small", path.text, "-p", PROMPT, "-n", "4");
        check_refused(t, &c, bad[i], strstr(bad[i], "qwen2") ? "qwen2" : strrchr(bad[i], '/') + 1);
        child_close(&c);
    }
}

static void test_files(struct host_test *t, const char *model) {
    REFUSED(t, "small", "none.gguf", "build/tests/sim_input/none.gguf", "-p", PROMPT);
    REFUSED(t, "small", "build", "build", "-p", PROMPT);

    size_t size;
    char *bytes = host_read(model, &size);
    static const double parts[] = {0, 0.001, 0.05, 0.5, 0.99};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        FILE *file = fopen("build/tests/sim_input/short.gguf", "wb");
        const size_t length = (size_t)((double)size * parts[i]);
        CHECK(t, file && fwrite(bytes, 1, length, file) == length && fclose(file) == 0, "write");
        REFUSED(t, "small", "short.gguf", "build/tests/sim_input/short.gguf", "-p", PROMPT);
    }
    unlink("build/tests/sim_input/short.gguf");
    free(bytes);
}

/* A model made for the purpose, with a seeded random vocabulary. */
static void make_model(struct host_test *t, const char *path, const char *dim, const char *hidden) {
    struct child c;
    const char *const args[] = {
        "make",       path, "--dim",   dim,   "--hidden", hidden, "--layers", "1", "--heads", "8",
        "--kv-heads", "4",  "--vocab", "300", "--type",   "Q4_0", "--seed",   "1", NULL};
    child_start(&c, "build/gguf", args, false);
    child_wait(&c);
    CHECK(t, c.status == 0, "gguf make: %s%s", c.out, c.err);
    child_close(&c);
}

static void test_too_large(struct host_test *t, const char *model) {
    const char *path = "build/tests/sim_input/large.gguf";
    REFUSED(t, "small", "KV|32768|context", model, "-p", "a", "-p", "b", "-p", "c", "-p", "d",
            "--context", "320");
    make_model(t, path, "1024", "4096");
    REFUSED(t, "small", "vector SRAM|4096|large.gguf", path, "-p", "a");
    make_model(t, path, "512", "8192");
    REFUSED(t, "small", "4096|large.gguf", path, "-p", "a");
    unlink(path);
    REFUSED(t, "small", "sequences", model, "-p", "a", "-p", "b", "-p", "c", "-p", "d", "-p", "e");
}

static void test_help(struct host_test *t) {
    static const struct {
        const char *program, *args[3];
        int status;
    } cases[] = {
        {"build/small/lockstep", {"--help"}, 0},
        {"build/small/lockstep", {"sim", "--help"}, 0},
        {"build/small/lockstep", {"--version"}, 0},
        {"build/gguf", {"--version"}, 0},
        {"build/gguf", {"--help"}, 0},
        {"build/gguf", {"inspect", "--help"}, 0},
        {"build/gguf", {"make", "--help"}, 0},
        {"build/small/lockstep", {NULL}, 2},
        {"build/small/lockstep", {"dance"}, 2},
        {"build/gguf", {NULL}, 2},
        {"build/gguf", {"dance"}, 2},
        {"build/gguf", {"inspekt"}, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const args[] = {cases[i].args[0], cases[i].args[1], NULL};
        const char *what = args[0] ? args[0] : "nothing";
        struct child c;
        child_start(&c, cases[i].program, args, false);
        child_wait(&c);
        CHECK(t, c.status == cases[i].status, "%s %s: exit %d", cases[i].program, what, c.status);
        CHECK(t, *(c.status == 0 ? c.err : c.out) == '\0', "%s %s: on the wrong stream",
              cases[i].program, what);
        CHECK(t,
              c.status != 0 || strncmp(c.out, "usage: ", 7) == 0 || strcmp(what, "--version") == 0,
              "%s %s: %s", cases[i].program, what, c.out);
        CHECK(t, c.status == 0 || *c.err != '\0', "%s %s: silent", cases[i].program, what);
        CHECK(t, strcmp(what, "inspekt") != 0 || strstr(c.err, "'inspect'?") != NULL, "%s", c.err);
        child_close(&c);
    }
}

/* Ctrl-C as soon as text appears. */
static void test_interrupt(struct host_test *t, const char *model) {
    const char *const args[] = {"sim", model, "-p", PROMPT, "-n", "400", "--context", "512", NULL};
    struct child c;
    int waits = 0;
    child_start(&c, "build/small/lockstep", args, true);
    while (lseek(c.out_fd, 0, SEEK_END) == 0 && waitpid(c.pid, NULL, WNOHANG) == 0 &&
           waits++ < 60000)
        usleep(1000);
    kill(c.pid, SIGINT);
    child_wait(&c);
    CHECK(t, c.status == 130, "exit %d: %s", c.status, c.err);
    CHECK(t, strcmp(child_string(&c, "verdict"), "INTERRUPTED") == 0, "%s",
          child_string(&c, "verdict"));
    CHECK(t, cJSON_GetArraySize(child_item(&c, "generated_tokens")) > 0, "no tokens in the report");
    CHECK(t, child_number(&c, "lockstep.words") > 0, "no words in the report");
    CHECK(t, !c.leftover, "a temporary file is left");
    child_close(&c);
}

int main(void) {
    struct host_test t = {"sim_input", 0, 0};
    host_folder(&t);
    test_help(&t);
    test_usage(&t, MODEL);
    test_long_prompt(&t, MODEL);
    test_files(&t, MODEL);
    if (host_shared_has(&t, "files of others", "models/stories260K.gguf"))
        test_strangers(&t);
    test_too_large(&t, MODEL);
    test_interrupt(&t, MODEL);
    return host_test_finish(&t);
}
