/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Metadata and tensors of a GGUF of a family, as llama.cpp's converter writes them.
 */
#include "model_shape.h"

#include <inttypes.h>
#include <stdio.h>

#include "mix.h"

static uint32_t head_dim_of(const struct model_shape *s) {
    return s->head_dim != 0 ? s->head_dim : s->dim / s->heads;
}

static uint32_t rotary_of(const struct model_shape *s) {
    const bool learned = (family_at(s->family)->required & ROLE_BIT(ROLE_POSITION_EMBD)) != 0;
    return learned ? 0 : s->rotary != 0 ? s->rotary : head_dim_of(s);
}

static bool has_window(enum family_number family) {
    return family == FAMILY_gemma2 || family == FAMILY_gemma3 || family == FAMILY_phi3;
}

int model_shape_check(const struct model_shape *s, struct ls_error *err) {
    const struct family *family = family_at(s->family);
    if (s->head_dim == 0 && (s->dim % s->heads != 0 || s->dim / s->heads % 2 != 0))
        return ls_error_set(err,
                            "%" PRIu32 " heads: dim %" PRIu32
                            " is not an even number of elements a head: choose another",
                            s->heads, s->dim);
    if (s->heads % s->kv_heads != 0)
        return ls_error_set(
            err, "%" PRIu32 " KV heads: do not divide the %" PRIu32 " heads: choose another",
            s->kv_heads, s->heads);
    if (rotary_of(s) % 2 != 0 || rotary_of(s) > head_dim_of(s))
        return ls_error_set(err,
                            "%" PRIu32 " rotary elements: not an even number up to the %" PRIu32
                            " of a head: choose another",
                            rotary_of(s), head_dim_of(s));
    if (s->tied && (family->required & ROLE_BIT(ROLE_OUTPUT)) != 0)
        return ls_error_set(err, "a tied output: files of %s have an output matrix: leave it out",
                            family->arch);
    if (s->window != 0 && !has_window(s->family))
        return ls_error_set(err, "a window: files of %s have none: leave it out", family->arch);
    if (s->parallel && s->family != FAMILY_gptneox && s->family != FAMILY_stablelm)
        return ls_error_set(err, "parallel branches: files of %s have no choice: leave it out",
                            family->arch);
    if (s->experts != 0 && family->experts == 0)
        return ls_error_set(err, "experts: files of %s have none: leave them out", family->arch);
    if (s->experts_used > s->experts)
        return ls_error_set(
            err, "%" PRIu32 " experts used: there are %" PRIu32 ": choose another number",
            s->experts_used, s->experts);
    if (s->scaling != SCALING_NONE && rotary_of(s) == 0)
        return ls_error_set(err, "a scaled rotary embedding: %s has none: leave it out",
                            family->arch);
    return 0;
}

/* ---- tensors ---- */

/* Parts that the family's files have in one tensor, named by the first; those behind it are left
 * out. */
static bool is_fused(enum family_number family, enum role role) {
    const bool qkv = family == FAMILY_gpt2 || family == FAMILY_phi2 || family == FAMILY_phi3 ||
                     family == FAMILY_gptneox;
    const uint64_t parts =
        ROLE_BIT(ROLE_ATTN_Q) | ROLE_BIT(ROLE_ATTN_K) | ROLE_BIT(ROLE_ATTN_V) | ROLES_QKV_BIASES;
    if (role == ROLE_FFN_GATE || role == ROLE_FFN_UP)
        return family == FAMILY_phi3;
    return qkv && (parts & ROLE_BIT(role)) != 0;
}

/* Roles whose tensors the file has. */
static uint64_t roles_of(const struct model_shape *s) {
    const struct family *family = family_at(s->family);
    const uint64_t may = family_optional(family, s->experts != 0);
    uint64_t roles = family_required(family, s->experts != 0) | may;
    for (enum role r = 0; r < ROLES; r++) {
        const bool optional = (may & ROLE_BIT(r)) != 0;
        const bool front = r == ROLE_FFN_NORM || r == ROLE_FFN_NORM_BIAS;
        const bool heads = (ROLES_HEAD_NORMS & ROLE_BIT(r)) != 0;
        const bool later = r == ROLE_ATTN_K || r == ROLE_ATTN_V || r == ROLE_ATTN_K_BIAS ||
                           r == ROLE_ATTN_V_BIAS || r == ROLE_FFN_GATE;
        if (optional && ((r == ROLE_OUTPUT && s->tied) || (front && s->parallel) ||
                         (heads && !s->parallel) || (role_is_bias(r) && !front && !s->biases)))
            roles &= ~ROLE_BIT(r);
        if (later && is_fused(s->family, r))
            roles &= ~ROLE_BIT(r);
    }
    return roles;
}

/* The role at `index` in file order: those of the model, then of each layer its own. Factors of the
 * rotary embedding come behind them all: *left says which. */
static bool role_at(const struct model_shape *s, uint32_t index, enum role *role, uint32_t *layer,
                    uint32_t *left) {
    const uint64_t roles = roles_of(s);
    for (*layer = 0; *layer < s->layers; ++*layer)
        for (*role = 0; *role < ROLES; ++*role)
            if ((roles & ROLE_BIT(*role)) != 0 && (*layer == 0 || role_is_of_layer(*role)) &&
                index-- == 0)
                return true;
    *left = index;
    return false;
}

/* Elements of the shared expert, where the family has one. */
static uint32_t shared_of(const struct model_shape *s) {
    const bool has = (family_at(s->family)->experts & ROLE_BIT(ROLE_SHARED_GATE)) != 0;
    return !has ? 0 : s->shared != 0 ? s->shared : 2 * s->hidden;
}

static struct role_sizes sizes_of(const struct model_shape *s) {
    const uint64_t head = head_dim_of(s), q = head * s->heads, kv = head * s->kv_heads;
    const bool shared = family_at(s->family)->head_norm == HEAD_NORM_SHARED;
    return (struct role_sizes){.vocab = s->vocab,
                               .positions = s->context,
                               .dim = s->dim,
                               .hidden = s->hidden,
                               .experts = s->experts,
                               .shared = shared_of(s),
                               .q = q,
                               .kv = kv,
                               .q_norm = shared ? head : q,
                               .k_norm = shared ? head : kv};
}

/* The type in which rows of `columns` can be stored. */
static enum ggml_type stored_type(const struct model_shape *s, const struct model_tensor *t,
                                  uint32_t layer) {
    const struct type_info *info = type_info_of((uint32_t)s->type);
    const bool output = t->role == (s->tied ? ROLE_TOKEN_EMBD : ROLE_OUTPUT);
    if (t->role == ROLE_POSITION_EMBD || t->role == ROLE_FFN_ROUTER)
        return GGML_TYPE_F32;
    if (s->mix != NULL)
        return mix_type(mix_find(s->mix), &(struct mix_matrix){.name = t->name,
                                                               .columns = t->columns,
                                                               .layer = layer,
                                                               .layers = s->layers,
                                                               .experts = s->experts,
                                                               .output = output});
    return t->columns % info->elements == 0 ? s->type : GGML_TYPE_F16;
}

/* Factors of pairs: one tensor, or the long and the short ones. */
static bool factors_at(const struct model_shape *s, uint32_t index, struct model_tensor *t) {
    const char *names[] = {s->scaling == SCALING_LLAMA3 ? "rope_freqs.weight"
                                                        : "rope_factors_long.weight",
                           "rope_factors_short.weight"};
    const uint32_t count = s->scaling == SCALING_LLAMA3     ? 1
                           : s->scaling == SCALING_LONGROPE ? 2
                                                            : 0;
    if (index >= count)
        return false;
    *t = (struct model_tensor){.role = ROLES,
                               .type = GGML_TYPE_F32,
                               .columns = rotary_of(s) / 2,
                               .rows = 1,
                               .matrices = 1,
                               .norm = true,
                               .factors = true};
    snprintf(t->name, sizeof t->name, "%s", names[index]);
    return true;
}

bool model_tensor_at(const struct model_shape *s, uint32_t index, struct model_tensor *t) {
    const struct role_sizes sizes = sizes_of(s);
    uint32_t layer, left;
    if (!role_at(s, index, &t->role, &layer, &left))
        return factors_at(s, left, t);
    role_name(t->role, layer, t->name);
    t->columns = role_columns(t->role, &sizes);
    t->rows = role_rows(t->role, &sizes);
    t->matrices = role_matrices(t->role, &sizes);
    t->norm = role_is_vector(t->role);
    t->factors = false;
    if ((ROLES_HEAD_NORMS & ROLE_BIT(t->role)) != 0 &&
        family_at(s->family)->head_norm == HEAD_NORM_OWN) {
        t->rows = t->columns / head_dim_of(s);
        t->columns = head_dim_of(s);
    }
    if (is_fused(s->family, t->role)) {
        uint64_t *const size = t->norm ? &t->columns : &t->rows;
        if (t->role == ROLE_FFN_UP)
            *size *= 2;
        else {
            *size += 2 * sizes.kv;
            snprintf(t->name, sizeof t->name, "blk.%" PRIu32 ".attn_qkv.%s", layer,
                     t->norm ? "bias" : "weight");
        }
    }
    t->type = t->norm ? GGML_TYPE_F32 : stored_type(s, t, layer);
    return true;
}

void model_declare(struct gguf_writer *w, const struct model_tensor *tensor) {
    const uint64_t ne[3] = {tensor->columns, tensor->rows, tensor->matrices};
    const bool of_experts = (roles_of_experts & ROLE_BIT(tensor->role)) != 0;
    gguf_writer_tensor(w, tensor->name, tensor->type,
                       tensor->norm && tensor->rows == 1 ? 1
                       : of_experts                      ? 3
                                                         : 2,
                       ne);
}

/* ---- metadata ---- */

uint32_t model_file_type(enum ggml_type type) {
    return type_info_of((uint32_t)type)->file;
}

/* `<arch>.<key>` */
static const char *key_of(const struct model_shape *s, const char *key, char name[96]) {
    snprintf(name, 96, "%s.%s", family_at(s->family)->arch, key);
    return name;
}

static void write_scaling(struct gguf_writer *w, const struct model_shape *s) {
    static const char *const types[] = {"none", "linear", NULL, "yarn", "longrope"};
    char key[96];
    if (types[s->scaling] == NULL || s->scaling == SCALING_NONE)
        return;
    gguf_writer_string(w, key_of(s, "rope.scaling.type", key), types[s->scaling]);
    if (s->scaling == SCALING_LONGROPE)
        gguf_writer_f32(w, key_of(s, "rope.scaling.attn_factor", key), 1.25f);
    else
        gguf_writer_f32(w, key_of(s, "rope.scaling.factor", key), 4.0f);
    gguf_writer_u32(w, key_of(s, "rope.scaling.original_context_length", key), s->context / 4);
}

/* What one family has and others have not. The numbers are such that a model of random weights
 * shows whether they count. */
static void write_special(struct gguf_writer *w, const struct model_shape *s) {
    char key[96];
    if (has_window(s->family) && s->window != 0)
        gguf_writer_u32(w, key_of(s, "attention.sliding_window", key), s->window);
    switch (s->family) {
    case FAMILY_gemma2:
        gguf_writer_f32(w, "gemma2.attn_logit_softcapping", 2.0f);
        gguf_writer_f32(w, "gemma2.final_logit_softcapping", 5.0f);
        break;
    case FAMILY_granite:
        gguf_writer_f32(w, "granite.attention.scale", 0.4f);
        gguf_writer_f32(w, "granite.embedding_scale", 3.0f);
        gguf_writer_f32(w, "granite.residual_scale", 0.6f);
        gguf_writer_f32(w, "granite.logit_scale", 4.0f);
        break;
    case FAMILY_gptneox:
    case FAMILY_stablelm:
        gguf_writer_bool(w, key_of(s, "use_parallel_residual", key), s->parallel);
        break;
    default:
        break;
    }
}

static void write_experts(struct gguf_writer *w, const struct model_shape *s) {
    char key[96];
    if (s->experts == 0)
        return;
    gguf_writer_u32(w, key_of(s, "expert_count", key), s->experts);
    gguf_writer_u32(w, key_of(s, "expert_used_count", key), s->experts_used);
    if (s->family == FAMILY_llama) /* feed_forward_length says it */
        return;
    gguf_writer_u32(w, key_of(s, "expert_feed_forward_length", key), s->hidden);
    if (shared_of(s) != 0)
        gguf_writer_u32(w, key_of(s, "expert_shared_feed_forward_length", key), shared_of(s));
}

void model_write_metadata(struct gguf_writer *w, const struct model_shape *s, const char *name) {
    const struct family *family = family_at(s->family);
    const char *epsilon =
        family->layer_norm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon";
    char key[96];
    gguf_writer_string(w, "general.architecture", family->arch);
    gguf_writer_string(w, "general.name", name);
    gguf_writer_u32(w, "general.file_type",
                    s->mix != NULL ? mix_file_type(mix_find(s->mix)) : model_file_type(s->type));
    gguf_writer_u32(w, "general.quantization_version", 2);
    gguf_writer_u32(w, key_of(s, "context_length", key), s->context);
    gguf_writer_u32(w, key_of(s, "embedding_length", key), s->dim);
    gguf_writer_u32(w, key_of(s, "block_count", key), s->layers);
    gguf_writer_u32(w, key_of(s, "feed_forward_length", key), s->hidden);
    gguf_writer_u32(w, key_of(s, "attention.head_count", key), s->heads);
    gguf_writer_u32(w, key_of(s, "attention.head_count_kv", key), s->kv_heads);
    gguf_writer_f32(w, key_of(s, epsilon, key), 1e-5f);
    if (s->head_dim != 0) {
        gguf_writer_u32(w, key_of(s, "attention.key_length", key), s->head_dim);
        gguf_writer_u32(w, key_of(s, "attention.value_length", key), s->head_dim);
    }
    if (rotary_of(s) != 0) {
        gguf_writer_u32(w, key_of(s, "rope.dimension_count", key), rotary_of(s));
        gguf_writer_f32(w, key_of(s, "rope.freq_base", key), s->base != 0 ? s->base : 10000.0f);
        write_scaling(w, s);
    }
    write_experts(w, s);
    write_special(w, s);
    gguf_writer_u32(w, key_of(s, "vocab_size", key), s->vocab);
}
