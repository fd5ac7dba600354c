/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Gemma 2 in binary32: norms behind branches by their tensors; caps and windows as the model says.
 */
#include "reference_ops.h"

void reference_gemma2(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    ref_sequence(r, &(struct ref_style){.gelu = true}, seq, pos, token);
}
