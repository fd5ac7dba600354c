/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The llama architecture as a microcode program.
 */
#include "program_build.h"

void build_llama(struct build *b) {
    const struct fw_model *m = b->model;
    const uint32_t q_n = m->heads * m->head_dim, kv_n = m->kv_heads * m->head_dim;

    const uint32_t x = build_vector(b, m->dim); /* residual stream */
    const uint32_t h = build_vector(b, m->dim); /* normalised, then the branch's output */
    const uint32_t branch = b->free;
    const uint32_t q = build_vector(b, q_n), k = build_vector(b, kv_n);
    const uint32_t v = build_vector(b, kv_n), a = build_vector(b, q_n);
    /* by halves, rotation needs its result apart; the attention output is not alive yet */
    const uint32_t raw_q = m->rope_halves ? a : q;
    const uint32_t raw_k = m->rope_halves ? build_vector(b, kv_n) : k;
    b->free = branch; /* attention and feed-forward are never alive together */
    const uint32_t gate = build_vector(b, m->hidden), up = build_vector(b, m->hidden);

    build_angles(b);
    build_op(b, LOCKSTEP_OP_EMBED, build_role(b, ROLE_TOKEN_EMBD), x, 0, 0, m->dim);

    build_op(b, LOCKSTEP_OP_LOOP, BUILD_NONE, 0, 0, 0, 0);
    build_op(b, LOCKSTEP_OP_NORM, build_role(b, ROLE_ATTN_NORM), h, x, 0, m->dim);
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, h, 0, m->dim);
    build_linear(b, ROLE_ATTN_Q, ROLE_ATTN_Q_BIAS, raw_q, q_n, m->dim);
    build_linear(b, ROLE_ATTN_K, ROLE_ATTN_K_BIAS, raw_k, kv_n, m->dim);
    build_linear(b, ROLE_ATTN_V, ROLE_ATTN_V_BIAS, v, kv_n, m->dim);
    build_op(b, LOCKSTEP_OP_ROPE, BUILD_NONE, q, raw_q, 0, q_n);
    build_op(b, LOCKSTEP_OP_ROPE, BUILD_NONE, k, raw_k, 0, kv_n);
    build_op(b, LOCKSTEP_OP_KV, BUILD_NONE, 0, k, v, kv_n);
    build_op(b, LOCKSTEP_OP_ATTEND, BUILD_NONE, a, q, 0, q_n);
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, a, 0, q_n);
    build_linear(b, ROLE_ATTN_OUTPUT, ROLE_ATTN_OUTPUT_BIAS, h, m->dim, q_n);
    build_op(b, LOCKSTEP_OP_ADD, BUILD_NONE, x, x, h, m->dim);

    build_op(b, LOCKSTEP_OP_NORM, build_role(b, ROLE_FFN_NORM), h, x, 0, m->dim);
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, h, 0, m->dim);
    build_linear(b, ROLE_FFN_GATE, ROLE_FFN_GATE_BIAS, gate, m->hidden, m->dim);
    build_linear(b, ROLE_FFN_UP, ROLE_FFN_UP_BIAS, up, m->hidden, m->dim);
    build_op(b, LOCKSTEP_OP_SWIGLU, BUILD_NONE, gate, gate, up, m->hidden);
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, gate, 0, m->hidden);
    build_linear(b, ROLE_FFN_DOWN, ROLE_FFN_DOWN_BIAS, h, m->dim, m->hidden);
    build_op(b, LOCKSTEP_OP_ADD, BUILD_NONE, x, x, h, m->dim);
    build_op(b, LOCKSTEP_OP_NEXT, BUILD_NONE, 0, 0, 0, 0);

    build_op(b, LOCKSTEP_OP_WANT, BUILD_NONE, 0, 0, 0, 0);
    build_op(b, LOCKSTEP_OP_NORM, build_role(b, ROLE_OUTPUT_NORM), h, x, 0, m->dim);
    build_op(b, LOCKSTEP_OP_QUANT, BUILD_NONE, 0, h, 0, m->dim);
    build_op(b, LOCKSTEP_OP_LOGITS, build_role(b, ROLE_OUTPUT), 0, 0, 0, m->dim);
    build_op(b, LOCKSTEP_OP_END, BUILD_NONE, 0, 0, 0, 0);
}
