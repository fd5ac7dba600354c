/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through a qwen3moe model, as qwen3; golden_open takes none with experts yet.
 */
#include "golden_ops.h"

void forward_qwen3moe(struct golden_run *run, uint32_t token, bool want_logits) {
    forward_qwen3(run, token, want_logits);
}
