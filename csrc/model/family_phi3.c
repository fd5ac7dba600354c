/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Phi-3 and Phi-4 (Abdin et al., 2024): llama with q, k and v in one tensor, gate and up in
 * another, and a rotary embedding that pairs halves, scaled by longrope in the long ones. Some
 * have a window in every layer.
 */
#include "model.h"

static const struct family_key keys[] = {
    {.name = "attention.sliding_window", .use = KEY_READ},
    {.name = NULL},
};

static int read(struct ls_model *m, struct ls_error *err) {
    if (family_read_window(m, &m->local_window, err) != 0)
        return -1;
    m->local_period = m->local_count = m->local_window != 0;
    return 0;
}

const struct family model_phi3 = {
    .arch = "phi3",
    .number = FAMILY_phi3,
    .required = ROLES_DECODER | ROLES_NORMS | ROLE_BIT(ROLE_FFN_GATE),
    .optional = ROLE_BIT(ROLE_OUTPUT),
    .rope_halves = true,
    .keys = keys,
    .read = read,
};
