/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A waveform of what the device does from one call to the next.
 */
#include <stdlib.h>
#include <string.h>

#include "library.h"

#define TRACE_BYTES 40000000u

/* The file is there, or not. */
static int end_trace(struct lockstep *d) {
    struct device *device = &d->session.device;
    struct device_trace *t = &device->trace;
    device_trace_end(device);
    const bool whole = t->written;
    const struct ls_error why = t->error;
    *t = (struct device_trace){0};
    if (device->status == DEVICE_TRACE)
        device->status = DEVICE_OK;
    return whole ? LOCKSTEP_OK : library_fail(d, LOCKSTEP_NOT_FOUND, "%s", why.text);
}

int lockstep_trace(struct lockstep *d, const char *path) {
    struct device *device = &d->session.device;
    int status = LOCKSTEP_OK;
    if (d->stepping)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "a callback cannot trace the device");
    if (d->out || d->lost != LOCKSTEP_OK)
        return library_fail(d, LOCKSTEP_DEVICE_FAILED, "there is no device to trace");
    if (device->trace.path != NULL)
        status = end_trace(d);
    free(d->trace);
    d->trace = NULL;
    if (path == NULL || status != LOCKSTEP_OK)
        return status;
    d->trace = strdup(path);
    if (d->trace == NULL)
        return library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
    device->trace = (struct device_trace){
        .path = d->trace, .first = device->cycle, .last = UINT64_MAX, .most = TRACE_BYTES};
    device->cycle_limit = 0;
    device_tick(device); /* opens it */
    return device->trace.open ? LOCKSTEP_OK : end_trace(d);
}

const char *lockstep_traced(const struct lockstep *d) {
    return d->session.device.trace.path;
}
