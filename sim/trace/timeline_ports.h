/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The two sides of the device for a timeline: the firmware's register accesses, and the tensors
 * whose weights come in.
 *
 *     timeline_bus_watch(&bus, &device, &json, 1); // in each cycle
 *     if (timeline_stream_watch(&stream, &device, &json, 12))
 *         use(&stream.piece);
 *     timeline_bus_end(&bus, &json, 1);
 */
#ifndef LOCKSTEP_TIMELINE_PORTS_H
#define LOCKSTEP_TIMELINE_PORTS_H

#include <stdbool.h>

#include "csrc/gguf/gguf.h"
#include "sim/device/device.h"
#include "timeline_json.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TIMELINE_FETCHES 32u /* bursts on their way, and more */
#define TIMELINE_CLOSE   64u /* cycles between two things that make one span */

/* Accesses that follow each other closely. */
struct timeline_bus {
    bool open;
    uint64_t begin, last; /* cycles */
    uint32_t reads, writes, tokens_in, tokens_out;
};

/* A tensor whose beats came one behind the other. */
struct timeline_piece {
    const char *name; /* the GGUF's, without ".weight" */
    size_t size;
    uint64_t begin, end; /* cycles, end not included */
};

struct timeline_stream {
    const struct gguf *file; /* set before use */
    struct {
        const struct gguf_tensor *tensor;
        uint32_t beats; /* left */
    } fetches[TIMELINE_FETCHES];
    uint32_t first, count;
    const struct gguf_tensor *newest; /* of the last request: the next is often its */
    const struct gguf_tensor *now;    /* whose beats arrive, or NULL */
    uint64_t begin, last, beats;      /* of it */
    struct timeline_piece piece;      /* that ended last */
};

/* Writes a span when the accesses pause. */
void timeline_bus_watch(struct timeline_bus *bus, const struct device *device,
                        struct timeline_json *json, uint32_t track);
void timeline_bus_end(struct timeline_bus *bus, struct timeline_json *json, uint32_t track);

/* Write a span when the beats of another tensor arrive, or now. Return whether they did; then it is
 * stream->piece. */
bool timeline_stream_watch(struct timeline_stream *stream, const struct device *device,
                           struct timeline_json *json, uint32_t track);
bool timeline_stream_end(struct timeline_stream *stream, const struct device *device,
                         struct timeline_json *json, uint32_t track);

#ifdef __cplusplus
}
#endif
#endif
