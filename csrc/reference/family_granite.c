/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Granite in binary32: four scales, as the model says; that of logits does not count here.
 */
#include "reference_ops.h"

void reference_granite(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    ref_sequence(r, &(struct ref_style){.gelu = false}, seq, pos, token);
}
