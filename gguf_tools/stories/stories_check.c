/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Tells whether the generator could have written a text. The expander runs under a guide that
 * takes, at each choice, the next member that the text allows; where the expansion leaves the
 * text, the last choice that has another member left takes that one, and the expansion begins
 * anew. Members that the text rules out at sight are not tried, so that few runs are needed.
 */

#include "stories_check.h"

#include "stories_expand.h"

#include <ctype.h>
#include <string.h>

enum { CHOICES_MAX = 1024 };

struct choice {
    unsigned taken, count; /* which of the members that the text allows; how many there are */
};

struct reader {
    struct story_guide guide; /* first, so that a guide is a reader */
    const char *text;
    size_t read;     /* bytes of text that this run has written */
    size_t furthest; /* the same, of the run that came furthest */
    int left;        /* this run has left the text */
    unsigned depth;  /* choices made in this run */
    unsigned count;  /* choices to make as listed; those after them take their first member */
    struct choice choices[CHOICES_MAX];
};

static int leave(struct reader *r) {
    r->left = 1;
    return -1;
}

static int follow(struct story_guide *guide, const struct story *so_far) {
    struct reader *r = (struct reader *)guide;
    size_t sure = so_far->length;
    if (sure > 0 && so_far->text[sure - 1] == ' ')
        sure--;
    for (; r->read < sure; r->read++) {
        if (r->text[r->read] != so_far->text[r->read])
            return leave(r);
        if (r->furthest <= r->read)
            r->furthest = r->read + 1;
    }
    return 0;
}

/* Whether the text may go on with a member: compares the letters before its first directive. */
static int may_follow(const struct reader *r, const struct story *so_far,
                      struct story_span member) {
    const char *at = r->text + r->read;
    const char *p = member.p;
    if (so_far->length > r->read && strncmp(at, "n ", 2) == 0)
        at++; /* a space was written here: "a" is to become "an" */
    while (*at == ' ')
        at++;
    for (; p < member.end && (isalpha((unsigned char)*p) || *p == ' '); p++, at++) {
        if (p + 1 < member.end && p[1] == '_') /* "a_" */
            return 1;
        if (*p == ' ' && (p + 1 == member.end || !isalpha((unsigned char)p[1])))
            return 1; /* what follows may take the space away */
        if (tolower((unsigned char)*p) != tolower((unsigned char)*at))
            return 0;
    }
    return 1;
}

/* Whether a letter may be bound to a member: what is bound is also written, as it stands (all that
 * is before the first '/'), unless it holds directives.
 */
static int may_occur(const struct reader *r, struct story_span member) {
    char field[64];
    size_t n = 0;
    for (const char *p = member.p; p < member.end && *p != '/'; p++) {
        if (strchr("{<([$~^*_", *p) != NULL || n + 1 == sizeof field)
            return 1;
        field[n++] = *p;
    }
    field[n] = '\0';
    return strcasestr(r->text + r->read, field) != NULL;
}

static int pick_as_read(struct story_guide *guide, const struct story *so_far,
                        const struct story_members *m, enum story_use use, unsigned *picked) {
    struct reader *r = (struct reader *)guide;
    unsigned allowed[STORY_MEMBERS_MAX], count = 0;
    for (unsigned i = 0; i < m->count; i++)
        if (use == STORY_BIND ? may_occur(r, m->text[i]) : may_follow(r, so_far, m->text[i]))
            allowed[count++] = i;
    if (count == 0 || r->depth == CHOICES_MAX)
        return leave(r);
    if (r->depth == r->count)
        r->choices[r->count++] = (struct choice){0, count};
    *picked = allowed[r->choices[r->depth++].taken];
    return 0;
}

/* Changes the last choice of this run that has another member left; 0 if none has. */
static int change_choice(struct reader *r) {
    while (r->count > 0) {
        struct choice *last = &r->choices[r->count - 1];
        if (++last->taken < last->count)
            return 1;
        r->count--;
    }
    return 0;
}

int story_check(const char *text, size_t *fits, struct ls_error *err) {
    struct reader r = {.guide = {pick_as_read, follow}, .text = text};
    struct story story;
    do {
        r.read = r.depth = 0;
        r.left = 0;
        int status = story_expand(&story, &r.guide, err);
        if (status != 0 && !r.left)
            return -1;
        *fits = r.furthest;
        if (status == 0 && text[story.length] == '\0')
            return 1;
    } while (change_choice(&r));
    return 0;
}
