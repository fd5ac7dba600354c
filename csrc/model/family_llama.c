/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Llama (Touvron et al., 2023) as its files have it: RMSNorm, rotary embedding of adjacent pairs,
 * grouped-query attention, SwiGLU. All its hyperparameters are common ones; biases are optional.
 */
#include "family.h"

static const struct family_key keys[] = {
    /* The order of rows of attn_q and attn_k before conversion; converted files have one order. */
    {.name = "tensor_data_layout", .use = KEY_HARMLESS},
    {.name = NULL},
};

const struct family model_llama = {
    .arch = "llama",
    .number = FAMILY_llama,
    .required = ROLE_BIT(ROLE_TOKEN_EMBD) | ROLE_BIT(ROLE_OUTPUT_NORM) | ROLE_BIT(ROLE_ATTN_NORM) |
                ROLE_BIT(ROLE_ATTN_Q) | ROLE_BIT(ROLE_ATTN_K) | ROLE_BIT(ROLE_ATTN_V) |
                ROLE_BIT(ROLE_ATTN_OUTPUT) | ROLE_BIT(ROLE_FFN_NORM) | ROLE_BIT(ROLE_FFN_GATE) |
                ROLE_BIT(ROLE_FFN_UP) | ROLE_BIT(ROLE_FFN_DOWN),
    .optional = ROLE_BIT(ROLE_OUTPUT) | ROLE_BIT(ROLE_ATTN_Q_BIAS) | ROLE_BIT(ROLE_ATTN_K_BIAS) |
                ROLE_BIT(ROLE_ATTN_V_BIAS) | ROLE_BIT(ROLE_ATTN_OUTPUT_BIAS) |
                ROLE_BIT(ROLE_FFN_GATE_BIAS) | ROLE_BIT(ROLE_FFN_UP_BIAS) |
                ROLE_BIT(ROLE_FFN_DOWN_BIAS),
    .keys = keys,
};
