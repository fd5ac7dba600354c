/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Phi-2, in parallel.
 */
#include "program_build.h"

void build_phi2(struct build *b) {
    build_decoder(b, &(struct build_style){.activation = LOCKSTEP_OP_GELU, .layer_norm = 1});
}
