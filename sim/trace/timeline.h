/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the device did when: watches ports and probes (sim/device/lockstep_ports.h) each cycle,
 * writes a trace for Perfetto (sim/trace/timeline_json.h), and a picture and a table of the last
 * whole pass (sim/trace/timeline_gantt.h). A run without it does nothing for it.
 *
 *     struct timeline *timeline;
 *     timeline_open("build/timeline/run", &subject, &timeline, &err);
 *     timeline_begin(timeline);
 *     timeline_cycle(timeline);       // in each; commits, ops, windows as they come
 *     timeline_close(timeline, &err); // build/timeline/run.json, .svg, .txt
 */
#ifndef LOCKSTEP_TIMELINE_H
#define LOCKSTEP_TIMELINE_H

#include "csrc/tokenizer/tokenizer.h"
#include "sim/check/scoreboard.h"
#include "sim/check/sim_power.h"

#ifdef __cplusplus
extern "C" {
#endif

struct timeline;

/* What it shows; all of it must live longer. */
struct timeline_subject {
    const struct ls_model *model;
    const struct tokenizer *tokenizer;
    const struct fw_program *program; /* filled in when loading is over */
    const struct device *device;
    const struct sim_power *power;
    const char *title;
    uint64_t clock_hz;
    uint32_t slots; /* of the device */
};

/* Returns 0 and a timeline that timeline_close frees, or -1 with `err`. */
int timeline_open(const char *base, const struct timeline_subject *subject,
                  struct timeline **timeline, struct ls_error *err);

/* Loading is over; ops are named after the program's tensors. */
void timeline_begin(struct timeline *timeline);

/* Of the commit port: the tokens of a pass. */
void timeline_commit(struct timeline *timeline, const struct device_commit *commit);

/* An op of a slot, with what the golden model calls it. */
void timeline_op(struct timeline *timeline, const struct scoreboard_op *op);

/* A power window has closed; its energies are in power->part. 2^-16 degrees C. */
void timeline_window(struct timeline *timeline, uint32_t die, uint32_t package, uint32_t pace);

/* Inputs have settled, before the rising edge. */
void timeline_cycle(struct timeline *timeline);

/* Ends and frees it; NULL is allowed. Returns 0, or -1 with `err`: a file cannot be written. */
int timeline_close(struct timeline *timeline, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
