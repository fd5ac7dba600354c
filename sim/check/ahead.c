/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One pass is under way at most: the next one begins when all of it has been compared.
 */
#include "ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 8u  /* of a pass */
#define SPINS 500 /* looks at what may come any moment, before sleeping */

struct ahead {
    struct golden *golden;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work, news;        /* something to do; something is done */
    struct ahead_token posted[SLOTS]; /* the pass to compute, */
    uint32_t count;                   /* of so many tokens; 0: none */
    bool busy, closing;
    size_t wanted; /* the other thread sleeps until so many records stand; 0: it does not */
    bool met;      /* an error, in this pass or before; of the golden model's thread */
    struct ahead_token tokens[SLOTS]; /* of the pass that begins, not yet posted; */
    uint32_t begun;                   /* so many; both of the other thread */
    void (*on_token)(void *told, uint32_t sequence, uint32_t position, uint32_t token,
                     const uint32_t *logits);
    void *told;
};

/* ---- the thread ---- */

static void on_records(void *told) {
    struct ahead *a = told;
    const size_t wanted = __atomic_load_n(&a->wanted, __ATOMIC_SEQ_CST);
    if (wanted == 0 || golden_ready(a->golden) < wanted)
        return;
    pthread_mutex_lock(&a->lock);
    pthread_cond_broadcast(&a->news);
    pthread_mutex_unlock(&a->lock);
}

/* The slots are released before the tokens are told of: the words stay until the next pass is
 * computed, by this same thread. */
static void compute(struct ahead *a, const struct ahead_token *tokens, uint32_t count) {
    const uint32_t *logits[SLOTS];
    golden_compute(a->golden);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t slot = tokens[i].slot;
        a->met |= golden_slot_stop(a->golden, slot)->fault != GOLDEN_FAULT_NONE;
        logits[i] = tokens[i].wanted && !a->met ? golden_logits(a->golden, slot) : NULL;
    }
    golden_release(a->golden);
    for (uint32_t i = 0; i < count && a->on_token != NULL; i++)
        a->on_token(a->told, tokens[i].sequence, tokens[i].position, tokens[i].token, logits[i]);
}

static void *run(void *argument) {
    struct ahead *a = argument;
    struct ahead_token tokens[SLOTS];
    pthread_mutex_lock(&a->lock);
    for (;;) {
        while (a->count == 0 && !a->closing)
            pthread_cond_wait(&a->work, &a->lock);
        if (a->count == 0)
            break;
        const uint32_t count = a->count;
        memcpy(tokens, a->posted, sizeof tokens);
        a->busy = true;
        a->count = 0;
        pthread_mutex_unlock(&a->lock);
        compute(a, tokens, count);
        pthread_mutex_lock(&a->lock);
        a->busy = false;
        pthread_cond_broadcast(&a->news);
    }
    pthread_mutex_unlock(&a->lock);
    return NULL;
}

/* ---- the other one ---- */

int ahead_open(struct golden *golden, struct ahead **ahead, struct ls_error *err) {
    struct ahead *a = calloc(1, sizeof *a);
    *ahead = NULL;
    if (a == NULL)
        return ls_error_set(err, "out of memory");
    a->golden = golden;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->work, NULL);
    pthread_cond_init(&a->news, NULL);
    golden_follow(golden, on_records, a);
    if (pthread_create(&a->thread, NULL, run, a) != 0) {
        free(a);
        return ls_error_set(err, "no thread for the golden model");
    }
    *ahead = a;
    return 0;
}

void ahead_close(struct ahead *a) {
    if (a == NULL)
        return;
    pthread_mutex_lock(&a->lock);
    a->closing = true;
    pthread_cond_signal(&a->work);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->work);
    pthread_cond_destroy(&a->news);
    free(a);
}

void ahead_follow(struct ahead *a,
                  void (*on_token)(void *told, uint32_t sequence, uint32_t position, uint32_t token,
                                   const uint32_t *logits),
                  void *told) {
    a->on_token = on_token;
    a->told = told;
}

/* What has begun is a pass: no other token belongs to it. */
static void post(struct ahead *a) {
    if (a->begun == 0)
        return;
    pthread_mutex_lock(&a->lock);
    memcpy(a->posted, a->tokens, sizeof a->posted);
    a->count = a->begun;
    a->begun = 0;
    pthread_cond_signal(&a->work);
    pthread_mutex_unlock(&a->lock);
}

int ahead_begin(struct ahead *a, const struct ahead_token *t, struct ls_error *err) {
    if (a->begun == 0 || a->begun == SLOTS)
        ahead_settle(a);
    if (golden_begin(a->golden, t->slot, t->sequence, t->position, t->token, t->wanted, err) != 0)
        return -1;
    a->tokens[a->begun++] = *t;
    return 0;
}

size_t ahead_wait(struct ahead *a, size_t record) {
    size_t ready;
    post(a);
    for (int i = 0; i < SPINS; i++)
        if ((ready = golden_ready(a->golden)) > record)
            return ready;
    pthread_mutex_lock(&a->lock);
    __atomic_store_n(&a->wanted, record + 1, __ATOMIC_SEQ_CST);
    while ((ready = golden_ready(a->golden)) <= record)
        pthread_cond_wait(&a->news, &a->lock);
    __atomic_store_n(&a->wanted, 0, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&a->lock);
    return ready;
}

void ahead_settle(struct ahead *a) {
    ahead_wait(a, SIZE_MAX - 1);
}

void ahead_finish(struct ahead *a) {
    post(a);
    pthread_mutex_lock(&a->lock);
    while (a->count != 0 || a->busy)
        pthread_cond_wait(&a->news, &a->lock);
    pthread_mutex_unlock(&a->lock);
}
