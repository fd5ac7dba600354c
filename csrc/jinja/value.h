/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What expressions are worth, with the meaning that Python gives them. Values are never changed,
 * but for a namespace's members; they live in the run's arena.
 */
#ifndef LS_JINJA_VALUE_H
#define LS_JINJA_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "csrc/base/text_json.h"

#ifdef __cplusplus
extern "C" {
#endif

enum value_kind {
    VALUE_UNDEFINED, /* text: the name that has no value */
    VALUE_NONE,
    VALUE_BOOL,
    VALUE_INTEGER,
    VALUE_REAL,
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_DICT,
    VALUE_NAMESPACE, /* a dict whose members can be set */
    VALUE_LOOP,      /* what a loop's body sees as `loop` */
    VALUE_MACRO,
    VALUE_BUILTIN /* a function */
};

struct value {
    enum value_kind kind;
    union {
        int64_t integer; /* BOOL: 0 or 1 */
        double real;
        struct text_view text;
        struct list *list;
        struct dict *dict;
        struct loop *loop;
        const struct macro *macro;
        const struct builtin *builtin;
    } as;
};

/* What Python has for a list of ours. A lazy one is always true, and neither it nor a view (a
 * dict's items, a range) can be printed. */
enum list_kind { LIST_PLAIN, LIST_TUPLE, LIST_VIEW, LIST_LAZY };

struct list {
    struct value *items; /* [count] */
    size_t count, room;
    enum list_kind kind;
};

struct pair {
    struct value key, value;
};

struct dict {
    struct pair *pairs; /* [count], in the order of their making */
    size_t count, room;
};

struct loop {
    const struct list *items;
    size_t index; /* from 0 */
};

struct rendering;

struct value value_bool(bool truth);
struct value value_integer(int64_t integer);
struct value value_real(double real);
struct value value_none(void);
struct value value_text(const char *text, size_t size); /* not copied */
struct value value_undefined(struct text_view name);

/* Empty, in the run's arena. */
struct value value_list(struct rendering *run);
struct value value_dict(struct rendering *run);
void list_add(struct rendering *run, struct list *list, struct value item);
void dict_set(struct rendering *run, struct dict *dict, struct value key, struct value value);
const struct value *dict_find(struct rendering *run, const struct dict *dict, struct value key);
const struct value *dict_find_name(const struct dict *dict, const char *name, size_t size);

bool view_is(struct text_view view, const char *text);
const char *value_kind_name(struct value value); /* as Python says it: "str" */

bool value_true(struct value value);
bool value_equal(struct rendering *run, struct value a, struct value b);

/* Below 0, 0, above 0; fails for what has no order. */
int value_order(struct rendering *run, struct value a, struct value b);

/* What a loop goes through, as a list: items, keys, characters, nothing of what is undefined. NULL
 * and a failure for anything else. */
const struct list *value_items(struct rendering *run, struct value value);

/* Numbers as Python computes with them; false: it is none. */
bool value_number(struct value value, double *number);

/* ---- value_text.c ---- */

/* As it is printed, and as it stands within a list. */
struct text_view value_show(struct rendering *run, struct value value);

/* As `tojson` writes it. indent < 0: on one line. */
struct json_style {
    int64_t indent;
    bool ascii, sorted;
    struct text_view between, behind_key; /* ", " and ": " */
};
struct value value_json(struct rendering *run, struct value value, const struct json_style *style);

struct value value_from_json(struct rendering *run, const cJSON *json);

#ifdef __cplusplus
}
#endif
#endif
