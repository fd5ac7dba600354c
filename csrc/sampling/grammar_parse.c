/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * GBNF to a graph, by recursive descent. What is repeated is read again for each further copy.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "grammar_parser.h"

enum { DEPTH = 64, REPEATS = 2000 };
#define LAST     0x10ffffu /* code point */
#define NO_LIMIT UINT32_MAX

/* ---- the text ---- */

static void skip(struct grammar_parser *p, bool lines) {
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

static uint32_t find_rule(struct grammar_parser *p) {
    const char *name = p->at;
    while (in_name(*p->at))
        p->at++;
    const size_t length = (size_t)(p->at - name);
    for (uint32_t i = 0; i < p->rule_count; i++)
        if (p->rules[i].length == length && memcmp(p->rules[i].name, name, length) == 0)
            return i;
    if (p->rule_count == GRAMMAR_RULES || length == 0) {
        grammar_fail(p, length == 0 ? "a name is missing" : "it has more than 512 rules");
        return 0;
    }
    p->rules[p->rule_count] = (struct grammar_rule){name, length, GRAMMAR_NONE, grammar_line(p)};
    return p->rule_count++;
}

static uint32_t hex(struct grammar_parser *p, unsigned digits) {
    uint32_t value = 0;
    for (; digits != 0; digits--, p->at++) {
        const char c = *p->at;
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) {
            grammar_fail(p, "a hexadecimal digit is missing");
            return 0;
        }
        value = value << 4 | (uint32_t)digit;
    }
    if (value > LAST)
        grammar_fail(p, "no such character");
    return value;
}

/* A character, with its escape. */
static uint32_t character(struct grammar_parser *p) {
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
            grammar_fail(p, "an escape that is none");
            return 0;
        }
    }
    if (*c == '\0' || (*c >= 0x80 && *c < 0xc2) || *c >= 0xf8) {
        p->at--;
        grammar_fail(p, *c == '\0' ? "it ends within a text or a class" : "it is no UTF-8");
        return 0;
    }
    if (more != 0)
        value &= 0x3fu >> more;
    for (; more != 0; more--, p->at++) {
        if ((*p->at & 0xc0) != 0x80) {
            grammar_fail(p, "it is no UTF-8");
            return 0;
        }
        value = value << 6 | ((unsigned char)*p->at & 0x3fu);
    }
    return value;
}

static struct grammar_part literal(struct grammar_parser *p) {
    struct grammar_part all = grammar_empty(p);
    p->at++;
    while (*p->at != '"' && !p->failed) {
        const uint32_t c = character(p), set = grammar_open_set(p, false);
        grammar_add_range(p, set, c, c);
        all = grammar_join(p, all, grammar_set_part(p, set));
    }
    p->at += !p->failed;
    return all;
}

static struct grammar_part class(struct grammar_parser *p) {
    const bool others = p->at[1] == '^';
    const uint32_t set = grammar_open_set(p, others);
    p->at += others ? 2 : 1;
    while (*p->at != ']' && !p->failed) {
        const uint32_t low = character(p);
        uint32_t high = low;
        if (!p->failed && p->at[0] == '-' && p->at[1] != ']') {
            p->at++;
            high = character(p);
        }
        if (high < low)
            grammar_fail(p, "a range that ends before it begins");
        grammar_add_range(p, set, low, high);
    }
    p->at += !p->failed;
    return grammar_set_part(p, set);
}

/* ---- rules ---- */

static struct grammar_part alternatives(struct grammar_parser *p, bool grouped);

static struct grammar_part one(struct grammar_parser *p) {
    struct grammar_part part;
    if (p->failed)
        return grammar_empty(p);
    if (*p->at == '"')
        return literal(p);
    if (*p->at == '[')
        return class(p);
    if (*p->at == '.') {
        p->at++;
        return grammar_set_part(p, grammar_open_set(p, true));
    }
    if (*p->at == '(') {
        if (++p->depth > DEPTH) {
            grammar_fail(p, "groups lie too deep in each other");
            return grammar_empty(p);
        }
        p->at++;
        part = alternatives(p, true);
        p->depth--;
        if (*p->at != ')')
            grammar_fail(p, "a ) is missing");
        p->at += !p->failed;
        return part;
    }
    const uint32_t rule = find_rule(p),
                   out = grammar_add(p, GRAMMAR_JUMP, GRAMMAR_NONE, GRAMMAR_NONE);
    return (struct grammar_part){grammar_add(p, GRAMMAR_CALL, rule, out), out};
}

static struct grammar_part again(struct grammar_parser *p, const char *from) {
    const char *back = p->at;
    p->at = from;
    const struct grammar_part part = one(p);
    if (!p->failed)
        p->at = back;
    return part;
}

/* `part`, which begins at `from`, `least` to `most` times: it is the first one, the others are read
 * again. */
static struct grammar_part repeat(struct grammar_parser *p, struct grammar_part part,
                                  const char *from, uint32_t least, uint32_t most) {
    struct grammar_part all = grammar_empty(p);
    uint32_t count = 0;
    for (; count < least && !p->failed; count++)
        all = grammar_join(p, all, count == 0 ? part : again(p, from));
    const struct grammar_part end = grammar_empty(p);
    if (most == NO_LIMIT) {
        const struct grammar_part each = count == 0 ? part : again(p, from);
        const uint32_t loop = grammar_add(p, GRAMMAR_SPLIT, each.in, end.in);
        grammar_lead(p, each.out, loop);
        grammar_lead(p, all.out, loop);
        all.out = end.out;
        return all;
    }
    for (; count < most && !p->failed; count++) {
        const struct grammar_part each = count == 0 ? part : again(p, from);
        const uint32_t choice = grammar_add(p, GRAMMAR_SPLIT, each.in, end.in);
        all = grammar_join(p, all, (struct grammar_part){choice, each.out});
    }
    return grammar_join(p, all, end);
}

static uint32_t number(struct grammar_parser *p) {
    uint32_t value = 0;
    if (*p->at < '0' || *p->at > '9')
        grammar_fail(p, "a number is missing");
    for (; *p->at >= '0' && *p->at <= '9' && value <= REPEATS; p->at++)
        value = 10 * value + (uint32_t)(*p->at - '0');
    if (value > REPEATS)
        grammar_fail(p, "more than 2000 repetitions");
    return value;
}

/* Reads `{n}`, `{n,}` or `{n,m}` behind its brace. */
static void bounds(struct grammar_parser *p, uint32_t *least, uint32_t *most) {
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
        grammar_fail(p, "a repetition is {n}, {n,} or {n,m}");
    p->at += !p->failed;
}

static bool at_repetition(struct grammar_parser *p) {
    skip(p, p->depth != 0);
    return !p->failed && *p->at != '\0' && strchr("*+?{", *p->at) != NULL;
}

static struct grammar_part item(struct grammar_parser *p) {
    const char *from = p->at;
    const struct grammar_part first = one(p);
    if (!at_repetition(p))
        return first;
    const char kind = *p->at++;
    uint32_t least = kind == '+', most = kind == '?' ? 1 : NO_LIMIT;
    if (kind == '{')
        bounds(p, &least, &most);
    const struct grammar_part part = repeat(p, first, from, least, most);
    if (at_repetition(p))
        grammar_fail(p, "a repetition of a repetition: put it into ( )");
    return part;
}

static struct grammar_part sequence(struct grammar_parser *p) {
    struct grammar_part all = grammar_empty(p);
    for (;;) {
        skip(p, p->depth != 0);
        if (p->failed || *p->at == '\0' || (strchr("\"[.(", *p->at) == NULL && !in_name(*p->at)))
            return all;
        all = grammar_join(p, all, item(p));
    }
}

static struct grammar_part alternatives(struct grammar_parser *p, bool grouped) {
    struct grammar_part all = sequence(p);
    skip(p, grouped);
    while (!p->failed && *p->at == '|') {
        p->at++;
        skip(p, true);
        const struct grammar_part other = sequence(p);
        const struct grammar_part end = grammar_empty(p);
        const uint32_t choice = grammar_add(p, GRAMMAR_SPLIT, all.in, other.in);
        grammar_lead(p, all.out, end.in);
        grammar_lead(p, other.out, end.in);
        all = (struct grammar_part){choice, end.out};
        skip(p, grouped);
    }
    return all;
}

static void read_rule(struct grammar_parser *p) {
    const uint32_t rule = find_rule(p);
    skip(p, false);
    if (!p->failed && strncmp(p->at, "::=", 3) != 0)
        grammar_fail(p, "::= is missing");
    if (!p->failed && p->rules[rule].entry != GRAMMAR_NONE)
        grammar_fail(p, "a rule that is there already");
    if (p->failed)
        return;
    p->at += 3;
    skip(p, true);
    const struct grammar_part body = alternatives(p, false);
    grammar_lead(p, body.out, grammar_add(p, GRAMMAR_RETURN, GRAMMAR_NONE, GRAMMAR_NONE));
    p->rules[rule].entry = body.in;
    if (!p->failed && *p->at != '\0' && *p->at != '\n' && *p->at != '\r')
        grammar_fail(p, "something that is no part of a rule");
    skip(p, true);
}

/* ---- the whole ---- */

int grammar_parse(const char *text, struct grammar_rules *g, struct ls_error *err) {
    struct grammar_parser *p = calloc(1, sizeof *p);
    uint32_t root = GRAMMAR_NONE;
    memset(g, 0, sizeof *g);
    g->nodes = calloc(GRAMMAR_NODES, sizeof *g->nodes);
    if (p == NULL || g->nodes == NULL) {
        free(p);
        return ls_error_set(err, "out of memory");
    }
    *p = (struct grammar_parser){.g = g, .text = text, .at = text, .err = err};
    if (strlen(text) > GRAMMAR_BYTES)
        grammar_fail(p, "it is longer than 65536 bytes");
    skip(p, true);
    while (!p->failed && *p->at != '\0')
        read_rule(p);
    for (uint32_t i = 0; i < p->rule_count && !p->failed; i++) {
        const struct grammar_rule *r = &p->rules[i];
        if (r->entry == GRAMMAR_NONE)
            ls_error_set(err, "grammar, line %" PRIu32 ": rule \"%.*s\" is not there", r->line,
                         (int)r->length, r->name),
                p->failed = true;
        if (r->length == 4 && memcmp(r->name, "root", 4) == 0)
            root = i;
    }
    if (!p->failed && root == GRAMMAR_NONE)
        grammar_fail(p, "it has no rule \"root\"");
    if (!p->failed)
        grammar_check_recursion(p);
    if (!p->failed)
        grammar_link(p, root);
    const bool failed = p->failed;
    free(p);
    return failed ? -1 : 0;
}
