/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Phi-3 has the program of llama: its fused tensors are parts.
 */
#include "program_build.h"

void build_phi3(struct build *b) {
    build_decoder(b, &(struct build_style){.activation = LOCKSTEP_OP_SWIGLU});
}
