/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Inside of the loader: the rotary embedding and its scaling (docs/numerics.md, section 12).
 *
 *     if (read_rope(model, &err) != 0)
 *         return -1;
 */
#ifndef LS_ROPE_H
#define LS_ROPE_H

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills n_rot and what begins with rope_; head_dim and context_length are there. 0, or -1 with
 * `err`. */
int read_rope(struct ls_model *model, struct ls_error *err);

/* Whether a tensor holds factors, which read_rope takes or refuses if anything turns. */
bool rope_is_factors(struct gguf_string name);

#ifdef __cplusplus
}
#endif
#endif
