/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Granite 3 (IBM, 2024), its dense models: llama with four scales: of embeddings, branches, scores
 * and logits.
 */
#include "model.h"

static const struct family_key keys[] = {
    {.name = "attention.scale", .use = KEY_READ},
    {.name = "embedding_scale", .use = KEY_READ},
    {.name = "residual_scale", .use = KEY_READ},
    {.name = "logit_scale", .use = KEY_READ},
    {.name = "rope.scaling.finetuned",
     .use = KEY_NEUTRAL,
     .neutral = {1, 1},
     .what = "layers without a rotary embedding"},
    {.name = NULL},
};

/* Without the key, or with 0, the scale stays as it is. */
static int read_scale(const struct ls_model *m, const char *key, float *scale,
                      struct ls_error *err) {
    float value = 0;
    if (family_read_scale(m, key, &value, err) != 0)
        return -1;
    *scale = value != 0 ? value : *scale;
    return 0;
}

static int read(struct ls_model *m, struct ls_error *err) {
    float divisor = 1;
    if (read_scale(m, "attention.scale", &m->attn_scale, err) != 0 ||
        read_scale(m, "embedding_scale", &m->embedding_scale, err) != 0 ||
        read_scale(m, "residual_scale", &m->residual_scale, err) != 0 ||
        read_scale(m, "logit_scale", &divisor, err) != 0)
        return -1;
    m->logit_scale = 1 / divisor;
    return 0;
}

const struct family model_granite = {
    .arch = "granite",
    .number = FAMILY_granite,
    .required = ROLES_DECODER | ROLES_NORMS | ROLE_BIT(ROLE_FFN_GATE),
    .optional = ROLE_BIT(ROLE_OUTPUT),
    .keys = keys,
    .read = read,
};
