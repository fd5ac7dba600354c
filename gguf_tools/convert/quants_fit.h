/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Scales of least squares for a few values.
 */
#ifndef GGUF_QUANTS_FIT_H
#define GGUF_QUANTS_FIT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 1 / d, or 0 where binary32 has no such number. */
float fit_inverse(float d);

/* s for which x about s * q, q = low..high. */
float fit_symmetric(const float *x, int count, int low, int high);

/* s and m, neither negative, for which x about s * q - m, q = 0..high. */
void fit_minimum(const float *x, int count, int high, float *scale, float *minimum);

/* s for which x about s * one of the values of IQ4_NL; the code of the value next to x. */
float fit_iq4(const float *x, int count);
uint8_t fit_iq4_code(float x);

#ifdef __cplusplus
}
#endif
#endif
