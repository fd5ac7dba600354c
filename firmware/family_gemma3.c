/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Gemma 3: that of gemma2, with HEADNORM and a second table of angles.
 */
#include "program_build.h"

void build_gemma3(struct build *b) {
    build_decoder(b, &(struct build_style){.activation = LOCKSTEP_OP_GEGLU});
}
