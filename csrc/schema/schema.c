/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A schema is a rule, or a name of one that all schemas share.
 */
#include "schema.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "maker.h"

enum { CHUNK = 64 };

/* Blanks as llama.cpp's server allows them. A character is none of UTF-16's halves, so a text has
 * as many characters as it has of these. A number is one that a binary64 holds. */
static const char shared[] =
    "ws ::= | \" \" | \"\\n\"{1,2} [ \\t]{0,20}\n"
    "plain ::= [^\"\\\\\\x7F\\x00-\\x1F]\n"
    "char ::= plain | \"\\\\\" ([\"\\\\bfnrt] | \"u\" ([0-9a-cA-CefEF] [0-9a-fA-F]{3} | "
    "[dD] [0-7] [0-9a-fA-F]{2}))\n"
    "string ::= \"\\\"\" char* \"\\\"\"\n"
    "integer ::= \"-\"? (\"0\" | [1-9] [0-9]{0,15})\n"
    "number ::= integer (\".\" [0-9]{1,16})? ([eE] [-+]? (\"0\" | [1-9] [0-9]?))?\n"
    "boolean ::= \"true\" | \"false\"\n"
    "null ::= \"null\"\n"
    "value ::= object | array | string | number | boolean | null\n"
    "object ::= \"{\" ws (string \":\" ws value (\",\" ws string \":\" ws value)*)? ws \"}\"\n"
    "array ::= \"[\" ws (value (\",\" ws value)*)? ws \"]\"\n";

/* ---- keywords ---- */

enum { NOTE = 0x100, WHOLE = 0x200, TYPE = 0x400, NULLABLE = 0x800 };
enum { NUMERIC = SCHEMA_INTEGER | SCHEMA_NUMBER };

static const struct {
    const char *name;
    unsigned what; /* bits of the kinds that it speaks of; NOTE: of none; WHOLE: it says all */
} keywords[] = {
    {"title", NOTE},
    {"description", NOTE},
    {"default", NOTE},
    {"example", NOTE},
    {"examples", NOTE},
    {"deprecated", NOTE},
    {"readOnly", NOTE},
    {"writeOnly", NOTE},
    {"discriminator", NOTE},
    {"$schema", NOTE},
    {"$id", NOTE},
    {"$comment", NOTE},
    {"$defs", NOTE},
    {"definitions", NOTE},
    {"$ref", WHOLE},
    {"anyOf", WHOLE},
    {"oneOf", WHOLE},
    {"allOf", WHOLE},
    {"enum", WHOLE | TYPE},
    {"const", WHOLE | TYPE},
    {"type", TYPE},
    {"nullable", NULLABLE},
    {"properties", SCHEMA_OBJECT},
    {"required", SCHEMA_OBJECT},
    {"additionalProperties", SCHEMA_OBJECT},
    {"items", SCHEMA_ARRAY},
    {"prefixItems", SCHEMA_ARRAY},
    {"minItems", SCHEMA_ARRAY},
    {"maxItems", SCHEMA_ARRAY},
    {"uniqueItems", SCHEMA_ARRAY},
    {"minLength", SCHEMA_STRING},
    {"maxLength", SCHEMA_STRING},
    {"pattern", SCHEMA_STRING},
    {"format", SCHEMA_STRING},
    {"minimum", NUMERIC},
    {"maximum", NUMERIC},
    {"exclusiveMinimum", NUMERIC},
    {"exclusiveMaximum", NUMERIC},
};

/* ---- the maker ---- */

void schema_fail(struct schema_maker *m, const char *format, ...) {
    char what[300];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    if (!m->failed)
        ls_error_set(m->err, "JSON schema, #%s: %s", m->path, what);
    m->failed = true;
}

FILE *schema_begin(struct schema_maker *m, struct schema_text *text) {
    *text = (struct schema_text){NULL, NULL, 0};
    text->out = open_memstream(&text->data, &text->size);
    if (text->out == NULL)
        schema_fail(m, "out of memory");
    return text->out != NULL ? text->out : m->rules;
}

static void put_rule(struct schema_maker *m, unsigned rule, struct schema_text *text) {
    if (text->out == NULL || fclose(text->out) != 0)
        schema_fail(m, "out of memory");
    if (!m->failed)
        fprintf(m->rules, "r%u ::= %s\n", rule, text->data);
    if (!m->failed && ftell(m->rules) > (long)SCHEMA_BYTES)
        schema_fail(m, "the grammar of the schema is longer than %u bytes", SCHEMA_BYTES);
    free(text->data);
}

static struct schema_name name_of(unsigned rule) {
    struct schema_name name;
    snprintf(name.text, sizeof name.text, "r%u", rule);
    return name;
}

struct schema_name schema_end(struct schema_maker *m, struct schema_text *text) {
    struct schema_name name = name_of(m->rule_count);
    if (text->out != NULL)
        fflush(text->out);
    if (text->data != NULL && text->size < sizeof name.text &&
        strspn(text->data, "abcdefghijklmnopqrstuvwxyz0123456789") == text->size) {
        memcpy(name.text, text->data, text->size + 1);
        fclose(text->out);
        free(text->data);
        return name;
    }
    put_rule(m, m->rule_count++, text);
    return name;
}

void schema_repeat(struct schema_maker *m, FILE *out, const char *name, uint32_t least,
                   uint32_t most) {
    const uint32_t more = most == UINT32_MAX ? 0 : most - least;
    struct schema_text text;
    struct schema_name chunk = {""}, few = {""};
    if (least > 2 * CHUNK || more > 2 * CHUNK) {
        fprintf(schema_begin(m, &text), "%s{%u}", name, CHUNK);
        chunk = schema_end(m, &text);
        fprintf(schema_begin(m, &text), "%s{0,%u}", name, CHUNK - 1);
        few = schema_end(m, &text);
    }
    if (least > 2 * CHUNK)
        fprintf(out, "%s{%u} %s{%u}", chunk.text, least / CHUNK, name, least % CHUNK);
    else if (least != 0 || most == UINT32_MAX)
        fprintf(out, "%s{%u%s}", name, least, most == UINT32_MAX ? "," : "");
    if (least > 2 * CHUNK && most == UINT32_MAX)
        fprintf(out, " %s*", name);
    if (more > 2 * CHUNK)
        fprintf(out, " (%s{0,%u} %s | %s{%u} %s{0,%u})", chunk.text, more / CHUNK - 1, few.text,
                chunk.text, more / CHUNK, name, more % CHUNK);
    else if (more != 0)
        fprintf(out, " %s{0,%u}", name, more);
}

uint32_t schema_count(struct schema_maker *m, const cJSON *schema, const char *name,
                      uint32_t other) {
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(schema, name);
    if (v == NULL)
        return other;
    if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0) || v->valuedouble != floor(v->valuedouble)) {
        schema_fail(m, "\"%s\" must be a whole number from 0 on", name);
        return other;
    }
    return v->valuedouble < UINT32_MAX - 1 ? (uint32_t)v->valuedouble : UINT32_MAX - 1;
}

/* ---- schemas ---- */

static void schema_any(struct schema_maker *m, FILE *out, const cJSON *schema);

/* `name` of the schema, and of its member if there is one; returns what schema_leave wants. */
static size_t enter(struct schema_maker *m, const char *name, int member) {
    const size_t size = strlen(m->path);
    if (member >= 0)
        snprintf(m->path + size, sizeof m->path - size, "/%s/%d", name, member);
    else
        snprintf(m->path + size, sizeof m->path - size, "/%s", name);
    return size;
}

static void either(struct schema_maker *m, FILE *out, const cJSON *list) {
    const cJSON *each;
    int at = 0;
    if (!cJSON_IsArray(list) || list->child == NULL) {
        schema_fail(m, "\"%s\" must be a list of schemas", list->string);
        return;
    }
    fputs("(", out);
    cJSON_ArrayForEach(each, list) {
        const size_t back = enter(m, list->string, at);
        fputs(at++ == 0 ? "" : " | ", out);
        schema_any(m, out, each);
        m->path[back] = '\0';
    }
    fputs(")", out);
}

/* Of which exactly one holds: so none may hold beside another one. */
static void one_of(struct schema_maker *m, FILE *out, const cJSON *list) {
    const cJSON *left, *right;
    int i = 0, k;
    cJSON_ArrayForEach(left, list) {
        k = ++i;
        for (right = left->next; right != NULL && !m->failed; right = right->next, k++)
            if (!schema_apart(m->root, left, right, 0))
                schema_fail(m,
                            "\"oneOf\": %d and %d are not seen to exclude each other (by type, "
                            "const or enum, also of a required property): use \"anyOf\"",
                            i - 1, k);
    }
    either(m, out, list);
}

static void reference(struct schema_maker *m, FILE *out, const cJSON *ref) {
    const cJSON *schema = cJSON_IsString(ref) ? schema_target(m->root, ref->valuestring) : NULL;
    struct schema_target *t = m->targets;
    struct schema_text text;
    if (schema == NULL) {
        schema_fail(m, "\"$ref\": nothing is at %s", cJSON_IsString(ref) ? ref->valuestring : "");
        return;
    }
    while (t < m->targets + m->target_count && t->schema != schema)
        t++;
    if (t < m->targets + m->target_count) {
        if (t->open && t->level == m->level)
            schema_fail(m, "\"$ref\" leads back to where it stands");
        fputs(name_of(t->rule).text, out);
        return;
    }
    if (m->target_count == SCHEMA_TARGETS) {
        schema_fail(m, "\"$ref\" leads to more than %d places", SCHEMA_TARGETS);
        return;
    }
    *t = (struct schema_target){schema, m->rule_count++, m->level, true};
    m->target_count++;
    schema_any(m, schema_begin(m, &text), schema);
    put_rule(m, t->rule, &text);
    t->open = false;
    fputs(name_of(t->rule).text, out);
}

/* Those of a list whose kind is among the types. */
static void values(struct schema_maker *m, FILE *out, const cJSON *first, unsigned kinds) {
    bool some = false;
    for (const cJSON *v = first; v != NULL; v = v->next) {
        if ((schema_kind_of(v) & kinds) == 0)
            continue;
        fputs(some ? " | " : "(", out);
        schema_json(m, out, v);
        some = true;
    }
    if (!some)
        schema_fail(m, "no value is of its \"type\"");
    fputs(")", out);
}

static void whole(struct schema_maker *m, FILE *out, const cJSON *keyword, unsigned kinds) {
    const char *name = keyword->string;
    if (strcmp(name, "$ref") == 0) {
        reference(m, out, keyword);
    } else if (strcmp(name, "anyOf") == 0) {
        either(m, out, keyword);
    } else if (strcmp(name, "oneOf") == 0) {
        one_of(m, out, keyword);
    } else if (strcmp(name, "allOf") == 0) {
        if (cJSON_GetArraySize(keyword) > 1)
            schema_fail(m, "\"allOf\" of more than one schema is not supported");
        either(m, out, keyword);
    } else if (strcmp(name, "const") == 0) {
        cJSON alone = *keyword;
        alone.next = NULL;
        values(m, out, &alone, kinds);
    } else if (cJSON_IsArray(keyword)) {
        values(m, out, keyword->child, kinds);
    } else {
        schema_fail(m, "\"enum\" must be a list");
    }
}

static void by_kind(struct schema_maker *m, FILE *out, const cJSON *schema, unsigned kinds) {
    const char *between = "(";
    static const char *const names[] = {"null", "boolean"};
    if ((kinds & SCHEMA_NUMBER) != 0)
        kinds &= ~(unsigned)SCHEMA_INTEGER;
    for (unsigned bit = 0; bit < 7; bit++) {
        if ((kinds >> bit & 1) == 0)
            continue;
        if ((kinds & (kinds - 1)) != 0)
            fputs(between, out);
        between = " | ";
        if (bit < 2)
            fputs(names[bit], out);
        else if (bit < 4)
            schema_number(m, out, schema, bit == 2);
        else if (bit == 4)
            schema_string(m, out, schema);
        else if (bit == 5)
            schema_array(m, out, schema);
        else
            schema_object(m, out, schema);
    }
    if ((kinds & (kinds - 1)) != 0)
        fputs(")", out);
}

/* What its keywords speak of; *all: one that says all. */
static unsigned read_keywords(struct schema_maker *m, const cJSON *schema, const cJSON **all) {
    const cJSON *each;
    unsigned seen = 0;
    cJSON_ArrayForEach(each, schema) {
        size_t i = 0;
        while (i < sizeof keywords / sizeof *keywords &&
               strcmp(keywords[i].name, each->string) != 0)
            i++;
        if (i == sizeof keywords / sizeof *keywords) {
            schema_fail(m, "\"%s\" is not supported", each->string);
            return 0;
        }
        const unsigned what = keywords[i].what;
        if (cJSON_GetObjectItemCaseSensitive(schema, each->string) != each)
            schema_fail(m, "\"%s\" is there twice", each->string);
        if ((what & WHOLE) != 0 && *all != NULL)
            schema_fail(m, "\"%s\" beside \"%s\" is not supported", each->string, (*all)->string);
        if ((what & WHOLE) != 0)
            *all = each;
        seen |= what & ~(unsigned)(NOTE | WHOLE | TYPE);
    }
    return seen;
}

static void schema_object_of(struct schema_maker *m, FILE *out, const cJSON *schema) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(schema, "type"), *all = NULL;
    const cJSON *nullable = cJSON_GetObjectItemCaseSensitive(schema, "nullable");
    const unsigned seen = read_keywords(m, schema, &all);
    const unsigned spoken = seen & SCHEMA_ANY, named = type != NULL ? schema_kinds(type) : 0;
    const bool or_null = cJSON_IsTrue(nullable);
    if (type != NULL && named == 0)
        schema_fail(m, "\"type\" must be the name of a type, or a list of them");
    if (nullable != NULL && !cJSON_IsBool(nullable))
        schema_fail(m, "\"nullable\" must be true or false");
    if (all != NULL && (spoken != 0 || (type != NULL && strcmp(all->string, "enum") != 0 &&
                                        strcmp(all->string, "const") != 0)))
        schema_fail(m, "other keywords beside \"%s\" are not supported", all->string);
    for (const cJSON *each = schema->child; each != NULL && type != NULL; each = each->next)
        for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
            if (strcmp(keywords[i].name, each->string) == 0 &&
                (keywords[i].what & SCHEMA_ANY) != 0 && (keywords[i].what & named) == 0)
                schema_fail(m, "\"%s\" says nothing of its \"type\"", each->string);
    if (m->failed)
        return;
    fputs(or_null ? "(null | " : "", out);
    if (all != NULL)
        whole(m, out, all, type != NULL ? named : SCHEMA_ANY);
    else if (type != NULL || spoken != 0)
        by_kind(m, out, schema, type != NULL ? named : spoken);
    else
        fputs("value", out);
    fputs(or_null ? ")" : "", out);
}

static void schema_any(struct schema_maker *m, FILE *out, const cJSON *schema) {
    if (m->failed)
        return;
    if (++m->depth > SCHEMA_DEPTH)
        schema_fail(m, "schemas lie too deep in each other");
    else if (cJSON_IsTrue(schema))
        fputs("value", out);
    else if (cJSON_IsFalse(schema))
        schema_fail(m, "nothing satisfies false");
    else if (!cJSON_IsObject(schema))
        schema_fail(m, "a schema is an object, or true");
    else
        schema_object_of(m, out, schema);
    m->depth--;
}

struct schema_name schema_named(struct schema_maker *m, const char *of, const cJSON *schema) {
    struct schema_text text;
    const size_t back = enter(m, of, -1);
    if (schema->string != NULL && strcmp(of, schema->string) != 0)
        enter(m, schema->string, -1);
    m->level++;
    schema_any(m, schema_begin(m, &text), schema);
    m->level--;
    m->path[back] = '\0';
    return schema_end(m, &text);
}

char *schema_grammar(const cJSON *schema, struct ls_error *err) {
    struct schema_maker *m = calloc(1, sizeof *m);
    const cJSON root = {.type = cJSON_String, .valuestring = (char[]){"#"}};
    struct schema_text text;
    char *all = NULL;
    size_t size = 0;
    if (m != NULL)
        m->rules = open_memstream(&all, &size);
    if (m == NULL || m->rules == NULL) {
        free(m);
        ls_error_set(err, "out of memory");
        return NULL;
    }
    m->root = schema;
    m->err = err;
    fputs(shared, m->rules);
    reference(m, schema_begin(m, &text), &root);
    fputs("root ::= r0\n", m->rules);
    fclose(text.out);
    free(text.data);
    fclose(m->rules);
    const bool failed = m->failed;
    free(m);
    if (!failed)
        return all;
    free(all);
    return NULL;
}
