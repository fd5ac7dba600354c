/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Qwen1.5-MoE and Qwen2-MoE (Yang et al., 2024): qwen2 with experts, whose weights are their shares
 * among all, and a shared one.
 */
#include "family.h"

static const struct family_key keys[] = {
    FAMILY_KEYS_EXPERTS(0),
    {.name = "expert_shared_feed_forward_length", .use = KEY_READ},
    {.name = "expert_shared_count",
     .use = KEY_NEUTRAL,
     .neutral = {0, 1},
     .what = "several shared experts"},
    {.name = NULL},
};

const struct family model_qwen2moe = {
    .arch = "qwen2moe",
    .number = FAMILY_qwen2moe,
    .required = ROLES_ATTENTION | ROLES_NORMS | ROLES_QKV_BIASES | ROLE_BIT(ROLE_OUTPUT) |
                ROLES_EXPERTS | ROLES_SHARED_EXPERT,
    .experts = ROLES_EXPERTS | ROLES_SHARED_EXPERT,
    .rope_halves = true,
    .keys = keys,
};
