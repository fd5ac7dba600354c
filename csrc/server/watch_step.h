/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What watch.c keeps and watch_json.c shows.
 *
 *     for (uint32_t i = 0; i < WATCH_PASSES; i++)
 *         if (watch->ring[i].number != 0)
 *             show(&watch->ring[i]);
 */
#ifndef LOCKSTEP_WATCH_STEP_H
#define LOCKSTEP_WATCH_STEP_H

#include <pthread.h>

#include "watch.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WATCH_SLOTS  16u /* of a pass */
#define WATCH_TOKENS 32u /* of a step: with those of the golden model */

struct token {
    uint64_t request;
    char completion[GENERATION_NAME];
    uint32_t index, token;
    bool golden;
    uint32_t *fed; /* [fed_count] all tokens up to the one that it came of */
    uint32_t fed_count;
};

/* A step: a pass of the device, or tokens of the golden model, or both. */
struct step {
    uint64_t number; /* from 1; 0: empty */
    bool has_pass;
    struct lockstep_pass pass;
    struct lockstep_slot slots[WATCH_SLOTS];
    struct lockstep_op *ops; /* [pass.ops] */
    struct token tokens[WATCH_TOKENS];
    uint32_t token_count;
};

struct watch {
    pthread_mutex_t lock;
    struct watch_device of;
    struct step ring[WATCH_PASSES];
    uint64_t number; /* of the newest */
    double asked;    /* when somebody did, for the last time */

    /* Of the device's thread alone. */
    struct step now;
    uint64_t pass; /* number of the device's newest one that was told */
    bool looking;
};

#ifdef __cplusplus
}
#endif
#endif
