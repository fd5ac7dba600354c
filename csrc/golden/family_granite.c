/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through a granite model, after section 13 of docs/numerics.md:
 * llama with scales of the embedding and of both branches.
 */
#include "golden_parts.h"

void forward_granite(struct golden_run *run) {
    const struct ls_model *m = run->model;
    golden_value x = op_embed(run);
    x = part_scaled(run, "embd_scaled", m->embedding_scale, x);
    for (uint32_t l = 0; l < m->layers; l++) {
        run->layer = (int)l;

        golden_value h = op_norm(run, ROLE_ATTN_NORM, x);
        struct golden_heads heads = part_rotated(run, part_heads(run, h));
        golden_value o = part_attention(run, heads);
        o = part_scaled(run, "attn_scaled", m->residual_scale, o);
        x = op_add(run, "attn_residual", x, o);

        h = op_norm(run, ROLE_FFN_NORM, x);
        golden_value d = part_swiglu(run, h);
        d = part_scaled(run, "ffn_scaled", m->residual_scale, d);
        x = op_add(run, "ffn_residual", x, d);
    }
    run->layer = -1;
    if (op_want(run))
        op_logits(run, op_norm(run, ROLE_OUTPUT_NORM, x));
}
