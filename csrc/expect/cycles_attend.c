/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Cycles count from the op's start. A time named after a signal is the cycle in which it is high.
 */
#include "cycles_attend.h"

#include "generated/device.h"

#define FIND          9u  /* a slot: its address, then the first block of queries is asked for */
#define QUERY_LATENCY 7u  /* last row asked for, gathered, quantised, the group is on offer */
#define SCORE_LATENCY 9u  /* last K word asked for, until the last score is there */
#define CAP_LATENCY   18u /* more, with a cap of the scores */
#define SOFT_LATENCY  11u /* the scores are handed on, until the first weight is there */
#define SUM_LATENCY   10u /* last weight, until 1 / sum is there */
#define CAPTURE       3u  /* last V word of a block asked for, until its sums are kept */
#define DIVIDE        8u  /* a row of sums drained, until it is in the result buffer */

struct stages {
    uint64_t claimable; /* the drain registers are free */
    uint64_t out_free;  /* the results of the group before are written */
    uint64_t keys_free; /* another group may be taken */
    uint64_t ended;     /* last V word */
};

/* Rows of VLANES elements. */
static uint32_t rows_of(const struct cycles_attend *s, uint32_t elements) {
    return (elements + s->lanes - 1) / s->lanes;
}

static uint64_t later(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* Query heads of the group that begins at `head`: of one K and V head, or of the two of a pair if
 * twice as many as are left of the first one's fit. */
static uint32_t group_heads(const struct cycles_attend *s, uint32_t head) {
    const uint32_t shared = s->heads / s->kv_heads, kv = head / shared;
    const uint32_t left = shared - head % shared; /* of the K and V head's */
    const bool pair = kv % 2 == 0 && kv + 1 < s->kv_heads && 2 * left <= s->group;
    const uint32_t most = pair ? left + shared : left;
    return most < s->group ? most : s->group;
}

/* A group that is taken at `take`. */
static void run_group(const struct cycles_attend *s, uint64_t take, uint32_t heads, uint32_t seen,
                      struct stages *at) {
    const uint32_t blocks = (s->head_dim + LOCKSTEP_BLOCK - 1) / LOCKSTEP_BLOCK;
    const uint32_t last_rows = rows_of(s, s->head_dim - (blocks - 1) * LOCKSTEP_BLOCK);
    const uint64_t scored =
        take + (uint64_t)blocks * seen + SCORE_LATENCY + (s->capped ? CAP_LATENCY : 0);
    const uint64_t handed = later(scored, at->ended);
    const uint64_t weighed = handed + SOFT_LATENCY + seen - 1; /* last weight */
    const uint64_t divisor = weighed + SUM_LATENCY;
    at->keys_free = s->capped ? weighed + 2 : handed;
    at->ended = handed + SOFT_LATENCY; /* last V word so far */
    for (uint32_t block = 0; block < blocks; block++) {
        const bool last = block + 1 == blocks;
        const uint64_t rows = (uint64_t)heads * (last ? last_rows : LOCKSTEP_BLOCK / s->lanes);
        at->ended = later(at->ended + seen, at->claimable);
        const uint64_t drain = later(later(at->ended + CAPTURE, divisor), at->out_free);
        at->claimable = drain + rows + DIVIDE;
        if (last)
            at->out_free = drain + DIVIDE + 1 + (uint64_t)heads * rows_of(s, s->head_dim);
    }
}

uint64_t cycles_attend(const struct cycles_attend *s, const uint32_t *seen, uint32_t slots) {
    uint64_t taken = 0; /* the newest group */
    struct stages at = {.keys_free = taken};
    for (uint32_t slot = 0; slot < slots; slot++) {
        uint64_t load = taken + 1 + FIND;
        for (uint32_t head = 0, heads; head < s->heads; head += heads, load = taken + 1) {
            heads = group_heads(s, head);
            taken = later(load + (uint64_t)heads * rows_of(s, s->head_dim) + QUERY_LATENCY,
                          at.keys_free);
            run_group(s, taken, heads, seen[slot], &at);
        }
    }
    return at.out_free + 2; /* it is idle a cycle later, then done */
}
