/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Values as texts, in Python's words and in JSON; and out of JSON.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "letters.h"
#include "run.h"

static void put(struct rendering *r, struct buffer *b, const char *text) {
    run_add(r, b, text, strlen(text));
}

/* The shortest digits that are this number, as Python writes them. */
static void put_real(struct rendering *r, struct buffer *b, double x, bool json) {
    char digits[40], text[80];
    int precision = 0;
    if (!isfinite(x)) {
        put(r, b,
            isnan(x) ? (json ? "NaN" : "nan")
            : x < 0  ? (json ? "-Infinity" : "-inf")
                     : (json ? "Infinity" : "inf"));
        return;
    }
    do
        snprintf(digits, sizeof digits, "%.*e", precision, x);
    while (strtod(digits, NULL) != x && ++precision < 17);
    const int exponent = atoi(strchr(digits, 'e') + 1);
    if (exponent >= -4 && exponent < 16) {
        const int decimals = precision - exponent;
        snprintf(text, sizeof text, "%.*f", decimals > 0 ? decimals : 1, x);
        put(r, b, text);
        return;
    }
    run_add(r, b, digits, (size_t)(strchr(digits, 'e') - digits));
    snprintf(text, sizeof text, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
    put(r, b, text);
}

/* What repr() shows as an escape, beside controls; of all that Unicode has, what is in use. */
static bool is_hidden(uint32_t c) {
    return (c >= 0x7f && c <= 0xa0) || c == 0xad || c == 0x1680 || (c >= 0x2000 && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f) || c == 0x3000 ||
           (c >= 0xe000 && c <= 0xf8ff) || c == 0xfeff || (c >= 0xfff0 && c <= 0xfffb) ||
           c >= 0xe0000;
}

static void put_escape(struct rendering *r, struct buffer *b, uint32_t code, bool json) {
    char text[16];
    if (json && code >= 0x10000)
        snprintf(text, sizeof text, "\\u%04x\\u%04x", 0xd800 + (code - 0x10000) / 0x400,
                 0xdc00 + (code - 0x10000) % 0x400);
    else if (json || (code >= 0x100 && code < 0x10000))
        snprintf(text, sizeof text, "\\u%04x", code);
    else
        snprintf(text, sizeof text, code < 0x100 ? "\\x%02x" : "\\U%08x", code);
    put(r, b, text);
}

/* In quotes, for repr() or, with `"`, for JSON. */
static void put_quoted(struct rendering *r, struct buffer *b, struct text_view t, bool json,
                       bool ascii) {
    static const char named[] = "\n\r\t\b\f", names[] = "nrtbf";
    const char quote = json || (t.size != 0 && memchr(t.data, '\'', t.size) != NULL &&
                                memchr(t.data, '"', t.size) == NULL)
                           ? '"'
                           : '\'';
    run_add(r, b, &quote, 1);
    for (size_t at = 0, size; at < t.size && run_step(r, 1); at += size) {
        const char *c = t.data + at;
        size = letter_size(c, t.size - at);
        const uint32_t code = letter_code(c, size);
        const char *name = size == 1 && code != 0 ? strchr(named, *c) : NULL;
        if (*c == quote || *c == '\\') {
            put(r, b, "\\");
            run_add(r, b, c, 1);
        } else if (name != NULL && *name != '\0' && (json || name - named < 3)) {
            const char escape[2] = {'\\', names[name - named]};
            run_add(r, b, escape, 2);
        } else if (code < 0x20 || (!json && is_hidden(code)) || (ascii && code >= 0x80)) {
            put_escape(r, b, code, json);
        } else {
            run_add(r, b, c, size);
        }
    }
    run_add(r, b, &quote, 1);
}

/* ---- Python ---- */

static void put_shown(struct rendering *r, struct buffer *b, struct value v, bool inner);

static void put_items(struct rendering *r, struct buffer *b, const struct list *list) {
    const bool tuple = list->kind == LIST_TUPLE;
    if (list->kind == LIST_VIEW || list->kind == LIST_LAZY)
        run_fail(r, JINJA_BEYOND, "printing what is no list yet is not supported");
    put(r, b, tuple ? "(" : "[");
    for (size_t i = 0; i < list->count && !run_failed(r); i++) {
        put(r, b, i == 0 ? "" : ", ");
        put_shown(r, b, list->items[i], true);
    }
    put(r, b, tuple ? list->count == 1 ? ",)" : ")" : "]");
}

static void put_pairs(struct rendering *r, struct buffer *b, const struct dict *dict) {
    put(r, b, "{");
    for (size_t i = 0; i < dict->count && !run_failed(r); i++) {
        put(r, b, i == 0 ? "" : ", ");
        put_shown(r, b, dict->pairs[i].key, true);
        put(r, b, ": ");
        put_shown(r, b, dict->pairs[i].value, true);
    }
    put(r, b, "}");
}

static void put_shown(struct rendering *r, struct buffer *b, struct value v, bool inner) {
    char text[32];
    if (!run_down(r)) {
        run_up(r);
        return;
    }
    switch (v.kind) {
    case VALUE_UNDEFINED:
        put(r, b, inner ? "Undefined" : "");
        break;
    case VALUE_NONE:
        put(r, b, "None");
        break;
    case VALUE_BOOL:
        put(r, b, v.as.integer != 0 ? "True" : "False");
        break;
    case VALUE_INTEGER:
        snprintf(text, sizeof text, "%lld", (long long)v.as.integer);
        put(r, b, text);
        break;
    case VALUE_REAL:
        put_real(r, b, v.as.real, false);
        break;
    case VALUE_TEXT:
        if (inner)
            put_quoted(r, b, v.as.text, false, false);
        else
            run_add(r, b, v.as.text.data, v.as.text.size);
        break;
    case VALUE_LIST:
        put_items(r, b, v.as.list);
        break;
    case VALUE_DICT:
        put_pairs(r, b, v.as.dict);
        break;
    default:
        run_fail(r, JINJA_BEYOND, "printing a %s is not supported", value_kind_name(v));
    }
    run_up(r);
}

struct text_view value_show(struct rendering *r, struct value v) {
    struct buffer b = {0};
    if (v.kind == VALUE_TEXT)
        return v.as.text;
    put_shown(r, &b, v, false);
    return run_text(&b).as.text;
}

/* ---- JSON ---- */

static void put_json(struct rendering *r, struct buffer *b, struct value v,
                     const struct json_style *s, int64_t level);

static void put_line(struct rendering *r, struct buffer *b, const struct json_style *s,
                     int64_t level) {
    if (s->indent < 0)
        return;
    put(r, b, "\n");
    for (int64_t i = 0; i < level * s->indent && run_step(r, 1); i++)
        put(r, b, " ");
}

/* A list, or pairs of a dict in the order of `order`. */
static void put_members(struct rendering *r, struct buffer *b, const struct value *items,
                        const struct pair *pairs, size_t count, const struct json_style *s,
                        int64_t level) {
    put(r, b, pairs != NULL ? "{" : "[");
    for (size_t i = 0; i < count && !run_failed(r); i++) {
        if (i != 0)
            run_add(r, b, s->between.data, s->between.size);
        put_line(r, b, s, level + 1);
        if (pairs != NULL) {
            const struct text_view key = value_show(r, pairs[i].key);
            if (pairs[i].key.kind != VALUE_TEXT && pairs[i].key.kind != VALUE_INTEGER)
                run_fail(r, JINJA_BEYOND, "tojson of a key that is a %s is not supported",
                         value_kind_name(pairs[i].key));
            put_quoted(r, b, key, true, s->ascii);
            run_add(r, b, s->behind_key.data, s->behind_key.size);
        }
        put_json(r, b, pairs != NULL ? pairs[i].value : items[i], s, level + 1);
    }
    if (count != 0)
        put_line(r, b, s, level);
    put(r, b, pairs != NULL ? "}" : "]");
}

/* Sorted by key; the run's own order is by insertion, as few keys are. */
static struct pair *sorted_pairs(struct rendering *r, const struct dict *dict) {
    struct pair *pairs = arena_take(&r->arena, dict->count * sizeof *pairs + 1);
    for (size_t i = 0; i < dict->count && pairs != NULL && !run_failed(r); i++) {
        size_t at = i;
        for (; at != 0 && value_order(r, dict->pairs[i].key, pairs[at - 1].key) < 0; at--)
            pairs[at] = pairs[at - 1];
        pairs[at] = dict->pairs[i];
        run_step(r, i - at);
    }
    if (pairs == NULL)
        run_fail(r, JINJA_TOO_MUCH, "the template takes too much memory");
    return pairs;
}

static void put_json(struct rendering *r, struct buffer *b, struct value v,
                     const struct json_style *s, int64_t level) {
    static const struct pair none;
    if (run_down(r) && run_step(r, 1)) {
        if (v.kind == VALUE_NONE) {
            put(r, b, "null");
        } else if (v.kind == VALUE_BOOL) {
            put(r, b, v.as.integer != 0 ? "true" : "false");
        } else if (v.kind == VALUE_INTEGER) {
            put_shown(r, b, v, false);
        } else if (v.kind == VALUE_REAL) {
            put_real(r, b, v.as.real, true);
        } else if (v.kind == VALUE_TEXT) {
            put_quoted(r, b, v.as.text, true, s->ascii);
        } else if (v.kind == VALUE_LIST && v.as.list->kind <= LIST_TUPLE) {
            put_members(r, b, v.as.list->items, NULL, v.as.list->count, s, level);
        } else if (v.kind == VALUE_DICT && v.as.dict->count == 0) {
            put_members(r, b, NULL, &none, 0, s, level);
        } else if (v.kind == VALUE_DICT) {
            const struct pair *pairs = s->sorted ? sorted_pairs(r, v.as.dict) : v.as.dict->pairs;
            if (pairs != NULL)
                put_members(r, b, NULL, pairs, v.as.dict->count, s, level);
        } else {
            run_fail(r, JINJA_WRONG, "a %s has no JSON", value_kind_name(v));
        }
    }
    run_up(r);
}

struct value value_json(struct rendering *r, struct value v, const struct json_style *style) {
    struct buffer b = {0};
    put_json(r, &b, v, style, 0);
    return run_text(&b);
}

struct value value_from_json(struct rendering *r, const cJSON *json) {
    struct value v = value_none();
    const cJSON *each;
    if (!run_down(r) || !run_step(r, 1)) {
        run_up(r);
        return v;
    }
    if (cJSON_IsBool(json)) {
        v = value_bool(cJSON_IsTrue(json));
    } else if (cJSON_IsNumber(json)) {
        const double x = json->valuedouble;
        v = x == floor(x) && fabs(x) <= 9007199254740992.0 ? value_integer((int64_t)x)
                                                           : value_real(x);
    } else if (cJSON_IsString(json)) {
        v = value_text(json->valuestring, strlen(json->valuestring));
    } else if (cJSON_IsArray(json)) {
        v = value_list(r);
        cJSON_ArrayForEach(each, json) list_add(r, v.as.list, value_from_json(r, each));
    } else if (cJSON_IsObject(json)) {
        v = value_dict(r);
        cJSON_ArrayForEach(each, json) dict_set(
            r, v.as.dict, value_text(each->string, strlen(each->string)), value_from_json(r, each));
    }
    run_up(r);
    return v;
}
