/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model against the float reference on small random models of shapes
 * that the trained ones lack: heads of two blocks, the last one short, heads
 * wider than the stream, few rotated elements, linear rotary scaling, one K,V
 * head for all. Needs no files.
 */
#include <string.h>

#include "csrc/golden/golden.h"
#include "csrc/reference/reference.h"
#include "golden_naive.h"
#include "tests/kit/host_test.h"

#define TOKENS 40u

struct shape {
    const char *name;
    uint32_t dim, hidden, layers, heads, kv_heads, head_dim, n_rot, vocab;
    float rope_base, rope_scale;
};

static const struct shape shapes[] = {
    {"short second block", 96, 80, 2, 4, 2, 48, 48, 100, 10000, 1},
    {"wide heads, partial rotation", 64, 33, 2, 3, 1, 80, 32, 64, 500000, 1},
    {"scaled rotation, one head", 40, 64, 3, 1, 1, 64, 64, 50, 10000, 4},
};

struct random_model {
    struct ls_model model;
    struct ls_layer layer[4];
    struct gguf_tensor tensor[64];
    size_t tensors;
    uint64_t state;
};

/* F32 values, even over -limit..limit around `center`. */
static const struct gguf_tensor *make_tensor(struct random_model *r, uint32_t cols, uint32_t rows,
                                             float center, float limit) {
    struct gguf_tensor *tensor = &r->tensor[r->tensors++];
    size_t count = (size_t)cols * rows;
    float *data = malloc(count * sizeof *data);
    if (data == NULL)
        exit(1);
    for (size_t i = 0; i < count; i++)
        data[i] = center + limit * ((float)(random_64(&r->state) >> 40) * 0x1p-23f - 1);
    *tensor = (struct gguf_tensor){.name = {"", 0},
                                   .type = GGML_TYPE_F32,
                                   .n_dims = rows > 1 ? 2 : 1,
                                   .ne = {cols, rows, 1, 1},
                                   .size = count * sizeof *data,
                                   .data = (const uint8_t *)data};
    return tensor;
}

static const struct gguf_tensor *make_matrix(struct random_model *r, uint32_t cols, uint32_t rows) {
    return make_tensor(r, cols, rows, 0, 3 / sqrtf((float)cols));
}

static void make_model(struct random_model *r, const struct shape *s) {
    const uint32_t q = s->heads * s->head_dim, kv = s->kv_heads * s->head_dim;
    *r = (struct random_model){.state = s->dim};
    r->model = (struct ls_model){.dim = s->dim, .hidden = s->hidden, .layers = s->layers};
    r->model.heads = s->heads;
    r->model.kv_heads = s->kv_heads;
    r->model.head_dim = s->head_dim;
    r->model.n_rot = s->n_rot;
    r->model.vocab = s->vocab;
    r->model.context_length = TOKENS;
    r->model.rms_eps = 1e-5f;
    r->model.rope_base = s->rope_base;
    r->model.rope_scale = s->rope_scale;
    r->model.token_embd = make_matrix(r, s->dim, s->vocab);
    r->model.output = make_matrix(r, s->dim, s->vocab);
    r->model.output_norm = make_tensor(r, s->dim, 1, 1, 0.5f);
    r->model.layer = r->layer;
    for (uint32_t l = 0; l < s->layers; l++) {
        struct ls_layer *w = &r->layer[l];
        w->attn_norm = make_tensor(r, s->dim, 1, 1, 0.5f);
        w->attn_q = make_matrix(r, s->dim, q);
        w->attn_k = make_matrix(r, s->dim, kv);
        w->attn_v = make_matrix(r, s->dim, kv);
        w->attn_output = make_matrix(r, q, s->dim);
        w->ffn_norm = make_tensor(r, s->dim, 1, 1, 0.5f);
        w->ffn_gate = make_matrix(r, s->dim, s->hidden);
        w->ffn_up = make_matrix(r, s->dim, s->hidden);
        w->ffn_down = make_matrix(r, s->hidden, s->dim);
    }
}

/* A KV record holds the blocks of the rotated K, then those of V, as its header lays out. */
static void check_kv(struct host_test *t, const struct golden *golden, const struct ls_model *m) {
    size_t count;
    const struct golden_record *record = golden_records(golden, 0, &count);
    for (uint32_t l = 0; l < m->layers; l++) {
        const struct golden_record *of_layer = &record[1 + 16 * l];
        const uint32_t *source[] = {of_layer[5].words, of_layer[3].words};
        const uint32_t *word = of_layer[6].words;
        for (uint32_t n = 0; n < 2 * m->kv_heads; n++) {
            const uint32_t *x = source[n / m->kv_heads] + n % m->kv_heads * m->head_dim;
            for (uint32_t first = 0; first < m->head_dim; first += 32, word += 17) {
                struct golden_block block;
                uint32_t left = m->head_dim - first, wrong = 0;
                naive_block(x + first, left < 32 ? left : 32, 16, &block);
                for (unsigned i = 0; i < 32; i++)
                    wrong += (uint16_t)block.m[i] != (uint16_t)(word[i / 2] >> (i % 2 * 16));
                CHECK(t, wrong == 0 && word[16] == (uint32_t)block.shift,
                      "layer %u, head %u, element %u: %u mantissas differ", l, n, first, wrong);
            }
        }
        CHECK(t, word == of_layer[6].words + of_layer[6].count, "length of a KV record");
    }
}

/* Runs both; the golden model may get another rotary width, as a planted fault. */
static struct ls_witness run(struct host_test *t, struct random_model *r, uint32_t golden_n_rot) {
    struct ls_witness witness = {0};
    struct ls_reference *reference = NULL;
    struct golden *golden = NULL;
    struct ls_model other = r->model;
    struct ls_error err = {{0}};
    other.n_rot = golden_n_rot;
    CHECK(t, ls_reference_open(&r->model, 1, TOKENS, &reference, &err) == 0, "%s", err.text);
    CHECK(t, golden_open(&other, 16, 1, 1, TOKENS, &golden, &err) == 0, "%s", err.text);
    for (uint32_t pos = 0; t->failures == 0 && pos < TOKENS; pos++) {
        uint32_t token = pos * 7 % r->model.vocab;
        const float *expected = ls_reference_step(reference, 0, pos, token, &err);
        CHECK(t, golden_run(golden, 0, 0, pos, token, true, &err) == 0, "%s", err.text);
        float logits[128];
        if (t->failures > 0 || expected == NULL)
            break;
        memcpy(logits, golden_logits(golden, 0), r->model.vocab * sizeof *logits);
        ls_witness_add(&witness, expected, logits, r->model.vocab);
        check_kv(t, golden, &r->model);
    }
    ls_reference_close(reference);
    golden_close(golden);
    return witness;
}

int main(void) {
    struct host_test t = {"golden_shapes", 0, 0};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        static struct random_model r;
        make_model(&r, &shapes[i]);
        struct ls_witness witness = run(&t, &r, r.model.n_rot);
        double kl = ls_witness_kl_mean(&witness);
        printf("%s: mean KL %.1e, largest logit error %.5f\n", shapes[i].name, kl,
               witness.max_abs_logit_error);
        CHECK(&t, witness.tokens == TOKENS && kl < 1e-6, "%s: mean KL %g", shapes[i].name, kl);

        witness = run(&t, &r, r.model.n_rot - 2);
        CHECK(&t, ls_witness_kl_mean(&witness) > 1e-6, "a fault went unseen");
        for (size_t n = 0; n < r.tensors; n++)
            free((void *)(uintptr_t)r.tensor[n].data);
    }
    return host_test_finish(&t);
}
