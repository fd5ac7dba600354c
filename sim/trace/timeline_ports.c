/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Beats come in the order of their requests, so a queue of requests says whose they are. All
 * channels of the weight port are asked for the same; what the first one does is shown.
 */
#include "timeline_ports.h"

#include <inttypes.h>
#include <string.h>

#include "generated/device.h"

#define MANY_READS 64u /* more than the firmware needs for anything but counters */

void timeline_bus_end(struct timeline_bus *b, struct timeline_json *json, uint32_t track) {
    const char *what = b->tokens_in != 0        ? "send tokens"
                       : b->tokens_out != 0     ? "take tokens"
                       : b->reads >= MANY_READS ? "read counters"
                                                : "registers";
    if (b->open)
        timeline_json_span(json, track, what, strlen(what), b->begin, b->last + 1,
                           ",\"reads\":%u,\"writes\":%u,\"tokens_in\":%u,\"tokens_out\":%u",
                           b->reads, b->writes, b->tokens_in, b->tokens_out);
    *b = (struct timeline_bus){0};
}

void timeline_bus_watch(struct timeline_bus *b, const struct device *device,
                        struct timeline_json *json, uint32_t track) {
    const struct device_ports *p = &device->port;
    if (b->open && device->cycle - b->last > TIMELINE_CLOSE)
        timeline_bus_end(b, json, track);
    if (!*p->bready && !*p->rready)
        return;
    if (!b->open)
        b->begin = device->cycle;
    b->open = true;
    b->last = device->cycle;
    if (*p->bready && *p->bvalid) {
        b->writes++;
        b->tokens_in += *p->awaddr == LOCKSTEP_REG_TOKEN_IN;
    }
    if (*p->rready && *p->rvalid) {
        b->reads++;
        b->tokens_out += *p->araddr == LOCKSTEP_REG_TOKEN_OUT;
    }
}

/* Bytes that a tensor has in first..end. */
static uint64_t overlap(const struct gguf_tensor *t, uint64_t first, uint64_t end) {
    const uint64_t from = t->offset > first ? t->offset : first;
    const uint64_t to = t->offset + t->size < end ? t->offset + t->size : end;
    return to > from ? to - from : 0;
}

/* Whole beats are read, so a burst may hold a bit of the neighbours: the tensor that has most. */
static const struct gguf_tensor *tensor_of(struct timeline_stream *s, uint64_t first,
                                           uint64_t bytes) {
    uint64_t most = 0;
    if (s->newest != NULL && overlap(s->newest, first, first + bytes) == bytes)
        return s->newest;
    for (uint64_t i = 0; i < s->file->tensor_count; i++) {
        const uint64_t now = overlap(&s->file->tensors[i], first, first + bytes);
        if (now > most) {
            most = now;
            s->newest = &s->file->tensors[i];
        }
    }
    return s->newest;
}

bool timeline_stream_end(struct timeline_stream *s, const struct device *device,
                         struct timeline_json *json, uint32_t track) {
    if (s->now == NULL)
        return false;
    s->piece.name = s->now->name.data;
    s->piece.size = timeline_bare_size(s->now->name.data, (size_t)s->now->name.size);
    s->piece.begin = s->begin;
    s->piece.end = s->last + 1;
    timeline_json_span(json, track, s->piece.name, s->piece.size, s->piece.begin, s->piece.end,
                       ",\"beats\":%" PRIu64 ",\"bytes\":%" PRIu64, s->beats,
                       s->beats * device->memory.beat_bytes);
    s->now = NULL;
    return true;
}

bool timeline_stream_watch(struct timeline_stream *s, const struct device *device,
                           struct timeline_json *json, uint32_t track) {
    const struct weight_mem *m = &device->memory;
    bool ended = false;
    if ((m->ar_taken & 1) != 0 && s->count < TIMELINE_FETCHES) {
        const struct weight_mem_burst *burst = weight_mem_asked(&m->channel[0]);
        const uint32_t at = (s->first + s->count++) % TIMELINE_FETCHES;
        s->fetches[at].tensor =
            tensor_of(s, burst->address, (uint64_t)burst->beats * m->beat_bytes);
        s->fetches[at].beats = burst->beats;
    }
    if ((m->r_taken & 1) == 0 || s->count == 0)
        return false;
    if (s->fetches[s->first].tensor != s->now) {
        ended = timeline_stream_end(s, device, json, track);
        s->now = s->fetches[s->first].tensor;
        s->begin = device->cycle;
        s->beats = 0;
    }
    s->last = device->cycle;
    s->beats++;
    if (--s->fetches[s->first].beats == 0) {
        s->first = (s->first + 1) % TIMELINE_FETCHES;
        s->count--;
    }
    return ended;
}
