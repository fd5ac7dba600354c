/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Llama in binary32 (Touvron et al., 2023): RMSNorm, rotary embedding of adjacent pairs, grouped-
 * query attention, SwiGLU.
 */
#include "reference_ops.h"

void reference_llama(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    ref_sequence(r, &(struct ref_style){.gelu = false}, seq, pos, token);
}
