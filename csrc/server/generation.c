/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What a completion is made of.
 */
#include "generation.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

double generation_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void generation_free(struct generation *g) {
    if (g == NULL)
        return;
    for (size_t i = 0; i < g->request.stop_count; i++)
        free((void *)(uintptr_t)g->request.stop[i]);
    free((void *)(uintptr_t)g->request.stop);
    free((void *)(uintptr_t)g->request.logit_bias);
    free((void *)(uintptr_t)g->request.grammar);
    free(g->tokens);
    free(g->text);
    free(g->ids);
    free(g->ends);
    free(g->logprobs);
    free(g->tops);
    free(g);
}

struct generation *generation_make(uint32_t *tokens, size_t count,
                                   const struct lockstep_request *request) {
    struct generation *g = calloc(1, sizeof *g);
    char **stop = calloc(request->stop_count + 1, sizeof *stop);
    struct lockstep_bias *biases = calloc(request->logit_bias_count + 1, sizeof *biases);
    if (g == NULL || stop == NULL || biases == NULL) {
        free(g);
        free(stop);
        free(biases);
        free(tokens);
        return NULL;
    }
    g->request = *request;
    g->request.stop = (const char *const *)stop;
    g->request.stop_count = 0;
    for (size_t i = 0; i < request->logit_bias_count; i++)
        biases[i] = request->logit_bias[i];
    g->request.logit_bias = biases;
    g->request.grammar = request->grammar != NULL ? strdup(request->grammar) : NULL;
    g->tokens = tokens;
    g->count = count;
    g->socket = -1;
    if (g->request.grammar == NULL && request->grammar != NULL) {
        generation_free(g);
        return NULL;
    }
    for (size_t i = 0; i < request->stop_count; i++) {
        stop[i] = strdup(request->stop[i]);
        if (stop[i] == NULL) {
            generation_free(g);
            return NULL;
        }
        g->request.stop_count++;
    }
    return g;
}

static bool grow(void **array, size_t size, size_t count) {
    void *larger = realloc(*array, size * count);
    if (larger != NULL)
        *array = larger;
    return larger != NULL;
}

bool generation_keep(struct generation *g, const struct lockstep_event *event) {
    if (g->size + event->text_bytes + 1 > g->room) {
        const size_t room = 2 * (g->size + event->text_bytes) + 256;
        if (!grow((void **)&g->text, 1, room))
            return false;
        g->room = room;
    }
    memcpy(g->text + g->size, event->text, event->text_bytes);
    g->size += event->text_bytes;
    g->text[g->size] = '\0';
    if (event->token == UINT32_MAX)
        return true;
    if (g->generated == g->id_room) {
        const uint32_t room = 2 * g->id_room + 64;
        if (!grow((void **)&g->ids, sizeof *g->ids, room) ||
            !grow((void **)&g->ends, sizeof *g->ends, room) ||
            (g->request.logprobs != 0 && (!grow((void **)&g->logprobs, sizeof *g->logprobs, room) ||
                                          !grow((void **)&g->tops, sizeof *g->tops,
                                                room * (1 + (size_t)g->request.top_logprobs)))))
            return false;
        g->id_room = room;
    }
    g->golden += event->golden;
    g->drafts = event->drafts;
    g->drafts_taken = event->drafts_taken;
    if (g->request.logprobs != 0) {
        struct lockstep_logprob *tops = g->tops + (size_t)g->generated * g->request.top_logprobs;
        g->logprobs[g->generated] = event->logprob;
        for (uint32_t i = 0; i < g->request.top_logprobs; i++) /* of a small vocabulary fewer */
            tops[i] =
                i < event->top_count ? event->top[i] : (struct lockstep_logprob){UINT32_MAX, 0};
    }
    g->ids[g->generated] = event->token;
    g->ends[g->generated++] = g->size;
    g->last = generation_now();
    if (g->generated == 1)
        g->first = g->last;
    return true;
}
