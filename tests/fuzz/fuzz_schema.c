/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any JSON in UTF-8 is a schema, and what stands behind its first NUL draws a text that
 * its grammar allows: that is JSON, too. A seed of the alphabet of keywords keeps random bytes near
 * schemas.
 */
#include "csrc/schema/schema.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/utf8.h"
#include "csrc/sampling/grammar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what, const char *text) {
    if (!good) {
        fprintf(stderr, "fuzz_schema: %s: %s\n", what, text);
        abort();
    }
}

/* Closes what is open. */
static void close_brackets(FILE *out, const char *text, size_t size) {
    char open[64];
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"')
            quoted = !quoted;
        else if (text[i] == '\\' && quoted)
            i++;
        else if (!quoted && (text[i] == '{' || text[i] == '[') && depth < sizeof open)
            open[depth++] = text[i] == '{' ? '}' : ']';
        else if (!quoted && depth != 0 && text[i] == open[depth - 1])
            depth--;
    }
    fputs(quoted ? "\"" : "", out);
    while (depth != 0)
        fputc(open[--depth], out);
}

/* Bytes below ' ' that no JSON has by itself stand for keywords. */
static char *expand(const uint8_t *data, size_t size) {
    static const char *const words[32] = {"",
                                          "{\"type\":\"object\"",
                                          "{\"type\":\"array\"",
                                          "{\"type\":\"string\"",
                                          "{\"type\":\"integer\"",
                                          "{\"type\":\"number\"",
                                          "{\"type\":\"null\"",
                                          ",\"properties\":{\"a\":",
                                          ",\"items\":",
                                          NULL,
                                          NULL,
                                          ",\"prefixItems\":[",
                                          ",\"required\":[\"a\"]",
                                          NULL,
                                          ",\"additionalProperties\":",
                                          ",\"minItems\":",
                                          ",\"maxItems\":",
                                          ",\"minLength\":",
                                          ",\"maxLength\":",
                                          ",\"pattern\":\"",
                                          ",\"format\":\"date\"",
                                          ",\"minimum\":",
                                          ",\"exclusiveMaximum\":",
                                          ",\"maximum\":",
                                          "{\"anyOf\":[",
                                          "{\"oneOf\":[",
                                          "{\"enum\":[",
                                          "{\"const\":",
                                          "{\"$ref\":\"#",
                                          ",\"$defs\":{\"a\":",
                                          "\"b\":",
                                          ",\"nullable\":true"};
    char *text = NULL;
    size_t count = 0;
    FILE *out = open_memstream(&text, &count);
    for (size_t i = 0; out != NULL && i < size; i++)
        if (data[i] < 32 && words[data[i]] != NULL)
            fputs(words[data[i]], out);
        else
            fputc(data[i], out);
    if (out != NULL) {
        fflush(out);
        close_brackets(out, text, count);
        fclose(out);
    }
    return text;
}

static void draw(struct grammar *g, const uint8_t *bytes, size_t count, const char *schema) {
    char text[200];
    size_t size = 0;
    for (size_t i = 0; i < count && size < sizeof text - 1; i++) {
        const char byte = (char)bytes[i];
        if (grammar_allows(g, &byte, 1)) {
            grammar_accept(g, &byte, 1);
            text[size++] = byte;
        }
    }
    text[size] = '\0';
    if (!grammar_ends(g))
        return;
    cJSON *json = cJSON_ParseWithOpts(text, NULL, 1);
    check(json != NULL, text, schema);
    cJSON_Delete(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t nothing = 0;
    struct ls_error err = {""};
    const uint8_t *end = memchr(size != 0 ? data : &nothing, 0, size != 0 ? size : 1);
    const size_t length = size == 0 ? 0 : end != NULL ? (size_t)(end - data) : size;
    char *text = expand(data, length);
    const bool sound = text != NULL && utf8_sound(text, strlen(text)) == strlen(text);
    cJSON *schema = sound ? cJSON_ParseWithOpts(text, NULL, 1) : NULL;
    char *gbnf = schema != NULL ? schema_grammar(schema, &err) : NULL;
    check(schema == NULL || (gbnf == NULL) == (err.text[0] != '\0'), "no verdict", text);
    if (gbnf != NULL) {
        struct grammar *g = NULL;
        const bool opens = grammar_open(gbnf, &g, &err) == 0;
        check(opens || strstr(err.text, "large") != NULL || strstr(err.text, "ways") != NULL ||
                  strstr(err.text, "more than 512 rules") != NULL,
              err.text, text);
        if (opens && length < size)
            draw(g, data + length, size - length, text);
        grammar_close(g);
    }
    free(gbnf);
    cJSON_Delete(schema);
    free(text);
    return 0;
}
