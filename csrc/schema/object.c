/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Objects: first the required members, then the others, then additional ones.
 */
#include <stdlib.h>
#include <string.h>

#include "maker.h"

enum { MEMBERS = 256, NAME = 48 }; /* NAME: characters of a name beside additional ones */

struct member {
    const char *name;
    struct schema_name value;
};

struct members {
    struct member list[MEMBERS];
    unsigned required, count; /* the required ones are the first */
    bool more;                /* additional ones, their names and values: */
    struct schema_name key, value;
};

static bool among(const cJSON *names, const char *name) {
    const cJSON *each;
    cJSON_ArrayForEach(each, names) if (cJSON_IsString(each) &&
                                        strcmp(each->valuestring, name) == 0) return true;
    return false;
}

static void add(struct schema_maker *m, struct members *s, const char *name, const cJSON *schema) {
    for (unsigned i = 0; i < s->count; i++)
        if (strcmp(s->list[i].name, name) == 0)
            schema_fail(m, "\"%s\" is there twice", name);
    if (s->count == MEMBERS)
        schema_fail(m, "more than %d properties", MEMBERS);
    if (m->failed)
        return;
    s->list[s->count].name = name;
    s->list[s->count].value = schema_named(m, "properties", schema);
    s->count++;
}

/* ---- names of additional members: any but those that have a schema of their own ---- */

/* Of the names first .. end - 1, sorted, what stands behind `at` bytes that they share. Only
 * characters that stand for themselves, so that no escape spells one of them. */
static void other_names(struct schema_maker *m, FILE *out, const char **names, unsigned first,
                        unsigned end, size_t at, unsigned depth) {
    const bool is_name = names[first][at] == '\0';
    uint32_t begins[MEMBERS];
    unsigned count = 0;
    if (depth == NAME) {
        schema_fail(m,
                    "\"additionalProperties\": beside a name of more than %d characters they "
                    "are not supported",
                    NAME);
        return;
    }
    fputs("(", out);
    for (unsigned i = first + is_name, next; i < end; i = next) {
        const char *behind = names[i] + at;
        const uint32_t code = schema_character(&behind);
        const size_t width = (size_t)(behind - names[i]) - at;
        for (next = i + 1; next < end && memcmp(names[next] + at, names[i] + at, width) == 0;)
            next++;
        begins[count++] = code;
        if (code < ' ' || code == '"' || code == '\\' || code == 0x7f)
            continue; /* has to be escaped */
        fputs("[", out);
        schema_class_character(out, code);
        fputs("] ", out);
        other_names(m, out, names, i, next, at + width, depth + 1);
        fputs(" | ", out);
    }
    fputs("[^\\\"\\\\\\x7F\\x00-\\x1F", out);
    for (unsigned i = 0; i < count; i++)
        if (begins[i] > 0x7f ||
            (begins[i] >= ' ' && begins[i] != '"' && begins[i] != '\\' && begins[i] != 0x7f))
            schema_class_character(out, begins[i]);
    fprintf(out, "] plain*)%s", is_name ? "" : "?");
}

static int by_name(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static struct schema_name other_key(struct schema_maker *m, const struct members *s) {
    const char *names[MEMBERS];
    struct schema_text text;
    FILE *out = schema_begin(m, &text);
    for (unsigned i = 0; i < s->count; i++)
        names[i] = s->list[i].name;
    if (s->count == 0) {
        fputs("string", out);
    } else {
        qsort(names, s->count, sizeof *names, by_name);
        fputs("\"\\\"\" ", out);
        other_names(m, out, names, 0, s->count, 0, 0);
        fputs(" \"\\\"\"", out);
    }
    return schema_end(m, &text);
}

/* ---- members ---- */

static void read_members(struct schema_maker *m, struct members *s, const cJSON *schema) {
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
    const cJSON *required = cJSON_GetObjectItemCaseSensitive(schema, "required");
    const cJSON *others = cJSON_GetObjectItemCaseSensitive(schema, "additionalProperties"), *each;
    const cJSON any = {.type = cJSON_True};
    if (properties != NULL && !cJSON_IsObject(properties))
        schema_fail(m, "\"properties\" must be an object");
    if (required != NULL && !cJSON_IsArray(required))
        schema_fail(m, "\"required\" must be a list of names");
    cJSON_ArrayForEach(each, properties) if (among(required, each->string))
        add(m, s, each->string, each);
    cJSON_ArrayForEach(each, required) {
        if (!cJSON_IsString(each)) {
            schema_fail(m, "\"required\" must be a list of names");
        } else if (cJSON_GetObjectItemCaseSensitive(properties, each->valuestring) == NULL) {
            if (cJSON_IsFalse(others))
                schema_fail(m, "\"%s\" is required, and no property", each->valuestring);
            add(m, s, each->valuestring, cJSON_IsObject(others) ? others : &any);
        }
    }
    s->required = s->count;
    cJSON_ArrayForEach(each, properties) if (!among(required, each->string))
        add(m, s, each->string, each);
    /* Where there are properties and nothing is said, there are no others. */
    s->more = others == NULL ? properties == NULL : !cJSON_IsFalse(others);
    if (s->more && !m->failed) {
        s->value = schema_named(m, "additionalProperties", others != NULL ? others : &any);
        s->key = other_key(m, s);
    }
}

static void put_member(FILE *out, const struct members *s, unsigned i) {
    if (i == s->count) {
        fprintf(out, "%s \":\" ws %s", s->key.text, s->value.text);
        return;
    }
    cJSON name = {.type = cJSON_String, .valuestring = (char *)(uintptr_t)s->list[i].name};
    char *json = cJSON_PrintUnformatted(&name);
    schema_literal(out, json != NULL ? json : "");
    cJSON_free(json);
    fprintf(out, " ws \":\" ws %s", s->list[i].value.text);
}

/* Those from the i-th on, none of them required, behind one that is there. */
static void put_rest(FILE *out, const struct members *s, unsigned i) {
    for (; i < s->count; i++) {
        fputs(" (\",\" ws ", out);
        put_member(out, s, i);
        fputs(")?", out);
    }
    if (s->more) {
        fputs(" (\",\" ws ", out);
        put_member(out, s, s->count);
        fputs(")*", out);
    }
}

/* None is required: any of them may be the first. */
static void put_optional(struct schema_maker *m, FILE *out, const struct members *s) {
    struct schema_name rests[MEMBERS + 1];
    struct schema_text text;
    const unsigned count = s->count + s->more;
    for (unsigned i = count; i-- != 0 && !m->failed;) { /* what may follow the i-th */
        FILE *rest = schema_begin(m, &text);
        if (i >= s->count) {
            put_rest(rest, s, s->count);
        } else if (i + 1 < count) {
            fputs("(\",\" ws ", rest);
            put_member(rest, s, i + 1);
            fprintf(rest, "%s %s", i + 1 == s->count ? ")*" : ")?",
                    i + 1 == s->count ? "" : rests[i + 1].text);
        } else {
            fputs("\"\"", rest);
        }
        rests[i] = schema_end(m, &text);
    }
    for (unsigned i = 0; i < count && !m->failed; i++) {
        fputs(i == 0 ? " (" : " | ", out);
        put_member(out, s, i);
        fprintf(out, " %s", rests[i].text);
    }
    fputs(count != 0 ? ")?" : "", out);
}

void schema_object(struct schema_maker *m, FILE *out, const cJSON *schema) {
    struct members *s = calloc(1, sizeof *s);
    struct schema_text text;
    if (s == NULL) {
        schema_fail(m, "out of memory");
        return;
    }
    FILE *rule = schema_begin(m, &text);
    read_members(m, s, schema);
    fputs("\"{\" ws", rule);
    if (s->required == 0) {
        put_optional(m, rule, s);
    } else {
        for (unsigned i = 0; i < s->required; i++) {
            fputs(i == 0 ? " " : " \",\" ws ", rule);
            put_member(rule, s, i);
        }
        put_rest(rule, s, s->required);
    }
    fputs(" ws \"}\"", rule);
    fputs(schema_end(m, &text).text, out);
    free(s);
}
