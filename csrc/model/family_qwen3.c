/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Qwen3 (Yang et al., 2025): llama with a norm of each head of q and k, and a rotary embedding
 * that pairs the halves of a head.
 */
#include "family.h"

const struct family model_qwen3 = {
    .arch = "qwen3",
    .number = FAMILY_qwen3,
    .required = ROLES_DECODER | ROLES_NORMS | ROLE_BIT(ROLE_FFN_GATE) | ROLES_HEAD_NORMS,
    .optional = ROLE_BIT(ROLE_OUTPUT),
    .rope_halves = true,
};
