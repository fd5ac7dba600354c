/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * When the weights are there: the fetch walker, the weight port and the beat FIFO as equations of
 * the kind "not before a, nor before b": every time is the greatest of a few times plus constants.
 * Beats are numbered through the pass, in the order in which they come and are used.
 *
 *     cycles_port_pass(&port, cycle, &walk, slots, count);
 *     cycles_port_fetch(&port);           // the aligner turns to the oldest fetch
 *     there = cycles_port_beat(&port, n); // beat n may be used from then on
 *     cycles_port_pop(&port, cycle);      // the oldest beat is let go of
 *     cycles_port_release(&port, cycle);  // and at last the fetch
 */
#ifndef LS_CYCLES_PORT_H
#define LS_CYCLES_PORT_H

#include "cycles.h"
#include "generated/device.h"
#include "walk.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CYCLES_PORT_HISTORY 16u /* of fetches; more than the port holds and asks for */

/* Bytes of a row of a tensor. */
uint64_t cycles_row_bytes(const struct fw_tensor *tensor);

struct cycles_fetch {
    uint64_t address; /* byte address */
    uint64_t beats;
    uint64_t first;    /* its first beat, in the pass */
    uint64_t accepted; /* cycle in which the port took it */
    uint64_t released; /* cycle in which the aligner gave it back */
};

struct cycles_port {
    const struct fw_model *model;
    uint32_t latency;     /* or CYCLES_ANY_PORT */
    uint32_t beat_bytes;  /* of a beat */
    uint32_t page_bytes;  /* whose bounds no burst crosses: a page of each channel */
    uint32_t depth;       /* beats of the FIFO */
    uint32_t burst_beats; /* of the longest burst */
    uint64_t *arrived;    /* [depth] by beat mod depth: cycle on the port */
    uint64_t *popped;     /* [depth] cycle in which it left the FIFO */
    uint64_t since;       /* of an unknown port: start of the op */
    uint64_t since_beat;  /* and its first beat */

    struct walk walk;        /* of the fetch walker */
    uint64_t shown;          /* cycle in which it shows the instruction at walk.pc */
    uint32_t rows_left, row; /* a row a slot: rows still to ask for, the next of them */
    struct cycles_slot slots[CYCLES_SLOTS];
    uint32_t slot_count;
    struct cycles_fetch fetches[CYCLES_PORT_HISTORY]; /* by number mod CYCLES_PORT_HISTORY */
    uint64_t asked, released; /* fetches: given to the port and turned to, given back */
    uint64_t beats_asked;     /* by fetches */

    uint64_t loading;    /* fetch of the next burst */
    uint64_t beats_left; /* of it, not yet asked for */
    uint64_t address;    /* of the next burst */
    uint64_t issued;     /* cycle of the last burst, or of the load */
    uint64_t beats_issued, beats_arrived, beats_popped;
    uint64_t last_beat[LOCKSTEP_PORT_BURSTS]; /* arrival of each burst's last beat */
    uint64_t bursts;
};

void cycles_port_pass(struct cycles_port *port, uint64_t cycle, const struct walk *walk,
                      const struct cycles_slot *slots, uint32_t count);

/* The other walker shows EXPERTS from `cycle` on, behind the ops whose weights have been asked for.
 * Returns the cycle in which both go on. */
uint64_t cycles_port_meet(struct cycles_port *port, uint64_t cycle);

/* An op that uses weights starts. */
void cycles_port_op(struct cycles_port *port, uint64_t start);

/* The oldest fetch that has not been turned to. */
const struct cycles_fetch *cycles_port_fetch(struct cycles_port *port);

/* Cycle from which on beat n lies in the FIFO. */
uint64_t cycles_port_beat(struct cycles_port *port, uint64_t n);

/* The oldest beat leaves the FIFO in `cycle`. */
void cycles_port_pop(struct cycles_port *port, uint64_t cycle);

/* The fetch that was turned to last is over. */
void cycles_port_release(struct cycles_port *port, uint64_t cycle);

#ifdef __cplusplus
}
#endif
#endif
