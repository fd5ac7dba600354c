/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Phi-3 in binary32: its fused tensors are parts.
 */
#include "reference_ops.h"

void reference_phi3(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    ref_sequence(r, &(struct ref_style){.gelu = false}, seq, pos, token);
}
