/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * OLMo 2 in binary32: norms behind branches, and over all heads.
 */
#include "reference_ops.h"

void reference_olmo2(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    ref_sequence(r, &(struct ref_style){.head_norm = HEAD_NORM_WHOLE}, seq, pos, token);
}
