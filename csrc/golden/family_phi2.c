/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through a phi2 model, after section 13 of docs/numerics.md:
 * LayerNorm, GELU, biases; both branches read one norm.
 */
#include "golden_parts.h"

void forward_phi2(struct golden_run *run) {
    golden_value x = op_embed(run);
    for (uint32_t l = 0; l < run->model->layers; l++) {
        run->layer = (int)l;

        golden_value h = op_layernorm(run, ROLE_ATTN_NORM, ROLE_ATTN_NORM_BIAS, x);
        struct golden_heads heads = part_rotated(run, part_heads(run, h));
        x = op_add(run, "attn_residual", x, part_attention(run, heads));
        x = op_add(run, "ffn_residual", x, part_gelu(run, h));
    }
    run->layer = -1;
    if (op_want(run))
        op_logits(run, op_layernorm(run, ROLE_OUTPUT_NORM, ROLE_OUTPUT_NORM_BIAS, x));
}
