/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through a phi3 model, after section 13 of docs/numerics.md:
 * llama's ops, on parts of fused matrices and with a scaled rotary embedding, as its model says.
 */
#include "golden_parts.h"

void forward_phi3(struct golden_run *run) {
    forward_llama(run);
}
