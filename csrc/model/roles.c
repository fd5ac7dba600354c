/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Names and shapes of tensors by what they are for.
 */
#include "roles.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum size { ONE, VOCAB, POSITIONS, DIM, HIDDEN, EXPERTS, SHARED, Q, KV, Q_NORM, K_NORM };

#define ROLE_ROW(role, name, rows, columns) [ROLE_##role] = {name, rows, columns},
static const struct {
    const char *name;
    enum size rows, columns;
} table[ROLES] = {ROLES_OF_MODEL(ROLE_ROW) ROLES_OF_LAYER(ROLE_ROW)};

bool role_is_of_layer(enum role role) {
    return (roles_of_layer & ROLE_BIT(role)) != 0;
}

bool role_is_vector(enum role role) {
    return table[role].rows == ONE;
}

bool role_is_bias(enum role role) {
    const char *const dot = strrchr(table[role].name, '.');
    return dot != NULL && strcmp(dot, ".bias") == 0;
}

static uint64_t size_of(enum size size, const struct role_sizes *s) {
    const uint64_t sizes[] = {[ONE] = 1,
                              [VOCAB] = s->vocab,
                              [POSITIONS] = s->positions,
                              [DIM] = s->dim,
                              [HIDDEN] = s->hidden,
                              [EXPERTS] = s->experts,
                              [SHARED] = s->shared,
                              [Q] = s->q,
                              [KV] = s->kv,
                              [Q_NORM] = s->q_norm,
                              [K_NORM] = s->k_norm};
    return sizes[size];
}

uint64_t role_rows(enum role role, const struct role_sizes *sizes) {
    return size_of(table[role].rows, sizes);
}

uint64_t role_columns(enum role role, const struct role_sizes *sizes) {
    return size_of(table[role].columns, sizes);
}

uint64_t role_matrices(enum role role, const struct role_sizes *sizes) {
    return (roles_of_experts & ROLE_BIT(role)) != 0 ? sizes->experts : 1;
}

const char *role_bare_name(enum role role) {
    return table[role].name;
}

void role_name(enum role role, uint32_t layer, char name[ROLE_NAME_SIZE]) {
    if (role_is_of_layer(role))
        snprintf(name, ROLE_NAME_SIZE, "blk.%" PRIu32 ".%s", layer, table[role].name);
    else
        snprintf(name, ROLE_NAME_SIZE, "%s", table[role].name);
}
