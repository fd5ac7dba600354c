/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Expressions.
 */
#include <string.h>

#include "run.h"

static struct value look_up(struct rendering *r, struct text_view name) {
    for (const struct frame *f = r->frame; f != NULL; f = f->outer)
        for (const struct variable *v = f->variables; v != NULL && run_step(r, 1); v = v->next)
            if (v->name.size == name.size && memcmp(v->name.data, name.data, name.size) == 0)
                return v->value;
    const struct builtin *function = find_function(name);
    if (function != NULL)
        return (struct value){.kind = VALUE_BUILTIN, .as = {.builtin = function}};
    return value_undefined(name);
}

struct arguments evaluate_arguments(struct rendering *r, const struct node *list) {
    const struct value values = value_list(r), named = value_dict(r);
    for (const struct node *n = list; n != NULL && !run_failed(r); n = n->next) {
        const struct value value = evaluate(r, n->a);
        if (n->name.size == 0) {
            list_add(r, values.as.list, value);
        } else if (view_is(n->name, "*")) {
            const struct list *items = value_items(r, value);
            for (size_t i = 0; items != NULL && i < items->count && !run_failed(r); i++)
                list_add(r, values.as.list, items->items[i]);
        } else if (view_is(n->name, "**")) {
            if (value.kind != VALUE_DICT)
                run_fail(r, JINJA_WRONG, "a %s has no pairs", value_kind_name(value));
            for (size_t i = 0; !run_failed(r) && i < value.as.dict->count; i++)
                dict_set(
                    r, named.as.dict,
                    (struct value){.kind = VALUE_TEXT,
                                   .as = {.text = argument_text(r, value.as.dict->pairs[i].key)}},
                    value.as.dict->pairs[i].value);
        } else {
            dict_set(r, named.as.dict, value_text(n->name.data, n->name.size), value);
        }
    }
    return (struct arguments){.values = values.as.list->items,
                              .count = values.as.list->count,
                              .named = named.as.dict->pairs,
                              .named_count = named.as.dict->count};
}

/* Which of "old,new,count" it is; SLOTS: none. */
static size_t slot_of(const char *parameters, struct text_view name) {
    size_t slot = 0;
    for (const char *at = parameters; *at != '\0'; slot++) {
        const size_t size = strcspn(at, ",");
        if (size == name.size && memcmp(at, name.data, size) == 0)
            return slot;
        at += size + (at[size] == ',');
    }
    return SLOTS;
}

static size_t slot_count(const char *parameters) {
    size_t count = *parameters != '\0';
    for (const char *at = parameters; *at != '\0'; at++)
        count += *at == ',';
    return count;
}

struct value call_builtin(struct rendering *r, const struct builtin *b, struct value self,
                          const struct arguments *a) {
    struct value values[SLOTS] = {{0}};
    const struct arguments bound = {.values = values, .count = SLOTS};
    if (b->parameters == NULL)
        return b->run(r, self, a);
    size_t given = a->count;
    if (given > slot_count(b->parameters))
        return run_fail(r, JINJA_BEYOND, "%zu arguments of %s are not supported", given, b->name);
    for (size_t i = 0; i < given; i++)
        values[i] = a->values[i];
    for (size_t i = 0; i < a->named_count; i++) {
        const struct text_view name = a->named[i].key.as.text;
        const size_t slot = slot_of(b->parameters, name);
        if (slot == SLOTS || slot < a->count)
            return run_fail(r, JINJA_BEYOND, "argument %.*s of %s is not supported", (int)name.size,
                            name.data, b->name);
        values[slot] = a->named[i].value;
        given++;
    }
    if (given < b->needed)
        return run_fail(r, JINJA_WRONG, "%s lacks an argument", b->name);
    return b->run(r, self, &bound);
}

static struct value call(struct rendering *r, const struct node *n) {
    if (n->a->kind == NODE_ATTRIBUTE) {
        const struct value self = evaluate(r, n->a->a);
        const struct text_view name = n->a->name;
        const struct builtin *method = find_method(self, name);
        if (method != NULL) {
            const struct arguments a = evaluate_arguments(r, n->b);
            return run_failed(r) ? value_none() : call_builtin(r, method, self, &a);
        }
        if (!run_failed(r) && self.kind != VALUE_UNDEFINED &&
            get_attribute(r, self, name).kind != VALUE_MACRO)
            return run_fail(r, self.kind == VALUE_NONE ? JINJA_WRONG : JINJA_BEYOND,
                            "method \"%.*s\" of a %s is not supported", (int)name.size, name.data,
                            value_kind_name(self));
    }
    const struct value function = evaluate(r, n->a);
    if (run_failed(r))
        return function;
    if (function.kind == VALUE_MACRO)
        return run_macro(r, function.as.macro, n);
    if (function.kind == VALUE_BUILTIN) {
        const struct arguments a = evaluate_arguments(r, n->b);
        return run_failed(r) ? value_none()
                             : call_builtin(r, function.as.builtin, value_none(), &a);
    }
    if (function.kind == VALUE_UNDEFINED)
        return run_fail(r, JINJA_BEYOND, "function \"%.*s\" is not supported",
                        (int)function.as.text.size, function.as.text.data);
    return run_fail(r, JINJA_WRONG, "a %s cannot be called", value_kind_name(function));
}

static struct value filter(struct rendering *r, const struct node *n) {
    const struct value self = evaluate(r, n->a);
    const struct arguments a = evaluate_arguments(r, n->b);
    r->line = n->line;
    return run_failed(r) ? self : apply_filter(r, n->name, self, &a);
}

struct value apply_filter(struct rendering *r, struct text_view name, struct value self,
                          const struct arguments *a) {
    const struct builtin *f = find_filter(name);
    if (f == NULL)
        f = find_list_filter(name);
    if (f == NULL)
        return run_fail(r, JINJA_BEYOND, "filter \"%.*s\" is not supported", (int)name.size,
                        name.data);
    return call_builtin(r, f, self, a);
}

bool apply_test(struct rendering *r, struct text_view name, struct value self,
                const struct arguments *a) {
    const struct builtin *t = find_test(name);
    if (t == NULL) {
        run_fail(r, JINJA_BEYOND, "test \"%.*s\" is not supported", (int)name.size, name.data);
        return false;
    }
    return value_true(call_builtin(r, t, self, a));
}

static struct value evaluate_items(struct rendering *r, const struct node *n) {
    const struct value v = value_list(r);
    for (const struct node *each = n->a; each != NULL && !run_failed(r); each = each->next)
        list_add(r, v.as.list, evaluate(r, each));
    v.as.list->kind = n->kind == NODE_TUPLE ? LIST_TUPLE : LIST_PLAIN;
    return v;
}

static struct value evaluate_pairs(struct rendering *r, const struct node *n) {
    const struct value v = value_dict(r);
    for (const struct node *each = n->a; each != NULL && !run_failed(r); each = each->next) {
        const struct value key = evaluate(r, each->a);
        dict_set(r, v.as.dict, key, evaluate(r, each->b));
    }
    return v;
}

static struct value evaluate_comparison(struct rendering *r, const struct node *n) {
    struct value left = evaluate(r, n->a);
    for (const struct node *each = n->b; each != NULL && !run_failed(r); each = each->next) {
        const struct value right = evaluate(r, each->a);
        if (run_failed(r) || !compare(r, each->name, left, right))
            return value_bool(false);
        left = right;
    }
    return value_bool(true);
}

static struct value evaluate_slice(struct rendering *r, const struct node *n) {
    const struct value of = evaluate(r, n->a);
    const struct value bounds[3] = {n->b != NULL ? evaluate(r, n->b) : value_none(),
                                    n->c != NULL ? evaluate(r, n->c) : value_none(),
                                    n->d != NULL ? evaluate(r, n->d) : value_none()};
    return run_failed(r) ? of : get_slice(r, of, bounds);
}

static struct value signed_number(struct rendering *r, const struct node *n) {
    const struct value v = evaluate(r, n->a);
    if (run_failed(r))
        return v;
    if (v.kind == VALUE_REAL)
        return value_real(n->kind == NODE_MINUS ? -v.as.real : v.as.real);
    return operate(r, (struct text_view){n->kind == NODE_MINUS ? "-" : "+", 1}, value_integer(0),
                   v);
}

static struct value evaluate_two(struct rendering *r, const struct node *n) {
    const struct value a = evaluate(r, n->a);
    if (n->kind == NODE_AND || n->kind == NODE_OR)
        return value_true(a) == (n->kind == NODE_OR) ? a : evaluate(r, n->b);
    const struct value b = evaluate(r, n->b);
    r->line = n->line;
    return run_failed(r)           ? a
           : n->kind == NODE_INDEX ? get_item(r, a, b)
                                   : operate(r, n->name, a, b);
}

static struct value evaluate_one(struct rendering *r, const struct node *n) {
    switch (n->kind) {
    case NODE_CONSTANT:
        return n->value;
    case NODE_NAME:
        return look_up(r, n->name);
    case NODE_LIST:
    case NODE_TUPLE:
        return evaluate_items(r, n);
    case NODE_DICT:
        return evaluate_pairs(r, n);
    case NODE_NOT:
        return value_bool(!value_true(evaluate(r, n->a)));
    case NODE_MINUS:
    case NODE_PLUS:
        return signed_number(r, n);
    case NODE_AND:
    case NODE_OR:
    case NODE_BINARY:
    case NODE_INDEX:
        return evaluate_two(r, n);
    case NODE_COMPARE:
        return evaluate_comparison(r, n);
    case NODE_CONDITIONAL:
        if (value_true(evaluate(r, n->b)))
            return evaluate(r, n->a);
        return n->c != NULL ? evaluate(r, n->c)
                            : value_undefined((struct text_view){"the value", 9});
    case NODE_ATTRIBUTE: {
        const struct value of = evaluate(r, n->a);
        return run_failed(r) ? of : get_attribute(r, of, n->name);
    }
    case NODE_SLICE:
        return evaluate_slice(r, n);
    case NODE_CALL:
        return call(r, n);
    case NODE_FILTER:
        return filter(r, n);
    case NODE_TEST: {
        const struct value self = evaluate(r, n->a);
        const struct arguments a = evaluate_arguments(r, n->b);
        return value_bool(!run_failed(r) && apply_test(r, n->name, self, &a));
    }
    case NODE_CAPTURE:
        return run_capture(r, n->b);
    default:
        return run_fail(r, JINJA_WRONG, "no expression");
    }
}

struct value evaluate(struct rendering *r, const struct node *n) {
    struct value v = value_none();
    r->line = n->line;
    if (run_down(r) && run_step(r, 1))
        v = evaluate_one(r, n);
    run_up(r);
    return v;
}
