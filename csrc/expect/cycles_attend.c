/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Cycles count from the op's start. A time named after a signal is the cycle in which it is high.
 */
#include "cycles_attend.h"

#include "generated/device.h"

#define FIND          9u  /* a slot: its address, then the first block of queries is asked for */
#define QUERY_LATENCY 7u  /* last row asked for, gathered, quantised, the group is on offer */
#define SCORE_LATENCY 20u /* last K word asked for, until the first weight is there */
#define CAP_LATENCY   18u /* more, with a cap of the scores */
#define SUM_LATENCY   10u /* last weight, until 1 / sum is there */
#define CAPTURE       3u  /* last V word of a block asked for, until its sums are kept */
#define DIVIDE        8u  /* a row of sums drained, until it is in the result buffer */

struct stages {
    uint64_t claimable; /* the drain registers are free */
    uint64_t out_free;  /* the results of the group before are written */
    uint64_t idle;      /* nothing is left to write */
};

static uint64_t later(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* Heads of the group that begins at query head `head`: a group ends with its K and V head. */
static uint32_t group_heads(const struct cycles_attend *s, uint32_t head) {
    uint32_t n = 1;
    while (n < s->group && head + n < s->heads &&
           (head + n) * s->kv_heads / s->heads == head * s->kv_heads / s->heads)
        n++;
    return n;
}

/* A group that is taken at `take`; returns the cycle of its last V word. */
static uint64_t run_group(const struct cycles_attend *s, uint64_t take, uint32_t heads,
                          uint32_t seen, struct stages *at) {
    const uint32_t blocks = (s->head_dim + LOCKSTEP_BLOCK - 1) / LOCKSTEP_BLOCK;
    const uint32_t last_rows = (s->head_dim - (blocks - 1) * LOCKSTEP_BLOCK) / s->lanes;
    const uint64_t scored =
        take + (uint64_t)blocks * seen + SCORE_LATENCY + (s->capped ? CAP_LATENCY : 0);
    const uint64_t divisor = scored + seen - 1 + SUM_LATENCY;
    uint64_t word = scored; /* last V word so far */
    for (uint32_t block = 0; block < blocks; block++) {
        const bool last = block + 1 == blocks;
        const uint64_t rows = (uint64_t)heads * (last ? last_rows : LOCKSTEP_BLOCK / s->lanes);
        word = later(word + seen, at->claimable);
        const uint64_t drain = later(later(word + CAPTURE, divisor), at->out_free);
        at->claimable = drain + rows + DIVIDE;
        if (last) {
            at->out_free = drain + DIVIDE + 1 + (uint64_t)heads * s->head_dim / s->lanes;
            at->idle = later(at->claimable, at->out_free + 1);
        }
    }
    return word;
}

uint64_t cycles_attend(const struct cycles_attend *s, const uint32_t *seen, uint32_t slots) {
    struct stages at = {0};
    uint64_t find = 1, taken = 0, ended = 0;
    for (uint32_t slot = 0; slot < slots; slot++, find = taken + 1) {
        uint64_t load = find + FIND;
        for (uint32_t head = 0, heads; head < s->heads; head += heads, load = taken + 1) {
            heads = group_heads(s, head);
            taken = later(load + (uint64_t)heads * s->head_dim / s->lanes + QUERY_LATENCY, ended);
            ended = run_group(s, taken, heads, seen[slot], &at);
        }
    }
    return later(later(at.idle, ended + 1), taken + 2) + 1;
}
