/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any text is a grammar, and what stands behind its first NUL a text, which is read byte
 * by byte and at once: what is allowed is accepted, what is not leaves nothing.
 */
#include "csrc/sampling/grammar.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "fuzz_grammar: %s\n", what);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct ls_error err = {""};
    struct grammar *g;
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    if (size != 0)
        memcpy(text, data, size);
    text[size] = '\0';
    const size_t length = strlen(text), count = length < size ? size - length - 1 : 0;
    const char *bytes = text + size - count;
    const int status = grammar_open(text, &g, &err);
    check((status == 0) == (g != NULL) && (status == 0) == (err.text[0] == '\0'), "no verdict");
    if (g != NULL) {
        bool right = count != 0;
        const bool whole = grammar_allows(g, bytes, count);
        for (size_t i = 0; i < count && right; i++) {
            right = grammar_allows(g, bytes + i, 1);
            check(grammar_accept(g, bytes + i, 1) == right, "allowed and not accepted");
        }
        check(whole == right, "at once and byte by byte are two");
        const bool ends = grammar_ends(g);
        check(right || count == 0 || (!ends && !grammar_allows(g, "a", 1)), "behind what is wrong");
        grammar_reset(g);
        check(count == 0 || grammar_accept(g, bytes, count) == right, "another time");
        check(count == 0 || grammar_ends(g) == ends, "another end");
        grammar_close(g);
    }
    free(text);
    return 0;
}
