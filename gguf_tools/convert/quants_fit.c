/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Each candidate scale gives integers; for these the best scale is a quotient of sums. The one with
 * the least squared error is kept.
 */
#include "quants_fit.h"

#include <math.h>
#include <stdbool.h>

#define STEPS 9 /* candidates to either side of the obvious one, a tenth of an integer apart */

float fit_inverse(float d) {
    const float inverse = d != 0.0f ? 1.0f / d : 0.0f;
    return isfinite(inverse) ? inverse : 0.0f;
}

static int nearest(float x, int low, int high) {
    const float rounded = roundf(x);
    return rounded<(float)low ? low : rounded>(float) high ? high : (int)rounded;
}

/* Of largest magnitude. */
static float extreme_of(const float *x, int count) {
    float extreme = 0.0f;
    for (int i = 0; i < count; i++)
        extreme = fabsf(x[i]) > fabsf(extreme) ? x[i] : extreme;
    return extreme;
}

/* Sums for x about s * y. */
struct sums {
    double xy, yy;
};

/* By how much the best s lowers the squared error from that of nothing: the more the better. */
static double gain_of(const struct sums *sums) {
    return sums->yy > 0 ? sums->xy * sums->xy / sums->yy : 0;
}

static float scale_of(const struct sums *sums) {
    return sums->yy > 0 ? (float)(sums->xy / sums->yy) : 0.0f;
}

float fit_symmetric(const float *x, int count, int low, int high) {
    const float inverse = fit_inverse(extreme_of(x, count));
    double best = -1;
    float scale = 0.0f;
    for (int step = -STEPS; step <= STEPS; step++) {
        struct sums sums = {0, 0};
        for (int i = 0; i < count; i++) {
            const int q = nearest(x[i] * inverse * ((float)low + 0.1f * (float)step), low, high);
            sums.xy += (double)x[i] * q;
            sums.yy += (double)q * q;
        }
        if (gain_of(&sums) > best) {
            best = gain_of(&sums);
            scale = scale_of(&sums);
        }
    }
    return scale;
}

static const int8_t iq4[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                               1,    13,   25,  38,  53,  69,  89,  113};

uint8_t fit_iq4_code(float x) {
    uint8_t code = 0;
    while (code < 15 && x > ((float)iq4[code] + (float)iq4[code + 1]) / 2)
        code++;
    return code;
}

float fit_iq4(const float *x, int count) {
    const float inverse = fit_inverse(extreme_of(x, count));
    double best = -1;
    float scale = 0.0f;
    for (int step = -STEPS; step <= 3 * STEPS + 1; step++) {
        const float at = step <= STEPS ? -127.0f + 2.0f * (float)step
                                       : 113.0f + 2.0f * (float)(step - 2 * STEPS - 1);
        struct sums sums = {0, 0};
        for (int i = 0; i < count; i++) {
            const double y = iq4[fit_iq4_code(x[i] * inverse * at)];
            sums.xy += (double)x[i] * y;
            sums.yy += y * y;
        }
        if (gain_of(&sums) > best) {
            best = gain_of(&sums);
            scale = scale_of(&sums);
        }
    }
    return scale;
}

/* For integers q: the s and m >= 0 of least squares for x about s * q - m, and their error. */
static double solve(const float *x, const int *q, int count, double *s, double *m) {
    double sx = 0, sq = 0, sqq = 0, sxq = 0, error = 0;
    for (int i = 0; i < count; i++) {
        sx += (double)x[i];
        sq += q[i];
        sqq += (double)q[i] * q[i];
        sxq += (double)x[i] * q[i];
    }
    const double determinant = count * sqq - sq * sq;
    *s = determinant > 0 ? (count * sxq - sx * sq) / determinant : 0;
    *m = determinant > 0 ? (sq * sxq - sqq * sx) / determinant : -sx / count;
    if (*m < 0) {
        *m = 0;
        *s = sqq > 0 ? sxq / sqq : 0;
    }
    if (*s < 0)
        *s = 0;
    for (int i = 0; i < count; i++) {
        const double e = *s * q[i] - *m - (double)x[i];
        error += e * e;
    }
    return error;
}

void fit_minimum(const float *x, int count, int high, float *scale, float *minimum) {
    float low = 0.0f, top = x[0];
    double best = INFINITY;
    int q[32];
    for (int i = 0; i < count; i++) {
        low = x[i] < low ? x[i] : low;
        top = x[i] > top ? x[i] : top;
    }
    const float inverse = fit_inverse(top - low);
    for (int step = -STEPS; step <= STEPS; step++) {
        double s, m;
        for (int i = 0; i < count; i++)
            q[i] = nearest((x[i] - low) * inverse * ((float)high + 0.1f * (float)step), 0, high);
        const double error = solve(x, q, count, &s, &m);
        if (error < best) {
            best = error;
            *scale = (float)s;
            *minimum = (float)m;
        }
    }
}
