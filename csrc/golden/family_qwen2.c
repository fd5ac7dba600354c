/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One token through a qwen2 model: llama's ops, with biases and pairs of halves, as its model says.
 */
#include "golden_ops.h"

void forward_qwen2(struct golden_run *run) {
    forward_llama(run);
}
