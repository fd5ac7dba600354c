/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Counters, energy and heat of a run: in the report (docs/report.md), on the terminal, and as CSVs
 * to plot.
 *
 *     report_power_json(root, run, generated);
 *     report_power_print(run, generated, stderr);
 *     report_power_files(run, generated, "build/power", &err);
 */
#ifndef LOCKSTEP_REPORT_POWER_H
#define LOCKSTEP_REPORT_POWER_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/run/sim_run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Adds `counters` and `power`; nothing if the run has none. generated: tokens. */
void report_power_json(cJSON *root, const struct sim_run *run, uint64_t generated);

void report_power_print(const struct sim_run *run, uint64_t generated, FILE *out);

/* fJ since all was loaded. */
uint64_t report_power_total(const struct sim_power_result *result);

/* "at least " if the register of the peak power is at its end, else "". */
const char *report_power_least(const struct sim_power_result *result);

struct report_power_share {
    const char *name; /* "MATVEC", "DRAM" */
    uint64_t amount;
};

#define REPORT_POWER_SHARES (ACTIVITY_OPS + LOCKSTEP_UNIT_LIMIT)

/* Where the total went, in fJ: the work of each kind of op, and the units whose energy no op is
 * charged with. They add up to it. Returns how many. */
int report_power_shares(const struct sim_power_result *result,
                        struct report_power_share shares[REPORT_POWER_SHARES]);

/* Writes classes.csv, ops.csv, energy.csv, roofline.csv and run.csv into a folder that exists,
 * beside the power.csv of sim/check/sim_power.h. Returns 0, or -1 with `err`. */
int report_power_files(const struct sim_run *run, uint64_t generated, const char *folder,
                       struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
