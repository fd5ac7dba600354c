/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What a request asks for unless it says otherwise.
 */
#define LOCKSTEP_BUILD
#include "lockstep.h"

#include <string.h>

#include "firmware/sampler.h"

void lockstep_request_defaults(struct lockstep_request *request, size_t size) {
    const struct lockstep_request defaults = {.size = size,
                                              .flags = LOCKSTEP_ADD_BOS,
                                              .top_k = 40,
                                              .top_p = 0.95,
                                              .typical_p = 1,
                                              .repeat_last_n = SAMPLER_RECENT,
                                              .repeat_penalty = 1,
                                              .seed = 1};
    memcpy(request, &defaults, size < sizeof defaults ? size : sizeof defaults);
}
