/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Filters of one value.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "letters.h"
#include "run.h"

static struct value do_trim(struct rendering *r, struct value v, const struct arguments *a) {
    return text_strip(r, value_show(r, v), a->values[0], true, true);
}

static struct value do_upper(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return text_case(r, value_show(r, v), 'u');
}

static struct value do_lower(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return text_case(r, value_show(r, v), 'l');
}

static struct value do_capitalize(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    return text_case(r, value_show(r, v), 'c');
}

/* Words begin behind blanks and opening brackets, and hyphens. */
static struct value do_title(struct rendering *r, struct value v, const struct arguments *a) {
    const struct text_view t = value_show(r, v);
    const struct value lower = text_case(r, t, 'l');
    struct buffer b = {0};
    (void)a;
    if (run_failed(r))
        return lower;
    run_add(r, &b, lower.as.text.data, lower.as.text.size);
    for (size_t i = 0; i < t.size && !run_failed(r); i++)
        if (i == 0 || strchr("-({[<", t.data[i - 1]) != NULL ||
            blanks_before(t.data + i - 1, 1) != 0)
            b.bytes[i] = (char)toupper((unsigned char)t.data[i]);
    return run_text(&b);
}

static struct value do_string(struct rendering *r, struct value v, const struct arguments *a) {
    const struct text_view t = value_show(r, v);
    (void)a;
    return value_text(t.data, t.size);
}

static struct value do_safe(struct rendering *r, struct value v, const struct arguments *a) {
    return do_string(r, v, a);
}

static struct value do_replace(struct rendering *r, struct value v, const struct arguments *a) {
    const struct text_view from = value_show(r, a->values[0]), to = value_show(r, a->values[1]);
    return text_replace(r, value_show(r, v), value_text(from.data, from.size),
                        value_text(to.data, to.size), a->values[2]);
}

static struct value do_default(struct rendering *r, struct value v, const struct arguments *a) {
    (void)r;
    if (v.kind != VALUE_UNDEFINED && (value_true(v) || !value_true(a->values[1])))
        return v;
    return a->values[0].kind == VALUE_UNDEFINED ? value_text("", 0) : a->values[0];
}

/* A text as a number: digits, a sign, blanks around. */
static bool read_number(struct text_view t, bool whole, struct value *number) {
    char text[64], *end;
    const size_t skip = blanks_before(t.data, t.size);
    const size_t cut = blanks_behind(t.data + skip, t.size - skip);
    const size_t size = t.size - skip - cut;
    if (size == 0 || size >= sizeof text)
        return false;
    memcpy(text, t.data + skip, size);
    text[size] = '\0';
    if (strspn(text, whole ? "+-0123456789" : "+-.0123456789eE") != size)
        return false;
    errno = 0;
    if (whole) {
        *number = value_integer(strtoll(text, &end, 10));
        return *end == '\0' && end != text && errno == 0;
    }
    *number = value_real(strtod(text, &end));
    return *end == '\0' && end != text;
}

static struct value undefined_number(struct rendering *r, struct value v) {
    return run_fail(r, JINJA_WRONG, "%.*s is undefined", (int)v.as.text.size, v.as.text.data);
}

static struct value do_float(struct rendering *r, struct value v, const struct arguments *a) {
    run_step(r, v.kind == VALUE_TEXT ? 4 * v.as.text.size : 0);
    double number;
    struct value read;
    if (v.kind == VALUE_UNDEFINED)
        return undefined_number(r, v);
    if (value_number(v, &number))
        return value_real(number);
    if (v.kind == VALUE_TEXT && read_number(v.as.text, false, &read))
        return read;
    return a->values[0].kind == VALUE_UNDEFINED ? value_real(0) : a->values[0];
}

static struct value do_int(struct rendering *r, struct value v, const struct arguments *a) {
    run_step(r, v.kind == VALUE_TEXT ? 8 * v.as.text.size : 0);
    struct value read = v;
    if (v.kind == VALUE_UNDEFINED)
        return undefined_number(r, v);
    if (v.kind == VALUE_INTEGER || v.kind == VALUE_BOOL)
        return value_integer(v.as.integer);
    if (v.kind == VALUE_TEXT && read_number(v.as.text, true, &read))
        return read;
    if (v.kind == VALUE_REAL || (v.kind == VALUE_TEXT && read_number(v.as.text, false, &read))) {
        if (fabs(read.as.real) < 9e18)
            return value_integer((int64_t)read.as.real);
        if (isfinite(read.as.real))
            return run_fail(r, JINJA_BEYOND, "a number of more than 64 bits is not supported");
    }
    return a->values[0].kind == VALUE_UNDEFINED ? value_integer(0) : a->values[0];
}

static struct value do_abs(struct rendering *r, struct value v, const struct arguments *a) {
    (void)a;
    if (v.kind == VALUE_REAL)
        return value_real(fabs(v.as.real));
    if (v.kind != VALUE_INTEGER && v.kind != VALUE_BOOL)
        return run_fail(r, JINJA_WRONG, "a %s has no absolute value", value_kind_name(v));
    return operate(r, (struct text_view){"*", 1}, v, value_integer(v.as.integer < 0 ? -1 : 1));
}

static struct value do_tojson(struct rendering *r, struct value v, const struct arguments *a) {
    struct json_style style = {.indent = -1,
                               .ascii = value_true(a->values[1]),
                               .sorted = value_true(a->values[3]),
                               .between = {", ", 2},
                               .behind_key = {": ", 2}};
    const struct value separators = a->values[2];
    if (a->values[0].kind != VALUE_UNDEFINED && a->values[0].kind != VALUE_NONE) {
        style.indent = argument_integer(r, a->values[0], 0);
        style.indent = style.indent < 0 ? 0 : style.indent;
        style.between.size = 1;
    }
    if (separators.kind == VALUE_LIST && separators.as.list->count == 2) {
        style.between = argument_text(r, separators.as.list->items[0]);
        style.behind_key = argument_text(r, separators.as.list->items[1]);
    } else if (separators.kind != VALUE_UNDEFINED && separators.kind != VALUE_NONE) {
        return run_fail(r, JINJA_WRONG, "separators of tojson are two texts");
    }
    return run_failed(r) ? v : value_json(r, v, &style);
}

/* Every line but the first, and but those that are empty, goes in. */
static struct value do_indent(struct rendering *r, struct value v, const struct arguments *a) {
    const struct text_view t = argument_text(r, v);
    const bool first = value_true(a->values[1]), blank = value_true(a->values[2]);
    struct buffer b = {0}, blanks = {0};
    if (a->values[0].kind != VALUE_TEXT)
        for (int64_t i = argument_integer(r, a->values[0], 4); i > 0 && !run_failed(r); i--)
            run_add(r, &blanks, " ", 1);
    const struct text_view by =
        a->values[0].kind == VALUE_TEXT ? a->values[0].as.text : run_text(&blanks).as.text;
    bool in = first;
    for (size_t at = 0; at <= t.size && !run_failed(r);) {
        size_t size = 0;
        while (at + size < t.size && line_end(t.data + at + size, t.size - at - size) == 0)
            size++;
        const size_t end = line_end(t.data + at + size, t.size - at - size);
        if (in)
            run_add(r, &b, by.data, by.size);
        run_add(r, &b, t.data + at, size);
        if (end == 0)
            break;
        run_add(r, &b, "\n", 1);
        at += size + end;
        in = blank || (at < t.size && line_end(t.data + at, t.size - at) == 0);
    }
    return run_text(&b);
}

static const struct builtin filters[] = {
    {"trim", do_trim, "chars", 0},
    {"upper", do_upper, "", 0},
    {"lower", do_lower, "", 0},
    {"capitalize", do_capitalize, "", 0},
    {"title", do_title, "", 0},
    {"string", do_string, "", 0},
    {"safe", do_safe, "", 0},
    {"replace", do_replace, "old,new,count", 2},
    {"default", do_default, "default_value,boolean", 0},
    {"d", do_default, "default_value,boolean", 0},
    {"int", do_int, "default", 0},
    {"float", do_float, "default", 0},
    {"abs", do_abs, "", 0},
    {"tojson", do_tojson, "indent,ensure_ascii,separators,sort_keys", 0},
    {"indent", do_indent, "width,first,blank", 0},
};

const struct builtin *find_filter(struct text_view name) {
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (view_is(name, filters[i].name))
            return &filters[i];
    return NULL;
}
