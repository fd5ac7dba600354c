/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Objects for a person: a line a member; an array of objects is a table.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/text.h"
#include "inside.h"

/* Members that are told in hexadecimal. */
static bool is_hex(const char *name) {
    return strcmp(name, "address") == 0 || strcmp(name, "value") == 0 || strcmp(name, "mask") == 0;
}

/* A scalar as text, to be freed. */
static char *text_of(const cJSON *item) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    if (cJSON_IsRaw(item) && *item->valuestring != '"') { /* a number */
        fputs(item->valuestring, out);
    } else if (cJSON_IsRaw(item)) { /* a text as JSON already */
        cJSON *string = cJSON_Parse(item->valuestring);
        if (cJSON_IsString(string))
            text_line(out, string->valuestring, strlen(string->valuestring));
        cJSON_Delete(string);
    } else if (cJSON_IsString(item))
        text_line(out, item->valuestring, strlen(item->valuestring));
    else if (cJSON_IsNumber(item) && is_hex(item->string))
        fprintf(out, "0x%08x", (unsigned)item->valuedouble);
    else if (cJSON_IsNumber(item) && item->valuedouble == floor(item->valuedouble))
        fprintf(out, "%.0f", item->valuedouble);
    else if (cJSON_IsNumber(item))
        fprintf(out, "%.4g", item->valuedouble);
    else
        fputs(cJSON_IsBool(item) ? cJSON_IsTrue(item) ? "yes" : "no" : "-", out);
    fclose(out);
    return text;
}

/* Columns that a text takes: of characters, not of bytes. */
static int columns(const char *text) {
    int n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void put(FILE *out, const char *text, int wide, bool right) {
    const int rest = wide > columns(text) ? wide - columns(text) : 0;
    fprintf(out, "%*s%s%*s", right ? rest : 0, "", text, right ? 0 : rest, "");
}

static int widest(const cJSON *rows, const cJSON *column) {
    const cJSON *row;
    int wide = columns(column->string);
    cJSON_ArrayForEach(row, rows) {
        char *text = text_of(cJSON_GetObjectItemCaseSensitive(row, column->string));
        if (text != NULL && columns(text) > wide)
            wide = columns(text);
        free(text);
    }
    return wide;
}

/* One line of a table: of the row, or of the names; no blanks at its end. */
static void table_line(FILE *to, const cJSON *rows, const cJSON *row) {
    const cJSON *column;
    char *line = NULL;
    size_t size;
    FILE *out = open_memstream(&line, &size);
    if (out == NULL)
        return;
    cJSON_ArrayForEach(column, rows->child) {
        const cJSON *item =
            row != NULL ? cJSON_GetObjectItemCaseSensitive(row, column->string) : NULL;
        char *text = row != NULL ? text_of(item) : strdup(column->string);
        if (column != rows->child->child)
            fputs("  ", out);
        put(out, text != NULL ? text : "", column->next == NULL ? 0 : widest(rows, column),
            cJSON_IsNumber(column));
        free(text);
    }
    fclose(out);
    while (size != 0 && line[size - 1] == ' ')
        size--;
    fwrite(line, 1, size, to);
    fputc('\n', to);
    free(line);
}

static void table(FILE *out, const cJSON *rows) {
    const cJSON *row;
    if (rows->child == NULL)
        return;
    table_line(out, rows, NULL);
    cJSON_ArrayForEach(row, rows) {
        table_line(out, rows, row);
    }
}

void console_show(FILE *out, const cJSON *object) {
    const cJSON *item;
    int wide = 0;
    cJSON_ArrayForEach(item, object) {
        if (!cJSON_IsArray(item) && strcmp(item->string, "command") != 0 &&
            columns(item->string) > wide)
            wide = columns(item->string);
    }
    cJSON_ArrayForEach(item, object) {
        if (strcmp(item->string, "command") == 0)
            continue;
        if (cJSON_IsArray(item)) {
            table(out, item);
            continue;
        }
        char *text = text_of(item);
        put(out, item->string, wide, false);
        fprintf(out, "  %s\n", text != NULL ? text : "");
        free(text);
    }
}
