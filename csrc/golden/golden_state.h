/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden.c, which owns this state, the ops, which compute in it, and golden_kv.c.
 */
#ifndef LS_GOLDEN_STATE_H
#define LS_GOLDEN_STATE_H

#include "golden.h"
#include "golden_dot.h"
#include "golden_vector.h"

/* What a token gives: its records without words, and their names. Which they are follows from the
 * family and the shapes; without logits it is the front of them. */
struct golden_plan {
    struct golden_record *record;
    char (*name)[ROLE_NAME_SIZE]; /* of each record */
    size_t records, room;
    size_t words; /* of all records */
};

struct golden_slot {
    unsigned seq;
    uint32_t pos, token;
    bool want;                    /* logits */
    bool computing;               /* it takes part in the ops that come */
    bool ended;                   /* what follows stands until the next run */
    struct golden_record *record; /* [plan.records] */
    struct gguf_tensor *view;     /* [plan.records] weights of those that use a part of a tensor */
    uint32_t *chosen;             /* [experts_used] of the last ROUTE, ascending */
    size_t records;               /* of the last run */
    uint32_t *arena;              /* [plan.words] of all records, one after the other */
    size_t used;                  /* words of the arena */
    uint32_t *logits;             /* [vocab] of all pieces; NULL: they come in one */
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
    uint32_t attn_scale, attn_cap, attn_cap_slope;
    /* [n_rot / 2] 48-bit fractions of a turn a position; the second: of local layers that turn
     * otherwise, or NULL */
    uint64_t *increment[2];
    uint32_t magnitude;

    struct golden_plan plan;
    struct golden_slot *slot;       /* [slots] */
    uint32_t *length;               /* [sequences] positions in the cache */
    struct golden_block *k, *v;     /* [sequences][layers][context][kv_heads][head_blocks] */
    struct golden_block *x_blocks;  /* scratch: a vector's blocks, of every slot */
    struct golden_product *product; /* scratch: [slots] */
    struct golden_pool *pool;       /* threads that share the rows of matrices, or NULL */
    uint32_t *gain;                 /* scratch: the row that a vector op takes of a tensor */
    uint32_t *score;                /* scratch: [context] */
    size_t ready;                   /* records of all slots that stand; SIZE_MAX: all */
    void (*on_records)(void *told); /* of golden_follow */
    void *told;
};

static inline bool golden_is_local(const struct ls_model *m, uint32_t layer) {
    return m->local_period != 0 && layer % m->local_period < m->local_count;
}

/* The first position that a token at `pos` sees in a layer. */
static inline uint32_t golden_first_seen(const struct ls_model *m, uint32_t layer, uint32_t pos) {
    const bool all = !golden_is_local(m, layer) || m->local_window == 0 || pos < m->local_window;
    return all ? 0 : pos - m->local_window + 1;
}

/* The table of increments by which a layer turns. */
static inline unsigned golden_bank(const struct golden *g, uint32_t layer) {
    return g->increment[1] != NULL && golden_is_local(g->model, layer);
}

static inline struct golden_rotary golden_rotary_of(const struct golden *g, unsigned bank) {
    const struct ls_model *m = g->model;
    return (struct golden_rotary){.head_dim = m->head_dim,
                                  .pairs = m->n_rot / 2,
                                  .halves = m->rope_halves,
                                  .increment = g->increment[bank],
                                  .magnitude = bank == 0 ? g->magnitude : GOLDEN_ONE};
}

static inline struct golden_attention golden_attention_of(const struct golden *g) {
    return (struct golden_attention){.head_dim = g->model->head_dim,
                                     .act_bits = g->act_bits,
                                     .scale = g->attn_scale,
                                     .cap = g->attn_cap,
                                     .slope = g->attn_cap_slope,
                                     .q = g->x_blocks,
                                     .score = g->score};
}

#endif
