/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A template's text as tokens: tags, with the blanks that they take away, and what is in them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "letters.h"
#include "lexer.h"

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

void lexer_add(struct lexer *x, enum token_kind kind, const char *text, size_t size) {
    struct lexeme *larger =
        arena_grow(x->reading->arena, x->lexemes, x->count, &x->room, sizeof *larger);
    if (larger == NULL) {
        reading_fail(x->reading, JINJA_TOO_MUCH, x->line, "the template is too large");
        return;
    }
    x->lexemes = larger;
    x->lexemes[x->count++] = (struct lexeme){kind, x->line, {text, size}};
}

void lexer_skip(struct lexer *x, size_t size) {
    for (size_t i = 0; i < size; i++)
        x->line += x->at[i] == '\n';
    x->at += size;
    if (size != 0)
        x->at_line = x->at[-1] == '\n';
}

bool lexer_starts(const struct lexer *x, const char *with) {
    const size_t size = strlen(with);
    return (size_t)(x->end - x->at) >= size && memcmp(x->at, with, size) == 0;
}

void lexer_skip_blanks(struct lexer *x) {
    lexer_skip(x, blanks_before(x->at, (size_t)(x->end - x->at)));
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
        lexer_add(x, LEX_DATA, text, size);
}

/* The end of a block or comment: what it takes of the text behind it. */
void lexer_end_tag(struct lexer *x, char sign, size_t size) {
    lexer_skip(x, size);
    if (sign == '-')
        lexer_skip_blanks(x);
    else if (sign != '+' && lexer_starts(x, "\n")) /* trim_blocks */
        lexer_skip(x, 1);
}

static void lex_comment(struct lexer *x) {
    const char *begin = x->at;
    const char *end = memmem(begin, (size_t)(x->end - begin), "#}", 2);
    if (end == NULL) {
        reading_fail(x->reading, JINJA_WRONG, x->line, "the comment has no end");
        return;
    }
    const char sign = end > begin ? end[-1] : ' ';
    lexer_skip(x, (size_t)(end - begin));
    lexer_end_tag(x, sign, 2);
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
            lexer_skip(x, (size_t)(at - begin));
            lexer_end_tag(x, behind, size);
            return;
        }
        at += 2;
    }
    reading_fail(x->reading, JINJA_WRONG, x->line, "{%% raw %%} has no end");
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
            lexer_add(&x, LEX_DATA, x.at, (size_t)(x.end - x.at));
            lexer_skip(&x, (size_t)(x.end - x.at));
            break;
        }
        char before, behind;
        const size_t raw = plain_tag(tag, x.end, "raw", &before, &behind);
        const char sign = x.end - tag > 2 ? tag[2] : ' ';
        add_data(&x, begin, (size_t)(tag - begin), sign, tag[1] != '{');
        lexer_skip(&x, (size_t)(tag - begin));
        if (raw != 0) {
            lexer_end_tag(&x, behind == '-' ? '-' : '+', raw);
            lex_raw(&x);
            continue;
        }
        const char kind = tag[1];
        lexer_skip(&x, sign == '-' || sign == '+' ? 3 : 2);
        if (kind == '#')
            lex_comment(&x);
        else
            lex_tag(&x, kind == '%');
    }
    lexer_add(&x, LEX_END, x.end, 0);
    return reading->verdict == JINJA_DONE ? x.lexemes : NULL;
}
