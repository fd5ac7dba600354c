/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model on a thread of its own, all tokens of a pass at once, against golden_run token
 * by token: whenever a record is waited for, it is there, or its slot has ended as it should,
 * however fast either thread is. Some rows of the embedding are spoilt, so that slots end in
 * several ops. Locks are those below, which tell of one that is not held where it should be.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "sim/check/ahead.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#define SLOTS   4u
#define CONTEXT 64u
#define PASSES  60u

#define SEEN __attribute__((visibility("default")))

static long wrong_locks, waits, locks; /* locks: not destroyed yet */

static int note(int status) {
    __atomic_add_fetch(&wrong_locks, status != 0, __ATOMIC_SEQ_CST);
    return status;
}

static int with_mutex(const char *name, pthread_mutex_t *mutex) {
    int (*next)(pthread_mutex_t *);
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(&next, &found, sizeof next);
    return note(next(mutex));
}

SEEN int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes) {
    int (*next)(pthread_mutex_t *, const pthread_mutexattr_t *);
    void *found = dlsym(RTLD_NEXT, "pthread_mutex_init");
    pthread_mutexattr_t checked;
    memcpy(&next, &found, sizeof next);
    locks++;
    pthread_mutexattr_init(&checked);
    pthread_mutexattr_settype(&checked, PTHREAD_MUTEX_ERRORCHECK);
    return note(next(mutex, attributes != NULL ? attributes : &checked));
}

SEEN int pthread_mutex_lock(pthread_mutex_t *mutex) {
    return with_mutex("pthread_mutex_lock", mutex);
}

SEEN int pthread_mutex_unlock(pthread_mutex_t *mutex) {
    return with_mutex("pthread_mutex_unlock", mutex);
}

SEEN int pthread_mutex_destroy(pthread_mutex_t *mutex) {
    locks--;
    return with_mutex("pthread_mutex_destroy", mutex);
}

SEEN int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    int (*next)(pthread_cond_t *, pthread_mutex_t *);
    void *found = dlsym(RTLD_NEXT, "pthread_cond_wait");
    memcpy(&next, &found, sizeof next);
    __atomic_add_fetch(&waits, 1, __ATOMIC_SEQ_CST);
    return note(next(condition, mutex));
}

static struct ls_model *spoilt_model(char **bytes) {
    static const uint32_t bad[] = {0x7fc00000u, 0x48800000u, 0x473fffffu}; /* NaN, 2^18, 49151 */
    struct ls_model *model;
    struct ls_error err;
    struct gguf *gguf;
    size_t size;
    *bytes = host_read(HOST_MADE("F32"), &size);
    if (gguf_open_memory("made", *bytes, size, &gguf, &err) != 0 ||
        ls_model_from_gguf(gguf, &model, &err) != 0) {
        printf("FAIL ahead: %s\n", err.text);
        exit(1);
    }
    const struct gguf_tensor *rows = model->tensor[ROLE_TOKEN_EMBD];
    for (uint32_t i = 0; i < 3; i++) /* tokens 0, 1 and 2 */
        memcpy(*bytes + ((const char *)rows->data - *bytes) + 4 * (i * model->dim + 5 * i), &bad[i],
               4);
    return model;
}

static struct golden *open_golden(const struct ls_model *model, unsigned slots) {
    struct golden *golden;
    struct ls_error err;
    if (golden_open(model, 16, slots, SLOTS, CONTEXT, &golden, &err) != 0) {
        printf("FAIL ahead: %s\n", err.text);
        exit(1);
    }
    return golden;
}

static void rest(uint64_t *random) {
    if (random_below(random, 8) == 0)
        nanosleep(&(struct timespec){.tv_nsec = random_below(random, 200000)}, NULL);
}

struct seen {
    uint64_t random; /* of the golden model's thread */
    uint32_t tokens, listed;
    uint64_t sum; /* of the logits told */
};

static void on_token(void *told, uint32_t sequence, uint32_t position, uint32_t token,
                     const uint32_t *logits) {
    struct seen *s = told;
    s->tokens++;
    s->listed += logits != NULL;
    s->sum = s->sum * 31 + sequence + position + token + (logits != NULL ? logits[7] : 0);
    rest(&s->random);
}

static bool is_same(const struct golden_record *a, const struct golden_record *b) {
    return a->op == b->op && a->count == b->count &&
           memcmp(a->words, b->words, a->count * sizeof *a->words) == 0;
}

/* Each record as soon as it is said to stand; what ended must have ended so alone. */
static void check_pass(struct host_test *t, struct ahead *ahead, const struct golden *golden,
                       struct golden *const alone[SLOTS], uint32_t slots, uint64_t *random) {
    for (size_t i = 0;; i++) {
        bool more = false;
        const size_t ready = ahead_wait(ahead, i);
        CHECK(t, ready > i, "record %zu does not stand", i);
        for (uint32_t s = 0; s < slots; s++) {
            size_t have, all;
            const bool ended = golden_has_ended(golden, s); /* first: it goes on meanwhile */
            const struct golden_record *r = golden_records(golden, s, &have);
            const struct golden_record *e = golden_records(alone[s], s, &all);
            CHECK(t, (have > i || ended) && have <= all && (!ended || have == all),
                  "slot %u: %zu of %zu records", s, have, all);
            CHECK(t, have <= i || is_same(&r[i], &e[i]), "slot %u, record %zu", s, i);
            if (ended) {
                const struct golden_stop *x = golden_slot_stop(golden, s),
                                         *y = golden_slot_stop(alone[s], s);
                CHECK(t,
                      x->fault == y->fault && x->input == y->input && x->met == y->met &&
                          strcmp(x->error.text, y->error.text) == 0,
                      "slot %u: %s", s, x->error.text);
            }
            more |= i < all;
        }
        if (!more)
            break;
        rest(random);
    }
}

/* Passes of up to SLOTS tokens of one or several sequences; one that fails ends its sequences. */
static void test_passes(struct host_test *t, const struct ls_model *model, uint64_t seed) {
    struct golden *golden = open_golden(model, SLOTS), *alone = open_golden(model, SLOTS);
    struct golden *const each[SLOTS] = {alone, alone, alone, alone};
    struct seen seen = {.random = seed}, expected = {.random = seed};
    uint64_t random = seed;
    uint32_t next[SLOTS] = {0};
    bool met = false;
    struct ahead *ahead;
    struct ls_error err;
    if (ahead_open(golden, &ahead, &err) != 0)
        exit(1);
    ahead_follow(ahead, on_token, &seen);
    for (uint32_t pass = 0; pass < PASSES && !met; pass++) {
        const uint32_t slots = 1 + random_below(&random, SLOTS);
        const uint32_t sequence = random_below(&random, SLOTS);
        const bool spread = random_below(&random, 2) == 0;
        struct ahead_token tokens[SLOTS];
        for (uint32_t s = 0; s < slots; s++) {
            const uint32_t of = spread ? s : sequence;
            if (next[of] == CONTEXT)
                next[of] = 0;
            const bool bad = pass > 10 && random_below(&random, 6) == 0;
            tokens[s] =
                (struct ahead_token){.slot = s,
                                     .sequence = of,
                                     .position = next[of]++,
                                     .token = random_below(&random, bad ? 3 : 200) + (bad ? 0 : 3),
                                     .wanted = random_below(&random, 2) == 0};
            const struct ahead_token *k = &tokens[s];
            CHECK(t, ahead_begin(ahead, k, &err) == 0, "%s", err.text);
        }
        /* golden_run says so, too; of a slot behind one that failed only what comes before counts
         */
        for (uint32_t s = 0; s < slots; s++) {
            const struct ahead_token *k = &tokens[s];
            met |= golden_run(alone, s, k->sequence, k->position, k->token, k->wanted, &err) != 0;
            on_token(&expected, k->sequence, k->position, k->token,
                     k->wanted && !met ? golden_logits(alone, s) : NULL);
        }
        /* the next pass may begin before this one was looked at, and waits for it */
        if (!met && random_below(&random, 3) == 0)
            ahead_wait(ahead, 0);
        else
            check_pass(t, ahead, golden, each, slots, &random);
    }
    ahead_finish(ahead);
    CHECK(t,
          seen.tokens == expected.tokens && seen.listed == expected.listed &&
              seen.sum == expected.sum,
          "told of %u tokens, %u with logits", seen.tokens, seen.listed);
    CHECK(t, ahead_begin(ahead, &(struct ahead_token){SLOTS, 0, 0, 5, false}, &err) != 0,
          "a slot that is not there");
    ahead_close(ahead);
    golden_close(golden);
    golden_close(alone);
}

/* Planted: a bit of a word of one of the two. */
static void test_planted(struct host_test *t, const struct ls_model *model) {
    struct host_test planted = {NULL, 0, 0};
    struct golden *golden = open_golden(model, SLOTS), *alone = open_golden(model, SLOTS);
    struct golden *const each[SLOTS] = {alone, alone, alone, alone};
    uint64_t random = 1;
    struct ahead *ahead;
    struct ls_error err;
    size_t count;
    if (ahead_open(golden, &ahead, &err) != 0 ||
        ahead_begin(ahead, &(struct ahead_token){0, 0, 0, 9, true}, &err) != 0 ||
        golden_run(alone, 0, 0, 0, 9, true, &err) != 0)
        exit(1);
    const struct golden_record *r = golden_records(alone, 0, &count);
    *(uint32_t *)(uintptr_t)&r[count / 2].words[3] ^= 1;
    check_pass(&planted, ahead, golden, each, 1, &random);
    CHECK(t, planted.failures == 1, "%lu differences instead of one", planted.failures);
    ahead_close(ahead);
    golden_close(golden);
    golden_close(alone);
}

int main(void) {
    struct host_test t = {"ahead", 0, 0};
    char *bytes;
    const long before = locks;
    struct ls_model *model = spoilt_model(&bytes);
    for (uint64_t seed = 1; seed <= 30; seed++)
        test_passes(&t, model, seed);
    test_planted(&t, model);
    CHECK(&t, waits > 0 && wrong_locks == 0 && locks == before,
          "%ld waits, %ld locks that fail, %ld that are left", waits, wrong_locks, locks - before);
    ls_model_close(model);
    free(bytes);
    return host_test_finish(&t);
}
