/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through a olmo2 model, after section 13 of docs/numerics.md:
 * norms behind the branches, and of all heads of q and of k at once.
 */
#include "golden_parts.h"

void forward_olmo2(struct golden_run *run) {
    golden_value x = op_embed(run);
    for (uint32_t l = 0; l < run->model->layers; l++) {
        run->layer = (int)l;

        struct golden_heads heads = part_heads(run, x);
        heads.q = op_norm(run, ROLE_ATTN_Q_NORM, heads.q);
        heads.k = op_norm(run, ROLE_ATTN_K_NORM, heads.k);
        golden_value o = part_attention(run, part_rotated(run, heads));
        x = op_add(run, "attn_residual", x, op_norm(run, ROLE_ATTN_POST_NORM, o));

        golden_value d = part_swiglu(run, x);
        x = op_add(run, "ffn_residual", x, op_norm(run, ROLE_FFN_POST_NORM, d));
    }
    run->layer = -1;
    if (op_want(run))
        op_logits(run, op_norm(run, ROLE_OUTPUT_NORM, x));
}
