/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * StarCoder 2 (Lozhkov et al., 2024): LayerNorm, a rotary embedding that pairs halves, GELU
 * without a gate, biases.
 */
#include "family.h"

const struct family model_starcoder2 = {
    .arch = "starcoder2",
    .number = FAMILY_starcoder2,
    .required = ROLES_DECODER | ROLES_NORMS | ROLES_NORM_BIASES,
    .optional = ROLES_QKV_BIASES | ROLES_LINEAR_BIASES | ROLE_BIT(ROLE_OUTPUT),
    .rope_halves = true,
    .layer_norm = true,
};
