/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Recognises the stories of the generator: grammatical by its grammar, and straight about who is
 * who and what is where, as what one sentence binds holds in the next ones.
 *
 *     size_t fits;
 *     if (story_check(text, &fits, &err) == 0)
 *         printf("no story from here on: %s\n", text + fits);
 */

#ifndef LOCKSTEP_STORIES_CHECK_H
#define LOCKSTEP_STORIES_CHECK_H

#include "csrc/base/error.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Returns 1 if story_write could have written `text` for some seed, and 0 if not; *fits is then how
 * many bytes of it begin a story. Returns -1 with a message in err when the grammar itself is
 * wrong.
 */
int story_check(const char *text, size_t *fits, struct ls_error *err);

#ifdef __cplusplus
}
#endif

#endif
