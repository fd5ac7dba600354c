/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Weights and memory of the float reference. The forward pass is on the family's page, what it is
 * made of in reference_ops.c.
 */
#include <cblas.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/gguf/dequant.h"
#include "reference_ops.h"

#define REFERENCE_FAMILY(name) [FAMILY_##name] = reference_##name,
static void (*const forward[FAMILY_COUNT])(struct ls_reference *, uint32_t, uint32_t,
                                           uint32_t) = {FAMILIES(REFERENCE_FAMILY)};
#undef REFERENCE_FAMILY

const float *ls_reference_step(struct ls_reference *reference, uint32_t seq, uint32_t pos,
                               uint32_t token, struct ls_error *err) {
    if (seq >= reference->sequences || pos >= reference->context ||
        token >= reference->model->vocab) {
        ls_error_set(err,
                     "reference: sequence %" PRIu32 ", position %" PRIu32 ", token %" PRIu32
                     ": outside %" PRIu32 " sequences of %" PRIu32 " positions, %" PRIu32 " tokens",
                     seq, pos, token, reference->sequences, reference->context,
                     reference->model->vocab);
        return NULL;
    }
    forward[reference->model->family->number](reference, seq, pos, token);
    return reference->logits;
}

/* ---- memory ---- */

/* A tensor's values in binary32; NULL if out of memory. */
static float *load_tensor(const struct gguf_tensor *t) {
    uint64_t count = t->ne[0] * t->ne[1] * t->ne[2];
    size_t bytes;
    if (__builtin_mul_overflow(count, sizeof(float), &bytes))
        return NULL;
    float *values = malloc(bytes);
    if (values != NULL && dequant_row(t->type, t->data, values, count) != 0) {
        free(values);
        return NULL;
    }
    return values;
}

/* Dequantises the tensors that there are. */
static int load_tensors(float *to[ROLES], const struct gguf_tensor *const from[ROLES]) {
    for (int role = 0; role < ROLES; role++)
        if (from[role] != NULL && (to[role] = load_tensor(from[role])) == NULL)
            return -1;
    return 0;
}

static int load_weights(struct ls_reference *r) {
    const struct ls_model *m = r->model;
    const struct gguf_tensor *outer[ROLES];
    memcpy(outer, m->tensor, sizeof outer);
    if (m->tied)
        outer[ROLE_OUTPUT] = NULL; /* not twice */
    r->layer = calloc(m->layers, sizeof *r->layer);
    if (r->layer == NULL || load_tensors(r->tensor, outer) != 0)
        return -1;
    if (m->tied)
        r->tensor[ROLE_OUTPUT] = r->tensor[ROLE_TOKEN_EMBD];
    for (uint32_t l = 0; l < m->layers; l++)
        if (load_tensors(r->layer[l].tensor, m->layer[l].tensor) != 0)
            return -1;
    return 0;
}

static int make_room(struct ls_reference *r) {
    const struct ls_model *m = r->model;
    const size_t hidden = m->hidden > m->shared_hidden ? m->hidden : m->shared_hidden;
    size_t q_dim = (size_t)m->heads * m->head_dim, kv_dim = (size_t)m->kv_heads * m->head_dim;
    size_t rows, cache;
    if (__builtin_mul_overflow((size_t)r->sequences * m->layers, (size_t)r->context, &rows) ||
        __builtin_mul_overflow(rows, kv_dim, &cache))
        return -1;
    const struct {
        float **to;
        size_t count;
    } all[] = {
        {&r->k_cache, cache},     {&r->v_cache, cache},     {&r->x, m->dim},
        {&r->normed, m->dim},     {&r->branch, m->dim},     {&r->q, q_dim},
        {&r->mixed, q_dim},       {&r->scores, r->context}, {&r->gate, hidden},
        {&r->up, hidden},         {&r->logits, m->vocab},   {&r->expert, m->dim},
        {&r->routed, m->experts}, {&r->share, m->experts},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if ((*all[i].to = calloc(all[i].count, sizeof(float))) == NULL && all[i].count != 0)
            return -1;
    return 0;
}

int ls_reference_open(const struct ls_model *model, uint32_t sequences, uint32_t context,
                      struct ls_reference **reference, struct ls_error *err) {
    *reference = NULL;
    if (sequences == 0 || context == 0 || context > INT32_MAX)
        return ls_error_set(err, "reference: at least one sequence of one position is needed");
    struct ls_reference *r = calloc(1, sizeof *r);
    if (r != NULL) {
        r->model = model;
        r->sequences = sequences;
        r->context = context;
    }
    if (r == NULL || load_weights(r) != 0 || make_room(r) != 0) {
        ls_reference_close(r);
        return ls_error_set(err,
                            "%s: reference: out of memory for %" PRIu64
                            " parameters in fp32: run without the reference",
                            model->gguf->path, model->parameters);
    }
    openblas_set_num_threads(1);
    *reference = r;
    return 0;
}

void ls_reference_close(struct ls_reference *reference) {
    struct ls_reference *r = reference;
    if (r == NULL)
        return;
    if (r->model->tied)
        r->tensor[ROLE_OUTPUT] = NULL;
    for (int role = 0; role < ROLES; role++) {
        free(r->tensor[role]);
        for (uint32_t l = 0; r->layer != NULL && l < r->model->layers; l++)
            free(r->layer[l].tensor[role]);
    }
    float *all[] = {r->k_cache, r->v_cache, r->x,  r->normed, r->branch, r->q,      r->mixed,
                    r->scores,  r->gate,    r->up, r->logits, r->expert, r->routed, r->share};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
    free(r->layer);
    free(r);
}
