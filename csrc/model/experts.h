/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Inside of the loader: how many experts a model has, how many of them a token takes, and how large
 * they are. Names as in llama.cpp; a key that is absent counts as there.
 *
 *     if (read_experts(model, &err) != 0)
 *         return -1;
 */
#ifndef LS_EXPERTS_H
#define LS_EXPERTS_H

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* After feed_forward_length. In a model with experts `hidden` is then that of one of them. 0, or -1
 * with `err`. */
int read_experts(struct ls_model *model, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
