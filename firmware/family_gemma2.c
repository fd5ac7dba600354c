/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Gemma 2: that of gemma; norms behind the branches by its roles, caps and windows in registers.
 */
#include "program_build.h"

void build_gemma2(struct build *b) {
    build_decoder(b, &(struct build_style){.activation = LOCKSTEP_OP_GEGLU});
}
