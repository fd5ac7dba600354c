/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What each rounding of docs/numerics.md costs: llama's forward pass in binary64, in which they are
 * made one at a time, and all at once, which comes as near to it as the golden model does, and with
 * matrix inputs of 12 bits does not. Printed is the mean KL from the pass without any, over what
 * the golden model tells greedily.
 */
#include <math.h>
#include <string.h>

#include "csrc/gguf/dequant.h"
#include "csrc/golden/golden.h"
#include "csrc/reference/reference.h"
#include "tests/kit/host_test.h"

enum {
    MATRIX = 1, /* inputs of matrices, blocks of ACT_BITS */
    QUERY = 2,  /* queries, K and V, blocks of 16 bits */
    KEY = 4,
    VALUE = 8,
    SOFTMAX = 16, /* attention weights, to 2^-16 */
    NORM = 32,    /* what norms square, blocks of 16 bits */
    SINGLE = 64,  /* every result, to binary32 */
    ALL = 127
};
static const char *const names[] = {"matrix inputs",     "queries",     "K",       "V",
                                    "attention weights", "norm inputs", "binary32"};
enum { NAMES = sizeof names / sizeof *names, CONTEXT = 52, WIDEST = 1024, BLOCK = 32 };

struct net {
    const struct ls_model *model;
    unsigned rounded; /* which roundings are made */
    int act_bits;
    double *tensor[ROLES];   /* weights, exactly */
    double *(*layer)[ROLES]; /* [layers] */
    double *k, *v;           /* [layers][CONTEXT][kv_heads][head_dim] */
};

static double to_single(const struct net *n, double x) {
    return (n->rounded & SINGLE) != 0 ? (double)(float)x : x;
}

/* Section 2, where `rounding` is made. */
static void to_blocks(const struct net *n, unsigned rounding, double *x, size_t count) {
    const int bits = rounding == MATRIX ? n->act_bits : 16;
    const double most = ldexp(1, bits - 1) - 1;
    for (size_t b = 0; (n->rounded & rounding) != 0 && b < count; b += BLOCK) {
        const size_t end = b + BLOCK < count ? b + BLOCK : count;
        double largest = 0;
        for (size_t i = b; i < end; i++)
            largest = fmax(largest, fabs(x[i]));
        const int shift = largest == 0 ? 0 : ilogb(largest) + 14;
        const double unit = ldexp(1, (shift > 0 ? shift : 0) - 12 - bits);
        for (size_t i = b; i < end; i++)
            x[i] = fmax(-most, fmin(most, nearbyint(x[i] / unit))) * unit;
    }
}

static void *allocate(size_t count, size_t size) {
    void *p = calloc(count, size);
    if (p == NULL)
        exit(1);
    return p;
}

static void read_tensors(const struct gguf_tensor *const *from, double **to) {
    for (int role = 0; role < ROLES; role++)
        if (from[role] != NULL) {
            const uint64_t count = from[role]->ne[0] * from[role]->ne[1];
            to[role] = allocate(count, sizeof **to);
            dequant_exact(from[role]->type, from[role]->data, to[role], count);
        }
}

static void free_tensors(double **tensors) {
    for (int role = 0; role < ROLES; role++)
        free(tensors[role]);
}

/* y = W x */
static void multiply(const struct net *n, const double *w, const double *x, size_t columns,
                     size_t rows, double *y) {
    double in[WIDEST];
    memcpy(in, x, columns * sizeof *in);
    to_blocks(n, MATRIX, in, columns);
    for (size_t r = 0; r < rows; r++) {
        double sum = 0;
        for (size_t i = 0; i < columns; i++)
            sum += w[r * columns + i] * in[i];
        y[r] = to_single(n, sum);
    }
}

static void norm(const struct net *n, const double *gain, const double *x, double *y) {
    const size_t dim = n->model->dim;
    double in[WIDEST], sum = 0;
    memcpy(in, x, dim * sizeof *in);
    to_blocks(n, NORM, in, dim);
    for (size_t i = 0; i < dim; i++)
        sum += in[i] * in[i];
    const double r = to_single(n, 1 / sqrt(sum / (double)dim + (double)n->model->norm_eps));
    for (size_t i = 0; i < dim; i++)
        y[i] = to_single(n, to_single(n, x[i] * r) * gain[i]);
}

static void rotate(const struct net *n, double *x, uint32_t heads, uint32_t pos) {
    const struct ls_model *m = n->model;
    for (uint32_t h = 0; h < heads; h++, x += m->head_dim)
        for (uint32_t j = 0; j < m->n_rot / 2; j++) {
            const double turn = pos * pow((double)m->rope_base, -2.0 * j / m->n_rot);
            const double c = to_single(n, cos(turn)), s = to_single(n, sin(turn));
            const double u = x[2 * j], v = x[2 * j + 1];
            x[2 * j] = to_single(n, to_single(n, u * c) - to_single(n, v * s));
            x[2 * j + 1] = to_single(n, to_single(n, u * s) + to_single(n, v * c));
        }
}

/* One head on `count` positions of K and V, which lie `stride` apart. */
static void attend(const struct net *n, double *q, const double *k, const double *v, size_t stride,
                   uint32_t count, double *y) {
    const size_t size = n->model->head_dim;
    double weight[CONTEXT], best = -INFINITY, total = 0;
    to_blocks(n, QUERY, q, size);
    for (uint32_t j = 0; j < count; j++) {
        double sum = 0;
        for (size_t i = 0; i < size; i++)
            sum += q[i] * k[j * stride + i];
        weight[j] = to_single(n, to_single(n, sum) * (double)n->model->attn_scale);
        best = fmax(best, weight[j]);
    }
    for (uint32_t j = 0; j < count; j++) {
        weight[j] = to_single(n, exp(to_single(n, weight[j] - best)));
        if ((n->rounded & SOFTMAX) != 0)
            weight[j] = nearbyint(weight[j] * 65536) / 65536;
        total += weight[j];
    }
    for (size_t i = 0; i < size; i++) {
        double sum = 0;
        for (uint32_t j = 0; j < count; j++)
            sum += weight[j] * v[j * stride + i];
        y[i] = to_single(n, to_single(n, sum) * to_single(n, 1 / to_single(n, total)));
    }
}

static void step(struct net *n, uint32_t pos, uint32_t token, double *logits) {
    const struct ls_model *m = n->model;
    const size_t dim = m->dim, q_n = (size_t)m->heads * m->head_dim, size = m->head_dim;
    const size_t kv_n = (size_t)m->kv_heads * size;
    double x[WIDEST], h[WIDEST], q[WIDEST], a[WIDEST], gate[WIDEST], up[WIDEST];
    memcpy(x, n->tensor[ROLE_TOKEN_EMBD] + token * dim, dim * sizeof *x);
    for (uint32_t l = 0; l < m->layers; l++) {
        double *const *const w = n->layer[l];
        double *const k = n->k + ((size_t)l * CONTEXT + pos) * kv_n;
        double *const v = n->v + ((size_t)l * CONTEXT + pos) * kv_n;
        norm(n, w[ROLE_ATTN_NORM], x, h);
        multiply(n, w[ROLE_ATTN_Q], h, dim, q_n, q);
        multiply(n, w[ROLE_ATTN_K], h, dim, kv_n, k);
        multiply(n, w[ROLE_ATTN_V], h, dim, kv_n, v);
        rotate(n, q, m->heads, pos);
        rotate(n, k, m->kv_heads, pos);
        for (uint32_t i = 0; i < m->kv_heads; i++) {
            to_blocks(n, KEY, k + i * size, size);
            to_blocks(n, VALUE, v + i * size, size);
        }
        for (uint32_t i = 0; i < m->heads; i++) {
            const size_t at = (size_t)l * CONTEXT * kv_n + i * m->kv_heads / m->heads * size;
            attend(n, q + i * size, n->k + at, n->v + at, kv_n, pos + 1, a + i * size);
        }
        multiply(n, w[ROLE_ATTN_OUTPUT], a, q_n, dim, h);
        for (size_t i = 0; i < dim; i++)
            x[i] = to_single(n, x[i] + h[i]);
        norm(n, w[ROLE_FFN_NORM], x, h);
        multiply(n, w[ROLE_FFN_GATE], h, dim, m->hidden, gate);
        multiply(n, w[ROLE_FFN_UP], h, dim, m->hidden, up);
        for (size_t i = 0; i < m->hidden; i++) {
            const double sigmoid = to_single(n, 1 / to_single(n, 1 + to_single(n, exp(-gate[i]))));
            gate[i] = to_single(n, to_single(n, gate[i] * sigmoid) * up[i]);
        }
        multiply(n, w[ROLE_FFN_DOWN], gate, m->hidden, dim, h);
        for (size_t i = 0; i < dim; i++)
            x[i] = to_single(n, x[i] + h[i]);
    }
    norm(n, n->tensor[ROLE_OUTPUT_NORM], x, h);
    multiply(n, n->tensor[ROLE_OUTPUT], h, dim, m->vocab, logits);
}

/* The logits of all tokens, [CONTEXT][vocab], with these roundings. */
static void run(struct net *n, unsigned rounded, const uint32_t *ids, float *logits) {
    const uint32_t vocab = n->model->vocab;
    double *row = allocate(vocab, sizeof *row);
    n->rounded = rounded;
    for (uint32_t pos = 0; pos < CONTEXT; pos++, logits += vocab) {
        step(n, pos, ids[pos], row);
        for (uint32_t i = 0; i < vocab; i++)
            logits[i] = (float)row[i];
    }
    free(row);
}

static double mean_kl(const float *from, const float *to, uint32_t vocab) {
    struct ls_witness w = {0};
    for (size_t pos = 0; pos < CONTEXT; pos++)
        ls_witness_add(&w, from + pos * vocab, to + pos * vocab, vocab);
    return ls_witness_kl_mean(&w);
}

/* The golden model's logits behind `begin` and what it goes on with, whose ids it leaves in ids. */
static void tell(struct host_test *t, const struct ls_model *m, const uint32_t *begin,
                 uint32_t *ids, float *logits) {
    struct golden *golden;
    struct ls_error err = {""};
    uint32_t best = 0, value;
    CHECK(t, golden_open(m, 16, 1, 1, CONTEXT, &golden, &err) == 0, "%s", err.text);
    for (uint32_t pos = 0; t->failures == 0 && pos < CONTEXT; pos++, logits += m->vocab) {
        ids[pos] = pos < 5 ? begin[pos] : best;
        CHECK(t, golden_run(golden, 0, 0, pos, ids[pos], true, &err) == 0, "%s", err.text);
        memcpy(logits, golden_logits(golden, 0), m->vocab * sizeof *logits);
        golden_top_k(golden_logits(golden, 0), m->vocab, 1, &best, &value);
    }
    golden_close(golden);
}

static void study(struct host_test *t, const char *path, const uint32_t *begin) {
    struct net n = {.act_bits = 16};
    struct ls_model *m;
    struct ls_error err = {""};
    uint32_t ids[CONTEXT];
    if (ls_model_open(path, &m, &err) != 0) {
        CHECK(t, false, "%s", err.text);
        return;
    }
    const size_t kv = (size_t)m->layers * CONTEXT * m->kv_heads * m->head_dim;
    float *golden = allocate((size_t)CONTEXT * m->vocab, sizeof *golden);
    float *exact = allocate((size_t)CONTEXT * m->vocab, sizeof *exact);
    float *rounded = allocate((size_t)CONTEXT * m->vocab, sizeof *rounded);
    n.model = m;
    n.k = allocate(kv, sizeof *n.k);
    n.v = allocate(kv, sizeof *n.v);
    n.layer = allocate(m->layers, sizeof *n.layer);
    read_tensors(m->tensor, n.tensor);
    for (uint32_t l = 0; l < m->layers; l++)
        read_tensors(m->layer[l].tensor, n.layer[l]);

    tell(t, m, begin, ids, golden);
    run(&n, 0, ids, exact);
    run(&n, ALL, ids, rounded);
    const double all = mean_kl(exact, rounded, m->vocab), its = mean_kl(exact, golden, m->vocab);
    printf("| %s | %.1e | %.1e |", strrchr(path, '/') + 1, its, all);
    CHECK(t, its > 0.25 * all && its < 4 * all, "%s: golden model %g, all roundings %g", path, its,
          all);
    for (unsigned i = 0; i < NAMES; i++) {
        run(&n, 1u << i, ids, rounded);
        const double kl = mean_kl(exact, rounded, m->vocab);
        printf(" %.1e |", kl);
        CHECK(t, kl > 0 && kl < 2 * all, "%s: %s alone %g", path, names[i], kl);
    }
    putchar('\n');
    n.act_bits = 12;
    run(&n, ALL, ids, rounded);
    CHECK(t, mean_kl(exact, rounded, m->vocab) > 4 * its, "%s: 12 bits go unseen", path);
    for (uint32_t l = 0; l < m->layers; l++)
        free_tensors(n.layer[l]);
    free_tensors(n.tensor);
    free(n.layer);
    free(n.k);
    free(n.v);
    free(golden);
    free(exact);
    free(rounded);
    ls_model_close(m);
}

int main(void) {
    static const char *const files[] = {"", "-pad256-Q4_K_M", "-pad256-Q2_K"};
    struct host_test t = {"roundings", 0, 0};
    printf("| file | golden model | all |");
    for (unsigned i = 0; i < NAMES; i++)
        printf(" %s |", names[i]);
    puts("\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    study(&t, HOST_MODEL("Q8_0"), (const uint32_t[]){1, 471, 472, 261, 393});
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char file[80];
        snprintf(file, sizeof file, "models/stories260K%s.gguf", files[i]);
        if (host_shared_has(&t, "models of others", file))
            study(&t, host_shared(file).text, (const uint32_t[]){1, 403, 407, 261, 378});
    }
    return host_test_finish(&t);
}
