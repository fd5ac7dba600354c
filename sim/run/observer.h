/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What looks on while the device runs: an observer is one file that fills this struct in, and one
 * line in sim/run/observers.c. What it does not care about is NULL.
 *
 *     const struct observer observe_commits = {
 *         .open = commits_open, .commit = commits_commit, .close = commits_close};
 */
#ifndef LOCKSTEP_OBSERVER_H
#define LOCKSTEP_OBSERVER_H

#include "sim/check/scoreboard.h"
#include "sim/check/sim_cycles.h"
#include "sim/check/sim_power.h"
#include "sim_run.h"
#include "sim_start.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A run of the device: what it consists of, and what every observer may read of the others. */
struct rtl {
    struct sim_run *run;
    struct device device;
    struct hal hal;
    struct fw_device firmware;
    struct fw_model fw_model;
    struct scoreboard board;
    struct sim_power power;
    struct sim_cycles cycles;
    struct sim_start start;
    struct ls_reference *reference; /* NULL: none was asked for */
    bool stopping;                  /* a commit was wrong, and its op is over */
    void **observers;               /* what each of them keeps; NULL: it takes no part */
};

struct observer {
    /* Before the model is loaded: leaves in *self what the other functions are given, or NULL if
     * the options do not ask for it. Without `open` it is `rtl`. Returns 0, or -1 with `err`. */
    int (*open)(struct rtl *rtl, void **self, struct ls_error *err);
    void (*begin)(void *self); /* the model is loaded, the first prompt comes */

    /* As struct device tells it; a commit that returns other than 0 ends the run. */
    int (*commit)(void *self, const struct device_commit *commit);
    void (*pulse)(void *self, enum device_pulse pulse);
    void (*part)(void *self, uint32_t unit, uint64_t energy);
    void (*window)(void *self, uint32_t die, uint32_t package, uint32_t pace);
    void (*cycle)(void *self); /* dear: the device runs as fast without it only if nobody has it */
    void (*progress)(void *self);
    /* As struct scoreboard tells it. */
    void (*op)(void *self, const struct scoreboard_op *op);
    void (*token)(void *self, uint32_t sequence, uint32_t position, uint32_t token,
                  const uint32_t *logits);

    /* The device has stopped and can be read: may turn run->verdict from SIM_PASS. */
    void (*check)(void *self);
    int (*close)(void *self, struct ls_error *err); /* 0, or -1 with `err`; frees self */
};

/* Opens all; puts them into the device and the scoreboard. `observers_close` ends them whether or
 * not that succeeded; what cannot be written then goes to sim_run_unwritten. */
int observers_open(struct rtl *rtl, struct ls_error *err);
void observers_begin(struct rtl *rtl);
void observers_check(struct rtl *rtl);
void observers_close(struct rtl *rtl);

/* From now on nothing is told: what follows is no part of the run. */
void observers_detach(struct rtl *rtl);

#ifdef __cplusplus
}
#endif
#endif
