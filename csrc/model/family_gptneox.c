/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * GPT-NeoX (Black et al., 2022) and Pythia: LayerNorm, q, k and v in one tensor, a rotary
 * embedding of a part of a head by halves, GELU without a gate, biases; attention and feed-forward
 * read the same stream or, in some models, one the other's.
 */
#include "model.h"

static const struct family_key keys[] = {
    {.name = "use_parallel_residual", .use = KEY_READ},
    {.name = NULL},
};

static int read(struct ls_model *m, struct ls_error *err) {
    if (gguf_get_bool(m->gguf, "gptneox.use_parallel_residual", &m->parallel_residual) ==
        GGUF_FOUND)
        return 0;
    return family_refuse(m, "use_parallel_residual",
                         "missing, or not a bool: convert the model again", err);
}

const struct family model_gptneox = {
    .arch = "gptneox",
    .number = FAMILY_gptneox,
    .required = ROLES_DECODER | ROLES_NORMS | ROLES_NORM_BIASES | ROLES_QKV_BIASES |
                ROLES_LINEAR_BIASES | ROLE_BIT(ROLE_OUTPUT),
    .rope_halves = true,
    .layer_norm = true,
    .keys = keys,
    .read = read,
};
