/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Forms of English verbs for the story generator.
 *
 *     char form[32];
 *     verb_form(form, sizeof form, "carry", 1, 0); // "carried"
 */

#ifndef LOCKSTEP_STORIES_VERBS_H
#define LOCKSTEP_STORIES_VERBS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes the past or present form of `verb` (a base form) for he/she/it, or for they, to out[cap].
 */
void verb_form(char *out, size_t cap, const char *verb, int past, int plural);

#ifdef __cplusplus
}
#endif

#endif
