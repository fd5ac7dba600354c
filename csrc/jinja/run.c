/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Statements.
 */
#include "run.h"

#include <string.h>

static void set_in(struct rendering *r, struct frame *frame, struct text_view name,
                   struct value value) {
    for (struct variable *v = frame->variables; v != NULL && run_step(r, 1); v = v->next)
        if (v->name.size == name.size && memcmp(v->name.data, name.data, name.size) == 0) {
            v->value = value;
            return;
        }
    struct variable *v = arena_take(&r->arena, sizeof *v);
    if (v == NULL) {
        run_fail(r, JINJA_TOO_MUCH, "the template takes too much memory");
        return;
    }
    *v = (struct variable){name, value, frame->variables};
    frame->variables = v;
}

void run_set(struct rendering *r, struct text_view name, struct value value) {
    set_in(r, r->frame, name, value);
}

/* A frame within `outer`; it may be seen by a macro that stands in it, so it lives in the arena. */
static struct frame *push(struct rendering *r, struct frame *outer) {
    struct frame *before = r->frame, *frame = arena_take(&r->arena, sizeof *frame);
    if (frame == NULL) {
        run_fail(r, JINJA_TOO_MUCH, "the template takes too much memory");
    } else {
        frame->outer = outer;
        r->frame = frame;
    }
    return before;
}

static void assign(struct rendering *r, const struct node *target, struct value value) {
    if (target->other.size != 0) {
        const struct node name = {.kind = NODE_NAME, .line = target->line, .name = target->name};
        const struct value space = evaluate(r, &name);
        if (space.kind != VALUE_NAMESPACE)
            run_fail(r, JINJA_WRONG, "%.*s is no namespace", (int)target->name.size,
                     target->name.data);
        else
            dict_set(r, space.as.dict, value_text(target->other.data, target->other.size), value);
    } else if (target->a == NULL) {
        run_set(r, target->name, value);
    } else {
        const struct list *items = value_items(r, value);
        size_t at = 0;
        for (const struct node *each = target->a; each != NULL && items != NULL;
             each = each->next, at++)
            if (at < items->count)
                assign(r, each, items->items[at]);
        if (items != NULL && at != items->count)
            run_fail(r, JINJA_WRONG, "%zu values for %zu names", items->count, at);
    }
}

/* ---- loops ---- */

/* The items for which the loop's condition holds. */
static const struct list *chosen(struct rendering *r, const struct node *n,
                                 const struct list *items) {
    const struct value list = value_list(r);
    for (size_t i = 0; i < items->count && !run_failed(r); i++) {
        struct frame *before = push(r, r->frame);
        assign(r, n->a, items->items[i]);
        if (value_true(evaluate(r, n->c)))
            list_add(r, list.as.list, items->items[i]);
        r->frame = before;
    }
    return list.as.list;
}

static void run_for(struct rendering *r, const struct node *n) {
    const struct list *items = value_items(r, evaluate(r, n->b));
    struct loop *loop = arena_take(&r->arena, sizeof *loop);
    if (items != NULL && n->c != NULL)
        items = chosen(r, n, items);
    if (loop == NULL || items == NULL) {
        run_fail(r, JINJA_TOO_MUCH, "the template takes too much memory");
        return;
    }
    loop->items = items;
    bool whole = false; /* a turn came to its end: `else` is for loops in which none did */
    for (size_t i = 0; i < items->count && !run_failed(r) && r->flow != FLOW_BREAK; i++) {
        struct frame *before = push(r, r->frame);
        loop->index = i;
        assign(r, n->a, items->items[i]);
        run_set(r, (struct text_view){"loop", 4},
                (struct value){.kind = VALUE_LOOP, .as = {.loop = loop}});
        run_body(r, n->d);
        r->frame = before;
        whole = whole || r->flow == FLOW_ON;
        if (r->flow == FLOW_CONTINUE)
            r->flow = FLOW_ON;
    }
    r->flow = FLOW_ON;
    if (!whole && n->e != NULL) {
        struct frame *before = push(r, r->frame);
        run_body(r, n->e);
        r->frame = before;
    }
}

/* ---- macros and blocks ---- */

struct value run_capture(struct rendering *r, const struct node *body) {
    struct buffer text = {0}, *before = r->out;
    struct frame *frame = push(r, r->frame);
    r->out = &text;
    run_body(r, body);
    r->out = before;
    r->frame = frame;
    return run_text(&text);
}

static void define(struct rendering *r, const struct node *n, struct frame *in) {
    struct macro *macro = arena_take(&r->arena, sizeof *macro);
    if (macro == NULL) {
        run_fail(r, JINJA_TOO_MUCH, "the template takes too much memory");
        return;
    }
    *macro = (struct macro){n, in};
    run_set(r, n->name, (struct value){.kind = VALUE_MACRO, .as = {.macro = macro}});
}

struct value run_macro(struct rendering *r, const struct macro *macro, const struct node *call) {
    const struct arguments a = evaluate_arguments(r, call->b);
    struct buffer text = {0}, *before = r->out;
    size_t at = 0, used = 0;
    struct frame *frame = push(r, macro->frame);
    if (call->c != NULL)
        define(r, call->c, frame);
    for (const struct node *p = macro->node->a; p != NULL && !run_failed(r); p = p->next, at++) {
        struct value value = value_undefined(p->name);
        bool given = at < a.count;
        if (given)
            value = a.values[at];
        for (size_t i = 0; i < a.named_count; i++)
            if (a.named[i].key.as.text.size == p->name.size &&
                memcmp(a.named[i].key.as.text.data, p->name.data, p->name.size) == 0) {
                if (given)
                    run_fail(r, JINJA_WRONG, "%.*s is given twice", (int)p->name.size,
                             p->name.data);
                value = a.named[i].value;
                given = true;
                used++;
            }
        if (!given && p->a != NULL)
            value = evaluate(r, p->a);
        run_set(r, p->name, value);
    }
    if (a.count > at || used != a.named_count)
        run_fail(r, JINJA_WRONG, "macro %.*s has no such argument", (int)macro->node->name.size,
                 macro->node->name.data);
    r->out = &text;
    if (!run_failed(r))
        run_body(r, macro->node->b);
    r->out = before;
    r->frame = frame;
    return run_text(&text);
}

static void run_if(struct rendering *r, const struct node *n) {
    for (const struct node *branch = n->a; branch != NULL && !run_failed(r); branch = branch->next)
        if (branch->a == NULL || value_true(evaluate(r, branch->a))) {
            run_body(r, branch->b);
            return;
        }
}

static void print(struct rendering *r, const struct node *n) {
    const struct text_view text = value_show(r, evaluate(r, n->a));
    run_add(r, r->out, text.data, text.size);
}

void run_body(struct rendering *r, const struct node *body) {
    if (run_down(r))
        for (const struct node *n = body; n != NULL && r->flow == FLOW_ON; n = n->next) {
            r->line = n->line;
            if (!run_step(r, 1))
                break;
            if (n->kind == NODE_DATA)
                run_add(r, r->out, n->name.data, n->name.size);
            else if (n->kind == NODE_PRINT)
                print(r, n);
            else if (n->kind == NODE_IF)
                run_if(r, n);
            else if (n->kind == NODE_FOR)
                run_for(r, n);
            else if (n->kind == NODE_SET)
                assign(r, n->a, evaluate(r, n->b));
            else if (n->kind == NODE_MACRO)
                define(r, n, r->frame);
            else
                r->flow = n->kind == NODE_BREAK ? FLOW_BREAK : FLOW_CONTINUE;
        }
    run_up(r);
}
