/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Holds the vector unit and its SRAM (tests/rtl/vector_tb.v) to docs/numerics.md, bit for bit:
 * random operations on random slots, lengths and values; every word committed, its order, every
 * block of QUANT, every element offered, the SRAM, errors, the events and, without stalls, the
 * cycles that an operation takes.
 *
 *     test_vector [--seed N] [--cases N] [--fault 1|2|4|8|16] [--bench]
 *
 * At the end each fault of the bench is planted and must be caught; --fault plants one from the
 * start, so that the test fails. --bench prints what a cycle costs to simulate instead.
 */
#include "csrc/base/device_info.h"
#include "tests/kit/top.h"
#include "vector_oracle.h"

#include <time.h>

enum { VEC_WORDS = 4096, AREA = 42 /* units of 32 words: room for one vector and some */ };

enum values { SMALL, WIDE, EXTREME, ZEROS, VALUE_KINDS };

struct bench {
    struct host_test test;
    struct top top;
    struct vector_model model;
    unsigned long met[32]; /* errors, by code */
    uint64_t cleared;      /* cycle of the last clear_i */
    bool stalls;
    bool routed; /* a ROUTE has come to its end since one was cleared away */
    unsigned fault;
    /* ports */
    uint8_t *clear_i, *start_i, *op_i, *slots_i, *done_o, *fs_valid_i, *fs_ready_o;
    uint8_t *act_we_o, *act_slot_o, *act_s_o, *cm_valid_o, *cm_slot_o, *cm_count_o, *err_o;
    uint8_t *err_code_o, *err_slot_o, *ev_busy_o, *ev_valid_o, *ev_count_o, *fault_i, *tb_i;
    uint8_t *tb_w_en_i, *tb_r_en_i, *tb_slot_i, *mv_we_i, *mv_both_i, *mv_mask_i, *inc_we_i,
        *inc_addr_i;
    uint8_t *inc_bank_i, *bank_i, *expert_i, *used_i, *normalised_i;
    uint8_t *halves_i;
    uint8_t *offer_valid_o;
    uint16_t *offer_index_o;
    uint16_t *dst_i, *a_i, *b_i, *n_i, *head_dim_i, *n_rot_i, *act_block_o, *tb_addr_i, *mv_addr_i;
    uint32_t *imm_i, *fs_data_i, *act_m_o, *cm_index_o, *cm_data_o, *tb_data_i, *tb_data_o;
    uint64_t *inc_data_i;
    void *slot_pos_i, *mv_data_i, *offer_data_o; /* little-endian, of any size */
    uint32_t *choice_o;
};

/* A check on the operation that runs. */
#define CHECK_OP(b, condition, what, expected, actual)                                             \
    CHECK(&(b)->test, condition, "op %u, slots %x, n %u: %s: expected %llx, got %llx", *(b)->op_i, \
          *(b)->slots_i, *(b)->n_i, what, (unsigned long long)(expected),                          \
          (unsigned long long)(actual))

static void check_equal(struct bench *b, const char *what, uint64_t expected, uint64_t actual) {
    CHECK_OP(b, expected == actual, what, expected, actual);
}

static void open_bench(struct bench *b, uint64_t seed) {
    top_open(&b->top, &b->test, seed);
    TOP_PORT(b, halves_i), TOP_PORT(b, clear_i), TOP_PORT(b, start_i), TOP_PORT(b, op_i);
    TOP_PORT(b, slots_i), TOP_PORT(b, done_o), TOP_PORT(b, fs_valid_i), TOP_PORT(b, fs_ready_o),
        TOP_PORT(b, act_we_o);
    TOP_PORT(b, act_slot_o), TOP_PORT(b, act_s_o), TOP_PORT(b, cm_valid_o), TOP_PORT(b, cm_slot_o);
    TOP_PORT(b, cm_count_o), TOP_PORT(b, err_o), TOP_PORT(b, err_code_o), TOP_PORT(b, err_slot_o);
    TOP_PORT(b, ev_busy_o), TOP_PORT(b, ev_valid_o), TOP_PORT(b, ev_count_o), TOP_PORT(b, fault_i),
        TOP_PORT(b, tb_i);
    TOP_PORT(b, tb_w_en_i), TOP_PORT(b, tb_r_en_i), TOP_PORT(b, tb_slot_i), TOP_PORT(b, mv_we_i),
        TOP_PORT(b, mv_both_i);
    TOP_PORT(b, mv_mask_i), TOP_PORT(b, inc_we_i), TOP_PORT(b, inc_addr_i), TOP_PORT(b, inc_bank_i),
        TOP_PORT(b, bank_i), TOP_PORT(b, dst_i), TOP_PORT(b, a_i);
    TOP_PORT(b, b_i), TOP_PORT(b, n_i), TOP_PORT(b, head_dim_i), TOP_PORT(b, n_rot_i),
        TOP_PORT(b, act_block_o);
    TOP_PORT(b, tb_addr_i), TOP_PORT(b, mv_addr_i), TOP_PORT(b, imm_i), TOP_PORT(b, fs_data_i),
        TOP_PORT(b, act_m_o);
    TOP_PORT(b, cm_index_o), TOP_PORT(b, cm_data_o), TOP_PORT(b, tb_data_i), TOP_PORT(b, tb_data_o);
    TOP_PORT(b, inc_data_i), TOP_PORT(b, slot_pos_i), TOP_PORT(b, mv_data_i);
    TOP_PORT(b, offer_valid_o), TOP_PORT(b, offer_index_o), TOP_PORT(b, offer_data_o);
    TOP_PORT(b, expert_i), TOP_PORT(b, used_i), TOP_PORT(b, normalised_i), TOP_PORT(b, choice_o);
    b->model.slots = (unsigned)dut_port_bytes(b->top.dut, "mv_data_i") / 8;
    b->model.vlanes = (unsigned)dut_port_bytes(b->top.dut, "fs_data_i") / 4;
    top_settle(&b->top);
    b->model.act_bits = *(uint8_t *)top_port(&b->top, "act_bits_o");
    vector_model_open(&b->model);
    *b->start_i = *b->clear_i = *b->fs_valid_i = *b->tb_i = *b->tb_w_en_i = *b->tb_r_en_i = 0;
    *b->mv_we_i = *b->mv_both_i = *b->inc_we_i = 0;
    *b->fault_i = (uint8_t)b->fault;
    top_reset(&b->top, 1);
    top_tick(&b->top);
}

/* --- The SRAM ----------------------------------------------------------------------------- */

static uint32_t random_value(struct bench *b, enum values kind) {
    const uint32_t bits = (uint32_t)top_random(&b->top) & 0x807fffff;
    if (top_below(&b->top, 16) == 0)
        return top_below(&b->top, 2) ? bits & 0x80000000 : bits; /* a zero, or subnormal */
    switch (kind) {
    case SMALL:
        return bits | (127 - 6 + top_below(&b->top, 10)) << 23;
    case WIDE:
        return bits | (127 - 24 + top_below(&b->top, 42)) << 23;
    case EXTREME:
        return bits | (1 + top_below(&b->top, 254)) << 23;
    default:
        return bits & 0x80000000;
    }
}

/* Fills n elements from `base` (units of 32 words) of every slot, in the model and the SRAM. */
static void fill(struct bench *b, unsigned base, unsigned n, enum values kind) {
    struct vector_model *m = &b->model;
    const unsigned from = base * 32, to = from + (n + 31) / 32 * 32;
    for (unsigned s = 0; s < m->slots; s++)
        for (unsigned i = from; i < to; i++)
            m->mem[s][i] = i - from < n ? random_value(b, kind) : (uint32_t)top_random(&b->top);
    *b->tb_i = 1;
    if (top_below(&b->top, 4) == 0) { /* as the dot array does */
        *b->mv_we_i = 1;
        *b->mv_mask_i = (uint8_t)((1 << m->slots) - 1);
        *b->mv_both_i = 1;
        for (unsigned i = from; i < to; i += 2) {
            *b->mv_addr_i = (uint16_t)i;
            for (unsigned s = 0; s < m->slots; s++)
                memcpy((char *)b->mv_data_i + 8 * s, &m->mem[s][i], 8);
            top_tick(&b->top);
        }
        *b->mv_we_i = *b->mv_both_i = 0;
    } else {
        *b->tb_w_en_i = 1;
        for (unsigned s = 0; s < m->slots; s++)
            for (unsigned i = from; i < to; i += m->vlanes) {
                *b->tb_slot_i = (uint8_t)s;
                *b->tb_addr_i = (uint16_t)i;
                memcpy(b->tb_data_i, &m->mem[s][i], 4 * m->vlanes);
                top_tick(&b->top);
            }
        *b->tb_w_en_i = 0;
    }
    *b->tb_i = 0;
}

/* Writes element i of the slots in `mask` by the port of the dot array. */
static void poke(struct bench *b, unsigned mask, unsigned i, const uint32_t x[MODEL_SLOTS]) {
    struct vector_model *m = &b->model;
    *b->mv_we_i = 1;
    *b->mv_mask_i = (uint8_t)mask;
    *b->mv_addr_i = (uint16_t)i;
    for (unsigned s = 0; s < m->slots; s++) {
        memcpy((char *)b->mv_data_i + 8 * s + 4 * (i & 1), &x[s], 4);
        if (mask >> s & 1)
            m->mem[s][i] = x[s];
    }
    top_tick(&b->top);
    *b->mv_we_i = 0;
}

/* Anywhere, anything. */
static void poke_anywhere(struct bench *b) {
    uint32_t x[MODEL_SLOTS];
    for (unsigned s = 0; s < MODEL_SLOTS; s++)
        x[s] = (uint32_t)top_random(&b->top);
    poke(b, top_below(&b->top, 1u << b->model.slots), top_below(&b->top, VEC_WORDS), x);
}

/* Elements from..from+n-1 of one slot become `x`, of random sign. */
static void plant(struct bench *b, unsigned from, unsigned n, uint32_t x) {
    const unsigned s = top_below(&b->top, b->model.slots);
    uint32_t values[MODEL_SLOTS] = {0};
    for (unsigned i = from; i < from + n; i++) {
        values[s] = (uint32_t)top_random(&b->top) << 31 | x;
        poke(b, 1u << s, i, values);
    }
}

/* Elements from..from+n-1 of every slot become one of a few, zeros of both signs and subnormals
 * among them. */
static void level(struct bench *b, unsigned from, unsigned n) {
    const uint32_t few[] = {0x3f800000, 0xbf800000, 0,          0x80000000,
                            0x00000007, 0x80000007, 0x3f800001, random_value(b, SMALL)};
    const unsigned first = top_below(&b->top, 8), kinds = 1 + top_below(&b->top, 4);
    uint32_t values[MODEL_SLOTS];
    for (unsigned i = from; i < from + n; i++) {
        for (unsigned s = 0; s < b->model.slots; s++)
            values[s] = few[(first + top_below(&b->top, kinds)) % 8];
        poke(b, (1u << b->model.slots) - 1, i, values);
    }
}

/* Compares elements from..to-1 of every slot; or, if `adopt`, believes the SRAM. */
static void compare(struct bench *b, unsigned from, unsigned to, bool adopt) {
    struct vector_model *m = &b->model;
    *b->tb_i = *b->tb_r_en_i = 1;
    for (unsigned s = 0; s < m->slots; s++)
        for (unsigned i = from; i < to; i += m->vlanes) {
            *b->tb_slot_i = (uint8_t)s;
            *b->tb_addr_i = (uint16_t)i;
            top_tick(&b->top);
            if (adopt)
                memcpy(&m->mem[s][i], b->tb_data_o, 4 * m->vlanes);
            else
                for (unsigned k = 0; k < m->vlanes; k++)
                    check_equal(b, "SRAM word", m->mem[s][i + k], b->tb_data_o[k]);
        }
    *b->tb_i = *b->tb_r_en_i = 0;
}

/* --- One operation -------------------------------------------------------------------------- */

/* Cycles from start to done without stalls. */
static unsigned expected_cycles(const struct vector_model *m, const struct vector_op *op) {
    unsigned slots = 0;
    for (unsigned s = 0; s < m->slots; s++)
        slots += op->slots >> s & 1;
    const unsigned groups = slots * ((op->n + m->vlanes - 1) / m->vlanes);
    const unsigned blocks = slots * ((op->n + 31) / 32) * (16 / m->vlanes);
    switch (op->op) {
    case LOCKSTEP_OP_ANGLES:
        return op->n_rot ? slots * op->n_rot / 2 + 12 : 2;
    case LOCKSTEP_OP_EMBED:
    case LOCKSTEP_OP_POSITION:
    case LOCKSTEP_OP_ROW:
        return groups + 3;
    case LOCKSTEP_OP_NORM:
        return blocks + groups + 28;
    case LOCKSTEP_OP_CENTER:
        return blocks + groups + 20;
    case LOCKSTEP_OP_HEADCENTER:
    case LOCKSTEP_OP_HEADNORM:
    case LOCKSTEP_OP_HEADNORM_OWN:
        return op->n / op->head_dim *
                   (slots * ((op->head_dim + 31) / 32) * (16 / m->vlanes) +
                    (op->op == LOCKSTEP_OP_HEADCENTER ? 19 : 27) +
                    slots * ((op->head_dim + m->vlanes - 1) / m->vlanes)) +
               1;
    case LOCKSTEP_OP_QUANT:
        return blocks + 7;
    case LOCKSTEP_OP_ROPE:
        return op->n / op->head_dim * slots * vector_rope_groups(m, op) + 8;
    case LOCKSTEP_OP_SWIGLU:
    case LOCKSTEP_OP_SIGMOID:
        return groups + 21;
    case LOCKSTEP_OP_ROUTE:
        return (op->used + 2) * groups + 2 * op->used + 34;
    case LOCKSTEP_OP_GEGLU:
    case LOCKSTEP_OP_GELU:
        return groups + 30;
    case LOCKSTEP_OP_SCALE:
    case LOCKSTEP_OP_WEIGH:
        return groups + 7;
    case LOCKSTEP_OP_OFFER: /* the last group is shorter */
        return op->n + (slots - 1) * ((op->n + m->vlanes - 1) / m->vlanes) + 4;
    default:
        return groups + 6;
    }
}

/* Compares the outputs of this cycle with what the model expects next. */
static void watch(struct bench *b, const struct vector_expected *e, struct vector_seen *seen) {
    const struct vector_model *m = &b->model;
    if (*b->cm_valid_o) {
        const struct vector_commit *c = &e->commits[seen->commits];
        CHECK_OP(b, seen->commits < e->n_commits, "commits", e->n_commits, seen->commits + 1);
        if (seen->commits++ < e->n_commits) {
            check_equal(b, "commit slot", c->slot, *b->cm_slot_o);
            check_equal(b, "commit index", c->index, *b->cm_index_o);
            check_equal(b, "commit count", c->count, *b->cm_count_o);
            for (unsigned i = 0; i < c->count; i++)
                check_equal(b, "commit word", m->mem[c->slot][c->address + i], b->cm_data_o[i]);
        }
    }
    if (*b->act_we_o) {
        const struct vector_block *k = &e->blocks[seen->blocks];
        CHECK_OP(b, seen->blocks < e->n_blocks, "blocks", e->n_blocks, seen->blocks + 1);
        if (seen->blocks++ < e->n_blocks) {
            check_equal(b, "block slot", k->slot, *b->act_slot_o);
            check_equal(b, "block index", k->block, *b->act_block_o);
            check_equal(b, "block shift", k->s, *b->act_s_o);
            CHECK_OP(b, !memcmp(k->m, b->act_m_o, sizeof k->m), "mantissas", 0, 0);
        }
    }
    if (*b->offer_valid_o) {
        CHECK_OP(b, seen->offers < e->offers, "offers", e->offers, seen->offers + 1);
        check_equal(b, "offered element", seen->offers, *b->offer_index_o);
        for (unsigned s = 0; s < m->slots && seen->offers < e->offers; s++) {
            uint32_t word;
            memcpy(&word, (char *)b->offer_data_o + 4 * s, 4);
            if (*b->slots_i >> s & 1)
                check_equal(b, "offered word", m->mem[s][*b->a_i * 32u + seen->offers], word);
        }
        seen->offers++;
    }
    if (*b->ev_valid_o)
        seen->events += *b->ev_count_o;
    if (*b->err_o) {
        seen->error = *b->err_code_o;
        top_error(&b->top, seen->error);
        seen->error_slot = *b->err_slot_o;
    }
}

/* The experts that the last ROUTE chose; none of slots that took no part. */
static void check_choice(struct bench *b, const struct vector_expected *e) {
    for (unsigned s = 0; s < b->model.slots; s++)
        for (unsigned i = 0; i < LOCKSTEP_EXPERTS_MAX; i++)
            check_equal(b, "choice", e->chosen[s][i],
                        b->choice_o[s * LOCKSTEP_EXPERTS_MAX / 32 + i / 32] >> i % 32 & 1);
}

/* Cycles without an operation. */
static void stay_quiet(struct bench *b, unsigned cycles) {
    for (; cycles > 0; cycles--) {
        top_settle(&b->top);
        CHECK_OP(b,
                 !*b->cm_valid_o && !*b->act_we_o && !*b->offer_valid_o && !*b->err_o &&
                     !*b->done_o && !*b->ev_busy_o,
                 "silence", 0, 1);
        top_edge(&b->top);
    }
}

/* Runs `op`; `stop_after` cycles later it is cleared away, or the unit is reset, if that is not 0.
 */
static void run(struct bench *b, const struct vector_op *op, unsigned stop_after) {
    struct vector_model *m = &b->model;
    struct vector_expected *e = &m->expected;
    struct vector_seen seen = {0};
    unsigned taken = 0, cycles = 0;
    vector_model_run(m, op);

    *b->op_i = (uint8_t)op->op;
    *b->slots_i = (uint8_t)op->slots;
    *b->dst_i = (uint16_t)op->dst;
    *b->a_i = (uint16_t)op->a;
    *b->b_i = (uint16_t)op->b;
    *b->n_i = (uint16_t)op->n;
    *b->imm_i = op->imm;
    *b->expert_i = (uint8_t)op->expert;
    *b->used_i = (uint8_t)op->used;
    *b->normalised_i = op->normalised;
    *b->head_dim_i = (uint16_t)op->head_dim;
    *b->n_rot_i = (uint16_t)op->n_rot;
    *b->halves_i = op->halves;
    *b->bank_i = (uint8_t)op->bank;
    memcpy(b->slot_pos_i, op->pos, 2 * m->slots);
    stay_quiet(b, top_below(&b->top, 3)); /* operands may come ahead of the start */
    *b->start_i = 1;
    const uint64_t began = b->top.cycle, limit = began + 10 * m->slots * (2 * op->n + 256) + 200;
    bool waits = false;
    while (top_waits(&b->top, limit, "the end of the operation")) {
        waits = waits || !b->stalls || !top_stalls(&b->top, 333); /* valid stays until ready */
        *b->fs_valid_i = waits && taken < op->n_groups;
        if (*b->fs_valid_i)
            memcpy(b->fs_data_i, op->stream + taken * m->vlanes, 4 * m->vlanes);
        else
            memset(b->fs_data_i, 0xff, 4 * m->vlanes);
        top_settle(&b->top);
        watch(b, e, &seen);
        if (*b->fs_valid_i && *b->fs_ready_o) {
            taken++;
            waits = false;
        }
        const bool ends = *b->done_o || *b->err_o;
        top_edge(&b->top);
        *b->start_i = 0;
        cycles++;
        if (ends || (stop_after && cycles == stop_after))
            break;
    }
    *b->fs_valid_i = 0;
    if (op->op == LOCKSTEP_OP_ROUTE)
        b->routed = !(stop_after && cycles == stop_after);
    if (stop_after && cycles == stop_after) {
        *b->clear_i = stop_after % 2;
        if (stop_after % 2)
            top_tick(&b->top);
        else
            top_reset(&b->top, 3);
        *b->clear_i = 0;
        b->cleared = b->top.cycle;
        compare(b, op->dst * 32, op->dst * 32 + (op->n + 31) / 32 * 32, true);
        return;
    }
    b->met[seen.error % 32]++;
    check_equal(b, "commits", e->n_commits, seen.commits);
    check_equal(b, "blocks", e->n_blocks, seen.blocks);
    check_equal(b, "offers", e->offers, seen.offers);
    CHECK_OP(b, seen.error == e->error || (e->other_error && seen.error == e->other_error), "error",
             e->error, seen.error);
    if (seen.error)
        check_equal(b, "error slot", seen.error == e->error ? e->error_slot : e->other_slot,
                    seen.error_slot);
    if (!e->error) {
        check_equal(b, "events", e->events, seen.events);
        check_equal(b, "stream groups", op->n_groups, taken);
        if (b->routed)
            check_choice(b, e);
        if (!b->stalls && op->slots && began > b->cleared + 32)
            check_equal(b, "cycles", expected_cycles(m, op), b->top.cycle - began - 1);
    }
    stay_quiet(b, top_below(&b->top, 3) + (e->error ? 30 : 0));
    if (e->error) {
        *b->clear_i = 1;
        top_tick(&b->top);
        *b->clear_i = 0;
        b->cleared = b->top.cycle;
        for (unsigned i = top_below(&b->top, 50); i > 0; i--)
            top_tick(&b->top);
    }
    const unsigned from = op->dst * 32, to = from + (op->n + 63) / 32 * 32;
    compare(b, from < 32 ? 0 : from - 32, to, false);
}

/* Whose elements must be below 2^18. */
static bool forms_blocks(unsigned code) {
    return code == LOCKSTEP_OP_NORM || code == LOCKSTEP_OP_CENTER || code == LOCKSTEP_OP_QUANT ||
           vector_by_heads(code);
}

/* Of ANGLES: 1, 2, or any other below. */
static uint32_t random_magnitude(struct bench *b) {
    const unsigned kind = top_below(&b->top, 4);
    return kind == 0   ? 0x3f800000
           : kind == 1 ? 0x40000000
                       : (120 + top_below(&b->top, 8)) << 23 | (uint32_t)top_random(&b->top) >> 9;
}

/* A random operation of kind `code` on values of kind `kind`. */
static void one_case(struct bench *b, unsigned code, enum values kind, unsigned slots, unsigned n,
                     unsigned stop_after) {
    struct vector_model *m = &b->model;
    struct vector_op op = {.op = code, .slots = slots, .n = n};
    const unsigned area = top_below(&b->top, 3);
    op.a = area * AREA + top_below(&b->top, AREA - 33);
    op.b = (area + 1) % 3 * AREA + top_below(&b->top, AREA - 33);
    op.dst = (area + 2) % 3 * AREA + top_below(&b->top, AREA - 33);
    if (top_below(&b->top, 4) == 0) /* in place */
        op.dst = top_below(&b->top, 2) ? op.a : op.b;
    if (top_below(&b->top, 8) == 0)
        op.b = op.a;
    for (unsigned s = 0; s < m->slots; s++)
        op.pos[s] =
            (uint16_t)(top_below(&b->top, 4) ? top_below(&b->top, 5000) : top_random(&b->top));
    if (code == LOCKSTEP_OP_ROPE || code == LOCKSTEP_OP_ANGLES || vector_by_heads(code)) {
        const unsigned unit = top_below(&b->top, 2) ? m->vlanes : 1;
        op.head_dim = unit * (1 + top_below(&b->top, (top_below(&b->top, 4) ? 64 : 256) / unit));
        op.n_rot = top_below(&b->top, 2) ? op.head_dim : top_below(&b->top, op.head_dim + 1);
        op.n_rot &= ~1u;
        op.n = op.head_dim * (1 + n / op.head_dim / 2);
        op.bank = top_below(&b->top, 2);
    }
    if (code == LOCKSTEP_OP_ROPE) {
        struct vector_op angles = op;
        angles.op = LOCKSTEP_OP_ANGLES;
        if (top_below(&b->top, 4) != 0)
            angles.n_rot = op.n_rot = op.head_dim & ~1u;
        op.halves = top_below(&b->top, 3) != 0;
        op.dst = op.halves ? (area + 2) % 3 * AREA + top_below(&b->top, AREA - 33) : op.a;
        for (unsigned more = top_below(&b->top, 2); more < 2; more++) {
            angles.imm = random_magnitude(b);
            run(b, &angles, 0);
            angles.bank = !op.bank; /* the other bank does not matter */
        }
    }
    if (code == LOCKSTEP_OP_ROUTE) {
        op.n = 1 + (n - 1) % LOCKSTEP_EXPERTS_MAX;
        op.used = 1 + top_below(&b->top, top_below(&b->top, 4) && op.n > 10 ? 10 : op.n);
        op.normalised = top_below(&b->top, 2);
    }
    if (code == LOCKSTEP_OP_WEIGH) {
        op.expert = top_below(&b->top, LOCKSTEP_EXPERTS_MAX);
        op.b = (area + 1) % 3 * AREA + top_below(&b->top, AREA - 33);
        op.dst = top_below(&b->top, 2) ? op.a : (area + 2) % 3 * AREA;
    }
    if (code == LOCKSTEP_OP_HEADNORM) { /* which reads b again and again: never in its place */
        op.b = (area + 1) % 3 * AREA + top_below(&b->top, AREA - 33);
        op.dst = top_below(&b->top, 2) ? op.a : (area + 2) % 3 * AREA;
    }
    /* 1e-5, a random one; 0 with zeros in x is the error DIVZERO */
    op.imm = code == LOCKSTEP_OP_ANGLES  ? random_magnitude(b)
             : code == LOCKSTEP_OP_SCALE ? random_value(b, kind)
             : top_below(&b->top, 2)     ? 0x3727c5ac
             : top_below(&b->top, 2)     ? random_value(b, SMALL) & 0x7fffffff
                                         : 0;
    fill(b, op.a, op.n, kind);
    if (code == LOCKSTEP_OP_HEADNORM)
        fill(b, op.b, op.head_dim, top_below(&b->top, 8) ? kind : EXTREME);
    else if (code == LOCKSTEP_OP_WEIGH)
        fill(b, op.b, LOCKSTEP_EXPERTS_MAX, top_below(&b->top, 4) ? kind : SMALL);
    else if (in_mask(LOCKSTEP_OPS_B, code))
        fill(b, op.b, op.n, top_below(&b->top, 4) ? kind : SMALL);
    if (code == LOCKSTEP_OP_ROUTE && top_below(&b->top, 2)) /* many are equal */
        level(b, op.a * 32, op.n);
    if (code == LOCKSTEP_OP_NORM && top_below(&b->top, 4) == 0) /* all slots zeros */
        fill(b, op.a, op.n, ZEROS);
    if (vector_by_heads(code) && top_below(&b->top, 4) == 0) /* a head of zeros */
        plant(b, op.a * 32 + op.head_dim * top_below(&b->top, op.n / op.head_dim), op.head_dim, 0);
    if (forms_blocks(code) && top_below(&b->top, 8) == 0) /* 2^18, or just below it */
        plant(b, op.a * 32 + top_below(&b->top, op.n), 1,
              top_below(&b->top, 2) ? 0x48800000 : 0x487fffff);
    if ((code == LOCKSTEP_OP_GELU || code == LOCKSTEP_OP_GEGLU) && top_below(&b->top, 4) == 0)
        plant(b, op.a * 32 + top_below(&b->top, op.n), 1, /* its cube or its square overflows */
              ((top_below(&b->top, 2) ? 127 + 42 : 127 + 62) + top_below(&b->top, 4)) << 23 |
                  ((uint32_t)top_random(&b->top) & 0x7fffff));
    const unsigned groups = (op.n + m->vlanes - 1) / m->vlanes;
    const enum values gains = top_below(&b->top, 8) ? kind : EXTREME;
    const bool by_slot = in_mask(LOCKSTEP_OPS_TOKEN | LOCKSTEP_OPS_POSITION, code);
    if (in_mask(LOCKSTEP_OPS_TENSOR, code) && !by_slot) /* a row for all slots */
        op.n_groups = slots ? groups : 0;
    for (unsigned s = 0; by_slot && s < m->slots; s++)
        op.n_groups += slots >> s & 1 ? groups : 0;
    op.stream = malloc((op.n_groups + 1) * m->vlanes * 4);
    if (!op.stream)
        exit(2);
    for (unsigned i = 0; i < op.n_groups * m->vlanes; i++)
        op.stream[i] = i % (groups * m->vlanes) < op.n ? random_value(b, gains)
                                                       : (uint32_t)top_random(&b->top);
    run(b, &op, stop_after);
    free(op.stream);
}

static const unsigned OPS[] = {
    LOCKSTEP_OP_ANGLES,      LOCKSTEP_OP_EMBED,    LOCKSTEP_OP_NORM,     LOCKSTEP_OP_QUANT,
    LOCKSTEP_OP_ROPE,        LOCKSTEP_OP_SWIGLU,   LOCKSTEP_OP_ADD,      LOCKSTEP_OP_BIAS,
    LOCKSTEP_OP_CENTER,      LOCKSTEP_OP_HEADNORM, LOCKSTEP_OP_GEGLU,    LOCKSTEP_OP_GELU,
    LOCKSTEP_OP_SCALE,       LOCKSTEP_OP_ROW,      LOCKSTEP_OP_POSITION, LOCKSTEP_OP_OFFER,
    LOCKSTEP_OP_ROUTE,       LOCKSTEP_OP_WEIGH,    LOCKSTEP_OP_SIGMOID,  LOCKSTEP_OP_HEADCENTER,
    LOCKSTEP_OP_HEADNORM_OWN};
enum { N_OPS = sizeof OPS / sizeof OPS[0] };

static void random_cases(struct bench *b, unsigned cases) {
    const struct vector_model *m = &b->model;
    compare(b, 0, VEC_WORDS, true);
    for (unsigned i = 0; i < 256; i++) {
        uint64_t *inc = &b->model.inc[i / 128][i % 128];
        *inc = top_random(&b->top) >> (top_below(&b->top, 4) ? 16 + top_below(&b->top, 30) : 16);
        *b->inc_we_i = 1;
        *b->inc_bank_i = (uint8_t)(i / 128);
        *b->inc_addr_i = (uint8_t)(i % 128);
        *b->inc_data_i = *inc;
        top_tick(&b->top);
    }
    *b->inc_we_i = 0;
    for (unsigned i = 0; i < cases; i++) {
        const unsigned code = OPS[i % N_OPS];
        const unsigned n =
            top_below(&b->top, 3) ? 1 + top_below(&b->top, 100) : 1 + top_below(&b->top, 1000);
        const enum values kind = (enum values)top_below(&b->top, forms_blocks(code) ? 2 : 3);
        const unsigned all = (1u << m->slots) - 1;
        const unsigned slots = top_below(&b->top, 2) ? all : top_below(&b->top, all + 1);
        const bool stops =
            code != LOCKSTEP_OP_ANGLES && code != LOCKSTEP_OP_ROPE && top_below(&b->top, 8) == 0;
        b->stalls = top_below(&b->top, 2);
        one_case(b, code, kind, slots, n,
                 stops ? 1 + top_below(&b->top, 2 * n / m->vlanes + 40) : 0);
        if (top_below(&b->top, 4) == 0)
            poke_anywhere(b);
    }
    compare(b, 0, VEC_WORDS, false);
}

/* --- What a cycle costs to simulate ----------------------------------------------------------- */

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void bench_speed(struct bench *b) {
    const unsigned n = 1024 / 32 * 32, all = (1u << b->model.slots) - 1;
    double began = seconds();
    for (unsigned i = 0; i < 1000000; i++)
        top_tick(&b->top);
    printf("idle: %.1f ns a cycle\n", 1e3 * (seconds() - began));
    for (unsigned i = 0; i < N_OPS; i++) {
        *b->op_i = (uint8_t)OPS[i];
        *b->slots_i = (uint8_t)all;
        *b->a_i = *b->b_i = 0;
        *b->dst_i = 64;
        *b->n_i = OPS[i] == LOCKSTEP_OP_ROUTE ? LOCKSTEP_EXPERTS_MAX : (uint16_t)n;
        *b->used_i = 8;
        *b->imm_i = 0x3727c5ac;
        *b->head_dim_i = *b->n_rot_i = 64;
        *b->fs_valid_i = 1;
        memset(b->fs_data_i, 0, 4 * b->model.vlanes);
        fill(b, 0, n, SMALL);
        const uint64_t from = b->top.cycle;
        began = seconds();
        for (unsigned round = 0; round < 500; round++) {
            *b->start_i = 1;
            top_tick(&b->top);
            *b->start_i = 0;
            while (!*b->done_o)
                top_tick(&b->top);
        }
        const double cycles = (double)(b->top.cycle - from);
        printf("op %2u: %.0f cycles, %.1f ns a cycle\n", OPS[i], cycles / 500,
               1e9 * (seconds() - began) / cycles);
    }
}

int main(int argc, char **argv) {
    struct bench b = {.test = {"vector", 0, 0}};
    uint64_t seed = 1;
    unsigned cases = 5000;
    bool speed = false;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "0";
        if (!strcmp(argv[i], "--bench"))
            speed = true;
        else if (!strcmp(argv[i], "--seed"))
            seed = strtoull(value, NULL, 0), i++;
        else if (!strcmp(argv[i], "--cases"))
            cases = (unsigned)strtoul(value, NULL, 0), i++;
        else if (!strcmp(argv[i], "--fault"))
            b.fault = (unsigned)strtoul(value, NULL, 0), i++;
        else {
            fprintf(stderr,
                    "usage: test_vector [--seed N] [--cases N] [--fault 1|2|4|8|16] [--bench]\n");
            return 2;
        }
    }
    open_bench(&b, seed);
    if (speed) {
        bench_speed(&b);
        top_close(&b.top);
        return 0;
    }
    random_cases(&b, cases);
    for (unsigned code = LOCKSTEP_ERROR_RANGE; cases >= 1000 && code <= LOCKSTEP_ERROR_DIVZERO;
         code++)
        CHECK_OP(&b, b.met[code] >= 5, "operations with this error", code, b.met[code]);
    struct host_test test = b.test;
    for (b.fault = 1; test.failures == 0 && b.fault <= 16; b.fault *= 2) {
        *b.fault_i = (uint8_t)b.fault;
        b.test = (struct host_test){NULL, 0, 0};
        random_cases(&b, 20 * N_OPS);
        CHECK(&test, b.test.failures != 0, "planted fault %u: not caught", b.fault);
    }
    top_close(&b.top);
    return host_test_finish(&test);
}
