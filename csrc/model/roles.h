/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The table of firmware/roles.h for the host: names in a file, rows and columns for a model's
 * sizes.
 *
 *     char name[ROLE_NAME_SIZE];
 *     role_name(ROLE_ATTN_Q, 2, name); // "blk.2.attn_q.weight"
 *     rows = role_rows(ROLE_ATTN_Q, &sizes);
 */
#ifndef LS_ROLES_H
#define LS_ROLES_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/roles.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ROLE_NAME_SIZE 48u /* bytes of a tensor's name with its NUL */

struct role_sizes {
    uint64_t vocab, positions, dim, hidden;
    uint64_t experts, shared; /* experts of a layer; elements of the shared expert */
    uint64_t q, kv;           /* elements of all query heads, of all key heads */
    uint64_t q_norm, k_norm;  /* elements that a norm of queries or keys spans */
};

bool role_is_of_layer(enum role role);

/* A vector, stored in F32; else a matrix. */
bool role_is_vector(enum role role);

/* A vector that is added; else one that multiplies. */
bool role_is_bias(enum role role);

/* Of one matrix. */
uint64_t role_rows(enum role role, const struct role_sizes *sizes);
uint64_t role_columns(enum role role, const struct role_sizes *sizes);

/* Matrices that a tensor holds, one behind the other: one of each expert, or 1. */
uint64_t role_matrices(enum role role, const struct role_sizes *sizes);

/* "attn_q.weight": within a layer, or the whole name of a tensor of the model. */
const char *role_bare_name(enum role role);

/* The name in a file; `layer` counts for roles of a layer. */
void role_name(enum role role, uint32_t layer, char name[ROLE_NAME_SIZE]);

#ifdef __cplusplus
}
#endif
#endif
