/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The tensor table in the firmware's order.
 */
#include "bridge.h"

#include <stdlib.h>
#include <string.h>

static const struct gguf_tensor *tensor_at(const struct ls_model *m, uint32_t index) {
    if (index < FW_GLOBAL_TENSORS) {
        const struct gguf_tensor *const global[FW_GLOBAL_TENSORS] = {
            [FW_TOKEN_EMBD] = m->token_embd,
            [FW_OUTPUT_NORM] = m->output_norm,
            [FW_OUTPUT] = m->output,
        };
        return global[index];
    }
    const struct ls_layer *l = &m->layer[(index - FW_GLOBAL_TENSORS) / FW_LAYER_TENSORS];
    const struct gguf_tensor *const of_layer[FW_LAYER_TENSORS] = {
        [FW_ATTN_NORM] = l->attn_norm, [FW_ATTN_Q] = l->attn_q,
        [FW_ATTN_K] = l->attn_k,       [FW_ATTN_V] = l->attn_v,
        [FW_FFN_NORM] = l->ffn_norm,   [FW_ATTN_OUTPUT] = l->attn_output,
        [FW_FFN_GATE] = l->ffn_gate,   [FW_FFN_UP] = l->ffn_up,
        [FW_FFN_DOWN] = l->ffn_down,
    };
    return of_layer[(index - FW_GLOBAL_TENSORS) % FW_LAYER_TENSORS];
}

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

int bridge_model(const struct ls_model *m, uint32_t context, uint32_t sequences,
                 const uint32_t *eog, uint32_t eog_count, struct fw_model *fw,
                 struct ls_error *err) {
    const uint32_t count = FW_GLOBAL_TENSORS + m->layers * FW_LAYER_TENSORS;
    struct fw_tensor *tensors = calloc(count, sizeof *tensors);
    if (tensors == NULL)
        return ls_error_set(err, "out of memory for a table of %u tensors", count);
    for (uint32_t i = 0; i < count; i++) {
        const struct gguf_tensor *t = tensor_at(m, i);
        tensors[i] = (struct fw_tensor){.address = t->offset,
                                        .bytes = t->size,
                                        .type = (uint32_t)t->type,
                                        .rows = (uint32_t)t->ne[1],
                                        .cols = (uint32_t)t->ne[0]};
    }
    *fw = (struct fw_model){
        .dim = m->dim,
        .hidden = m->hidden,
        .layers = m->layers,
        .heads = m->heads,
        .kv_heads = m->kv_heads,
        .head_dim = m->head_dim,
        .n_rot = m->n_rot,
        .vocab = m->vocab,
        .context = context,
        .sequences = sequences,
        .eps = bits_of(m->rms_eps),
        .rope_base = bits_of(m->rope_base),
        .rope_scale = bits_of(m->rope_scale),
        .tensors = tensors,
    };
    for (; fw->eog_count < eog_count && fw->eog_count < 4; fw->eog_count++)
        fw->eog[fw->eog_count] = eog[fw->eog_count];
    return 0;
}

void bridge_release(struct fw_model *fw) {
    free((void *)(uintptr_t)fw->tensors);
    fw->tensors = NULL;
}

struct gguf_string bridge_tensor_name(const struct ls_model *m, uint32_t index) {
    if (index >= FW_GLOBAL_TENSORS + m->layers * FW_LAYER_TENSORS)
        return (struct gguf_string){"none", 4};
    return tensor_at(m, index)->name;
}
