/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A text on its way to a graph: what the parts of the parser share. A part of a rule is a piece of
 * graph with one way in and one out.
 *
 *     const uint32_t set = grammar_open_set(p, false);
 *     grammar_add_range(p, set, 'a', 'z');
 *     all = grammar_join(p, all, grammar_set_part(p, set));
 */
#ifndef LOCKSTEP_GRAMMAR_PARSER_H
#define LOCKSTEP_GRAMMAR_PARSER_H

#include "grammar_rules.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { GRAMMAR_RULES = 512 };
#define GRAMMAR_NONE UINT32_MAX

struct grammar_rule {
    const char *name;
    size_t length;
    uint32_t entry; /* a JUMP to its alternatives, or NONE: not there yet */
    uint32_t line;  /* where it was first named */
};

struct grammar_part {
    uint32_t in, out; /* out: a JUMP that leads nowhere yet */
};

struct grammar_parser {
    struct grammar_rules *g;
    struct grammar_rule rules[GRAMMAR_RULES];
    uint32_t rule_count;
    const char *text, *at;
    unsigned depth;
    struct ls_error *err;
    bool failed;
};

/* The first failure is told, with the line. */
void grammar_fail(struct grammar_parser *p, const char *what);
uint32_t grammar_line(const struct grammar_parser *p);

/* ---- grammar_graph.c ---- */

uint32_t grammar_add(struct grammar_parser *p, enum grammar_kind kind, uint32_t a, uint32_t b);
struct grammar_part grammar_empty(struct grammar_parser *p);
void grammar_lead(struct grammar_parser *p, uint32_t from, uint32_t to);
struct grammar_part grammar_join(struct grammar_parser *p, struct grammar_part left,
                                 struct grammar_part right);
struct grammar_part grammar_set_part(struct grammar_parser *p, uint32_t set);
uint32_t grammar_open_set(struct grammar_parser *p, bool others);
void grammar_add_range(struct grammar_parser *p, uint32_t set, uint32_t low, uint32_t high);

/* Calls lead to what they call, and nothing to a JUMP. */
void grammar_link(struct grammar_parser *p, uint32_t root);

/* ---- grammar_recursion.c ---- */

/* Fails if a rule comes back to itself before a character. */
void grammar_check_recursion(struct grammar_parser *p);

#ifdef __cplusplus
}
#endif
#endif
