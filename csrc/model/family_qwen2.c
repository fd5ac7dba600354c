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
    .required = ROLE_BIT(ROLE_TOKEN_EMBD) | ROLE_BIT(ROLE_OUTPUT_NORM) | ROLE_BIT(ROLE_ATTN_NORM) |
                ROLE_BIT(ROLE_ATTN_Q) | ROLE_BIT(ROLE_ATTN_K) | ROLE_BIT(ROLE_ATTN_V) |
                ROLE_BIT(ROLE_ATTN_Q_BIAS) | ROLE_BIT(ROLE_ATTN_K_BIAS) |
                ROLE_BIT(ROLE_ATTN_V_BIAS) | ROLE_BIT(ROLE_ATTN_OUTPUT) | ROLE_BIT(ROLE_FFN_NORM) |
                ROLE_BIT(ROLE_FFN_GATE) | ROLE_BIT(ROLE_FFN_UP) | ROLE_BIT(ROLE_FFN_DOWN),
    .optional = ROLE_BIT(ROLE_OUTPUT),
    .rope_halves = true,
};
