/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the device did in its newest passes, for who looks on (docs/server.md, The live page). The
 * device's thread tells it between steps, as long as somebody has asked of late; whoever asks gets
 * a copy at once.
 *
 *     struct watch *watch = watch_open(device);
 *     watch_before(watch, device);
 *     lockstep_step(device); // watch_token(watch, generation, event) for each token
 *     watch_behind(watch, device);
 *     watch_close(watch);
 */
#ifndef LOCKSTEP_WATCH_H
#define LOCKSTEP_WATCH_H

#include <cjson/cJSON.h>

#include "csrc/tokenizer/tokenizer.h"
#include "engine.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WATCH_PASSES  64u /* that are kept */
#define WATCH_SECONDS 10  /* behind a question, that passes are kept for */

/* What the capability registers say; 0 without a device. */
struct watch_device {
    uint32_t lanes, slots, port_bits, token_fifo, beat_fifo;
};

struct watch;

/* With a model loaded. NULL: out of memory. */
struct watch *watch_open(struct lockstep *device);
void watch_close(struct watch *watch); /* NULL is allowed */

/* ---- by the device's thread ---- */

void watch_before(struct watch *watch, struct lockstep *device);
void watch_token(struct watch *watch, const struct generation *generation,
                 const struct lockstep_event *event);
void watch_behind(struct watch *watch, struct lockstep *device);

/* ---- by any other ---- */

struct watch_device watch_of(const struct watch *watch);

/* Into `object`: "newest", the highest number so far, and "passes", the list of those above
 * `since`.
 */
void watch_passes(struct watch *watch, cJSON *object, uint64_t since,
                  const struct tokenizer *tokenizer);

/* One of them with its ops, and with what the waveform of each token is made by: `model` is the
 * path of the model. NULL: it is not kept any more. */
cJSON *watch_pass(struct watch *watch, uint64_t number, const struct tokenizer *tokenizer,
                  const char *model);

/* What a token came of, to compute it again. */
struct watch_again {
    char *ids; /* "1,15,7": all tokens up to `position`, to be freed */
    uint32_t position;
    bool alone; /* none of the prompt went in with it */
};

/* Of token `index` of a pass. false: it is not kept, or not the device's. */
bool watch_find(struct watch *watch, uint64_t number, uint32_t index, struct watch_again *again);

#ifdef __cplusplus
}
#endif
#endif
