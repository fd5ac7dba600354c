/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Which configurations of the device hold a model.
 *
 *     char advice[200];
 *     configs_advise(&fw_model, &limits, advice, sizeof advice);
 *     puts(advice);
 *
 * "CONFIG=default holds it"; or the parameters that would do, or that nothing does.
 */
#ifndef LS_CONFIGS_H
#define LS_CONFIGS_H

#include <stddef.h>

#include "firmware/program.h"

#ifdef __cplusplus
extern "C" {
#endif

/* limits: of a device; what no parameter sets is taken from it. */
void configs_advise(const struct fw_model *model, const struct fw_limits *limits, char *text,
                    size_t room);

/* "default"; NULL past the last. */
const char *configs_name(size_t config);

/* Positions of a sequence, `most` at most, for which the configuration has room if it holds no
 * other; 0: it does not hold the model, with the reason. */
uint32_t configs_positions(size_t config, const struct fw_model *model, uint32_t most,
                           struct fw_refusal *why);

#ifdef __cplusplus
}
#endif
#endif
