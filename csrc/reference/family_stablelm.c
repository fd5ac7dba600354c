/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * StableLM in binary32: LayerNorm, of heads too, SwiGLU, in parallel or in sequence.
 */
#include "reference_ops.h"

void reference_stablelm(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    (r->model->parallel_residual ? ref_parallel : ref_sequence)(
        r, &(struct ref_style){.layer_norm = true, .head_norm = HEAD_NORM_OWN}, seq, pos, token);
}
