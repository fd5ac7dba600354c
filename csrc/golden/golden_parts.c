/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Runs of ops of section 13 of docs/numerics.md.
 */
#include "golden_parts.h"

#include <string.h>

struct golden_heads part_heads(struct golden_run *run, golden_value h) {
    struct golden_heads heads;
    heads.q = op_linear(run, ROLE_ATTN_Q, ROLE_ATTN_Q_BIAS, h);
    heads.k = op_linear(run, ROLE_ATTN_K, ROLE_ATTN_K_BIAS, h);
    heads.v = op_linear(run, ROLE_ATTN_V, ROLE_ATTN_V_BIAS, h);
    return heads;
}

struct golden_heads part_normed_heads(struct golden_run *run, struct golden_heads heads) {
    heads.q = op_headnorm(run, "attn_q_normed", heads.q, op_row(run, ROLE_ATTN_Q_NORM));
    heads.k = op_headnorm(run, "attn_k_normed", heads.k, op_row(run, ROLE_ATTN_K_NORM));
    return heads;
}

static golden_value layernormed(struct golden_run *run, enum role gain, const char *centred,
                                const char *normed, golden_value x) {
    if ((run->model->roles & ROLE_BIT(gain)) == 0)
        return x;
    x = op_headcenter(run, centred, x);
    return op_headnorm_own(run, normed, x, op_row(run, gain));
}

struct golden_heads part_layernormed_heads(struct golden_run *run, struct golden_heads heads) {
    heads.q = layernormed(run, ROLE_ATTN_Q_NORM, "attn_q_centred", "attn_q_normed", heads.q);
    heads.k = layernormed(run, ROLE_ATTN_K_NORM, "attn_k_centred", "attn_k_normed", heads.k);
    return heads;
}

struct golden_heads part_rotated(struct golden_run *run, struct golden_heads heads) {
    heads.q = op_rope(run, "attn_q_rope", heads.q);
    heads.k = op_rope(run, "attn_k_rope", heads.k);
    return heads;
}

golden_value part_attention(struct golden_run *run, struct golden_heads heads) {
    op_kv(run, heads.k, heads.v);
    return op_linear(run, ROLE_ATTN_OUTPUT, ROLE_ATTN_OUTPUT_BIAS, op_attend(run, heads.q));
}

typedef golden_value gate_op(struct golden_run *run, golden_value gate, golden_value up);

static golden_value gated(struct golden_run *run, golden_value h, gate_op *op) {
    const golden_value gate = op_linear(run, ROLE_FFN_GATE, ROLE_FFN_GATE_BIAS, h);
    const golden_value up = op_linear(run, ROLE_FFN_UP, ROLE_FFN_UP_BIAS, h);
    return op_linear(run, ROLE_FFN_DOWN, ROLE_FFN_DOWN_BIAS, op(run, gate, up));
}

golden_value part_swiglu(struct golden_run *run, golden_value h) {
    return gated(run, h, op_swiglu);
}

golden_value part_geglu(struct golden_run *run, golden_value h) {
    return gated(run, h, op_geglu);
}

golden_value part_gelu(struct golden_run *run, golden_value h) {
    const golden_value up = op_linear(run, ROLE_FFN_UP, ROLE_FFN_UP_BIAS, h);
    return op_linear(run, ROLE_FFN_DOWN, ROLE_FFN_DOWN_BIAS, op_gelu(run, up));
}

static golden_value expert(struct golden_run *run, enum role gate, enum role up, enum role down,
                           golden_value h) {
    const golden_value g = op_matvec(run, gate, h), u = op_matvec(run, up, h);
    return op_matvec(run, down, op_swiglu(run, g, u));
}

golden_value part_experts(struct golden_run *run, golden_value x, golden_value h) {
    const golden_value w = op_route(run, op_matvec(run, ROLE_FFN_ROUTER, h));
    for (uint32_t turn = 0; turn < run->model->experts_used; turn++) {
        run->turn = (int)turn;
        const golden_value d =
            expert(run, ROLE_FFN_GATE_EXPS, ROLE_FFN_UP_EXPS, ROLE_FFN_DOWN_EXPS, h);
        x = op_add(run, "ffn_residual", x, op_weigh(run, "ffn_weighed", d, w));
    }
    run->turn = -1;
    return x;
}

golden_value part_shared_expert(struct golden_run *run, golden_value x, golden_value h) {
    const golden_value s = op_sigmoid(run, "shared_share", op_matvec(run, ROLE_SHARED_ROUTER, h));
    const golden_value d = expert(run, ROLE_SHARED_GATE, ROLE_SHARED_UP, ROLE_SHARED_DOWN, h);
    return op_add(run, "shared_residual", x, op_weigh(run, "shared_weighed", d, s));
}

golden_value part_scaled(struct golden_run *run, const char *name, float factor, golden_value x) {
    uint32_t c;
    memcpy(&c, &factor, sizeof c);
    return c == GOLDEN_ONE ? x : op_scale(run, name, c, x);
}
