/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * StableLM (Bellagente et al., 2024): LayerNorm, a rotary embedding of a part of a head by halves,
 * SwiGLU. Without a norm of its own the feed-forward layer reads what attention reads. Some (12B)
 * have a LayerNorm without bias for each head of q and k.
 */
#include "model.h"

static const struct family_key keys[] = {
    /* True also in files of models in sequence, whose config does not say: the tensors do. */
    {.name = "use_parallel_residual", .use = KEY_HARMLESS},
    {.name = NULL},
};

static int read(struct ls_model *m, struct ls_error *err) {
    (void)err;
    m->parallel_residual = gguf_find_tensor(m->gguf, "blk.0.ffn_norm.weight") == NULL;
    return 0;
}

const struct family model_stablelm = {
    .arch = "stablelm",
    .number = FAMILY_stablelm,
    .required = ROLES_DECODER | ROLE_BIT(ROLE_ATTN_NORM) | ROLE_BIT(ROLE_ATTN_NORM_BIAS) |
                ROLE_BIT(ROLE_OUTPUT_NORM_BIAS) | ROLE_BIT(ROLE_FFN_GATE) | ROLE_BIT(ROLE_OUTPUT),
    .optional = ROLE_BIT(ROLE_FFN_NORM) | ROLE_BIT(ROLE_FFN_NORM_BIAS) | ROLES_QKV_BIASES |
                ROLES_HEAD_NORMS,
    .rope_halves = true,
    .layer_norm = true,
    .head_norm = HEAD_NORM_OWN,
    .keys = keys,
    .read = read,
};
