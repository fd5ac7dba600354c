/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Gemma 2 (Riviere et al., 2024): gemma with norms behind both branches, capped scores and logits,
 * and a window in every other layer, the first one among them. Where a key is missing, its value
 * is that of all published sizes.
 */
#include <math.h>

#include "model.h"

static const struct family_key keys[] = {
    {.name = "attention.sliding_window", .use = KEY_READ},
    {.name = "attn_logit_softcapping", .use = KEY_READ},
    {.name = "final_logit_softcapping", .use = KEY_READ},
    {.name = NULL},
};

static int read(struct ls_model *m, struct ls_error *err) {
    m->embedding_scale = sqrtf((float)m->dim);
    if (m->layers == 46) /* 27B */
        m->attn_scale = (float)(1 / sqrt((double)(m->dim / m->heads)));
    m->attn_cap = 50;
    m->logit_cap = 30;
    m->local_period = 2;
    m->local_count = 1;
    m->local_window = 4096;
    return family_read_window(m, &m->local_window, err) != 0 ||
                   family_read_scale(m, "attn_logit_softcapping", &m->attn_cap, err) != 0 ||
                   family_read_scale(m, "final_logit_softcapping", &m->logit_cap, err) != 0
               ? -1
               : 0;
}

const struct family model_gemma2 = {
    .arch = "gemma2",
    .number = FAMILY_gemma2,
    .required = ROLES_DECODER | ROLES_NORMS | ROLES_POST_NORMS | ROLE_BIT(ROLE_FFN_GATE),
    .rope_halves = true,
    .keys = keys,
    .read = read,
};
