/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the forward passes of many families have in common: runs of ops of section 13 of
 * docs/numerics.md. Biases are added where the model has them.
 *
 *     struct golden_heads heads = part_heads(run, h);
 *     golden_value o = part_attention(run, heads);
 */
#ifndef LS_GOLDEN_PARTS_H
#define LS_GOLDEN_PARTS_H

#include "golden_ops.h"

/* q [heads * head_dim], k and v [kv_heads * head_dim] */
struct golden_heads {
    golden_value q, k, v;
};

struct golden_heads part_heads(struct golden_run *run, golden_value h);

/* q and k with each head normed. */
struct golden_heads part_normed_heads(struct golden_run *run, struct golden_heads heads);

/* q and k with a LayerNorm of each head, where the model has gains for it. */
struct golden_heads part_layernormed_heads(struct golden_run *run, struct golden_heads heads);

/* q and k rotated. */
struct golden_heads part_rotated(struct golden_run *run, struct golden_heads heads);

/* Attention over the positions so far, and its output matrix. */
golden_value part_attention(struct golden_run *run, struct golden_heads heads);

/* down(silu(gate h) * up h), the same with gelu, and down(gelu(up h)). */
golden_value part_swiglu(struct golden_run *run, golden_value h);
golden_value part_geglu(struct golden_run *run, golden_value h);
golden_value part_gelu(struct golden_run *run, golden_value h);

/* x plus what the chosen experts make of h, each by its weight, one after the other; plus what the
 * shared one does. */
golden_value part_experts(struct golden_run *run, golden_value x, golden_value h);
golden_value part_shared_expert(struct golden_run *run, golden_value x, golden_value h);

/* x times the factor; x itself if that is 1. */
golden_value part_scaled(struct golden_run *run, const char *name, float factor, golden_value x);

#endif
