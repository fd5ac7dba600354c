/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden.c, which owns this state, golden_ops.c, which computes in it, and golden_kv.c.
 */
#ifndef LS_GOLDEN_STATE_H
#define LS_GOLDEN_STATE_H

#include "golden.h"

/* What a token gives: its records without words, and their names. Which they are follows from the
 * family and the shapes; without logits it is the front of them. */
struct golden_plan {
    struct golden_record *record;
    char (*name)[ROLE_NAME_SIZE]; /* of each record */
    size_t records, room;
    size_t words; /* of all records */
};

struct golden_slot {
    struct golden_record *record; /* [plan.records] */
    size_t records;               /* of the last run */
    uint32_t *arena;              /* [plan.words] of all records, one after the other */
    size_t used;                  /* words of the arena */
    struct golden_stop stop;      /* how the last run ended */
};

struct golden {
    const struct ls_model *model;
    struct golden_tables tables;
    int act_bits;
    unsigned slots;
    unsigned sequences;
    uint32_t context;
    uint32_t head_blocks; /* blocks of a head */

    /* Constants of the model as binary32. */
    uint32_t eps;
    uint32_t score_unit; /* 1/sqrt(head_dim) */
    uint64_t *increment; /* [n_rot / 2] 48-bit fractions of a turn a position */

    struct golden_plan plan;
    struct golden_slot *slot;      /* [slots] */
    uint32_t *length;              /* [sequences] positions in the cache */
    struct golden_block *k, *v;    /* [sequences][layers][context][kv_heads][head_blocks] */
    struct golden_block *x_blocks; /* scratch: a vector's blocks */
    uint32_t *gain;                /* scratch: a row of NORM or BIAS */
    uint32_t *score;               /* scratch: [context] */
};

/* Where pair j begins within a head, and how far on its second element lies. */
static inline size_t golden_rope_first(const struct ls_model *m, uint32_t j) {
    return m->rope_halves ? j : 2 * (size_t)j;
}

static inline size_t golden_rope_distance(const struct ls_model *m) {
    return m->rope_halves ? m->n_rot / 2 : 1;
}

#endif
