/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Regular expressions as far as all dialects agree on them: characters, . [ ] ( ) (?: ) | * + ? { }
 * and \d \w \s, which are of ASCII. What does not begin with ^ or end with $ may have anything in
 * front or behind.
 */
#include <string.h>

#include "maker.h"

enum { RANGES = 128, GROUPS = 24, REPEATS = 2000 };
#define LAST 0x10ffffu

struct set {
    struct {
        uint32_t low, high;
    } ranges[RANGES];
    unsigned count;
    bool ascii; /* it has a \d or the like, of which dialects differ beyond ASCII */
};

struct reader {
    struct schema_maker *m;
    FILE *out;
    const char *at;
    unsigned depth;
};

static void refuse(struct reader *r, const char *what) {
    schema_fail(r->m, "\"pattern\": %s: %.20s", what, r->at);
}

/* ---- sets ---- */

static void add(struct reader *r, struct set *s, uint32_t low, uint32_t high) {
    if (s->count == RANGES || low > high)
        refuse(r, low > high ? "a range that ends before it begins" : "too large a class");
    else
        s->ranges[s->count].low = low, s->ranges[s->count++].high = high;
}

static void add_text(struct reader *r, struct set *s, const char *characters) {
    for (; *characters != '\0'; characters++)
        add(r, s, (unsigned char)*characters, (unsigned char)*characters);
}

static bool holds(const struct set *s, uint32_t code) {
    bool found = false;
    for (unsigned i = 0; i < s->count; i++)
        found = found || (code >= s->ranges[i].low && code <= s->ranges[i].high);
    return found;
}

/* All others up to `last`. */
static void turn(struct reader *r, struct set *s, uint32_t last) {
    struct set others = {.count = 0, .ascii = s->ascii};
    uint32_t from = 0;
    while (from <= last) {
        uint32_t end = last + 1; /* where the next range begins */
        bool moved = false;
        for (unsigned i = 0; i < s->count && !moved; i++) {
            if (from >= s->ranges[i].low && from <= s->ranges[i].high) {
                from = s->ranges[i].high + 1;
                moved = true;
            } else if (s->ranges[i].low > from && s->ranges[i].low < end) {
                end = s->ranges[i].low;
            }
        }
        if (!moved) {
            add(r, &others, from, end - 1);
            from = end;
        }
        if (r->m->failed)
            return;
    }
    *s = others;
}

/* A character of it as it stands in JSON: by itself, or with its escape. */
static void put_set(struct reader *r, const struct set *s) {
    static const struct {
        uint32_t low, high;
    } plain[] = {{0x20, 0x21}, {0x23, 0x5b}, {0x5d, 0x7e}, {0x80, 0xd7ff}, {0xe000, LAST}};
    static const char escaped[] = "\"\\\n\t\r\b\f", escapes[] = "\"\\ntrbf";
    const char *between = "([";
    bool some = false;
    for (unsigned i = 0; i < s->count; i++)
        for (unsigned k = 0; k < sizeof plain / sizeof *plain; k++) {
            const uint32_t a = s->ranges[i].low, b = s->ranges[i].high;
            const uint32_t low = a > plain[k].low ? a : plain[k].low;
            const uint32_t high = b < plain[k].high ? b : plain[k].high;
            if (low > high)
                continue;
            fputs(some ? "" : between, r->out);
            some = true;
            schema_class_character(r->out, low);
            if (low != high)
                fputc('-', r->out), schema_class_character(r->out, high);
        }
    fputs(some ? "]" : "(", r->out);
    for (unsigned i = 0; escaped[i] != '\0'; i++)
        if (holds(s, (unsigned char)escaped[i])) {
            const char text[] = {'\\', escapes[i], '\0'};
            fputs(some ? " | " : "", r->out);
            some = true;
            schema_literal(r->out, text);
        }
    fputs(")", r->out);
    if (!some)
        refuse(r, "no text holds such a character");
}

/* ---- escapes ---- */

static uint32_t hex(struct reader *r, unsigned digits) {
    uint32_t value = 0;
    for (; digits != 0; digits--, r->at++) {
        const char *digit = *r->at != '\0' ? strchr("0123456789abcdefABCDEF", *r->at) : NULL;
        if (digit == NULL) {
            refuse(r, "a hexadecimal digit is missing");
            return 0;
        }
        const uint32_t place = (uint32_t)(digit - strchr("0123456789abcdefABCDEF", '0'));
        value = value << 4 | (place > 15 ? place - 6 : place);
    }
    return value;
}

/* Behind a backslash: adds what it stands for; whether that is one character. */
static bool escape(struct reader *r, struct set *s) {
    static const char letters[] = "ntrfv", codes[] = "\n\t\r\f\v";
    const char c = *r->at;
    struct set named = {.count = 0, .ascii = true};
    const char *letter = c != '\0' ? strchr(letters, c) : NULL;
    if (c == 'd' || c == 'D' || c == 'w' || c == 'W')
        add(r, &named, '0', '9');
    if (c == 'w' || c == 'W') {
        add(r, &named, 'a', 'z');
        add(r, &named, 'A', 'Z');
        add(r, &named, '_', '_');
    }
    if (c == 's' || c == 'S')
        add_text(r, &named, " \t\n\r\f\v");
    if (named.count != 0) {
        if (c < 'a')
            turn(r, &named, 0x7f);
        for (unsigned i = 0; i < named.count; i++)
            add(r, s, named.ranges[i].low, named.ranges[i].high);
        s->ascii = true;
        r->at++;
        return false;
    }
    uint32_t code = (unsigned char)c;
    if (letter != NULL) {
        code = (unsigned char)codes[letter - letters];
        r->at++;
    } else if (c == 'x' || c == 'u') {
        r->at++;
        code = hex(r, c == 'x' ? 2 : 4);
    } else if (code > ' ' && code < 0x7f && strchr("^$\\.*+?()[]{}|/-\"'`~!@#%&_=:;,<>", c)) {
        r->at++;
    } else {
        refuse(r, "an escape that is not supported");
    }
    add(r, s, code, code);
    return true;
}

static void class(struct reader *r, struct set *s) {
    const bool others = r->at[1] == '^';
    r->at += others ? 2 : 1;
    if (*r->at == ']')
        refuse(r, "a class without a character");
    while (*r->at != ']' && !r->m->failed) {
        const unsigned from = s->count;
        bool one = true;
        if (*r->at == '\0' || strncmp(r->at, "[:", 2) == 0) {
            refuse(r, "a class that is not supported");
        } else if (*r->at == '\\') {
            r->at++;
            one = escape(r, s);
        } else {
            const uint32_t code = schema_character(&r->at);
            add(r, s, code, code);
        }
        if (r->m->failed || *r->at != '-' || r->at[1] == ']')
            continue;
        r->at++;
        struct set end = {.count = 0};
        if (*r->at == '\\') {
            r->at++;
            one = escape(r, &end) && one;
        } else {
            const uint32_t code = schema_character(&r->at);
            add(r, &end, code, code);
        }
        if (!one || r->m->failed || end.ranges[0].low < s->ranges[from].low)
            refuse(r, "a range that is none");
        else
            s->ranges[from].high = end.ranges[0].low;
    }
    r->at += !r->m->failed;
    if (others && !r->m->failed)
        turn(r, s, s->ascii ? 0x7f : LAST);
}

/* ---- expressions ---- */

static void alternatives(struct reader *r);

static void atom(struct reader *r) {
    struct set s = {.count = 0};
    if (*r->at == '(') {
        const bool plain = strncmp(r->at, "(?:", 3) == 0;
        if (r->at[1] == '?' && !plain)
            refuse(r, "not supported");
        if (++r->depth > GROUPS)
            refuse(r, "groups lie too deep in each other");
        r->at += plain ? 3 : 1;
        fputs("(", r->out);
        alternatives(r);
        fputs(")", r->out);
        r->depth--;
        if (*r->at != ')')
            refuse(r, "a ) is missing");
        r->at += *r->at == ')';
        return;
    }
    if (*r->at == '.') {
        r->at++;
        add_text(r, &s, "\n\r");
        add(r, &s, 0x85, 0x85);
        add(r, &s, 0x2028, 0x2029);
        turn(r, &s, LAST);
    } else if (*r->at == '[') {
        class(r, &s);
    } else if (*r->at == '\\') {
        r->at++;
        escape(r, &s);
    } else if (strchr("^$*+?{", *r->at) != NULL) {
        refuse(r, "not supported at this place");
    } else {
        const uint32_t code = schema_character(&r->at);
        add(r, &s, code, code);
    }
    if (!r->m->failed)
        put_set(r, &s);
}

static unsigned number(struct reader *r) {
    unsigned value = 0;
    if (*r->at < '0' || *r->at > '9')
        refuse(r, "a number is missing");
    for (; *r->at >= '0' && *r->at <= '9' && value <= REPEATS; r->at++)
        value = 10 * value + (unsigned)(*r->at - '0');
    if (value > REPEATS)
        refuse(r, "more than 2000 repetitions");
    return value;
}

static void repetition(struct reader *r) {
    if (*r->at == '\0' || strchr("*+?{", *r->at) == NULL)
        return;
    if (*r->at == '{') {
        r->at++;
        const unsigned least = number(r);
        fprintf(r->out, "{%u", least);
        if (*r->at == ',') {
            r->at++;
            fputs(",", r->out);
            if (*r->at != '}') {
                const unsigned most = number(r);
                fprintf(r->out, "%u", most);
                if (most < least)
                    refuse(r, "a repetition that ends before it begins");
            }
        }
        fputs("}", r->out);
        if (*r->at != '}')
            refuse(r, "a } is missing");
        r->at += *r->at == '}';
    } else {
        fputc(*r->at++, r->out);
    }
    r->at += *r->at == '?'; /* the shortest first: the same texts */
}

static void sequence(struct reader *r) {
    bool some = false;
    while (*r->at != '\0' && *r->at != '|' && *r->at != ')' && !r->m->failed &&
           !(*r->at == '$' && r->depth == 0 && (r->at[1] == '\0' || r->at[1] == '|'))) {
        fputs(some ? " " : "", r->out);
        some = true;
        atom(r);
        if (!r->m->failed)
            repetition(r);
    }
    fputs(some ? "" : "\"\"", r->out);
}

static void alternatives(struct reader *r) {
    for (;;) {
        const bool begins = r->depth == 0 && *r->at == '^';
        r->at += begins;
        fputs(r->depth == 0 && !begins ? "char* " : "", r->out);
        sequence(r);
        const bool ends = r->depth == 0 && *r->at == '$';
        r->at += ends;
        fputs(r->depth == 0 && !ends ? " char*" : "", r->out);
        if (r->m->failed || *r->at != '|')
            return;
        r->at++;
        fputs(" | ", r->out);
    }
}

void schema_pattern(struct schema_maker *m, FILE *out, const char *pattern) {
    struct reader r = {m, out, pattern, 0};
    fputs("(", out);
    alternatives(&r);
    fputs(")", out);
    if (!m->failed && *r.at != '\0')
        refuse(&r, "a ( is missing");
}
