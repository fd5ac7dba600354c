/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through a stablelm model, after section 13 of docs/numerics.md:
 * LayerNorm, of heads too, SwiGLU; with one norm in a layer its branches are parallel.
 */
#include "golden_parts.h"

void forward_stablelm(struct golden_run *run) {
    golden_value x = op_embed(run);
    for (uint32_t l = 0; l < run->model->layers; l++) {
        run->layer = (int)l;

        golden_value h = op_layernorm(run, ROLE_ATTN_NORM, ROLE_ATTN_NORM_BIAS, x);
        struct golden_heads heads = part_layernormed_heads(run, part_heads(run, h));
        heads = part_rotated(run, heads);
        x = op_add(run, "attn_residual", x, part_attention(run, heads));

        if (!run->model->parallel_residual)
            h = op_layernorm(run, ROLE_FFN_NORM, ROLE_FFN_NORM_BIAS, x);
        x = op_add(run, "ffn_residual", x, part_swiglu(run, h));
    }
    run->layer = -1;
    if (op_want(run))
        op_logits(run, op_layernorm(run, ROLE_OUTPUT_NORM, ROLE_OUTPUT_NORM_BIAS, x));
}
