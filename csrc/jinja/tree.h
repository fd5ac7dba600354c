/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A template as a tree.
 */
#ifndef LS_JINJA_TREE_H
#define LS_JINJA_TREE_H

#include "arena.h"
#include "jinja.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

enum token_kind {
    LEX_DATA, /* text between tags */
    LEX_PRINT,
    LEX_PRINT_END,
    LEX_BLOCK,
    LEX_BLOCK_END,
    LEX_NAME,
    LEX_TEXT, /* a literal, its escapes undone */
    LEX_INTEGER,
    LEX_REAL,
    LEX_OPERATOR,
    LEX_END
};

struct lexeme {
    enum token_kind kind;
    uint32_t line;
    struct text_view text;
};

/* Where reading failed. */
struct reading {
    struct arena *arena;
    struct ls_error *err;
    enum jinja_verdict verdict;
};

/* The first failure counts. */
__attribute__((format(printf, 4, 5))) void reading_fail(struct reading *reading,
                                                        enum jinja_verdict verdict, uint32_t line,
                                                        const char *format, ...);

/* Tokens up to LEX_END, or NULL and a failure. */
struct lexeme *lex(struct reading *reading, const char *text, size_t size);

/* Children and names of each kind; lists go on by `next`. */
enum node_kind {
    NODE_DATA,        /* name: the text */
    NODE_PRINT,       /* a */
    NODE_IF,          /* a: BRANCHes */
    NODE_BRANCH,      /* a: condition or NULL, b: body */
    NODE_FOR,         /* a: target, b: items, c: condition or NULL, d: body, e: if there are none */
    NODE_SET,         /* a: target, b: value */
    NODE_MACRO,       /* name, a: PARAMETERs, b: body */
    NODE_BREAK,       /* */
    NODE_CONTINUE,    /* */
    NODE_TARGET,      /* name; or a: TARGETs of a tuple; or name and other: a namespace's member */
    NODE_PARAMETER,   /* name, a: default or NULL */
    NODE_CONSTANT,    /* value */
    NODE_NAME,        /* name */
    NODE_LIST,        /* a: items */
    NODE_TUPLE,       /* a: items */
    NODE_DICT,        /* a: PAIRs */
    NODE_PAIR,        /* a: key, b: value */
    NODE_NOT,         /* a */
    NODE_MINUS,       /* a */
    NODE_PLUS,        /* a */
    NODE_AND,         /* a, b */
    NODE_OR,          /* a, b */
    NODE_COMPARE,     /* a: the first, b: OPERANDs */
    NODE_OPERAND,     /* name: operator, a */
    NODE_BINARY,      /* name: operator, a, b */
    NODE_CONDITIONAL, /* a if b else c, which may be NULL */
    NODE_ATTRIBUTE,   /* a.name */
    NODE_INDEX,       /* a[b] */
    NODE_SLICE,       /* a[b:c:d], each but a may be NULL */
    NODE_CALL,        /* a(b: ARGUMENTs); c: a MACRO, the block that it is given, or NULL */
    NODE_ARGUMENT,    /* name or none, a; of a list or dict all items: "*", "**" */
    NODE_FILTER,      /* a | name(b) */
    NODE_TEST,        /* a is name(b) */
    NODE_CAPTURE      /* b: body, whose output is the value */
};

struct node {
    enum node_kind kind;
    uint32_t line;
    struct text_view name, other;
    struct value value;
    struct node *a, *b, *c, *d, *e, *next;
};

struct parser {
    struct reading *reading;
    const struct lexeme *at;
    unsigned depth;
    unsigned loops;    /* that break can leave */
    struct node spare; /* in place of one that there is no memory for */
};

struct node *parse_template(struct reading *reading, const struct lexeme *lexemes);

/* ---- what statements and expressions share: parse.c ---- */

struct node *parse_node(struct parser *p, enum node_kind kind);
bool parse_is(const struct parser *p, enum token_kind kind, const char *text);
bool parse_takes(struct parser *p, enum token_kind kind, const char *text);
void parse_expect(struct parser *p, enum token_kind kind, const char *text);
bool parse_failed(const struct parser *p);
void parse_unexpected(struct parser *p, const char *wanted);
struct text_view parse_name(struct parser *p);

/* Too deep: a failure. Each is followed by parse_up. */
bool parse_down(struct parser *p);
void parse_up(struct parser *p);

/* ---- parse_expression.c: never NULL unless reading failed ---- */

struct node *parse_expression(struct parser *p);
struct node *parse_tuple(struct parser *p);    /* a, b */
struct node *parse_or_tuple(struct parser *p); /* the same without `if`, which a loop has */

/* ---- parse_value.c ---- */

struct node *parse_filters(struct parser *p, struct node *of);      /* | trim | upper */
struct node *parse_first_filter(struct parser *p, struct node *of); /* trim | upper */
struct node *parse_unary(struct parser *p, bool filters); /* with a sign; filters: and those */
struct node *parse_joined(struct parser *p, enum node_kind kind, struct text_view name,
                          struct node *a, struct node *b);

#ifdef __cplusplus
}
#endif
#endif
