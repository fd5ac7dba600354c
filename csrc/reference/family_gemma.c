/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Gemma in binary32: GELU as gate, scaled embeddings.
 */
#include "reference_ops.h"

void reference_gemma(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    ref_sequence(r, &(struct ref_style){.gelu = true}, seq, pos, token);
}
