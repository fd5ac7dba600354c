/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Small random models without a file, for tests that hold the golden model to the float reference.
 * Sizes and whatever else a family sets are the test's; the weights are spread so that every layer
 * and position tells in the logits.
 *
 *     static struct random_model r;
 *     random_model_make(&r, &shape, FAMILY_llama, 0, GGML_TYPE_F32); // without optional tensors
 *     struct ls_witness witness = random_model_run(&t, &r.model, &other);
 *     random_model_free(&r);
 */
#ifndef GOLDEN_RANDOM_MODEL_H
#define GOLDEN_RANDOM_MODEL_H

#include <math.h>
#include <string.h>

#include "csrc/golden/golden.h"
#include "csrc/reference/reference.h"
#include "generated/device.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#define RANDOM_MODEL_TOKENS 40u
#define RANDOM_MODEL_VOCAB  128u /* at most */

struct random_model {
    struct ls_model model;
    struct ls_layer layer[8];
    struct gguf_tensor tensor[8 * ROLES];
    size_t tensors;
    uint64_t state;
};

/* Even over center - limit .. center + limit. */
static inline float random_model_float(struct random_model *r, float center, float limit) {
    return center + limit * ((float)(random_64(&r->state) >> 40) * 0x1p-23f - 1);
}

/* Blocks of Q8_0 whose weights are about even over -limit..limit. */
static inline void random_model_q8_0(struct random_model *r, uint8_t *data, size_t size,
                                     float limit) {
    int exponent; /* of the scale, a power of two that a binary16 holds */
    frexpf(limit / 127, &exponent);
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)random_64(&r->state);
    for (size_t i = 0; i < size; i += LOCKSTEP_BYTES_Q8_0) {
        data[i] = 0;
        data[i + 1] = (uint8_t)((exponent - 1 + 15) << 2);
    }
}

static inline const struct gguf_tensor *random_model_tensor(struct random_model *r,
                                                            enum ggml_type type, uint32_t cols,
                                                            uint32_t rows, uint32_t matrices,
                                                            float center, float limit) {
    struct gguf_tensor *tensor = &r->tensor[r->tensors++];
    const size_t size =
        (size_t)rows * matrices * type_row_bytes(type_info_of((uint32_t)type), cols);
    uint8_t *data = malloc(size);
    if (data == NULL)
        exit(1);
    if (type == GGML_TYPE_Q8_0)
        random_model_q8_0(r, data, size, limit);
    for (size_t i = 0; i < size && type == GGML_TYPE_F32; i += sizeof(float)) {
        const float value = random_model_float(r, center, limit);
        memcpy(data + i, &value, sizeof value);
    }
    *tensor = (struct gguf_tensor){.name = {"", 0},
                                   .type = type,
                                   .n_dims = matrices > 1 ? 3
                                             : rows > 1   ? 2
                                                          : 1,
                                   .ne = {cols, rows, matrices, 1},
                                   .size = size,
                                   .data = data};
    return tensor;
}

static inline const struct gguf_tensor *random_model_role(struct random_model *r, enum role role,
                                                          enum ggml_type type) {
    const struct role_sizes sizes = ls_model_sizes(&r->model);
    const uint32_t cols = (uint32_t)role_columns(role, &sizes);
    const uint32_t rows = (uint32_t)role_rows(role, &sizes);
    const uint32_t matrices = (uint32_t)role_matrices(role, &sizes);
    if (role_is_bias(role))
        return random_model_tensor(r, GGML_TYPE_F32, cols, rows, 1, 0, 0.5f);
    if (role == ROLE_SHARED_ROUTER)
        return random_model_tensor(r, GGML_TYPE_F32, cols, rows, 1, 0, 3 / sqrtf((float)cols));
    if (role_is_vector(role))
        return random_model_tensor(r, GGML_TYPE_F32, cols, rows, 1, 1, 0.5f);
    return random_model_tensor(r, role == ROLE_FFN_ROUTER ? GGML_TYPE_F32 : type, cols, rows,
                               matrices, 0, 3 / sqrtf((float)cols));
}

/* A model of a family with its required roles and these optional ones, matrices in F32 or Q8_0.
 * What the shape leaves at 0 is as in most models. */
static inline void random_model_make(struct random_model *r, const struct ls_model *shape,
                                     enum family_number family, uint64_t optional,
                                     enum ggml_type type) {
    *r = (struct random_model){.model = *shape, .state = shape->dim};
    struct ls_model *m = &r->model;
    m->family = family_at(family);
    m->roles = family_required(m->family, m->experts != 0) | optional | ROLE_BIT(ROLE_OUTPUT);
    m->experts_normalised = m->experts != 0 && m->family->experts_normalised;
    m->context_length = RANDOM_MODEL_TOKENS;
    m->norm_eps = 1e-5f;
    m->attn_scale = m->attn_scale != 0 ? m->attn_scale : (float)(1 / sqrt((double)m->head_dim));
    float *ones[] = {&m->rope_scale, &m->rope_magnitude, &m->embedding_scale, &m->residual_scale,
                     &m->logit_scale};
    for (size_t i = 0; i < sizeof ones / sizeof *ones; i++)
        *ones[i] = *ones[i] != 0 ? *ones[i] : 1;
    m->layer = r->layer;
    for (enum role role = 0; role < ROLES; role++) {
        if ((m->roles & ROLE_BIT(role)) == 0)
            continue;
        for (uint32_t l = 0; l < (role_is_of_layer(role) ? m->layers : 1); l++)
            *(role_is_of_layer(role) ? &r->layer[l].tensor[role] : &m->tensor[role]) =
                random_model_role(r, role, type);
    }
}

static inline void random_model_free(struct random_model *r) {
    for (size_t i = 0; i < r->tensors; i++)
        free((void *)(uintptr_t)r->tensor[i].data);
}

/* Runs the reference on a model, the golden model on it or on one that differs, as a planted fault;
 * `each`, if there is one, looks at the golden model behind every token. */
static inline struct ls_witness
random_model_run(struct host_test *t, const struct ls_model *model, const struct ls_model *other,
                 void (*each)(struct host_test *, const struct golden *, const struct ls_model *)) {
    struct ls_witness witness = {0};
    struct ls_reference *reference = NULL;
    struct golden *golden = NULL;
    struct ls_error err = {{0}};
    const unsigned long before = t->failures;
    CHECK(t, ls_reference_open(model, 1, RANDOM_MODEL_TOKENS, &reference, &err) == 0, "%s",
          err.text);
    CHECK(t, golden_open(other, 16, 1, 1, RANDOM_MODEL_TOKENS, &golden, &err) == 0, "%s", err.text);
    for (uint32_t pos = 0; t->failures == before && pos < RANDOM_MODEL_TOKENS; pos++) {
        const uint32_t token = pos * 7 % model->vocab;
        const float *expected = ls_reference_step(reference, 0, pos, token, &err);
        CHECK(t, expected != NULL, "%s", err.text);
        CHECK(t, golden_run(golden, 0, 0, pos, token, true, &err) == 0, "%s", err.text);
        float logits[RANDOM_MODEL_VOCAB];
        if (t->failures > before)
            break;
        memcpy(logits, golden_logits(golden, 0), model->vocab * sizeof *logits);
        ls_witness_add(&witness, expected, logits, model->vocab);
        if (each != NULL)
            each(t, golden, model);
    }
    ls_reference_close(reference);
    golden_close(golden);
    return witness;
}

#endif
