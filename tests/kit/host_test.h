/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the tests of the host-side C share: counting checks, finding the shared
 * models (LOCKSTEP_SHARED, else ../shared) and reading a file whole.
 *
 *     struct host_test t = {"tokenizer", 0, 0};
 *     CHECK(&t, ids == 3, "%zu ids", ids);
 *     return host_test_finish(&t);
 */
#ifndef HOST_TEST_H
#define HOST_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HOST_TEST_SKIP 77

struct host_test {
    const char *name;
    unsigned long checks, failures;
};

/* Counts a check; on failure says where and, in the caller's words, what. */
#define CHECK(t, condition, ...)                                                                   \
    do {                                                                                           \
        (t)->checks++;                                                                             \
        if (!(condition)) {                                                                        \
            (t)->failures++;                                                                       \
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

struct host_path {
    char text[512];
};

static inline struct host_path host_shared(const char *file) {
    const char *folder = getenv("LOCKSTEP_SHARED");
    struct host_path path;
    snprintf(path.text, sizeof path.text, "%s/%s", folder != NULL ? folder : "../shared", file);
    return path;
}

/* Whether the shared models are there; says so if not. */
static inline bool host_shared_exists(const char *test) {
    if (access(host_shared("models/stories260K.gguf").text, R_OK) == 0)
        return true;
    printf("SKIP %s: no %s: set LOCKSTEP_SHARED to the folder of test models\n", test,
           host_shared("models/stories260K.gguf").text);
    return false;
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
