/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A completion: what is asked for, and what has come of it.
 *
 *     struct generation *g = generation_make(tokens, count, &request);
 *     if (g != NULL && generation_keep(g, event))
 *         show(g->text, g->size);
 *     generation_free(g);
 */
#ifndef LOCKSTEP_GENERATION_H
#define LOCKSTEP_GENERATION_H

#include <stdbool.h>

#include "sim/library/lockstep.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GENERATION_NAME 48u

/* A completion under way. What is below the line changes; look at it between engine_lock and
 * engine_unlock. */
struct generation {
    uint32_t *tokens; /* [count] the prompt, owned */
    size_t count;
    struct lockstep_request request; /* its texts are owned, too */
    int socket;                      /* of the client, to see that it goes away; -1: none */
    void (*wake)(void *context);     /* there is more; called under the lock, may be NULL */
    void *context;
    char name[GENERATION_NAME]; /* of the completion that it is of, for watch.h */

    char *text; /* [size] so far */
    size_t size, room;
    uint32_t *ids;                 /* [generated] */
    size_t *ends;                  /* [generated] bytes of text that were there behind each token */
    double *logprobs;              /* [generated], and [generated][request.top_logprobs] the best */
    struct lockstep_logprob *tops; /* ones, if the request asks for them */
    uint32_t generated, id_room;
    uint32_t golden; /* tokens of the golden model */
    uint32_t drafts, drafts_taken;
    bool over;
    enum lockstep_end end;
    uint32_t stop;
    int status; /* LOCKSTEP_END_FAILED: what happened; also of a submission that was refused */
    char error[256];
    double begun, first, last; /* seconds: taken by the device; its first and its newest token */
    uint32_t sequence, reused; /* tokens of the prompt whose K and V were still there */

    struct generation *next; /* the engine's */
    struct engine *engine;
    uint64_t id;
    bool submitted, dropped, waiting;
};

/* Takes over `tokens` and copies the texts of `request`, whose prompt is not looked at. NULL: out
 * of memory, then `tokens` is freed. */
struct generation *generation_make(uint32_t *tokens, size_t count,
                                   const struct lockstep_request *request);

/* Keeps text and token of an event; false: no memory. */
bool generation_keep(struct generation *generation, const struct lockstep_event *event);

void generation_free(struct generation *generation); /* NULL is allowed */

double generation_now(void); /* seconds of a clock that only goes forward */

#ifdef __cplusplus
}
#endif
#endif
