/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Parts are taken under the lock, so a thread that wakes late finds none and does no harm.
 */
#include "golden_pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct golden_pool {
    pthread_mutex_t lock;
    pthread_cond_t more, over; /* parts to take; all are done */
    void (*work)(void *context, unsigned part);
    void *context;
    unsigned parts, next, done;
    bool closing;
    unsigned threads; /* started */
    pthread_t thread[];
};

/* Does one part, with the lock held before and after. */
static void take_part(struct golden_pool *p) {
    const unsigned part = p->next++;
    pthread_mutex_unlock(&p->lock);
    p->work(p->context, part);
    pthread_mutex_lock(&p->lock);
    if (++p->done == p->parts)
        pthread_cond_signal(&p->over);
}

static void *run(void *argument) {
    struct golden_pool *p = argument;
    pthread_mutex_lock(&p->lock);
    while (!p->closing)
        if (p->next < p->parts)
            take_part(p);
        else
            pthread_cond_wait(&p->more, &p->lock);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

int golden_pool_open(unsigned threads, struct golden_pool **pool, struct ls_error *err) {
    *pool = NULL;
    if (threads <= 1)
        return 0;
    struct golden_pool *p = calloc(1, sizeof *p + (threads - 1) * sizeof p->thread[0]);
    if (p == NULL)
        return ls_error_set(err, "out of memory for %u threads", threads);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->more, NULL);
    pthread_cond_init(&p->over, NULL);
    while (p->threads < threads - 1 && pthread_create(&p->thread[p->threads], NULL, run, p) == 0)
        p->threads++;
    if (p->threads < threads - 1) {
        golden_pool_close(p);
        return ls_error_set(err, "%u threads cannot be started", threads);
    }
    *pool = p;
    return 0;
}

void golden_pool_close(struct golden_pool *p) {
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_cond_broadcast(&p->more);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->threads; i++)
        pthread_join(p->thread[i], NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->more);
    pthread_cond_destroy(&p->over);
    free(p);
}

unsigned golden_pool_threads(const struct golden_pool *p) {
    return p == NULL ? 1 : p->threads + 1;
}

void golden_pool_run(struct golden_pool *p, void (*work)(void *context, unsigned part),
                     void *context, unsigned parts) {
    if (p == NULL || parts == 1) {
        for (unsigned part = 0; part < parts; part++)
            work(context, part);
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->work = work;
    p->context = context;
    p->parts = parts;
    pthread_cond_broadcast(&p->more);
    while (p->next < p->parts)
        take_part(p);
    while (p->done < p->parts)
        pthread_cond_wait(&p->over, &p->lock);
    p->parts = p->next = p->done = 0;
    pthread_mutex_unlock(&p->lock);
}
