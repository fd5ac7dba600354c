/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * StableLM, in parallel or in sequence as the model says.
 */
#include "program_build.h"

void build_stablelm(struct build *b) {
    build_decoder(b, &(struct build_style){.activation = LOCKSTEP_OP_SWIGLU,
                                           .layer_norm = 1,
                                           .head_norm = HEAD_NORM_OWN});
}
