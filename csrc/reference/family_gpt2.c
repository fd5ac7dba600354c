/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * GPT-2 in binary32: LayerNorm, learned positions, GELU without a gate.
 */
#include "reference_ops.h"

void reference_gpt2(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    ref_sequence(r, &(struct ref_style){.layer_norm = true, .gelu = true}, seq, pos, token);
}
