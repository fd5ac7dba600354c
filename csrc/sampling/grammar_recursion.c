/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Rules that come back to themselves before they have read a character would be read for ever.
 */
#include <stdlib.h>
#include <string.h>

#include "grammar_parser.h"

/* What can be reached from the beginning of a rule without a character. */
struct flood {
    const struct grammar_parser *p;
    bool nullable[GRAMMAR_RULES]; /* rules that need none */
    bool calls[GRAMMAR_RULES];    /* of the rule that is looked at */
    uint32_t *stack, *seen, round;
};

/* Whether the rule's end can be reached so; notes what it calls on the way. */
static bool flood_rule(struct flood *f, uint32_t rule) {
    uint32_t depth = 0;
    bool ends = false;
    memset(f->calls, 0, sizeof f->calls);
    f->round++;
    f->stack[depth++] = f->p->rules[rule].entry;
    while (depth != 0) {
        const uint32_t at = f->stack[--depth];
        const struct grammar_node *n = &f->p->g->nodes[at];
        if (f->seen[at] == f->round)
            continue;
        f->seen[at] = f->round;
        ends |= n->kind == GRAMMAR_RETURN;
        if (n->kind == GRAMMAR_JUMP || n->kind == GRAMMAR_SPLIT)
            f->stack[depth++] = n->a;
        if (n->kind == GRAMMAR_SPLIT || (n->kind == GRAMMAR_CALL && f->nullable[n->a]))
            f->stack[depth++] = n->b;
        if (n->kind == GRAMMAR_CALL)
            f->calls[n->a] = true;
    }
    return ends;
}

/* Whether a rule comes back to itself before a character; colours: 1 under way, 2 done. */
static bool comes_back(struct flood *f, uint32_t rule, uint8_t *colours) {
    bool calls[GRAMMAR_RULES], back = false;
    if (colours[rule] != 0)
        return colours[rule] == 1;
    colours[rule] = 1;
    flood_rule(f, rule);
    memcpy(calls, f->calls, sizeof calls);
    for (uint32_t i = 0; i < f->p->rule_count && !back; i++)
        back = calls[i] && comes_back(f, i, colours);
    colours[rule] = 2;
    return back;
}

void grammar_check_recursion(struct grammar_parser *p) {
    const size_t room = 2 * (size_t)p->g->node_count + 1;
    struct flood *f = calloc(1, sizeof *f);
    uint8_t colours[GRAMMAR_RULES] = {0};
    if (f != NULL) {
        f->p = p;
        f->stack = calloc(room, sizeof *f->stack);
        f->seen = calloc(room, sizeof *f->seen);
    }
    if (f == NULL || f->stack == NULL || f->seen == NULL)
        grammar_fail(p, "out of memory");
    for (bool more = true; more && !p->failed;) {
        more = false;
        for (uint32_t i = 0; i < p->rule_count; i++) {
            const bool ends = flood_rule(f, i);
            more |= ends && !f->nullable[i];
            f->nullable[i] |= ends;
        }
    }
    for (uint32_t i = 0; i < p->rule_count && !p->failed; i++)
        if (comes_back(f, i, colours))
            ls_error_set(p->err, "grammar: rule \"%.*s\" is left-recursive",
                         (int)p->rules[i].length, p->rules[i].name),
                p->failed = true;
    if (f != NULL) {
        free(f->stack);
        free(f->seen);
    }
    free(f);
}
