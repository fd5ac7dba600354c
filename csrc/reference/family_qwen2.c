/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Qwen2 in binary32: llama with biases and pairs of halves, as its model says.
 */
#include "reference_ops.h"

void reference_qwen2(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    ref_sequence(r, &(struct ref_style){.gelu = false}, seq, pos, token);
}
