/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Parts of values: members, items, slices.
 */
#include <string.h>

#include "letters.h"
#include "run.h"

static struct value loop_member(const struct loop *l, struct text_view name) {
    const int64_t index = (int64_t)l->index, count = (int64_t)l->items->count;
    const struct {
        const char *name;
        struct value value;
    } members[] = {{"index", value_integer(index + 1)},
                   {"index0", value_integer(index)},
                   {"first", value_bool(index == 0)},
                   {"last", value_bool(index + 1 == count)},
                   {"length", value_integer(count)},
                   {"revindex", value_integer(count - index)},
                   {"revindex0", value_integer(count - index - 1)},
                   {"depth", value_integer(1)}, /* another one in recursive loops alone */
                   {"depth0", value_integer(0)}};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (view_is(name, members[i].name))
            return members[i].value;
    if (view_is(name, "previtem") && index != 0)
        return l->items->items[index - 1];
    if (view_is(name, "nextitem") && index + 1 < count)
        return l->items->items[index + 1];
    return value_undefined(name);
}

struct value get_attribute(struct rendering *r, struct value of, struct text_view name) {
    const struct value *member = NULL;
    if (of.kind == VALUE_UNDEFINED)
        return run_fail(r, JINJA_WRONG, "%.*s is undefined", (int)of.as.text.size, of.as.text.data);
    if (of.kind == VALUE_LOOP)
        return loop_member(of.as.loop, name);
    if ((of.kind == VALUE_DICT || of.kind == VALUE_NAMESPACE) &&
        run_step(r, of.as.dict->count * 16))
        member = dict_find_name(of.as.dict, name.data, name.size);
    return member != NULL ? *member : value_undefined(name);
}

/* Letter `index` of a text, from its end if below 0; false: it has none. */
static bool get_letter(struct rendering *r, struct text_view t, int64_t index,
                       struct value *letter) {
    const int64_t count = run_step(r, 8 * t.size) ? (int64_t)letter_count(t.data, t.size) : 0;
    size_t at = 0;
    if (index < 0)
        index += count;
    if (index < 0 || index >= count)
        return false;
    for (; index > 0; index--)
        at += letter_size(t.data + at, t.size - at);
    *letter = value_text(t.data + at, letter_size(t.data + at, t.size - at));
    return true;
}

struct value get_item(struct rendering *r, struct value of, struct value index) {
    const bool whole = index.kind == VALUE_INTEGER || index.kind == VALUE_BOOL;
    const struct text_view name = value_show(r, index);
    struct value item;
    if (of.kind == VALUE_UNDEFINED)
        return get_attribute(r, of, name);
    if (of.kind == VALUE_DICT) {
        const struct value *member = dict_find(r, of.as.dict, index);
        return member != NULL ? *member : value_undefined(name);
    }
    if (of.kind == VALUE_LIST && whole) {
        const int64_t count = (int64_t)of.as.list->count;
        const int64_t at = index.as.integer + (index.as.integer < 0 ? count : 0);
        if (at >= 0 && at < count)
            return of.as.list->items[at];
    } else if (of.kind == VALUE_TEXT && whole) {
        if (get_letter(r, of.as.text, index.as.integer, &item))
            return item;
    } else if (index.kind == VALUE_TEXT) {
        return get_attribute(r, of, index.as.text);
    }
    return value_undefined(name);
}

/* Bounds of a slice of `count` items as Python has them: from *low, below (or, with a step below 0,
 * above) *high. */
static bool slice_bounds(struct rendering *r, const struct value given[3], int64_t count,
                         int64_t *low, int64_t *high, int64_t *step) {
    for (int i = 0; i < 3; i++)
        if (given[i].kind != VALUE_NONE && given[i].kind != VALUE_INTEGER &&
            given[i].kind != VALUE_BOOL) {
            run_fail(r, JINJA_WRONG, "a %s is no bound of a slice", value_kind_name(given[i]));
            return false;
        }
    *step = given[2].kind == VALUE_NONE ? 1 : given[2].as.integer;
    if (*step == 0) {
        run_fail(r, JINJA_WRONG, "a slice's step is 0");
        return false;
    }
    const int64_t least = *step < 0 ? -1 : 0, most = *step < 0 ? count - 1 : count;
    int64_t *out[2] = {low, high};
    for (int i = 0; i < 2; i++) {
        int64_t at = given[i].as.integer;
        if (given[i].kind == VALUE_NONE)
            at = (i == 0) == (*step > 0) ? least : most;
        else if (at < 0)
            at = at + count < least ? least : at + count;
        *out[i] = at > most ? most : at;
    }
    return true;
}

struct value get_slice(struct rendering *r, struct value of, const struct value given[3]) {
    int64_t low, high, step;
    if (of.kind != VALUE_LIST && of.kind != VALUE_TEXT)
        return of.kind == VALUE_UNDEFINED
                   ? get_attribute(r, of, (struct text_view){"", 0})
                   : run_fail(r, JINJA_WRONG, "a %s has no slices", value_kind_name(of));
    const struct list *items = value_items(r, of);
    const struct value v = value_list(r);
    struct buffer text = {0};
    if (items == NULL || !slice_bounds(r, given, (int64_t)items->count, &low, &high, &step))
        return value_none();
    while ((step > 0 ? low < high : low > high) && !run_failed(r)) {
        const struct value item = items->items[low];
        if (of.kind == VALUE_LIST)
            list_add(r, v.as.list, item);
        else
            run_add(r, &text, item.as.text.data, item.as.text.size);
        if (__builtin_add_overflow(low, step, &low))
            break;
    }
    v.as.list->kind = of.kind == VALUE_LIST ? of.as.list->kind : LIST_PLAIN;
    return of.kind == VALUE_LIST ? v : run_text(&text);
}
