/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A template's text as tokens: tags, with the blanks that they take away, and what is in them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "letters.h"
#include "tree.h"

#define NESTED 128 /* brackets within a tag */

struct lexer {
    struct reading *reading;
    const char *at, *end;
    uint32_t line;
    struct lexeme *lexemes;
    size_t count, room;
    bool at_line; /* the last match ended with a line, or nothing was matched yet */
};

void reading_fail(struct reading *r, enum jinja_verdict verdict, uint32_t line, const char *format,
                  ...) {
    char text[300];
    va_list arguments;
    if (r->verdict != JINJA_DONE)
        return;
    r->verdict = verdict;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ls_error_set(r->err, "line %u: %s", (unsigned)line, text);
}

static void add(struct lexer *x, enum token_kind kind, const char *text, size_t size) {
    struct lexeme *larger =
        arena_grow(x->reading->arena, x->lexemes, x->count, &x->room, sizeof *larger);
    if (larger == NULL) {
        reading_fail(x->reading, JINJA_TOO_MUCH, x->line, "the template is too large");
        return;
    }
    x->lexemes = larger;
    x->lexemes[x->count++] = (struct lexeme){kind, x->line, {text, size}};
}

static void skip(struct lexer *x, size_t size) {
    for (size_t i = 0; i < size; i++)
        x->line += x->at[i] == '\n';
    x->at += size;
    if (size != 0)
        x->at_line = x->at[-1] == '\n';
}

static bool starts(const struct lexer *x, const char *with) {
    const size_t size = strlen(with);
    return (size_t)(x->end - x->at) >= size && memcmp(x->at, with, size) == 0;
}

static void skip_blanks(struct lexer *x) {
    skip(x, blanks_before(x->at, (size_t)(x->end - x->at)));
}

/* Text before a tag that begins with `sign`. */
static void add_data(struct lexer *x, const char *text, size_t size, char sign, bool block) {
    if (sign == '-') {
        size -= blanks_behind(text, size);
    } else if (sign != '+' && block) { /* lstrip_blocks */
        size_t line = size;
        while (line != 0 && text[line - 1] != '\n')
            line--;
        if ((line != 0 || x->at_line) && blanks_before(text + line, size - line) == size - line)
            size = line;
    }
    if (size != 0)
        add(x, LEX_DATA, text, size);
}

/* The end of a block or comment: what it takes of the text behind it. */
static void end_tag(struct lexer *x, char sign, size_t size) {
    skip(x, size);
    if (sign == '-')
        skip_blanks(x);
    else if (sign != '+' && starts(x, "\n")) /* trim_blocks */
        skip(x, 1);
}

static void lex_comment(struct lexer *x) {
    const char *begin = x->at;
    const char *end = memmem(begin, (size_t)(x->end - begin), "#}", 2);
    if (end == NULL) {
        reading_fail(x->reading, JINJA_WRONG, x->line, "the comment has no end");
        return;
    }
    const char sign = end > begin ? end[-1] : ' ';
    skip(x, (size_t)(end - begin));
    end_tag(x, sign, 2);
}

/* Bytes of {% NAME %} at `at`, 0 if it is not there; the signs within. */
static size_t plain_tag(const char *at, const char *end, const char *name, char *before,
                        char *behind) {
    const char *begin = at;
    const size_t size = strlen(name);
    *before = *behind = ' ';
    if (end - at < 2 || memcmp(at, "{%", 2) != 0)
        return 0;
    at += 2;
    if (at < end && (*at == '-' || *at == '+'))
        *before = *at++;
    at += blanks_before(at, (size_t)(end - at));
    if ((size_t)(end - at) < size || memcmp(at, name, size) != 0)
        return 0;
    at += size;
    at += blanks_before(at, (size_t)(end - at));
    if (at < end && (*at == '-' || *at == '+'))
        *behind = *at++;
    return end - at >= 2 && memcmp(at, "%}", 2) == 0 ? (size_t)(at + 2 - begin) : 0;
}

/* Behind {% raw %}. */
static void lex_raw(struct lexer *x) {
    const char *begin = x->at, *at = begin;
    char before, behind;
    while ((at = memmem(at, (size_t)(x->end - at), "{%", 2)) != NULL) {
        const size_t size = plain_tag(at, x->end, "endraw", &before, &behind);
        if (size != 0) {
            add_data(x, begin, (size_t)(at - begin), before, true);
            skip(x, (size_t)(at - begin));
            end_tag(x, behind, size);
            return;
        }
        at += 2;
    }
    reading_fail(x->reading, JINJA_WRONG, x->line, "{%% raw %%} has no end");
}

/* ---- within a tag ---- */

static int hexadecimal(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Undoes the escape at *at, behind its backslash, as Python does; bytes of `out`. */
static size_t unescape(struct lexer *x, const char **at, const char *end, char out[4]) {
    static const char names[] = "\\'\"abfnrtv", bytes[] = "\\'\"\a\b\f\n\r\t\v";
    const char c = *(*at)++;
    const char *named = c != '\0' ? strchr(names, c) : NULL;
    uint32_t code = 0;
    if (named != NULL) {
        out[0] = bytes[named - names];
        return 1;
    }
    if (c == '\n')
        return 0;
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (c >= '0' && c <= '7') {
        code = (uint32_t)(c - '0');
        for (int i = 0; i < 2 && *at < end && **at >= '0' && **at <= '7'; i++)
            code = 8 * code + (uint32_t)(*(*at)++ - '0');
    } else if (digits == 0) { /* none: both stay */
        out[0] = '\\';
        out[1] = c;
        return 2;
    }
    for (; digits > 0 && *at < end && hexadecimal(**at) >= 0; digits--)
        code = code << 4 | (uint32_t)hexadecimal(*(*at)++);
    const size_t size = code != 0 && digits == 0 ? letter_write(out, code) : 0;
    if (size == 0)
        reading_fail(x->reading, JINJA_WRONG, x->line, "\\%c does not write a character", c);
    return size;
}

static void lex_text(struct lexer *x) {
    const char quote = *x->at, *at = x->at + 1;
    struct buffer text = {0};
    bool fits = true;
    while (at < x->end && *at != quote) {
        char out[4] = {*at++};
        size_t size = 1;
        if (out[0] == '\\' && at < x->end && (unsigned char)*at < 0x80)
            size = unescape(x, &at, x->end, out);
        fits = fits && buffer_add(x->reading->arena, &text, out, size);
    }
    if (at == x->end)
        reading_fail(x->reading, JINJA_WRONG, x->line, "a text has no end");
    else if (!fits)
        reading_fail(x->reading, JINJA_TOO_MUCH, x->line, "the template is too large");
    add(x, LEX_TEXT, text.bytes != NULL ? text.bytes : "", text.size);
    skip(x, at < x->end ? (size_t)(at + 1 - x->at) : (size_t)(x->end - x->at));
}

static bool is_digit(const char *at, const char *end) {
    return at < end && *at >= '0' && *at <= '9';
}

/* Digits, with single underscores between them. */
static const char *digits(const char *at, const char *end) {
    while (is_digit(at, end) || (at < end && *at == '_' && is_digit(at + 1, end)))
        at++;
    return at;
}

static void lex_number(struct lexer *x) {
    const char *at = digits(x->at, x->end);
    enum token_kind kind = LEX_INTEGER;
    const bool member = x->count != 0 && x->lexemes[x->count - 1].kind == LEX_OPERATOR &&
                        view_is(x->lexemes[x->count - 1].text, ".");
    if (!member && at < x->end && *at == '.' && is_digit(at + 1, x->end)) {
        at = digits(at + 1, x->end);
        kind = LEX_REAL;
    }
    if (!member && at < x->end && (*at == 'e' || *at == 'E')) {
        const char *exponent = at + 1;
        if (exponent < x->end && (*exponent == '+' || *exponent == '-'))
            exponent++;
        if (is_digit(exponent, x->end)) {
            at = digits(exponent, x->end);
            kind = LEX_REAL;
        }
    }
    if (at - x->at == 1 && *x->at == '0' && at < x->end && strchr("xXoObB", *at) != NULL)
        reading_fail(x->reading, JINJA_BEYOND, x->line,
                     "a number that is not decimal is not supported");
    add(x, kind, x->at, (size_t)(at - x->at));
    skip(x, (size_t)(at - x->at));
}

static bool is_name(const char *at, const char *end) {
    return at < end && ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_' ||
                        (unsigned char)*at >= 0x80);
}

static void lex_operator(struct lexer *x, char open[NESTED], unsigned *depth) {
    static const char pairs[][3] = {"//", "**", "==", "!=", ">=", "<="};
    size_t size = 1;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (starts(x, pairs[i]))
            size = 2;
    const char c = *x->at;
    if (c == '\0' || strchr("+-/*%~[](){}=!><.:|,;", c) == NULL || (c == '!' && size == 1)) {
        reading_fail(x->reading, JINJA_WRONG, x->line, "a character that is none of Jinja: %.*s",
                     (int)letter_size(x->at, (size_t)(x->end - x->at)), x->at);
    } else if (strchr("([{", c) != NULL) {
        if (*depth == NESTED)
            reading_fail(x->reading, JINJA_TOO_MUCH, x->line, "more than %d brackets nest", NESTED);
        else
            open[(*depth)++] = c == '(' ? ')' : c == '[' ? ']' : '}';
    } else if (strchr(")]}", c) != NULL) {
        if (*depth == 0 || open[--*depth] != c)
            reading_fail(x->reading, JINJA_WRONG, x->line, "%c closes nothing", c);
    }
    add(x, LEX_OPERATOR, x->at, size);
    skip(x, size);
}

static void lex_tag(struct lexer *x, bool block) {
    const char *end = block ? "%}" : "}}";
    const uint32_t line = x->line;
    char open[NESTED];
    unsigned depth = 0;
    add(x, block ? LEX_BLOCK : LEX_PRINT, x->at, 0);
    while (x->reading->verdict == JINJA_DONE) {
        skip_blanks(x);
        if (x->at == x->end) {
            reading_fail(x->reading, JINJA_WRONG, line, "the tag has no end");
            return;
        }
        const bool sign = *x->at == '-' || (block && *x->at == '+');
        if (depth == 0 && x->end - x->at >= 2 + sign && memcmp(x->at + sign, end, 2) == 0) {
            const char which = sign ? *x->at : ' ';
            add(x, block ? LEX_BLOCK_END : LEX_PRINT_END, x->at, 0);
            end_tag(x, block || which == '-' ? which : '+', 2 + sign);
            return;
        }
        if (*x->at == '\'' || *x->at == '"') {
            lex_text(x);
        } else if (is_digit(x->at, x->end)) {
            lex_number(x);
        } else if (is_name(x->at, x->end)) {
            const char *at = x->at;
            while (is_name(at, x->end) || is_digit(at, x->end))
                at++;
            add(x, LEX_NAME, x->at, (size_t)(at - x->at));
            skip(x, (size_t)(at - x->at));
        } else {
            lex_operator(x, open, &depth);
        }
    }
}

/* The text with lines that end with \n alone, and without the last one's. */
static char *with_plain_lines(struct arena *arena, const char *text, size_t *size) {
    char *copy = arena_take(arena, *size + 1);
    size_t used = 0;
    for (size_t i = 0; i < *size && copy != NULL; i++) {
        if (text[i] == '\r' && i + 1 < *size && text[i + 1] == '\n')
            i++;
        copy[used++] = text[i];
        if (text[i] == '\r')
            copy[used - 1] = '\n';
    }
    if (used != 0 && copy[used - 1] == '\n')
        used--;
    *size = used;
    return copy;
}

struct lexeme *lex(struct reading *reading, const char *text, size_t size) {
    char *copy = with_plain_lines(reading->arena, text, &size);
    struct lexer x = {.reading = reading, .at = copy, .line = 1, .at_line = true};
    if (copy == NULL) {
        reading_fail(reading, JINJA_TOO_MUCH, 1, "the template is too large");
        return NULL;
    }
    x.end = copy + size;
    while (x.at < x.end && reading->verdict == JINJA_DONE) {
        const char *tag = x.at, *begin = x.at;
        while ((tag = memchr(tag, '{', (size_t)(x.end - tag))) != NULL &&
               (x.end - tag < 2 || strchr("{%#", tag[1]) == NULL || tag[1] == '\0'))
            tag++;
        if (tag == NULL) {
            add(&x, LEX_DATA, x.at, (size_t)(x.end - x.at));
            skip(&x, (size_t)(x.end - x.at));
            break;
        }
        char before, behind;
        const size_t raw = plain_tag(tag, x.end, "raw", &before, &behind);
        const char sign = x.end - tag > 2 ? tag[2] : ' ';
        add_data(&x, begin, (size_t)(tag - begin), sign, tag[1] != '{');
        skip(&x, (size_t)(tag - begin));
        if (raw != 0) {
            end_tag(&x, behind == '-' ? '-' : '+', raw);
            lex_raw(&x);
            continue;
        }
        const char kind = tag[1];
        skip(&x, sign == '-' || sign == '+' ? 3 : 2);
        if (kind == '#')
            lex_comment(&x);
        else
            lex_tag(&x, kind == '%');
    }
    add(&x, LEX_END, x.end, 0);
    return reading->verdict == JINJA_DONE ? x.lexemes : NULL;
}
