/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The device in a thread of its own. Others hand it generations, look at what has come of them,
 * and are woken when there is more; what they ask of its state is a copy and answered at once. If
 * the device is lost, the golden model goes on where the settings say so, or its generations end,
 * it is switched off and on, and the next one finds it well.
 *
 *     struct engine *engine;
 *     if (engine_open(&settings, &engine, &err) != 0)
 *         return fail(err.text);
 *     struct generation *g = generation_make(tokens, count, &request);
 *     if (engine_submit(engine, g) != 0)
 *         return busy();
 *     engine_lock(engine);
 *     show(g->text, g->size);
 *     engine_unlock(engine);
 *     engine_drop(engine, g);
 *     engine_stop(engine, 5);
 *     engine_close(engine);
 */
#ifndef LOCKSTEP_ENGINE_H
#define LOCKSTEP_ENGINE_H

#include <stdbool.h>

#include "csrc/base/error.h"
#include "generation.h"
#include "sim/library/lockstep.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ENGINE_SEQUENCES 16u

struct watch;

struct engine_settings {
    const char *model, *draft_model; /* NULL: none */
    uint32_t sequences, context;     /* 0: all, as many as fit */
    uint32_t queue;                  /* generations that may wait beside those that run */
    struct lockstep_settings device;
};

/* Something to be done to what a free sequence holds; it waits until the sequence is free. What is
 * below the line changes. */
enum engine_action { ENGINE_SAVE, ENGINE_RESTORE, ENGINE_ERASE };

struct engine_task {
    enum engine_action action;
    uint32_t sequence;
    char path[1024];
    void (*wake)(void *context); /* it is over; under the lock */
    void *context;

    bool over;
    int status; /* LOCKSTEP_OK; INTERRUPTED: the engine ends */
    char error[256];
    uint32_t tokens;
    double seconds;

    struct engine_task *next; /* the engine's */
    bool dropped;
};

/* A copy of the state. */
struct engine_status {
    struct lockstep_telemetry telemetry;
    struct lockstep_sequence sequences[ENGINE_SEQUENCES];
    uint32_t waiting; /* generations that the device has not taken yet */
    uint64_t lost;    /* how often the device was, and its requests ended */
    uint64_t steps;
    double prompt_seconds, generation_seconds;
    char last_loss[256];
};

/* Opens device and model. Returns 0, or -1 with `err`. */
int engine_open(const struct engine_settings *settings, struct engine **engine,
                struct ls_error *err);

const struct lockstep_model_info *engine_model(const struct engine *engine);

/* Returns 0, or -1: the queue is full, or the engine ends. The generation stays the caller's. */
int engine_submit(struct engine *engine, struct generation *generation);

/* Nobody looks at it any more: it is cancelled if need be, and freed. */
void engine_drop(struct engine *engine, struct generation *generation);

/* The engine has the task until it is dropped, which frees it; NULL is allowed there. */
void engine_task(struct engine *engine, struct engine_task *task);
void engine_task_drop(struct engine *engine, struct engine_task *task);

void engine_lock(struct engine *engine);
void engine_unlock(struct engine *engine);

void engine_state(struct engine *engine, struct engine_status *status);
uint64_t engine_clock(const struct engine *engine); /* Hz, that device time is told at */
struct watch *engine_watch(struct engine *engine);
bool engine_is_golden(struct engine *engine); /* what is begun now is the golden model's */

/* No more submissions; what runs may go on for so many seconds, then it is cancelled. All
 * generations are over behind it. */
void engine_stop(struct engine *engine, double seconds);
void engine_close(struct engine *engine); /* behind engine_stop; NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif
