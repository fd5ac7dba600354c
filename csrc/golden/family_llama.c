/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through a llama model, after section 13 of docs/numerics.md.
 */
#include "golden_parts.h"

void forward_llama(struct golden_run *run) {
    golden_value x = op_embed(run);
    for (uint32_t l = 0; l < run->model->layers; l++) {
        run->layer = (int)l;

        golden_value h = op_norm(run, ROLE_ATTN_NORM, x);
        struct golden_heads heads = part_rotated(run, part_heads(run, h));
        x = op_add(run, "attn_residual", x, part_attention(run, heads));

        h = op_norm(run, ROLE_FFN_NORM, x);
        x = run->model->experts != 0 ? part_experts(run, x, h)
                                     : op_add(run, "ffn_residual", x, part_swiglu(run, h));
    }
    run->layer = -1;
    if (op_want(run))
        op_logits(run, op_norm(run, ROLE_OUTPUT_NORM, x));
}
