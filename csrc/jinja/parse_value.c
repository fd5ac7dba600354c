/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Values, and what stands behind them: members, calls, filters, tests.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tree.h"

struct node *parse_joined(struct parser *p, enum node_kind kind, struct text_view name,
                          struct node *a, struct node *b) {
    struct node *n = parse_node(p, kind);
    n->name = name;
    n->a = a;
    n->b = b;
    return n;
}

/* ---- what stands by itself ---- */

static struct node *constant(struct parser *p, struct value value) {
    struct node *n = parse_node(p, NODE_CONSTANT);
    n->value = value;
    return n;
}

static struct node *parse_text(struct parser *p) {
    struct buffer text = {0};
    const struct text_view first = p->at->text;
    p->at++;
    if (p->at->kind != LEX_TEXT)
        return constant(p, value_text(first.data, first.size));
    bool fits = buffer_add(p->reading->arena, &text, first.data, first.size);
    for (; p->at->kind == LEX_TEXT; p->at++)
        fits = fits && buffer_add(p->reading->arena, &text, p->at->text.data, p->at->text.size);
    if (!fits)
        reading_fail(p->reading, JINJA_TOO_MUCH, p->at->line, "the template is too large");
    return constant(p, value_text(text.bytes != NULL ? text.bytes : "", text.size));
}

static struct node *parse_number(struct parser *p) {
    char text[64];
    size_t size = 0;
    const struct text_view number = p->at->text;
    const bool real = p->at->kind == LEX_REAL;
    for (size_t i = 0; i < number.size && size + 1 < sizeof text; i++)
        if (number.data[i] != '_')
            text[size++] = number.data[i];
    text[size] = '\0';
    errno = 0;
    const long long integer = strtoll(text, NULL, 10);
    if ((!real && errno != 0) || size + 1 == sizeof text)
        reading_fail(p->reading, JINJA_BEYOND, p->at->line, "the number %s is too large", text);
    p->at++;
    return constant(p, real ? value_real(strtod(text, NULL)) : value_integer(integer));
}

/* Items up to `end`, which is taken. */
static struct node *parse_items(struct parser *p, const char *end) {
    struct node *first = NULL, **tail = &first;
    while (!parse_failed(p) && !parse_is(p, LEX_OPERATOR, end)) {
        *tail = parse_expression(p);
        tail = &(*tail)->next;
        if (!parse_takes(p, LEX_OPERATOR, ","))
            break;
    }
    parse_expect(p, LEX_OPERATOR, end);
    return first;
}

static struct node *parse_dict(struct parser *p) {
    struct node *n = parse_node(p, NODE_DICT), **tail = &n->a;
    while (!parse_failed(p) && !parse_is(p, LEX_OPERATOR, "}")) {
        struct node *pair = *tail = parse_node(p, NODE_PAIR);
        tail = &pair->next;
        pair->a = parse_expression(p);
        parse_expect(p, LEX_OPERATOR, ":");
        pair->b = parse_expression(p);
        if (!parse_takes(p, LEX_OPERATOR, ","))
            break;
    }
    parse_expect(p, LEX_OPERATOR, "}");
    return n;
}

/* Brackets: a value, or a tuple if there are commas, or nothing, in them. */
static struct node *parse_brackets(struct parser *p) {
    if (parse_takes(p, LEX_OPERATOR, ")"))
        return parse_node(p, NODE_TUPLE);
    struct node *n = parse_tuple(p);
    parse_expect(p, LEX_OPERATOR, ")");
    return n;
}

static struct node *parse_primary(struct parser *p) {
    static const struct {
        const char *names[2];
        struct value value;
    } words[] = {{{"true", "True"}, {.kind = VALUE_BOOL, .as = {.integer = 1}}},
                 {{"false", "False"}, {.kind = VALUE_BOOL}},
                 {{"none", "None"}, {.kind = VALUE_NONE}}};
    struct node *n;
    for (size_t i = 0; i < 2 * sizeof words / sizeof *words; i++)
        if (parse_takes(p, LEX_NAME, words[i / 2].names[i % 2]))
            return constant(p, words[i / 2].value);
    if (p->at->kind == LEX_TEXT)
        return parse_text(p);
    if (p->at->kind == LEX_INTEGER || p->at->kind == LEX_REAL)
        return parse_number(p);
    if (parse_takes(p, LEX_OPERATOR, "("))
        return parse_brackets(p);
    if (parse_takes(p, LEX_OPERATOR, "{"))
        return parse_dict(p);
    if (parse_takes(p, LEX_OPERATOR, "[")) {
        n = parse_node(p, NODE_LIST);
        n->a = parse_items(p, "]");
        return n;
    }
    n = parse_node(p, NODE_NAME);
    if (p->at->kind == LEX_NAME)
        n->name = parse_name(p);
    else
        parse_unexpected(p, "a value");
    return n;
}

/* ---- what stands behind a value ---- */

static struct node *parse_arguments(struct parser *p) {
    struct node *first = NULL, **tail = &first;
    while (!parse_failed(p) && !parse_is(p, LEX_OPERATOR, ")")) {
        struct node *n = *tail = parse_node(p, NODE_ARGUMENT);
        tail = &n->next;
        const struct text_view stars = p->at->text;
        if (parse_takes(p, LEX_OPERATOR, "*") || parse_takes(p, LEX_OPERATOR, "**")) {
            n->name = stars;
        } else if (p->at->kind == LEX_NAME && p->at[1].kind == LEX_OPERATOR &&
                   view_is(p->at[1].text, "=")) {
            n->name = parse_name(p);
            p->at++;
        }
        n->a = parse_expression(p);
        if (!parse_takes(p, LEX_OPERATOR, ","))
            break;
    }
    parse_expect(p, LEX_OPERATOR, ")");
    return first;
}

/* Behind "[". */
static struct node *parse_index(struct parser *p, struct node *of) {
    struct node *parts[3] = {NULL, NULL, NULL};
    unsigned at = 0;
    while (!parse_failed(p) && !parse_is(p, LEX_OPERATOR, "]")) {
        if (parse_takes(p, LEX_OPERATOR, ":")) {
            if (++at == 3)
                parse_unexpected(p, "]");
        } else if (parts[at] == NULL) {
            parts[at] = parse_expression(p);
        } else {
            parse_unexpected(p, "]");
        }
    }
    struct node *n =
        parse_joined(p, at == 0 ? NODE_INDEX : NODE_SLICE, (struct text_view){"", 0}, of, parts[0]);
    n->c = parts[1];
    n->d = parts[2];
    if (at == 0 && parts[0] == NULL)
        parse_unexpected(p, "an index");
    parse_expect(p, LEX_OPERATOR, "]");
    return n;
}

static struct node *parse_call(struct parser *p, struct node *of) {
    struct node *n = parse_node(p, NODE_CALL);
    parse_expect(p, LEX_OPERATOR, "(");
    n->a = of;
    n->b = parse_arguments(p);
    return n;
}

static struct node *parse_postfix(struct parser *p, struct node *n) {
    while (!parse_failed(p)) {
        if (parse_takes(p, LEX_OPERATOR, ".")) {
            if (p->at->kind == LEX_INTEGER)
                n = parse_joined(p, NODE_INDEX, (struct text_view){"", 0}, n, parse_number(p));
            else
                n = parse_joined(p, NODE_ATTRIBUTE, parse_name(p), n, NULL);
        } else if (parse_takes(p, LEX_OPERATOR, "[")) {
            n = parse_index(p, n);
        } else if (parse_is(p, LEX_OPERATOR, "(")) {
            n = parse_call(p, n);
        } else {
            break;
        }
    }
    return n;
}

struct node *parse_first_filter(struct parser *p, struct node *of) {
    struct node *n = parse_node(p, NODE_FILTER);
    n->name = parse_name(p);
    n->a = of;
    if (parse_takes(p, LEX_OPERATOR, "("))
        n->b = parse_arguments(p);
    return parse_filters(p, n);
}

struct node *parse_filters(struct parser *p, struct node *of) {
    return parse_takes(p, LEX_OPERATOR, "|") ? parse_first_filter(p, of) : of;
}

/* Behind "is". A test may have one argument without brackets. */
static struct node *parse_test(struct parser *p, struct node *of) {
    const bool negated = parse_takes(p, LEX_NAME, "not");
    struct node *n = parse_node(p, NODE_TEST);
    n->name = parse_name(p);
    n->a = of;
    if (parse_takes(p, LEX_OPERATOR, "(")) {
        n->b = parse_arguments(p);
    } else if ((p->at->kind == LEX_NAME && !parse_is(p, LEX_NAME, "else") &&
                !parse_is(p, LEX_NAME, "or") && !parse_is(p, LEX_NAME, "and") &&
                !parse_is(p, LEX_NAME, "is") && !parse_is(p, LEX_NAME, "if") &&
                !parse_is(p, LEX_NAME, "not") && !parse_is(p, LEX_NAME, "in")) ||
               p->at->kind == LEX_TEXT || p->at->kind == LEX_INTEGER || p->at->kind == LEX_REAL ||
               parse_is(p, LEX_OPERATOR, "[") || parse_is(p, LEX_OPERATOR, "{")) {
        n->b = parse_node(p, NODE_ARGUMENT);
        n->b->a = parse_postfix(p, parse_primary(p));
    }
    return negated ? parse_joined(p, NODE_NOT, (struct text_view){"", 0}, n, NULL) : n;
}

struct node *parse_unary(struct parser *p, bool filters) {
    struct node *n;
    if (!parse_down(p)) {
        n = parse_node(p, NODE_DATA);
    } else if (parse_takes(p, LEX_OPERATOR, "-")) {
        n = parse_joined(p, NODE_MINUS, (struct text_view){"", 0}, parse_unary(p, false), NULL);
    } else if (parse_takes(p, LEX_OPERATOR, "+")) {
        n = parse_joined(p, NODE_PLUS, (struct text_view){"", 0}, parse_unary(p, false), NULL);
    } else {
        n = parse_primary(p);
    }
    n = parse_postfix(p, n);
    while (filters && !parse_failed(p)) {
        if (parse_takes(p, LEX_OPERATOR, "|"))
            n = parse_first_filter(p, n);
        else if (parse_takes(p, LEX_NAME, "is"))
            n = parse_test(p, n);
        else if (parse_is(p, LEX_OPERATOR, "("))
            n = parse_call(p, n);
        else
            break;
    }
    parse_up(p);
    return n;
}
