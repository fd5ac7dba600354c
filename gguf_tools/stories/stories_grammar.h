/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The tables of the story generator (the notation is explained in stories.h). Each table ends with
 * an entry whose name is NULL. A name is defined once over all tables.
 */

#ifndef LOCKSTEP_STORIES_GRAMMAR_H
#define LOCKSTEP_STORIES_GRAMMAR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct story_rule {
    const char *name;   /* what <name> and [x=name] refer to */
    const char *suffix; /* appended to every member that [x=name] binds: shared fields */
    const char *body;   /* the members, separated by '|' */
};

extern const struct story_rule story_words[];    /* sets of words */
extern const struct story_rule story_frame[];    /* characters, endings */
extern const struct story_rule story_openings[]; /* first sentences */
extern const struct story_rule story_plots[];    /* plots about things */
extern const struct story_rule story_plots2[];   /* plots about feelings and plans */
extern const struct story_rule story_plots3[];   /* plots about work and care */

#ifdef __cplusplus
}
#endif

#endif
