/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the vector unit must do, for tests/rtl/test_vector.c: section 5 of docs/numerics.md, step by
 * step, on the operations of tests/kit/numerics.h.
 *
 *     vector_model_open(&model);
 *     vector_model_run(&model, &op);      changes model.mem, says what to expect
 */
#ifndef VECTOR_ORACLE_H
#define VECTOR_ORACLE_H

#include "generated/device.h"
#include "tests/kit/numerics.h"

enum { MODEL_SLOTS = 8, MODEL_WORDS = 4096 };

struct vector_op {
    unsigned op, slots; /* code; mask */
    unsigned dst, a, b; /* units of 32 words */
    unsigned n;         /* elements */
    unsigned head_dim, n_rot;
    bool halves;
    unsigned bank;         /* of the rotation buffer */
    uint32_t imm;          /* binary32: epsilon, SCALE's factor, or ANGLES' magnitude */
    unsigned expert, used; /* of WEIGH; of ROUTE */
    bool normalised;
    uint16_t pos[MODEL_SLOTS];
    uint32_t *stream; /* groups of vlanes words */
    unsigned n_groups;
};

struct vector_commit {
    unsigned slot, index, count;
    unsigned address; /* of the first word in the slot's memory */
};

struct vector_block {
    unsigned slot, block, s;
    int16_t m[32];
};

/* What an operation shows on its ports, in order. */
struct vector_expected {
    struct vector_commit commits[MODEL_SLOTS * 1024 * 2];
    struct vector_block blocks[MODEL_SLOTS * 64];
    unsigned n_commits, n_blocks;
    unsigned offers; /* elements of a, from the first on */
    unsigned events;
    bool chosen[MODEL_SLOTS][LOCKSTEP_EXPERTS_MAX]; /* by the last ROUTE */
    unsigned error, error_slot;                     /* the operation ends with it; 0: none */
    unsigned other_error, other_slot;               /* a norm may meet this one before */
};

struct vector_seen {
    unsigned commits, blocks, offers, events, error, error_slot;
};

struct vector_model {
    unsigned slots, vlanes, act_bits;
    struct tables tables;
    uint64_t inc[2][128];                      /* by bank */
    uint32_t rotation[2][MODEL_SLOTS][128][2]; /* by bank; cos, sin */
    uint32_t mem[MODEL_SLOTS][MODEL_WORDS];
    struct vector_expected expected;
};

static inline void vector_model_open(struct vector_model *m) {
    tables_make(&m->tables);
}

/* Elements of the group that begins at `i`, of a part that ends before `end`. */
static inline unsigned vector_count(const struct vector_model *m, unsigned i, unsigned end) {
    return end - i < m->vlanes ? end - i : m->vlanes;
}

/* The group of `count` elements from `i` on is written and committed; false if it has an error. */
static inline bool vector_put(struct vector_model *m, const struct vector_op *op, unsigned slot,
                              unsigned i, unsigned count, const struct value *y) {
    struct vector_expected *e = &m->expected;
    for (unsigned k = 0; k < count; k++)
        if (y[k].error) {
            e->error = LOCKSTEP_ERROR_OVERFLOW;
            e->error_slot = slot;
            return false;
        }
    for (unsigned k = 0; k < count; k++)
        m->mem[slot][op->dst * 32 + i + k] = y[k].bits;
    e->commits[e->n_commits++] = (struct vector_commit){slot, i, count, op->dst * 32 + i};
    e->events += count;
    return true;
}

/* Elements i..i+31 of `x`, of n, as a block, +0 past the end; true for RANGE. */
static inline bool vector_block(const uint32_t *x, unsigned n, unsigned i, int bits, int16_t q[32],
                                unsigned *s) {
    uint32_t block[32] = {0};
    for (unsigned k = 0; k < 32 && i + k < n; k++)
        block[k] = x[i + k];
    return oracle_block(block, bits, q, s);
}

static inline void vector_angles(struct vector_model *m, const struct vector_op *op,
                                 unsigned slot) {
    for (unsigned j = 0; j < op->n_rot / 2; j++) {
        const uint64_t turn = op->pos[slot] * m->inc[op->bank][j] & 0xffffffffffff;
        uint32_t *y = m->rotation[op->bank][slot][j];
        oracle_rotation(&m->tables, (uint32_t)((turn + (1 << 23)) >> 24) & 0xffffff, y);
        for (int k = 0; k < 2; k++)
            y[k] = oracle_mul(op->imm, y[k]).bits;
        m->expected.events++;
    }
}

/* Element i of head-wise rotated a. */
static inline struct value vector_rope(const struct vector_model *m, const struct vector_op *op,
                                       unsigned slot, unsigned i) {
    const uint32_t *x = &m->mem[slot][op->a * 32];
    const unsigned place = i % op->head_dim;
    if (place >= op->n_rot)
        return (struct value){x[i], false};
    const unsigned half = op->n_rot / 2, apart = op->halves ? half : 1;
    const unsigned pair = op->halves ? place % half : place / 2;
    const bool second = op->halves ? place >= half : place % 2 != 0;
    const uint32_t c = m->rotation[op->bank][slot][pair][0],
                   s = m->rotation[op->bank][slot][pair][1];
    if (!second)
        return oracle_add(oracle_mul(x[i], c).bits, oracle_mul(x[i + apart], s).bits, true);
    return oracle_add(oracle_mul(x[i - apart], s).bits, oracle_mul(x[i], c).bits, false);
}

/* The end of the part of its head in which element i lies: groups of ROPE do not go beyond. */
static inline unsigned vector_part_end(const struct vector_model *m, const struct vector_op *op,
                                       unsigned i) {
    const unsigned place = i % op->head_dim;
    const bool apart = op->halves && op->n_rot != m->vlanes;
    return i - place +
           (apart && place < op->n_rot / 2 ? op->n_rot / 2
            : place < op->n_rot            ? op->n_rot
                                           : op->head_dim);
}

/* Of each head. */
static inline unsigned vector_rope_groups(const struct vector_model *m,
                                          const struct vector_op *op) {
    unsigned groups = 0;
    for (unsigned i = 0; i < op->head_dim; groups++)
        i += vector_count(m, i, vector_part_end(m, op, i));
    return groups;
}

static inline uint32_t vector_sigmoid(const struct vector_model *m, uint32_t u) {
    const uint32_t e = oracle_exp(&m->tables, u).bits;
    const uint32_t sum = oracle_add(0x3f800000, e, false).bits;
    const uint32_t r = oracle_recip(&m->tables, sum, false).bits;
    return u >> 31 ? oracle_mul(e, r).bits : r;
}

static inline struct value vector_swiglu(const struct vector_model *m, uint32_t x, uint32_t up) {
    return oracle_mul(oracle_mul(x, vector_sigmoid(m, x)).bits, up);
}

/* An error of any step is one of the result. */
static inline struct value vector_gelu(const struct vector_model *m, uint32_t x) {
    const struct value square = oracle_mul(x, x), term = oracle_mul(0x3d922279, square.bits);
    const struct value slope = oracle_add(0x3fcc422a, term.bits, false);
    const struct value u = oracle_mul(x, slope.bits);
    if (square.error || term.error || slope.error || u.error)
        return (struct value){0, true};
    return oracle_mul(x, vector_sigmoid(m, u.bits));
}

static inline struct value vector_geglu(const struct vector_model *m, uint32_t x, uint32_t up) {
    const struct value y = vector_gelu(m, x);
    return y.error ? y : oracle_mul(y.bits, up);
}

/* Whether a norm, or a mean, is of each head. */
static inline bool vector_by_heads(unsigned op) {
    return op == LOCKSTEP_OP_HEADNORM || op == LOCKSTEP_OP_HEADNORM_OWN ||
           op == LOCKSTEP_OP_HEADCENTER;
}

static inline bool vector_centers(const struct vector_op *op) {
    return op->op == LOCKSTEP_OP_CENTER || op->op == LOCKSTEP_OP_HEADCENTER;
}

/* Of the n elements of a from `from` on: the mean of CENTER, r of the norms, of each slot; or the
 * first error of each kind. */
static inline bool vector_means(struct vector_model *m, const struct vector_op *op, unsigned from,
                                unsigned n, uint32_t r[MODEL_SLOTS]) {
    struct vector_expected *e = &m->expected;
    const bool center = vector_centers(op);
    const uint32_t inv_n = oracle_recip(&m->tables, to_bits((float)n), false).bits;
    for (unsigned slot = 0; slot < m->slots; slot++) {
        oracle_i128 sum = 0;
        bool range = false;
        if (!(op->slots >> slot & 1))
            continue;
        for (unsigned i = 0; i < n && !range; i += 32) {
            int16_t q[32];
            unsigned s;
            range = vector_block(&m->mem[slot][op->a * 32 + from], n, i, 16, q, &s);
            for (unsigned k = 0; k < 32 && !range; k++)
                sum += center ? (oracle_i128)q[k] * ((int64_t)1 << s)
                              : (oracle_i128)((int64_t)q[k] * q[k]) << 2 * s;
        }
        if (range) {
            e->other_error = e->error; /* DIVZERO of a lower slot, which takes longer to notice */
            e->other_slot = e->error_slot;
            e->error = LOCKSTEP_ERROR_RANGE;
            e->error_slot = slot;
            return false;
        }
        const struct value a = oracle_mul(oracle_round32(sum, center ? -28 : -56).bits, inv_n);
        const struct value y =
            center ? a : oracle_recip(&m->tables, oracle_add(a.bits, op->imm, false).bits, true);
        if (y.error && !e->error) {
            e->error = LOCKSTEP_ERROR_DIVZERO;
            e->error_slot = slot;
        }
        r[slot] = y.bits;
    }
    return !e->error;
}

static inline void vector_norm(struct vector_model *m, const struct vector_op *op) {
    uint32_t r[MODEL_SLOTS];
    if (!vector_means(m, op, 0, op->n, r))
        return;
    for (unsigned i = 0; i < op->n; i += m->vlanes)
        for (unsigned slot = 0; slot < m->slots; slot++) {
            struct value y[8];
            if (!(op->slots >> slot & 1))
                continue;
            const unsigned count = vector_count(m, i, op->n);
            for (unsigned k = 0; k < count; k++)
                y[k] = oracle_mul(oracle_mul(m->mem[slot][op->a * 32 + i + k], r[slot]).bits,
                                  op->stream[i + k]);
            if (!vector_put(m, op, slot, i, count, y))
                return;
        }
}

/* CENTER, and what goes by heads, a head of all slots after the other. */
static inline void vector_heads(struct vector_model *m, const struct vector_op *op) {
    const bool center = vector_centers(op), own = op->op == LOCKSTEP_OP_HEADNORM_OWN;
    const unsigned n = vector_by_heads(op->op) ? op->head_dim : op->n;
    for (unsigned from = 0; from < op->n; from += n) {
        uint32_t r[MODEL_SLOTS];
        if (!vector_means(m, op, from, n, r))
            return;
        for (unsigned slot = 0; slot < m->slots; slot++)
            for (unsigned i = 0; i < n && op->slots >> slot & 1; i += m->vlanes) {
                const uint32_t *x = &m->mem[slot][op->a * 32 + from + i];
                const uint32_t *gain = &m->mem[slot][op->b * 32 + (own ? from + i : i)];
                struct value y[8];
                const unsigned count = vector_count(m, i, n);
                for (unsigned k = 0; k < count; k++)
                    y[k] = center ? oracle_add(x[k], r[slot], true)
                                  : oracle_mul(oracle_mul(x[k], r[slot]).bits, gain[k]);
                if (!vector_put(m, op, slot, from + i, count, y))
                    return;
            }
    }
}

/* BIAS, and ROW, which is a BIAS on nothing. */
static inline void vector_bias(struct vector_model *m, const struct vector_op *op) {
    for (unsigned i = 0; i < op->n; i += m->vlanes)
        for (unsigned slot = 0; slot < m->slots; slot++) {
            struct value y[8];
            if (!(op->slots >> slot & 1))
                continue;
            const unsigned count = vector_count(m, i, op->n);
            for (unsigned k = 0; k < count; k++)
                y[k] = op->op == LOCKSTEP_OP_ROW
                           ? (struct value){op->stream[i + k], false}
                           : oracle_add(m->mem[slot][op->a * 32 + i + k], op->stream[i + k], false);
            if (!vector_put(m, op, slot, i, count, y))
                return;
        }
}

static inline bool vector_quant(struct vector_model *m, const struct vector_op *op, unsigned slot) {
    struct vector_expected *e = &m->expected;
    for (unsigned i = 0; i < op->n; i += 32) {
        struct vector_block *k = &e->blocks[e->n_blocks];
        if (vector_block(&m->mem[slot][op->a * 32], op->n, i, (int)m->act_bits, k->m, &k->s)) {
            e->error = LOCKSTEP_ERROR_RANGE;
            e->error_slot = slot;
            return false;
        }
        k->slot = slot;
        k->block = i / 32;
        e->n_blocks++;
        e->events += op->n - i < 32 ? op->n - i : 32;
    }
    return true;
}

/* Which are the greatest of x[n], op->used of them. */
static inline void vector_choose(const struct vector_op *op, const uint32_t *x, bool *chosen) {
    for (unsigned i = 0; i < op->n; i++) {
        unsigned before = 0; /* greater, or equal and lower */
        for (unsigned j = 0; j < op->n; j++) {
            const int order = oracle_compare(x[j], x[i]);
            before += order > 0 || (order == 0 && j < i);
        }
        chosen[i] = before < op->used;
    }
}

/* Of each slot the exponentials, and the reciprocal of their sum; then, all of them known, y. */
static inline void vector_route(struct vector_model *m, const struct vector_op *op) {
    struct vector_expected *e = &m->expected;
    uint32_t p[MODEL_SLOTS][LOCKSTEP_EXPERTS_MAX], r[MODEL_SLOTS];
    memset(e->chosen, 0, sizeof e->chosen);
    for (unsigned slot = 0; slot < m->slots; slot++) {
        const uint32_t *x = &m->mem[slot][op->a * 32];
        oracle_i128 sum = 0;
        uint32_t z = x[0];
        if (!(op->slots >> slot & 1))
            continue;
        vector_choose(op, x, e->chosen[slot]);
        for (unsigned i = 1; i < op->n; i++)
            z = oracle_compare(x[i], z) > 0 ? x[i] : z;
        for (unsigned i = 0; i < op->n; i++) {
            const struct value d = oracle_add(x[i], z, true);
            if (d.error && !e->error) {
                e->error = LOCKSTEP_ERROR_OVERFLOW;
                e->error_slot = slot;
            }
            p[slot][i] = oracle_exp(&m->tables, d.bits).bits;
            if (!op->normalised || e->chosen[slot][i])
                sum += oracle_fixed(p[slot][i], 24);
        }
        r[slot] = oracle_recip(&m->tables, oracle_round32(sum, -24).bits, false).bits;
    }
    for (unsigned slot = 0; slot < m->slots && !e->error; slot++)
        for (unsigned i = 0; i < op->n && op->slots >> slot & 1; i += m->vlanes) {
            struct value y[8];
            const unsigned count = vector_count(m, i, op->n);
            for (unsigned k = 0; k < count; k++)
                y[k] = e->chosen[slot][i + k] ? oracle_mul(p[slot][i + k], r[slot])
                                              : (struct value){0, false};
            vector_put(m, op, slot, i, count, y);
        }
}

static inline struct value vector_element(const struct vector_model *m, const struct vector_op *op,
                                          unsigned slot, unsigned i, const uint32_t *row) {
    const uint32_t a = m->mem[slot][op->a * 32 + i], b = m->mem[slot][op->b * 32 + i];
    switch (op->op) {
    case LOCKSTEP_OP_EMBED:
    case LOCKSTEP_OP_POSITION:
        return (struct value){row[i], false};
    case LOCKSTEP_OP_ROPE:
        return vector_rope(m, op, slot, i);
    case LOCKSTEP_OP_ADD:
        return oracle_add(a, b, false);
    case LOCKSTEP_OP_SCALE:
        return oracle_mul(op->imm, a);
    case LOCKSTEP_OP_WEIGH:
        return oracle_mul(m->mem[slot][op->b * 32 + op->expert], a);
    case LOCKSTEP_OP_SIGMOID:
        return (struct value){vector_sigmoid(m, a), false};
    case LOCKSTEP_OP_GELU:
        return vector_gelu(m, a);
    case LOCKSTEP_OP_GEGLU:
        return vector_geglu(m, a, b);
    default:
        return vector_swiglu(m, a, b);
    }
}

/* What each element has for itself, of one slot; `row` is what EMBED takes. False on an error. */
static inline bool vector_elements(struct vector_model *m, const struct vector_op *op,
                                   unsigned slot, const uint32_t *row) {
    for (unsigned i = 0, count; i < op->n; i += count) {
        struct value y[8];
        count = vector_count(m, i, op->op == LOCKSTEP_OP_ROPE ? vector_part_end(m, op, i) : op->n);
        for (unsigned k = 0; k < count; k++)
            y[k] = vector_element(m, op, slot, i + k, row);
        if (!vector_put(m, op, slot, i, count, y))
            return false;
    }
    return true;
}

static inline void vector_model_run(struct vector_model *m, const struct vector_op *op) {
    struct vector_expected *e = &m->expected;
    const uint32_t *row = op->stream;
    e->n_commits = e->n_blocks = e->offers = e->events = e->error = e->other_error = 0;
    switch (op->op) {
    case LOCKSTEP_OP_NORM:
        vector_norm(m, op);
        return;
    case LOCKSTEP_OP_CENTER:
    case LOCKSTEP_OP_HEADCENTER:
    case LOCKSTEP_OP_HEADNORM:
    case LOCKSTEP_OP_HEADNORM_OWN:
        vector_heads(m, op);
        return;
    case LOCKSTEP_OP_BIAS:
    case LOCKSTEP_OP_ROW:
        vector_bias(m, op);
        return;
    case LOCKSTEP_OP_OFFER:
        e->offers = op->slots ? op->n : 0;
        return;
    case LOCKSTEP_OP_ROUTE:
        vector_route(m, op);
        return;
    default:
        break;
    }
    for (unsigned slot = 0; slot < m->slots; slot++) {
        if (!(op->slots >> slot & 1))
            continue;
        if (op->op == LOCKSTEP_OP_ANGLES)
            vector_angles(m, op, slot);
        else if (op->op == LOCKSTEP_OP_QUANT ? !vector_quant(m, op, slot)
                                             : !vector_elements(m, op, slot, row))
            return;
        if (op->op == LOCKSTEP_OP_EMBED || op->op == LOCKSTEP_OP_POSITION)
            row += (op->n + m->vlanes - 1) / m->vlanes * m->vlanes;
    }
}

#endif
