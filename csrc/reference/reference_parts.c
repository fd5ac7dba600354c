/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Layers in binary32 as several families have them. Norms, biases and learned positions are there
 * if the model has a tensor for them.
 */
#include <math.h>
#include <string.h>

#include "reference_ops.h"

static bool has(const struct ls_reference *r, enum role role) {
    return (r->model->roles & ROLE_BIT(role)) != 0;
}

void ref_begin(struct ls_reference *r, uint32_t pos, uint32_t token) {
    const struct ls_model *m = r->model;
    ref_embed(r, token);
    ref_scale(r->x, m->embedding_scale, m->dim);
    if (has(r, ROLE_POSITION_EMBD))
        ref_add(r->x, r->tensor[ROLE_POSITION_EMBD] + (size_t)pos * m->dim, m->dim);
}

void ref_norm(struct ls_reference *r, const struct ref_style *s, float *const w[ROLES],
              enum role gain, enum role bias, float *y) {
    const struct ls_model *m = r->model;
    if (s->layer_norm)
        ref_layernorm(y, r->x, w[gain], w[bias], m->dim, m->norm_eps);
    else
        ref_rmsnorm(y, r->x, w[gain], m->dim, m->norm_eps);
}

/* The norm of queries or keys, where there is one. */
static void norm_heads(const struct ref_style *s, const struct ls_model *m, float *x,
                       const float *gain, uint32_t heads) {
    const uint32_t span = s->head_norm == HEAD_NORM_WHOLE ? heads * m->head_dim : m->head_dim;
    for (uint32_t at = 0; gain != NULL && at < heads * m->head_dim; at += span) {
        const float *const own = s->head_norm == HEAD_NORM_OWN ? gain + at : gain;
        if (s->layer_norm)
            ref_layernorm(x + at, x + at, own, NULL, span, m->norm_eps);
        else
            ref_rmsnorm(x + at, x + at, own, span, m->norm_eps);
    }
}

/* What stands between a branch and the stream. */
static void leave_branch(struct ls_reference *r, const float *gain) {
    const struct ls_model *m = r->model;
    if (gain != NULL)
        ref_rmsnorm(r->branch, r->branch, gain, m->dim, m->norm_eps);
    ref_scale(r->branch, m->residual_scale, m->dim);
}

void ref_attend(struct ls_reference *r, const struct ref_style *s, uint32_t seq, uint32_t layer,
                uint32_t pos, const float *x) {
    const struct ls_model *m = r->model;
    const uint32_t q_dim = m->heads * m->head_dim, kv_dim = m->kv_heads * m->head_dim;
    float *const *w = r->layer[layer].tensor;
    float *k = ref_cache(r, r->k_cache, seq, layer, pos);
    float *v = ref_cache(r, r->v_cache, seq, layer, pos);

    /* queries [heads][head_dim]; key and value [kv_heads][head_dim] go to the cache */
    ref_linear(r->q, w, ROLE_ATTN_Q, ROLE_ATTN_Q_BIAS, x, q_dim, m->dim);
    ref_linear(k, w, ROLE_ATTN_K, ROLE_ATTN_K_BIAS, x, kv_dim, m->dim);
    ref_linear(v, w, ROLE_ATTN_V, ROLE_ATTN_V_BIAS, x, kv_dim, m->dim);
    norm_heads(s, m, r->q, w[ROLE_ATTN_Q_NORM], m->heads);
    norm_heads(s, m, k, w[ROLE_ATTN_K_NORM], m->kv_heads);
    ref_rope(r->q, m, layer, m->heads, pos);
    ref_rope(k, m, layer, m->kv_heads, pos);

    ref_attention(r, seq, layer, pos);
    ref_linear(r->branch, w, ROLE_ATTN_OUTPUT, ROLE_ATTN_OUTPUT_BIAS, r->mixed, m->dim, q_dim);
    leave_branch(r, w[ROLE_ATTN_POST_NORM]);
}

/* r->branch += share * down (silu(gate x) * (up x)), the matrices of an expert with `hidden` rows.
 */
static void add_expert(struct ls_reference *r, const float *gate, const float *up,
                       const float *down, uint32_t hidden, const float *x, float share) {
    const uint32_t dim = r->model->dim;
    ref_matvec(r->gate, gate, x, hidden, dim);
    ref_matvec(r->up, up, x, hidden, dim);
    ref_swiglu(r->gate, r->up, hidden);
    ref_matvec(r->expert, down, r->gate, dim, hidden);
    ref_scale(r->expert, share, dim);
    ref_add(r->branch, r->expert, dim);
}

/* r->share of each expert: its part of the softmax over all; 0 unless it is one of the greatest. */
static void route(struct ls_reference *r, const float *router, const float *x) {
    const struct ls_model *m = r->model;
    float sum = 0.0f;
    ref_matvec(r->routed, router, x, m->experts, m->dim);
    memcpy(r->share, r->routed, m->experts * sizeof *r->share);
    ref_softmax(r->share, m->experts);
    for (uint32_t e = 0; e < m->experts; e++) {
        uint32_t before = 0; /* experts that go before this one */
        for (uint32_t i = 0; i < m->experts; i++)
            before += r->routed[i] > r->routed[e] || (r->routed[i] == r->routed[e] && i < e);
        r->share[e] = before < m->experts_used ? r->share[e] : 0.0f;
        sum += r->share[e];
    }
    if (m->experts_normalised)
        ref_scale(r->share, 1.0f / sum, m->experts);
}

/* r->branch = what the chosen experts, and the shared one, make of x */
static void experts(struct ls_reference *r, uint32_t layer, const float *x) {
    const struct ls_model *m = r->model;
    float *const *w = r->layer[layer].tensor;
    const size_t size = (size_t)m->hidden * m->dim; /* of an expert's matrix */
    memset(r->branch, 0, m->dim * sizeof *r->branch);
    route(r, w[ROLE_FFN_ROUTER], x);
    for (uint32_t e = 0; e < m->experts; e++)
        if (r->share[e] != 0.0f)
            add_expert(r, w[ROLE_FFN_GATE_EXPS] + e * size, w[ROLE_FFN_UP_EXPS] + e * size,
                       w[ROLE_FFN_DOWN_EXPS] + e * size, m->hidden, x, r->share[e]);
    if (m->shared_hidden == 0)
        return;
    float wanted;
    ref_matvec(&wanted, w[ROLE_SHARED_ROUTER], x, 1, m->dim);
    add_expert(r, w[ROLE_SHARED_GATE], w[ROLE_SHARED_UP], w[ROLE_SHARED_DOWN], m->shared_hidden, x,
               1.0f / (1.0f + expf(-wanted)));
}

void ref_feed_forward(struct ls_reference *r, const struct ref_style *s, uint32_t layer,
                      const float *x) {
    const struct ls_model *m = r->model;
    float *const *w = r->layer[layer].tensor;
    float *f = has(r, ROLE_FFN_GATE) ? r->gate : r->up;

    if (has(r, ROLE_FFN_ROUTER)) {
        experts(r, layer, x);
        leave_branch(r, w[ROLE_FFN_POST_NORM]);
        return;
    }
    ref_linear(r->up, w, ROLE_FFN_UP, ROLE_FFN_UP_BIAS, x, m->hidden, m->dim);
    if (!has(r, ROLE_FFN_GATE)) {
        ref_gelu(r->up, m->hidden);
    } else {
        ref_linear(r->gate, w, ROLE_FFN_GATE, ROLE_FFN_GATE_BIAS, x, m->hidden, m->dim);
        (s->gelu ? ref_geglu : ref_swiglu)(r->gate, r->up, m->hidden);
    }
    ref_linear(r->branch, w, ROLE_FFN_DOWN, ROLE_FFN_DOWN_BIAS, f, m->dim, m->hidden);
    leave_branch(r, w[ROLE_FFN_POST_NORM]);
}

void ref_finish(struct ls_reference *r, const struct ref_style *s) {
    const struct ls_model *m = r->model;
    ref_norm(r, s, r->tensor, ROLE_OUTPUT_NORM, ROLE_OUTPUT_NORM_BIAS, r->normed);
    ref_linear(r->logits, r->tensor, ROLE_OUTPUT, ROLE_OUTPUT_BIAS, r->normed, m->vocab, m->dim);
}

/* r->normed = norm of the stream; where there is none in front of a branch, the stream. */
static const float *enter_branch(struct ls_reference *r, const struct ref_style *s,
                                 float *const w[ROLES], enum role gain, enum role bias) {
    if (w[gain] == NULL)
        return r->x;
    ref_norm(r, s, w, gain, bias, r->normed);
    return r->normed;
}

void ref_sequence(struct ls_reference *r, const struct ref_style *s, uint32_t seq, uint32_t pos,
                  uint32_t token) {
    const struct ls_model *m = r->model;
    ref_begin(r, pos, token);
    for (uint32_t l = 0; l < m->layers; l++) {
        float *const *w = r->layer[l].tensor;
        const float *x = enter_branch(r, s, w, ROLE_ATTN_NORM, ROLE_ATTN_NORM_BIAS);
        ref_attend(r, s, seq, l, pos, x);
        ref_add(r->x, r->branch, m->dim);
        x = enter_branch(r, s, w, ROLE_FFN_NORM, ROLE_FFN_NORM_BIAS);
        ref_feed_forward(r, s, l, x);
        ref_add(r->x, r->branch, m->dim);
    }
    ref_finish(r, s);
}

void ref_parallel(struct ls_reference *r, const struct ref_style *s, uint32_t seq, uint32_t pos,
                  uint32_t token) {
    const struct ls_model *m = r->model;
    ref_begin(r, pos, token);
    for (uint32_t l = 0; l < m->layers; l++) {
        float *const *w = r->layer[l].tensor;
        ref_norm(r, s, w, ROLE_ATTN_NORM, ROLE_ATTN_NORM_BIAS, r->normed);
        ref_attend(r, s, seq, l, pos, r->normed);
        if (w[ROLE_FFN_NORM] != NULL)
            ref_norm(r, s, w, ROLE_FFN_NORM, ROLE_FFN_NORM_BIAS, r->normed);
        ref_add(r->x, r->branch, m->dim);
        ref_feed_forward(r, s, l, r->normed);
        ref_add(r->x, r->branch, m->dim);
    }
    ref_finish(r, s);
}
