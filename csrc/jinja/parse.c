/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Statements. Behind a failure only LEX_END is left to read, so every loop ends.
 */
#include <string.h>

#include "tree.h"

#define DEPTH 200 /* of statements and expressions in each other */

static struct node *parse_body(struct parser *p);

static const struct lexeme the_end = {.kind = LEX_END};

bool parse_failed(const struct parser *p) {
    return p->reading->verdict != JINJA_DONE;
}

struct node *parse_node(struct parser *p, enum node_kind kind) {
    struct node *n = arena_take(p->reading->arena, sizeof *n);
    if (n == NULL) {
        reading_fail(p->reading, JINJA_TOO_MUCH, p->at->line, "the template is too large");
        p->at = &the_end;
        p->spare = (struct node){.kind = NODE_DATA};
        return &p->spare;
    }
    n->kind = kind;
    n->line = p->at->line;
    return n;
}

bool parse_is(const struct parser *p, enum token_kind kind, const char *text) {
    return p->at->kind == kind && (text == NULL || view_is(p->at->text, text));
}

bool parse_takes(struct parser *p, enum token_kind kind, const char *text) {
    const bool is = parse_is(p, kind, text);
    p->at += is && kind != LEX_END;
    return is;
}

void parse_unexpected(struct parser *p, const char *wanted) {
    static const char *const names[] = {"text",
                                        "{{",
                                        "}}",
                                        "{%",
                                        "%}",
                                        "a name",
                                        "a text",
                                        "a number",
                                        "a number",
                                        "",
                                        "the template's end"};
    const struct lexeme *t = p->at;
    if (t->kind == LEX_OPERATOR || t->kind == LEX_NAME)
        reading_fail(p->reading, JINJA_WRONG, t->line, "%s in place of %.*s", wanted,
                     (int)(t->text.size < 40 ? t->text.size : 40), t->text.data);
    else
        reading_fail(p->reading, JINJA_WRONG, t->line, "%s in place of %s", wanted, names[t->kind]);
    p->at = &the_end;
}

void parse_expect(struct parser *p, enum token_kind kind, const char *text) {
    if (!parse_takes(p, kind, text))
        parse_unexpected(p, text != NULL            ? text
                            : kind == LEX_BLOCK_END ? "%}"
                            : kind == LEX_PRINT_END ? "}}"
                                                    : "a tag that ends it");
}

struct text_view parse_name(struct parser *p) {
    const struct text_view name = p->at->text;
    if (!parse_takes(p, LEX_NAME, NULL)) {
        parse_unexpected(p, "a name");
        return (struct text_view){"", 0};
    }
    return name;
}

bool parse_down(struct parser *p) {
    if (++p->depth <= DEPTH)
        return true;
    reading_fail(p->reading, JINJA_TOO_MUCH, p->at->line, "more than %d levels nest", DEPTH);
    p->at = &the_end;
    return false;
}

void parse_up(struct parser *p) {
    p->depth--;
}

/* At {% and one of these names, NULL behind the last. */
static bool at_tag(const struct parser *p, const char *const *names) {
    if (p->at->kind != LEX_BLOCK || p->at[1].kind != LEX_NAME)
        return false;
    for (; *names != NULL; names++)
        if (view_is(p->at[1].text, *names))
            return true;
    return false;
}

/* {% NAME %}, maybe with the name of what it ends. */
static void end_tag(struct parser *p, const char *name) {
    parse_expect(p, LEX_BLOCK, NULL);
    parse_expect(p, LEX_NAME, name);
    if (strcmp(name, "endmacro") == 0)
        parse_takes(p, LEX_NAME, NULL);
    parse_expect(p, LEX_BLOCK_END, NULL);
}

static struct node *parse_if(struct parser *p) {
    struct node *n = parse_node(p, NODE_IF), **tail = &n->a;
    bool last = false, first = true;
    while (!parse_failed(p) && !last) {
        struct node *branch = *tail = parse_node(p, NODE_BRANCH);
        tail = &branch->next;
        if (!first)
            parse_expect(p, LEX_BLOCK, NULL);
        last = !first && parse_takes(p, LEX_NAME, "else");
        if (!last) {
            parse_expect(p, LEX_NAME, first ? "if" : "elif");
            branch->a = parse_tuple(p);
        }
        parse_expect(p, LEX_BLOCK_END, NULL);
        branch->b = parse_body(p);
        first = false;
        last = last || at_tag(p, (const char *const[]){"endif", NULL});
    }
    end_tag(p, "endif");
    return n;
}

/* A name, a namespace's member, or several with commas. */
static struct node *parse_target(struct parser *p, bool members) {
    struct node *first = NULL, **tail = &first;
    unsigned count = 0;
    bool comma = false;
    const bool bracket = parse_takes(p, LEX_OPERATOR, "(");
    do {
        struct node *n = *tail = parse_node(p, NODE_TARGET);
        tail = &n->next;
        n->name = parse_name(p);
        if (members && parse_takes(p, LEX_OPERATOR, "."))
            n->other = parse_name(p);
        count++;
        comma = parse_takes(p, LEX_OPERATOR, ",");
    } while (comma && !parse_failed(p) && parse_is(p, LEX_NAME, NULL));
    if (bracket)
        parse_expect(p, LEX_OPERATOR, ")");
    if (count == 1 && !comma)
        return first;
    struct node *tuple = parse_node(p, NODE_TARGET);
    tuple->a = first;
    return tuple;
}

static struct node *parse_for(struct parser *p) {
    struct node *n = parse_node(p, NODE_FOR);
    parse_expect(p, LEX_NAME, "for");
    n->a = parse_target(p, false);
    parse_expect(p, LEX_NAME, "in");
    n->b = parse_or_tuple(p);
    if (parse_takes(p, LEX_NAME, "if"))
        n->c = parse_expression(p);
    if (parse_is(p, LEX_NAME, "recursive"))
        reading_fail(p->reading, JINJA_BEYOND, p->at->line, "a recursive loop is not supported");
    parse_expect(p, LEX_BLOCK_END, NULL);
    p->loops++;
    n->d = parse_body(p);
    p->loops--;
    if (at_tag(p, (const char *const[]){"else", NULL})) {
        end_tag(p, "else");
        n->e = parse_body(p);
    }
    end_tag(p, "endfor");
    return n;
}

/* `set x = 1`, or a block between `set x` and `endset`. */
static struct node *parse_set(struct parser *p) {
    struct node *n = parse_node(p, NODE_SET);
    parse_expect(p, LEX_NAME, "set");
    n->a = parse_target(p, true);
    if (parse_takes(p, LEX_OPERATOR, "=")) {
        n->b = parse_tuple(p);
        parse_expect(p, LEX_BLOCK_END, NULL);
        return n;
    }
    struct node *capture = parse_node(p, NODE_CAPTURE);
    n->b = parse_filters(p, capture);
    parse_expect(p, LEX_BLOCK_END, NULL);
    capture->b = parse_body(p);
    end_tag(p, "endset");
    return n;
}

static struct node *parse_filter_block(struct parser *p) {
    struct node *n = parse_node(p, NODE_PRINT), *capture = parse_node(p, NODE_CAPTURE);
    parse_expect(p, LEX_NAME, "filter");
    n->a = parse_first_filter(p, capture);
    parse_expect(p, LEX_BLOCK_END, NULL);
    capture->b = parse_body(p);
    end_tag(p, "endfilter");
    return n;
}

/* Behind "(". */
static void parse_parameters(struct parser *p, struct node *n) {
    struct node **tail = &n->a;
    bool optional = false;
    while (!parse_failed(p) && !parse_is(p, LEX_OPERATOR, ")")) {
        struct node *parameter = *tail = parse_node(p, NODE_PARAMETER);
        tail = &parameter->next;
        parameter->name = parse_name(p);
        if (parse_takes(p, LEX_OPERATOR, "=")) {
            parameter->a = parse_expression(p);
            optional = true;
        } else if (optional) {
            parse_unexpected(p, "a default");
        }
        if (!parse_takes(p, LEX_OPERATOR, ","))
            break;
    }
    parse_expect(p, LEX_OPERATOR, ")");
}

static void parse_macro_body(struct parser *p, struct node *n, const char *end) {
    const unsigned loops = p->loops;
    parse_expect(p, LEX_BLOCK_END, NULL);
    p->loops = 0;
    n->b = parse_body(p);
    p->loops = loops;
    end_tag(p, end);
}

static struct node *parse_macro(struct parser *p) {
    struct node *n = parse_node(p, NODE_MACRO);
    parse_expect(p, LEX_NAME, "macro");
    n->name = parse_name(p);
    parse_expect(p, LEX_OPERATOR, "(");
    parse_parameters(p, n);
    parse_macro_body(p, n, "endmacro");
    return n;
}

/* A macro that is called with a block, which it calls `caller`. */
static struct node *parse_call_block(struct parser *p) {
    struct node *n = parse_node(p, NODE_PRINT), *block = parse_node(p, NODE_MACRO);
    parse_expect(p, LEX_NAME, "call");
    block->name = (struct text_view){"caller", 6};
    if (parse_takes(p, LEX_OPERATOR, "("))
        parse_parameters(p, block);
    n->a = parse_expression(p);
    if (n->a->kind == NODE_CALL)
        n->a->c = block;
    else
        parse_unexpected(p, "a call");
    parse_macro_body(p, block, "endcall");
    return n;
}

/* Marks what the assistant says, for training: its body alone counts. */
static struct node *parse_generation(struct parser *p) {
    parse_expect(p, LEX_NAME, "generation");
    parse_expect(p, LEX_BLOCK_END, NULL);
    struct node *n = parse_node(p, NODE_PRINT);
    n->a = parse_node(p, NODE_CAPTURE);
    n->a->b = parse_body(p);
    end_tag(p, "endgeneration");
    return n;
}

static struct node *parse_jump(struct parser *p) {
    struct node *n = parse_node(p, parse_is(p, LEX_NAME, "break") ? NODE_BREAK : NODE_CONTINUE);
    if (p->loops == 0)
        parse_unexpected(p, "a loop");
    parse_name(p);
    parse_expect(p, LEX_BLOCK_END, NULL);
    return n;
}

static struct node *parse_statement(struct parser *p) {
    static const struct {
        const char *name;
        struct node *(*parse)(struct parser *);
    } tags[] = {{"if", parse_if},
                {"for", parse_for},
                {"set", parse_set},
                {"macro", parse_macro},
                {"call", parse_call_block},
                {"filter", parse_filter_block},
                {"generation", parse_generation},
                {"break", parse_jump},
                {"continue", parse_jump}};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (parse_is(p, LEX_NAME, tags[i].name))
            return tags[i].parse(p);
    if (p->at->kind == LEX_NAME && strncmp(p->at->text.data, "end", 3) == 0)
        parse_unexpected(p, "a tag that begins something");
    if (p->at->kind == LEX_NAME)
        reading_fail(p->reading, JINJA_BEYOND, p->at->line, "tag {%% %.*s %%} is not supported",
                     (int)(p->at->text.size < 40 ? p->at->text.size : 40), p->at->text.data);
    parse_unexpected(p, "a tag's name");
    return parse_node(p, NODE_DATA);
}

/* Up to a tag that ends it, or goes on with another branch. */
static struct node *parse_body(struct parser *p) {
    static const char *const ends[] = {"endif",         "elif",     "else",    "endfor",
                                       "endset",        "endmacro", "endcall", "endfilter",
                                       "endgeneration", NULL};
    struct node *first = NULL, **tail = &first;
    const bool deep = !parse_down(p);
    while (!deep && p->at->kind != LEX_END && !at_tag(p, ends)) {
        struct node *n;
        if (p->at->kind == LEX_DATA) {
            n = parse_node(p, NODE_DATA);
            n->name = p->at->text;
            p->at += p->at->kind != LEX_END;
        } else if (parse_takes(p, LEX_PRINT, NULL)) {
            n = parse_node(p, NODE_PRINT);
            n->a = parse_tuple(p);
            parse_expect(p, LEX_PRINT_END, NULL);
        } else {
            parse_expect(p, LEX_BLOCK, NULL);
            n = parse_statement(p);
        }
        *tail = n;
        tail = &n->next;
    }
    parse_up(p);
    return first;
}

struct node *parse_template(struct reading *reading, const struct lexeme *lexemes) {
    struct parser p = {.reading = reading, .at = lexemes};
    struct node *body = parse_body(&p);
    if (p.at->kind != LEX_END)
        parse_unexpected(&p, "the template's end");
    return reading->verdict == JINJA_DONE ? body : NULL;
}
