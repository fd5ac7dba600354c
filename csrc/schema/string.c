/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Texts: any, of so many characters, of a format, of a pattern.
 */
#include <string.h>

#include "maker.h"

/* Days that there are, of the years 1000 to 9999; RFC 3339 without leap seconds. */
#define DATE                                                                                       \
    "([1-9] [0-9]{3} \"-\" ((\"0\" [13578] | \"1\" [02]) \"-\" (\"0\" [1-9] | [12] [0-9] | "       \
    "\"3\" [01]) | (\"0\" [469] | \"11\") \"-\" (\"0\" [1-9] | [12] [0-9] | \"30\") | "            \
    "\"02-\" (\"0\" [1-9] | \"1\" [0-9] | \"2\" [0-8])) | ([1-9] [0-9] (\"0\" [48] | "             \
    "[2468] [048] | [13579] [26]) | ([2468] [048] | [13579] [26]) \"00\") \"-02-29\")"
#define HOUR "([01] [0-9] | \"2\" [0-3]) \":\" [0-5] [0-9]"
#define TIME HOUR " \":\" [0-5] [0-9] (\".\" [0-9]{3})? (\"Z\" | [+\\-] " HOUR ")"
#define HEX  "[0-9a-fA-F]"

static const struct {
    const char *name, *gbnf;
} formats[] = {
    {"date", DATE},
    {"time", TIME},
    {"date-time", DATE " \"T\" " TIME},
    {"uuid", HEX "{8} \"-\" " HEX "{4} \"-\" " HEX "{4} \"-\" " HEX "{4} \"-\" " HEX "{12}"},
};

static const char *format_of(struct schema_maker *m, const cJSON *format) {
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (cJSON_IsString(format) && strcmp(format->valuestring, formats[i].name) == 0)
            return formats[i].gbnf;
    schema_fail(m, "\"format\" %s is not supported: date, time, date-time, uuid",
                cJSON_IsString(format) ? format->valuestring : "");
    return "";
}

void schema_string(struct schema_maker *m, FILE *out, const cJSON *schema) {
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(schema, "format");
    const cJSON *pattern = cJSON_GetObjectItemCaseSensitive(schema, "pattern");
    const uint32_t least = schema_count(m, schema, "minLength", 0);
    uint32_t most = schema_count(m, schema, "maxLength", UINT32_MAX);
    const bool lengths = least != 0 || most != UINT32_MAX;
    if ((format != NULL) + (pattern != NULL) + lengths > 1)
        schema_fail(m, "\"format\", \"pattern\" and lengths beside each other are not supported");
    if (pattern != NULL && !cJSON_IsString(pattern))
        schema_fail(m, "\"pattern\" must be a text");
    if (most < least)
        schema_fail(m, "\"maxLength\" is below minLength");
    if (least > SCHEMA_LENGTH)
        schema_fail(m, "\"minLength\" above %u is not supported", SCHEMA_LENGTH);
    if (most != UINT32_MAX && most > SCHEMA_LENGTH)
        most = SCHEMA_LENGTH;
    if (m->failed)
        return;
    if (format == NULL && pattern == NULL && !lengths) {
        fputs("string", out);
        return;
    }
    fputs("\"\\\"\" ", out);
    if (format != NULL)
        fputs(format_of(m, format), out);
    else if (pattern != NULL)
        schema_pattern(m, out, pattern->valuestring);
    else
        schema_repeat(m, out, "char", least, most);
    fputs(" \"\\\"\"", out);
}
