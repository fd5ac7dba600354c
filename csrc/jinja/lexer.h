/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A template's text as it is cut into tokens.
 */
#ifndef LS_JINJA_LEXER_H
#define LS_JINJA_LEXER_H

#include "tree.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lexer {
    struct reading *reading;
    const char *at, *end;
    uint32_t line;
    struct lexeme *lexemes;
    size_t count, room;
    bool at_line; /* the last match ended with a line, or nothing was matched yet */
};

void lexer_add(struct lexer *x, enum token_kind kind, const char *text, size_t size);
void lexer_skip(struct lexer *x, size_t size);
void lexer_skip_blanks(struct lexer *x);
bool lexer_starts(const struct lexer *x, const char *with);

/* The end of a tag, of `size` bytes: what it takes of the text behind it. sign: the one in it. */
void lexer_end_tag(struct lexer *x, char sign, size_t size);

/* ---- lex_tag.c: what is behind {{ or {%, and its end ---- */

void lex_tag(struct lexer *x, bool block);

#ifdef __cplusplus
}
#endif
#endif
