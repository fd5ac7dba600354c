/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Methods of texts and dicts.
 */
#include <ctype.h>
#include <string.h>

#include "letters.h"
#include "run.h"

static struct value method_strip(struct rendering *r, struct value v, const struct arguments *a) {
    return text_strip(r, v.as.text, a->values[0], true, true);
}

static struct value method_lstrip(struct rendering *r, struct value v, const struct arguments *a) {
    return text_strip(r, v.as.text, a->values[0], true, false);
}

static struct value method_rstrip(struct rendering *r, struct value v, const struct arguments *a) {
    return text_strip(r, v.as.text, a->values[0], false, true);
}

static struct value method_upper(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return text_case(r, v.as.text, 'u');
}

static struct value method_lower(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return text_case(r, v.as.text, 'l');
}

static struct value method_capitalize(struct rendering *r, struct value v,
                                      const struct arguments *a) {
    (void)a;
    return text_case(r, v.as.text, 'c');
}

static struct value method_title(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return text_case(r, v.as.text, 't');
}

static struct value method_replace(struct rendering *r, struct value v, const struct arguments *a) {
    return text_replace(r, v.as.text, a->values[0], a->values[1], a->values[2]);
}

static bool matches(struct rendering *r, struct text_view t, struct text_view with, bool end) {
    return with.size <= t.size && run_step(r, with.size) &&
           memcmp(t.data + (end ? t.size - with.size : 0), with.data, with.size) == 0;
}

/* With a text, or one of a tuple. */
static struct value has_affix(struct rendering *r, struct text_view t, struct value with,
                              bool end) {
    bool found = false;
    if (with.kind != VALUE_LIST || with.as.list->kind != LIST_TUPLE)
        return value_bool(matches(r, t, argument_text(r, with), end));
    for (size_t i = 0; i < with.as.list->count && !found && run_step(r, 1); i++)
        found = matches(r, t, argument_text(r, with.as.list->items[i]), end);
    return value_bool(found);
}

static struct value method_startswith(struct rendering *r, struct value v,
                                      const struct arguments *a) {
    return has_affix(r, v.as.text, a->values[0], false);
}

static struct value method_endswith(struct rendering *r, struct value v,
                                    const struct arguments *a) {
    return has_affix(r, v.as.text, a->values[0], true);
}

static struct value method_removeprefix(struct rendering *r, struct value v,
                                        const struct arguments *a) {
    const struct text_view t = v.as.text, prefix = argument_text(r, a->values[0]);
    return matches(r, t, prefix, false) ? value_text(t.data + prefix.size, t.size - prefix.size)
                                        : v;
}

static struct value method_removesuffix(struct rendering *r, struct value v,
                                        const struct arguments *a) {
    const struct text_view t = v.as.text, suffix = argument_text(r, a->values[0]);
    return matches(r, t, suffix, true) ? value_text(t.data, t.size - suffix.size) : v;
}

/* The place of a part, in letters; -1: it is not there. */
static struct value find_part(struct rendering *r, struct text_view t, struct value part,
                              bool last) {
    const struct text_view p = argument_text(r, part);
    const char *found = run_step(r, t.size) ? memmem(t.data, t.size, p.data, p.size) : NULL;
    for (const char *next = found; last && next != NULL && p.size != 0 && run_step(r, 1);) {
        found = next;
        next = memmem(next + 1, (size_t)(t.data + t.size - next - 1), p.data, p.size);
    }
    if (last && p.size == 0)
        found = t.data + t.size;
    return value_integer(found != NULL ? (int64_t)letter_count(t.data, (size_t)(found - t.data))
                                       : -1);
}

static struct value method_find(struct rendering *r, struct value v, const struct arguments *a) {
    return find_part(r, v.as.text, a->values[0], false);
}

static struct value method_rfind(struct rendering *r, struct value v, const struct arguments *a) {
    return find_part(r, v.as.text, a->values[0], true);
}

static struct value method_count(struct rendering *r, struct value v, const struct arguments *a) {
    const struct text_view t = v.as.text, part = argument_text(r, a->values[0]);
    int64_t count = 0;
    if (!run_step(r, t.size) || part.size == 0)
        return value_integer((int64_t)letter_count(t.data, t.size) + 1);
    for (size_t at = 0; run_step(r, 1); count++) {
        const char *found = memmem(t.data + at, t.size - at, part.data, part.size);
        if (found == NULL)
            break;
        at = (size_t)(found - t.data) + part.size;
    }
    return value_integer(count);
}

/* Between blanks. */
static void split_blanks(struct rendering *r, struct list *list, struct text_view t, int64_t most) {
    while (!run_failed(r)) {
        const size_t skip = blanks_before(t.data, t.size);
        size_t size = 0;
        t.data += skip;
        t.size -= skip;
        if (t.size == 0)
            return;
        if (most >= 0 && (int64_t)list->count == most) {
            list_add(r, list, value_text(t.data, t.size));
            return;
        }
        while (size < t.size && blanks_before(t.data + size, t.size - size) == 0)
            size += letter_size(t.data + size, t.size - size);
        list_add(r, list, value_text(t.data, size));
        run_step(r, 4 * (skip + size));
        t.data += size;
        t.size -= size;
    }
}

static struct value method_split(struct rendering *r, struct value v, const struct arguments *a) {
    const struct value list = value_list(r);
    int64_t most = argument_integer(r, a->values[1], -1);
    struct text_view t = v.as.text;
    if (a->values[0].kind == VALUE_UNDEFINED || a->values[0].kind == VALUE_NONE) {
        split_blanks(r, list.as.list, t, most);
        return list;
    }
    const struct text_view by = argument_text(r, a->values[0]);
    if (by.size == 0)
        return run_fail(r, JINJA_WRONG, "split by an empty text");
    for (const char *found; most != 0; most--) {
        found = memmem(t.data, t.size, by.data, by.size);
        if (found == NULL || !run_step(r, (size_t)(found - t.data)))
            break;
        const size_t size = (size_t)(found - t.data);
        list_add(r, list.as.list, value_text(t.data, size));
        t.data += size + by.size;
        t.size -= size + by.size;
    }
    run_step(r, t.size);
    list_add(r, list.as.list, value_text(t.data, t.size));
    return list;
}

static struct value method_splitlines(struct rendering *r, struct value v,
                                      const struct arguments *a) {
    const struct value list = value_list(r);
    struct text_view t = v.as.text;
    const bool ends = value_true(a->values[0]);
    while (t.size != 0 && run_step(r, 0)) {
        size_t size = 0;
        while (size < t.size && line_end(t.data + size, t.size - size) == 0)
            size++;
        const size_t end = line_end(t.data + size, t.size - size);
        run_step(r, 4 * size);
        list_add(r, list.as.list, value_text(t.data, size + (ends ? end : 0)));
        t.data += size + end;
        t.size -= size + end;
    }
    return list;
}

static struct value method_join(struct rendering *r, struct value v, const struct arguments *a) {
    const struct list *items = value_items(r, a->values[0]);
    struct buffer b = {0};
    for (size_t i = 0; items != NULL && i < items->count && !run_failed(r); i++) {
        const struct text_view text = argument_text(r, items->items[i]);
        if (i != 0)
            run_add(r, &b, v.as.text.data, v.as.text.size);
        run_add(r, &b, text.data, text.size);
    }
    return run_text(&b);
}

static struct value all_letters(struct rendering *r, struct text_view t, int (*is)(int)) {
    bool all = t.size != 0;
    if (!run_step(r, 4 * t.size) || !is_ascii(t.data, t.size))
        return run_fail(r, JINJA_BEYOND, "kinds of letters beyond ASCII are not supported");
    for (size_t i = 0; i < t.size && all; i++)
        all = is((unsigned char)t.data[i]) != 0;
    return value_bool(all);
}

static struct value method_isdigit(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return all_letters(r, v.as.text, isdigit);
}

static struct value method_isalpha(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return all_letters(r, v.as.text, isalpha);
}

static struct value method_isspace(struct rendering *r, struct value v, const struct arguments *a) {
    const struct text_view t = v.as.text;
    (void)a;
    return value_bool(t.size != 0 && run_step(r, 4 * t.size) &&
                      blanks_before(t.data, t.size) == t.size);
}

/* ---- dicts ---- */

static struct value method_get(struct rendering *r, struct value v, const struct arguments *a) {
    const struct value *found =
        is_key(r, a->values[0]) ? dict_find(r, v.as.dict, a->values[0]) : NULL;
    return found != NULL                          ? *found
           : a->values[1].kind != VALUE_UNDEFINED ? a->values[1]
                                                  : value_none();
}

static struct value parts(struct rendering *r, const struct dict *dict, bool keys, bool values) {
    const struct value list = value_list(r);
    for (size_t i = 0; i < dict->count && !run_failed(r); i++) {
        const struct pair *p = &dict->pairs[i];
        struct value part = keys ? p->key : p->value;
        if (keys && values) {
            part = value_list(r);
            list_add(r, part.as.list, p->key);
            list_add(r, part.as.list, p->value);
            part.as.list->kind = LIST_TUPLE;
        }
        list_add(r, list.as.list, part);
    }
    list.as.list->kind = LIST_VIEW;
    return list;
}

static struct value method_items(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return parts(r, v.as.dict, true, true);
}

static struct value method_keys(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return parts(r, v.as.dict, true, false);
}

static struct value method_values(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return parts(r, v.as.dict, false, true);
}

static struct value method_cycle(struct rendering *r, struct value v, const struct arguments *a) {
    return a->count != 0 ? a->values[v.as.loop->index % a->count]
                         : run_fail(r, JINJA_WRONG, "cycle lacks an argument");
}

static const struct {
    enum value_kind of;
    struct builtin builtin;
} methods[] = {
    {VALUE_TEXT, {"strip", method_strip, "chars", 0}},
    {VALUE_TEXT, {"lstrip", method_lstrip, "chars", 0}},
    {VALUE_TEXT, {"rstrip", method_rstrip, "chars", 0}},
    {VALUE_TEXT, {"upper", method_upper, "", 0}},
    {VALUE_TEXT, {"lower", method_lower, "", 0}},
    {VALUE_TEXT, {"capitalize", method_capitalize, "", 0}},
    {VALUE_TEXT, {"title", method_title, "", 0}},
    {VALUE_TEXT, {"replace", method_replace, "old,new,count", 2}},
    {VALUE_TEXT, {"startswith", method_startswith, "prefix", 1}},
    {VALUE_TEXT, {"endswith", method_endswith, "suffix", 1}},
    {VALUE_TEXT, {"removeprefix", method_removeprefix, "prefix", 1}},
    {VALUE_TEXT, {"removesuffix", method_removesuffix, "suffix", 1}},
    {VALUE_TEXT, {"find", method_find, "sub", 1}},
    {VALUE_TEXT, {"rfind", method_rfind, "sub", 1}},
    {VALUE_TEXT, {"count", method_count, "sub", 1}},
    {VALUE_TEXT, {"split", method_split, "sep,maxsplit", 0}},
    {VALUE_TEXT, {"splitlines", method_splitlines, "keepends", 0}},
    {VALUE_TEXT, {"join", method_join, "iterable", 1}},
    {VALUE_TEXT, {"isdigit", method_isdigit, "", 0}},
    {VALUE_TEXT, {"isalpha", method_isalpha, "", 0}},
    {VALUE_TEXT, {"isspace", method_isspace, "", 0}},
    {VALUE_DICT, {"get", method_get, "key,default", 1}},
    {VALUE_DICT, {"items", method_items, "", 0}},
    {VALUE_DICT, {"keys", method_keys, "", 0}},
    {VALUE_DICT, {"values", method_values, "", 0}},
    {VALUE_LOOP, {"cycle", method_cycle, NULL, 0}},
};

const struct builtin *find_method(struct value of, struct text_view name) {
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (methods[i].of == of.kind && view_is(name, methods[i].builtin.name))
            return &methods[i].builtin;
    return NULL;
}
