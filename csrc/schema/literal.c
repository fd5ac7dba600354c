/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Texts and values in the words of a grammar.
 */
#include <math.h>
#include <string.h>

#include "maker.h"

void schema_literal(FILE *out, const char *text) {
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        if ((unsigned char)*text < ' ')
            fprintf(out, "\\x%02X", (unsigned char)*text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static bool is_finite(const cJSON *value) {
    const cJSON *each;
    bool all = !cJSON_IsNumber(value) || isfinite(value->valuedouble);
    cJSON_ArrayForEach(each, value) all = all && is_finite(each);
    return all;
}

void schema_json(struct schema_maker *m, FILE *out, const cJSON *value) {
    if (!is_finite(value))
        schema_fail(m, "a number is too large");
    char *text = cJSON_PrintUnformatted(value);
    if (text != NULL)
        schema_literal(out, text);
    else
        schema_fail(m, "out of memory");
    cJSON_free(text);
}

void schema_class_character(FILE *out, uint32_t code) {
    char text[5] = "";
    if (code < 0x80) {
        fprintf(out, "%s%c", strchr("\\]^-[\"", (int)code) != NULL ? "\\" : "", (int)code);
    } else if (code < 0x800) {
        text[0] = (char)(0xc0 | code >> 6);
        text[1] = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        text[0] = (char)(0xe0 | code >> 12);
        text[1] = (char)(0x80 | (code >> 6 & 0x3f));
        text[2] = (char)(0x80 | (code & 0x3f));
    } else {
        text[0] = (char)(0xf0 | code >> 18);
        text[1] = (char)(0x80 | (code >> 12 & 0x3f));
        text[2] = (char)(0x80 | (code >> 6 & 0x3f));
        text[3] = (char)(0x80 | (code & 0x3f));
    }
    fputs(text, out);
}

uint32_t schema_character(const char **text) {
    const unsigned char first = (unsigned char)**text;
    unsigned more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    uint32_t code = more == 0 ? first : first & 0x3fu >> more;
    if (first != '\0')
        ++*text;
    for (; more != 0 && (**text & 0xc0) == 0x80; more--, ++*text)
        code = code << 6 | ((unsigned char)**text & 0x3fu);
    return code;
}
