/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * OLMo 2: norms where its roles put them.
 */
#include "program_build.h"

void build_olmo2(struct build *b) {
    build_decoder(
        b, &(struct build_style){.activation = LOCKSTEP_OP_SWIGLU, .head_norm = HEAD_NORM_WHOLE});
}
