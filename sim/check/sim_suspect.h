/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The unit that a difference points to, found by trying what would explain it.
 *
 *     suspect_write(&analysis, stream); // one or two lines; analysis.unit is set
 */
#ifndef LOCKSTEP_SIM_SUSPECT_H
#define LOCKSTEP_SIM_SUSPECT_H

#include "sim_analysis.h"

#ifdef __cplusplus
extern "C" {
#endif

void suspect_write(struct analysis *analysis, FILE *stream);

#ifdef __cplusplus
}
#endif
#endif
