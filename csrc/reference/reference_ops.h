/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the float reference of a family is written with; a family's page, family_NAME.c, defines
 * reference_NAME(), which leaves the logits in r->logits. Weights are r->tensor[role] and
 * r->layer[l].tensor[role], row after row.
 *
 *     ref_rmsnorm(r->normed, r->x, r->tensor[ROLE_OUTPUT_NORM], m->dim, m->norm_eps);
 *     ref_matvec(r->logits, r->tensor[ROLE_OUTPUT], r->normed, m->vocab, m->dim);
 */
#ifndef LS_REFERENCE_OPS_H
#define LS_REFERENCE_OPS_H

#include "reference.h"

struct ref_weights {
    float *tensor[ROLES]; /* NULL: there is none */
};

struct ls_reference {
    const struct ls_model *model;
    uint32_t sequences, context;
    float *tensor[ROLES];       /* of the model; a tied output is the embedding */
    struct ref_weights *layer;  /* [layers] */
    float *k_cache, *v_cache;   /* [sequences][layers][context][kv_dim] */
    float *x, *normed, *branch; /* [dim] stream, its norm, what is added to it */
    float *q, *mixed;           /* [q_dim] queries, attention output */
    float *scores;              /* [context] */
    float *gate, *up;           /* [hidden] */
    float *logits;              /* [vocab] */
};

/* x [dim] = the token's row of the embedding */
void ref_embed(struct ls_reference *r, uint32_t token);

/* y [rows] = w [rows][columns] * x [columns] */
void ref_matvec(float *y, const float *w, const float *x, uint32_t rows, uint32_t columns);

/* y [rows] = w[weights] [rows][columns] * x [columns], and + w[bias] where there is one */
void ref_linear(float *y, float *const w[ROLES], enum role weights, enum role bias, const float *x,
                uint32_t rows, uint32_t columns);

/* y = x / sqrt(mean(x^2) + eps) * gain, all [n] */
void ref_rmsnorm(float *y, const float *x, const float *gain, uint32_t n, float eps);

/* Turns pair j (elements 2j and 2j+1, or j and j + n_rot/2) of every head by pos / factor_j *
 * base^(-2j/n_rot), and makes it longer by the magnitude, as the layer does it. */
void ref_rope(float *x, const struct ls_model *m, uint32_t layer, uint32_t heads, uint32_t pos);

/* A layer's key or value [kv_dim] of a sequence at position `pos` of its cache. */
float *ref_cache(const struct ls_reference *r, float *cache, uint32_t seq, uint32_t layer,
                 uint32_t pos);

/* r->mixed: query head h of r->q attends to positions 0..pos, in a local layer to the last of
 * them, of KV head h * kv_heads / heads. */
void ref_attention(struct ls_reference *r, uint32_t seq, uint32_t layer, uint32_t pos);

/* gate = silu(gate) * up, both [n] */
void ref_swiglu(float *gate, const float *up, uint32_t n);

/* x += d, both [n] */
void ref_add(float *x, const float *d, uint32_t n);

#define REFERENCE_FAMILY(name)                                                                     \
    void reference_##name(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token);
FAMILIES(REFERENCE_FAMILY)
#undef REFERENCE_FAMILY

#endif
