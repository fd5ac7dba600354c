/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the tests of the golden model compare it with: the oracle of numerics, its blocks as the
 * golden model holds them.
 */
#ifndef GOLDEN_NAIVE_H
#define GOLDEN_NAIVE_H

#include "csrc/golden/golden_arith.h"
#include "tests/kit/numerics.h"
#include "tests/kit/random.h"

/* block(x, bits) of up to 32 values; returns 1 for RANGE. */
static inline int naive_block(const uint32_t *x, size_t count, int bits,
                              struct golden_block *block) {
    uint32_t all[GOLDEN_BLOCK] = {0};
    unsigned shift = 0;
    memset(block, 0, sizeof *block);
    memcpy(all, x, count * sizeof *x);
    const int range = oracle_block(all, bits, block->m, &shift);
    block->shift = (int32_t)shift;
    return range;
}

#endif
