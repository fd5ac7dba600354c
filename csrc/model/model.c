/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Reads a llama model out of a GGUF. What the device would compute differently
 * from the model's author (another architecture, RoPE scaling, experts, biases,
 * a tensor nobody uses) is refused here with one line, never ignored.
 */
#include "model.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/gguf/dequant.h"

#define MAX_SIZE (1u << 24) /* of any one hyperparameter: keeps every product below 2^64 */

static int refuse(const struct ls_model *m, const char *where, const char *what,
                  struct ls_error *err) {
    return ls_error_set(err, "%s: %s: %s", m->gguf->path, where, what);
}

/* ---- hyperparameters ---- */

/* Reads `llama.<key>`. An absent key leaves *out alone if `optional`. */
static int read_size(const struct ls_model *m, const char *key, bool optional, uint32_t *out,
                     struct ls_error *err) {
    char name[64];
    snprintf(name, sizeof name, "%s.%s", m->arch, key);
    uint32_t value = 0;
    switch (gguf_get_u32(m->gguf, name, &value)) {
    case GGUF_ABSENT:
        return optional ? 0 : refuse(m, name, "key missing: convert the model again", err);
    case GGUF_WRONG_TYPE:
        return refuse(m, name, "not one uint32 value: only uniform layers are supported", err);
    default:
        break;
    }
    if (value < 1 || value > MAX_SIZE)
        return ls_error_set(err, "%s: %s: %" PRIu32 " is not from 1 to %u: convert the model again",
                            m->gguf->path, name, value, MAX_SIZE);
    *out = value;
    return 0;
}

/* Reads `llama.<key>`, a finite number above zero. */
static int read_positive(const struct ls_model *m, const char *key, bool optional, float *out,
                         struct ls_error *err) {
    char name[64];
    snprintf(name, sizeof name, "%s.%s", m->arch, key);
    enum gguf_lookup found = gguf_get_f32(m->gguf, name, out);
    if (found == GGUF_ABSENT)
        return optional ? 0 : refuse(m, name, "key missing: convert the model again", err);
    if (found == GGUF_WRONG_TYPE || !isfinite(*out) || *out <= 0.0f)
        return refuse(m, name, "not a float32 above zero: convert the model again", err);
    return 0;
}

static int read_architecture(struct ls_model *m, struct ls_error *err) {
    struct gguf_string arch;
    if (gguf_get_string(m->gguf, "general.architecture", &arch) != GGUF_FOUND)
        return refuse(m, "general.architecture", "key missing: give a llama model", err);
    if (!gguf_string_equals(arch, "llama"))
        return ls_error_set(err,
                            "%s: general.architecture: %.*s is not supported: give a llama model",
                            m->gguf->path, arch.size > 40 ? 40 : (int)arch.size, arch.data);
    snprintf(m->arch, sizeof m->arch, "llama");
    uint32_t experts = 0;
    if (gguf_get_u32(m->gguf, "llama.expert_count", &experts) == GGUF_WRONG_TYPE || experts > 0)
        return refuse(m, "llama.expert_count",
                      "mixture of experts is not supported: give a dense llama model", err);
    return 0;
}

static int read_rope(struct ls_model *m, struct ls_error *err) {
    m->rope_base = 10000.0f;
    m->rope_scale = 1.0f;
    m->n_rot = m->head_dim;
    if (read_size(m, "rope.dimension_count", true, &m->n_rot, err) != 0 ||
        read_positive(m, "rope.freq_base", true, &m->rope_base, err) != 0)
        return -1;
    if (m->n_rot % 2 != 0 || m->n_rot > m->head_dim)
        return refuse(m, "llama.rope.dimension_count",
                      "not an even number up to the head size: convert the model again", err);

    struct gguf_string type = {"linear", 6};
    if (gguf_get_string(m->gguf, "llama.rope.scaling.type", &type) == GGUF_WRONG_TYPE)
        return refuse(m, "llama.rope.scaling.type", "not a string: convert the model again", err);
    if (gguf_string_equals(type, "none"))
        return 0;
    if (!gguf_string_equals(type, "linear"))
        return ls_error_set(err,
                            "%s: llama.rope.scaling.type: %.*s is not supported: give a model "
                            "with none or linear scaling",
                            m->gguf->path, type.size > 40 ? 40 : (int)type.size, type.data);
    const char *key = gguf_find_kv(m->gguf, "llama.rope.scaling.factor") != NULL
                          ? "rope.scaling.factor"
                          : "rope.scale_linear"; /* its older name */
    return read_positive(m, key, true, &m->rope_scale, err);
}

static int read_hyperparameters(struct ls_model *m, struct ls_error *err) {
    if (read_size(m, "embedding_length", false, &m->dim, err) != 0 ||
        read_size(m, "feed_forward_length", false, &m->hidden, err) != 0 ||
        read_size(m, "block_count", false, &m->layers, err) != 0 ||
        read_size(m, "context_length", false, &m->context_length, err) != 0 ||
        read_size(m, "attention.head_count", false, &m->heads, err) != 0)
        return -1;
    m->kv_heads = m->heads;
    if (read_size(m, "attention.head_count_kv", true, &m->kv_heads, err) != 0 ||
        read_positive(m, "attention.layer_norm_rms_epsilon", false, &m->rms_eps, err) != 0)
        return -1;
    if (m->heads % m->kv_heads != 0)
        return refuse(m, "llama.attention.head_count_kv",
                      "does not divide the head count: convert the model again", err);

    m->head_dim = 0;
    if (read_size(m, "attention.key_length", true, &m->head_dim, err) != 0)
        return -1;
    if (m->head_dim == 0) {
        if (m->dim % m->heads != 0)
            return refuse(m, "llama.attention.head_count",
                          "does not divide the embedding length: convert the model again", err);
        m->head_dim = m->dim / m->heads;
    }
    uint32_t value_length = m->head_dim;
    if (read_size(m, "attention.value_length", true, &value_length, err) != 0)
        return -1;
    if (value_length != m->head_dim)
        return refuse(m, "llama.attention.value_length",
                      "differs from the key length: give a model with equal lengths", err);
    return read_rope(m, err);
}

/* ---- tensors ---- */

bool ls_model_supports_type(enum ggml_type type) {
    return type_info_of(type)->decoded;
}

/* Finds a matrix of `rows` rows of `columns`. */
static int find_matrix(const struct ls_model *m, const char *name, uint64_t columns, uint64_t rows,
                       const struct gguf_tensor **out, struct ls_error *err) {
    const struct gguf_tensor *t = gguf_find_tensor(m->gguf, name);
    if (t == NULL)
        return ls_error_set(err, "%s: tensor %s: missing: give a complete llama model",
                            m->gguf->path, name);
    if (t->ne[0] != columns || t->ne[1] != rows || t->ne[2] != 1 || t->ne[3] != 1)
        return ls_error_set(err,
                            "%s: tensor %s: %" PRIu64 " x %" PRIu64 " where %" PRIu64 " x %" PRIu64
                            " is needed: convert the model again",
                            m->gguf->path, name, t->ne[0], t->ne[1], columns, rows);
    *out = t;
    return 0;
}

/* How a model of such matrices becomes one that is supported. */
static const char *type_advice(const struct ls_model *m) {
    for (uint64_t i = 0; i < m->gguf->tensor_count; i++) {
        const struct gguf_tensor *t = &m->gguf->tensors[i];
        if (t->n_dims > 1 && !dequant_known(t->type))
            return "convert the original model to F16 or Q8_0, for `gguf quantize` cannot read it";
    }
    return "`gguf quantize IN OUT Q8_0` makes a model of it that is";
}

/* Finds a matrix of weights. */
static int find_weights(const struct ls_model *m, const char *name, uint64_t columns, uint64_t rows,
                        const struct gguf_tensor **out, struct ls_error *err) {
    if (find_matrix(m, name, columns, rows, out, err) != 0)
        return -1;
    if (!ls_model_supports_type((*out)->type))
        return ls_error_set(err, "%s: tensor %s: type %s is not supported: %s", m->gguf->path, name,
                            type_info_of((*out)->type)->name, type_advice(m));
    return 0;
}

/* Finds a norm's gains: F32, `dim` elements. */
static int find_norm(const struct ls_model *m, const char *name, const struct gguf_tensor **out,
                     struct ls_error *err) {
    if (find_matrix(m, name, m->dim, 1, out, err) != 0)
        return -1;
    if ((*out)->type != GGML_TYPE_F32)
        return ls_error_set(err, "%s: tensor %s: type %s where F32 is needed: convert it again",
                            m->gguf->path, name, type_info_of((*out)->type)->name);
    return 0;
}

static int find_layer(const struct ls_model *m, uint32_t index, struct ls_layer *l,
                      struct ls_error *err) {
    uint64_t q_dim = (uint64_t)m->heads * m->head_dim, kv_dim = (uint64_t)m->kv_heads * m->head_dim;
    const struct {
        const char *name;
        uint64_t columns, rows;
        const struct gguf_tensor **out;
    } matrices[] = {
        {"attn_q", m->dim, q_dim, &l->attn_q},
        {"attn_k", m->dim, kv_dim, &l->attn_k},
        {"attn_v", m->dim, kv_dim, &l->attn_v},
        {"attn_output", q_dim, m->dim, &l->attn_output},
        {"ffn_gate", m->dim, m->hidden, &l->ffn_gate},
        {"ffn_up", m->dim, m->hidden, &l->ffn_up},
        {"ffn_down", m->hidden, m->dim, &l->ffn_down},
    };
    char name[64];
    for (size_t i = 0; i < sizeof matrices / sizeof matrices[0]; i++) {
        snprintf(name, sizeof name, "blk.%" PRIu32 ".%s.weight", index, matrices[i].name);
        if (find_weights(m, name, matrices[i].columns, matrices[i].rows, matrices[i].out, err) != 0)
            return -1;
    }
    snprintf(name, sizeof name, "blk.%" PRIu32 ".attn_norm.weight", index);
    if (find_norm(m, name, &l->attn_norm, err) != 0)
        return -1;
    snprintf(name, sizeof name, "blk.%" PRIu32 ".ffn_norm.weight", index);
    return find_norm(m, name, &l->ffn_norm, err);
}

/* A tensor that no llama forward pass reads would change the result unseen. */
static int refuse_unused(const struct ls_model *m, const bool *used, struct ls_error *err) {
    for (uint64_t i = 0; i < m->gguf->tensor_count; i++) {
        if (used[i])
            continue;
        struct gguf_string name = m->gguf->tensors[i].name;
        const char *why = "not part of a plain llama model: give a plain llama model";
        if (gguf_string_equals(name, "rope_freqs.weight"))
            why = "RoPE frequency factors are not supported: give a model without them";
        else if (name.size > 5 && memcmp(name.data + name.size - 5, ".bias", 5) == 0)
            why = "biases are not supported in llama: give a model without them";
        return ls_error_set(err, "%s: tensor %.*s: %s", m->gguf->path, (int)name.size, name.data,
                            why);
    }
    return 0;
}

static int check_unused(const struct ls_model *m, struct ls_error *err) {
    bool *used = calloc((size_t)m->gguf->tensor_count, sizeof *used);
    if (used == NULL)
        return refuse(m, "tensors", "out of memory", err);
    const struct gguf_tensor *first = m->gguf->tensors;
    used[m->token_embd - first] = used[m->output_norm - first] = used[m->output - first] = true;
    for (uint32_t i = 0; i < m->layers; i++) {
        const struct ls_layer *l = &m->layer[i];
        used[l->attn_norm - first] = used[l->attn_q - first] = used[l->attn_k - first] =
            used[l->attn_v - first] = used[l->attn_output - first] = used[l->ffn_norm - first] =
                used[l->ffn_gate - first] = used[l->ffn_up - first] = used[l->ffn_down - first] =
                    true;
    }
    int status = refuse_unused(m, used, err);
    free(used);
    return status;
}

static int find_tensors(struct ls_model *m, struct ls_error *err) {
    const struct gguf_tensor *embd = gguf_find_tensor(m->gguf, "token_embd.weight");
    if (embd == NULL)
        return refuse(m, "tensor token_embd.weight", "missing: give a complete model", err);
    if (embd->ne[1] > MAX_SIZE)
        return refuse(m, "tensor token_embd.weight", "too many rows: convert the model again", err);
    m->vocab = (uint32_t)embd->ne[1];
    m->tied = gguf_find_tensor(m->gguf, "output.weight") == NULL;
    if (find_weights(m, "token_embd.weight", m->dim, m->vocab, &m->token_embd, err) != 0 ||
        find_norm(m, "output_norm.weight", &m->output_norm, err) != 0 ||
        find_weights(m, m->tied ? "token_embd.weight" : "output.weight", m->dim, m->vocab,
                     &m->output, err) != 0)
        return -1;
    if (m->layers > m->gguf->tensor_count)
        return refuse(m, "llama.block_count", "more blocks than tensors: convert it again", err);
    m->layer = calloc(m->layers, sizeof *m->layer);
    if (m->layer == NULL)
        return refuse(m, "layers", "out of memory", err);
    for (uint32_t i = 0; i < m->layers; i++)
        if (find_layer(m, i, &m->layer[i], err) != 0)
            return -1;
    for (uint64_t i = 0; i < m->gguf->tensor_count; i++) {
        const uint64_t *ne = m->gguf->tensors[i].ne;
        m->parameters += ne[0] * ne[1] * ne[2] * ne[3];
    }
    return check_unused(m, err);
}

/* ---- vocabulary and name ---- */

static int read_token_id(const struct ls_model *m, const char *key, uint32_t absent, uint32_t *out,
                         struct ls_error *err) {
    *out = absent < m->vocab ? absent : LS_NO_TOKEN;
    enum gguf_lookup found = gguf_get_u32(m->gguf, key, out);
    if (found == GGUF_WRONG_TYPE || (*out != LS_NO_TOKEN && *out >= m->vocab))
        return refuse(m, key, "not a token of the vocabulary: convert the model again", err);
    return 0;
}

static int read_vocabulary(struct ls_model *m, struct ls_error *err) {
    struct gguf_array tokens;
    if (gguf_get_array(m->gguf, "tokenizer.ggml.tokens", &tokens) == GGUF_FOUND &&
        tokens.count != m->vocab)
        return ls_error_set(err,
                            "%s: tokenizer.ggml.tokens: %" PRIu64 " tokens for %" PRIu32
                            " embedding rows: convert the model again",
                            m->gguf->path, tokens.count, m->vocab);
    struct gguf_string kind = {"", 0};
    (void)gguf_get_string(m->gguf, "tokenizer.ggml.model", &kind);
    bool spm = gguf_string_equals(kind, "llama"); /* SentencePiece has customary ids */
    if (read_token_id(m, "tokenizer.ggml.bos_token_id", spm ? 1 : LS_NO_TOKEN, &m->bos_id, err))
        return -1;
    return read_token_id(m, "tokenizer.ggml.eos_token_id", spm ? 2 : LS_NO_TOKEN, &m->eos_id, err);
}

/* Names by general.file_type, numbered as in llama.cpp's llama.h: mixtures of types have names of
 * their own. */
static const char *file_type_name(uint32_t file_type) {
    static const char *const mixed[] = {
        [11] = "Q3_K_S", [12] = "Q3_K_M", [13] = "Q3_K_L", [14] = "Q4_K_S",
        [15] = "Q4_K_M", [16] = "Q5_K_S", [17] = "Q5_K_M",
    };
    if (file_type < sizeof mixed / sizeof mixed[0] && mixed[file_type] != NULL)
        return mixed[file_type];
    for (uint32_t type = 0; type < LOCKSTEP_TYPE_LIMIT; type++)
        if (type_info[type].name != NULL && type_info[type].file == file_type)
            return type_info[type].name;
    return NULL;
}

static void name_quant(struct ls_model *m) {
    uint32_t file_type = UINT32_MAX;
    (void)gguf_get_u32(m->gguf, "general.file_type", &file_type);
    const char *name = file_type_name(file_type);
    if (name == NULL) {
        uint64_t counts[LOCKSTEP_TYPE_LIMIT] = {0};
        enum ggml_type commonest = m->token_embd->type;
        for (uint64_t i = 0; i < m->gguf->tensor_count; i++) {
            const struct gguf_tensor *t = &m->gguf->tensors[i];
            if (t->ne[1] > 1 && ++counts[t->type] > counts[commonest])
                commonest = t->type;
        }
        name = type_info_of(commonest)->name;
    }
    snprintf(m->quant, sizeof m->quant, "%s", name);
}

/* Vocabularies are published alone, too. */
static int refuse_bare(const struct ls_model *m, struct ls_error *err) {
    if (m->gguf->tensor_count != 0)
        return 0;
    return ls_error_set(err, "%s: %s without a single tensor: give a complete model", m->gguf->path,
                        gguf_find_kv(m->gguf, "tokenizer.ggml.tokens") != NULL ? "a vocabulary"
                                                                               : "metadata");
}

int ls_model_from_gguf(struct gguf *gguf, struct ls_model **model, struct ls_error *err) {
    *model = NULL;
    struct ls_model *m = calloc(1, sizeof *m);
    if (m == NULL) {
        ls_error_set(err, "%s: out of memory", gguf->path);
        gguf_close(gguf);
        return -1;
    }
    m->gguf = gguf;
    if (refuse_bare(m, err) != 0 || read_architecture(m, err) != 0 ||
        read_hyperparameters(m, err) != 0 || find_tensors(m, err) != 0 ||
        read_vocabulary(m, err) != 0) {
        ls_model_close(m);
        return -1;
    }
    name_quant(m);
    *model = m;
    return 0;
}

int ls_model_open(const char *path, struct ls_model **model, struct ls_error *err) {
    struct gguf *gguf;
    *model = NULL;
    if (gguf_open(path, &gguf, err) != 0)
        return -1;
    return ls_model_from_gguf(gguf, model, err);
}

void ls_model_close(struct ls_model *model) {
    if (model == NULL)
        return;
    gguf_close(model->gguf);
    free(model->layer);
    free(model);
}
