/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Source of the format: "Trace Event Format", the Chromium project. A line an event.
 */
#include "timeline_json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "csrc/base/text.h"

#define COUNTERS 0u /* track number of counters, which have no track of their own */

int timeline_json_open(struct timeline_json *j, const char *path, uint64_t clock_hz,
                       struct ls_error *err) {
    *j = (struct timeline_json){.clock_hz = clock_hz};
    if (output_open(&j->out, path, err) != 0)
        return -1;
    fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", j->out.file);
    return 0;
}

/* 10^-12 s; ends of spans are rounded like beginnings, so spans that touch never overlap. */
static uint64_t picoseconds(const struct timeline_json *j, uint64_t cycle) {
    const uint64_t seconds = cycle / j->clock_hz, rest = cycle % j->clock_hz;
    return seconds * UINT64_C(1000000000000) +
           (uint64_t)((long double)rest * 1e12L / (long double)j->clock_hz + 0.5L);
}

static void put_us(FILE *f, const char *key, uint64_t ps) {
    fprintf(f, ",\"%s\":%" PRIu64 ".%06" PRIu64, key, ps / 1000000, ps % 1000000);
}

static void begin_event(struct timeline_json *j, const char *phase, uint32_t track,
                        const char *name, size_t size) {
    fprintf(j->out.file, "%s\n{\"ph\":\"%s\",\"pid\":1,\"tid\":%u,", j->events++ ? "," : "", phase,
            track);
    text_json_member(j->out.file, "name", name, size);
}

static void name_it(struct timeline_json *j, const char *what, uint32_t track, const char *name) {
    begin_event(j, "M", track, what, strlen(what));
    fputs(",\"ts\":0,\"args\":{", j->out.file);
    text_json_member(j->out.file, "name", name, strlen(name));
    fputs("}}", j->out.file);
}

void timeline_json_process(struct timeline_json *j, const char *name) {
    name_it(j, "process_name", COUNTERS, name);
    name_it(j, "thread_name", COUNTERS, "counters");
}

void timeline_json_track(struct timeline_json *j, uint32_t track, const char *name) {
    static const char order[] = "thread_sort_index";
    name_it(j, "thread_name", track, name);
    begin_event(j, "M", track, order, sizeof order - 1);
    fprintf(j->out.file, ",\"ts\":0,\"args\":{\"sort_index\":%u}}", track);
}

void timeline_json_span(struct timeline_json *j, uint32_t track, const char *name, size_t size,
                        uint64_t begin, uint64_t end, const char *args, ...) {
    const uint64_t from = picoseconds(j, begin);
    va_list list;
    begin_event(j, "X", track, name, size);
    put_us(j->out.file, "ts", from);
    put_us(j->out.file, "dur", picoseconds(j, end) - from);
    fprintf(j->out.file, ",\"args\":{\"cycle\":%" PRIu64 ",\"cycles\":%" PRIu64, begin,
            end - begin);
    va_start(list, args);
    vfprintf(j->out.file, args, list);
    va_end(list);
    fputs("}}", j->out.file);
}

void timeline_json_counter(struct timeline_json *j, const char *name, uint64_t cycle,
                           const char *args, ...) {
    va_list list;
    begin_event(j, "C", COUNTERS, name, strlen(name));
    put_us(j->out.file, "ts", picoseconds(j, cycle));
    fputs(",\"args\":{", j->out.file);
    va_start(list, args);
    vfprintf(j->out.file, args, list);
    va_end(list);
    fputs("}}", j->out.file);
}

size_t timeline_bare_size(const char *name, size_t size) {
    return size > 7 && memcmp(name + size - 7, ".weight", 7) == 0 ? size - 7 : size;
}

int timeline_json_close(struct timeline_json *j, struct ls_error *err) {
    if (j->out.file != NULL)
        fputs("\n]}\n", j->out.file);
    return output_close(&j->out, err);
}
