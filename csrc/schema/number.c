/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Numbers between bounds, digit by digit, without exponents. A binary64 has 15 digits, so what is
 * read of a number lies on the same side of a bound as the number.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "maker.h"

enum { DIGITS = 15 };
#define TOP_INTEGER 9999999999999999u /* of 16 digits */
#define TOP_NUMBER  999999999u

/* A bound, 0 or more. */
struct edge {
    uint64_t whole;
    char rest[DIGITS + 1]; /* digits behind the point, no 0 at the end */
    bool open;             /* itself does not count */
};

struct bound {
    double value;
    bool there, open;
};

static void free_digits(FILE *out, size_t least, size_t most) {
    if (least != most)
        fprintf(out, "[0-9]{%zu,%zu}", least, most);
    else
        fprintf(out, "[0-9]{%zu}", most);
}

/* As many digits as both have; NULL: no bound. */
static void digits_between(FILE *out, const char *low, const char *high, size_t count) {
    if (low != NULL && strspn(low, "0") >= count)
        low = NULL;
    if (high != NULL && strspn(high, "9") >= count)
        high = NULL;
    if (count == 0 || (low == NULL && high == NULL)) {
        free_digits(out, count, count);
        return;
    }
    char a = low != NULL ? *low : '0', b = high != NULL ? *high : '9';
    if (a == b) {
        fprintf(out, "\"%c\" ", a);
        digits_between(out, low != NULL ? low + 1 : NULL, high != NULL ? high + 1 : NULL,
                       count - 1);
        return;
    }
    fputs("(", out);
    if (low != NULL) {
        fprintf(out, "\"%c\" ", a++);
        digits_between(out, low + 1, NULL, count - 1);
    }
    b = (char)(b - (high != NULL));
    if (a <= b) {
        fprintf(out, "%s[%c-%c] ", low != NULL ? " | " : "", a, b);
        free_digits(out, count - 1, count - 1);
    }
    if (high != NULL) {
        fprintf(out, "%s\"%c\" ", low != NULL || a <= b ? " | " : "", (char)(b + 1));
        digits_between(out, NULL, high + 1, count - 1);
    }
    fputs(")", out);
}

static void whole_between(FILE *out, uint64_t low, uint64_t high) {
    char a[24], b[24];
    const size_t n = (size_t)snprintf(a, sizeof a, "%ju", (uintmax_t)low);
    const size_t k = (size_t)snprintf(b, sizeof b, "%ju", (uintmax_t)high);
    if (n == k) {
        digits_between(out, a, b, n);
        return;
    }
    fputs("(", out);
    digits_between(out, a, NULL, n);
    if (n + 1 < k) {
        fputs(" | [1-9] ", out);
        free_digits(out, n, k - 2);
    }
    fputs(" | ", out);
    memset(a, '0', sizeof a);
    a[0] = '1';
    a[k] = '\0';
    digits_between(out, a, b, k);
    fputs(")", out);
}

/* Up to `room` digits behind the point, between the digits of two bounds (NULL: none); first: at
 * least one. */
static void places(FILE *out, const char *low, bool low_open, const char *high, bool high_open,
                   unsigned room, bool first) {
    if (low != NULL && *low == '\0' && !low_open)
        low = NULL;
    if (low == NULL && high == NULL) {
        free_digits(out, first, room);
        return;
    }
    if (room == 0 || (low == NULL && *high == '\0' && !high_open)) {
        fprintf(out, "\"0\"{%d,%u}", first, room);
        return;
    }
    const bool ends = !first && low == NULL && (*high != '\0' || !high_open);
    const char *low_next = low != NULL && *low != '\0' ? low + 1 : low;
    const char *high_next = high != NULL && *high != '\0' ? high + 1 : high;
    char a = low != NULL && *low != '\0' ? *low : '0';
    char b = high == NULL ? '9' : *high != '\0' ? *high : '0';
    const char *between = "";
    fputs("(", out);
    if (a == b) {
        fprintf(out, "\"%c\" ", a);
        places(out, low != NULL ? low_next : NULL, low_open, high != NULL ? high_next : NULL,
               high_open, room - 1, false);
    } else {
        if (low != NULL) {
            if (*low != '\0' || room > 1) { /* or it would end at the bound */
                fprintf(out, "\"%c\" ", a);
                places(out, low_next, low_open, NULL, false, room - 1, false);
                between = " | ";
            }
            a++;
        }
        b = (char)(b - (high != NULL));
        if (a <= b) {
            fprintf(out, "%s[%c-%c] ", between, a, b);
            free_digits(out, 0, room - 1);
            between = " | ";
        }
        if (high != NULL && (*high_next != '\0' || !high_open)) {
            fprintf(out, "%s\"%c\" ", between, (char)(b + 1));
            places(out, NULL, false, high_next, high_open, room - 1, false);
        }
    }
    fputs(ends ? ")?" : ")", out);
}

static void fraction(FILE *out, const struct edge *low, const struct edge *high, unsigned room) {
    const bool needs = low != NULL && (low->rest[0] != '\0' || low->open);
    const bool bare = !needs && (high == NULL || high->rest[0] != '\0' || !high->open);
    if (room == 0)
        return;
    fputs(bare ? " (\".\" " : " \".\" ", out);
    places(out, low != NULL ? low->rest : NULL, low != NULL && low->open,
           high != NULL ? high->rest : NULL, high != NULL && high->open, room, true);
    fputs(bare ? ")?" : "", out);
}

/* From 0 on; high: NULL: up to `top`. */
static void between(FILE *out, const struct edge *low, const struct edge *high, uint64_t top,
                    unsigned room) {
    const char *separator = "";
    fputs("(", out);
    if (high != NULL && low->whole == high->whole) {
        fprintf(out, "\"%ju\"", (uintmax_t)low->whole);
        fraction(out, low, high, room);
        fputs(")", out);
        return;
    }
    uint64_t from = low->whole, to = high != NULL ? high->whole : top;
    const bool low_alone = low->rest[0] != '\0' || low->open;
    const bool high_alone = high != NULL && room != 0;
    if (low_alone) {
        fprintf(out, "\"%ju\"", (uintmax_t)from++);
        fraction(out, low, NULL, room);
        separator = " | ";
    }
    to -= high_alone;
    if (from <= to) {
        fputs(separator, out);
        whole_between(out, from, to);
        fraction(out, NULL, NULL, room);
        separator = " | ";
    }
    if (high_alone && (high->rest[0] != '\0' || !high->open)) {
        fprintf(out, "%s\"%ju\"", separator, (uintmax_t)high->whole);
        fraction(out, NULL, high, room);
    }
    fputs(")", out);
}

/* ---- bounds ---- */

/* The stricter one of a closed and an open bound. */
static struct bound read_bound(struct schema_maker *m, const cJSON *schema, const char *closed,
                               const char *open, double sign) {
    struct bound b = {0, false, false};
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? closed : open;
        const cJSON *v = cJSON_GetObjectItemCaseSensitive(schema, name);
        if (v == NULL)
            continue;
        if (!cJSON_IsNumber(v) || !isfinite(v->valuedouble))
            schema_fail(m, "\"%s\" must be a number", name);
        if (!b.there || sign * v->valuedouble >= sign * b.value)
            b = (struct bound){v->valuedouble, true, i == 1};
    }
    return b;
}

/* To the next whole number inside; of more digits than are written: no bound, or none is left. */
static void make_whole(struct bound *b, double sign) {
    if (!b->there)
        return;
    const double in = sign > 0 ? ceil(b->value) : floor(b->value);
    b->value = b->open && in == b->value ? in + sign : in;
    b->open = false;
    if (sign * b->value < -(double)TOP_INTEGER)
        b->there = false;
}

static unsigned whole_digits(const struct bound *b) {
    char text[400];
    return b->there ? (unsigned)snprintf(text, sizeof text, "%.0f", floor(fabs(b->value))) : 1;
}

static struct edge edge_of(struct schema_maker *m, double value, bool open) {
    struct edge e = {0, "", open};
    char text[400];
    value = fabs(value);
    e.whole = (uint64_t)value;
    if (value == floor(value))
        return e;
    const int count = snprintf(text, sizeof text, "%ju", (uintmax_t)e.whole);
    snprintf(text, sizeof text, "%.*f", DIGITS - 1 - count > 0 ? DIGITS - 1 - count : 0, value);
    if (strtod(text, NULL) != value || strchr(text, '.') == NULL) {
        schema_fail(m, "a bound of more than %d digits is not supported", DIGITS - 1);
        return e;
    }
    snprintf(e.rest, sizeof e.rest, "%s", strchr(text, '.') + 1);
    for (size_t i = strlen(e.rest); i != 0 && e.rest[i - 1] == '0'; i--)
        e.rest[i - 1] = '\0';
    return e;
}

void schema_number(struct schema_maker *m, FILE *out, const cJSON *schema, bool whole) {
    struct bound low = read_bound(m, schema, "minimum", "exclusiveMinimum", 1);
    struct bound high = read_bound(m, schema, "maximum", "exclusiveMaximum", -1);
    if (whole) {
        make_whole(&low, 1);
        make_whole(&high, -1);
    }
    if (!low.there && !high.there) {
        fputs(whole ? "integer" : "number", out);
        return;
    }
    const unsigned n = whole_digits(&low), k = whole_digits(&high), digits = n > k ? n : k;
    if (low.there && high.there &&
        (low.value > high.value || (low.value == high.value && (low.open || high.open))))
        schema_fail(m, "no number lies between its bounds");
    if (digits > (whole ? DIGITS + 1 : DIGITS - 1))
        schema_fail(m, "a bound of more than %d digits is not supported", DIGITS - 1);
    if (m->failed)
        return;

    const unsigned room = whole ? 0 : DIGITS - digits;
    const bool below = !low.there || low.value < 0;
    const bool above = !high.there || high.value > 0 || (high.value == 0 && !high.open);
    const struct edge zero = {0, "", false};
    const struct edge down = edge_of(m, low.value, low.open),
                      up = edge_of(m, high.value, high.open);
    const uint64_t top = whole ? TOP_INTEGER : TOP_NUMBER;
    const uint64_t reach = down.whole > up.whole ? down.whole : up.whole;
    const uint64_t most = reach >= top && !whole ? 10 * reach + 9 : top;
    if (strlen(down.rest) > room || strlen(up.rest) > room)
        schema_fail(m, "bounds of more than %d digits are not supported", DIGITS - 1);
    fputs("(", out);
    if (below) {
        fputs("\"-\" ", out);
        between(out, high.there && high.value <= 0 ? &up : &zero, low.there ? &down : NULL, most,
                room);
    }
    fputs(below && above ? " | " : "", out);
    if (above)
        between(out, low.there && low.value >= 0 ? &down : &zero, high.there ? &up : NULL, most,
                room);
    fputs(")", out);
}
