/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The operations of the trainer's network, each with its backward step, on row-major matrices of
 * net_real. `n` is a number of rows (tokens). Sums run in a fixed order, so that results do not
 * depend on anything but the inputs and the build. Private to train_net.c.
 */
#ifndef LS_TRAIN_OPS_H
#define LS_TRAIN_OPS_H

#include <cblas.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "train_net.h"

typedef net_real real;

enum { LANES = 16 }; /* partial sums of a reduction, so that compilers can vectorise it */

#ifdef TRAIN_DOUBLE
#define OPS_GEMM cblas_dgemm
static inline real ops_exp(real x) {
    return exp(x);
}
static inline real ops_sqrt(real x) {
    return sqrt(x);
}
#else
#define OPS_GEMM cblas_sgemm
/* e^x to about 1e-7 for -87 <= x <= 87 (clamped): 2^n by the exponent field, the rest of
 * x = n ln 2 + r by its Taylor series. Branch-free, so that loops over it vectorise. */
static inline real ops_exp(real x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 87.0f ? 87.0f : x;
    float n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
    float r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
    float p = 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    int32_t bits = ((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}
static inline real ops_sqrt(real x) {
    return sqrtf(x);
}
#endif

static inline real ops_dot(const real *a, const real *b, uint32_t count) {
    real lane[LANES] = {0}, sum = 0;
    uint32_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (uint32_t j = 0; j < LANES; j++)
            lane[j] += a[i + j] * b[i + j];
    for (; i < count; i++)
        sum += a[i] * b[i];
    for (uint32_t j = 0; j < LANES; j++)
        sum += lane[j];
    return sum;
}

/* y[n][out] = x[n][in] W[out][in]^T + add * y */
static inline void ops_linear(real *y, const real *x, const real *w, uint32_t n, uint32_t in,
                              uint32_t out, real add) {
    OPS_GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)out, (int)in, 1, x, (int)in, w,
             (int)in, add, y, (int)out);
}

/* dx[n][in] = dy[n][out] W[out][in] + add * dx;  dW += dy^T x */
static inline void ops_linear_back(real *dx, real *dw, const real *dy, const real *x, const real *w,
                                   uint32_t n, uint32_t in, uint32_t out, real add) {
    OPS_GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)in, (int)out, 1, dy, (int)out,
             w, (int)in, add, dx, (int)in);
    OPS_GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, (int)out, (int)in, (int)n, 1, dy, (int)out, x,
             (int)in, 1, dw, (int)in);
}

/* y = x * inverse * w, inverse = 1 / sqrt(mean(x^2) + eps), a row at a time */
static inline void ops_rmsnorm(real *y, real *inverse, const real *x, const real *w, uint32_t n,
                               uint32_t dim, real eps) {
    for (uint32_t t = 0; t < n; t++, x += dim, y += dim) {
        real inv = 1 / ops_sqrt(ops_dot(x, x, dim) / (real)dim + eps);
        inverse[t] = inv;
        for (uint32_t i = 0; i < dim; i++)
            y[i] = x[i] * inv * w[i];
    }
}

/* The same with `inverse` already known. */
static inline void ops_rmsnorm_again(real *y, const real *inverse, const real *x, const real *w,
                                     uint32_t n, uint32_t dim) {
    for (uint32_t t = 0; t < n; t++, x += dim, y += dim)
        for (uint32_t i = 0; i < dim; i++)
            y[i] = x[i] * inverse[t] * w[i];
}

/* dx += inverse * (g - x * inverse^2 * mean(g x)) with g = dy * w;  dw += dy * x * inverse.
 * Overwrites dy with g. */
static inline void ops_rmsnorm_back(real *dx, real *dw, real *dy, const real *x,
                                    const real *inverse, const real *w, uint32_t n, uint32_t dim) {
    for (uint32_t t = 0; t < n; t++, x += dim, dx += dim, dy += dim) {
        real inv = inverse[t];
        for (uint32_t i = 0; i < dim; i++) {
            dw[i] += dy[i] * x[i] * inv;
            dy[i] *= w[i];
        }
        real mean = ops_dot(dy, x, dim) / (real)dim * inv * inv;
        for (uint32_t i = 0; i < dim; i++)
            dx[i] += inv * (dy[i] - x[i] * mean);
    }
}

/* act = silu(gate) * up, silu(g) = g / (1 + e^-g) */
static inline void ops_swiglu(real *act, const real *gate, const real *up, size_t count) {
    for (size_t i = 0; i < count; i++)
        act[i] = gate[i] / (1 + ops_exp(-gate[i])) * up[i];
}

/* From d_act, in place: gate becomes d_gate, up becomes d_up, act (the forward value) is made. */
static inline void ops_swiglu_back(real *act, real *gate, real *up, const real *d_act,
                                   size_t count) {
    for (size_t i = 0; i < count; i++) {
        real g = gate[i], u = up[i], s = 1 / (1 + ops_exp(-g));
        act[i] = g * s * u;
        gate[i] = d_act[i] * u * s * (1 + g * (1 - s));
        up[i] = d_act[i] * g * s;
    }
}

/* Turns adjacent pairs of each head of x[n][heads * head_dim] by the table's angles; `sign` -1
 * turns back, which is the backward step. cosines, sines: [head_dim / 2]. */
static inline void ops_rope(real *x, const real *cosines, const real *sines, uint32_t heads,
                            uint32_t half, real sign) {
    for (uint32_t h = 0; h < heads; h++, x += 2 * half)
        for (uint32_t j = 0; j < half; j++) {
            real a = x[2 * j], b = x[2 * j + 1], c = cosines[j], s = sign * sines[j];
            x[2 * j] = a * c - b * s;
            x[2 * j + 1] = a * s + b * c;
        }
}

/* A row of softmax over its first `count` of `width` elements, the others zero; returns the log of
 * the sum of exponentials of the (scaled) elements. */
static inline real ops_softmax(real *row, uint32_t count, uint32_t width, real scale) {
    real top[LANES], sum[LANES] = {0}, max = row[0], total = 0;
    uint32_t i = 0, body = count / LANES * LANES;
    for (uint32_t j = 0; j < LANES; j++)
        top[j] = row[0];
    for (; i < body; i += LANES)
        for (uint32_t j = 0; j < LANES; j++)
            top[j] = row[i + j] > top[j] ? row[i + j] : top[j];
    for (; i < count; i++)
        max = row[i] > max ? row[i] : max;
    for (uint32_t j = 0; j < LANES; j++)
        max = top[j] > max ? top[j] : max;
    for (i = 0; i < count; i++)
        row[i] = ops_exp(scale * (row[i] - max));
    for (i = 0; i < body; i += LANES)
        for (uint32_t j = 0; j < LANES; j++)
            sum[j] += row[i + j];
    for (; i < count; i++)
        total += row[i];
    for (uint32_t j = 0; j < LANES; j++)
        total += sum[j];
    real part = 1 / total;
    for (i = 0; i < count; i++)
        row[i] *= part;
    for (; i < width; i++)
        row[i] = 0;
    return scale * max + (real)log((double)total);
}

#endif
