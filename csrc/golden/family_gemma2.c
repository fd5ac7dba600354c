/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through a gemma2 model, after section 13 of docs/numerics.md:
 * gemma with norms behind both branches; windows and caps are the model's.
 */
#include "golden_parts.h"

void forward_gemma2(struct golden_run *run) {
    golden_value x = op_embed(run);
    x = part_scaled(run, "embd_scaled", run->model->embedding_scale, x);
    for (uint32_t l = 0; l < run->model->layers; l++) {
        run->layer = (int)l;

        golden_value h = op_norm(run, ROLE_ATTN_NORM, x);
        struct golden_heads heads = part_rotated(run, part_heads(run, h));
        golden_value o = part_attention(run, heads);
        x = op_add(run, "attn_residual", x, op_norm(run, ROLE_ATTN_POST_NORM, o));

        h = op_norm(run, ROLE_FFN_NORM, x);
        golden_value d = part_geglu(run, h);
        x = op_add(run, "ffn_residual", x, op_norm(run, ROLE_FFN_POST_NORM, d));
    }
    run->layer = -1;
    if (op_want(run))
        op_logits(run, op_norm(run, ROLE_OUTPUT_NORM, x));
}
