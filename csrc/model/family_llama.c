/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Llama (Touvron et al., 2023) as its files have it: RMSNorm, rotary embedding of adjacent pairs,
 * grouped-query attention, SwiGLU; biases are optional. Mixtral (Jiang et al., 2024) is one with
 * experts.
 */
#include "family.h"

static const struct family_key keys[] = {
    /* The order of rows of attn_q and attn_k before conversion; converted files have one order. */
    {.name = "tensor_data_layout", .use = KEY_HARMLESS},
    FAMILY_KEYS_EXPERTS(1),
    {.name = NULL},
};

const struct family model_llama = {
    .arch = "llama",
    .number = FAMILY_llama,
    .required = ROLES_DECODER | ROLES_NORMS | ROLE_BIT(ROLE_FFN_GATE),
    .optional = ROLES_QKV_BIASES | ROLES_LINEAR_BIASES | ROLE_BIT(ROLE_FFN_GATE_BIAS) |
                ROLE_BIT(ROLE_OUTPUT),
    .experts = ROLES_EXPERTS,
    .experts_normalised = true,
    .keys = keys,
};
