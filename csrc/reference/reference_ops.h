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
    float *gate, *up;           /* [hidden], of an expert or of the shared one */
    float *routed, *share;      /* [experts] what the router says, and weights made of it */
    float *expert;              /* [dim] what an expert gives */
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

/* x = exp(x) / sum(exp(x)), [n] */
void ref_softmax(float *x, uint32_t n);

/* y = (x - mean(x)) / sqrt(variance(x) + eps) * gain + bias, all [n]; bias may be NULL, y be x */
void ref_layernorm(float *y, const float *x, const float *gain, const float *bias, uint32_t n,
                   float eps);

/* gate = silu(gate) * up; with gelu, in the form with tanh; x = gelu(x); all [n] */
void ref_swiglu(float *gate, const float *up, uint32_t n);
void ref_geglu(float *gate, const float *up, uint32_t n);
void ref_gelu(float *x, uint32_t n);

/* x += d, both [n] */
void ref_add(float *x, const float *d, uint32_t n);

/* x *= factor, [n] */
void ref_scale(float *x, float factor, uint32_t n);

/* ---- parts that several families have, in reference_parts.c ---- */

/* What differs beyond the model's tensors and numbers. */
struct ref_style {
    bool layer_norm;          /* norms are LayerNorm */
    enum head_norm head_norm; /* what those of q and k are of */
    bool gelu;                /* of the gate or, without one, of the layer; else SiLU */
};

/* r->x = embedding of the token, scaled, and of the position if those are learned */
void ref_begin(struct ls_reference *r, uint32_t pos, uint32_t token);

/* y [dim] = norm of r->x */
void ref_norm(struct ls_reference *r, const struct ref_style *s, float *const w[ROLES],
              enum role gain, enum role bias, float *y);

/* r->branch [dim] = attention on x [dim], with the norm behind it and the scale of branches */
void ref_attend(struct ls_reference *r, const struct ref_style *s, uint32_t seq, uint32_t layer,
                uint32_t pos, const float *x);

/* r->branch [dim] = feed-forward, or experts, on x [dim], with the same */
void ref_feed_forward(struct ls_reference *r, const struct ref_style *s, uint32_t layer,
                      const float *x);

/* r->logits of r->x */
void ref_finish(struct ls_reference *r, const struct ref_style *s);

/* All of it, branch after branch: x + attention(norm x), then x + feed-forward(norm x). */
void ref_sequence(struct ls_reference *r, const struct ref_style *s, uint32_t seq, uint32_t pos,
                  uint32_t token);

/* All of it, branch beside branch: x + attention(norm x) + feed-forward(norm x), by the norm of its
 * own where the feed-forward layer has one. */
void ref_parallel(struct ls_reference *r, const struct ref_style *s, uint32_t seq, uint32_t pos,
                  uint32_t token);

#define REFERENCE_FAMILY(name)                                                                     \
    void reference_##name(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token);
FAMILIES(REFERENCE_FAMILY)
#undef REFERENCE_FAMILY

#endif
