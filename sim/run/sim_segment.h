/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A run cut into segments of tokens, each simulated by a process of its own: what they share, and
 * what the process of a segment does at its seams. docs/parallel.md says why the sum is the report
 * of a single run.
 *
 *     sim_segment_align(rtl, enter, &err); // K and V are there: begins at the right cycle
 *     sim_segment_token(rtl, &err);        // behind each token: whether the next one takes over
 *     sim_segment_turn(rtl);               // the run ended here: waits for those before
 *     sim_segment_merge(run, segment);     // and adds what they counted
 */
#ifndef LOCKSTEP_SIM_SEGMENT_H
#define LOCKSTEP_SIM_SEGMENT_H

#include "csrc/base/sha256.h"
#include "rtl.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_JOBS            16u
#define SIM_SEGMENT_LEAST   4u         /* tokens of a segment */
#define SIM_SEGMENT_WINDOWS (1u << 22) /* power windows that a segment can note */
#define SIM_SEGMENT_OVERLAP 2u         /* tokens that a segment computes before its seam */

/* What a process and the next one must agree on where one ends and the other begins. */
struct sim_seam {
    uint64_t cycle, pass, op, done; /* now; at which pass and op began and the op before ended */
    uint32_t pc, layer, bursts;     /* of the op; under way at the weight port */
    uint32_t known, positions;      /* tokens, of which K and V are computed */
    uint64_t unread;                /* passes whose counters have not been compared */
    uint64_t random;                /* of the sampler */
    char tokens[SHA256_HEX], kv[SHA256_HEX];
};

/* What was counted there since power-on: differs by what the process before has simulated. */
struct sim_tally {
    struct sim_power_reading reading;
    struct fw_telemetry telemetry;
    uint64_t parts[LOCKSTEP_UNIT_LIMIT];
    uint64_t ops, words, timed_ops, passes, windows, flips, errors, hangs;
    uint64_t witnesses, rows; /* noted by the process */
};

struct sim_seam_state {
    struct sim_seam seam;
    struct sim_tally tally;
};

/* A power window as it closed: fJ of each unit in all windows since the reset, and in this one. */
struct sim_window_row {
    struct sim_power_row at;
    uint64_t parts[LOCKSTEP_UNIT_LIMIT], part[LOCKSTEP_UNIT_LIMIT];
};

struct sim_segments;

/* Flags are set once and never taken back. */
struct sim_segment {
    struct sim_segments *all;
    uint32_t index;
    uint32_t first, last; /* generated tokens at its seams; 0, all: none */
    uint32_t begun, ended, joined, alone, barred, finished;
    bool kept;                  /* a file told of it: no process simulates it */
    bool word;                  /* of `result`: a committed word differs */
    bool past;                  /* the text ends before it */
    uint32_t generated;         /* tokens in `tokens` */
    uint32_t *tokens;           /* [run.context]; from `first` on they are its own */
    struct ls_witness *witness; /* [run.context], a token each */
    struct sim_window_row *rows;
    uint64_t witnesses, row_count;
    struct sim_seam_state begin, end;
    struct sim_run result; /* of the run up to here, if it is the last; its pointers mean nothing */
    struct ls_error error;
    double seconds; /* that it took, if it is kept */
};

struct sim_segments {
    uint32_t count;
    const char *power; /* folder of power.csv, or NULL */
    bool apart;        /* each is simulated by itself, for a file */
    /* What the first segment tells: the cycle at which the pass of the second generated token
     * began, and cycles from the end of the pass before to the begin of that of the first (which
     * goes on from tokens of the firmware) and of the second (from one that the device chose). */
    uint32_t anchored;
    uint64_t anchor, rest_first, rest;
    struct sim_segment segments[SIM_JOBS];
};

/* Flags of other processes. */
bool sim_flag(const uint32_t *flag);
void sim_flag_set(uint32_t *flag);

/* A moment of waiting. */
void sim_segment_wait(void);

/* Behind session_put_kv: lets the device stand idle until, gone on with `enter`, it begins each
 * pass at the cycle of a single run, and counts its cycles from there. Returns 0, or -1 with `err`.
 */
int sim_segment_align(struct rtl *rtl, enum fw_status (*enter)(struct rtl *rtl),
                      struct ls_error *err);

/* Behind a token that came out. BROKEN: with `err`. */
enum sim_segment_step { SIM_SEGMENT_ON, SIM_SEGMENT_OVER, SIM_SEGMENT_BROKEN };
enum sim_segment_step sim_segment_token(struct rtl *rtl, struct ls_error *err);

/* The run has ended here. Waits until all before have been joined and has the session count on from
 * what they counted; apart, nobody is waited for. Returns whether anything is to be found out:
 * always, without segments. */
bool sim_segment_turn(struct rtl *rtl);

/* Adds what the segments before counted to telemetry, power and witness of a run that has ended in
 * `segment`; or, if that was simulated apart, to all. */
void sim_segment_merge(struct sim_run *run, const struct sim_segment *segment);
void sim_segment_merge_apart(struct sim_run *run, const struct sim_segment *segment);

void sim_segment_witness(struct rtl *rtl, const struct ls_witness *one);

#ifdef __cplusplus
}
#endif
#endif
