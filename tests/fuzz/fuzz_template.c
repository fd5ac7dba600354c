/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any text is a template. It is read, and run over a conversation, twice with the same
 * verdict and text.
 */
#include "csrc/jinja/jinja.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char context[] =
    "{\"messages\":[{\"role\":\"system\",\"content\":\" Be \\u00e9. \"},"
    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hello\\n\"}]},"
    "{\"role\":\"assistant\",\"content\":\"Hi\",\"n\":[1,-2.5,true,null,\"a\"]}],"
    "\"add_generation_prompt\":true,\"bos_token\":\"<s>\",\"eos_token\":\"</s>\",\"tools\":null}";

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "fuzz_template: %s\n", what);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static cJSON *variables;
    struct ls_error err = {""}, again = {""};
    struct jinja *t;
    char *out[2] = {NULL, NULL};
    if (variables == NULL)
        variables = cJSON_Parse(context);
    const enum jinja_verdict opened = jinja_open(&t, (const char *)data, size, &err);
    check((opened == JINJA_DONE) == (t != NULL), "a template without a verdict");
    check((opened == JINJA_DONE) == (err.text[0] == '\0'), "a verdict without a reason");
    if (t != NULL) {
        const enum jinja_verdict first = jinja_run(t, variables, 0, &out[0], &err);
        const enum jinja_verdict second = jinja_run(t, variables, 0, &out[1], &again);
        check(first == second && strcmp(err.text, again.text) == 0, "another verdict");
        check((first == JINJA_DONE) == (out[0] != NULL && out[1] != NULL), "no text");
        check(first != JINJA_DONE || strcmp(out[0], out[1]) == 0, "another text");
        check(first == JINJA_DONE || err.text[0] != '\0', "no reason");
        free(out[0]);
        free(out[1]);
        jinja_close(t);
    }
    return 0;
}
