/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * GPT-2 (Radford et al., 2019): LayerNorm, positions that are learned, q, k and v in one tensor,
 * GELU without a gate, biases everywhere.
 */
#include "family.h"

const struct family model_gpt2 = {
    .arch = "gpt2",
    .number = FAMILY_gpt2,
    .required = ROLES_DECODER | ROLES_NORMS | ROLES_NORM_BIASES | ROLES_QKV_BIASES |
                ROLES_LINEAR_BIASES | ROLE_BIT(ROLE_POSITION_EMBD),
    .optional = ROLE_BIT(ROLE_OUTPUT),
    .layer_norm = true,
};
