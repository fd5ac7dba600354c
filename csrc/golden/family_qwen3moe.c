/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through a qwen3moe model, after section 13 of docs/numerics.md:
 * qwen3 with experts.
 */
#include "golden_parts.h"

void forward_qwen3moe(struct golden_run *run) {
    golden_value x = op_embed(run);
    for (uint32_t l = 0; l < run->model->layers; l++) {
        run->layer = (int)l;

        golden_value h = op_norm(run, ROLE_ATTN_NORM, x);
        struct golden_heads heads = part_normed_heads(run, part_heads(run, h));
        x = op_add(run, "attn_residual", x, part_attention(run, part_rotated(run, heads)));

        h = op_norm(run, ROLE_FFN_NORM, x);
        x = part_experts(run, x, h);
    }
    run->layer = -1;
    if (op_want(run))
        op_logits(run, op_norm(run, ROLE_OUTPUT_NORM, x));
}
