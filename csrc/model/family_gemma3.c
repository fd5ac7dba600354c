/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Gemma 3 (Kamath et al., 2025), its text models: gemma2 with a norm of each head of q and k in
 * place of the cap of scores; of six layers five have a window and turn by a base of their own,
 * unscaled.
 */
#include <math.h>

#include "model.h"

static const struct family_key keys[] = {
    {.name = "attention.sliding_window", .use = KEY_READ},
    {.name = "attention.sliding_window_pattern", .use = KEY_READ},
    {.name = "rope.freq_base_swa", .use = KEY_READ},
    {.name = "final_logit_softcapping", .use = KEY_READ},
    {.name = NULL},
};

static int read(struct ls_model *m, struct ls_error *err) {
    uint32_t window = 0, period = 6;
    float base = 10000;
    m->embedding_scale = sqrtf((float)m->dim);
    if (m->layers == 62) /* 27B */
        m->attn_scale = (float)(1 / sqrt((double)(m->dim / m->heads)));
    if (family_read_window(m, &window, err) != 0 ||
        family_read_size(m, "attention.sliding_window_pattern", true, &period, err) != 0 ||
        family_read_positive(m, "rope.freq_base_swa", true, &base, err) != 0 ||
        family_read_scale(m, "final_logit_softcapping", &m->logit_cap, err) != 0)
        return -1;
    if (window == 0) /* all layers are alike */
        return 0;
    if (period > 255)
        return family_refuse(m, "attention.sliding_window_pattern",
                             "more than 255: convert the model again", err);
    if (base < 1)
        return family_refuse(m, "rope.freq_base_swa", "below 1: convert the model again", err);
    m->local_period = period;
    m->local_count = period - 1;
    m->local_window = window;
    m->local_rope_base = base;
    return 0;
}

const struct family model_gemma3 = {
    .arch = "gemma3",
    .number = FAMILY_gemma3,
    .required =
        ROLES_DECODER | ROLES_NORMS | ROLES_POST_NORMS | ROLES_HEAD_NORMS | ROLE_BIT(ROLE_FFN_GATE),
    .optional = ROLE_BIT(ROLE_OUTPUT),
    .rope_halves = true,
    .keys = keys,
    .read = read,
};
