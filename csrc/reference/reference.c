/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Llama in binary32 (Touvron et al., 2023): RMSNorm, rotary embedding of
 * adjacent pairs, grouped-query attention, SwiGLU. forward() reads top to
 * bottom; everything else is memory.
 */
#include "reference.h"

#include <cblas.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/gguf/dequant.h"

struct weights {
    float *attn_norm;          /* [dim] */
    float *q, *k, *v, *output; /* as in struct ls_layer, row after row */
    float *ffn_norm;           /* [dim] */
    float *gate, *up, *down;
};

struct ls_reference {
    const struct ls_model *model;
    uint32_t sequences, context;
    float *token_embd;          /* [vocab][dim] */
    float *output_norm;         /* [dim] */
    float *output;              /* [vocab][dim]; token_embd if tied */
    struct weights *layer;      /* [layers] */
    float *k_cache, *v_cache;   /* [sequences][layers][context][kv_dim] */
    float *x, *normed, *branch; /* [dim] stream, its norm, what is added to it */
    float *q, *mixed;           /* [q_dim] queries, attention output */
    float *scores;              /* [context] */
    float *gate, *up;           /* [hidden] */
    float *logits;              /* [vocab] */
};

/* y [rows] = w [rows][columns] * x [columns] */
static void matvec(float *y, const float *w, const float *x, uint32_t rows, uint32_t columns) {
    cblas_sgemv(CblasRowMajor, CblasNoTrans, (blasint)rows, (blasint)columns, 1.0f, w,
                (blasint)columns, x, 1, 0.0f, y, 1);
}

/* y = x / sqrt(mean(x^2) + eps) * gain, all [n] */
static void rmsnorm(float *y, const float *x, const float *gain, uint32_t n, float eps) {
    float square = 0.0f;
    for (uint32_t i = 0; i < n; i++)
        square += x[i] * x[i];
    float scale = 1.0f / sqrtf(square / (float)n + eps);
    for (uint32_t i = 0; i < n; i++)
        y[i] = x[i] * scale * gain[i];
}

/* Turns pair j (elements 2j, 2j+1) of every head by pos / scale * base^(-2j/n_rot). */
static void rope(float *x, const struct ls_model *m, uint32_t heads, uint32_t pos) {
    for (uint32_t j = 0; j < m->n_rot / 2; j++) {
        double exponent = -2.0 * (double)j / (double)m->n_rot;
        double angle = (double)pos / (double)m->rope_scale * pow((double)m->rope_base, exponent);
        float c = (float)cos(angle), s = (float)sin(angle);
        for (uint32_t h = 0; h < heads; h++) {
            float *pair = x + (size_t)h * m->head_dim + 2 * j;
            float a = pair[0], b = pair[1];
            pair[0] = a * c - b * s;
            pair[1] = a * s + b * c;
        }
    }
}

static void softmax(float *x, uint32_t n) {
    float largest = x[0], sum = 0.0f;
    for (uint32_t i = 1; i < n; i++)
        largest = fmaxf(largest, x[i]);
    for (uint32_t i = 0; i < n; i++) {
        x[i] = expf(x[i] - largest);
        sum += x[i];
    }
    for (uint32_t i = 0; i < n; i++)
        x[i] /= sum;
}

/* Query head h attends to positions 0..pos of KV head h * kv_heads / heads. */
static void attention(struct ls_reference *r, const float *k_cache, const float *v_cache,
                      uint32_t pos) {
    const struct ls_model *m = r->model;
    uint32_t head_dim = m->head_dim, kv_dim = m->kv_heads * head_dim;
    float scale = 1.0f / sqrtf((float)head_dim);
    for (uint32_t h = 0; h < m->heads; h++) {
        size_t kv_head = (size_t)(h / (m->heads / m->kv_heads)) * head_dim;
        const float *keys = k_cache + kv_head, *values = v_cache + kv_head;
        const float *q = r->q + (size_t)h * head_dim;
        float *mixed = r->mixed + (size_t)h * head_dim;
        cblas_sgemv(CblasRowMajor, CblasNoTrans, (blasint)(pos + 1), (blasint)head_dim, scale, keys,
                    (blasint)kv_dim, q, 1, 0.0f, r->scores, 1);
        softmax(r->scores, pos + 1);
        cblas_sgemv(CblasRowMajor, CblasTrans, (blasint)(pos + 1), (blasint)head_dim, 1.0f, values,
                    (blasint)kv_dim, r->scores, 1, 0.0f, mixed, 1);
    }
}

/* x += d, both [n] */
static void add(float *x, const float *d, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        x[i] += d[i];
}

static void forward(struct ls_reference *r, uint32_t seq, uint32_t pos, uint32_t token) {
    const struct ls_model *m = r->model;
    uint32_t dim = m->dim, hidden = m->hidden;
    uint32_t q_dim = m->heads * m->head_dim, kv_dim = m->kv_heads * m->head_dim;

    memcpy(r->x, r->token_embd + (size_t)token * dim, dim * sizeof *r->x);

    for (uint32_t l = 0; l < m->layers; l++) {
        const struct weights *w = &r->layer[l];
        size_t cache = ((size_t)seq * m->layers + l) * r->context * kv_dim;
        float *k = r->k_cache + cache + (size_t)pos * kv_dim;
        float *v = r->v_cache + cache + (size_t)pos * kv_dim;

        /* queries [heads][head_dim]; key and value [kv_heads][head_dim] go to the cache */
        rmsnorm(r->normed, r->x, w->attn_norm, dim, m->rms_eps);
        matvec(r->q, w->q, r->normed, q_dim, dim);
        matvec(k, w->k, r->normed, kv_dim, dim);
        matvec(v, w->v, r->normed, kv_dim, dim);
        rope(r->q, m, m->heads, pos);
        rope(k, m, m->kv_heads, pos);

        /* attention, back to [dim], residual */
        attention(r, r->k_cache + cache, r->v_cache + cache, pos);
        matvec(r->branch, w->output, r->mixed, dim, q_dim);
        add(r->x, r->branch, dim);

        /* feed forward: down(silu(gate) * up), residual */
        rmsnorm(r->normed, r->x, w->ffn_norm, dim, m->rms_eps);
        matvec(r->gate, w->gate, r->normed, hidden, dim);
        matvec(r->up, w->up, r->normed, hidden, dim);
        for (uint32_t i = 0; i < hidden; i++)
            r->gate[i] = r->gate[i] / (1.0f + expf(-r->gate[i])) * r->up[i];
        matvec(r->branch, w->down, r->gate, dim, hidden);
        add(r->x, r->branch, dim);
    }

    rmsnorm(r->normed, r->x, r->output_norm, dim, m->rms_eps);
    matvec(r->logits, r->output, r->normed, m->vocab, dim);
}

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
    forward(reference, seq, pos, token);
    return reference->logits;
}

/* ---- memory ---- */

/* A tensor's values in binary32; NULL if out of memory. */
static float *load_tensor(const struct gguf_tensor *t) {
    uint64_t count = t->ne[0] * t->ne[1];
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

static int load_layer(struct weights *w, const struct ls_layer *l) {
    const struct {
        float **to;
        const struct gguf_tensor *from;
    } all[] = {
        {&w->attn_norm, l->attn_norm},
        {&w->q, l->attn_q},
        {&w->k, l->attn_k},
        {&w->v, l->attn_v},
        {&w->output, l->attn_output},
        {&w->ffn_norm, l->ffn_norm},
        {&w->gate, l->ffn_gate},
        {&w->up, l->ffn_up},
        {&w->down, l->ffn_down},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if ((*all[i].to = load_tensor(all[i].from)) == NULL)
            return -1;
    return 0;
}

static int load_weights(struct ls_reference *r) {
    const struct ls_model *m = r->model;
    r->token_embd = load_tensor(m->token_embd);
    r->output_norm = load_tensor(m->output_norm);
    r->output = m->tied ? r->token_embd : load_tensor(m->output);
    r->layer = calloc(m->layers, sizeof *r->layer);
    if (r->token_embd == NULL || r->output_norm == NULL || r->output == NULL || r->layer == NULL)
        return -1;
    for (uint32_t l = 0; l < m->layers; l++)
        if (load_layer(&r->layer[l], &m->layer[l]) != 0)
            return -1;
    return 0;
}

static int make_room(struct ls_reference *r) {
    const struct ls_model *m = r->model;
    size_t q_dim = (size_t)m->heads * m->head_dim, kv_dim = (size_t)m->kv_heads * m->head_dim;
    size_t rows, cache;
    if (__builtin_mul_overflow((size_t)r->sequences * m->layers, (size_t)r->context, &rows) ||
        __builtin_mul_overflow(rows, kv_dim, &cache))
        return -1;
    const struct {
        float **to;
        size_t count;
    } all[] = {
        {&r->k_cache, cache}, {&r->v_cache, cache},     {&r->x, m->dim},
        {&r->normed, m->dim}, {&r->branch, m->dim},     {&r->q, q_dim},
        {&r->mixed, q_dim},   {&r->scores, r->context}, {&r->gate, m->hidden},
        {&r->up, m->hidden},  {&r->logits, m->vocab},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if ((*all[i].to = calloc(all[i].count, sizeof(float))) == NULL)
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
    for (uint32_t l = 0; r->layer != NULL && l < r->model->layers; l++) {
        struct weights *w = &r->layer[l];
        float *all[] = {w->attn_norm, w->q,    w->k,  w->v,   w->output,
                        w->ffn_norm,  w->gate, w->up, w->down};
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
            free(all[i]);
    }
    if (r->output != r->token_embd)
        free(r->output);
    float *all[] = {r->token_embd, r->output_norm, r->k_cache, r->v_cache, r->x,
                    r->normed,     r->branch,      r->q,       r->mixed,   r->scores,
                    r->gate,       r->up,          r->logits};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
    free(r->layer);
    free(r);
}
