/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Attention of one head: section 6 of docs/numerics.md.
 */
#include "golden_dot.h"
#include "golden_lanes.h"
#include "golden_vector.h"

/* Scores become weights. Returns their sum. */
static golden_int128 weigh(const struct golden_tables *tables, uint32_t *score, size_t positions,
                           enum golden_fault *fault) {
    uint32_t greatest[GOLDEN_LANES], weight[GOLDEN_LANES], best = score[0];
    golden_int128 total = 0;
    for (size_t j = 1; j < positions; j++)
        best = golden_compare(score[j], best) > 0 ? score[j] : best;
    for (size_t i = 0; i < GOLDEN_LANES; i++)
        greatest[i] = best;
    for (size_t j = 0; j < positions; j++) {
        if (j % GOLDEN_LANES == 0 && positions - j >= GOLDEN_LANES &&
            golden_lanes_weights(tables, score + j, greatest, weight)) {
            for (size_t i = 0; i < GOLDEN_LANES; i++)
                total += score[j + i] = weight[i];
            j += GOLDEN_LANES - 1;
            continue;
        }
        score[j] = golden_fixed(golden_exp(tables, golden_sub(score[j], best, fault)), 16);
        total += score[j];
    }
    return total;
}

size_t golden_attend_head(const struct golden_tables *tables,
                          const struct golden_attention *attention, const uint32_t *q,
                          const struct golden_block *k, const struct golden_block *v, size_t stride,
                          size_t positions, uint32_t *y, enum golden_fault *fault) {
    const struct golden_attention *a = attention;
    const size_t blocks = (a->head_dim + GOLDEN_BLOCK - 1) / GOLDEN_BLOCK;
    uint32_t *score = a->score;

    *fault = golden_blocks_from(q, a->head_dim, a->act_bits, a->q);
    if (*fault != GOLDEN_FAULT_NONE)
        return 0;
    for (size_t j = 0; j < positions; j++) {
        golden_int128 n = golden_dot_blocks(a->q, k + j * stride, blocks);
        uint32_t dot = golden_round32(n, -28 - 12 - a->act_bits, fault);
        score[j] = golden_mul(dot, a->scale, fault);
        if (a->cap != 0)
            score[j] = golden_cap(tables, score[j], a->cap, a->slope, fault);
    }
    const golden_int128 total = weigh(tables, score, positions, fault);
    uint32_t share = golden_rcp(tables, golden_round32(total, -16, fault), fault);
    if (*fault != GOLDEN_FAULT_NONE)
        return 0;

    golden_int128 sum[GOLDEN_BLOCK] = {0};
    for (size_t i = 0; i < a->head_dim; i++) {
        if (i % GOLDEN_BLOCK == 0)
            golden_weighted_sum(score, positions, v + i / GOLDEN_BLOCK, stride, sum);
        y[i] = golden_mul(golden_round32(sum[i % GOLDEN_BLOCK], -44, fault), share, fault);
        if (*fault != GOLDEN_FAULT_NONE)
            return i;
    }
    return a->head_dim;
}
