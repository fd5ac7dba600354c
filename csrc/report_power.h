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

#include "sim_run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Adds `counters` and `power`; nothing if the run has none. generated: tokens. */
void report_power_json(cJSON *root, const struct sim_run *run, uint64_t generated);

void report_power_print(const struct sim_run *run, uint64_t generated, FILE *out);

/* fJ since all was loaded. */
uint64_t report_power_total(const struct sim_power_result *result);

/* Writes classes.csv, ops.csv, roofline.csv and run.csv into a folder that exists, beside the
 * power.csv of csrc/sim_power.h. Returns 0, or -1 with `err`. */
int report_power_files(const struct sim_run *run, uint64_t generated, const char *folder,
                       struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
