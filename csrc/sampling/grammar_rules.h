/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A grammar as a graph: what grammar_parse.c makes of its text and grammar.c walks.
 *
 *     struct grammar_rules rules;
 *     if (grammar_parse(text, &rules, &err) == 0)
 *         follow(rules.nodes, rules.root);
 *     grammar_release(&rules);
 */
#ifndef LOCKSTEP_GRAMMAR_RULES_H
#define LOCKSTEP_GRAMMAR_RULES_H

#include <stdint.h>

#include "grammar.h"

#ifdef __cplusplus
extern "C" {
#endif

enum grammar_kind {
    GRAMMAR_SET,   /* a character of set `a`, then `b` */
    GRAMMAR_CALL,  /* what begins at `a`, then `b` */
    GRAMMAR_SPLIT, /* `a` or `b` */
    GRAMMAR_JUMP,  /* `a`: none is left behind the parser */
    GRAMMAR_RETURN /* the rule ends */
};

struct grammar_node {
    enum grammar_kind kind;
    uint32_t a, b; /* nodes, or a set */
};

/* Of code points: those in `ranges`, or all others. */
struct grammar_set {
    uint32_t first, count; /* ranges */
    bool others;
};

struct grammar_range {
    uint32_t low, high;
};

struct grammar_rules {
    struct grammar_node *nodes;
    struct grammar_set *sets;
    struct grammar_range *ranges;
    uint32_t node_count, set_count, range_count, set_room, range_room;
    uint32_t root; /* where a text begins */
};

/* Returns 0, or -1 with a line in `err`; to be released in any case. */
int grammar_parse(const char *text, struct grammar_rules *rules, struct ls_error *err);
void grammar_release(struct grammar_rules *rules);

#ifdef __cplusplus
}
#endif
#endif
