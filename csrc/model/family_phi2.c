/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Phi-1.5 and Phi-2 (Li et al., 2023): LayerNorm, one norm before attention and feed-forward in
 * parallel, a rotary embedding of a part of a head by halves, GELU without a gate, biases
 * everywhere.
 */
#include "model.h"

static int read(struct ls_model *m, struct ls_error *err) {
    (void)err;
    m->parallel_residual = true;
    return 0;
}

const struct family model_phi2 = {
    .arch = "phi2",
    .number = FAMILY_phi2,
    .required = ROLES_DECODER | ROLE_BIT(ROLE_ATTN_NORM) | ROLE_BIT(ROLE_ATTN_NORM_BIAS) |
                ROLE_BIT(ROLE_OUTPUT_NORM_BIAS) | ROLES_QKV_BIASES | ROLES_LINEAR_BIASES |
                ROLE_BIT(ROLE_OUTPUT) | ROLE_BIT(ROLE_OUTPUT_BIAS),
    .rope_halves = true,
    .layer_norm = true,
    .read = read,
};
