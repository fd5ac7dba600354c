/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model against the float reference on small random models of shapes
 * that the trained ones lack: heads of two blocks, the last one short, heads
 * wider than the stream, few rotated elements, linear rotary scaling, one K,V
 * head for all, pairs of halves, biases. Needs no files.
 */
#include <math.h>
#include <string.h>

#include "csrc/golden/golden.h"
#include "csrc/reference/reference.h"
#include "generated/device.h"
#include "golden_naive.h"
#include "tests/kit/host_test.h"

#define TOKENS 40u

struct shape {
    const char *name;
    uint32_t dim, hidden, layers, heads, kv_heads, head_dim, n_rot, vocab;
    float rope_base, rope_scale;
    bool halves, biases;
};

static const struct shape shapes[] = {
    {"short second block", 96, 80, 2, 4, 2, 48, 48, 100, 10000, 1, false, false},
    {"wide heads, partial rotation", 64, 33, 2, 3, 1, 80, 32, 64, 500000, 1, false, false},
    {"scaled rotation, one head", 40, 64, 3, 1, 1, 64, 64, 50, 10000, 4, false, false},
    {"partial rotation by halves, biases", 64, 33, 2, 3, 1, 80, 32, 64, 500000, 1, true, true},
    {"rotation by halves, scaled", 96, 80, 2, 4, 2, 48, 48, 100, 10000, 2, true, false},
};

struct random_model {
    struct ls_model model;
    struct ls_layer layer[4];
    struct gguf_tensor tensor[80];
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

static const struct gguf_tensor *make_role(struct random_model *r, enum role role) {
    const struct role_sizes sizes = ls_model_sizes(&r->model);
    const uint32_t cols = (uint32_t)role_columns(role, &sizes);
    const uint32_t rows = (uint32_t)role_rows(role, &sizes);
    return role_is_bias(role)     ? make_tensor(r, cols, rows, 0, 0.5f)
           : role_is_vector(role) ? make_tensor(r, cols, rows, 1, 0.5f)
                                  : make_tensor(r, cols, rows, 0, 3 / sqrtf((float)cols));
}

static void make_model(struct random_model *r, const struct shape *s) {
    *r = (struct random_model){.state = s->dim};
    r->model = (struct ls_model){.dim = s->dim, .hidden = s->hidden, .layers = s->layers};
    r->model.heads = s->heads;
    r->model.kv_heads = s->kv_heads;
    r->model.head_dim = s->head_dim;
    r->model.n_rot = s->n_rot;
    r->model.vocab = s->vocab;
    r->model.context_length = TOKENS;
    r->model.norm_eps = 1e-5f;
    r->model.rope_base = s->rope_base;
    r->model.rope_scale = s->rope_scale;
    r->model.rope_magnitude = 1;
    r->model.attn_scale = (float)(1 / sqrt((double)s->head_dim));
    r->model.family = family_at(FAMILY_llama);
    r->model.rope_halves = s->halves;
    r->model.roles = r->model.family->required | ROLE_BIT(ROLE_OUTPUT);
    if (s->biases)
        r->model.roles |= r->model.family->optional;
    r->model.layer = r->layer;
    for (enum role role = 0; role < ROLES; role++)
        for (uint32_t l = 0;
             (r->model.roles & ROLE_BIT(role)) != 0 && l < (role_is_of_layer(role) ? s->layers : 1);
             l++)
            *(role_is_of_layer(role) ? &r->layer[l].tensor[role] : &r->model.tensor[role]) =
                make_role(r, role);
}

/* A KV record holds the blocks of the rotated K, then those of V, as its header lays out. */
static void check_kv(struct host_test *t, const struct golden *golden, const struct ls_model *m) {
    size_t count;
    const struct golden_record *record = golden_records(golden, 0, &count);
    uint32_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (record[i].op != LOCKSTEP_OP_KV)
            continue;
        const uint32_t l = (uint32_t)record[i].layer;
        const uint32_t *source[] = {record[record[i].input[0]].words,
                                    record[record[i].input[1]].words};
        const uint32_t *word = record[i].words;
        found++;
        for (uint32_t n = 0; n < 2 * m->kv_heads; n++) {
            const uint32_t *x = source[n / m->kv_heads] + n % m->kv_heads * m->head_dim;
            for (uint32_t first = 0; first < m->head_dim; first += 32, word += 17) {
                struct golden_block block;
                uint32_t left = m->head_dim - first, wrong = 0;
                naive_block(x + first, left < 32 ? left : 32, 16, &block);
                for (unsigned k = 0; k < 32; k++)
                    wrong += (uint16_t)block.m[k] != (uint16_t)(word[k / 2] >> (k % 2 * 16));
                CHECK(t, wrong == 0 && word[16] == (uint32_t)block.shift,
                      "layer %u, head %u, element %u: %u mantissas differ", l, n, first, wrong);
            }
        }
        CHECK(t, word == record[i].words + record[i].count, "length of a KV record");
    }
    CHECK(t, found == m->layers, "%u KV records", found);
}

/* Runs both; the golden model may get another rotary width or order, as a planted fault. */
static struct ls_witness run(struct host_test *t, struct random_model *r, uint32_t golden_n_rot,
                             bool golden_halves) {
    struct ls_witness witness = {0};
    struct ls_reference *reference = NULL;
    struct golden *golden = NULL;
    struct ls_model other = r->model;
    struct ls_error err = {{0}};
    other.n_rot = golden_n_rot;
    other.rope_halves = golden_halves;
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
        struct ls_witness witness = run(&t, &r, r.model.n_rot, r.model.rope_halves);
        double kl = ls_witness_kl_mean(&witness);
        printf("%s: mean KL %.1e, largest logit error %.5f\n", shapes[i].name, kl,
               witness.max_abs_logit_error);
        CHECK(&t, witness.tokens == TOKENS && kl < 1e-6, "%s: mean KL %g", shapes[i].name, kl);

        witness = run(&t, &r, r.model.n_rot - 2, r.model.rope_halves);
        CHECK(&t, ls_witness_kl_mean(&witness) > 1e-6, "a fault went unseen");
        witness = run(&t, &r, r.model.n_rot, !r.model.rope_halves);
        CHECK(&t, ls_witness_kl_mean(&witness) > 1e-6, "another order of pairs went unseen");
        for (size_t n = 0; n < r.tensors; n++)
            free((void *)(uintptr_t)r.tensor[n].data);
    }
    return host_test_finish(&t);
}
