/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Llama in binary32 (Touvron et al., 2023): RMSNorm, rotary embedding of adjacent pairs,
 * grouped-query attention, SwiGLU.
 */
#include "reference_ops.h"

void reference_llama(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    const struct ls_model *m = r->model;
    uint32_t dim = m->dim, hidden = m->hidden;
    uint32_t q_dim = m->heads * m->head_dim, kv_dim = m->kv_heads * m->head_dim;

    ref_embed(r, token);

    for (uint32_t l = 0; l < m->layers; l++) {
        float *const *w = r->layer[l].tensor;
        float *k = ref_cache(r, r->k_cache, seq, l, pos);
        float *v = ref_cache(r, r->v_cache, seq, l, pos);

        /* queries [heads][head_dim]; key and value [kv_heads][head_dim] go to the cache */
        ref_rmsnorm(r->normed, r->x, w[ROLE_ATTN_NORM], dim, m->norm_eps);
        ref_linear(r->q, w, ROLE_ATTN_Q, ROLE_ATTN_Q_BIAS, r->normed, q_dim, dim);
        ref_linear(k, w, ROLE_ATTN_K, ROLE_ATTN_K_BIAS, r->normed, kv_dim, dim);
        ref_linear(v, w, ROLE_ATTN_V, ROLE_ATTN_V_BIAS, r->normed, kv_dim, dim);
        ref_rope(r->q, m, l, m->heads, pos);
        ref_rope(k, m, l, m->kv_heads, pos);

        /* attention, back to [dim], residual */
        ref_attention(r, seq, l, pos);
        ref_linear(r->branch, w, ROLE_ATTN_OUTPUT, ROLE_ATTN_OUTPUT_BIAS, r->mixed, dim, q_dim);
        ref_add(r->x, r->branch, dim);

        /* feed forward: down(silu(gate) * up), residual */
        ref_rmsnorm(r->normed, r->x, w[ROLE_FFN_NORM], dim, m->norm_eps);
        ref_linear(r->gate, w, ROLE_FFN_GATE, ROLE_FFN_GATE_BIAS, r->normed, hidden, dim);
        ref_linear(r->up, w, ROLE_FFN_UP, ROLE_FFN_UP_BIAS, r->normed, hidden, dim);
        ref_swiglu(r->gate, r->up, hidden);
        ref_linear(r->branch, w, ROLE_FFN_DOWN, ROLE_FFN_DOWN_BIAS, r->gate, dim, hidden);
        ref_add(r->x, r->branch, dim);
    }

    ref_rmsnorm(r->normed, r->x, r->tensor[ROLE_OUTPUT_NORM], dim, m->norm_eps);
    ref_matvec(r->logits, r->tensor[ROLE_OUTPUT], r->normed, m->vocab, dim);
}
