/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * GPT-NeoX in binary32: LayerNorm, GELU without a gate, in parallel or in sequence.
 */
#include "reference_ops.h"

void reference_gptneox(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    (r->model->parallel_residual ? ref_parallel : ref_sequence)(
        r, &(struct ref_style){.layer_norm = true, .gelu = true}, seq, pos, token);
}
