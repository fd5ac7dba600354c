/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Names, shapes and places of the tensors of the trainer's network.
 */
#include "csrc/model/family.h"
#include "train_net.h"

static void layout_add(struct net_layout *layout, enum role role, uint32_t layer,
                       const struct role_sizes *sizes) {
    struct net_tensor *t = &layout->tensor[layout->count++];
    role_name(role, layer, t->name);
    t->role = role;
    t->offset = layout->total;
    t->rows = (uint32_t)role_rows(role, sizes);
    t->columns = (uint32_t)role_columns(role, sizes);
    layout->total += (size_t)t->rows * t->columns;
}

int net_layout_make(const struct net_shape *s, struct net_layout *layout, struct ls_error *err) {
    if (s->layers == 0 || s->layers > NET_LAYERS_MAX)
        return ls_error_set(err, "shape: layers must be 1..%d, not %u", NET_LAYERS_MAX, s->layers);
    if (s->vocab == 0 || s->vocab > UINT16_MAX || s->dim == 0 || s->dim > 4096 || s->hidden == 0 ||
        s->hidden > 16384 || s->context < 2 || s->context > 8192)
        return ls_error_set(err, "shape: vocab %u, dim %u, hidden %u, context %u is out of range",
                            s->vocab, s->dim, s->hidden, s->context);
    if (s->heads == 0 || s->kv_heads == 0 || s->dim % s->heads != 0 ||
        s->heads % s->kv_heads != 0 || s->dim / s->heads % 2 != 0)
        return ls_error_set(err,
                            "shape: %u heads must divide dim %u into even parts, and %u key/value "
                            "heads must divide the heads",
                            s->heads, s->dim, s->kv_heads);

    const uint64_t kv_dim = s->dim / s->heads * s->kv_heads;
    const struct role_sizes sizes = {
        .vocab = s->vocab, .dim = s->dim, .hidden = s->hidden, .q = s->dim, .kv = kv_dim};
    const uint64_t roles = family_at(FAMILY_llama)->required;
    layout->count = 0;
    layout->total = 0;
    layout_add(layout, ROLE_TOKEN_EMBD, 0, &sizes);
    for (uint32_t l = 0; l < s->layers; l++)
        for (enum role role = 0; role < ROLES; role++)
            if ((roles & roles_of_layer & ROLE_BIT(role)) != 0) {
                layout->of_layer[l][role] = layout->total;
                layout_add(layout, role, l, &sizes);
            }
    layout_add(layout, ROLE_OUTPUT_NORM, 0, &sizes);
    return 0;
}
