/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The float reference's arithmetic, on OpenBLAS.
 */
#include "reference_ops.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

void ref_embed(struct ls_reference *r, uint32_t token) {
    const size_t dim = r->model->dim;
    memcpy(r->x, r->tensor[ROLE_TOKEN_EMBD] + token * dim, dim * sizeof *r->x);
}

void ref_matvec(float *y, const float *w, const float *x, uint32_t rows, uint32_t columns) {
    cblas_sgemv(CblasRowMajor, CblasNoTrans, (blasint)rows, (blasint)columns, 1.0f, w,
                (blasint)columns, x, 1, 0.0f, y, 1);
}

void ref_linear(float *y, float *const w[ROLES], enum role weights, enum role bias, const float *x,
                uint32_t rows, uint32_t columns) {
    ref_matvec(y, w[weights], x, rows, columns);
    if (w[bias] != NULL)
        ref_add(y, w[bias], rows);
}

void ref_rmsnorm(float *y, const float *x, const float *gain, uint32_t n, float eps) {
    float square = 0.0f;
    for (uint32_t i = 0; i < n; i++)
        square += x[i] * x[i];
    float scale = 1.0f / sqrtf(square / (float)n + eps);
    for (uint32_t i = 0; i < n; i++)
        y[i] = x[i] * scale * gain[i];
}

static bool is_local(const struct ls_model *m, uint32_t layer) {
    return m->local_period != 0 && layer % m->local_period < m->local_count;
}

void ref_rope(float *x, const struct ls_model *m, uint32_t layer, uint32_t heads, uint32_t pos) {
    const bool local = m->local_rope_base != 0 && is_local(m, layer);
    const double base = (double)(local ? m->local_rope_base : m->rope_base);
    const double magnitude = local ? 1 : (double)m->rope_magnitude;
    for (uint32_t j = 0; j < m->n_rot / 2; j++) {
        double factor = (double)(m->rope_factors != NULL ? m->rope_factors[j] : m->rope_scale);
        double exponent = -2.0 * (double)j / (double)m->n_rot;
        double angle = (double)pos / (local ? 1 : factor) * pow(base, exponent);
        float c = (float)(magnitude * cos(angle)), s = (float)(magnitude * sin(angle));
        for (uint32_t h = 0; h < heads; h++) {
            float *head = x + (size_t)h * m->head_dim;
            float *first = head + (m->rope_halves ? j : 2 * j);
            float *second = m->rope_halves ? first + m->n_rot / 2 : first + 1;
            float a = *first, b = *second;
            *first = a * c - b * s;
            *second = a * s + b * c;
        }
    }
}

void ref_softmax(float *x, uint32_t n) {
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

float *ref_cache(const struct ls_reference *r, float *cache, uint32_t seq, uint32_t layer,
                 uint32_t pos) {
    const struct ls_model *m = r->model;
    const size_t row = ((size_t)seq * m->layers + layer) * r->context + pos;
    return cache + row * m->kv_heads * m->head_dim;
}

void ref_attention(struct ls_reference *r, uint32_t seq, uint32_t layer, uint32_t pos) {
    const struct ls_model *m = r->model;
    const bool windowed = is_local(m, layer) && m->local_window != 0 && pos >= m->local_window;
    const uint32_t first = windowed ? pos + 1 - m->local_window : 0, count = pos + 1 - first;
    const float *k_cache = ref_cache(r, r->k_cache, seq, layer, first);
    const float *v_cache = ref_cache(r, r->v_cache, seq, layer, first);
    uint32_t head_dim = m->head_dim, kv_dim = m->kv_heads * head_dim;
    for (uint32_t h = 0; h < m->heads; h++) {
        size_t kv_head = (size_t)(h / (m->heads / m->kv_heads)) * head_dim;
        const float *keys = k_cache + kv_head, *values = v_cache + kv_head;
        const float *q = r->q + (size_t)h * head_dim;
        float *mixed = r->mixed + (size_t)h * head_dim;
        cblas_sgemv(CblasRowMajor, CblasNoTrans, (blasint)count, (blasint)head_dim, m->attn_scale,
                    keys, (blasint)kv_dim, q, 1, 0.0f, r->scores, 1);
        if (m->attn_cap != 0)
            for (uint32_t i = 0; i < count; i++)
                r->scores[i] = m->attn_cap * tanhf(r->scores[i] / m->attn_cap);
        ref_softmax(r->scores, count);
        cblas_sgemv(CblasRowMajor, CblasTrans, (blasint)count, (blasint)head_dim, 1.0f, values,
                    (blasint)kv_dim, r->scores, 1, 0.0f, mixed, 1);
    }
}

void ref_layernorm(float *y, const float *x, const float *gain, const float *bias, uint32_t n,
                   float eps) {
    float sum = 0.0f, square = 0.0f;
    for (uint32_t i = 0; i < n; i++)
        sum += x[i];
    const float mean = sum / (float)n;
    for (uint32_t i = 0; i < n; i++)
        square += (x[i] - mean) * (x[i] - mean);
    const float scale = 1.0f / sqrtf(square / (float)n + eps);
    for (uint32_t i = 0; i < n; i++)
        y[i] = (x[i] - mean) * scale * gain[i] + (bias != NULL ? bias[i] : 0.0f);
}

static float gelu(float x) {
    const float root = 0.7978845608f; /* sqrt(2 / pi) */
    return 0.5f * x * (1.0f + tanhf(root * (x + 0.044715f * x * x * x)));
}

void ref_geglu(float *gate, const float *up, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        gate[i] = gelu(gate[i]) * up[i];
}

void ref_gelu(float *x, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        x[i] = gelu(x[i]);
}

void ref_scale(float *x, float factor, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        x[i] *= factor;
}

void ref_swiglu(float *gate, const float *up, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        gate[i] = gate[i] / (1.0f + expf(-gate[i])) * up[i];
}

void ref_add(float *x, const float *d, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        x[i] += d[i];
}
