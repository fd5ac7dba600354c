/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Qwen2-MoE in binary32: qwen2 with experts and a shared one.
 */
#include "reference_ops.h"

void reference_qwen2moe(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    ref_sequence(r, &(struct ref_style){.gelu = false}, seq, pos, token);
}
