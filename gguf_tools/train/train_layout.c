/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Names, shapes and places of the tensors of the trainer's network.
 */
#include <stdio.h>

#include "train_net.h"

static const char *const layer_names[NET_PER_LAYER] = {"attn_norm", "attn_q",      "attn_k",
                                                       "attn_v",    "attn_output", "ffn_norm",
                                                       "ffn_gate",  "ffn_up",      "ffn_down"};

static void layout_add(struct net_layout *layout, const char *name, uint32_t rows,
                       uint32_t columns) {
    struct net_tensor *t = &layout->tensor[layout->count++];
    snprintf(t->name, sizeof t->name, "%s.weight", name);
    t->offset = layout->total;
    t->rows = rows;
    t->columns = columns;
    layout->total += (size_t)rows * columns;
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

    uint32_t kv_dim = s->dim / s->heads * s->kv_heads;
    const uint32_t rows[NET_PER_LAYER] = {1, s->dim,    kv_dim,    kv_dim, s->dim,
                                          1, s->hidden, s->hidden, s->dim};
    layout->count = 0;
    layout->total = 0;
    layout_add(layout, "token_embd", s->vocab, s->dim);
    for (uint32_t l = 0; l < s->layers; l++)
        for (int i = 0; i < NET_PER_LAYER; i++) {
            char name[NET_NAME_MAX - 8];
            snprintf(name, sizeof name, "blk.%u.%s", l % 100, layer_names[i]);
            layout_add(layout, name, rows[i], i == NET_FFN_DOWN ? s->hidden : s->dim);
        }
    layout_add(layout, "output_norm", 1, s->dim);
    return 0;
}
