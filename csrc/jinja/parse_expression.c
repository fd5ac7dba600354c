/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Operators, in the order of Jinja2's own grammar: what binds least stands last.
 */
#include "tree.h"

/* Those that take two values, from the tightest. */
static const char *const levels[][5] = {
    {"**", NULL}, {"*", "/", "//", "%", NULL}, {"~", NULL}, {"+", "-", NULL}};

static struct node *parse_level(struct parser *p, size_t level) {
    struct node *n = level == 0 ? parse_unary(p, true) : parse_level(p, level - 1);
    for (size_t i = 0; levels[level][i] != NULL;) {
        const struct text_view name = p->at->text;
        if (!parse_takes(p, LEX_OPERATOR, levels[level][i])) {
            i++;
            continue;
        }
        struct node *other = level == 0 ? parse_unary(p, true) : parse_level(p, level - 1);
        n = parse_joined(p, NODE_BINARY, name, n, other);
        i = 0;
    }
    return n;
}

/* The comparison that comes next, or an empty name. */
static struct text_view takes_comparison(struct parser *p) {
    static const char *const names[] = {"==", "!=", "<", "<=", ">", ">="};
    const struct text_view name = p->at->text;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (parse_takes(p, LEX_OPERATOR, names[i]))
            return name;
    if (parse_takes(p, LEX_NAME, "in"))
        return name;
    if (parse_is(p, LEX_NAME, "not") && p->at[1].kind == LEX_NAME && view_is(p->at[1].text, "in")) {
        p->at += 2;
        return name;
    }
    return (struct text_view){"", 0};
}

static struct node *parse_compare(struct parser *p) {
    const size_t sums = sizeof levels / sizeof *levels - 1;
    struct node *n = parse_level(p, sums), *first = NULL, **tail = &first;
    for (struct text_view name; (name = takes_comparison(p)).size != 0;) {
        *tail = parse_joined(p, NODE_OPERAND, name, parse_level(p, sums), NULL);
        tail = &(*tail)->next;
    }
    return first == NULL ? n : parse_joined(p, NODE_COMPARE, (struct text_view){"", 0}, n, first);
}

static struct node *parse_not(struct parser *p) {
    if (!parse_takes(p, LEX_NAME, "not"))
        return parse_compare(p);
    struct node *n = parse_down(p) ? parse_not(p) : parse_node(p, NODE_DATA);
    parse_up(p);
    return parse_joined(p, NODE_NOT, (struct text_view){"", 0}, n, NULL);
}

static struct node *parse_and(struct parser *p) {
    struct node *n = parse_not(p);
    while (parse_takes(p, LEX_NAME, "and"))
        n = parse_joined(p, NODE_AND, (struct text_view){"", 0}, n, parse_not(p));
    return n;
}

static struct node *parse_or(struct parser *p) {
    struct node *n = parse_and(p);
    while (parse_takes(p, LEX_NAME, "or"))
        n = parse_joined(p, NODE_OR, (struct text_view){"", 0}, n, parse_and(p));
    return n;
}

struct node *parse_expression(struct parser *p) {
    if (!parse_down(p)) {
        parse_up(p);
        return parse_node(p, NODE_DATA);
    }
    struct node *n = parse_or(p);
    while (parse_takes(p, LEX_NAME, "if")) {
        n = parse_joined(p, NODE_CONDITIONAL, (struct text_view){"", 0}, n, parse_or(p));
        if (parse_takes(p, LEX_NAME, "else"))
            n->c = parse_expression(p);
    }
    parse_up(p);
    return n;
}

/* One value, or a tuple if there are commas. */
static struct node *with_commas(struct parser *p, struct node *(*parse)(struct parser *)) {
    struct node *n = parse(p);
    if (!parse_is(p, LEX_OPERATOR, ","))
        return n;
    struct node *tuple = parse_node(p, NODE_TUPLE), **tail = &n->next;
    tuple->a = n;
    while (parse_takes(p, LEX_OPERATOR, ",") && !parse_is(p, LEX_OPERATOR, ")") &&
           p->at->kind != LEX_BLOCK_END && p->at->kind != LEX_PRINT_END && !parse_failed(p)) {
        *tail = parse(p);
        tail = &(*tail)->next;
    }
    return tuple;
}

struct node *parse_tuple(struct parser *p) {
    return with_commas(p, parse_expression);
}

struct node *parse_or_tuple(struct parser *p) {
    return with_commas(p, parse_or);
}
