/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A decoder as a microcode program, in the order of docs/numerics.md, section 13. Norms, biases and
 * learned positions stand in it if the model has a tensor for them.
 */
#include "program_build.h"

/* Where a layer's vectors lie. */
struct places {
    uint32_t x, h, o; /* stream, its norm, output of attention */
    uint32_t q, k, v, a;
    uint32_t raw_q, raw_k; /* before rotation */
    uint32_t w;            /* gains of the norms of heads */
    uint32_t gate, up;
    uint32_t down, share; /* an expert's output; what its part in the stream is */
    uint32_t branch;      /* what stands from here on is alive in a branch alone */
};

static int has(const struct build *b, enum role role) {
    return (b->model->roles & ROLE_BIT(role)) != 0;
}

static uint32_t q_elements(const struct fw_model *m) {
    return m->heads * m->head_dim;
}

static uint32_t kv_elements(const struct fw_model *m) {
    return m->kv_heads * m->head_dim;
}

static struct places place(struct build *b, const struct build_style *s) {
    const struct fw_model *m = b->model;
    struct places p = {.x = build_vector(b, m->dim), .h = build_vector(b, m->dim)};
    /* in parallel the norm is still read while the output waits */
    p.o = m->parallel_residual ? build_vector(b, m->dim) : p.h;
    p.branch = b->free;
    p.q = build_vector(b, q_elements(m));
    p.k = build_vector(b, kv_elements(m));
    p.v = build_vector(b, kv_elements(m));
    p.a = build_vector(b, q_elements(m));
    /* by halves, rotation needs its result apart; the attention output is not alive yet */
    p.raw_q = m->n_rot != 0 && m->rope_halves ? p.a : p.q;
    p.raw_k = m->n_rot != 0 && m->rope_halves ? build_vector(b, kv_elements(m)) : p.k;
    p.w = p.q; /* which is not alive before rotation, unless in place */
    if (p.raw_q == p.q && (has(b, ROLE_ATTN_Q_NORM) || has(b, ROLE_ATTN_K_NORM)) &&
        s->head_norm != HEAD_NORM_WHOLE)
        p.w = build_vector(b, s->head_norm == HEAD_NORM_OWN ? q_elements(m) : m->head_dim);
    b->free = p.branch; /* attention and feed-forward are never alive together */
    const uint32_t hidden = m->shared_hidden > m->hidden ? m->shared_hidden : m->hidden;
    const int experts = has(b, ROLE_FFN_ROUTER);
    p.gate = has(b, ROLE_FFN_GATE) || experts ? build_vector(b, hidden) : 0;
    p.up = build_vector(b, hidden);
    p.down = experts ? build_vector(b, m->dim) : 0;
    p.share = experts ? build_vector(b, m->experts) : 0;
    return p;
}

/* dst = norm of a, of `n` elements. */
static void norm(struct build *b, const struct build_style *s, enum role gain, enum role bias,
                 uint32_t dst, uint32_t a, uint32_t n) {
    if (s->layer_norm)
        build_op(b, LOCKSTEP_OP_CENTER, BUILD_NONE, dst, a, 0, n);
    build_op(b, LOCKSTEP_OP_NORM, build_role(b, gain), dst, s->layer_norm ? dst : a, 0, n);
    if (s->layer_norm && has(b, bias))
        build_op(b, LOCKSTEP_OP_BIAS, build_role(b, bias), dst, dst, 0, n);
}

/* x = norm of x, if the model has this one: of `n` elements, or of each head of them. */
static void norm_heads(struct build *b, const struct build_style *s, enum role gain, uint32_t x,
                       uint32_t n, uint32_t w) {
    if (!has(b, gain))
        return;
    const int own = s->head_norm == HEAD_NORM_OWN;
    if (s->head_norm == HEAD_NORM_WHOLE) {
        build_op(b, LOCKSTEP_OP_NORM, build_role(b, gain), x, x, 0, n);
        return;
    }
    if (s->layer_norm)
        build_op(b, LOCKSTEP_OP_HEADCENTER, BUILD_NONE, x, x, 0, n);
    build_op(b, LOCKSTEP_OP_ROW, build_role(b, gain), w, 0, 0, own ? n : b->model->head_dim);
    build_op(b, own ? LOCKSTEP_OP_HEADNORM_OWN : LOCKSTEP_OP_HEADNORM, BUILD_NONE, x, x, w, n);
}

/* What a branch gives, on its way into the stream. */
static void leave_branch(struct build *b, enum role gain, uint32_t x) {
    if (has(b, gain))
        build_op(b, LOCKSTEP_OP_NORM, build_role(b, gain), x, x, 0, b->model->dim);
    build_scale(b, x, b->model->dim, b->model->residual_scale);
}

/* o = attention on `in` */
static void attention(struct build *b, const struct build_style *s, const struct places *p,
                      uint32_t in) {
    const struct fw_model *m = b->model;
    const uint32_t q_n = q_elements(m), kv_n = kv_elements(m);
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, in, 0, m->dim);
    build_linear(b, ROLE_ATTN_Q, ROLE_ATTN_Q_BIAS, p->raw_q, q_n, m->dim);
    build_linear(b, ROLE_ATTN_K, ROLE_ATTN_K_BIAS, p->raw_k, kv_n, m->dim);
    build_linear(b, ROLE_ATTN_V, ROLE_ATTN_V_BIAS, p->v, kv_n, m->dim);
    norm_heads(b, s, ROLE_ATTN_Q_NORM, p->raw_q, q_n, p->w);
    norm_heads(b, s, ROLE_ATTN_K_NORM, p->raw_k, kv_n, p->w);
    if (m->n_rot != 0) {
        build_op(b, LOCKSTEP_OP_ROPE, BUILD_NONE, p->q, p->raw_q, 0, q_n);
        build_op(b, LOCKSTEP_OP_ROPE, BUILD_NONE, p->k, p->raw_k, 0, kv_n);
    }
    build_op(b, LOCKSTEP_OP_KV, BUILD_NONE, 0, p->k, p->v, kv_n);
    build_op(b, LOCKSTEP_OP_ATTEND, BUILD_NONE, p->a, p->q, 0, q_n);
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, p->a, 0, q_n);
    build_linear(b, ROLE_ATTN_OUTPUT, ROLE_ATTN_OUTPUT_BIAS, p->o, m->dim, q_n);
    leave_branch(b, ROLE_ATTN_POST_NORM, p->o);
}

/* h = feed-forward on `in` */
static void feed_forward(struct build *b, const struct build_style *s, const struct places *p,
                         uint32_t in) {
    const struct fw_model *m = b->model;
    const uint32_t f = has(b, ROLE_FFN_GATE) ? p->gate : p->up;
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, in, 0, m->dim);
    if (has(b, ROLE_FFN_GATE))
        build_linear(b, ROLE_FFN_GATE, ROLE_FFN_GATE_BIAS, p->gate, m->hidden, m->dim);
    build_linear(b, ROLE_FFN_UP, ROLE_FFN_UP_BIAS, p->up, m->hidden, m->dim);
    build_op(b, s->activation, BUILD_NONE, f, f, has(b, ROLE_FFN_GATE) ? p->up : 0, m->hidden);
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, f, 0, m->hidden);
    build_linear(b, ROLE_FFN_DOWN, ROLE_FFN_DOWN_BIAS, p->h, m->dim, m->hidden);
    leave_branch(b, ROLE_FFN_POST_NORM, p->h);
}

/* An expert's tensors: those of each, or of the shared one. */
struct expert {
    enum role gate, up, down;
    uint32_t hidden;
};

/* x = x + the expert's output on `in`, by its share */
static void expert(struct build *b, const struct build_style *s, const struct places *p,
                   const struct expert *e, uint32_t in) {
    const uint32_t dim = b->model->dim;
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, in, 0, dim);
    build_op(b, LOCKSTEP_OP_MATVEC, build_role(b, e->gate), p->gate, 0, 0, dim);
    build_op(b, LOCKSTEP_OP_MATVEC, build_role(b, e->up), p->up, 0, 0, dim);
    build_op(b, s->activation, BUILD_NONE, p->gate, p->gate, p->up, e->hidden);
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, p->gate, 0, e->hidden);
    build_op(b, LOCKSTEP_OP_MATVEC, build_role(b, e->down), p->down, 0, 0, e->hidden);
    build_op(b, LOCKSTEP_OP_WEIGH, BUILD_NONE, p->down, p->down, p->share, dim);
    build_op(b, LOCKSTEP_OP_ADD, BUILD_NONE, p->x, p->x, p->down, dim);
}

/* x = x + the experts that a router chooses on `in`, then a shared one if there is one */
static void experts(struct build *b, const struct build_style *s, const struct places *p,
                    uint32_t in) {
    const struct fw_model *m = b->model;
    const struct expert each = {ROLE_FFN_GATE_EXPS, ROLE_FFN_UP_EXPS, ROLE_FFN_DOWN_EXPS,
                                m->hidden};
    const struct expert shared = {ROLE_SHARED_GATE, ROLE_SHARED_UP, ROLE_SHARED_DOWN,
                                  m->shared_hidden};
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, in, 0, m->dim);
    build_op(b, LOCKSTEP_OP_MATVEC, build_role(b, ROLE_FFN_ROUTER), p->share, 0, 0, m->dim);
    build_op(b, LOCKSTEP_OP_ROUTE, BUILD_NONE, p->share, p->share, 0, m->experts);
    build_op(b, LOCKSTEP_OP_EXPERTS, BUILD_NONE, 0, 0, 0, 0);
    expert(b, s, p, &each, in);
    build_op(b, LOCKSTEP_OP_NEXT_EXPERT, BUILD_NONE, 0, 0, 0, 0);
    if (!has(b, ROLE_SHARED_ROUTER))
        return;
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, in, 0, m->dim);
    build_op(b, LOCKSTEP_OP_MATVEC, build_role(b, ROLE_SHARED_ROUTER), p->share, 0, 0, m->dim);
    build_op(b, LOCKSTEP_OP_SIGMOID, BUILD_NONE, p->share, p->share, 0, 1);
    expert(b, s, p, &shared, in);
}

/* What a branch reads: h, a norm of the stream, if there is one to be made. */
static uint32_t enter_branch(struct build *b, const struct build_style *s, const struct places *p,
                             enum role gain, enum role bias, uint32_t otherwise) {
    if (!has(b, gain))
        return otherwise;
    norm(b, s, gain, bias, p->h, p->x, b->model->dim);
    return p->h;
}

void build_decoder(struct build *b, const struct build_style *s) {
    const struct fw_model *m = b->model;
    const struct places p = place(b, s);

    if (m->n_rot != 0)
        build_angles(b);
    build_op(b, LOCKSTEP_OP_EMBED, build_role(b, ROLE_TOKEN_EMBD), p.x, 0, 0, m->dim);
    build_scale(b, p.x, m->dim, m->embedding_scale);
    if (has(b, ROLE_POSITION_EMBD)) {
        build_op(b, LOCKSTEP_OP_POSITION, build_role(b, ROLE_POSITION_EMBD), p.h, 0, 0, m->dim);
        build_op(b, LOCKSTEP_OP_ADD, BUILD_NONE, p.x, p.x, p.h, m->dim);
    }

    build_op(b, LOCKSTEP_OP_LOOP, BUILD_NONE, 0, 0, 0, 0);
    uint32_t in = enter_branch(b, s, &p, ROLE_ATTN_NORM, ROLE_ATTN_NORM_BIAS, p.x);
    attention(b, s, &p, in);
    if (!m->parallel_residual) /* the feed-forward layer reads what attention added */
        build_op(b, LOCKSTEP_OP_ADD, BUILD_NONE, p.x, p.x, p.o, m->dim);
    in = enter_branch(b, s, &p, ROLE_FFN_NORM, ROLE_FFN_NORM_BIAS, m->parallel_residual ? in : p.x);
    if (m->parallel_residual)
        build_op(b, LOCKSTEP_OP_ADD, BUILD_NONE, p.x, p.x, p.o, m->dim);
    if (has(b, ROLE_FFN_ROUTER)) {
        experts(b, s, &p, in);
    } else {
        feed_forward(b, s, &p, in);
        build_op(b, LOCKSTEP_OP_ADD, BUILD_NONE, p.x, p.x, p.h, m->dim);
    }
    build_op(b, LOCKSTEP_OP_NEXT, BUILD_NONE, 0, 0, 0, 0);

    build_op(b, LOCKSTEP_OP_WANT, BUILD_NONE, 0, 0, 0, 0);
    norm(b, s, ROLE_OUTPUT_NORM, ROLE_OUTPUT_NORM_BIAS, p.h, p.x, m->dim);
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, p.h, 0, m->dim);
    b->free = p.branch; /* of a layer's vectors none is alive */
    build_logits(b, m->dim);
    build_op(b, LOCKSTEP_OP_END, BUILD_NONE, 0, 0, 0, 0);
}
