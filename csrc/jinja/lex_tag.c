/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Tokens within a tag.
 */
#include <string.h>

#include "letters.h"
#include "lexer.h"

#define NESTED 128 /* brackets within a tag */

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
    lexer_add(x, LEX_TEXT, text.bytes != NULL ? text.bytes : "", text.size);
    lexer_skip(x, at < x->end ? (size_t)(at + 1 - x->at) : (size_t)(x->end - x->at));
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
    lexer_add(x, kind, x->at, (size_t)(at - x->at));
    lexer_skip(x, (size_t)(at - x->at));
}

static bool is_name(const char *at, const char *end) {
    return at < end && ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_' ||
                        (unsigned char)*at >= 0x80);
}

static void lex_operator(struct lexer *x, char open[NESTED], unsigned *depth) {
    static const char pairs[][3] = {"//", "**", "==", "!=", ">=", "<="};
    size_t size = 1;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (lexer_starts(x, pairs[i]))
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
    lexer_add(x, LEX_OPERATOR, x->at, size);
    lexer_skip(x, size);
}

void lex_tag(struct lexer *x, bool block) {
    const char *end = block ? "%}" : "}}";
    const uint32_t line = x->line;
    char open[NESTED];
    unsigned depth = 0;
    lexer_add(x, block ? LEX_BLOCK : LEX_PRINT, x->at, 0);
    while (x->reading->verdict == JINJA_DONE) {
        lexer_skip_blanks(x);
        if (x->at == x->end) {
            reading_fail(x->reading, JINJA_WRONG, line, "the tag has no end");
            return;
        }
        const bool sign = *x->at == '-' || (block && *x->at == '+');
        if (depth == 0 && x->end - x->at >= 2 + sign && memcmp(x->at + sign, end, 2) == 0) {
            const char which = sign ? *x->at : ' ';
            lexer_add(x, block ? LEX_BLOCK_END : LEX_PRINT_END, x->at, 0);
            lexer_end_tag(x, block || which == '-' ? which : '+', 2 + sign);
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
            lexer_add(x, LEX_NAME, x->at, (size_t)(at - x->at));
            lexer_skip(x, (size_t)(at - x->at));
        } else {
            lex_operator(x, open, &depth);
        }
    }
}
