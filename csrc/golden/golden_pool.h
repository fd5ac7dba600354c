/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Threads that share the parts of a piece of work with the thread that gives it to them.
 *
 *     struct golden_pool *pool;
 *     if (golden_pool_open(4, &pool, &err) != 0)
 *         return fail(err.text);
 *     golden_pool_run(pool, add_rows, &sums, 16); // add_rows(&sums, 0) to add_rows(&sums, 15)
 *     golden_pool_close(pool);
 */
#ifndef LS_GOLDEN_POOL_H
#define LS_GOLDEN_POOL_H

#include "csrc/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct golden_pool; /* NULL: no other threads */

/* threads: the giver's among them. Returns 0, or -1 with `err`; *pool is NULL for one thread. */
int golden_pool_open(unsigned threads, struct golden_pool **pool, struct ls_error *err);
void golden_pool_close(struct golden_pool *pool);

unsigned golden_pool_threads(const struct golden_pool *pool);

/* Returns when all parts are done; in which order they are, and by whom, is left open. */
void golden_pool_run(struct golden_pool *pool, void (*work)(void *context, unsigned part),
                     void *context, unsigned parts);

#ifdef __cplusplus
}
#endif
#endif
