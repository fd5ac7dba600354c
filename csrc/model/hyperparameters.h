/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Inside of the loader: the hyperparameters that all families have, then the family's own.
 *
 *     if (read_hyperparameters(model, &err) != 0 || family_check_keys(model, &err) != 0)
 *         return -1;
 */
#ifndef LS_HYPERPARAMETERS_H
#define LS_HYPERPARAMETERS_H

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MODEL_MAX_SIZE (1u << 24) /* of any one hyperparameter: keeps every product below 2^64 */

/* Fills what model->family reads. 0, or -1 with `err`. */
int read_hyperparameters(struct ls_model *model, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
