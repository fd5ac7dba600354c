/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The files that the FST writer sees: the trace is the one that it was given, stays open and is
 * flushed; others are files in memory, or what the system has; data that cannot be kept, or a
 * temporary file with an error, makes the trace one that is not whole.
 */
#include <string.h>

#include "sim/device/fst_files.h"
#include "tests/kit/host_test.h"

#define TRACE "build/tests/fst_files/of.fst"

static void test_trace(struct host_test *t) {
    FILE *file = fopen(TRACE, "w+b");
    size_t size;
    fst_files_begin(file);
    FILE *seen = fst_files_open(FST_FILES_NAME, "w+b");
    CHECK(t, file != NULL && seen == file, "another trace");
    fputs("abc", seen);
    CHECK(t, fst_files_close(seen) == 0, "closed");
    char *text = host_read(TRACE, &size);
    CHECK(t, size == 3 && memcmp(text, "abc", 3) == 0, "%zu bytes are written", size);
    free(text);
    CHECK(t, fputs("d", file) >= 0 && fflush(file) == 0, "the trace is open no more");
    CHECK(t, fst_files_end(), "whole");
    CHECK(t, fst_files_open(FST_FILES_NAME, "w+b") == NULL, "a trace behind the end");
    fclose(file);
}

static void test_others(struct host_test *t) {
    FILE *file = fopen(TRACE, "w+b");
    char text[8] = "";
    fst_files_begin(file);
    FILE *a = fst_files_open(NULL, "w+b"), *b = fst_files_open("trace.hier", "w+b");
    CHECK(t, a != NULL && b != NULL && a != b && a != file && b != file, "files of their own");
    CHECK(t, access("trace.hier", F_OK) != 0, "a file on the disk");
    fputs("one", a);
    rewind(a);
    CHECK(t, fgets(text, sizeof text, a) != NULL && strcmp(text, "one") == 0, "'%s'", text);
    CHECK(t, fst_files_close(a) == 0 && fst_files_close(b) == 0, "closed");
    FILE *memory = fst_files_open("/proc/meminfo", "r");
    CHECK(t,
          memory != NULL && fgets(text, sizeof text, memory) != NULL &&
              strncmp(text, "MemTota", 7) == 0,
          "'%s'", text);
    CHECK(t, fst_files_close(memory) == 0 && fst_files_end(), "whole");
    CHECK(t, fst_files_open("/no/such/file", "r") == NULL, "no such file");
    const int next = dup(0);
    close(next);
    CHECK(t, fst_files_open(NULL, "?") == NULL, "no such mode");
    const int again = dup(0);
    close(again);
    CHECK(t, again == next, "a file in memory stays open");
    fclose(file);
}

static void test_not_whole(struct host_test *t) {
    FILE *file = fopen(TRACE, "w+b");
    fst_files_begin(file);
    FILE *a = fst_files_open(NULL, "w+b");
    char *map = fst_files_map(100, fileno(a));
    CHECK(t, map != MAP_FAILED, "mapped");
    memcpy(map, "xyz", 3);
    munmap(map, 100);
    char text[4] = "";
    CHECK(t, fread(text, 1, 3, a) == 3 && strcmp(text, "xyz") == 0, "'%s' is in the file", text);
    CHECK(t, fst_files_close(a) == 0 && fst_files_end(), "whole");
    /* a file that has no room: anonymous memory, which can be written all the same */
    fst_files_begin(file);
    map = fst_files_map(100, -1);
    CHECK(t, map != MAP_FAILED, "mapped");
    map[99] = 1;
    munmap(map, 100);
    CHECK(t, !fst_files_end(), "whole, and data were lost");
    fst_files_begin(file);
    CHECK(t, fst_files_end(), "whole again");
    /* an error in a temporary file, whatever comes behind it */
    fst_files_begin(file);
    a = fst_files_open(NULL, "rb");
    fputc('x', a); /* not for writing */
    FILE *b = fst_files_open(NULL, "w+b");
    fst_files_close(a);
    fst_files_close(b);
    CHECK(t, !fst_files_end(), "whole with an error");
    fclose(file);
}

int main(void) {
    struct host_test t = {"fst_files", 0, 0};
    host_folder(&t);
    test_trace(&t);
    test_others(&t);
    test_not_whole(&t);
    unlink(TRACE);
    return host_test_finish(&t);
}
