/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Filters of lists.
 */
#include <string.h>

#include "letters.h"
#include "run.h"

static struct value do_length(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    if (v.kind == VALUE_TEXT && run_step(r, 4 * v.as.text.size))
        return value_integer((int64_t)letter_count(v.as.text.data, v.as.text.size));
    if (v.kind == VALUE_DICT)
        return value_integer((int64_t)v.as.dict->count);
    const struct list *items = value_items(r, v);
    return value_integer(items != NULL ? (int64_t)items->count : 0);
}

static struct value do_list(struct rendering *r, struct value v, const struct arguments *a) {
    const struct list *items = value_items(r, v);
    const struct value list = value_list(r);
    (void)a;
    for (size_t i = 0; items != NULL && i < items->count && !run_failed(r); i++)
        list_add(r, list.as.list, items->items[i]);
    return list;
}

static struct value lazy(struct value list) {
    list.as.list->kind = LIST_LAZY;
    return list;
}

static struct value do_first(struct rendering *r, struct value v, const struct arguments *a) {
    const struct list *items = value_items(r, v);
    (void)a;
    return items != NULL && items->count != 0
               ? items->items[0]
               : value_undefined((struct text_view){"the first item", 14});
}

static struct value do_last(struct rendering *r, struct value v, const struct arguments *a) {
    const struct list *items = value_items(r, v);
    (void)a;
    return items != NULL && items->count != 0
               ? items->items[items->count - 1]
               : value_undefined((struct text_view){"the last item", 13});
}

static struct value do_reverse(struct rendering *r, struct value v, const struct arguments *a) {
    const struct list *items = value_items(r, v);
    const struct value list = value_list(r);
    struct buffer text = {0};
    (void)a;
    for (size_t i = items != NULL ? items->count : 0; i-- > 0 && !run_failed(r);)
        if (v.kind == VALUE_TEXT)
            run_add(r, &text, items->items[i].as.text.data, items->items[i].as.text.size);
        else
            list_add(r, list.as.list, items->items[i]);
    return v.kind == VALUE_TEXT ? run_text(&text) : lazy(list);
}

static struct value do_items(struct rendering *r, struct value v, const struct arguments *a) {
    static const struct arguments none;
    (void)a;
    if (v.kind == VALUE_UNDEFINED)
        return lazy(value_list(r));
    if (v.kind != VALUE_DICT)
        return run_fail(r, JINJA_WRONG, "a %s has no pairs", value_kind_name(v));
    return lazy(call_builtin(r, find_method(v, (struct text_view){"items", 5}), v, &none));
}

/* A member by its path: "function.name", "0". */
static struct value member(struct rendering *r, struct value v, struct value path) {
    if (path.kind == VALUE_INTEGER)
        return get_item(r, v, path);
    struct text_view rest = argument_text(r, path);
    while (!run_failed(r)) {
        const char *dot = memchr(rest.data, '.', rest.size);
        const size_t size = dot != NULL ? (size_t)(dot - rest.data) : rest.size;
        bool digits = size != 0 && size < 10;
        int64_t number = 0;
        for (size_t i = 0; i < size && digits; i++) {
            digits = rest.data[i] >= '0' && rest.data[i] <= '9';
            number = 10 * number + (rest.data[i] - '0');
        }
        v = get_item(r, v, digits ? value_integer(number) : value_text(rest.data, size));
        if (dot == NULL)
            return v;
        rest.data += size + 1;
        rest.size -= size + 1;
    }
    return v;
}

static struct value do_join(struct rendering *r, struct value v, const struct arguments *a) {
    const struct list *items = value_items(r, v);
    const struct text_view between = value_show(r, a->values[0]);
    struct buffer text = {0};
    for (size_t i = 0; items != NULL && i < items->count && !run_failed(r); i++) {
        const struct value item = a->values[1].kind == VALUE_UNDEFINED
                                      ? items->items[i]
                                      : member(r, items->items[i], a->values[1]);
        const struct text_view shown = value_show(r, item);
        if (i != 0)
            run_add(r, &text, between.data, between.size);
        run_add(r, &text, shown.data, shown.size);
    }
    return run_text(&text);
}

/* What is left of arguments behind the first `count`. */
static struct arguments behind(const struct arguments *a, size_t count) {
    return (struct arguments){.values = a->values + count,
                              .count = a->count - count,
                              .named = a->named,
                              .named_count = a->named_count};
}

/* map(attribute="role"), with a default, or map("trim"). */
static struct value do_map(struct rendering *r, struct value v, const struct arguments *a) {
    const struct list *items = value_true(v) ? value_items(r, v) : NULL;
    const struct value list = value_list(r);
    struct value path = value_none(), otherwise = value_none();
    bool has_default = false;
    for (size_t i = 0; i < a->named_count && a->count == 0; i++) {
        if (view_is(a->named[i].key.as.text, "attribute"))
            path = a->named[i].value;
        has_default = has_default || view_is(a->named[i].key.as.text, "default");
        if (view_is(a->named[i].key.as.text, "default"))
            otherwise = a->named[i].value;
    }
    if (a->count == 0 && (path.kind == VALUE_NONE || a->named_count > 1u + has_default))
        return run_fail(r, JINJA_BEYOND, "map with such arguments is not supported");
    for (size_t i = 0; items != NULL && i < items->count && !run_failed(r); i++) {
        struct value item = items->items[i];
        if (a->count == 0) {
            item = member(r, item, path);
            if (item.kind == VALUE_UNDEFINED && has_default)
                item = otherwise;
        } else {
            const struct arguments rest = behind(a, 1);
            item = apply_filter(r, argument_text(r, a->values[0]), item, &rest);
        }
        list_add(r, list.as.list, item);
    }
    return lazy(list);
}

/* Those for which a test holds (or does not), of themselves or of a member. */
static struct value choose(struct rendering *r, struct value v, const struct arguments *a,
                           bool members, bool wanted) {
    const struct list *items = value_true(v) ? value_items(r, v) : NULL;
    const struct value list = value_list(r);
    const size_t skip = members;
    if (a->count < skip || a->named_count != 0)
        return run_fail(r, JINJA_WRONG, "selectattr lacks the attribute");
    for (size_t i = 0; items != NULL && i < items->count && !run_failed(r); i++) {
        const struct value of =
            members ? member(r, items->items[i], a->values[0]) : items->items[i];
        bool holds = value_true(of);
        if (a->count > skip) {
            const struct arguments rest = behind(a, skip + 1);
            holds = apply_test(r, argument_text(r, a->values[skip]), of, &rest);
        }
        if (holds == wanted)
            list_add(r, list.as.list, items->items[i]);
    }
    return lazy(list);
}

static struct value do_select(struct rendering *r, struct value v, const struct arguments *a) {
    return choose(r, v, a, false, true);
}

static struct value do_reject(struct rendering *r, struct value v, const struct arguments *a) {
    return choose(r, v, a, false, false);
}

static struct value do_selectattr(struct rendering *r, struct value v, const struct arguments *a) {
    return choose(r, v, a, true, true);
}

static struct value do_rejectattr(struct rendering *r, struct value v, const struct arguments *a) {
    return choose(r, v, a, true, false);
}

/* What an item is ordered by: a member or itself, in lower case unless case counts. */
static struct value order_key(struct rendering *r, struct value item, struct value path,
                              bool cased) {
    const struct value key =
        path.kind == VALUE_UNDEFINED || path.kind == VALUE_NONE ? item : member(r, item, path);
    return key.kind == VALUE_TEXT && !cased ? text_case(r, key.as.text, 'l') : key;
}

/* By merging, so that equals stay in their order. */
static void sort(struct rendering *r, struct pair *pairs, struct pair *spare, size_t count,
                 bool down) {
    const size_t half = count / 2;
    if (count < 2 || run_failed(r))
        return;
    sort(r, pairs, spare, half, down);
    sort(r, pairs + half, spare, count - half, down);
    memcpy(spare, pairs, count * sizeof *pairs);
    for (size_t i = 0, j = half, k = 0; k < count && run_step(r, 1); k++) {
        bool second = i == half;
        if (i < half && j < count) {
            const int order = value_equal(r, spare[j].key, spare[i].key)
                                  ? 0
                                  : value_order(r, spare[j].key, spare[i].key);
            second = down ? order > 0 : order < 0;
        }
        pairs[k] = second ? spare[j++] : spare[i++];
    }
}

static struct value sorted(struct rendering *r, const struct list *items, struct value path,
                           bool cased, bool down) {
    const struct value list = value_list(r);
    const size_t count = items != NULL ? items->count : 0;
    struct pair *pairs = arena_take(&r->arena, 2 * count * sizeof *pairs + 1);
    if (pairs == NULL)
        return run_fail(r, JINJA_TOO_MUCH, "the template takes too much memory");
    for (size_t i = 0; i < count && !run_failed(r); i++)
        pairs[i] = (struct pair){order_key(r, items->items[i], path, cased), items->items[i]};
    sort(r, pairs, pairs + count, count, down);
    for (size_t i = 0; i < count && !run_failed(r); i++)
        list_add(r, list.as.list, pairs[i].value);
    return list;
}

static struct value do_sort(struct rendering *r, struct value v, const struct arguments *a) {
    return sorted(r, value_items(r, v), a->values[2], value_true(a->values[1]),
                  value_true(a->values[0]));
}

static struct value do_dictsort(struct rendering *r, struct value v, const struct arguments *a) {
    const bool by_value = a->values[1].kind == VALUE_TEXT && view_is(a->values[1].as.text, "value");
    if (v.kind == VALUE_UNDEFINED)
        return run_fail(r, JINJA_WRONG, "%.*s is undefined", (int)v.as.text.size, v.as.text.data);
    const struct value pairs = do_items(r, v, NULL);
    return run_failed(r) ? pairs
                         : sorted(r, pairs.as.list, value_integer(by_value),
                                  value_true(a->values[0]), value_true(a->values[2]));
}

static struct value do_unique(struct rendering *r, struct value v, const struct arguments *a) {
    const struct list *items = value_items(r, v);
    const struct value list = value_list(r), keys = value_list(r);
    for (size_t i = 0; items != NULL && i < items->count && !run_failed(r); i++) {
        const struct value key =
            order_key(r, items->items[i], a->values[1], value_true(a->values[0]));
        if (is_key(r, key) && !contains(r, keys, key)) {
            list_add(r, keys.as.list, key);
            list_add(r, list.as.list, items->items[i]);
        }
    }
    return lazy(list);
}

static const struct builtin filters[] = {
    {"length", do_length, "", 0},
    {"count", do_length, "", 0},
    {"list", do_list, "", 0},
    {"first", do_first, "", 0},
    {"last", do_last, "", 0},
    {"reverse", do_reverse, "", 0},
    {"items", do_items, "", 0},
    {"join", do_join, "d,attribute", 0},
    {"map", do_map, NULL, 0},
    {"select", do_select, NULL, 0},
    {"reject", do_reject, NULL, 0},
    {"selectattr", do_selectattr, NULL, 0},
    {"rejectattr", do_rejectattr, NULL, 0},
    {"sort", do_sort, "reverse,case_sensitive,attribute", 0},
    {"dictsort", do_dictsort, "case_sensitive,by,reverse", 0},
    {"unique", do_unique, "case_sensitive,attribute", 0},
};

const struct builtin *find_list_filter(struct text_view name) {
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (view_is(name, filters[i].name))
            return &filters[i];
    return NULL;
}
