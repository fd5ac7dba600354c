/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Qwen2-MoE: the program of llama with experts and a shared one, which its roles ask for.
 */
#include "program_build.h"

void build_qwen2moe(struct build *b) {
    build_decoder(b, &(struct build_style){.activation = LOCKSTEP_OP_SWIGLU});
}
