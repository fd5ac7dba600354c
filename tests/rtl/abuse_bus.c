/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 */
#include "abuse_bus.h"

#include <inttypes.h>

#include "tests/kit/random.h"

/* A channel of the master: it waits, offers, is taken; or one of the device's answers. */
struct channel {
    bool open;     /* still to be done */
    uint32_t wait; /* cycles until it is offered, or taken */
    bool held;     /* an answer was there in the cycle before, and not taken */
    uint64_t payload;
};

void abuse_tick(struct abuse_bus *bus) {
    device_tick(bus->device);
    if (bus->on_tick != NULL)
        bus->on_tick(bus->of);
}

static struct channel channel(struct abuse_bus *bus, bool open) {
    return (struct channel){.open = open, .wait = random_below(bus->random, bus->stall + 1)};
}

static bool offered(struct channel *c) {
    if (!c->open || c->wait == 0)
        return c->open;
    c->wait--;
    return false;
}

/* False: it is lost or another. */
static bool hold(struct abuse_bus *bus, struct channel *c, bool valid, bool ready, uint64_t payload,
                 const char *name) {
    const bool same = !c->held || (valid && c->payload == payload);
    CHECK(bus->test, same, "%s changed before it was taken", name);
    c->held = valid && !ready;
    c->payload = payload;
    return same;
}

static void note_time(struct abuse_bus *bus, uint64_t since) {
    const uint64_t cycles = bus->device->cycle - since;
    if (cycles > bus->longest && !bus->slow)
        bus->longest = cycles;
}

bool abuse_access(struct abuse_bus *bus, struct abuse_access *a) {
    const struct device_ports *p = &bus->device->port;
    struct channel aw = channel(bus, a->write), w = channel(bus, a->write),
                   ar = channel(bus, a->read), b = channel(bus, a->write),
                   r = channel(bus, a->read);
    uint64_t asked_w = bus->device->cycle, asked_r = asked_w; /* when all of it was offered */
    bool seen_w = false, seen_r = false;
    a->irq_before = *p->irq != 0;
    *p->awaddr = (uint16_t)a->waddr;
    *p->wdata = a->wdata;
    *p->wstrb = (uint8_t)a->strobes;
    *p->araddr = (uint16_t)a->raddr;
    while (b.open || r.open) {
        *p->awvalid = offered(&aw), *p->wvalid = offered(&w), *p->arvalid = offered(&ar);
        device_settle(bus->device);
        const bool bv = *p->bvalid != 0, rv = *p->rvalid != 0;
        CHECK(bus->test, !bv || (b.open && !aw.open && !w.open), "an answer to no write");
        CHECK(bus->test, !rv || (r.open && !ar.open), "an answer to no read");
        if (bv && !seen_w)
            note_time(bus, asked_w);
        if (rv && !seen_r)
            note_time(bus, asked_r);
        seen_w |= bv, seen_r |= rv;
        *p->bready = bv && offered(&b), *p->rready = rv && offered(&r);
        if (!hold(bus, &b, bv, *p->bready, *p->bresp, "the answer to a write") ||
            !hold(bus, &r, rv, *p->rready, *p->rdata | (uint64_t)*p->rresp << 32,
                  "the answer to a read"))
            return false;
        if (*p->bready)
            a->wresp = *p->bresp, b.open = false;
        if (*p->rready)
            a->rresp = *p->rresp, a->rdata = *p->rdata, r.open = false;
        const bool took_aw = *p->awvalid && *p->awready, took_w = *p->wvalid && *p->wready,
                   took_ar = *p->arvalid && *p->arready;
        abuse_tick(bus);
        aw.open &= !took_aw, w.open &= !took_w, ar.open &= !took_ar;
        const uint64_t now = bus->device->cycle;
        if (aw.wait != 0 || w.wait != 0)
            asked_w = now;
        if (ar.wait != 0)
            asked_r = now;
        const bool late = (b.open && !seen_w && now - asked_w > bus->bound) ||
                          (r.open && !seen_r && now - asked_r > bus->bound);
        CHECK(bus->test, !late,
              "no answer within %" PRIu64 " cycles: write %d of %04x, read %d of %04x", bus->bound,
              a->write, a->waddr, a->read, a->raddr);
        if (late)
            return false;
    }
    *p->awvalid = *p->wvalid = *p->arvalid = *p->bready = *p->rready = 0;
    dut_eval(bus->device->dut);
    a->irq_after = *p->irq != 0;
    return true;
}
