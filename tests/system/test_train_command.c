/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf train`, `sample` and `perplexity` as a user runs them: what they print and write, exit
 * statuses, one line on an error, an output that cannot be written, Ctrl-C. The shipped model is
 * what its card says it is.
 */
#include "csrc/gguf/gguf.h"
#include "tests/kit/child.h"
#include "tests/kit/host_test.h"

#include <fcntl.h>

#define PROGRAM "build/gguf"
#define FOLDER  "build/tests/train_command/"
#define TEXT    FOLDER "text"
#define OUT     FOLDER "out.gguf"
#define STATE   FOLDER "state"

/* A model that takes no time. */
#define TINY                                                                                       \
    "--vocab", "300", "--dim", "32", "--hidden", "32", "--layers", "1", "--heads", "2",            \
        "--kv-heads", "1", "--context", "64", "--batch", "256"

static void run(struct child *c, const char *const *args) {
    child_start(c, PROGRAM, args, false);
    child_wait(c);
}
#define RUN(c, ...) run(c, (const char *const[]){__VA_ARGS__, NULL})

static void write_file(const char *path, const char *text, size_t size) {
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(text, 1, size, f) != size || fclose(f) != 0)
        exit(1);
}

static bool same_files(const char *a, const char *b) {
    size_t m, n;
    char *x = host_read(a, &m), *y = host_read(b, &n);
    const bool same = m == n && memcmp(x, y, m) == 0;
    free(x);
    free(y);
    return same;
}

/* One line that begins with the full name of the command and holds `text`. */
static void check_refused(struct host_test *t, struct child *c, const char *command, int status,
                          const char *text) {
    char start[32];
    snprintf(start, sizeof start, "gguf %s: ", command);
    CHECK(t, c->status == status, "%s: exit %d: %s", text, c->status, c->err);
    CHECK(t, child_lines(c->err) == 1 && strncmp(c->err, start, strlen(start)) == 0, "%s: %s", text,
          c->err);
    CHECK(t, strstr(c->err + strlen(start), start + 5) == NULL, "said twice: %s", c->err);
    CHECK(t, strstr(c->err, text) != NULL, "no '%s': %s", text, c->err);
    child_close(c);
}
#define REFUSED(t, status, text, command, ...)                                                     \
    do {                                                                                           \
        struct child child;                                                                        \
        RUN(&child, command, __VA_ARGS__);                                                         \
        check_refused(t, &child, command, status, text);                                           \
    } while (0)

/* Without --held, the last document is held back: as if it were in a file of its own. */
static void test_train(struct host_test *t) {
    struct child c;
    size_t size;
    char *text = host_read(TEXT, &size), *last = text + size - 1;
    while (last[-1] != '\n')
        last--;
    write_file(FOLDER "most", text, (size_t)(last - text));
    write_file(FOLDER "last", last, size - (size_t)(last - text));
    free(text);

    RUN(&c, "train", TEXT, OUT, TINY, "--steps", "20", "--csv", FOLDER "out.csv", "--checkpoint",
        STATE);
    CHECK(t, c.status == 0 && *c.err == '\0', "exit %d: %s", c.status, c.err);
    CHECK(t, strstr(c.out, "step    20/20  loss ") != NULL, "%s", c.out);
    CHECK(t, strstr(c.out, "held-back (the last 1 % of the text): ") != NULL, "%s", c.out);
    CHECK(t, access(FOLDER "out.csv", R_OK) == 0 && access(STATE, R_OK) == 0, "files are missing");
    CHECK(t, access(OUT ".vocab", F_OK) != 0, "a temporary file stays");
    child_close(&c);

    RUN(&c, "train", FOLDER "most", FOLDER "split.gguf", "--held", FOLDER "last", TINY, "--steps",
        "20");
    CHECK(t, c.status == 0 && strstr(c.out, "held-back: ") != NULL, "%s%s", c.out, c.err);
    CHECK(t, same_files(OUT, FOLDER "split.gguf"), "what is held back is learned");
    child_close(&c);
}

static void test_train_refuses(struct host_test *t) {
    write_file(FOLDER "nul", "a\0b\n", 4);
    write_file(FOLDER "bytes",
               "good\nb\xe4"
               "d\n",
               9);
    write_file(FOLDER "blank", " \n \n", 4);
    write_file(FOLDER "one", "one document\n", 13);
    REFUSED(t, 2, "OUT.gguf is missing", "train", TEXT);
    REFUSED(t, 2, "--nonsense: there is no such option", "train", TEXT, OUT, "--nonsense");
    REFUSED(t, 2, "--steps: 'x' is not a whole number", "train", TEXT, OUT, "--steps", "x");
    REFUSED(t, 2, "--svg needs --csv", "train", TEXT, OUT, "--svg", FOLDER "x.svg");
    REFUSED(t, 2, "--checkpoint", "train", TEXT, OUT, "--resume");
    REFUSED(t, 2, "--checkpoint", "train", TEXT, OUT, "--stop-after", "3");
    REFUSED(t, 2, "1025 pieces is not 259..1024", "train", TEXT, OUT, "--vocab", "1025");
    REFUSED(t, 2, "the batch must hold", "train", TEXT, OUT, "--batch", "8");
    REFUSED(t, 2, FOLDER "nul: byte 1 is NUL", "train", FOLDER "nul", OUT);
    REFUSED(t, 2, FOLDER "bytes: byte 6 is not UTF-8", "train", FOLDER "bytes", OUT);
    REFUSED(t, 2, FOLDER "blank: no words", "train", FOLDER "blank", OUT);
    REFUSED(t, 2, FOLDER "one: one document", "train", FOLDER "one", OUT, TINY);
    REFUSED(t, 2, "byte 1 is NUL", "train", TEXT, OUT, TINY, "--held", FOLDER "nul");
    REFUSED(t, 2, "missing", "train", FOLDER "missing", OUT);
}

/* Found before the first step; and nothing is written over another file of the same run. */
static void test_train_outputs(struct host_test *t) {
    static const char *const options[] = {"--csv", "--svg", "--checkpoint"};
    static const char *const places[] = {FOLDER, FOLDER "missing/file", TEXT "/file"};
    static const char *const twins[] = {TEXT, OUT, FOLDER "../train_command/out.gguf"};
    for (size_t p = 0; p < 3; p++) {
        REFUSED(t, 1, "cannot be written", "train", TEXT, places[p], TINY);
        for (size_t i = 0; i < 3; i++)
            REFUSED(t, 1, "cannot be written", "train", TEXT, OUT, TINY, options[i], places[p],
                    i == 1 ? "--csv" : "--name", FOLDER "x.csv");
        for (size_t i = 0; i < 3; i++)
            REFUSED(t, 2, "the same file twice", "train", TEXT, OUT, TINY, options[i], twins[p],
                    i == 1 ? "--csv" : "--name", FOLDER "x.csv");
    }
    REFUSED(t, 2, "the same file twice", "train", TEXT, TEXT, TINY);
    REFUSED(t, 2, "the same file twice", "train", TEXT, OUT, TINY, "--held", TEXT);
    REFUSED(t, 2, "the same file twice", "train", TEXT, FOLDER "x", TINY, "--held", FOLDER "x");
}

/* Ctrl-C in the middle saves; resumed, the run ends in the bytes of an unbroken one. */
static void test_train_interrupted(struct host_test *t) {
    struct child c;
    char *progress;
    unlink(STATE);
    unlink(FOLDER "broken.gguf");
    RUN(&c, "train", TEXT, OUT, TINY, "--steps", "3000");
    CHECK(t, c.status == 0, "%s", c.err);
    child_close(&c);
    child_start(&c, PROGRAM,
                (const char *const[]){"train", TEXT, FOLDER "broken.gguf", TINY, "--steps", "3000",
                                      "--checkpoint", STATE, NULL},
                false);
    do {
        usleep(1000);
        progress = child_slurp(c.out_fd);
        free(progress);
    } while (lseek(c.out_fd, 0, SEEK_END) == 0 && waitpid(c.pid, NULL, WNOHANG) == 0);
    kill(c.pid, SIGINT);
    child_wait(&c);
    CHECK(t, access(STATE, R_OK) == 0 && access(FOLDER "broken.gguf", F_OK) != 0, "files");
    CHECK(t, strstr(c.err, "the same with --resume goes on") != NULL, "%s", c.err);
    check_refused(t, &c, "train", 130, "interrupted after step ");
    RUN(&c, "train", TEXT, FOLDER "broken.gguf", TINY, "--steps", "3000", "--checkpoint", STATE,
        "--resume");
    CHECK(t, c.status == 0 && same_files(OUT, FOLDER "broken.gguf"), "exit %d: %s", c.status,
          c.err);
    child_close(&c);
}

static void test_sample(struct host_test *t) {
    struct child c;
    RUN(&c, "sample", OUT, "--prompt", "The cat", "--tokens", "5");
    CHECK(t, c.status == 0 && strncmp(c.out, "The cat", 7) == 0 && child_lines(c.out) == 1, "%s%s",
          c.out, c.err);
    child_close(&c);
    RUN(&c, "sample", OUT, "--prompt", "The cat", "--tokens", "5", "--ids");
    CHECK(t, c.status == 0 && strncmp(c.out, "1 ", 2) == 0, "%s", c.out);
    child_close(&c);
    REFUSED(t, 2, "MODEL.gguf is missing", "sample", "--seed", "1");
    REFUSED(t, 2, "--tokens: 'x' is not a whole number", "sample", OUT, "--tokens", "x");
    REFUSED(t, 2, "--nonsense: there is no such option", "sample", OUT, "--nonsense");
    REFUSED(t, 2, FOLDER "missing", "sample", FOLDER "missing");
    REFUSED(t, 2, TEXT, "sample", TEXT);
    char prompt[400];
    memset(prompt, 'x', sizeof prompt - 1);
    prompt[sizeof prompt - 1] = '\0';
    REFUSED(t, 2, "the prompt must have", "sample", OUT, "--prompt", prompt);
}

static void test_perplexity(struct host_test *t) {
    struct child c;
    double perplexity = 0;
    write_file(FOLDER "bits", "100\n", 4);
    RUN(&c, "perplexity", OUT, FOLDER "last", "--ngram", FOLDER "most", "--bits", FOLDER "bits");
    const char *row = strstr(c.out, "\nmodel ");
    CHECK(t,
          c.status == 0 && row != NULL && sscanf(row, " model perplexity %lf", &perplexity) == 1 &&
              perplexity > 1,
          "%s%s", c.out, c.err);
    CHECK(t, strstr(c.out, "\n5-gram ") != NULL && strstr(c.out, "\ngenerator ") != NULL, "%s",
          c.out);
    child_close(&c);
    REFUSED(t, 2, "TEXT is missing", "perplexity", OUT);
    REFUSED(t, 2, FOLDER "missing", "perplexity", OUT, FOLDER "missing");
    REFUSED(t, 2, FOLDER "missing", "perplexity", FOLDER "missing", TEXT);
    REFUSED(t, 2, FOLDER "missing", "perplexity", OUT, FOLDER "last", "--bits", FOLDER "missing");
    REFUSED(t, 2, "is NUL", "perplexity", OUT, FOLDER "nul");
}

/* Exit status of a command whose standard output is `fd`, or closed if that is -1. */
static int status_into(int fd, const char *const *args) {
    const char *argv[16] = {PROGRAM};
    int status = 0, n = 1;
    for (; *args != NULL; args++)
        argv[n++] = *args;
    const pid_t pid = fork();
    if (pid == 0) {
        const int quiet = open(FOLDER "stderr", O_WRONLY | O_CREAT | O_TRUNC, 0666);
        signal(SIGPIPE, SIG_DFL);
        dup2(quiet, STDERR_FILENO);
        close(STDOUT_FILENO);
        if (fd >= 0)
            dup2(fd, STDOUT_FILENO);
        execv(PROGRAM, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What nobody can read is a failure: a pipe without a reader, no standard output at all. */
static void test_stdout(struct host_test *t) {
    static const char *const commands[][8] = {
        {"sample", OUT, "--tokens", "2"},
        {"perplexity", OUT, FOLDER "last"},
        {"quantize", OUT, FOLDER "q.gguf", "Q8_0"},
        {"inspect", OUT, "--json"},
        {"train", "--help"},
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        int ends[2];
        if (pipe(ends) != 0)
            exit(1);
        close(ends[0]);
        CHECK(t, status_into(ends[1], commands[i]) == 1, "%s into a pipe", commands[i][0]);
        close(ends[1]);
        unlink(FOLDER "q.gguf");
        CHECK(t, status_into(-1, commands[i]) == 1, "%s without output", commands[i][0]);
        CHECK(t, access(FOLDER "q.gguf", F_OK) != 0, "a file in the place of standard output");
    }
}

/* The shipped file against its card, models/README.md. */
static void test_shipped(struct host_test *t) {
    static const char model[] = "models/stories-600K-Q8_0.gguf";
    struct gguf *g = NULL;
    struct ls_error err = {""};
    unsigned long long size = 0;
    unsigned matrices = 0;
    char wanted[65] = "", found[65] = "";
    size_t card_size;
    char *card = host_read("models/README.md", &card_size);
    const char *row = strstr(card, "| file | Q8_0, ");
    CHECK(t,
          row != NULL &&
              sscanf(row, "| file | Q8_0, %llu bytes, sha256 %64[0-9a-f]", &size, wanted) == 2 &&
              strlen(wanted) >= 16,
          "the card states no size and sum");
    FILE *sum = popen("sha256sum models/stories-600K-Q8_0.gguf", "r");
    CHECK(t, sum != NULL && fscanf(sum, "%64s", found) == 1 && pclose(sum) == 0, "no sha256sum");
    CHECK(t, strncmp(found, wanted, strlen(wanted)) == 0, "sha256 %s, in the card %s", found,
          wanted);
    CHECK(t, gguf_open(model, &g, &err) == 0, "%s", err.text);
    CHECK(t, g != NULL && g->size == size && size <= 700000, "%llu bytes in the card", size);
    for (uint64_t i = 0; g != NULL && i < g->tensor_count; i++) {
        const struct gguf_tensor *x = &g->tensors[i];
        CHECK(t, x->type == (x->n_dims < 2 ? GGML_TYPE_F32 : GGML_TYPE_Q8_0), "tensor %.*s",
              (int)x->name.size, x->name.data);
        matrices += x->n_dims >= 2;
    }
    CHECK(t, matrices > 0, "no matrix");
    gguf_close(g);
    free(card);
}

int main(void) {
    struct host_test t = {"train_command", 0, 0};
    host_folder(&t);
    FILE *text = fopen(TEXT, "w");
    for (int i = 0; text != NULL && i < 60; i++)
        fprintf(text, "The %s saw %d %s.\n", i % 3 == 0 ? "cat" : "dog", i,
                i % 5 ? "trees" : "cars");
    if (text == NULL || fclose(text) != 0)
        return 1;
    test_train(&t);
    test_train_refuses(&t);
    test_train_outputs(&t);
    test_sample(&t);
    test_perplexity(&t);
    test_stdout(&t);
    test_train_interrupted(&t);
    test_shipped(&t);
    return host_test_finish(&t);
}
