/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Inside of the loader: the tensor of a role, by its own name or as a part of one that the file has
 * fused: `attn_qkv`, whose rows are those of q, k and v, and an `ffn_up` whose first half is the
 * gate. Parts are views, and so are gains that lie in a row a head: the weights stay where they
 * are.
 *
 *     if (model_has_role(model, ROLE_ATTN_Q) &&
 *         model_find_tensor(model, ROLE_ATTN_Q, 2, used, &q, &err) != 0)
 *         return -1;
 */
#ifndef LS_FIND_TENSOR_H
#define LS_FIND_TENSOR_H

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MODEL_VIEWS 10u /* that a layer may have */

/* Whether the file has it; what is optional may be absent from all layers, not from some. */
bool model_has_role(const struct ls_model *model, enum role role);

/* Finds the tensor of a role, of the shape and type that it must have, and notes it in `used`
 * [tensor_count]. model->views has room for all. 0, or -1 with `err`. */
int model_find_tensor(struct ls_model *model, enum role role, uint32_t layer, bool *used,
                      const struct gguf_tensor **out, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
