/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Finds the cycles that somebody wants to see: those of a token, of a layer or an op in it, or
 * around the moment at which a signal takes a value. A run looks for them; a second run, which is
 * the same to the cycle, writes them to a trace.
 *
 *     struct window window = {.request = request};
 *     window_watch(&window, dut, &err);
 *     while (!window.found) {
 *         window_op(&window, &op);      // each that ends
 *         window_cycle(&window, cycle); // in each
 *     }
 *     window_end(&window); // window.first .. window.last
 */
#ifndef LOCKSTEP_WINDOW_H
#define LOCKSTEP_WINDOW_H

#include "csrc/base/error.h"
#include "sim/check/scoreboard.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WINDOW_ANY     UINT32_MAX
#define WINDOW_SIGNALS 4u

/* What is to be seen. `token` with or without `layer` and `op`, or `trigger`, or none. */
struct window_request {
    uint32_t token;         /* position in sequence 0, or WINDOW_ANY */
    uint32_t layer;         /* or WINDOW_ANY */
    const char *op;         /* tensor, "blk.2.attn_q", or op, "ROPE"; NULL: any */
    const char *trigger;    /* "SIGNAL=VALUE[,SIGNAL=VALUE...]" or "difference", or NULL */
    uint64_t before, after; /* cycles added to either side */
};

struct window {
    struct window_request request;
    struct {
        const void *signal;
        size_t bytes;
        uint64_t value;
    } watched[WINDOW_SIGNALS]; /* the trigger: all of them at once */
    uint32_t watched_count;
    bool begun, found;
    bool token_came, op_came; /* whether or not the rest of the request fits */
    uint32_t slot;            /* of the newest op in it; its next op ends the window */
    uint64_t first, last;     /* cycles of what was asked for; window_end adds before and after */
    char name[64];            /* of the op in it, for the markers */
};

/* A request for nothing. */
struct window_request window_request_none(void);

/* Whether there is something to look for. */
bool window_wants(const struct window_request *request);

/* Looks the trigger's signals up: a port, or in a build for tracing a probe
 * (sim/device/lockstep_ports.h). It has 64 bits at most. VALUE is a number, or the name of an op
 * (op, commit_op_o), error (error) or state (state). Returns 0, or -1 with `err`. */
int window_watch(struct window *window, struct dut *dut, struct ls_error *err);

/* An op has ended. */
void window_op(struct window *window, const struct scoreboard_op *op);

/* Inputs have settled. Cheap if no signal is watched. */
void window_cycle(struct window *window, uint64_t cycle);

/* The first difference, at `cycle`, of an op that began at `begin`. The run ends with it, so it is
 * shown whatever was asked for. */
void window_difference(struct window *window, uint64_t begin, uint64_t cycle);

/* The run is over: adds the margins. Returns whether there is a window. */
bool window_end(struct window *window);

/* The run of `cycles` is over without a window: why, in one line. Returns -1. */
int window_missing(const struct window *window, uint64_t cycles, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
