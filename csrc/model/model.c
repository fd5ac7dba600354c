/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Reads a model of a known family out of a GGUF. What the device would compute differently from the
 * model's author (another architecture, a tensor nobody uses, a setting nobody reads) is refused
 * with one line, never ignored; hyperparameters are read in hyperparameters.c.
 */
#include "model.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "family.h"
#include "find_tensor.h"
#include "hyperparameters.h"
#include "rope.h"

static int refuse(const struct ls_model *m, const char *where, const char *what,
                  struct ls_error *err) {
    return ls_error_set(err, "%s: %s: %s", m->gguf->path, where, what);
}

static int read_architecture(struct ls_model *m, struct ls_error *err) {
    struct gguf_string arch;
    if (gguf_get_string(m->gguf, "general.architecture", &arch) != GGUF_FOUND)
        return ls_error_set(err,
                            "%s: general.architecture: key missing: give a model of a family "
                            "that is supported (%s)",
                            m->gguf->path, family_names());
    m->family = family_find(arch);
    if (arch.size == 0)
        return ls_error_set(err,
                            "%s: general.architecture: empty: give a model of a family that is "
                            "supported (%s)",
                            m->gguf->path, family_names());
    if (m->family == NULL)
        return ls_error_set(err,
                            "%s: general.architecture: %.*s is not supported: give a model of a "
                            "family that is (%s)",
                            m->gguf->path, arch.size > 40 ? 40 : (int)arch.size, arch.data,
                            family_names());
    return 0;
}

/* ---- tensors ---- */

static bool is_zero(const struct gguf_tensor *t) {
    uint64_t at = 0;
    while (at < t->size && t->data[at] == 0)
        at++;
    return at == t->size;
}

static int find_roles(struct ls_model *m, bool *used, struct ls_error *err) {
    const uint64_t optional = family_optional(m->family, m->experts != 0);
    m->roles = family_required(m->family, m->experts != 0);
    for (enum role role = 0; role < ROLES; role++)
        if ((optional & ROLE_BIT(role)) != 0 && model_has_role(m, role))
            m->roles |= ROLE_BIT(role);
    for (enum role role = 0; role < ROLES; role++) {
        const bool of_layer = role_is_of_layer(role);
        for (uint32_t layer = 0; layer < (of_layer ? m->layers : 1); layer++) {
            const struct gguf_tensor **out =
                of_layer ? &m->layer[layer].tensor[role] : &m->tensor[role];
            if ((m->roles & ROLE_BIT(role)) != 0 &&
                model_find_tensor(m, role, layer, used, out, err) != 0)
                return -1;
        }
    }
    if ((m->roles & ROLE_BIT(ROLE_OUTPUT_BIAS)) != 0 && is_zero(m->tensor[ROLE_OUTPUT_BIAS])) {
        m->roles &= ~ROLE_BIT(ROLE_OUTPUT_BIAS);
        m->tensor[ROLE_OUTPUT_BIAS] = NULL;
    }
    m->tied = (m->roles & ROLE_BIT(ROLE_OUTPUT)) == 0;
    if (m->tied) {
        m->roles |= ROLE_BIT(ROLE_OUTPUT);
        m->tensor[ROLE_OUTPUT] = m->tensor[ROLE_TOKEN_EMBD];
    }
    return 0;
}

/* A tensor that no forward pass of the family reads would change the result unseen. */
static int refuse_unused(const struct ls_model *m, const bool *used, struct ls_error *err) {
    for (uint64_t i = 0; i < m->gguf->tensor_count; i++) {
        struct gguf_string name = m->gguf->tensors[i].name;
        if (used[i] || (m->n_rot != 0 && rope_is_factors(name)))
            continue;
        const char *why = "not part of a plain model of this family: give a plain one";
        if (name.size > 5 && memcmp(name.data + name.size - 5, ".bias", 5) == 0)
            why = "biases are not supported in this place: give a model without them";
        return ls_error_set(err, "%s: tensor %.*s: %s", m->gguf->path, (int)name.size, name.data,
                            why);
    }
    return 0;
}

static int find_tensors(struct ls_model *m, struct ls_error *err) {
    const struct gguf_tensor *embd = gguf_find_tensor(m->gguf, "token_embd.weight");
    if (embd == NULL)
        return refuse(m, "tensor token_embd.weight", "missing: give a complete model", err);
    if (embd->ne[1] > MODEL_MAX_SIZE)
        return refuse(m, "tensor token_embd.weight", "too many rows: convert the model again", err);
    m->vocab = (uint32_t)embd->ne[1];
    if (m->layers > m->gguf->tensor_count)
        return family_refuse(m, "block_count", "more blocks than tensors: convert it again", err);
    m->layer = calloc(m->layers, sizeof *m->layer);
    m->views = calloc(m->layers, MODEL_VIEWS * sizeof *m->views);
    bool *used = calloc((size_t)m->gguf->tensor_count, sizeof *used);
    int status = m->layer == NULL || m->views == NULL || used == NULL
                     ? refuse(m, "layers", "out of memory", err)
                     : find_roles(m, used, err);
    if (status == 0)
        status = refuse_unused(m, used, err);
    free(used);
    for (uint64_t i = 0; i < m->gguf->tensor_count; i++) {
        const uint64_t *ne = m->gguf->tensors[i].ne;
        m->parameters += ne[0] * ne[1] * ne[2] * ne[3];
    }
    return status;
}

struct role_sizes ls_model_sizes(const struct ls_model *m) {
    const uint64_t q = (uint64_t)m->heads * m->head_dim, kv = (uint64_t)m->kv_heads * m->head_dim;
    const bool shared = m->family->head_norm == HEAD_NORM_SHARED;
    return (struct role_sizes){.vocab = m->vocab,
                               .positions = m->context_length,
                               .dim = m->dim,
                               .hidden = m->hidden,
                               .experts = m->experts,
                               .shared = m->shared_hidden,
                               .q = q,
                               .kv = kv,
                               .q_norm = shared ? m->head_dim : q,
                               .k_norm = shared ? m->head_dim : kv};
}

/* ---- vocabulary and name ---- */

/* What of the vocabulary belongs to the model: its tokenizer, where texts end, how chats look. */
static int read_vocabulary(struct ls_model *m, struct ls_error *err) {
    struct gguf_array tokens;
    if (gguf_get_array(m->gguf, "tokenizer.ggml.tokens", &tokens) == GGUF_FOUND &&
        tokens.count != m->vocab)
        return ls_error_set(err,
                            "%s: tokenizer.ggml.tokens: %" PRIu64 " tokens for %" PRIu32
                            " embedding rows: convert the model again",
                            m->gguf->path, tokens.count, m->vocab);
    if (gguf_find_kv(m->gguf, "tokenizer.ggml.model") == NULL)
        return 0;
    if (gguf_get_string(m->gguf, "tokenizer.chat_template", &m->chat_template) == GGUF_WRONG_TYPE)
        return refuse(m, "tokenizer.chat_template", "not a string: convert the model again", err);
    if (tokenizer_open(m->gguf, &m->tokenizer, err) != 0)
        return -1;
    const size_t ends = tokenizer_eog_ids(m->tokenizer, m->eog, LS_EOG);
    if (ends > LS_EOG) /* a text would run past the others */
        return ls_error_set(
            err, "%s: %zu tokens end a text, the device knows %u: give a model with fewer",
            m->gguf->path, ends, LS_EOG);
    m->eog_count = (uint32_t)ends;
    return 0;
}

int ls_model_need_text(const struct ls_model *m, struct ls_error *err) {
    return m->tokenizer != NULL
               ? 0
               : refuse(m, "tokenizer.ggml.model", "missing: give a model with a tokenizer", err);
}

bool ls_model_is_eog(const struct ls_model *model, uint32_t token) {
    for (uint32_t i = 0; i < model->eog_count; i++)
        if (model->eog[i] == token)
            return true;
    return false;
}

float ls_model_logit(const struct ls_model *m, float logit) {
    const double scaled = (double)m->logit_scale * (double)logit, cap = (double)m->logit_cap;
    return (float)(cap != 0 ? cap * tanh(scaled / cap) : scaled);
}

static const char *file_type_name(uint32_t file_type) {
    static const char *const names[] = {LOCKSTEP_FILE_TYPE_NAMES};
    return file_type < sizeof names / sizeof names[0] ? names[file_type] : NULL;
}

static void name_quant(struct ls_model *m) {
    uint32_t file_type = UINT32_MAX;
    (void)gguf_get_u32(m->gguf, "general.file_type", &file_type);
    const char *name = file_type_name(file_type);
    if (name == NULL) {
        uint64_t counts[LOCKSTEP_TYPE_LIMIT] = {0};
        enum ggml_type commonest = m->tensor[ROLE_TOKEN_EMBD]->type;
        for (uint64_t i = 0; i < m->gguf->tensor_count; i++) {
            const struct gguf_tensor *t = &m->gguf->tensors[i];
            if (t->ne[1] > 1 && ++counts[t->type] > counts[commonest])
                commonest = t->type;
        }
        name = type_info_of(commonest)->name;
    }
    snprintf(m->quant, sizeof m->quant, "%s", name);
}

/* Vocabularies are published alone, too, and so is what goes with a model. */
static int refuse_bare(const struct ls_model *m, struct ls_error *err) {
    struct gguf_string type;
    if (gguf_get_string(m->gguf, "general.type", &type) == GGUF_FOUND &&
        (type.size != 5 || memcmp(type.data, "model", 5) != 0))
        return ls_error_set(err, "%s: general.type: %.*s, not a model: give the model itself%s",
                            m->gguf->path, type.size > 40 ? 40 : (int)type.size, type.data,
                            type.size == 7 && memcmp(type.data, "adapter", 7) == 0
                                ? ", with the adapter merged into it"
                                : "");
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
        read_hyperparameters(m, err) != 0 || family_check_keys(m, err) != 0 ||
        find_tensors(m, err) != 0 || read_vocabulary(m, err) != 0) {
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
    tokenizer_close(model->tokenizer);
    gguf_close(model->gguf);
    free(model->layer);
    free(model->views);
    free((void *)(uintptr_t)model->rope_factors);
    free(model);
}
