/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * How far a tensor's values are from another's: sums over elements, zero at first.
 *
 *     struct error_sums e = {0};
 *     error_sums_add(&e, source, result, 64, 0);
 *     printf("%g\n", error_sums_relative(&e));
 */
#ifndef GGUF_ERROR_SUMS_H
#define GGUF_ERROR_SUMS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct error_sums {
    double squares, errors; /* of the source's values; of the differences */
    double worst;           /* largest difference */
    uint64_t worst_at;      /* its element */
    float source, result;   /* its values */
    uint64_t count;         /* of elements whose difference is a number */
    uint64_t odd, odd_at;   /* of the others, and the first of them */
};

/* `count` elements, the first of which is element `at`; in ascending order. Equal infinities, and
 * two NaNs, differ by nothing. */
void error_sums_add(struct error_sums *e, const float *source, const float *result, uint64_t count,
                    uint64_t at);

/* Adds those of later elements. */
void error_sums_join(struct error_sums *all, const struct error_sums *e);

double error_sums_rms(const struct error_sums *e);
double error_sums_relative(const struct error_sums *e); /* to the source's values; 0 if all are 0 */

#ifdef __cplusplus
}
#endif
#endif
