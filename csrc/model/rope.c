/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Scaled rotary embeddings: section 12 of docs/numerics.md, after llama.cpp's rope_yarn and
 * build_rope_factors.
 */
#include "rope.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FACTOR_LEAST   0x1p-16f /* of rotary increments */
#define MAGNITUDE_MOST 2.0f
#define YARN_BETA_FAST 32.0
#define YARN_BETA_SLOW 1.0
#define FREQS_TENSOR   "rope_freqs.weight"
#define LONG_TENSOR    "rope_factors_long.weight"
#define SHORT_TENSOR   "rope_factors_short.weight"

bool rope_is_factors(struct gguf_string name) {
    return gguf_string_equals(name, FREQS_TENSOR) || gguf_string_equals(name, LONG_TENSOR) ||
           gguf_string_equals(name, SHORT_TENSOR);
}

static int no_memory(const struct ls_model *m, struct ls_error *err) {
    return ls_error_set(err, "%s: out of memory for rotary factors", m->gguf->path);
}

/* The factors are those of a tensor, times the linear one. */
static int take_tensor(struct ls_model *m, const char *name, struct ls_error *err) {
    const struct gguf_tensor *t = gguf_find_tensor(m->gguf, name);
    const uint32_t pairs = m->n_rot / 2;
    if (t == NULL)
        return ls_error_set(err, "%s: tensor %s: missing: give a complete %s model", m->gguf->path,
                            name, m->family->arch);
    if (t->type != GGML_TYPE_F32 || t->ne[0] != pairs || t->ne[1] != 1 || t->ne[2] != 1 ||
        t->ne[3] != 1)
        return ls_error_set(err,
                            "%s: tensor %s: not the %u F32 elements of a factor for each pair that "
                            "turns: convert the model again",
                            m->gguf->path, name, pairs);
    float *factors = malloc(pairs * sizeof *factors);
    if (factors == NULL)
        return no_memory(m, err);
    m->rope_factors = factors;
    for (uint32_t j = 0; j < pairs; j++) {
        float element;
        memcpy(&element, t->data + j * sizeof element, sizeof element);
        factors[j] = (float)((double)element * (double)m->rope_scale);
        if (!(factors[j] >= FACTOR_LEAST) || !isfinite(factors[j]))
            return ls_error_set(err,
                                "%s: tensor %s: element %u is %g: factors are numbers from 2^-16 "
                                "on: convert the model again",
                                m->gguf->path, name, j, (double)element);
    }
    return 0;
}

/* Frequencies that turn fast over the original context keep their pace, slow ones are divided by
 * the factor, those between go from one to the other. */
static int make_yarn(struct ls_model *m, float factor, uint32_t original, struct ls_error *err) {
    const double n = m->n_rot, base = (double)m->rope_base;
    const double turns = (double)original / (2 * acos(-1.0));
    const double lo = fmax(0, floor(n * log(turns / YARN_BETA_FAST) / (2 * log(base))));
    const double hi = fmin(n - 1, ceil(n * log(turns / YARN_BETA_SLOW) / (2 * log(base))));
    float *factors = malloc(m->n_rot / 2 * sizeof *factors);
    if (factors == NULL)
        return no_memory(m, err);
    for (uint32_t j = 0; j < m->n_rot / 2; j++) {
        const double ramp = fmin(1, fmax(0, (j - lo) / fmax(0.001, hi - lo)));
        const double mix = 1 - ramp;
        factors[j] = (float)(1 / (mix + (1 - mix) / (double)factor));
    }
    m->rope_factors = factors;
    m->rope_magnitude = (float)((double)m->rope_magnitude * (1 + 0.1 * log((double)factor)));
    return 0;
}

/* What the file says of scaling, if it says nothing of tensors. */
static int read_scaling(struct ls_model *m, struct ls_error *err) {
    const bool tensors = gguf_find_tensor(m->gguf, LONG_TENSOR) != NULL; /* need no type */
    struct gguf_string type = {tensors ? "longrope" : "linear", tensors ? 8 : 6};
    uint32_t original = m->context_length;
    float factor = 1.0f;
    char name[96];
    snprintf(name, sizeof name, "%s.rope.scaling.type", m->family->arch);
    if (gguf_get_string(m->gguf, name, &type) == GGUF_WRONG_TYPE)
        return family_refuse(m, "rope.scaling.type", "not a string: convert the model again", err);
    const bool none = gguf_string_equals(type, "none"), yarn = gguf_string_equals(type, "yarn");
    const bool linear = gguf_string_equals(type, "linear");
    if (!none && !linear && !yarn && !gguf_string_equals(type, "longrope"))
        return ls_error_set(err,
                            "%s: %s: %.*s is not supported: give a model with none, linear, yarn "
                            "or longrope",
                            m->gguf->path, name, type.size > 40 ? 40 : (int)type.size, type.data);
    if (tensors && (none || linear || yarn))
        return family_refuse(
            m, "rope.scaling.type",
            "not longrope, yet the file has " LONG_TENSOR ": convert the model again", err);

    snprintf(name, sizeof name, "%s.rope.scaling.factor", m->family->arch);
    const char *key = gguf_find_kv(m->gguf, name) != NULL
                          ? "rope.scaling.factor"
                          : "rope.scale_linear"; /* its older name */
    if ((!none && family_read_positive(m, key, true, &factor, err) != 0) ||
        family_read_positive(m, "rope.scaling.attn_factor", true, &m->rope_magnitude, err) != 0 ||
        family_read_size(m, "rope.scaling.original_context_length", true, &original, err) != 0)
        return -1;
    if (factor < FACTOR_LEAST)
        return family_refuse(m, key, "below 2^-16: convert the model again", err);
    if ((none || linear) && m->rope_magnitude != 1.0f)
        return ls_error_set(err,
                            "%s: %s.rope.scaling.attn_factor %g changes the result and is not "
                            "supported: give a model without it, or with yarn or longrope",
                            m->gguf->path, m->family->arch, (double)m->rope_magnitude);
    if (yarn && (factor < 1.0f || m->rope_base == 1.0f))
        return family_refuse(m, "rope.scaling.factor",
                             "yarn needs a factor of 1 or more, and a base above 1: convert the "
                             "model again",
                             err);
    if (yarn)
        return make_yarn(m, factor, original, err);
    if (none || linear) {
        m->rope_scale = factor;
        return 0;
    }
    if (factor != 1.0f)
        return family_refuse(m, key, "not 1 where scaling is longrope: give a model without it",
                             err);
    return take_tensor(m, m->context_length > original ? LONG_TENSOR : SHORT_TENSOR, err);
}

int read_rope(struct ls_model *m, struct ls_error *err) {
    m->rope_base = 10000.0f;
    m->rope_scale = m->rope_magnitude = 1.0f;
    m->rope_halves = m->family->rope_halves;
    if ((m->family->required & ROLE_BIT(ROLE_POSITION_EMBD)) != 0)
        return 0; /* positions are learned: nothing turns */
    m->n_rot = m->head_dim;
    if (family_read_size(m, "rope.dimension_count", true, &m->n_rot, err) != 0 ||
        family_read_positive(m, "rope.freq_base", true, &m->rope_base, err) != 0)
        return -1;
    if (m->n_rot % 2 != 0 || m->n_rot > m->head_dim)
        return family_refuse(m, "rope.dimension_count",
                             "not an even number up to the head size: convert the model again",
                             err);
    if (m->rope_base < 1.0f)
        return family_refuse(m, "rope.freq_base", "below 1: convert the model again", err);
    if (read_scaling(m, err) != 0)
        return -1;
    if (m->rope_magnitude > MAGNITUDE_MOST)
        return family_refuse(m, "rope.scaling.attn_factor",
                             "makes the rotary embedding more than twice as large: give a model "
                             "with less",
                             err);
    if (gguf_find_tensor(m->gguf, FREQS_TENSOR) == NULL)
        return 0;
    if (m->rope_factors != NULL)
        return family_refuse(
            m, "rope.scaling.type",
            "yarn or longrope, yet the file has " FREQS_TENSOR ": convert the model again", err);
    return take_tensor(m, FREQS_TENSOR, err);
}
