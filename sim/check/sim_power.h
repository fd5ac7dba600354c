/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Energy, heat and self-regulation of a run: sets the device up, follows its power windows, and
 * holds every counter, energy and total of the device to csrc/expect/activity.c and
 * csrc/expect/power.c: after each pass that the firmware sleeps through, and in the end.
 *
 *     sim_power_open(&power, &device, &hal, &options, &err); // before the model is loaded
 *     sim_power_begin(&power, &program, &fw_model, &limits);
 *     sim_power_commit(&power, commit, wanted, draft); // each, while it runs
 *     sim_power_pulse(&power, pulse, cycle);
 *     sim_power_part(&power, unit, energy); // each power window
 *     sim_power_window(&power, cycle, die, package, pace);
 *     sim_power_collect(&power, true); // device idle
 *     if (power.result.first[0] != '\0')
 *         puts(power.result.first);
 */
#ifndef LOCKSTEP_SIM_POWER_H
#define LOCKSTEP_SIM_POWER_H

#include <stdio.h>

#include "csrc/base/output.h"
#include "csrc/expect/activity.h"
#include "firmware/driver.h"
#include "scoreboard.h"
#include "sim/device/device.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_throttle { SIM_THROTTLE_OFF, SIM_THROTTLE_ON, SIM_THROTTLE_HOT };

/* Energy, heat and self-regulation: docs/power.md. */
struct sim_power_options {
    enum sim_throttle throttle; /* by temperature; hot: begins just below the target */
    const char *profile;        /* file, or NULL: 45 nm */
    const char *folder;         /* for CSVs, or NULL */
    uint32_t cap_mw;            /* power cap; 0: none */
    double token_rate;          /* tokens a second at most; 0: no matter */
    uint64_t clock_hz;          /* as in struct sim_options */
};

#define SIM_POWER_MARKS 8u /* passes that the device may be ahead of the reader */

/* What a snapshot of the device holds. */
struct sim_power_reading {
    struct activity_sum sum;
    uint64_t classes[LOCKSTEP_CLASS_LIMIT];             /* cycles */
    uint64_t energy[LOCKSTEP_UNIT_LIMIT];               /* fJ, modulo 2^64 */
    uint64_t busy;                                      /* register CYCLES */
    uint64_t stalls;                                    /* register WEIGHT_STALLS */
    uint64_t prefill, macs, beats, kv_reads, kv_writes; /* registers of such names */
    uint64_t drafts, right; /* of a run without drafts read at its end alone */
};

struct sim_power_result {
    bool known;
    struct sim_power_reading end;          /* since the soft reset before loading */
    uint64_t events[LOCKSTEP_EVENT_LIMIT]; /* since all was loaded, */
    uint64_t energy[LOCKSTEP_UNIT_LIMIT];  /* and the fJ that they cost */
    uint64_t cycles;                       /* of the clock since then */
    struct power_settings settings;        /* of this run */
    uint32_t layers;
    double mw_average, mw_peak; /* since then; the highest of a window */
    double die_end, die_peak;   /* degrees C */
    uint32_t pace_end, pace_most;
    uint64_t windows;       /* recomputed and compared */
    uint64_t closed;        /* since the soft reset */
    uint64_t windows_above; /* with smoothed power above the cap */
    double mw_smooth;       /* highest smoothed power */
    bool late;              /* by more than a token, at the rate that was asked for */
    double tokens_per_s;    /* from the first to the last, 0: fewer than two */
    uint64_t passes;        /* compared one by one; the end of the run is always */
    uint64_t counter_mismatches, power_mismatches;
    char first[320]; /* the first of them, or empty */
};

/* Where the newest slot 0 of a pass stood, and what must have been counted after it. */
struct sim_power_mark {
    uint32_t token, position;
    struct activity_sum sum;
    uint64_t entries;                     /* of lists that tokens were chosen from */
    uint64_t drafts, right;               /* that entered a pass, that were right */
    uint64_t rests;                       /* cycles behind ops */
    uint64_t prefill_least, prefill_most; /* cycles of passes that hold a PROMPT token */
    bool over;                            /* all of the pass is known */
};

/* The rest behind an op, as docs/power.md tells it. */
struct sim_power_rest {
    uint64_t begin, done; /* cycles of the op; done 0: it runs, or its rest is known */
    uint64_t next;        /* cycle that is told next */
    uint64_t portions;    /* left */
    uint32_t portion;     /* cycles of this one, left */
    uint32_t pace;
    uint64_t cycles; /* of all rests */
};

/* What the firmware gave a sequence through token-in since its last FIRST token, and how much of
 * that has entered a pass. */
struct sim_power_feed {
    uint32_t words, prompt, used;
};

/* PREFILL_CYCLES: bounds, because no port shows the cycle in which a pass ends. */
struct sim_power_prefill {
    bool open;
    uint64_t begin, done; /* cycles: PASS of a PROMPT token, last op of the pass */
    uint64_t least, most;
};

/* Tokens as they are chosen: how many, and when. */
struct sim_power_tokens {
    uint64_t count, first, last; /* cycles */
};

/* Where the run was when a window closed. */
struct sim_power_row {
    uint64_t cycle;
    uint32_t position;
    int32_t op; /* -1: none */
};

struct sim_power {
    struct sim_power_options options;
    struct power_settings settings;
    struct power_state state;
    struct activity activity;
    struct scoreboard *board; /* knows what slots choose; NULL: no model has experts */
    struct device *device;
    const struct hal *below;                            /* what `hal` hands accesses on to */
    struct hal hal;                                     /* give this to the firmware */
    uint64_t reset_cycle;                               /* at which the last soft reset was done */
    uint64_t reset_accesses, reset_bursts, reset_beats; /* at the ports until then */
    struct sim_power_feed feed[FW_SEQUENCES];
    struct sim_power_rest rest;
    struct sim_power_prefill prefill;
    struct sim_power_tokens tokens;
    uint64_t entries;       /* of lists, committed */
    uint64_t drafts, right; /* that began a pass, that sampled */
    uint64_t popped;        /* tokens that the firmware took */
    bool crowded;           /* token-out may have been full, or a draft may have waited */
    int32_t op;             /* that runs; -1: none */
    uint32_t position;      /* of the first slot of the pass */
    uint64_t checked;       /* passes at the last comparison */
    struct sim_power_mark marks[SIM_POWER_MARKS]; /* by passes */
    struct sim_power_reading reading;
    uint64_t part[LOCKSTEP_UNIT_LIMIT];  /* of the window that closes */
    uint64_t parts[LOCKSTEP_UNIT_LIMIT]; /* of all windows since the reset */
    uint64_t closed, closed_cycle;       /* windows of which all parts are known; the last one's */
    uint64_t windows;                    /* of which temperatures are known */
    uint32_t status;                     /* register STATUS at the last snapshot */
    uint64_t window_cycle;               /* of the last one, or of the begin */
    uint64_t taken_cycle;                /* of the last snapshot */
    struct sim_power_reading begin;      /* when all was loaded */
    bool absent;                   /* a device without telemetry: nothing is read or compared */
    bool begun, collecting, taken; /* taken: the last snapshot */
    bool summed;                   /* parts are complete */
    struct output csv;
    struct sim_power_row row; /* of the window that closes */
    struct sim_power_result result;
};

/* Reads the profile, opens the CSV and writes all settings. Returns 0, or -1 with `err`, also if
 * something is asked for that the device lacks. */
int sim_power_open(struct sim_power *power, struct device *device, const struct hal *below,
                   const struct sim_power_options *options, struct ls_error *err);

/* Returns 0, or -1 with `err` if the CSV could not be written. */
int sim_power_close(struct sim_power *power, struct ls_error *err);

/* After loading: heat starts at its initial temperature, energy is told from here on. */
void sim_power_begin(struct sim_power *power, const struct fw_program *program,
                     const struct fw_model *model, const struct fw_limits *limits);

/* wanted: of a PASS commit, whether the slot samples; draft: it holds one, so that it does not if
 * that is wrong. */
void sim_power_commit(struct sim_power *power, const struct device_commit *commit, bool wanted,
                      bool draft);

/* The op that runs from now on; -1: none. */
void sim_power_op(struct sim_power *power, int32_t op);

/* An op begins or ends. */
void sim_power_pulse(struct sim_power *power, enum device_pulse pulse, uint64_t cycle);

/* A unit's energy of the window that is about to close; the window with what came of it. Returns
 * whether all was as it must be. */
void sim_power_part(struct sim_power *power, uint32_t unit, uint64_t energy);
bool sim_power_window(struct sim_power *power, uint64_t cycle, uint32_t die, uint32_t package,
                      uint32_t pace);

/* Takes a snapshot, reads everything and, if the run was complete, compares: result.first. */
void sim_power_collect(struct sim_power *power, bool complete);

/* power.csv in a folder, which is made if need be: its first line; a window of which this came.
 * Returns 0, or -1 with `err`. */
int sim_power_csv_open(struct output *csv, const char *folder, struct ls_error *err);
void sim_power_csv_row(const struct output *csv, const struct power_settings *settings,
                       uint64_t clock_hz, const struct sim_power_row *row,
                       const uint64_t part[LOCKSTEP_UNIT_LIMIT], const struct power_state *state);

/* ---- sim/check/sim_power_check.c: what of it only reads and compares ---- */

/* Compares what the device latched at the end of its last pass, if that is new. */
void sim_power_check_pass(struct sim_power *power);

/* Before the first pass: all that the device was busy with is validation. */
void sim_power_check_begin(struct sim_power *power);

/* Reads what is latched. */
void sim_power_read(struct sim_power *power, struct sim_power_reading *reading);

/* Compares result.end. Of `ports`, CYCLE, REGISTER, BURST and WORD were counted at the ports. */
void sim_power_check_end(struct sim_power *power, const struct activity_sum *ports);

/* Notes a difference. */
void sim_power_differs(struct sim_power *power, uint64_t *mismatches, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif
#endif
