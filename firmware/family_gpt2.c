/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * GPT-2.
 */
#include "program_build.h"

void build_gpt2(struct build *b) {
    build_decoder(b, &(struct build_style){.activation = LOCKSTEP_OP_GELU, .layer_norm = 1});
}
