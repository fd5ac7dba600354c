/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A picture (SVG) of one pass: its ops on a line for each unit, and how busy the units were.
 *
 *     struct gantt gantt = {0};
 *     gantt_begin(&gantt, cycle);
 *     gantt_op(&gantt, GANTT_DOT, op, layer, "blk.0.attn_q", 12, begin, end);
 *     gantt_cycle(&gantt, busy); // each cycle; bit u: unit u is busy
 *     gantt_end(&gantt, cycle);
 *     gantt_write(&gantt, path, title, clock_hz, &err); // or gantt_write_table
 *     gantt_close(&gantt);
 */
#ifndef LOCKSTEP_TIMELINE_GANTT_H
#define LOCKSTEP_TIMELINE_GANTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "csrc/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Lines of ops, top to bottom; the first four have a curve beneath. */
enum gantt_unit {
    GANTT_DOT,
    GANTT_PORT,
    GANTT_VECTOR,
    GANTT_ATTENTION,
    GANTT_SAMPLER,
    GANTT_UNITS,
    GANTT_CURVES = GANTT_SAMPLER
};

extern const char *const gantt_unit_name[GANTT_UNITS]; /* "dot array" */

#define GANTT_BINS 400u

struct gantt_op {
    enum gantt_unit unit;
    uint32_t kind, layer; /* kind: LOCKSTEP_OP_*; layer: UINT32_MAX outside the layers */
    char name[40];
    uint64_t begin, end; /* cycles, end not included */
};

struct gantt {
    uint64_t begin, end; /* of the pass */
    struct gantt_op *ops;
    size_t count, room;
    uint32_t busy[GANTT_CURVES][GANTT_BINS]; /* cycles of a bin in which the unit was busy */
    uint32_t bin_cycles, bin, in_bin;        /* a bin's length, the open one and its cycles */
    uint64_t total[GANTT_CURVES];            /* busy cycles of the pass */
    bool whole;                              /* gantt_end has been called, nothing was lost */
};

/* Forgets the pass before. */
void gantt_begin(struct gantt *gantt, uint64_t cycle);

void gantt_op(struct gantt *gantt, enum gantt_unit unit, uint32_t kind, uint32_t layer,
              const char *name, size_t size, uint64_t begin, uint64_t end);

void gantt_cycle(struct gantt *gantt, uint32_t busy);

void gantt_end(struct gantt *gantt, uint64_t cycle);

/* Returns 0, or -1 with `err`. title: any UTF-8, of `size` bytes. */
int gantt_write(const struct gantt *gantt, const char *path, const char *title, uint64_t clock_hz,
                struct ls_error *err);

/* The same as a table: a line an op, in the order in which they began. */
int gantt_write_table(const struct gantt *gantt, const char *path, const char *title,
                      struct ls_error *err);

void gantt_close(struct gantt *gantt);

#ifdef __cplusplus
}
#endif
#endif
