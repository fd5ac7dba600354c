/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Chooses a token among all of the vocabulary, where the device's list of the best does not do:
 * biases, penalties, grammar, top-k, typical-p, top-p, min-p, temperature, in llama.cpp's order.
 * The arithmetic is that of firmware/sampler.h, so the same seed gives the same tokens on every
 * host; and those of the firmware, where its list has all that counts.
 *
 *     const struct sampling settings = {.base = {.temperature = 0.8, .top_p = 0.95,
 *                                                .repeat_penalty = 1},
 *                                       .typical_p = 1, .vocab = vocab};
 *     uint64_t random = 7;
 *     for (uint32_t i = 0; i < vocab; i++)
 *         room[i].logit = logits[i];
 *     token = sampling_choose(&settings, &random, text, count, room);
 */
#ifndef LOCKSTEP_SAMPLING_H
#define LOCKSTEP_SAMPLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/sampler.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sampling_bias {
    uint32_t token;
    double bias; /* added to its logit; -INFINITY: it does not come, unless nothing else is left */
};

struct sampling {
    struct sampler_settings base; /* top_k 0: no limit; the seed is not used */
    double typical_p;             /* (0, 1]; 1: off */
    uint32_t last;                /* tokens that the penalties look back on */
    uint32_t vocab;
    const struct sampling_bias *biases; /* [bias_count], of tokens of the vocabulary */
    size_t bias_count;
    /* Whether the token may come next; NULL: each may. */
    bool (*allows)(void *context, uint32_t token);
    void *context;
};

struct sampling_candidate {
    uint32_t token, times; /* times: it came in the tokens looked back on */
    double logit, weight;
    bool banned;
};

/* `candidates` [vocab]: the logit of token i stands in number i; the rest is filled in and all is
 * spoiled. `text` [count]: the tokens so far. `random` is the state of the generator, used once
 * unless the temperature is 0. Returns the token; UINT32_MAX: none is allowed. */
uint32_t sampling_choose(const struct sampling *sampling, uint64_t *random, const uint32_t *text,
                         size_t count, struct sampling_candidate *candidates);

#ifdef __cplusplus
}
#endif
#endif
