/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden_dot.c, golden_multiply.c and golden_wide_16.c: sums of a row, not yet rounded,
 * and how plain loops form them.
 */
#ifndef LS_GOLDEN_PLAIN_H
#define LS_GOLDEN_PLAIN_H

#include "golden_window.h"

/* N of section 4 of docs/numerics.md is n * 2^shift. */
struct golden_sum {
    golden_int128 n;
    int shift;
};

/* totals[count], of up to GOLDEN_WIDE_VECTORS vectors. */
enum golden_fault golden_plain_row(const struct golden_matrix *matrix, const uint8_t *row,
                                   const struct golden_block *const *x, size_t count,
                                   struct golden_sum *totals);

#endif
