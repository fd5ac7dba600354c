/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Names, shapes and order of the tensors of a llama GGUF, as llama.cpp's
 * converter writes them.
 */
#include "llama_shape.h"

#include <inttypes.h>
#include <stdio.h>

#define LAYER_TENSORS 9u

int llama_shape_check(const struct llama_shape *s, struct ls_error *err) {
    if (s->dim % s->heads != 0 || s->dim / s->heads % 2 != 0)
        return ls_error_set(err,
                            "%" PRIu32 " heads: dim %" PRIu32
                            " is not an even number of elements a head: choose another",
                            s->heads, s->dim);
    if (s->heads % s->kv_heads != 0)
        return ls_error_set(
            err, "%" PRIu32 " KV heads: do not divide the %" PRIu32 " heads: choose another",
            s->kv_heads, s->heads);
    return 0;
}

/* The type in which rows of `columns` can be stored. */
static enum ggml_type stored_type(enum ggml_type type, uint64_t columns) {
    const struct type_info *info = type_info_of((uint32_t)type);
    return columns % info->elements == 0 ? type : GGML_TYPE_F16;
}

static void set_matrix(const struct llama_shape *s, struct llama_tensor *t, uint64_t columns,
                       uint64_t rows) {
    t->columns = columns;
    t->rows = rows;
    t->norm = false;
    t->type = stored_type(s->type, columns);
}

static void set_norm(const struct llama_shape *s, struct llama_tensor *t) {
    t->columns = s->dim;
    t->rows = 1;
    t->norm = true;
    t->type = GGML_TYPE_F32;
}

static void layer_tensor(const struct llama_shape *s, uint32_t layer, uint32_t index,
                         struct llama_tensor *t) {
    static const char *const names[LAYER_TENSORS] = {"attn_norm", "attn_q",      "attn_k",
                                                     "attn_v",    "attn_output", "ffn_norm",
                                                     "ffn_gate",  "ffn_up",      "ffn_down"};
    uint64_t kv_dim = (uint64_t)(s->dim / s->heads) * s->kv_heads;
    const uint64_t columns[LAYER_TENSORS] = {0, s->dim, s->dim, s->dim,   s->dim,
                                             0, s->dim, s->dim, s->hidden};
    const uint64_t rows[LAYER_TENSORS] = {0, s->dim,    kv_dim,    kv_dim, s->dim,
                                          0, s->hidden, s->hidden, s->dim};
    snprintf(t->name, sizeof t->name, "blk.%" PRIu32 ".%s.weight", layer, names[index]);
    if (columns[index] == 0)
        set_norm(s, t);
    else
        set_matrix(s, t, columns[index], rows[index]);
}

bool llama_tensor_at(const struct llama_shape *s, uint32_t index, struct llama_tensor *t) {
    uint32_t outer = s->tied ? 2 : 3;
    if (index >= outer) {
        uint32_t layer = (index - outer) / LAYER_TENSORS;
        if (layer >= s->layers)
            return false;
        layer_tensor(s, layer, (index - outer) % LAYER_TENSORS, t);
        return true;
    }
    static const char *const names[] = {"token_embd.weight", "output_norm.weight", "output.weight"};
    snprintf(t->name, sizeof t->name, "%s", names[index]);
    if (index == 1)
        set_norm(s, t);
    else
        set_matrix(s, t, s->dim, s->vocab);
    return true;
}

void llama_declare(struct gguf_writer *w, const struct llama_tensor *tensor) {
    const uint64_t ne[2] = {tensor->columns, tensor->rows};
    gguf_writer_tensor(w, tensor->name, tensor->type, tensor->norm ? 1 : 2, ne);
}

uint32_t llama_file_type(enum ggml_type type) {
    return type_info_of((uint32_t)type)->file;
}

void llama_write_metadata(struct gguf_writer *w, const struct llama_shape *s, const char *name) {
    gguf_writer_string(w, "general.architecture", "llama");
    gguf_writer_string(w, "general.name", name);
    gguf_writer_u32(w, "general.file_type", llama_file_type(s->type));
    gguf_writer_u32(w, "general.quantization_version", 2);
    gguf_writer_u32(w, "llama.context_length", s->context);
    gguf_writer_u32(w, "llama.embedding_length", s->dim);
    gguf_writer_u32(w, "llama.block_count", s->layers);
    gguf_writer_u32(w, "llama.feed_forward_length", s->hidden);
    gguf_writer_u32(w, "llama.attention.head_count", s->heads);
    gguf_writer_u32(w, "llama.attention.head_count_kv", s->kv_heads);
    gguf_writer_f32(w, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
    gguf_writer_u32(w, "llama.rope.dimension_count", s->dim / s->heads);
    gguf_writer_f32(w, "llama.rope.freq_base", 10000.0f);
    gguf_writer_u32(w, "llama.vocab_size", s->vocab);
}
