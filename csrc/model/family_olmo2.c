/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * OLMo 2 (OLMo team, 2024): llama without norms in front of its branches; they stand behind them,
 * and over all of q and all of k.
 */
#include "family.h"

const struct family model_olmo2 = {
    .arch = "olmo2",
    .number = FAMILY_olmo2,
    .required = ROLES_DECODER | ROLES_POST_NORMS | ROLES_HEAD_NORMS | ROLE_BIT(ROLE_FFN_GATE) |
                ROLE_BIT(ROLE_OUTPUT),
    .rope_halves = true,
    .head_norm = HEAD_NORM_WHOLE,
};
