/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What all tests in C share: counting checks, the models that the Makefile makes for them, files
 * beside the clone that a test may look at besides, and reading a file whole.
 *
 *     struct host_test t = {"tokenizer", 0, 0};
 *     CHECK(&t, ids == 3, "%zu ids", ids);
 *     if (host_shared_has(&t, "ids of llama.cpp", "vocab/ggml-vocab-llama-spm.gguf"))
 *         compare(&t);
 *     return host_test_finish(&t);
 */
#ifndef HOST_TEST_H
#define HOST_TEST_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The shipped model as F32, F16, Q8_0 or Q4_0: 4 layers, 8 heads, 4 of K and V, 128 columns. */
#define HOST_MODEL(type) "build/tests/models/stories-" type ".gguf"
/* What it goes on with behind "Once upon a time", greedily, as F32, F16 and Q8_0 alike. */
#define HOST_STORY                                                                                 \
    ", there was a clever boy named Jonah. He loved to solve riddles. One day, Jonah met his "     \
    "friend Daniel. \"Let us build a tree house,\" said Jonah."
/* The same of ../shared/models/stories260K. */
#define HOST_SHARED_STORY                                                                          \
    ", there was a little girl named Lily. She loved to play outside in the park. One day, she "   \
    "saw a big, red ball."
/* Random weights in F32, F16 or Q4_0: 5 layers, 64 columns, 512 positions, an output matrix of its
 * own.
 */
#define HOST_MADE(type) "build/tests/models/made-" type ".gguf"
/* Random weights in Q4_0, as small as they come: 2 layers, 32 columns, 64 positions. */
#define HOST_TINY "build/tests/models/tiny.gguf"
/* The same weights rounded anew, to MXFP4; and other ones. */
#define HOST_TINY_ROUGH "build/tests/models/rough.gguf"
#define HOST_TINY_OTHER "build/tests/models/other.gguf"

struct host_test {
    const char *name; /* NULL while a fault is planted: failures are expected, and not told */
    unsigned long checks, failures;
};

enum { HOST_TEST_TOLD = 20 }; /* failures; more are counted only */

/* Counts a failure; whether it is to be told. With LOCKSTEP_FIRST_FAILURE set it ends the test: who
 * plants faults asks for no more. */
static inline bool host_test_fails(struct host_test *t) {
    if (t->name != NULL && getenv("LOCKSTEP_FIRST_FAILURE") != NULL)
        exit(1);
    return ++t->failures <= HOST_TEST_TOLD && t->name != NULL;
}

/* Counts a check; on failure says where and, in the caller's words, what. */
#define CHECK(t, condition, ...)                                                                   \
    do {                                                                                           \
        (t)->checks++;                                                                             \
        if (!(condition) && host_test_fails(t)) {                                                  \
            printf("%s:%d: %s: ", __FILE__, __LINE__, #condition);                                 \
            printf(__VA_ARGS__);                                                                   \
            putchar('\n');                                                                         \
        }                                                                                          \
    } while (0)

/* Prints the verdict; returns the exit status. */
static inline int host_test_finish(const struct host_test *t) {
    if (t->failures > 0)
        printf("FAIL %s (%lu of %lu checks)\n", t->name, t->failures, t->checks);
    else
        printf("PASS %s (%lu checks)\n", t->name, t->checks);
    return t->failures > 0 ? 1 : 0;
}

/* The number behind `name=` on the command line, else `otherwise`. */
static inline uint64_t host_argument(int argc, char **argv, const char *name, uint64_t otherwise) {
    const size_t length = strlen(name);
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=')
            return strtoull(argv[i] + length + 1, NULL, 0);
    return otherwise;
}

/* Makes build/tests/NAME/, where a test keeps all the files that it writes; exits if it cannot. */
static inline void host_folder(const struct host_test *t) {
    char path[512];
    snprintf(path, sizeof path, "build/tests/%s", t->name);
    mkdir("build", 0777);
    mkdir("build/tests", 0777);
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        printf("FAIL %s: cannot make %s\n", t->name, path);
        exit(1);
    }
}

struct host_path {
    char text[512];
};

/* A file beside the clone: in LOCKSTEP_SHARED, else in ../shared. */
static inline struct host_path host_shared(const char *file) {
    const char *folder = getenv("LOCKSTEP_SHARED");
    struct host_path path;
    snprintf(path.text, sizeof path.text, "%s/%s", folder != NULL ? folder : "../shared", file);
    return path;
}

/* Whether such a file is there; if not, says that `what` is left out. */
static inline bool host_shared_has(const struct host_test *t, const char *what, const char *file) {
    const struct host_path path = host_shared(file);
    const bool there = access(path.text, R_OK) == 0;
    if (!there)
        printf("SKIP %s: %s: no %s (LOCKSTEP_SHARED names its folder)\n", t->name, what, path.text);
    return there;
}

/* The whole file, to be freed, with a NUL behind it; exits if it cannot be read. */
static inline char *host_read(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        printf("FAIL: cannot read %s\n", path);
        exit(1);
    }
    long length = ftell(file);
    rewind(file);
    char *data = length < 0 ? NULL : (char *)malloc((size_t)length + 1);
    if (data == NULL || fread(data, 1, (size_t)length, file) != (size_t)length) {
        printf("FAIL: cannot read %s\n", path);
        exit(1);
    }
    fclose(file);
    data[length] = '\0';
    *size = (size_t)length;
    return data;
}

#endif
