/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Qwen2 and Qwen2.5 (Yang et al., 2024): llama with biases of q, k and v, and a rotary embedding
 * that pairs the halves of a head. All its hyperparameters are common ones.
 */
#include "family.h"

const struct family model_qwen2 = {
    .arch = "qwen2",
    .number = FAMILY_qwen2,
    .required = ROLES_DECODER | ROLES_NORMS | ROLES_QKV_BIASES | ROLE_BIT(ROLE_FFN_GATE),
    .optional = ROLE_BIT(ROLE_OUTPUT),
    .rope_halves = true,
};
