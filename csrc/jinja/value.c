/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Making, looking into, comparing values.
 */
#include "value.h"

#include <math.h>
#include <string.h>

#include "letters.h"
#include "run.h"

struct value value_bool(bool truth) {
    return (struct value){.kind = VALUE_BOOL, .as = {.integer = truth}};
}

struct value value_integer(int64_t integer) {
    return (struct value){.kind = VALUE_INTEGER, .as = {.integer = integer}};
}

struct value value_real(double real) {
    return (struct value){.kind = VALUE_REAL, .as = {.real = real}};
}

struct value value_none(void) {
    return (struct value){.kind = VALUE_NONE};
}

struct value value_text(const char *text, size_t size) {
    return (struct value){.kind = VALUE_TEXT, .as = {.text = {text, size}}};
}

struct value value_undefined(struct text_view name) {
    return (struct value){.kind = VALUE_UNDEFINED, .as = {.text = name}};
}

static struct value no_memory(struct rendering *r) {
    return run_fail(r, JINJA_TOO_MUCH, "the template takes too much memory");
}

struct value value_list(struct rendering *r) {
    struct list *list = arena_take(&r->arena, sizeof *list);
    if (list == NULL) {
        no_memory(r);
        list = &r->no_list;
    }
    return (struct value){.kind = VALUE_LIST, .as = {.list = list}};
}

struct value value_dict(struct rendering *r) {
    struct dict *dict = arena_take(&r->arena, sizeof *dict);
    if (dict == NULL) {
        no_memory(r);
        dict = &r->no_dict;
    }
    return (struct value){.kind = VALUE_DICT, .as = {.dict = dict}};
}

void list_add(struct rendering *r, struct list *list, struct value item) {
    struct value *items =
        run_step(r, 1) ? arena_grow(&r->arena, list->items, list->count, &list->room, sizeof *items)
                       : NULL;
    if (items == NULL) {
        no_memory(r);
        return;
    }
    list->items = items;
    list->items[list->count++] = item;
}

const struct value *dict_find(struct rendering *r, const struct dict *dict, struct value key) {
    for (size_t i = 0; i < dict->count; i++)
        if (value_equal(r, dict->pairs[i].key, key))
            return &dict->pairs[i].value;
    return NULL;
}

const struct value *dict_find_name(const struct dict *dict, const char *name, size_t size) {
    for (size_t i = 0; i < dict->count; i++) {
        const struct value *key = &dict->pairs[i].key;
        if (key->kind == VALUE_TEXT && key->as.text.size == size &&
            memcmp(key->as.text.data, name, size) == 0)
            return &dict->pairs[i].value;
    }
    return NULL;
}

bool is_key(struct rendering *r, struct value v) {
    bool can = v.kind != VALUE_DICT && (v.kind != VALUE_LIST || v.as.list->kind == LIST_TUPLE);
    for (size_t i = 0; can && v.kind == VALUE_LIST && i < v.as.list->count && run_step(r, 1); i++)
        can = v.as.list->items[i].kind != VALUE_DICT && v.as.list->items[i].kind != VALUE_LIST;
    if (!can)
        run_fail(r, JINJA_WRONG, "a %s cannot be a key", value_kind_name(v));
    return !run_failed(r);
}

void dict_set(struct rendering *r, struct dict *dict, struct value key, struct value value) {
    struct value *old = (struct value *)(uintptr_t)dict_find(r, dict, key);
    if (old != NULL) {
        *old = value;
        return;
    }
    if (!is_key(r, key))
        return;
    struct pair *pairs =
        run_step(r, 1) ? arena_grow(&r->arena, dict->pairs, dict->count, &dict->room, sizeof *pairs)
                       : NULL;
    if (pairs == NULL) {
        no_memory(r);
        return;
    }
    dict->pairs = pairs;
    dict->pairs[dict->count++] = (struct pair){key, value};
}

bool view_is(struct text_view view, const char *text) {
    return strlen(text) == view.size && memcmp(view.data, text, view.size) == 0;
}

const char *value_kind_name(struct value v) {
    static const char *const names[] = {"undefined", "None", "bool",  "int",
                                        "float",     "str",  "list",  "dict",
                                        "namespace", "loop", "macro", "function"};
    static const char *const lists[] = {"list", "tuple", "view", "generator"};
    return v.kind == VALUE_LIST ? lists[v.as.list->kind] : names[v.kind];
}

bool value_true(struct value v) {
    switch (v.kind) {
    case VALUE_UNDEFINED:
    case VALUE_NONE:
        return false;
    case VALUE_BOOL:
    case VALUE_INTEGER:
        return v.as.integer != 0;
    case VALUE_REAL:
        return v.as.real != 0;
    case VALUE_TEXT:
        return v.as.text.size != 0;
    case VALUE_LIST:
        return v.as.list->count != 0 || v.as.list->kind == LIST_LAZY;
    case VALUE_DICT:
        return v.as.dict->count != 0;
    default:
        return true;
    }
}

bool value_number(struct value v, double *number) {
    if (v.kind == VALUE_REAL)
        *number = v.as.real;
    else if (v.kind == VALUE_INTEGER || v.kind == VALUE_BOOL)
        *number = (double)v.as.integer;
    else
        return false;
    return true;
}

static bool is_whole(struct value v) {
    return v.kind == VALUE_INTEGER || v.kind == VALUE_BOOL;
}

static bool lists_equal(struct rendering *r, const struct list *a, const struct list *b) {
    const bool alike = a->count == b->count && a->kind == b->kind;
    bool equal = alike && run_down(r);
    for (size_t i = 0; i < a->count && equal; i++)
        equal = value_equal(r, a->items[i], b->items[i]);
    if (alike)
        run_up(r);
    return equal;
}

static bool dicts_equal(struct rendering *r, const struct dict *a, const struct dict *b) {
    if (a->count != b->count)
        return false;
    bool equal = run_down(r);
    for (size_t i = 0; i < a->count && equal; i++) {
        const struct value *other = dict_find(r, b, a->pairs[i].key);
        equal = other != NULL && value_equal(r, a->pairs[i].value, *other);
    }
    run_up(r);
    return equal;
}

bool value_equal(struct rendering *r, struct value a, struct value b) {
    double x, y;
    if (!run_step(r, 1))
        return false;
    if (is_whole(a) && is_whole(b))
        return a.as.integer == b.as.integer;
    if (value_number(a, &x) && value_number(b, &y))
        return x == y;
    if (a.kind != b.kind)
        return false;
    switch (a.kind) {
    case VALUE_TEXT:
        return a.as.text.size == b.as.text.size && run_step(r, a.as.text.size) &&
               memcmp(a.as.text.data, b.as.text.data, a.as.text.size) == 0;
    case VALUE_LIST:
        return lists_equal(r, a.as.list, b.as.list);
    case VALUE_DICT:
        return dicts_equal(r, a.as.dict, b.as.dict);
    case VALUE_UNDEFINED:
    case VALUE_NONE:
        return true;
    default:
        return a.as.dict == b.as.dict;
    }
}

static int sign(double x) {
    return x < 0 ? -1 : x > 0;
}

int value_order(struct rendering *r, struct value a, struct value b) {
    double x, y;
    if (is_whole(a) && is_whole(b))
        return a.as.integer < b.as.integer ? -1 : a.as.integer > b.as.integer;
    if (value_number(a, &x) && value_number(b, &y)) {
        if (isnan(x) || isnan(y))
            run_fail(r, JINJA_BEYOND, "numbers that are none have no order");
        return sign(x - y);
    }
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT) { /* UTF-8 is ordered as its characters */
        const size_t size = a.as.text.size < b.as.text.size ? a.as.text.size : b.as.text.size;
        const int order = run_step(r, size) ? memcmp(a.as.text.data, b.as.text.data, size) : 0;
        return order != 0 ? order : a.as.text.size < b.as.text.size ? -1 : a.as.text.size > size;
    }
    if (a.kind == VALUE_LIST && b.kind == VALUE_LIST && a.as.list->kind == b.as.list->kind) {
        int order = 0;
        const struct list *p = a.as.list, *q = b.as.list;
        bool deep = !run_down(r);
        for (size_t i = 0; i < p->count && i < q->count && order == 0 && !deep; i++)
            if (!value_equal(r, p->items[i], q->items[i]))
                order = value_order(r, p->items[i], q->items[i]);
        run_up(r);
        return order != 0 ? order : p->count < q->count ? -1 : p->count > q->count;
    }
    if (a.kind == VALUE_UNDEFINED || b.kind == VALUE_UNDEFINED) {
        const struct text_view name = a.kind == VALUE_UNDEFINED ? a.as.text : b.as.text;
        run_fail(r, JINJA_WRONG, "%.*s is undefined", (int)name.size, name.data);
    } else {
        run_fail(r, JINJA_WRONG, "a %s and a %s have no order", value_kind_name(a),
                 value_kind_name(b));
    }
    return 0;
}

const struct list *value_items(struct rendering *r, struct value v) {
    const struct value items = value_list(r);
    if (v.kind == VALUE_LIST)
        return v.as.list;
    if (v.kind == VALUE_UNDEFINED)
        return items.as.list;
    if (v.kind == VALUE_DICT) {
        for (size_t i = 0; i < v.as.dict->count && !run_failed(r); i++)
            list_add(r, items.as.list, v.as.dict->pairs[i].key);
        return items.as.list;
    }
    if (v.kind == VALUE_TEXT) {
        for (size_t at = 0, size; at < v.as.text.size && !run_failed(r); at += size) {
            size = letter_size(v.as.text.data + at, v.as.text.size - at);
            list_add(r, items.as.list, value_text(v.as.text.data + at, size));
        }
        return items.as.list;
    }
    run_fail(r, JINJA_WRONG, "a %s has no items", value_kind_name(v));
    return NULL;
}
