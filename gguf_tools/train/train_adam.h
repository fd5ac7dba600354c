/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The state of a training run and its update: AdamW (Loshchilov and Hutter, 2019).
 *
 *     struct train_state state;
 *     if (train_state_open(&state, &layout, &err) != 0)
 *         return fail(err.text);
 *     train_state_init(&state, &layout, layers, seed);
 *     double norm = adam_step(&state, &layout, gradient, rate, decay, clip);
 *     train_state_close(&state);
 */
#ifndef LS_TRAIN_ADAM_H
#define LS_TRAIN_ADAM_H

#include <stdint.h>

#include "csrc/base/error.h"
#include "train_net.h"

#ifdef __cplusplus
extern "C" {
#endif

struct train_state {
    float *weights; /* [total] */
    float *mean;    /* [total] decaying mean of the gradient */
    float *square;  /* [total] decaying mean of its square */
    size_t total;
    uint32_t step; /* updates done */
};

int train_state_open(struct train_state *state, const struct net_layout *layout,
                     struct ls_error *err);
void train_state_close(struct train_state *state);

/* First weights: normal with standard deviation 1 / sqrt(columns), less for the two matrices that
 * write to the residual stream (by sqrt(2 layers)) and for the embedding; norms are 1. */
void train_state_init(struct train_state *state, const struct net_layout *layout, uint32_t layers,
                      uint64_t seed);

/* One update; returns the gradient's norm before clipping. `clip` 0: no clipping. `gradient` is not
 * changed. */
double adam_step(struct train_state *state, const struct net_layout *layout, const float *gradient,
                 double rate, double decay, double clip);

/* The learning rate of update `step` (0 is the first): linear warm-up, then half a cosine. */
double adam_rate(uint32_t step, uint32_t steps, uint32_t warmup, double top, double final_fraction);

#ifdef __cplusplus
}
#endif
#endif
