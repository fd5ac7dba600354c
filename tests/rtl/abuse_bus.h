/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * An AXI4-Lite master without manners for the whole device: each channel comes when it likes, a
 * read beside a write, answers are taken late. What the device offers must stay until it is taken,
 * and an access must be answered within `bound` cycles.
 *
 *     struct abuse_access a = {.read = true, .raddr = LOCKSTEP_REG_STATUS};
 *     if (abuse_access(&bus, &a))
 *         use(a.rresp, a.rdata);
 */
#ifndef ABUSE_BUS_H
#define ABUSE_BUS_H

#include "sim/device/device.h"
#include "tests/kit/host_test.h"

enum { ABUSE_OKAY = 0, ABUSE_SLVERR = 2 };

struct abuse_bus {
    struct host_test *test;
    struct device *device;
    uint64_t *random;
    uint32_t stall;            /* most cycles that a channel waits by itself */
    uint64_t bound;            /* cycles from a request to its answer */
    bool slow;                 /* the loader answers, which waits for its memory */
    uint64_t longest;          /* cycles to an answer, otherwise */
    void (*on_tick)(void *of); /* behind each cycle; may be NULL */
    void *of;
};

struct abuse_access {
    bool write, read; /* which of them */
    uint32_t waddr, wdata, strobes, raddr;
    uint32_t wresp, rresp, rdata; /* the answers */
    bool irq_before, irq_after;   /* the interrupt before the request and behind the answer */
};

void abuse_tick(struct abuse_bus *bus);

/* False: no answer came in time, which is a failure, and the bus is of no more use. */
bool abuse_access(struct abuse_bus *bus, struct abuse_access *access);

#endif
