/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden.c, which owns this state, and golden_forward.c, which
 * computes a token in it.
 */
#ifndef LS_GOLDEN_STATE_H
#define LS_GOLDEN_STATE_H

#include "golden.h"

#define GOLDEN_LAYER_RECORDS 16u /* ops of a layer */
#define GOLDEN_OUTER_RECORDS 3u  /* EMBED, the last NORM, LOGITS */
#define GOLDEN_NAME_SIZE     48u /* bytes of a record's tensor name with its NUL */

struct golden_slot {
    struct golden_record *record;   /* [GOLDEN_LAYER_RECORDS * layers + GOLDEN_OUTER_RECORDS] */
    char (*name)[GOLDEN_NAME_SIZE]; /* of each record; written once, the order never changes */
    size_t records;                 /* of the last run */
    uint32_t *arena;                /* the words of all records, one after the other */
    size_t used;                    /* words of the arena */
    struct golden_stop stop;        /* how the last run ended */
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
    uint32_t dim_rcp;    /* rcp(dim) */
    uint32_t score_unit; /* 1/sqrt(head_dim) */
    uint64_t *increment; /* [n_rot / 2] 48-bit fractions of a turn a position */

    struct golden_slot *slot;      /* [slots] */
    uint32_t *length;              /* [sequences] positions in the cache */
    struct golden_block *k, *v;    /* [sequences][layers][context][kv_heads][head_blocks] */
    struct golden_block *x_blocks; /* scratch: a vector's blocks */
    uint32_t *gain;                /* scratch: [dim] */
    uint32_t *score;               /* scratch: [context] */
};

/* Computes one token into the slot; arguments are in range. Returns as golden_run. */
int golden_forward(struct golden *golden, struct golden_slot *slot, unsigned seq, uint32_t pos,
                   uint32_t token, bool want_logits, struct ls_error *err);

#endif
