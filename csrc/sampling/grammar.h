/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Grammars that a text must follow, written as llama.cpp's are (GBNF): rules `name ::= ...` of
 * "texts", [classes], `.`, names, ( groups ), | and the repetitions * + ? {n} {n,} {n,m}; `root` is
 * what the text is. A text is read token by token, a token by its bytes: all ways to read it are
 * followed side by side, a way is a place in a rule and the rules around it.
 *
 *     struct grammar *g;
 *     if (grammar_open("root ::= \"yes\" | \"no\"", &g, &err) != 0)
 *         return refuse(err.text);
 *     grammar_allows(g, "y", 1); // true
 *     grammar_accept(g, "yes", 3);
 *     grammar_ends(g); // true
 *     grammar_close(g);
 */
#ifndef LOCKSTEP_GRAMMAR_H
#define LOCKSTEP_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

#include "csrc/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GRAMMAR_BYTES  65536u /* of a grammar's text, at most */
#define GRAMMAR_NODES  32768u /* that its rules come to, repetitions written out */
#define GRAMMAR_RANGES 16384u /* of characters in all classes */
#define GRAMMAR_WAYS   1024u  /* to read a text, side by side; a token that needs more is refused */
#define GRAMMAR_FRAMES 32768u /* places to return to, of all of them */

struct grammar;

/* Returns 0 and a grammar at the beginning of a text, or -1 with the line of what is wrong. */
int grammar_open(const char *text, struct grammar **grammar, struct ls_error *err);
void grammar_close(struct grammar *grammar); /* NULL is allowed */

/* Whether these bytes may come next; they may end within a character. No bytes: never. */
bool grammar_allows(struct grammar *grammar, const char *bytes, size_t count);

/* The text goes on with these bytes; false: they may not come, and nothing may any more. */
bool grammar_accept(struct grammar *grammar, const char *bytes, size_t count);

/* Whether the text may end here. */
bool grammar_ends(const struct grammar *grammar);

/* Whether something was refused since the beginning because it passes the bounds above. */
bool grammar_overflows(const struct grammar *grammar);

/* Back to the beginning of a text. */
void grammar_reset(struct grammar *grammar);

#ifdef __cplusplus
}
#endif
#endif
