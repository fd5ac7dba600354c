/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Forward and backward pass of the trainer's network. The residual stream before each half of a
 * layer, the projections and the attention's log sums are kept for the way back; norms, attention
 * weights and activations are made again, because that is faster than fetching them.
 */
#include "train_net.h"

#include <stdlib.h>

#include "train_ops.h"

enum { LOGIT_ROWS = 256 }; /* tokens whose logits are alive at a time */

/* Kept for the way back, a layer. */
struct kept {
    real *x_attn;   /* [tokens][dim] residual stream before attention */
    real *inv_attn; /* [tokens] 1 / rms of it */
    real *q;        /* [tokens][dim] after rotation */
    real *k;        /* [tokens][kv_dim] after rotation */
    real *v;        /* [tokens][kv_dim] */
    real *o;        /* [tokens][dim] attention's output, heads side by side */
    real *log_sum;  /* [heads][tokens] log of the softmax's denominator */
    real *x_ffn;    /* [tokens][dim] residual stream before the feed-forward layer */
    real *inv_ffn;  /* [tokens] */
    real *gate;     /* [tokens][hidden] */
    real *up;       /* [tokens][hidden] */
};

struct net_work {
    struct net_shape shape;
    struct net_layout layout;
    uint32_t tokens; /* capacity */
    uint32_t head_dim, kv_dim;
    struct kept kept[NET_LAYERS_MAX];
    real *x;             /* [tokens][dim] residual stream after the last layer */
    real *inv;           /* [tokens] */
    real *norm;          /* [tokens][dim] a normalised stream */
    real *dx, *dn;       /* [tokens][dim] gradients */
    real *dq, *dk, *dv;  /* as q, k, v */
    real *act, *d_act;   /* [tokens][hidden] */
    real *scores, *ds;   /* [context][context] attention of one head of one sequence */
    real *logits;        /* [LOGIT_ROWS][vocab] */
    real *cosine, *sine; /* [context][head_dim / 2] */
    real *block;         /* all of the above, one allocation */
};

/* ------------------------------------------------------------------------------------------ */
/* Layout and memory. */

/* Hands out parts of the block; with base NULL it only measures. */
static real *take(struct net_work *w, size_t *used, size_t count) {
    real *p = w->block == NULL ? NULL : w->block + *used;
    *used += (count + LANES - 1) / LANES * LANES;
    return p;
}

static size_t lay_out_work(struct net_work *w) {
    const struct net_shape *s = &w->shape;
    size_t n = w->tokens, used = 0, dim = s->dim, kv = w->kv_dim, hidden = s->hidden;
    for (uint32_t l = 0; l < s->layers; l++) {
        struct kept *k = &w->kept[l];
        k->x_attn = take(w, &used, n * dim);
        k->inv_attn = take(w, &used, n);
        k->q = take(w, &used, n * dim);
        k->k = take(w, &used, n * kv);
        k->v = take(w, &used, n * kv);
        k->o = take(w, &used, n * dim);
        k->log_sum = take(w, &used, n * s->heads);
        k->x_ffn = take(w, &used, n * dim);
        k->inv_ffn = take(w, &used, n);
        k->gate = take(w, &used, n * hidden);
        k->up = take(w, &used, n * hidden);
    }
    w->x = take(w, &used, n * dim);
    w->inv = take(w, &used, n);
    w->norm = take(w, &used, n * dim);
    w->dx = take(w, &used, n * dim);
    w->dn = take(w, &used, n * dim);
    w->dq = take(w, &used, n * dim);
    w->dk = take(w, &used, n * kv);
    w->dv = take(w, &used, n * kv);
    w->act = take(w, &used, n * hidden);
    w->d_act = take(w, &used, n * hidden);
    w->scores = take(w, &used, (size_t)s->context * s->context);
    w->ds = take(w, &used, (size_t)s->context * s->context);
    w->logits = take(w, &used, (size_t)LOGIT_ROWS * s->vocab);
    w->cosine = take(w, &used, (size_t)s->context * w->head_dim / 2);
    w->sine = take(w, &used, (size_t)s->context * w->head_dim / 2);
    return used;
}

int net_open(const struct net_shape *shape, uint32_t tokens, struct net_work **work,
             struct ls_error *err) {
    struct net_work *w = calloc(1, sizeof *w);
    *work = NULL;
    if (w == NULL)
        return ls_error_set(err, "out of memory");
    if (net_layout_make(shape, &w->layout, err) != 0) {
        free(w);
        return -1;
    }
    w->shape = *shape;
    w->tokens = tokens;
    w->head_dim = shape->dim / shape->heads;
    w->kv_dim = w->head_dim * shape->kv_heads;
    size_t total = lay_out_work(w);
    w->block = aligned_alloc(64, (total * sizeof(real) + 63) / 64 * 64);
    if (w->block == NULL) {
        free(w);
        return ls_error_set(err, "out of memory: %zu bytes of activations", total * sizeof(real));
    }
    memset(w->block, 0, total * sizeof(real));
    lay_out_work(w);

    uint32_t half = w->head_dim / 2;
    for (uint32_t p = 0; p < shape->context; p++)
        for (uint32_t j = 0; j < half; j++) {
            double angle = p * pow(shape->rope_base, -2.0 * j / w->head_dim);
            w->cosine[p * half + j] = (real)cos(angle);
            w->sine[p * half + j] = (real)sin(angle);
        }
    *work = w;
    return 0;
}

void net_close(struct net_work *work) {
    if (work != NULL)
        free(work->block);
    free(work);
}

/* A role's tensor of layer `l` in a flat array. */
static real *layer_part(const struct net_work *w, real *flat, uint32_t l, enum role role) {
    return flat + w->layout.of_layer[l][role];
}

static const real *layer_weight(const struct net_work *w, const real *flat, uint32_t l,
                                enum role role) {
    return flat + w->layout.of_layer[l][role];
}

/* ------------------------------------------------------------------------------------------ */
/* Attention. */

static void rotate(const struct net_work *w, const struct net_batch *b, real *x, uint32_t heads,
                   real sign) {
    uint32_t half = w->head_dim / 2;
    for (uint32_t s = 0; s < b->sequences; s++)
        for (uint32_t t = b->starts[s]; t < b->starts[s + 1]; t++) {
            size_t row = (size_t)(t - b->starts[s]) * half;
            ops_rope(x + (size_t)t * heads * w->head_dim, w->cosine + row, w->sine + row, heads,
                     half, sign);
        }
}

/* scores[len][len] = a[len][head_dim] b[len][head_dim]^T, rows of a and b lda and ldb apart */
static void products(real *scores, const real *a, uint32_t lda, const real *b, uint32_t ldb,
                     uint32_t len, uint32_t head_dim) {
    OPS_GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, (int)len, (int)len, (int)head_dim, 1, a,
             (int)lda, b, (int)ldb, 0, scores, (int)len);
}

/* out[len][head_dim] = scale * m[len][len] (or its transpose) x[len][head_dim] + add * out */
static void mix(real *out, uint32_t ldo, const real *m, int transposed, const real *x, uint32_t ldx,
                uint32_t len, uint32_t head_dim, real scale, real add) {
    OPS_GEMM(CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, CblasNoTrans, (int)len,
             (int)head_dim, (int)len, scale, m, (int)len, x, (int)ldx, add, out, (int)ldo);
}

static void attention(struct net_work *w, struct kept *k, const struct net_batch *b) {
    uint32_t hd = w->head_dim, dim = w->shape.dim, kv = w->kv_dim;
    uint32_t group = w->shape.heads / w->shape.kv_heads;
    real scale = 1 / ops_sqrt((real)hd);
    for (uint32_t s = 0; s < b->sequences; s++) {
        size_t at = b->starts[s];
        uint32_t len = b->starts[s + 1] - b->starts[s];
        for (uint32_t h = 0; h < w->shape.heads; h++) {
            size_t q = at * dim + h * hd, c = at * kv + h / group * hd;
            real *log_sum = k->log_sum + (size_t)h * w->tokens + at;
            products(w->scores, k->q + q, dim, k->k + c, kv, len, hd);
            for (uint32_t t = 0; t < len; t++)
                log_sum[t] = ops_softmax(w->scores + (size_t)t * len, t + 1, len, scale);
            mix(k->o + q, dim, w->scores, 0, k->v + c, kv, len, hd, 1, 0);
        }
    }
}

/* From d_o in w->dn to w->dq, w->dk, w->dv. With P the weights and S the scores:
 * dV = P^T dO,  dS = P * (dO V^T - rowsum(dO * O)),  dQ = scale dS K,  dK = scale dS^T Q. */
static void attention_back(struct net_work *w, const struct kept *k, const struct net_batch *b) {
    uint32_t hd = w->head_dim, dim = w->shape.dim, kv = w->kv_dim;
    uint32_t group = w->shape.heads / w->shape.kv_heads;
    real scale = 1 / ops_sqrt((real)hd);
    for (uint32_t s = 0; s < b->sequences; s++) {
        size_t at = b->starts[s];
        uint32_t len = b->starts[s + 1] - b->starts[s];
        for (uint32_t h = 0; h < w->shape.heads; h++) {
            size_t q = at * dim + h * hd, c = at * kv + h / group * hd;
            real add = h % group == 0 ? 0 : 1; /* heads of a group share k and v */
            const real *log_sum = k->log_sum + (size_t)h * w->tokens + at;
            products(w->scores, k->q + q, dim, k->k + c, kv, len, hd);
            products(w->ds, w->dn + q, dim, k->v + c, kv, len, hd);
            for (uint32_t t = 0; t < len; t++) {
                real *p = w->scores + (size_t)t * len, *d = w->ds + (size_t)t * len;
                size_t row = q + (size_t)t * dim;
                real mean = ops_dot(w->dn + row, k->o + row, hd);
                for (uint32_t i = 0; i <= t; i++) {
                    p[i] = ops_exp(scale * p[i] - log_sum[t]);
                    d[i] = p[i] * (d[i] - mean);
                }
                for (uint32_t i = t + 1; i < len; i++)
                    p[i] = d[i] = 0;
            }
            mix(w->dv + c, kv, w->scores, 1, w->dn + q, dim, len, hd, 1, add);
            mix(w->dq + q, dim, w->ds, 0, k->k + c, kv, len, hd, scale, 0);
            mix(w->dk + c, kv, w->ds, 1, k->q + q, dim, len, hd, scale, add);
        }
    }
}

/* ------------------------------------------------------------------------------------------ */
/* The way forward. */

static void forward(struct net_work *w, const real *weights, const struct net_batch *b) {
    const struct net_shape *s = &w->shape;
    uint32_t n = b->tokens, dim = s->dim, kv = w->kv_dim, hidden = s->hidden;
    real *x = w->kept[0].x_attn;
    for (uint32_t t = 0; t < n; t++)
        memcpy(x + (size_t)t * dim, weights + (size_t)b->ids[t] * dim, dim * sizeof(real));

    for (uint32_t l = 0; l < s->layers; l++) {
        struct kept *k = &w->kept[l];
        real *next = l + 1 < s->layers ? w->kept[l + 1].x_attn : w->x;
#define WEIGHT(name) layer_weight(w, weights, l, ROLE_##name)
        ops_rmsnorm(w->norm, k->inv_attn, k->x_attn, WEIGHT(ATTN_NORM), n, dim, s->rms_eps);
        ops_linear(k->q, w->norm, WEIGHT(ATTN_Q), n, dim, dim, 0);
        ops_linear(k->k, w->norm, WEIGHT(ATTN_K), n, dim, kv, 0);
        ops_linear(k->v, w->norm, WEIGHT(ATTN_V), n, dim, kv, 0);
        rotate(w, b, k->q, s->heads, 1);
        rotate(w, b, k->k, s->kv_heads, 1);
        attention(w, k, b);
        memcpy(k->x_ffn, k->x_attn, (size_t)n * dim * sizeof(real));
        ops_linear(k->x_ffn, k->o, WEIGHT(ATTN_OUTPUT), n, dim, dim, 1);

        ops_rmsnorm(w->norm, k->inv_ffn, k->x_ffn, WEIGHT(FFN_NORM), n, dim, s->rms_eps);
        ops_linear(k->gate, w->norm, WEIGHT(FFN_GATE), n, dim, hidden, 0);
        ops_linear(k->up, w->norm, WEIGHT(FFN_UP), n, dim, hidden, 0);
        ops_swiglu(w->act, k->gate, k->up, (size_t)n * hidden);
        memcpy(next, k->x_ffn, (size_t)n * dim * sizeof(real));
        ops_linear(next, w->act, WEIGHT(FFN_DOWN), n, hidden, dim, 1);
#undef WEIGHT
    }
}

/* Logits, loss and, if asked, the gradient of the last norm's input in w->dx. */
static double output(struct net_work *w, const real *weights, const struct net_batch *b,
                     real *gradient, real scale) {
    uint32_t dim = w->shape.dim, vocab = w->shape.vocab;
    size_t norm_at = w->layout.tensor[w->layout.count - 1].offset;
    double nats = 0;
    ops_rmsnorm(w->norm, w->inv, w->x, weights + norm_at, b->tokens, dim, w->shape.rms_eps);
    for (uint32_t first = 0; first < b->tokens; first += LOGIT_ROWS) {
        uint32_t n = b->tokens - first < LOGIT_ROWS ? b->tokens - first : LOGIT_ROWS;
        real *norm = w->norm + (size_t)first * dim;
        ops_linear(w->logits, norm, weights, n, dim, vocab, 0);
        for (uint32_t t = 0; t < n; t++) {
            real *row = w->logits + (size_t)t * vocab;
            uint16_t target = b->targets[first + t];
            real logit = row[target];
            nats += (double)ops_softmax(row, vocab, vocab, 1) - (double)logit;
            if (gradient == NULL)
                continue;
            row[target] -= 1;
            for (uint32_t i = 0; i < vocab; i++)
                row[i] *= scale;
        }
        if (gradient != NULL)
            ops_linear_back(w->dn + (size_t)first * dim, gradient, w->logits, norm, weights, n, dim,
                            vocab, 0);
    }
    if (gradient != NULL) {
        memset(w->dx, 0, (size_t)b->tokens * dim * sizeof(real));
        ops_rmsnorm_back(w->dx, gradient + norm_at, w->dn, w->x, w->inv, weights + norm_at,
                         b->tokens, dim);
    }
    return nats;
}

/* ------------------------------------------------------------------------------------------ */
/* The way back: w->dx is the gradient of the residual stream. */

static void backward(struct net_work *w, const real *weights, const struct net_batch *b,
                     real *gradient) {
    const struct net_shape *s = &w->shape;
    uint32_t n = b->tokens, dim = s->dim, kv = w->kv_dim, hidden = s->hidden;
    for (uint32_t l = s->layers; l-- > 0;) {
        struct kept *k = &w->kept[l];
#define WEIGHT(name)   layer_weight(w, weights, l, ROLE_##name)
#define GRADIENT(name) layer_part(w, gradient, l, ROLE_##name)
        /* Feed-forward: d_act needs no x for its own gradient until act is made again. */
        OPS_GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)hidden, (int)dim, 1, w->dx,
                 (int)dim, WEIGHT(FFN_DOWN), (int)hidden, 0, w->d_act, (int)hidden);
        ops_swiglu_back(w->act, k->gate, k->up, w->d_act, (size_t)n * hidden);
        OPS_GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, (int)dim, (int)hidden, (int)n, 1, w->dx,
                 (int)dim, w->act, (int)hidden, 1, GRADIENT(FFN_DOWN), (int)hidden);
        ops_rmsnorm_again(w->norm, k->inv_ffn, k->x_ffn, WEIGHT(FFN_NORM), n, dim);
        ops_linear_back(w->dn, GRADIENT(FFN_GATE), k->gate, w->norm, WEIGHT(FFN_GATE), n, dim,
                        hidden, 0);
        ops_linear_back(w->dn, GRADIENT(FFN_UP), k->up, w->norm, WEIGHT(FFN_UP), n, dim, hidden, 1);
        ops_rmsnorm_back(w->dx, GRADIENT(FFN_NORM), w->dn, k->x_ffn, k->inv_ffn, WEIGHT(FFN_NORM),
                         n, dim);

        /* Attention. */
        ops_linear_back(w->dn, GRADIENT(ATTN_OUTPUT), w->dx, k->o, WEIGHT(ATTN_OUTPUT), n, dim, dim,
                        0);
        attention_back(w, k, b);
        rotate(w, b, w->dq, s->heads, -1);
        rotate(w, b, w->dk, s->kv_heads, -1);
        ops_rmsnorm_again(w->norm, k->inv_attn, k->x_attn, WEIGHT(ATTN_NORM), n, dim);
        ops_linear_back(w->dn, GRADIENT(ATTN_Q), w->dq, w->norm, WEIGHT(ATTN_Q), n, dim, dim, 0);
        ops_linear_back(w->dn, GRADIENT(ATTN_K), w->dk, w->norm, WEIGHT(ATTN_K), n, dim, kv, 1);
        ops_linear_back(w->dn, GRADIENT(ATTN_V), w->dv, w->norm, WEIGHT(ATTN_V), n, dim, kv, 1);
        ops_rmsnorm_back(w->dx, GRADIENT(ATTN_NORM), w->dn, k->x_attn, k->inv_attn,
                         WEIGHT(ATTN_NORM), n, dim);
#undef WEIGHT
#undef GRADIENT
    }
    for (uint32_t t = 0; t < n; t++) {
        real *row = gradient + (size_t)b->ids[t] * dim;
        for (uint32_t i = 0; i < dim; i++)
            row[i] += w->dx[(size_t)t * dim + i];
    }
}

double net_loss(struct net_work *work, const net_real *weights, const struct net_batch *batch,
                net_real *gradient, net_real scale) {
    forward(work, weights, batch);
    double nats = output(work, weights, batch, gradient, scale);
    if (gradient != NULL)
        backward(work, weights, batch, gradient);
    return nats;
}
