/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The llama architecture, from which the others differ.
 */
#include "program_build.h"

void build_llama(struct build *b) {
    build_decoder(b, &(struct build_style){.activation = LOCKSTEP_OP_SWIGLU});
}
