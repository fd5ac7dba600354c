/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Writes the JSON of the Trace Event Format, which Perfetto and chrome://tracing open, event by
 * event as they come. Times are cycles here and microseconds in the file.
 *
 *     struct timeline_json json;
 *     timeline_json_open(&json, "run.json", 500000000, &err);
 *     timeline_json_track(&json, 3, "dot array");
 *     timeline_json_span(&json, 3, "blk.0.attn_q", 12, begin, end, ",\"beats\":%u", n);
 *     timeline_json_counter(&json, "temperature (C)", cycle, "\"die\":%.3f", die);
 *     if (timeline_json_close(&json, &err) != 0)
 *         puts(err.text);
 */
#ifndef LOCKSTEP_TIMELINE_JSON_H
#define LOCKSTEP_TIMELINE_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "csrc/base/output.h"

#ifdef __cplusplus
extern "C" {
#endif

struct timeline_json {
    struct output out;
    uint64_t clock_hz;
    uint64_t events;
};

/* Returns 0, or -1 with `err`. */
int timeline_json_open(struct timeline_json *json, const char *path, uint64_t clock_hz,
                       struct ls_error *err);

/* Names the one process of the file. */
void timeline_json_process(struct timeline_json *json, const char *name);

/* Names a track; tracks are shown in the order of their numbers. */
void timeline_json_track(struct timeline_json *json, uint32_t track, const char *name);

/* Cycles begin..end of a track, the last not included. `name`: `size` bytes, escaped here. `args`:
 * more members of the event's "args", each behind a comma; its strings must be plain. */
void timeline_json_span(struct timeline_json *json, uint32_t track, const char *name, size_t size,
                        uint64_t begin, uint64_t end, const char *args, ...)
    __attribute__((format(printf, 7, 8)));

/* New values of a counter with a member for each of its series. */
void timeline_json_counter(struct timeline_json *json, const char *name, uint64_t cycle,
                           const char *args, ...) __attribute__((format(printf, 4, 5)));

/* Bytes of a tensor's name without its ".weight". */
size_t timeline_bare_size(const char *name, size_t size);

/* Ends the file. Returns 0, or -1 with `err` if it could not be written in full. */
int timeline_json_close(struct timeline_json *json, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
