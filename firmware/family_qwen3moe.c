/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Qwen3-MoE: the program of qwen3 with experts, which its roles ask for.
 */
#include "program_build.h"

void build_qwen3moe(struct build *b) {
    build_decoder(b, &(struct build_style){.activation = LOCKSTEP_OP_SWIGLU});
}
