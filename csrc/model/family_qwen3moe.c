/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Qwen3-MoE (Yang et al., 2025): qwen3 with experts.
 */
#include "family.h"

static const struct family_key keys[] = {
    FAMILY_KEYS_EXPERTS(1),
    {.name = NULL},
};

const struct family model_qwen3moe = {
    .arch = "qwen3moe",
    .number = FAMILY_qwen3moe,
    .required = ROLES_ATTENTION | ROLES_NORMS | ROLES_HEAD_NORMS | ROLES_EXPERTS,
    .optional = ROLE_BIT(ROLE_OUTPUT),
    .experts = ROLES_EXPERTS,
    .experts_normalised = true,
    .rope_halves = true,
    .keys = keys,
};
