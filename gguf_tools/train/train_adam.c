/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * First weights, learning rate and AdamW.
 */
#include "train_adam.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float beta_mean = 0.9f, beta_square = 0.98f, epsilon = 1e-8f;

int train_state_open(struct train_state *state, const struct net_layout *layout,
                     struct ls_error *err) {
    state->total = layout->total;
    state->step = 0;
    state->weights = calloc(state->total, sizeof(float));
    state->mean = calloc(state->total, sizeof(float));
    state->square = calloc(state->total, sizeof(float));
    if (state->weights == NULL || state->mean == NULL || state->square == NULL) {
        train_state_close(state);
        return ls_error_set(err, "out of memory: %zu weights", layout->total);
    }
    return 0;
}

void train_state_close(struct train_state *state) {
    free(state->weights);
    free(state->mean);
    free(state->square);
    memset(state, 0, sizeof *state);
}

/* splitmix64 (Steele, Lea, Flood 2014), to (0, 1]. */
static double random_unit(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (double)((z >> 11) + 1) * 0x1p-53;
}

/* Box and Muller. */
static double random_normal(uint64_t *state) {
    double radius = sqrt(-2.0 * log(random_unit(state)));
    return radius * cos(6.283185307179586 * random_unit(state));
}

void train_state_init(struct train_state *state, const struct net_layout *layout, uint32_t layers,
                      uint64_t seed) {
    for (uint32_t i = 0; i < layout->count; i++) {
        const struct net_tensor *t = &layout->tensor[i];
        size_t n = (size_t)t->rows * t->columns;
        double spread = 1.0 / sqrt(t->columns);
        if (t->role == ROLE_TOKEN_EMBD)
            spread *= 0.5;
        else if (t->role == ROLE_ATTN_OUTPUT || t->role == ROLE_FFN_DOWN)
            spread /= sqrt(2.0 * layers);
        for (size_t j = 0; j < n; j++)
            state->weights[t->offset + j] =
                t->rows == 1 ? 1.0f : (float)(spread * random_normal(&seed));
    }
}

double adam_rate(uint32_t step, uint32_t steps, uint32_t warmup, double top,
                 double final_fraction) {
    if (step < warmup)
        return top * (step + 1) / warmup;
    double done = steps > warmup ? (double)(step - warmup) / (steps - warmup) : 1.0;
    return top *
           (final_fraction + (1 - final_fraction) * 0.5 * (1 + cos(3.141592653589793 * done)));
}

double adam_step(struct train_state *state, const struct net_layout *layout, const float *gradient,
                 double rate, double decay, double clip) {
    double squares = 0;
    for (size_t i = 0; i < state->total; i++)
        squares += (double)gradient[i] * (double)gradient[i];
    double norm = sqrt(squares);

    state->step++;
    float scale = (float)(clip > 0 && norm > clip ? clip / norm : 1.0);
    float mean_part = (float)(rate / (1 - pow((double)beta_mean, state->step)));
    float square_part = (float)(1 / (1 - pow((double)beta_square, state->step)));
    for (uint32_t k = 0; k < layout->count; k++) {
        const struct net_tensor *t = &layout->tensor[k];
        size_t end = t->offset + (size_t)t->rows * t->columns;
        float shrink = t->rows == 1 ? 1.0f : (float)(1 - rate * decay);
        for (size_t i = t->offset; i < end; i++) {
            float g = gradient[i] * scale;
            float m = state->mean[i] = beta_mean * state->mean[i] + (1 - beta_mean) * g;
            float v = state->square[i] = beta_square * state->square[i] + (1 - beta_square) * g * g;
            float step = mean_part * m / (sqrtf(v * square_part) + epsilon);
            state->weights[i] = state->weights[i] * shrink - step;
        }
    }
    return norm;
}
