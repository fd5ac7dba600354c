/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * GBNF to a graph, by recursive descent. A part of a rule is a piece of graph with one way in and
 * one out; what is repeated is read again for each copy.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "grammar_rules.h"

enum { RULES = 512, DEPTH = 64, REPEATS = 2000 };
#define NONE     UINT32_MAX
#define LAST     0x10ffffu /* code point */
#define NO_LIMIT UINT32_MAX

struct rule {
    const char *name;
    size_t length;
    uint32_t entry; /* a JUMP to its alternatives, or NONE: not there yet */
    uint32_t line;  /* where it was first named */
};

struct part {
    uint32_t in, out; /* out: a JUMP that leads nowhere yet */
};

struct parser {
    struct grammar_rules *g;
    struct rule rules[RULES];
    uint32_t rule_count;
    const char *text, *at;
    unsigned depth;
    struct ls_error *err;
    bool failed;
};

static uint32_t line_of(const struct parser *p) {
    uint32_t line = 1;
    for (const char *c = p->text; c < p->at; c++)
        line += *c == '\n';
    return line;
}

static void fail(struct parser *p, const char *what) {
    if (!p->failed)
        ls_error_set(p->err, "grammar, line %" PRIu32 ": %s", line_of(p), what);
    p->failed = true;
}

/* ---- the graph ---- */

static uint32_t add(struct parser *p, enum grammar_kind kind, uint32_t a, uint32_t b) {
    if (p->g->node_count == GRAMMAR_NODES) {
        fail(p, "it is too large, with what it repeats written out");
        return 0;
    }
    p->g->nodes[p->g->node_count] = (struct grammar_node){kind, a, b};
    return p->g->node_count++;
}

static struct part empty(struct parser *p) {
    const uint32_t node = add(p, GRAMMAR_JUMP, NONE, NONE);
    return (struct part){node, node};
}

static void lead(struct parser *p, uint32_t from, uint32_t to) {
    if (!p->failed)
        p->g->nodes[from].a = to;
}

static struct part join(struct parser *p, struct part left, struct part right) {
    lead(p, left.out, right.in);
    return (struct part){left.in, right.out};
}

static struct part set_part(struct parser *p, uint32_t set) {
    const uint32_t out = add(p, GRAMMAR_JUMP, NONE, NONE);
    return (struct part){add(p, GRAMMAR_SET, set, out), out};
}

static void *grow(struct parser *p, void *list, uint32_t count, uint32_t *room, size_t size) {
    if (count < *room)
        return list;
    void *larger = realloc(list, (2 * (size_t)count + 64) * size);
    if (larger == NULL) {
        fail(p, "out of memory");
        return list;
    }
    *room = 2 * count + 64;
    return larger;
}

static uint32_t open_set(struct parser *p, bool others) {
    struct grammar_rules *g = p->g;
    g->sets = grow(p, g->sets, g->set_count, &g->set_room, sizeof *g->sets);
    if (p->failed)
        return 0;
    g->sets[g->set_count] = (struct grammar_set){g->range_count, 0, others};
    return g->set_count++;
}

static void add_range(struct parser *p, uint32_t set, uint32_t low, uint32_t high) {
    struct grammar_rules *g = p->g;
    if (g->range_count == GRAMMAR_RANGES)
        fail(p, "its classes are too large, with what it repeats written out");
    g->ranges = grow(p, g->ranges, g->range_count, &g->range_room, sizeof *g->ranges);
    if (p->failed)
        return;
    g->ranges[g->range_count++] = (struct grammar_range){low, high};
    g->sets[set].count++;
}

/* ---- the text ---- */

static void skip(struct parser *p, bool lines) {
    for (;; p->at++)
        if (*p->at == '#') {
            while (p->at[1] != '\0' && p->at[1] != '\n' && p->at[1] != '\r')
                p->at++;
        } else if (*p->at != ' ' && *p->at != '\t' &&
                   !(lines && (*p->at == '\n' || *p->at == '\r'))) {
            return;
        }
}

static bool in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

static uint32_t find_rule(struct parser *p) {
    const char *name = p->at;
    while (in_name(*p->at))
        p->at++;
    const size_t length = (size_t)(p->at - name);
    for (uint32_t i = 0; i < p->rule_count; i++)
        if (p->rules[i].length == length && memcmp(p->rules[i].name, name, length) == 0)
            return i;
    if (p->rule_count == RULES || length == 0) {
        fail(p, length == 0 ? "a name is missing" : "it has more than 512 rules");
        return 0;
    }
    p->rules[p->rule_count] = (struct rule){name, length, NONE, line_of(p)};
    return p->rule_count++;
}

static uint32_t hex(struct parser *p, unsigned digits) {
    uint32_t value = 0;
    for (; digits != 0; digits--, p->at++) {
        const char c = *p->at;
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) {
            fail(p, "a hexadecimal digit is missing");
            return 0;
        }
        value = value << 4 | (uint32_t)digit;
    }
    if (value > LAST)
        fail(p, "no such character");
    return value;
}

/* A character, with its escape. */
static uint32_t character(struct parser *p) {
    const unsigned char *c = (const unsigned char *)p->at;
    uint32_t value = *c;
    unsigned more = *c < 0x80 ? 0 : *c >= 0xf0 && *c < 0xf8 ? 3 : *c >= 0xe0 ? 2 : 1;
    p->at++;
    if (*c == '\\') {
        p->at++;
        switch (c[1]) {
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case 'x':
            return hex(p, 2);
        case 'u':
            return hex(p, 4);
        case 'U':
            return hex(p, 8);
        case '\\':
        case '"':
        case '[':
        case ']':
        case '-':
        case '^':
            return c[1];
        default:
            p->at--;
            fail(p, "an escape that is none");
            return 0;
        }
    }
    if (*c == '\0' || (*c >= 0x80 && *c < 0xc2) || *c >= 0xf8) {
        p->at--;
        fail(p, *c == '\0' ? "it ends within a text or a class" : "it is no UTF-8");
        return 0;
    }
    if (more != 0)
        value &= 0x3fu >> more;
    for (; more != 0; more--, p->at++) {
        if ((*p->at & 0xc0) != 0x80) {
            fail(p, "it is no UTF-8");
            return 0;
        }
        value = value << 6 | ((unsigned char)*p->at & 0x3fu);
    }
    return value;
}

static struct part literal(struct parser *p) {
    struct part all = empty(p);
    p->at++;
    while (*p->at != '"' && !p->failed) {
        const uint32_t c = character(p), set = open_set(p, false);
        add_range(p, set, c, c);
        all = join(p, all, set_part(p, set));
    }
    p->at += !p->failed;
    return all;
}

static struct part class(struct parser *p) {
    const bool others = p->at[1] == '^';
    const uint32_t set = open_set(p, others);
    p->at += others ? 2 : 1;
    while (*p->at != ']' && !p->failed) {
        const uint32_t low = character(p);
        uint32_t high = low;
        if (!p->failed && p->at[0] == '-' && p->at[1] != ']') {
            p->at++;
            high = character(p);
        }
        if (high < low)
            fail(p, "a range that ends before it begins");
        add_range(p, set, low, high);
    }
    p->at += !p->failed;
    return set_part(p, set);
}

/* ---- rules ---- */

static struct part alternatives(struct parser *p, bool grouped);

static struct part one(struct parser *p) {
    struct part part;
    if (p->failed)
        return empty(p);
    if (*p->at == '"')
        return literal(p);
    if (*p->at == '[')
        return class(p);
    if (*p->at == '.') {
        p->at++;
        return set_part(p, open_set(p, true));
    }
    if (*p->at == '(') {
        if (++p->depth > DEPTH) {
            fail(p, "groups lie too deep in each other");
            return empty(p);
        }
        p->at++;
        part = alternatives(p, true);
        p->depth--;
        if (*p->at != ')')
            fail(p, "a ) is missing");
        p->at += !p->failed;
        return part;
    }
    const uint32_t rule = find_rule(p), out = add(p, GRAMMAR_JUMP, NONE, NONE);
    return (struct part){add(p, GRAMMAR_CALL, rule, out), out};
}

static struct part again(struct parser *p, const char *from) {
    const char *back = p->at;
    p->at = from;
    const struct part part = one(p);
    if (!p->failed)
        p->at = back;
    return part;
}

/* What begins at `from`, `least` to `most` times. */
static struct part repeat(struct parser *p, const char *from, uint32_t least, uint32_t most) {
    struct part all = empty(p);
    for (uint32_t i = 0; i < least && !p->failed; i++)
        all = join(p, all, again(p, from));
    const struct part end = empty(p);
    if (most == NO_LIMIT) {
        const struct part each = again(p, from);
        const uint32_t loop = add(p, GRAMMAR_SPLIT, each.in, end.in);
        lead(p, each.out, loop);
        lead(p, all.out, loop);
        all.out = end.out;
        return all;
    }
    for (uint32_t i = least; i < most && !p->failed; i++) {
        const struct part each = again(p, from);
        const uint32_t choice = add(p, GRAMMAR_SPLIT, each.in, end.in);
        all = join(p, all, (struct part){choice, each.out});
    }
    return join(p, all, end);
}

static uint32_t number(struct parser *p) {
    uint32_t value = 0;
    if (*p->at < '0' || *p->at > '9')
        fail(p, "a number is missing");
    for (; *p->at >= '0' && *p->at <= '9' && value <= REPEATS; p->at++)
        value = 10 * value + (uint32_t)(*p->at - '0');
    if (value > REPEATS)
        fail(p, "more than 2000 repetitions");
    return value;
}

/* Reads `{n}`, `{n,}` or `{n,m}` behind its brace. */
static void bounds(struct parser *p, uint32_t *least, uint32_t *most) {
    skip(p, p->depth != 0);
    *most = *least = number(p);
    skip(p, p->depth != 0);
    if (*p->at == ',') {
        p->at++;
        skip(p, p->depth != 0);
        *most = *p->at == '}' ? NO_LIMIT : number(p);
        skip(p, p->depth != 0);
    }
    if (*p->at != '}' || *most < *least)
        fail(p, "a repetition is {n}, {n,} or {n,m}");
    p->at += !p->failed;
}

static bool at_repetition(struct parser *p) {
    skip(p, p->depth != 0);
    return !p->failed && *p->at != '\0' && strchr("*+?{", *p->at) != NULL;
}

static struct part item(struct parser *p) {
    const char *from = p->at;
    struct part part = one(p);
    if (!at_repetition(p))
        return part;
    const char kind = *p->at++;
    uint32_t least = kind == '+', most = kind == '?' ? 1 : NO_LIMIT;
    if (kind == '{')
        bounds(p, &least, &most);
    part = repeat(p, from, least, most);
    if (at_repetition(p))
        fail(p, "a repetition of a repetition: put it into ( )");
    return part;
}

static struct part sequence(struct parser *p) {
    struct part all = empty(p);
    for (;;) {
        skip(p, p->depth != 0);
        if (p->failed || *p->at == '\0' || (strchr("\"[.(", *p->at) == NULL && !in_name(*p->at)))
            return all;
        all = join(p, all, item(p));
    }
}

static struct part alternatives(struct parser *p, bool grouped) {
    struct part all = sequence(p);
    skip(p, grouped);
    while (!p->failed && *p->at == '|') {
        p->at++;
        skip(p, true);
        const struct part other = sequence(p);
        const struct part end = empty(p);
        const uint32_t choice = add(p, GRAMMAR_SPLIT, all.in, other.in);
        lead(p, all.out, end.in);
        lead(p, other.out, end.in);
        all = (struct part){choice, end.out};
        skip(p, grouped);
    }
    return all;
}

static void read_rule(struct parser *p) {
    const uint32_t rule = find_rule(p);
    skip(p, false);
    if (!p->failed && strncmp(p->at, "::=", 3) != 0)
        fail(p, "::= is missing");
    if (!p->failed && p->rules[rule].entry != NONE)
        fail(p, "a rule that is there already");
    if (p->failed)
        return;
    p->at += 3;
    skip(p, true);
    const struct part body = alternatives(p, false);
    lead(p, body.out, add(p, GRAMMAR_RETURN, NONE, NONE));
    p->rules[rule].entry = body.in;
    if (!p->failed && *p->at != '\0' && *p->at != '\n' && *p->at != '\r')
        fail(p, "something that is no part of a rule");
    skip(p, true);
}

/* ---- the whole ---- */

/* What can be reached from the beginning of a rule without a character. */
struct flood {
    const struct parser *p;
    bool nullable[RULES]; /* rules that need none */
    bool calls[RULES];    /* of the rule that is looked at */
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
    bool calls[RULES], back = false;
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

static void check_recursion(struct parser *p) {
    const size_t room = 2 * (size_t)p->g->node_count + 1;
    struct flood *f = calloc(1, sizeof *f);
    uint8_t colours[RULES] = {0};
    if (f != NULL) {
        f->p = p;
        f->stack = calloc(room, sizeof *f->stack);
        f->seen = calloc(room, sizeof *f->seen);
    }
    if (f == NULL || f->stack == NULL || f->seen == NULL)
        fail(p, "out of memory");
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

/* What was read again for its copies leads nowhere, and nothing leads there. */
static uint32_t target(const struct grammar_rules *g, uint32_t node) {
    while (g->nodes[node].kind == GRAMMAR_JUMP && g->nodes[node].a != NONE)
        node = g->nodes[node].a;
    return node;
}

/* Calls lead to what they call, and nothing to a JUMP. */
static void link_nodes(struct parser *p, uint32_t root) {
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

int grammar_parse(const char *text, struct grammar_rules *g, struct ls_error *err) {
    struct parser *p = calloc(1, sizeof *p);
    uint32_t root = NONE;
    memset(g, 0, sizeof *g);
    g->nodes = calloc(GRAMMAR_NODES, sizeof *g->nodes);
    if (p == NULL || g->nodes == NULL) {
        free(p);
        return ls_error_set(err, "out of memory");
    }
    *p = (struct parser){.g = g, .text = text, .at = text, .err = err};
    if (strlen(text) > GRAMMAR_BYTES)
        fail(p, "it is longer than 65536 bytes");
    skip(p, true);
    while (!p->failed && *p->at != '\0')
        read_rule(p);
    for (uint32_t i = 0; i < p->rule_count && !p->failed; i++) {
        const struct rule *r = &p->rules[i];
        if (r->entry == NONE)
            ls_error_set(err, "grammar, line %" PRIu32 ": rule \"%.*s\" is not there", r->line,
                         (int)r->length, r->name),
                p->failed = true;
        if (r->length == 4 && memcmp(r->name, "root", 4) == 0)
            root = i;
    }
    if (!p->failed && root == NONE)
        fail(p, "it has no rule \"root\"");
    if (!p->failed)
        check_recursion(p);
    if (!p->failed)
        link_nodes(p, root);
    const bool failed = p->failed;
    free(p);
    return failed ? -1 : 0;
}

void grammar_release(struct grammar_rules *g) {
    free(g->nodes);
    free(g->sets);
    free(g->ranges);
    memset(g, 0, sizeof *g);
}
