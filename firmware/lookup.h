/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Drafts from the text itself: what came behind the newest tokens when they stood together before.
 *
 *     count = lookup_draft(tokens, known, drafts, 3);
 */
#ifndef LOCKSTEP_LOOKUP_H
#define LOCKSTEP_LOOKUP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LOOKUP_MOST 3u /* tokens that are looked for together */

/* Looks for the last 3 tokens where they stood last before, else for the last 2, else for the last
 * one, and puts `most` tokens of what follows there into `drafts`; past the end of the text it goes
 * on with the drafts. Returns how many: `most`, or 0 if the last token is new. */
uint32_t lookup_draft(const uint32_t *tokens, uint32_t count, uint32_t *drafts, uint32_t most);

#ifdef __cplusplus
}
#endif
#endif
