/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What makes a grammar of a schema, between its parts. An expression is written to a stream: a
 * name, a text, or what stands in ( ).
 *
 *     struct schema_name name = schema_named(maker, "items", schema); // r3
 *     fprintf(out, "\"[\" ws %s ws \"]\"", name.text);
 */
#ifndef LOCKSTEP_SCHEMA_MAKER_H
#define LOCKSTEP_SCHEMA_MAKER_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "schema.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SCHEMA_TARGETS = 128, SCHEMA_PATH = 200 };

/* Bits: what a value is. A whole number is SCHEMA_INTEGER, any other one SCHEMA_NUMBER. */
enum schema_kind {
    SCHEMA_NULL = 1,
    SCHEMA_BOOLEAN = 2,
    SCHEMA_INTEGER = 4,
    SCHEMA_NUMBER = 8,
    SCHEMA_STRING = 16,
    SCHEMA_ARRAY = 32,
    SCHEMA_OBJECT = 64,
    SCHEMA_ANY = 127
};

/* What a $ref leads to: a rule. */
struct schema_target {
    const cJSON *schema;
    unsigned rule;
    unsigned level; /* of arrays and objects around it where it began */
    bool open;      /* it is being written */
};

struct schema_maker {
    const cJSON *root;
    FILE *rules;           /* those that are whole */
    unsigned rule_count;   /* named r0, r1 ... */
    unsigned level, depth; /* arrays and objects, schemas around */
    struct schema_target targets[SCHEMA_TARGETS];
    unsigned target_count;
    char path[SCHEMA_PATH]; /* where it is, a JSON pointer */
    struct ls_error *err;
    bool failed;
};

struct schema_name {
    char text[24];
};

/* The first failure is told, with the place. */
__attribute__((format(printf, 2, 3))) void schema_fail(struct schema_maker *maker,
                                                       const char *format, ...);

/* ---- schema.c ---- */

/* Begins an expression that will be a rule, and makes it one, or nothing if it is a name already.
 */
struct schema_text {
    FILE *out;
    char *data;
    size_t size;
};
FILE *schema_begin(struct schema_maker *maker, struct schema_text *text);
struct schema_name schema_end(struct schema_maker *maker, struct schema_text *text);

/* A name, least .. most (UINT32_MAX: any number) times. */
void schema_repeat(struct schema_maker *maker, FILE *out, const char *name, uint32_t least,
                   uint32_t most);

/* A whole number from 0 on; not there: `other`. */
uint32_t schema_count(struct schema_maker *maker, const cJSON *schema, const char *name,
                      uint32_t other);

/* A schema as a name; `of`: the keyword that it belongs to. */
struct schema_name schema_named(struct schema_maker *maker, const char *of, const cJSON *schema);

/* ---- literal.c ---- */

void schema_literal(FILE *out, const char *text);               /* "text" */
void schema_json(struct schema_maker *, FILE *, const cJSON *); /* a value, spelled one way */
void schema_class_character(FILE *out, uint32_t code);          /* within [ ] */
/* A character, or of no text: 0; *text goes behind it. */
uint32_t schema_character(const char **text);

/* ---- object.c, array.c, string.c, pattern.c, number.c: a value of one kind ---- */

void schema_object(struct schema_maker *maker, FILE *out, const cJSON *schema);
void schema_array(struct schema_maker *maker, FILE *out, const cJSON *schema);
void schema_string(struct schema_maker *maker, FILE *out, const cJSON *schema);
void schema_pattern(struct schema_maker *maker, FILE *out, const char *pattern);
void schema_number(struct schema_maker *maker, FILE *out, const cJSON *schema, bool whole);

/* ---- apart.c ---- */

/* The kinds of a `type` or of its name in a list; 0: none. */
unsigned schema_kinds(const cJSON *type);
unsigned schema_kind_of(const cJSON *value);
/* What a $ref means, or NULL. */
const cJSON *schema_target(const cJSON *root, const char *ref);
/* Whether no value satisfies both. false: it cannot be told. */
bool schema_apart(const cJSON *root, const cJSON *left, const cJSON *right, unsigned depth);

#ifdef __cplusplus
}
#endif
#endif
