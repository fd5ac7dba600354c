/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Of the walkers, the weight port and the beat FIFO: docs/cycles.md, The weight port. What is asked
 * for is worked out only as far as the ops have come.
 */
#include "cycles_port.h"

#include <string.h>

#include "csrc/base/device_info.h"

#define WALK_CYCLES  1u /* of both walkers, an instruction */
#define FETCH_CYCLES 5u /* from seeing an op to its fetch: table, size, factor, product */
#define PLACE_CYCLES 1u /* more where an expert's matrix is to be found */
#define ROW_CYCLES   3u /* from a slot's row to the next */

static uint64_t later(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

uint64_t cycles_row_bytes(const struct fw_tensor *tensor) {
    return type_row_bytes(&type_info[tensor->type], tensor->cols);
}

/* ---- The fetches ---- */

static struct cycles_fetch *fetch_at(struct cycles_port *p, uint64_t number) {
    return &p->fetches[number % CYCLES_PORT_HISTORY];
}

/* The next row or tensor that the fetch walker asks for; there is one. */
static void ask(struct cycles_port *p) {
    struct cycles_fetch *f = fetch_at(p, p->asked);
    uint64_t natural, bytes;
    if (p->rows_left != 0) {
        natural = fetch_at(p, p->asked - 1)->accepted + ROW_CYCLES;
    } else {
        uint32_t steps;
        while (walk_next(&p->walk, &steps) && walk_tensor(&p->walk) == NULL) {
            p->shown += WALK_CYCLES * (steps + 1);
            walk_on(&p->walk);
        }
        p->shown += WALK_CYCLES * steps;
        natural = p->shown + FETCH_CYCLES + (walk_is_of_expert(&p->walk) ? PLACE_CYCLES : 0);
        p->rows_left = walk_rows_by_slot(&p->walk) ? p->slot_count : 1;
        p->row = 0;
    }
    const struct fw_tensor *t = walk_tensor(&p->walk);
    const struct cycles_slot *const slot = &p->slots[p->row];
    f->address = walk_address(&p->walk);
    bytes = walk_bytes(&p->walk);
    if (walk_rows_by_slot(&p->walk)) {
        bytes = cycles_row_bytes(t);
        f->address += bytes * walk_row(&p->walk, slot->token, slot->position);
    }
    f->beats = (f->address % p->beat_bytes + bytes + p->beat_bytes - 1) / p->beat_bytes;
    f->first = p->beats_asked;
    /* A place is free the cycle after one was given back. */
    f->accepted = p->asked < LOCKSTEP_PORT_FETCHES
                      ? natural
                      : later(natural, fetch_at(p, p->asked - LOCKSTEP_PORT_FETCHES)->released + 1);
    p->beats_asked += f->beats;
    p->asked++;
    p->row++;
    if (--p->rows_left == 0) {
        p->shown = f->accepted + WALK_CYCLES;
        walk_on(&p->walk);
    }
}

uint64_t cycles_port_meet(struct cycles_port *p, uint64_t cycle) {
    for (; walk_op(&p->walk) != LOCKSTEP_OP_EXPERTS; walk_on(&p->walk))
        p->shown += WALK_CYCLES;
    p->shown = p->latency == CYCLES_ANY_PORT ? cycle : later(p->shown, cycle);
    const uint64_t met = p->shown;
    p->shown += WALK_CYCLES;
    walk_on(&p->walk);
    return met;
}

/* ---- Bursts and beats ---- */

static uint64_t less(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* The next burst and the arrival of its beats. */
static void issue(struct cycles_port *p) {
    if (p->beats_left == 0) { /* the next fetch, which has been turned to, is loaded */
        const struct cycles_fetch *f = fetch_at(p, p->loading++);
        p->issued = later(f->accepted, p->issued) + 1;
        p->beats_left = f->beats;
        p->address = f->address / p->beat_bytes * p->beat_bytes;
    }
    const uint64_t page = (p->page_bytes - p->address % p->page_bytes) / p->beat_bytes;
    const uint64_t beats = less(less(page, p->burst_beats), p->beats_left);
    uint64_t cycle = p->issued + 1;
    p->beats_issued += beats;
    if (p->beats_issued > p->depth) /* there must be room in the FIFO for all of it */
        cycle = later(cycle, p->popped[(p->beats_issued - 1) % p->depth] + 1);
    if (p->bursts >= LOCKSTEP_PORT_BURSTS)
        cycle = later(cycle, p->last_beat[p->bursts % LOCKSTEP_PORT_BURSTS] + 1);
    p->issued = cycle;
    p->beats_left -= beats;
    p->address += beats * p->beat_bytes;
    uint64_t arrives = cycle + 1 + later(p->latency, 1);
    for (uint64_t i = 0; i < beats; i++, p->beats_arrived++) {
        if (p->beats_arrived != 0)
            arrives = later(arrives, p->arrived[(p->beats_arrived - 1) % p->depth] + 1);
        p->arrived[p->beats_arrived % p->depth] = arrives;
    }
    p->last_beat[p->bursts++ % LOCKSTEP_PORT_BURSTS] = arrives;
}

void cycles_port_pass(struct cycles_port *p, uint64_t cycle, const struct walk *walk,
                      const struct cycles_slot *slots, uint32_t count) {
    p->walk = *walk;
    p->shown = cycle + WALK_CYCLES;
    memcpy(p->slots, slots, count * sizeof *slots);
    p->slot_count = count;
    p->rows_left = p->row = 0;
    p->asked = p->released = p->beats_asked = 0;
    p->loading = p->beats_left = p->issued = 0;
    p->beats_issued = p->beats_arrived = p->beats_popped = p->bursts = 0;
}

void cycles_port_op(struct cycles_port *p, uint64_t start) {
    p->since = start;
    p->since_beat = p->beats_popped;
}

const struct cycles_fetch *cycles_port_fetch(struct cycles_port *p) {
    ask(p);
    return fetch_at(p, p->asked - 1);
}

uint64_t cycles_port_beat(struct cycles_port *p, uint64_t n) {
    if (p->latency == CYCLES_ANY_PORT) { /* a full FIFO as the op starts, then a beat a cycle */
        const uint64_t behind = n - p->since_beat;
        return behind < p->depth ? 0 : p->since + behind - p->depth + 1;
    }
    while (p->beats_arrived <= n)
        issue(p);
    return p->arrived[n % p->depth] + 1;
}

void cycles_port_pop(struct cycles_port *p, uint64_t cycle) {
    p->popped[p->beats_popped++ % p->depth] = cycle;
}

void cycles_port_release(struct cycles_port *p, uint64_t cycle) {
    fetch_at(p, p->released++)->released = cycle;
}
