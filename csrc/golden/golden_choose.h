/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The token that comes of logits, as the firmware chooses it from the device's list.
 *
 *     token = golden_choose(model, &sampler, golden_logits(golden, 0));
 */
#ifndef LOCKSTEP_GOLDEN_CHOOSE_H
#define LOCKSTEP_GOLDEN_CHOOSE_H

#include "firmware/sampler.h"
#include "golden.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Chooses greedily or from the best, by binary32 logits [vocab]; `sampler` accepts the token. */
uint32_t golden_choose(const struct ls_model *model, struct sampler *sampler,
                       const uint32_t *logits);

#ifdef __cplusplus
}
#endif
#endif
