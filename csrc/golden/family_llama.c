/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through a llama model, after docs/numerics.md.
 */
#include "golden_ops.h"

void forward_llama(struct golden_run *run, uint32_t token, bool want_logits) {
    /* The residual stream x [dim] */
    golden_value x = op_embed(run, token);

    for (uint32_t l = 0; l < run->model->layers; l++) {
        run->layer = (int)l;

        /* q [heads * head_dim], k and v [kv_heads * head_dim] */
        golden_value h = op_norm(run, ROLE_ATTN_NORM, x);
        golden_value q = op_linear(run, ROLE_ATTN_Q, ROLE_ATTN_Q_BIAS, h);
        golden_value k = op_linear(run, ROLE_ATTN_K, ROLE_ATTN_K_BIAS, h);
        golden_value v = op_linear(run, ROLE_ATTN_V, ROLE_ATTN_V_BIAS, h);

        q = op_rope(run, "attn_q_rope", q);
        k = op_rope(run, "attn_k_rope", k);
        op_kv(run, k, v);

        /* Attention over positions 0..pos, back into the stream */
        golden_value a = op_attend(run, q);
        golden_value o = op_linear(run, ROLE_ATTN_OUTPUT, ROLE_ATTN_OUTPUT_BIAS, a);
        x = op_add(run, "attn_residual", x, o);

        /* Feed forward: down(silu(gate) * up), back into the stream */
        h = op_norm(run, ROLE_FFN_NORM, x);
        golden_value gate = op_linear(run, ROLE_FFN_GATE, ROLE_FFN_GATE_BIAS, h);
        golden_value up = op_linear(run, ROLE_FFN_UP, ROLE_FFN_UP_BIAS, h);
        golden_value act = op_swiglu(run, gate, up);
        golden_value down = op_linear(run, ROLE_FFN_DOWN, ROLE_FFN_DOWN_BIAS, act);
        x = op_add(run, "ffn_residual", x, down);
    }
    run->layer = -1;
    if (want_logits)
        op_logits(run, op_norm(run, ROLE_OUTPUT_NORM, x));
}
