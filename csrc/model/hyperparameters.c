/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The hyperparameters that all families have, and the keys that none may have unless its page says
 * so. Names and meanings: gguf-py's constants.py and llama.cpp's llama-hparams.h.
 */
#include "hyperparameters.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "experts.h"
#include "family.h"
#include "rope.h"

/* ---- the families ---- */

#define FAMILY_PAGE(name) [FAMILY_##name] = &model_##name,
static const struct family *const families[FAMILY_COUNT] = {FAMILIES(FAMILY_PAGE)};
#undef FAMILY_PAGE

const struct family *family_at(enum family_number number) {
    return families[number];
}

const struct family *family_find(struct gguf_string arch) {
    for (size_t i = 0; i < FAMILY_COUNT; i++)
        if (gguf_string_equals(arch, families[i]->arch))
            return families[i];
    return NULL;
}

#define FEED_FORWARD                                                                               \
    (ROLE_BIT(ROLE_FFN_GATE) | ROLE_BIT(ROLE_FFN_UP) | ROLE_BIT(ROLE_FFN_DOWN) |                   \
     ROLE_BIT(ROLE_FFN_GATE_BIAS) | ROLE_BIT(ROLE_FFN_UP_BIAS) | ROLE_BIT(ROLE_FFN_DOWN_BIAS))

uint64_t family_required(const struct family *family, bool experts) {
    return experts ? (family->required & ~FEED_FORWARD) | family->experts : family->required;
}

uint64_t family_optional(const struct family *family, bool experts) {
    return experts ? family->optional & ~FEED_FORWARD : family->optional;
}

#define FAMILY_NAME(name) ", " #name
const char *family_names(void) {
    static const char names[] = FAMILIES(FAMILY_NAME);
    return names + 2;
}
#undef FAMILY_NAME

/* ---- reading ---- */

static void full_name(const struct ls_model *m, const char *key, char name[96]) {
    snprintf(name, 96, "%s.%s", m->family->arch, key);
}

int family_refuse(const struct ls_model *m, const char *key, const char *what,
                  struct ls_error *err) {
    return ls_error_set(err, "%s: %s.%s: %s", m->gguf->path, m->family->arch, key, what);
}

/* Of a list with a value a layer, the one that all have; false if there is none. */
static bool take_uniform(const struct gguf_array *list, uint32_t *value) {
    const bool whole = list->type == GGUF_U32 || list->type == GGUF_I32;
    if (!whole || list->count == 0)
        return false;
    memcpy(value, list->data, sizeof *value);
    return memcmp(list->data, list->data + sizeof *value, (size_t)list->size - sizeof *value) == 0;
}

int family_read_count(const struct ls_model *m, const char *key, uint32_t *out,
                      struct ls_error *err) {
    char name[96];
    uint32_t value = *out;
    struct gguf_array list;
    full_name(m, key, name);
    const bool lists = gguf_get_array(m->gguf, name, &list) == GGUF_FOUND;
    if (lists ? !take_uniform(&list, &value)
              : gguf_get_u32(m->gguf, name, &value) == GGUF_WRONG_TYPE)
        return family_refuse(m, key,
                             lists ? "not the same number for every layer: only uniform layers are "
                                     "supported"
                                   : "not one uint32 value: convert the model again",
                             err);
    if (value > MODEL_MAX_SIZE)
        return ls_error_set(err, "%s: %s: %" PRIu32 " is more than %u: convert the model again",
                            m->gguf->path, name, value, MODEL_MAX_SIZE);
    *out = value;
    return 0;
}

int family_read_size(const struct ls_model *m, const char *key, bool optional, uint32_t *out,
                     struct ls_error *err) {
    char name[96];
    uint32_t value = 0;
    full_name(m, key, name);
    if (gguf_find_kv(m->gguf, name) == NULL)
        return optional ? 0 : family_refuse(m, key, "key missing: convert the model again", err);
    if (family_read_count(m, key, &value, err) != 0)
        return -1;
    if (value < 1)
        return family_refuse(m, key, "0 is not from 1 on: convert the model again", err);
    *out = value;
    return 0;
}

int family_read_positive(const struct ls_model *m, const char *key, bool optional, float *out,
                         struct ls_error *err) {
    char name[96];
    full_name(m, key, name);
    enum gguf_lookup found = gguf_get_f32(m->gguf, name, out);
    if (found == GGUF_ABSENT)
        return optional ? 0 : family_refuse(m, key, "key missing: convert the model again", err);
    if (found == GGUF_WRONG_TYPE || !isfinite(*out) || *out <= 0.0f)
        return family_refuse(m, key, "not a float32 above zero: convert the model again", err);
    return 0;
}

int family_read_scale(const struct ls_model *m, const char *key, float *out, struct ls_error *err) {
    char name[96];
    float value = 0;
    full_name(m, key, name);
    const enum gguf_lookup found = gguf_get_f32(m->gguf, name, &value);
    if (found == GGUF_ABSENT)
        return 0;
    if (found == GGUF_WRONG_TYPE || (value != 0 && !(value >= 0x1p-32f && value <= 0x1p32f)))
        return family_refuse(m, key, "not 0 or a float32 from 2^-32 to 2^32: convert it again",
                             err);
    *out = value;
    return 0;
}

int family_read_window(const struct ls_model *m, uint32_t *out, struct ls_error *err) {
    char name[96];
    full_name(m, "attention.sliding_window", name);
    if (gguf_get_u32(m->gguf, name, out) == GGUF_WRONG_TYPE)
        return family_refuse(m, "attention.sliding_window",
                             "not one uint32 value: convert the model again", err);
    return 0;
}

int read_hyperparameters(struct ls_model *m, struct ls_error *err) {
    const char *epsilon =
        m->family->layer_norm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon";
    if (family_read_size(m, "embedding_length", false, &m->dim, err) != 0 ||
        family_read_size(m, "feed_forward_length", m->family->experts != 0, &m->hidden, err) != 0 ||
        family_read_size(m, "block_count", false, &m->layers, err) != 0 ||
        family_read_size(m, "context_length", false, &m->context_length, err) != 0 ||
        family_read_size(m, "attention.head_count", false, &m->heads, err) != 0)
        return -1;
    m->kv_heads = m->heads;
    if (family_read_size(m, "attention.head_count_kv", true, &m->kv_heads, err) != 0 ||
        family_read_positive(m, epsilon, false, &m->norm_eps, err) != 0)
        return -1;
    if (m->heads % m->kv_heads != 0)
        return family_refuse(m, "attention.head_count_kv",
                             "does not divide the head count: convert the model again", err);

    m->head_dim = 0;
    if (family_read_size(m, "attention.key_length", true, &m->head_dim, err) != 0)
        return -1;
    if (m->head_dim == 0) {
        if (m->dim % m->heads != 0)
            return family_refuse(m, "attention.head_count",
                                 "does not divide the embedding length: convert the model again",
                                 err);
        m->head_dim = m->dim / m->heads;
    }
    uint32_t value_length = m->head_dim;
    if (family_read_size(m, "attention.value_length", true, &value_length, err) != 0)
        return -1;
    if (value_length != m->head_dim)
        return family_refuse(m, "attention.value_length",
                             "differs from the key length: give a model with equal lengths", err);
    m->attn_scale = (float)(1 / sqrt((double)m->head_dim));
    m->embedding_scale = m->residual_scale = m->logit_scale = 1.0f;
    if (read_experts(m, err) != 0 || read_rope(m, err) != 0)
        return -1;
    return m->family->read != NULL ? m->family->read(m, err) : 0;
}

/* ---- keys that would be ignored ---- */

#define NEUTRAL(key, a, b, function)                                                               \
    {.name = key, .use = KEY_NEUTRAL, .neutral = {a, b}, .what = function}
#define READ(key)     {.name = key, .use = KEY_READ}
#define HARMLESS(key) {.name = key, .use = KEY_HARMLESS}

static const struct family_key common[] = {
    READ("embedding_length"),
    READ("feed_forward_length"),
    READ("block_count"),
    READ("context_length"),
    READ("attention.head_count"),
    READ("attention.head_count_kv"),
    READ("attention.layer_norm_epsilon"),     /* of these two that of the family's kind of norm; */
    READ("attention.layer_norm_rms_epsilon"), /* the other is of no norm */
    READ("attention.key_length"),
    READ("attention.value_length"),
    READ("rope.dimension_count"),
    READ("rope.freq_base"),
    READ("rope.scaling.type"),
    READ("rope.scaling.factor"),
    READ("rope.scale_linear"),
    HARMLESS("vocab_size"),        /* rows of token_embd say it */
    HARMLESS("expert_used_count"), /* of no experts */
    READ("rope.scaling.original_context_length"),
    READ("rope.scaling.attn_factor"),
    HARMLESS("rope.scaling.finetuned"),
    {.name = "attention.sliding_window", .use = KEY_WINDOW, .what = "a sliding window"},
    NEUTRAL("attention.causal", 1, 1, "attention to later tokens"),
    NEUTRAL("attention.max_alibi_bias", 0, 0, "ALiBi"),
    NEUTRAL("attention.clamp_kqv", 0, 0, "a clamp of queries, keys and values"),
    NEUTRAL("attention.scale", 0, 0, "a scale of the scores of its own"),
    NEUTRAL("attn_logit_softcapping", 0, 0, "capped scores"),
    NEUTRAL("final_logit_softcapping", 0, 0, "capped logits"),
    NEUTRAL("logit_scale", 0, 1, "scaled logits"),
    NEUTRAL("residual_scale", 0, 1, "scaled branches"),
    NEUTRAL("embedding_scale", 0, 1, "scaled embeddings"),
    NEUTRAL("use_parallel_residual", 0, 0, "a parallel feed-forward branch"),
    NEUTRAL("expert_count", 0, 0, "a mixture of experts"),
    NEUTRAL("expert_shared_count", 0, 0, "shared experts"),
    NEUTRAL("expert_weights_scale", 0, 1, "a scale of the experts' weights"),
    NEUTRAL("expert_gating_func", 0, 1, "routing by another function than softmax"),
    NEUTRAL("expert_group_count", 0, 1, "routing by groups of experts"),
    NEUTRAL("expert_group_used_count", 0, 1, "routing by groups of experts"),
    NEUTRAL("leading_dense_block_count", 0, 0, "layers without experts before those with"),
    NEUTRAL("interleave_moe_layer_step", 0, 1, "layers without experts between those with"),
    NEUTRAL("moe_every_n_layers", 0, 1, "layers without experts between those with"),
    NEUTRAL("pooling_type", 0, 0, "pooling, which makes it no generator of text"),
    NEUTRAL("rope.scaling.yarn_ext_factor", 1, 1, "another share of yarn"),
    NEUTRAL("rope.scaling.yarn_attn_factor", 1, 1, "another magnitude of yarn"),
    NEUTRAL("rope.scaling.yarn_beta_fast", 32, 32, "other bounds of yarn"),
    NEUTRAL("rope.scaling.yarn_beta_slow", 1, 1, "other bounds of yarn"),
    {.name = NULL},
};

static const struct family_key *find_key(const struct family_key *keys, const char *name,
                                         uint64_t size) {
    for (; keys != NULL && keys->name != NULL; keys++)
        if (strlen(keys->name) == size && memcmp(keys->name, name, size) == 0)
            return keys;
    return NULL;
}

/* The value as a number, and as a text for a message. false: it is no number. */
static bool number_of(const struct ls_model *m, const struct gguf_kv *kv, const char *key,
                      double *number, char text[64]) {
    uint64_t whole;
    int32_t negative;
    float single;
    bool truth;
    if (gguf_get_u64(m->gguf, key, &whole) == GGUF_FOUND)
        *number = (double)whole;
    else if (gguf_get_i32(m->gguf, key, &negative) == GGUF_FOUND)
        *number = negative;
    else if (gguf_get_f32(m->gguf, key, &single) == GGUF_FOUND)
        *number = (double)single;
    else if (gguf_get_bool(m->gguf, key, &truth) == GGUF_FOUND)
        *number = truth;
    else if (kv->type == GGUF_F64)
        memcpy(number, kv->data, sizeof *number);
    else {
        if (kv->type == GGUF_STRING)
            snprintf(text, 64, "\"%.*s\"", kv->text.size > 40 ? 40 : (int)kv->text.size,
                     kv->text.data);
        else
            snprintf(text, 64, "(%s)", gguf_value_type_name(kv->type));
        return false;
    }
    if (kv->type == GGUF_BOOL)
        snprintf(text, 64, "%s", *number != 0 ? "true" : "false");
    else
        snprintf(text, 64, "%.9g", *number);
    return true;
}

static int check_key(const struct ls_model *m, const struct gguf_kv *kv, struct ls_error *err) {
    const uint64_t prefix = strlen(m->family->arch) + 1;
    const char *bare = kv->key.data + prefix;
    char key[128], text[64];
    double number = 0;
    const struct family_key *k = find_key(m->family->keys, bare, kv->key.size - prefix);
    if (k == NULL)
        k = find_key(common, bare, kv->key.size - prefix);
    if (k != NULL && (k->use == KEY_READ || k->use == KEY_HARMLESS))
        return 0;
    snprintf(key, sizeof key, "%.*s", kv->key.size > 100 ? 100 : (int)kv->key.size, kv->key.data);
    const bool is_number = number_of(m, kv, key, &number, text);
    if (k == NULL)
        return ls_error_set(err,
                            "%s: %s %s is not known and may change the result: give a model "
                            "without it",
                            m->gguf->path, key, text);
    const bool neutral = k->use == KEY_WINDOW ? number == 0 || number >= (double)m->context_length
                                              : number == k->neutral[0] || number == k->neutral[1];
    if (is_number && neutral)
        return 0;
    return ls_error_set(err,
                        "%s: %s %s changes the result and is not supported: give a model without "
                        "%s",
                        m->gguf->path, key, text, k->what);
}

int family_check_keys(const struct ls_model *m, struct ls_error *err) {
    const uint64_t prefix = strlen(m->family->arch);
    for (uint64_t i = 0; i < m->gguf->kv_count; i++) {
        const struct gguf_kv *kv = &m->gguf->kvs[i];
        if (kv->key.size > prefix && memcmp(kv->key.data, m->family->arch, prefix) == 0 &&
            kv->key.data[prefix] == '.' && check_key(m, kv, err) != 0)
            return -1;
    }
    return 0;
}
