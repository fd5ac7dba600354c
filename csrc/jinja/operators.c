/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What stands between two values.
 */
#include <math.h>
#include <string.h>

#include "run.h"

static struct value unfit(struct rendering *r, struct text_view name, struct value a,
                          struct value b) {
    const struct value *none = a.kind == VALUE_UNDEFINED   ? &a
                               : b.kind == VALUE_UNDEFINED ? &b
                                                           : NULL;
    if (none != NULL)
        return run_fail(r, JINJA_WRONG, "%.*s is undefined", (int)none->as.text.size,
                        none->as.text.data);
    return run_fail(r, JINJA_WRONG, "%s %.*s %s", value_kind_name(a), (int)name.size, name.data,
                    value_kind_name(b));
}

static struct value too_large(struct rendering *r) {
    return run_fail(r, JINJA_BEYOND, "a number of more than 64 bits is not supported");
}

static int64_t floor_division(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static struct value power(struct rendering *r, int64_t base, int64_t exponent) {
    int64_t result = 1;
    if (exponent < 0)
        return value_real(pow((double)base, (double)exponent));
    for (; exponent != 0 && run_step(r, 1); exponent--)
        if (__builtin_mul_overflow(result, base, &result))
            return too_large(r);
    return value_integer(result);
}

static struct value whole(struct rendering *r, struct text_view name, int64_t a, int64_t b) {
    int64_t result = 0;
    bool fits = true;
    if (view_is(name, "+")) {
        fits = !__builtin_add_overflow(a, b, &result);
    } else if (view_is(name, "-")) {
        fits = !__builtin_sub_overflow(a, b, &result);
    } else if (view_is(name, "*")) {
        fits = !__builtin_mul_overflow(a, b, &result);
    } else if (view_is(name, "**")) {
        if (a == 0 && b < 0)
            return run_fail(r, JINJA_WRONG, "division by zero");
        return power(r, a, b);
    } else if (b == 0) {
        return run_fail(r, JINJA_WRONG, "division by zero");
    } else if (view_is(name, "/")) {
        return value_real((double)a / (double)b);
    } else if (b == -1) {
        fits = view_is(name, "%") || !__builtin_sub_overflow((int64_t)0, a, &result);
    } else {
        result = view_is(name, "//") ? floor_division(a, b) : a - b * floor_division(a, b);
    }
    return fits ? value_integer(result) : too_large(r);
}

static struct value real(struct rendering *r, struct text_view name, double a, double b) {
    if (view_is(name, "+"))
        return value_real(a + b);
    if (view_is(name, "-"))
        return value_real(a - b);
    if (view_is(name, "*"))
        return value_real(a * b);
    if (view_is(name, "**"))
        return a < 0 && b != floor(b) ? run_fail(r, JINJA_BEYOND, "a complex number")
               : a == 0 && b < 0      ? run_fail(r, JINJA_WRONG, "division by zero")
                                      : value_real(pow(a, b));
    if (b == 0)
        return run_fail(r, JINJA_WRONG, "division by zero");
    if (view_is(name, "/"))
        return value_real(a / b);
    double rest = fmod(a, b); /* of the divisor's sign, and both as Python has them */
    double quotient = (a - rest) / b;
    if (rest != 0 && (b < 0) != (rest < 0)) {
        rest += b;
        quotient -= 1;
    }
    if (view_is(name, "%"))
        return value_real(rest != 0 ? rest : copysign(0, b));
    double floored = floor(quotient);
    floored += quotient - floored > 0.5;
    return value_real(quotient != 0 ? floored : copysign(0, a / b));
}

static struct value text_of_two(struct rendering *r, struct text_view a, struct text_view b) {
    struct buffer text = {0};
    run_add(r, &text, a.data, a.size);
    run_add(r, &text, b.data, b.size);
    return run_text(&text);
}

static struct value text_times(struct rendering *r, struct text_view text, int64_t times) {
    struct buffer b = {0};
    for (int64_t i = 0; i < times && text.size != 0 && !run_failed(r); i++)
        run_add(r, &b, text.data, text.size);
    return run_text(&b);
}

static struct value list_of_two(struct rendering *r, const struct list *a, const struct list *b) {
    const struct value v = value_list(r);
    for (size_t i = 0; i < a->count && !run_failed(r); i++)
        list_add(r, v.as.list, a->items[i]);
    for (size_t i = 0; i < b->count && !run_failed(r); i++)
        list_add(r, v.as.list, b->items[i]);
    v.as.list->kind = a->kind;
    return v;
}

struct value operate(struct rendering *r, struct text_view name, struct value a, struct value b) {
    double x, y;
    const bool a_whole = a.kind == VALUE_INTEGER || a.kind == VALUE_BOOL;
    const bool b_whole = b.kind == VALUE_INTEGER || b.kind == VALUE_BOOL;
    if (view_is(name, "~"))
        return text_of_two(r, value_show(r, a), value_show(r, b));
    if (a_whole && b_whole)
        return whole(r, name, a.as.integer, b.as.integer);
    if (value_number(a, &x) && value_number(b, &y))
        return real(r, name, x, y);
    if (view_is(name, "+") && a.kind == VALUE_TEXT && b.kind == VALUE_TEXT)
        return text_of_two(r, a.as.text, b.as.text);
    if (view_is(name, "+") && a.kind == VALUE_LIST && b.kind == VALUE_LIST &&
        a.as.list->kind == b.as.list->kind)
        return list_of_two(r, a.as.list, b.as.list);
    if (view_is(name, "*") && a.kind == VALUE_TEXT && b_whole)
        return text_times(r, a.as.text, b.as.integer);
    if (view_is(name, "*") && a_whole && b.kind == VALUE_TEXT)
        return text_times(r, b.as.text, a.as.integer);
    if ((view_is(name, "*") && (a.kind == VALUE_LIST || b.kind == VALUE_LIST)) ||
        (view_is(name, "%") && a.kind == VALUE_TEXT))
        return run_fail(r, JINJA_BEYOND, "%s %.*s %s is not supported", value_kind_name(a),
                        (int)name.size, name.data, value_kind_name(b));
    return unfit(r, name, a, b);
}

bool contains(struct rendering *r, struct value in, struct value part) {
    if (in.kind == VALUE_TEXT && part.kind == VALUE_TEXT)
        return run_step(r, in.as.text.size) && memmem(in.as.text.data, in.as.text.size,
                                                      part.as.text.data, part.as.text.size) != NULL;
    if (in.kind == VALUE_DICT)
        return is_key(r, part) && dict_find(r, in.as.dict, part) != NULL;
    if (in.kind == VALUE_LIST)
        for (size_t i = 0; i < in.as.list->count && !run_failed(r); i++)
            if (value_equal(r, in.as.list->items[i], part))
                return true;
    if (in.kind != VALUE_LIST && in.kind != VALUE_UNDEFINED)
        unfit(r, (struct text_view){"in", 2}, part, in);
    return false;
}

bool compare(struct rendering *r, struct text_view name, struct value a, struct value b) {
    if (view_is(name, "=="))
        return value_equal(r, a, b);
    if (view_is(name, "!="))
        return !value_equal(r, a, b);
    if (view_is(name, "in"))
        return contains(r, b, a);
    if (view_is(name, "not"))
        return !contains(r, b, a);
    const int order = value_order(r, a, b);
    return view_is(name, "<")    ? order < 0
           : view_is(name, "<=") ? order <= 0
           : view_is(name, ">")  ? order > 0
                                 : order >= 0;
}
