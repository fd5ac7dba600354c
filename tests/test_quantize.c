/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf quantize` and `gguf inspect` as a user runs them. Each tensor of the F32 model, quantised,
 * is byte for byte that of llama.cpp's file of the type (planted fault: one byte of the source
 * changed); rows that no block divides stay F16; every damaged file is refused with one line and
 * leaves nothing behind.
 */
#include "child.h"
#include "gguf.h"
#include "host_test.h"

#include <dirent.h>

#define PROGRAM "build/gguf"
#define OUT     "build/tests/quantized.gguf"

static void run(struct child *c, const char *const *args) {
    child_start(c, PROGRAM, args, false);
    child_wait(c);
}
#define RUN(c, ...) run(c, (const char *const[]){__VA_ARGS__, NULL})

/* Tensors of `path` with the type and bytes of the one of that name in `wanted`; *same_type counts
 * those that have the type at all. */
static unsigned equal_tensors(struct host_test *t, const char *path, const char *wanted,
                              unsigned *same_type) {
    struct gguf *a = NULL, *b = NULL;
    struct ls_error err = {""};
    unsigned equal = 0;
    *same_type = 0;
    CHECK(t, gguf_open(path, &a, &err) == 0 && gguf_open(wanted, &b, &err) == 0, "%s", err.text);
    for (uint64_t i = 0; a != NULL && b != NULL && i < a->tensor_count; i++) {
        const struct gguf_tensor *x = &a->tensors[i];
        char name[128];
        snprintf(name, sizeof name, "%.*s", (int)x->name.size, x->name.data);
        const struct gguf_tensor *y = gguf_find_tensor(b, name);
        if (y == NULL || x->type != y->type)
            continue;
        ++*same_type;
        equal += x->size == y->size && memcmp(x->data, y->data, (size_t)x->size) == 0;
    }
    gguf_close(a);
    gguf_close(b);
    return equal;
}

static void test_types(struct host_test *t) {
    static const char *const types[] = {"F16", "Q8_0", "Q4_0"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct child c;
        char file[64];
        unsigned same_type;
        snprintf(file, sizeof file, "models/stories260K-%s.gguf", types[i]);
        RUN(&c, "quantize", host_shared("models/stories260K.gguf").text, OUT, types[i]);
        CHECK(t, c.status == 0 && strstr(c.out, "all converted tensors") != NULL, "%s", c.err);
        const unsigned equal = equal_tensors(t, OUT, host_shared(file).text, &same_type);
        /* The embedding of the Q4_0 file, which is its output matrix too, is Q8_0. */
        CHECK(t, same_type == (i == 2 ? 47 : 48) && equal == same_type, "%s: %u of %u are equal",
              types[i], equal, same_type);
        child_close(&c);
    }
}

/* The first weight of the embedding, made larger than all others, moves one tensor only. */
static void test_planted(struct host_test *t) {
    static const char changed[] = "build/tests/changed.gguf";
    size_t size;
    struct child c;
    struct gguf *g;
    struct ls_error err = {""};
    unsigned same_type;
    char *bytes = host_read(host_shared("models/stories260K.gguf").text, &size);
    CHECK(t, gguf_open(host_shared("models/stories260K.gguf").text, &g, &err) == 0, "%s", err.text);
    const struct gguf_tensor *tensor = gguf_find_tensor(g, "token_embd.weight");
    const float large = 1000;
    memcpy(bytes + (tensor->data - g->map), &large, sizeof large);
    FILE *file = fopen(changed, "wb");
    CHECK(t, file != NULL && fwrite(bytes, size, 1, file) == 1 && fclose(file) == 0, "%s", changed);
    RUN(&c, "quantize", changed, OUT, "Q8_0");
    const unsigned equal =
        equal_tensors(t, OUT, host_shared("models/stories260K-Q8_0.gguf").text, &same_type);
    CHECK(t, same_type == 48 && equal == 47, "%u tensors are equal", equal);
    child_close(&c);
    gguf_close(g);
    free(bytes);
    unlink(changed);
}

/* 48 columns: no whole blocks of 32. */
static void test_odd_rows(struct host_test *t) {
    static const char odd[] = "build/tests/odd.gguf";
    struct child c;
    struct gguf *g = NULL;
    struct ls_error err = {""};
    unsigned halves = 0, blocks = 0;
    RUN(&c, "make", odd, "--dim", "48", "--hidden", "64", "--layers", "1", "--heads", "4",
        "--kv-heads", "2", "--vocab", "300", "--type", "F32");
    CHECK(t, c.status == 0, "%s", c.err);
    child_close(&c);
    RUN(&c, "quantize", odd, OUT, "Q4_0");
    CHECK(t, c.status == 0 && gguf_open(OUT, &g, &err) == 0, "%s%s", c.err, err.text);
    for (uint64_t i = 0; g != NULL && i < g->tensor_count; i++) {
        const struct gguf_tensor *x = &g->tensors[i];
        halves += x->type == GGML_TYPE_F16 && x->ne[0] % 32 != 0;
        blocks += x->type == GGML_TYPE_Q4_0 && x->ne[0] % 32 == 0;
    }
    CHECK(t, halves > 0 && blocks > 0, "%u tensors of F16, %u of Q4_0", halves, blocks);
    gguf_close(g);
    child_close(&c);
    unlink(odd);
    unlink(OUT);
}

static void check_refused(struct host_test *t, const struct child *c, const char *name) {
    CHECK(t, c->status == 2, "%s: exit %d", name, c->status);
    CHECK(t, *c->out == '\0', "%s: stdout: %s", name, c->out);
    CHECK(t, strchr(c->err, '\n') != NULL && strchr(c->err, '\n')[1] == '\0', "%s: %s", name,
          c->err);
    CHECK(t, strstr(c->err, name) != NULL, "%s is not named: %s", name, c->err);
    CHECK(t, access(OUT, F_OK) != 0, "%s leaves a file", name);
}

static void test_bad_files(struct host_test *t) {
    const struct host_path folder = host_shared("gguf-bad");
    DIR *list = opendir(folder.text);
    unsigned files = 0;
    CHECK(t, list != NULL, "no %s", folder.text);
    for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        struct child c;
        char path[1024];
        if (entry->d_name[0] == '.' || strstr(entry->d_name, ".md") != NULL)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder.text, entry->d_name);
        RUN(&c, "quantize", path, OUT, "Q8_0");
        check_refused(t, &c, entry->d_name);
        child_close(&c);
        RUN(&c, "inspect", path);
        check_refused(t, &c, entry->d_name);
        child_close(&c);
        files++;
    }
    CHECK(t, files >= 8, "%u bad files", files);
    if (list != NULL)
        closedir(list);
}

int main(void) {
    struct host_test t = {"quantize", 0, 0};
    if (!host_shared_exists(t.name))
        return HOST_TEST_SKIP;
    test_types(&t);
    test_planted(&t);
    test_odd_rows(&t);
    test_bad_files(&t);
    return host_test_finish(&t);
}
