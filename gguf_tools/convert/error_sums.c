/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Sums of errors, in binary64.
 */
#include "error_sums.h"

#include <math.h>
#include <stdbool.h>

static void add_one(struct error_sums *e, float source, float result, uint64_t at) {
    const double d = fabs((double)source - (double)result);
    if (!isfinite(source) || !isfinite(result)) {
        const bool same = source == result || (isnan(source) && isnan(result));
        if (!same && e->odd++ == 0)
            e->odd_at = at;
        return;
    }
    e->count++;
    e->squares += (double)source * (double)source;
    e->errors += d * d;
    if (d > e->worst) {
        e->worst = d;
        e->worst_at = at;
        e->source = source;
        e->result = result;
    }
}

void error_sums_add(struct error_sums *e, const float *source, const float *result, uint64_t count,
                    uint64_t at) {
    for (uint64_t i = 0; i < count; i++)
        add_one(e, source[i], result[i], at + i);
}

void error_sums_join(struct error_sums *all, const struct error_sums *e) {
    all->squares += e->squares;
    all->errors += e->errors;
    all->count += e->count;
    if (e->worst > all->worst) {
        all->worst = e->worst;
        all->worst_at = e->worst_at;
        all->source = e->source;
        all->result = e->result;
    }
    if (all->odd == 0)
        all->odd_at = e->odd_at;
    all->odd += e->odd;
}

double error_sums_rms(const struct error_sums *e) {
    return e->count > 0 ? sqrt(e->errors / (double)e->count) : 0;
}

double error_sums_relative(const struct error_sums *e) {
    return e->squares > 0 ? sqrt(e->errors / e->squares) : 0;
}
