/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Metadata and tensors of a GGUF of a family, as llama.cpp's converter writes them.
 */
#include "model_shape.h"

#include <inttypes.h>
#include <stdio.h>

int model_shape_check(const struct model_shape *s, struct ls_error *err) {
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

/* The role at `index` in file order: those of the model, then of each layer its own. */
static bool role_at(const struct model_shape *s, uint32_t index, enum role *role, uint32_t *layer) {
    const struct family *family = family_at(s->family);
    uint64_t roles = family->required | family->optional;
    for (enum role r = 0; r < ROLES; r++)
        if ((r == ROLE_OUTPUT && s->tied) ||
            (role_is_bias(r) && !s->biases && (family->optional & ROLE_BIT(r)) != 0))
            roles &= ~ROLE_BIT(r);
    for (*layer = 0; *layer < s->layers; ++*layer)
        for (*role = 0; *role < ROLES; ++*role)
            if ((roles & ROLE_BIT(*role)) != 0 && (*layer == 0 || role_is_of_layer(*role)) &&
                index-- == 0)
                return true;
    return false;
}

bool model_tensor_at(const struct model_shape *s, uint32_t index, struct model_tensor *t) {
    const uint64_t kv_dim = (uint64_t)(s->dim / s->heads) * s->kv_heads;
    const struct role_sizes sizes = {
        .vocab = s->vocab, .dim = s->dim, .hidden = s->hidden, .q = s->dim, .kv = kv_dim};
    uint32_t layer;
    if (!role_at(s, index, &t->role, &layer))
        return false;
    role_name(t->role, layer, t->name);
    t->columns = role_columns(t->role, &sizes);
    t->rows = role_rows(t->role, &sizes);
    t->norm = role_is_vector(t->role);
    t->type = t->norm ? GGML_TYPE_F32 : stored_type(s->type, t->columns);
    return true;
}

void model_declare(struct gguf_writer *w, const struct model_tensor *tensor) {
    const uint64_t ne[2] = {tensor->columns, tensor->rows};
    gguf_writer_tensor(w, tensor->name, tensor->type, tensor->norm ? 1 : 2, ne);
}

uint32_t model_file_type(enum ggml_type type) {
    return type_info_of((uint32_t)type)->file;
}

/* `<arch>.<key>` */
static const char *key_of(const struct model_shape *s, const char *key, char name[96]) {
    snprintf(name, 96, "%s.%s", family_at(s->family)->arch, key);
    return name;
}

void model_write_metadata(struct gguf_writer *w, const struct model_shape *s, const char *name) {
    char key[96];
    gguf_writer_string(w, "general.architecture", family_at(s->family)->arch);
    gguf_writer_string(w, "general.name", name);
    gguf_writer_u32(w, "general.file_type", model_file_type(s->type));
    gguf_writer_u32(w, "general.quantization_version", 2);
    gguf_writer_u32(w, key_of(s, "context_length", key), s->context);
    gguf_writer_u32(w, key_of(s, "embedding_length", key), s->dim);
    gguf_writer_u32(w, key_of(s, "block_count", key), s->layers);
    gguf_writer_u32(w, key_of(s, "feed_forward_length", key), s->hidden);
    gguf_writer_u32(w, key_of(s, "attention.head_count", key), s->heads);
    gguf_writer_u32(w, key_of(s, "attention.head_count_kv", key), s->kv_heads);
    gguf_writer_f32(w, key_of(s, "attention.layer_norm_rms_epsilon", key), 1e-5f);
    gguf_writer_u32(w, key_of(s, "rope.dimension_count", key), s->dim / s->heads);
    gguf_writer_f32(w, key_of(s, "rope.freq_base", key), 10000.0f);
    gguf_writer_u32(w, key_of(s, "vocab_size", key), s->vocab);
}
