/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Which configuration of the device would hold a model that does not fit this one.
 *
 *     char advice[200];
 *     sim_configs_advise(&fw_model, &limits, advice, sizeof advice);
 *     puts(advice);
 *
 * "CONFIG=default holds it"; or the parameters that would do, or that nothing does.
 */
#ifndef LOCKSTEP_SIM_CONFIGS_H
#define LOCKSTEP_SIM_CONFIGS_H

#include <stddef.h>

#include "firmware/program.h"

#ifdef __cplusplus
extern "C" {
#endif

/* limits: of a device; what no parameter sets is taken from it. */
void sim_configs_advise(const struct fw_model *model, const struct fw_limits *limits, char *text,
                        size_t room);

#ifdef __cplusplus
}
#endif
#endif
