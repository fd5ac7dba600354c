/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * How far a device's logits are from the reference's, in double:
 *     KL(P || Q) = sum of p_i * (log p_i - log q_i), p and q the softmaxes.
 */
#include "reference.h"

#include <math.h>

/* Index of the largest; the first of equals. */
static uint32_t largest_index(const float *x, uint32_t n) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < n; i++)
        if (x[i] > x[best])
            best = i;
    return best;
}

/* log(sum of exp(x_i)), shifted by the largest. */
static double log_sum_exp(const float *x, uint32_t n, float largest) {
    double sum = 0.0;
    for (uint32_t i = 0; i < n; i++)
        sum += exp((double)x[i] - (double)largest);
    return (double)largest + log(sum);
}

/* A NaN counts as infinitely far, so that no comparison can hide it. */
static void raise_max(double *max, double value) {
    if (isnan(value))
        value = INFINITY;
    if (value > *max)
        *max = value;
}

double ls_witness_add(struct ls_witness *witness, const float *reference, const float *device,
                      uint32_t vocab) {
    uint32_t top = largest_index(reference, vocab), device_top = largest_index(device, vocab);
    double norm = log_sum_exp(reference, vocab, reference[top]);
    double device_norm = log_sum_exp(device, vocab, device[device_top]);
    double kl = 0.0;
    for (uint32_t i = 0; i < vocab; i++) {
        double log_p = (double)reference[i] - norm, log_q = (double)device[i] - device_norm;
        kl += exp(log_p) * (log_p - log_q);
        double error = fabs((double)reference[i] - (double)device[i]);
        raise_max(&witness->max_abs_logit_error, error);
    }
    if (isnan(kl))
        kl = INFINITY;
    else if (kl < 0.0)
        kl = 0.0; /* rounding may leave a tiny negative sum */
    witness->tokens++;
    witness->same_top1 += top == device_top && isfinite(kl);
    witness->kl_sum += kl;
    raise_max(&witness->kl_max, kl);
    return kl;
}

void ls_witness_join(struct ls_witness *witness, const struct ls_witness *later) {
    witness->tokens += later->tokens;
    witness->same_top1 += later->same_top1;
    witness->kl_sum += later->kl_sum;
    raise_max(&witness->kl_max, later->kl_max);
    raise_max(&witness->max_abs_logit_error, later->max_abs_logit_error);
}

double ls_surprise(const double *logits, uint32_t vocab, uint32_t token) {
    double largest = logits[0], sum = 0;
    for (uint32_t i = 1; i < vocab; i++)
        largest = logits[i] > largest ? logits[i] : largest;
    for (uint32_t i = 0; i < vocab; i++)
        sum += exp(logits[i] - largest);
    return largest + log(sum) - logits[token];
}

double ls_witness_kl_mean(const struct ls_witness *witness) {
    return witness->tokens > 0 ? witness->kl_sum / (double)witness->tokens : 0.0;
}

double ls_witness_top1_agreement(const struct ls_witness *witness) {
    return witness->tokens > 0 ? (double)witness->same_top1 / (double)witness->tokens : 0.0;
}
