/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What looks on while the device runs: an observer is one file that fills this struct in, and one
 * line in a session's list. What it does not care about is NULL.
 *
 *     const struct observer observe_commits = {
 *         .open = commits_open, .commit = commits_commit, .close = commits_close};
 */
#ifndef LOCKSTEP_OBSERVER_H
#define LOCKSTEP_OBSERVER_H

#include "csrc/base/error.h"
#include "sim/check/scoreboard.h"
#include "sim/device/device.h"

#ifdef __cplusplus
extern "C" {
#endif

struct session;

struct observer {
    /* Before the model is loaded: leaves in *self what the other functions are given, or NULL if
     * it takes no part. Without `open` it is `session`. Returns 0, or -1 with `err`. */
    int (*open)(struct session *session, void **self, struct ls_error *err);
    void (*begin)(void *self); /* the model is loaded, the first prompt comes */

    /* As struct device tells it; a commit that returns other than 0 ends the run. */
    int (*commit)(void *self, const struct device_commit *commit);
    void (*pulse)(void *self, enum device_pulse pulse);
    void (*part)(void *self, uint32_t unit, uint64_t energy);
    void (*window)(void *self, uint32_t die, uint32_t package, uint32_t pace);
    void (*cycle)(void *self); /* dear: the device runs as fast without it only if nobody has it */
    void (*progress)(void *self);
    /* As struct scoreboard tells it; of a token on the golden model's thread. */
    void (*op)(void *self, const struct scoreboard_op *op);
    void (*token)(void *self, uint32_t sequence, uint32_t position, uint32_t token,
                  const uint32_t *logits);

    /* The device has stopped and can be read: may say that something is not right after all. */
    void (*check)(void *self);
    int (*close)(void *self, struct ls_error *err); /* 0, or -1 with `err`; frees self */
};

/* The checks: every word against the golden model, the cycles of every op, counters with energy
 * and heat. Others read what they found, so they come first in a list. */
extern const struct observer observe_words, observe_power, observe_cycles;

#ifdef __cplusplus
}
#endif
#endif
