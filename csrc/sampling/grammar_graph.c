/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The graph of a grammar: nodes, sets, and how they are linked.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "grammar_parser.h"

uint32_t grammar_line(const struct grammar_parser *p) {
    uint32_t line = 1;
    for (const char *c = p->text; c < p->at; c++)
        line += *c == '\n';
    return line;
}

void grammar_fail(struct grammar_parser *p, const char *what) {
    if (!p->failed)
        ls_error_set(p->err, "grammar, line %" PRIu32 ": %s", grammar_line(p), what);
    p->failed = true;
}

uint32_t grammar_add(struct grammar_parser *p, enum grammar_kind kind, uint32_t a, uint32_t b) {
    if (p->g->node_count == GRAMMAR_NODES) {
        grammar_fail(p, "it is too large, with what it repeats written out");
        return 0;
    }
    p->g->nodes[p->g->node_count] = (struct grammar_node){kind, a, b};
    return p->g->node_count++;
}

struct grammar_part grammar_empty(struct grammar_parser *p) {
    const uint32_t node = grammar_add(p, GRAMMAR_JUMP, GRAMMAR_NONE, GRAMMAR_NONE);
    return (struct grammar_part){node, node};
}

void grammar_lead(struct grammar_parser *p, uint32_t from, uint32_t to) {
    if (!p->failed)
        p->g->nodes[from].a = to;
}

struct grammar_part grammar_join(struct grammar_parser *p, struct grammar_part left,
                                 struct grammar_part right) {
    grammar_lead(p, left.out, right.in);
    return (struct grammar_part){left.in, right.out};
}

struct grammar_part grammar_set_part(struct grammar_parser *p, uint32_t set) {
    const uint32_t out = grammar_add(p, GRAMMAR_JUMP, GRAMMAR_NONE, GRAMMAR_NONE);
    return (struct grammar_part){grammar_add(p, GRAMMAR_SET, set, out), out};
}

static void *grow(struct grammar_parser *p, void *list, uint32_t count, uint32_t *room,
                  size_t size) {
    if (count < *room)
        return list;
    void *larger = realloc(list, (2 * (size_t)count + 64) * size);
    if (larger == NULL) {
        grammar_fail(p, "out of memory");
        return list;
    }
    *room = 2 * count + 64;
    return larger;
}

uint32_t grammar_open_set(struct grammar_parser *p, bool others) {
    struct grammar_rules *g = p->g;
    g->sets = grow(p, g->sets, g->set_count, &g->set_room, sizeof *g->sets);
    if (p->failed)
        return 0;
    g->sets[g->set_count] = (struct grammar_set){g->range_count, 0, others};
    return g->set_count++;
}

void grammar_add_range(struct grammar_parser *p, uint32_t set, uint32_t low, uint32_t high) {
    struct grammar_rules *g = p->g;
    if (g->range_count == GRAMMAR_RANGES)
        grammar_fail(p, "its classes are too large, with what it repeats written out");
    g->ranges = grow(p, g->ranges, g->range_count, &g->range_room, sizeof *g->ranges);
    if (p->failed)
        return;
    g->ranges[g->range_count++] = (struct grammar_range){low, high};
    g->sets[set].count++;
}

/* What was read again for its copies leads nowhere, and nothing leads there. */
static uint32_t target(const struct grammar_rules *g, uint32_t node) {
    while (g->nodes[node].kind == GRAMMAR_JUMP && g->nodes[node].a != GRAMMAR_NONE)
        node = g->nodes[node].a;
    return node;
}

void grammar_link(struct grammar_parser *p, uint32_t root) {
    struct grammar_rules *g = p->g;
    for (uint32_t i = 0; i < g->node_count; i++) {
        struct grammar_node *n = &g->nodes[i];
        if (n->kind == GRAMMAR_CALL)
            n->a = p->rules[n->a].entry;
        if (n->kind == GRAMMAR_CALL || n->kind == GRAMMAR_SPLIT)
            n->a = target(g, n->a);
        if (n->kind == GRAMMAR_CALL || n->kind == GRAMMAR_SPLIT || n->kind == GRAMMAR_SET)
            n->b = target(g, n->b);
    }
    g->root = target(g, p->rules[root].entry);
}

void grammar_release(struct grammar_rules *g) {
    free(g->nodes);
    free(g->sets);
    free(g->ranges);
    memset(g, 0, sizeof *g);
}
