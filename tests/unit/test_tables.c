/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The function tables in rtl/ are what their generator prints now, to the byte; and a table with
 * one digit changed would be noticed.
 *
 *     test_tables <the gen_tables program> <the rtl folder>
 */
#include "tests/kit/host_test.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 1 << 17 };

/* Reads all of `file` into `text`; returns the length, 0 if there is none or too much. */
static size_t read_all(FILE *file, char text[TEXT_MAX]) {
    const size_t length = file ? fread(text, 1, TEXT_MAX, file) : 0;
    return length < TEXT_MAX ? length : 0;
}

static bool same(const char *a, size_t a_size, const char *b, size_t b_size) {
    return a_size > 0 && a_size == b_size && !memcmp(a, b, a_size);
}

int main(int argc, char **argv) {
    static const char *const tables[] = {"exp", "recip", "sine"};
    static char made[TEXT_MAX], kept[TEXT_MAX];
    struct host_test t = {"tables", 0, 0};

    if (argc != 3) {
        fprintf(stderr, "usage: test_tables <the gen_tables program> <the rtl folder>\n");
        return 2;
    }
    for (int i = 0; i < 3; i++) {
        char path[4096], command[4096];
        snprintf(path, sizeof path, "%s/fn_%s_table.vh", argv[2], tables[i]);
        snprintf(command, sizeof command, "'%s' %s", argv[1], tables[i]);
        FILE *file = fopen(path, "rb"), *generator = popen(command, "r");
        const size_t kept_size = read_all(file, kept), made_size = read_all(generator, made);
        if (file)
            fclose(file);
        const bool done = generator && pclose(generator) == 0;

        CHECK(&t, done && same(made, made_size, kept, kept_size), "%s is stale: %s >%s", path,
              command, path);
        kept[kept_size / 2] ^= 1;
        CHECK(&t, !same(made, made_size, kept, kept_size), "%s: a planted fault went unnoticed",
              path);
    }
    return host_test_finish(&t);
}
