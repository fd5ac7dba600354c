/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Qwen3: the program of llama with HEADNORM, which its roles ask for.
 */
#include "program_build.h"

void build_qwen3(struct build *b) {
    build_decoder(b, &(struct build_style){.activation = LOCKSTEP_OP_SWIGLU});
}
