/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Functions and tests.
 */
#include <ctype.h>
#include <string.h>

#include "letters.h"
#include "run.h"

#define RANGE_MOST 100000 /* as Jinja2's sandbox has it */

static struct value do_range(struct rendering *r, struct value self, const struct arguments *a) {
    const bool two = a->values[1].kind != VALUE_UNDEFINED;
    const int64_t low = two ? argument_integer(r, a->values[0], 0) : 0;
    const int64_t high = argument_integer(r, a->values[two], 0);
    const int64_t step = argument_integer(r, a->values[2], 1);
    const struct value v = value_list(r);
    (void)self;
    v.as.list->kind = LIST_VIEW;
    if (step == 0)
        return run_fail(r, JINJA_WRONG, "a range's step is 0");
    for (int64_t i = low; (step > 0 ? i < high : i > high) && !run_failed(r);) {
        if (v.as.list->count == RANGE_MOST)
            return run_fail(r, JINJA_TOO_MUCH, "a range of more than %d", RANGE_MOST);
        list_add(r, v.as.list, value_integer(i));
        if (__builtin_add_overflow(i, step, &i))
            break;
    }
    return v;
}

static struct value do_dict(struct rendering *r, struct value self, const struct arguments *a) {
    const struct value v = value_dict(r);
    (void)self;
    if (a->count > 1 || (a->count == 1 && a->values[0].kind != VALUE_DICT))
        return run_fail(r, JINJA_BEYOND, "a dict out of that is not supported");
    for (size_t i = 0; a->count == 1 && i < a->values[0].as.dict->count; i++)
        dict_set(r, v.as.dict, a->values[0].as.dict->pairs[i].key,
                 a->values[0].as.dict->pairs[i].value);
    for (size_t i = 0; i < a->named_count; i++)
        dict_set(r, v.as.dict, a->named[i].key, a->named[i].value);
    return v;
}

static struct value do_namespace(struct rendering *r, struct value self,
                                 const struct arguments *a) {
    struct value v = do_dict(r, self, a);
    v.kind = VALUE_NAMESPACE;
    return v;
}

static struct value do_raise(struct rendering *r, struct value self, const struct arguments *a) {
    const struct text_view text = value_show(r, a->values[0]);
    (void)self;
    return run_fail(r, JINJA_RAISED, "%.*s", (int)(text.size < 300 ? text.size : 300), text.data);
}

static struct value do_now(struct rendering *r, struct value self, const struct arguments *a) {
    const struct text_view format = argument_text(r, a->values[0]);
    char text[100], out[400];
    struct tm now;
    (void)self;
    if (format.size >= sizeof text || localtime_r(&r->now, &now) == NULL)
        return run_fail(r, JINJA_BEYOND, "that time is not supported");
    memcpy(text, format.data, format.size);
    text[format.size] = '\0';
    const size_t size = strftime(out, sizeof out, text, &now);
    struct buffer b = {0};
    if (size == 0 && format.size != 0)
        return run_fail(r, JINJA_BEYOND, "that form of the time is not supported");
    run_add(r, &b, out, size);
    return run_text(&b);
}

static const struct builtin functions[] = {
    {"range", do_range, "start,stop,step", 1},
    {"namespace", do_namespace, NULL, 0},
    {"dict", do_dict, NULL, 0},
    {"raise_exception", do_raise, "message", 1},
    {"strftime_now", do_now, "format", 1},
};

static const struct builtin *find(const struct builtin *table, size_t count,
                                  struct text_view name) {
    for (size_t i = 0; i < count; i++)
        if (view_is(name, table[i].name))
            return &table[i];
    return NULL;
}

const struct builtin *find_function(struct text_view name) {
    return find(functions, sizeof functions / sizeof *functions, name);
}

/* ---- tests ---- */

/* One for each kind, by its name. */
#define KIND_TEST(name, condition)                                                                 \
    static struct value name(struct rendering *r, struct value v, const struct arguments *a) {     \
        (void)r;                                                                                   \
        (void)a;                                                                                   \
        return value_bool(condition);                                                              \
    }

KIND_TEST(is_defined, v.kind != VALUE_UNDEFINED)
KIND_TEST(is_undefined, v.kind == VALUE_UNDEFINED)
KIND_TEST(is_none, v.kind == VALUE_NONE)
KIND_TEST(is_boolean, v.kind == VALUE_BOOL)
KIND_TEST(is_true, v.kind == VALUE_BOOL && v.as.integer != 0)
KIND_TEST(is_false, v.kind == VALUE_BOOL && v.as.integer == 0)
KIND_TEST(is_integer, v.kind == VALUE_INTEGER)
KIND_TEST(is_float, v.kind == VALUE_REAL)
KIND_TEST(is_number, v.kind == VALUE_INTEGER || v.kind == VALUE_REAL || v.kind == VALUE_BOOL)
KIND_TEST(is_string, v.kind == VALUE_TEXT)
KIND_TEST(is_mapping, v.kind == VALUE_DICT)
KIND_TEST(is_iterable, v.kind == VALUE_TEXT || v.kind == VALUE_LIST || v.kind == VALUE_DICT ||
                           v.kind == VALUE_UNDEFINED || v.kind == VALUE_LOOP)
KIND_TEST(is_sequence, v.kind == VALUE_TEXT || v.kind == VALUE_DICT || v.kind == VALUE_UNDEFINED ||
                           (v.kind == VALUE_LIST && v.as.list->kind != LIST_LAZY))
KIND_TEST(is_callable,
          v.kind == VALUE_MACRO || v.kind == VALUE_BUILTIN || v.kind == VALUE_UNDEFINED)

/* Whether letters are of one case, and there are some. */
static struct value is_case(struct rendering *r, struct value v, int (*is)(int),
                            int (*is_other)(int)) {
    const struct text_view t = value_show(r, v);
    bool some = false, other = false;
    if (!run_step(r, 4 * t.size) || !is_ascii(t.data, t.size))
        return run_fail(r, JINJA_BEYOND, "upper and lower case beyond ASCII are not supported");
    for (size_t i = 0; i < t.size; i++) {
        some = some || is((unsigned char)t.data[i]);
        other = other || is_other((unsigned char)t.data[i]);
    }
    return value_bool(some && !other);
}

static struct value is_lower(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return is_case(r, v, islower, isupper);
}

static struct value is_upper(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return is_case(r, v, isupper, islower);
}

static struct value divides(struct rendering *r, struct value v, int64_t by, int64_t rest) {
    const struct value left = operate(r, (struct text_view){"%", 1}, v, value_integer(by));
    return value_bool(value_equal(r, left, value_integer(rest)));
}

static struct value is_odd(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return divides(r, v, 2, 1);
}

static struct value is_even(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return divides(r, v, 2, 0);
}

static struct value is_divisible(struct rendering *r, struct value v, const struct arguments *a) {
    return divides(r, v, argument_integer(r, a->values[0], 0), 0);
}

static struct value is_in(struct rendering *r, struct value v, const struct arguments *a) {
    return value_bool(contains(r, a->values[0], v));
}

static struct value is_same(struct rendering *r, struct value v, const struct arguments *a) {
    const struct value other = a->values[0];
    return value_bool(v.kind == other.kind && (v.kind == VALUE_NONE || v.kind == VALUE_BOOL)
                          ? v.as.integer == other.as.integer
                          : v.kind == other.kind && value_equal(r, v, other));
}

#define ORDER_TEST(name, operator)                                                                 \
    static struct value name(struct rendering *r, struct value v, const struct arguments *a) {     \
        return value_bool(                                                                         \
            compare(r, (struct text_view){operator, strlen(operator)}, v, a->values[0]));          \
    }

ORDER_TEST(is_equal, "==")
ORDER_TEST(is_unequal, "!=")
ORDER_TEST(is_below, "<")
ORDER_TEST(is_at_most, "<=")
ORDER_TEST(is_above, ">")
ORDER_TEST(is_at_least, ">=")

static const struct builtin tests[] = {
    {"defined", is_defined, "", 0},
    {"undefined", is_undefined, "", 0},
    {"none", is_none, "", 0},
    {"boolean", is_boolean, "", 0},
    {"true", is_true, "", 0},
    {"false", is_false, "", 0},
    {"integer", is_integer, "", 0},
    {"float", is_float, "", 0},
    {"number", is_number, "", 0},
    {"string", is_string, "", 0},
    {"mapping", is_mapping, "", 0},
    {"iterable", is_iterable, "", 0},
    {"sequence", is_sequence, "", 0},
    {"callable", is_callable, "", 0},
    {"lower", is_lower, "", 0},
    {"upper", is_upper, "", 0},
    {"odd", is_odd, "", 0},
    {"even", is_even, "", 0},
    {"divisibleby", is_divisible, "num", 1},
    {"in", is_in, "seq", 1},
    {"sameas", is_same, "other", 1},
    {"==", is_equal, "other", 1},
    {"eq", is_equal, "other", 1},
    {"equalto", is_equal, "other", 1},
    {"!=", is_unequal, "other", 1},
    {"ne", is_unequal, "other", 1},
    {"<", is_below, "other", 1},
    {"lt", is_below, "other", 1},
    {"lessthan", is_below, "other", 1},
    {"<=", is_at_most, "other", 1},
    {"le", is_at_most, "other", 1},
    {">", is_above, "other", 1},
    {"gt", is_above, "other", 1},
    {"greaterthan", is_above, "other", 1},
    {">=", is_at_least, "other", 1},
    {"ge", is_at_least, "other", 1},
};

const struct builtin *find_test(struct text_view name) {
    return find(tests, sizeof tests / sizeof *tests, name);
}
