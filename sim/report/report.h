/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What a run found out: JSON for machines (docs/report.md), a table for people.
 *
 *     report_write(&run, "build/sim/report.json", &err);
 *     report_print(&run, stderr);
 */
#ifndef LOCKSTEP_REPORT_H
#define LOCKSTEP_REPORT_H

#include <stdio.h>

#include "sim/run/sim_run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes the file in one step (csrc/base/output.h). 0, or -1 with `err`. */
int report_write(const struct sim_run *run, const char *path, struct ls_error *err);

void report_print(const struct sim_run *run, FILE *out);

/* The CSVs of options->power.folder, if there is one. 0, or -1 with `err`. */
int report_power(const struct sim_run *run, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
