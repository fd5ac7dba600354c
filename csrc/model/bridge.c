/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The tensor table in the firmware's order.
 */
#include "bridge.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(LS_EOG == sizeof((struct fw_model *)0)->eog / sizeof(uint32_t), "ends of a text");

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The tensor at a place of the firmware's table, or of which a piece stands there; NULL: the table
 * has no such place. */
static const struct gguf_tensor *tensor_at(const struct ls_model *m, const struct fw_model *fw,
                                           uint32_t index) {
    const uint32_t stride = program_stride(fw), pieces = program_piece_place(fw, 0);
    const uint32_t outer = pieces - m->layers * stride;
    if (index >= pieces)
        return index >= program_tensors(fw)
                   ? NULL
                   : m->tensor[(index - pieces) % 2 == 0 ? ROLE_OUTPUT : ROLE_OUTPUT_BIAS];
    const uint32_t layer = index < outer ? 0 : (index - outer) / stride;
    for (enum role role = 0; layer < m->layers && role < ROLES; role++)
        if ((m->roles & ROLE_BIT(role)) != 0 && program_place(fw, role, layer) == index)
            return role_is_of_layer(role) ? m->layer[layer].tensor[role] : m->tensor[role];
    return NULL;
}

/* Cuts the output matrix to rows, or its bias to elements, of the piece at `place` of pieces. */
static void cut_piece(struct fw_tensor *t, uint32_t place) {
    uint32_t *const size = place % 2 == 0 ? &t->rows : &t->cols;
    const uint32_t piece = place / 2, first = piece * LOCKSTEP_OFFER_ROWS, left = *size - first;
    const uint64_t unit = t->bytes / *size; /* bytes of a row, or of a bias */
    *size = left < LOCKSTEP_OFFER_ROWS ? left : LOCKSTEP_OFFER_ROWS;
    t->address += first * unit;
    t->bytes = *size * unit;
}

int bridge_model(const struct ls_model *m, uint32_t context, uint32_t sequences,
                 struct fw_model *fw, struct ls_error *err) {
    *fw = (struct fw_model){
        .family = m->family->number,
        .roles = m->roles,
        .dim = m->dim,
        .hidden = m->hidden,
        .experts = m->experts,
        .experts_used = m->experts_used,
        .experts_normalised = m->experts_normalised,
        .shared_hidden = m->shared_hidden,
        .layers = m->layers,
        .heads = m->heads,
        .kv_heads = m->kv_heads,
        .head_dim = m->head_dim,
        .n_rot = m->n_rot,
        .rope_halves = m->rope_halves,
        .vocab = m->vocab,
        .context = context,
        .sequences = sequences,
        .eps = bits_of(m->norm_eps),
        .rope_base = bits_of(m->rope_base),
        .rope_scale = bits_of(m->rope_scale),
        .rope_magnitude = bits_of(m->rope_magnitude),
        .local_period = m->local_period,
        .local_count = m->local_count,
        .local_window = m->local_window < context ? m->local_window : 0,
        .local_rope_base = bits_of(m->local_rope_base),
        .attn_scale = bits_of(m->attn_scale),
        .attn_cap = bits_of(m->attn_cap),
        .attn_cap_slope = bits_of(m->attn_cap != 0 ? 2 / m->attn_cap : 0),
        .embedding_scale = bits_of(m->embedding_scale),
        .residual_scale = bits_of(m->residual_scale),
        .logit_scale = m->logit_scale,
        .logit_cap = m->logit_cap,
        .parallel_residual = m->parallel_residual,
    };
    const uint32_t count = program_tensors(fw);
    struct fw_tensor *tensors = calloc(count, sizeof *tensors);
    if (tensors == NULL)
        return ls_error_set(err, "out of memory for a table of %u tensors", count);
    for (uint32_t i = 0; i < count; i++) {
        const struct gguf_tensor *t = tensor_at(m, fw, i);
        tensors[i] = (struct fw_tensor){.address = t->offset,
                                        .bytes = t->size,
                                        .type = (uint32_t)t->type,
                                        .rows = (uint32_t)t->ne[1],
                                        .cols = (uint32_t)t->ne[0]};
        if (i >= program_piece_place(fw, 0))
            cut_piece(&tensors[i], i - program_piece_place(fw, 0));
    }
    fw->tensors = tensors;
    if (m->rope_factors != NULL) {
        uint32_t *factors = calloc(m->n_rot / 2, sizeof *factors);
        fw->rope_factors = factors;
        if (factors == NULL) {
            bridge_release(fw);
            return ls_error_set(err, "out of memory for %u rotary factors", m->n_rot / 2);
        }
        for (uint32_t i = 0; i < m->n_rot / 2; i++)
            factors[i] = bits_of(m->rope_factors[i]);
    }
    for (; fw->eog_count < m->eog_count; fw->eog_count++)
        fw->eog[fw->eog_count] = m->eog[fw->eog_count];
    return 0;
}

void bridge_release(struct fw_model *fw) {
    free((void *)(uintptr_t)fw->tensors);
    free((void *)(uintptr_t)fw->rope_factors);
    fw->tensors = NULL;
    fw->rope_factors = NULL;
}

struct gguf_string bridge_tensor_name(const struct ls_model *m, uint32_t index) {
    const struct fw_model fw = {.roles = m->roles, .layers = m->layers, .vocab = m->vocab};
    const struct gguf_tensor *t = tensor_at(m, &fw, index);
    return t != NULL ? t->name : (struct gguf_string){"none", 4};
}
