/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * attention_tb on a bench: its ports, the vector SRAM, the log of commits, and running an op.
 *
 *     connect(&b, seed);
 *     run_op(&b, LOCKSTEP_OP_ATTEND, &geometry, 100000);
 *     ... b.done, b.err_code, b.seen, b.vec
 */
#ifndef ATTENTION_BENCH_H
#define ATTENTION_BENCH_H

#include "generated/device.h"
#include "tests/kit/numerics.h"
#include "tests/kit/top.h"

enum { SLOTS = 4, SEQS = 4 };
enum { VEC_MAX = 4096, KV_MAX = 1 << 20, COMMITS_MAX = 1 << 16, HEAD_MAX = 256 };

/* A block of K, V or a query: docs/numerics.md, section 2. */
struct model_block {
    int16_t m[32];
    uint8_t s;
};

/* One committed word. */
struct commit {
    uint32_t slot, index, word;
};

struct commits {
    struct commit *list;
    size_t count;
};

struct geometry {
    uint32_t layers, layer, heads, n_kv, dim, context, scale;
    uint32_t window, cap, cap_slope; /* 0: none */
    uint32_t active;                 /* mask of slots */
    uint32_t dst, a, b;              /* units of 32 words */
    uint32_t pos[SLOTS], seq[SLOTS];
};

/* Type and name of every port. */
/* clang-format off */
#define BENCH_PORTS(X)                                                                            \
    X(uint8_t, clear_i) X(uint8_t, fault_i)                                                       \
    X(uint8_t, start_i) X(uint8_t, op_i) X(uint8_t, slots_i) X(uint8_t, layer_i)                  \
    X(uint8_t, done_o) X(uint8_t, err_o) X(uint8_t, err_code_o) X(uint8_t, err_slot_o)            \
    X(uint8_t, n_layers_i) X(uint8_t, n_heads_i) X(uint8_t, n_kv_i) X(uint8_t, ra_en_o)           \
    X(uint8_t, ra_slot_o) X(uint8_t, w_en_o) X(uint8_t, w_slot_o) X(uint8_t, w_mask_o)            \
    X(uint8_t, cm_valid_o) X(uint8_t, cm_slot_o) X(uint8_t, cm_count_o) X(uint8_t, dbg_en_i)      \
    X(uint8_t, dbg_we_i) X(uint8_t, ev_kv_read_o) X(uint8_t, ev_kv_write_o) X(uint16_t, dst_i)    \
    X(uint16_t, a_i) X(uint16_t, b_i) X(uint16_t, head_dim_i) X(uint16_t, context_i)              \
    X(uint16_t, window_i) X(uint32_t, cap_i) X(uint32_t, cap_slope_i) X(uint16_t, slot_seq_i) X(uint16_t, ev_macs_o) X(uint32_t, scale_i) X(uint32_t, ra_addr_o)    \
    X(uint32_t, ra_data_i) X(uint32_t, w_addr_o) X(uint32_t, w_data_o) X(uint32_t, cm_index_o)    \
    X(uint32_t, cm_data_o) X(uint32_t, dbg_addr_i) X(uint32_t, dbg_wdata_i)                       \
    X(uint32_t, dbg_rdata_o) X(uint32_t, par_vlanes_o) X(uint32_t, par_act_bits_o)                \
    X(uint32_t, par_heads_o) X(uint32_t, par_kv_words_o) X(uint32_t, par_context_o)               \
    X(uint32_t, par_vec_words_o) X(uint64_t, slot_pos_i)
/* clang-format on */

struct ports {
#define X(type, name) type *name;
    BENCH_PORTS(X)
#undef X
};

struct bench {
    struct host_test test;
    struct top top;
    struct tables tables;
    struct ports p;
    uint32_t vlanes, act_bits, attn_heads, kv_words, context_max, vec_words;
    uint32_t vec[SLOTS][VEC_MAX];   /* the vector SRAM of the device */
    uint32_t model[SLOTS][VEC_MAX]; /* what it must hold */
    struct model_block *kv;         /* what the KV memory must hold */
    struct commits seen, expected;
    uint64_t cycles, reads, writes, macs; /* of the last op */
    bool done;
    uint32_t err_code, err_slot; /* 0 if none */
};

static inline void commit_add(struct commits *c, uint32_t slot, uint32_t index, uint32_t word) {
    if (c->count < COMMITS_MAX)
        c->list[c->count] = (struct commit){slot, index, word};
    c->count++;
}

static inline void tick(struct bench *b) {
    struct ports *p = &b->p;
    top_settle(&b->top);
    bool read = *p->ra_en_o;
    uint32_t row[8] = {0};
    if (read)
        for (uint32_t i = 0; i < b->vlanes; i++)
            row[i] = b->vec[*p->ra_slot_o][(*p->ra_addr_o + i) % VEC_MAX];
    if (*p->w_en_o)
        for (uint32_t i = 0; i < b->vlanes; i++)
            if (*p->w_mask_o >> i & 1)
                b->vec[*p->w_slot_o][(*p->w_addr_o + i) % VEC_MAX] = p->w_data_o[i];
    if (*p->cm_valid_o)
        for (uint32_t i = 0; i < *p->cm_count_o; i++)
            commit_add(&b->seen, *p->cm_slot_o, *p->cm_index_o + i, p->cm_data_o[i]);
    b->done = b->done || *p->done_o;
    if (*p->err_o) {
        b->err_code = *p->err_code_o;
        top_error(&b->top, b->err_code);
        b->err_slot = *p->err_slot_o;
    }
    b->reads += *p->ev_kv_read_o;
    b->writes += *p->ev_kv_write_o;
    b->macs += *p->ev_macs_o;
    top_edge(&b->top);
    if (read)
        memcpy(p->ra_data_i, row, sizeof row);
}

static inline void connect(struct bench *b, uint64_t seed) {
    struct ports *p = &b->p;
    top_open(&b->top, &b->test, seed);
    tables_make(&b->tables);
#define X(type, name) p->name = top_port(&b->top, #name);
    BENCH_PORTS(X)
#undef X
    *p->clear_i = *p->fault_i = *p->start_i = *p->dbg_en_i = *p->dbg_we_i = 0;
    top_reset(&b->top, 2);
    tick(b);
    b->vlanes = *p->par_vlanes_o;
    b->act_bits = *p->par_act_bits_o;
    b->attn_heads = *p->par_heads_o;
    b->kv_words = *p->par_kv_words_o;
    b->context_max = *p->par_context_o;
    b->vec_words = *p->par_vec_words_o;
    if (b->kv_words > KV_MAX || b->vec_words != VEC_MAX) {
        printf("FAIL: attention_tb: the test knows %d KV words and %d vector words\n", KV_MAX,
               VEC_MAX);
        exit(1);
    }
}

static inline void set_op(struct bench *b, uint32_t op, const struct geometry *g) {
    struct ports *p = &b->p;
    *p->op_i = (uint8_t)op;
    *p->slots_i = (uint8_t)g->active;
    *p->dst_i = (uint16_t)g->dst;
    *p->a_i = (uint16_t)g->a;
    *p->b_i = (uint16_t)g->b;
    *p->layer_i = (uint8_t)g->layer;
    *p->n_layers_i = (uint8_t)g->layers;
    *p->n_heads_i = (uint8_t)g->heads;
    *p->n_kv_i = (uint8_t)g->n_kv;
    *p->head_dim_i = (uint16_t)g->dim;
    *p->context_i = (uint16_t)g->context;
    *p->scale_i = g->scale;
    *p->window_i = (uint16_t)g->window;
    *p->cap_i = g->cap;
    *p->cap_slope_i = g->cap_slope;
    *p->slot_pos_i = 0;
    *p->slot_seq_i = 0;
    for (int s = 0; s < SLOTS; s++) {
        *p->slot_pos_i |= (uint64_t)g->pos[s] << (16 * s);
        *p->slot_seq_i = (uint16_t)(*p->slot_seq_i | g->seq[s] << (4 * s));
    }
}

/* Runs an op until done or error, at most `limit` cycles. */
static inline void run_op(struct bench *b, uint32_t op, const struct geometry *g, uint64_t limit) {
    b->done = false;
    b->err_code = 0;
    b->seen.count = 0;
    b->reads = b->writes = b->macs = 0;
    set_op(b, op, g);
    *b->p.start_i = 1;
    tick(b);
    *b->p.start_i = 0;
    const uint64_t began = b->top.cycle;
    while (!b->done && b->err_code == 0 && b->top.cycle - began < limit)
        tick(b);
    b->cycles = b->top.cycle - began;
    tick(b); /* the last commit comes a cycle behind */
    tick(b);
}

static inline void clear(struct bench *b) {
    *b->p.clear_i = 1;
    tick(b);
    *b->p.clear_i = 0;
}

static inline void kv_poke(struct bench *b, uint32_t address, const struct model_block *block) {
    struct ports *p = &b->p;
    *p->dbg_en_i = *p->dbg_we_i = 1;
    *p->dbg_addr_i = address;
    for (int i = 0; i < 16; i++)
        p->dbg_wdata_i[i] = (uint16_t)block->m[2 * i] | (uint32_t)(uint16_t)block->m[2 * i + 1]
                                                            << 16;
    p->dbg_wdata_i[16] = block->s;
    tick(b);
    *p->dbg_en_i = *p->dbg_we_i = 0;
}

static inline struct model_block kv_peek(struct bench *b, uint32_t address) {
    struct model_block block;
    *b->p.dbg_en_i = 1;
    *b->p.dbg_addr_i = address;
    tick(b);
    *b->p.dbg_en_i = 0;
    memset(&block, 0, sizeof block);
    for (int i = 0; i < 32; i++)
        block.m[i] = (int16_t)(b->p.dbg_rdata_o[i / 2] >> (i % 2 * 16));
    block.s = (uint8_t)b->p.dbg_rdata_o[16];
    return block;
}

#endif
