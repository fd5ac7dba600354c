/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model on a thread of its own: a pass is computed while the device simulates it. Which
 * tokens it has is known when it begins, and each record is waited for before a word is compared
 * with it, so that what is found does not depend on which of the two is faster.
 *
 *     struct ahead *ahead;
 *     ahead_open(golden, &ahead, &err);
 *     ahead_begin(ahead, &token, &err);         // the tokens of a pass
 *     ready = ahead_wait(ahead, record);        // that record stands, and all before
 *     ahead_settle(ahead);                      // all of the pass does
 *     ahead_close(ahead);
 */
#ifndef LOCKSTEP_AHEAD_H
#define LOCKSTEP_AHEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/golden/golden.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ahead;

struct ahead_token {
    uint32_t slot, sequence, position, token;
    bool wanted; /* its logits */
};

/* Starts the thread. Returns 0, or -1 with `err`. */
int ahead_open(struct golden *golden, struct ahead **ahead, struct ls_error *err);
void ahead_close(struct ahead *ahead); /* NULL is allowed */

/* Tells, on that thread, of each token once its pass is computed: its logits, or NULL if it wants
 * none or the pass has met an error in its slot or in one before. */
void ahead_follow(struct ahead *ahead,
                  void (*on_token)(void *told, uint32_t sequence, uint32_t position, uint32_t token,
                                   const uint32_t *logits),
                  void *told);

/* A token of the pass that begins, once all of the pass before stands. As golden_begin. */
int ahead_begin(struct ahead *ahead, const struct ahead_token *token, struct ls_error *err);

/* Waits until record `record` of each slot of the pass stands, or the slot has ended before.
 * Returns how many do, as golden_ready. */
size_t ahead_wait(struct ahead *ahead, size_t record);

/* Waits until all of the pass stands; ahead_finish: and until all has been told. */
void ahead_settle(struct ahead *ahead);
void ahead_finish(struct ahead *ahead);

#ifdef __cplusplus
}
#endif
#endif
