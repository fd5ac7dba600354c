/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model's threads: each part is done once, whatever their numbers; two parts are under
 * way at a time; all are over when the call returns; and nothing is left of a pool.
 */
#include <time.h>

#include "csrc/golden/golden_pool.h"
#include "tests/kit/blocks.h"
#include "tests/kit/host_test.h"

enum { THREADS = 6, PARTS = 40 };

struct work {
    unsigned done[PARTS], begun;
};

static void count(void *context, unsigned part) {
    struct work *w = context;
    if (part % 3 == 0)
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
    __atomic_add_fetch(&w->done[part % PARTS], 1, __ATOMIC_SEQ_CST);
}

/* Waits for the other part, but not for ever. */
static void meet(void *context, unsigned part) {
    struct work *w = context;
    __atomic_add_fetch(&w->begun, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 5000 && __atomic_load_n(&w->begun, __ATOMIC_SEQ_CST) < 2; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    w->done[part] = __atomic_load_n(&w->begun, __ATOMIC_SEQ_CST);
}

static void test_parts(struct host_test *t, struct golden_pool *pool, unsigned threads) {
    CHECK(t, golden_pool_threads(pool) == threads, "%u threads, not %u", golden_pool_threads(pool),
          threads);
    for (unsigned parts = 0; parts < PARTS; parts++) {
        struct work w = {{0}, 0};
        golden_pool_run(pool, count, &w, parts);
        for (unsigned i = 0; i < PARTS; i++)
            CHECK(t, w.done[i] == (i < parts), "%u threads, part %u of %u: %u times", threads, i,
                  parts, w.done[i]);
    }
    struct work both = {{0}, 0};
    if (threads == 1)
        return;
    golden_pool_run(pool, meet, &both, 2);
    CHECK(t, both.done[0] == 2 && both.done[1] == 2, "%u threads: one part after the other",
          threads);
}

int main(void) {
    struct host_test t = {"golden_pool", 0, 0};
    long before = 0;
    for (int again = 0; again < 2; again++) { /* what libraries keep, they have the second time */
        before = blocks_held();
        for (unsigned threads = 0; threads <= THREADS; threads++) {
            struct golden_pool *pool;
            struct ls_error err = {""};
            CHECK(&t, golden_pool_open(threads, &pool, &err) == 0, "%s", err.text);
            CHECK(&t, (pool == NULL) == (threads <= 1), "%u threads", threads);
            test_parts(&t, pool, threads == 0 ? 1 : threads);
            golden_pool_close(pool);
        }
    }
    CHECK(&t, blocks_held() == before, "%ld blocks are left", blocks_held() - before);
    return host_test_finish(&t);
}
