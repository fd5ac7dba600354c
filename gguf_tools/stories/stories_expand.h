/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Expands the story grammar under a guide, who picks a member at each choice: by chance
 * (stories.c), or so that a given text comes out (stories_check.c).
 *
 *     struct story_guide guide = {.pick = first}; // takes member 0 each time
 *     status = story_expand(&story, &guide, &err);
 */

#ifndef LOCKSTEP_STORIES_EXPAND_H
#define LOCKSTEP_STORIES_EXPAND_H

#include "stories.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { STORY_MEMBERS_MAX = 96 };

struct story_span {
    const char *p, *end;
};

struct story_members {
    struct story_span text[STORY_MEMBERS_MAX];
    unsigned weight[STORY_MEMBERS_MAX];
    unsigned count, total; /* members; sum of their weights */
};

enum story_use {
    STORY_WRITE, /* the member is expanded here */
    STORY_BIND   /* the member is bound to a letter and written later */
};

/* A function of the guide may give the expansion up: it returns -1, and so does story_expand. */
struct story_guide {
    /* Sets *picked, below m->count. */
    int (*pick)(struct story_guide *guide, const struct story *so_far,
                const struct story_members *m, enum story_use use, unsigned *picked);
    /* Told of each character written; NULL if nobody listens. A space at the end of the text may
     * still go away, or become an 'n' after "a"; all before it stays.
     */
    int (*written)(struct story_guide *guide, const struct story *so_far);
};

/* Writes a story as the guide likes it. Returns 0, or -1: given up, or, with a message in err, when
 * the grammar itself is wrong.
 */
int story_expand(struct story *story, struct story_guide *guide, struct ls_error *err);

#ifdef __cplusplus
}
#endif

#endif
