/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The folder that explains a first difference, a device error or a time-out: report.txt (what,
 * where, analysis), vectors.txt (expected and actual side by side; of a difference only), markers,
 * again (a script that reproduces it with a trace around it, from any folder).
 *
 *     if (run->verdict == SIM_DIFFERENCE || run->verdict == SIM_DEVICE_ERROR)
 *         sim_fail_write(run, &board, &resumed, &device, &err);
 */
#ifndef LOCKSTEP_SIM_FAIL_H
#define LOCKSTEP_SIM_FAIL_H

#include "csrc/golden/checkpoint.h"
#include "sim/check/scoreboard.h"
#include "sim_run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes run->options->fail, which is made if need be. The device has stopped; it is clocked to
 * read its KV SRAM. `resumed`: what options->resume held; kept in the folder, because the run may
 * have written that file anew. Returns 0, or -1 with `err`. */
int sim_fail_write(const struct sim_run *run, const struct scoreboard *board,
                   const struct checkpoint *resumed, struct device *device, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
