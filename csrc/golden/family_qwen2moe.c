/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through a qwen2moe model, as qwen2; golden_open takes none with experts yet.
 */
#include "golden_ops.h"

void forward_qwen2moe(struct golden_run *run, uint32_t token, bool want_logits) {
    forward_qwen2(run, token, want_logits);
}
