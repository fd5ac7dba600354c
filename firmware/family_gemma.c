/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Gemma.
 */
#include "program_build.h"

void build_gemma(struct build *b) {
    build_decoder(b, &(struct build_style){.activation = LOCKSTEP_OP_GEGLU});
}
