/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A generator of short stories that knows its own entropy.
 *
 *     struct story s;
 *     struct ls_error err;
 *     if (story_write(&s, seed, number, &err) == 0)
 *         printf("%s (%.1f bits)\n", s.text, s.bits);
 *
 * A story is expanded from a grammar of sentences and word sets. Each choice among n members that
 * are equally likely adds log2(n) to the story's bits (a weighted choice of probability p adds
 * log2(1/p)), so the mean of bits over stories bounds the entropy of the text from above, and is
 * equal to it where no text can be made in two ways.
 *
 * Notation of the members of a rule:
 *     a|b          members; "#3 " in front of a member gives it weight 3
 *     <name>       expand a member of the rule `name`
 *     {a|b}        the same, in place
 *     (a;b)        a in a story told in the past, b in the present; each may have members
 *     [x=name]     bind letter x to a member of `name` that no other letter holds
 *     [x:text]     bind letter x to a text
 *     [!past]      the tense of the whole story ([!present])
 *     $x $x2       what x is bound to: field 0, field 2 (fields are separated by '/')
 *     ~verb        third person singular in the story's tense; ~~verb the plural
 *     ^            the next letter is a capital
 *     a_ A_        "a" or "an", as the next word wants
 *     *            a quotation mark
 */

#ifndef LOCKSTEP_STORIES_H
#define LOCKSTEP_STORIES_H

#include "csrc/base/error.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { STORY_TEXT_MAX = 4096 };

struct story {
    char text[STORY_TEXT_MAX]; /* one line, NUL-terminated, no newline */
    size_t length;             /* bytes in text */
    unsigned words;            /* words in text */
    unsigned unused;           /* letters that were bound by choice but never written */
    double bits;               /* log2 of the number of choices that were made */
};

/* Writes the story number `index` of `seed`: the same pair always gives the same text. Returns 0,
 * or -1 with a message in err when the grammar itself is wrong.
 */
int story_write(struct story *story, uint64_t seed, uint64_t index, struct ls_error *err);

#ifdef __cplusplus
}
#endif

#endif
