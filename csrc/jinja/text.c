/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Texts out of texts.
 */
#include <ctype.h>
#include <string.h>

#include "letters.h"
#include "run.h"

int64_t argument_integer(struct rendering *r, struct value v, int64_t otherwise) {
    if (v.kind == VALUE_INTEGER || v.kind == VALUE_BOOL)
        return v.as.integer;
    if (v.kind != VALUE_UNDEFINED && v.kind != VALUE_NONE)
        run_fail(r, JINJA_WRONG, "a %s in place of an int", value_kind_name(v));
    return otherwise;
}

struct text_view argument_text(struct rendering *r, struct value v) {
    if (v.kind == VALUE_TEXT)
        return v.as.text;
    run_fail(r, JINJA_WRONG, "a %s in place of a str", value_kind_name(v));
    return (struct text_view){"", 0};
}

/* Whether a letter stands in `letters`. */
static bool is_one_of(const char *letter, size_t size, struct text_view letters) {
    for (size_t at = 0, each; at < letters.size; at += each) {
        each = letter_size(letters.data + at, letters.size - at);
        if (each == size && memcmp(letters.data + at, letter, size) == 0)
            return true;
    }
    return false;
}

struct value text_strip(struct rendering *r, struct text_view t, struct value letters, bool before,
                        bool behind) {
    if (!run_step(r, 4 * t.size))
        return value_none();
    if (letters.kind == VALUE_NONE ||
        (letters.kind == VALUE_UNDEFINED && letters.as.text.data == NULL)) {
        const size_t skip = before ? blanks_before(t.data, t.size) : 0;
        const size_t cut = behind ? blanks_behind(t.data + skip, t.size - skip) : 0;
        return value_text(t.data + skip, t.size - skip - cut);
    }
    const struct text_view set = argument_text(r, letters);
    size_t begin = 0, end = t.size, last = 0;
    while (before && begin < end) {
        const size_t size = letter_size(t.data + begin, end - begin);
        if (!is_one_of(t.data + begin, size, set) || !run_step(r, set.size))
            break;
        begin += size;
    }
    for (size_t at = begin, size; behind && at < end; at += size) { /* behind the last that stays */
        size = letter_size(t.data + at, end - at);
        if (!run_step(r, set.size))
            return value_none();
        last = is_one_of(t.data + at, size, set) ? last : at + size;
    }
    end = behind ? (last > begin ? last : begin) : end;
    return value_text(t.data + begin, end - begin);
}

/* how: upper, lower, capitalised, each word capitalised. ASCII alone. */
struct value text_case(struct rendering *r, struct text_view t, char how) {
    struct buffer b = {0};
    char before = ' ';
    if (!is_ascii(t.data, t.size))
        return run_fail(r, JINJA_BEYOND, "upper and lower case beyond ASCII are not supported");
    run_add(r, &b, t.data, t.size);
    for (size_t i = 0; i < t.size && run_step(r, 1); i++) {
        const unsigned char c = (unsigned char)t.data[i];
        const bool upper =
            how == 'u' || (how == 'c' && i == 0) || (how == 't' && !isalpha((unsigned char)before));
        b.bytes[i] = (char)(upper ? toupper(c) : tolower(c));
        before = t.data[i];
    }
    return run_text(&b);
}

struct value text_replace(struct rendering *r, struct text_view t, struct value from,
                          struct value to, struct value most) {
    const struct text_view a = argument_text(r, from), b = argument_text(r, to);
    int64_t left = argument_integer(r, most, -1);
    struct buffer text = {0};
    size_t at = 0;
    if (a.size == 0)
        return run_fail(r, JINJA_BEYOND, "replacing an empty text is not supported");
    for (const char *found; left != 0 && !run_failed(r); left--) {
        found = memmem(t.data + at, t.size - at, a.data, a.size);
        if (found == NULL)
            break;
        const size_t size = (size_t)(found - t.data) - at;
        run_add(r, &text, t.data + at, size);
        run_add(r, &text, b.data, b.size);
        at += size + a.size;
    }
    run_add(r, &text, t.data + at, t.size - at);
    return run_text(&text);
}
