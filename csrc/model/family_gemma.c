/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Gemma (Mesnard et al., 2024): llama with embeddings times the root of their length, GELU as
 * gate, and the output tied. The +1 of its norms is in the files.
 */
#include <math.h>

#include "model.h"

static int read(struct ls_model *m, struct ls_error *err) {
    (void)err;
    m->embedding_scale = sqrtf((float)m->dim);
    return 0;
}

const struct family model_gemma = {
    .arch = "gemma",
    .number = FAMILY_gemma,
    .required = ROLES_DECODER | ROLES_NORMS | ROLE_BIT(ROLE_FFN_GATE),
    .rope_halves = true,
    .read = read,
};
