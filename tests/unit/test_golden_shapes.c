/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model against the float reference on small random models of shapes
 * that the trained ones lack: heads of two blocks, the last one short, by an
 * element only, heads wider than the stream, few rotated elements, linear rotary scaling, one K,V
 * head for all, pairs of halves, biases. Needs no files.
 */
#include "golden_naive.h"
#include "golden_random_model.h"
#include "tests/kit/blocks.h"
#include <math.h>

struct shape {
    const char *name;
    struct ls_model sizes;
    bool biases;
};

static const struct shape shapes[] = {
    {"short second block",
     {.dim = 96,
      .hidden = 80,
      .layers = 2,
      .heads = 4,
      .kv_heads = 2,
      .head_dim = 48,
      .n_rot = 48,
      .vocab = 100,
      .rope_base = 10000},
     false},
    {"wide heads, partial rotation",
     {.dim = 64,
      .hidden = 33,
      .layers = 2,
      .heads = 3,
      .kv_heads = 1,
      .head_dim = 80,
      .n_rot = 32,
      .vocab = 64,
      .rope_base = 500000},
     false},
    {"scaled rotation, one head",
     {.dim = 40,
      .hidden = 64,
      .layers = 3,
      .heads = 1,
      .kv_heads = 1,
      .head_dim = 64,
      .n_rot = 64,
      .vocab = 50,
      .rope_base = 10000,
      .rope_scale = 4},
     false},
    {"partial rotation by halves, biases",
     {.dim = 64,
      .hidden = 33,
      .layers = 2,
      .heads = 3,
      .kv_heads = 1,
      .head_dim = 80,
      .n_rot = 32,
      .vocab = 64,
      .rope_base = 500000,
      .rope_halves = true},
     true},
    {"rotation by halves, scaled",
     {.dim = 96,
      .hidden = 80,
      .layers = 2,
      .heads = 4,
      .kv_heads = 2,
      .head_dim = 48,
      .n_rot = 48,
      .vocab = 100,
      .rope_base = 10000,
      .rope_scale = 2,
      .rope_halves = true},
     false},
    {"an element more than blocks have",
     {.dim = 97,
      .hidden = 65,
      .layers = 2,
      .heads = 2,
      .kv_heads = 1,
      .head_dim = 33,
      .n_rot = 24,
      .vocab = 33,
      .rope_base = 10000},
     false},
};

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

int main(void) {
    struct host_test t = {"golden_shapes", 0, 0};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        static struct random_model r;
        const uint64_t optional = shapes[i].biases ? family_at(FAMILY_llama)->optional : 0;
        random_model_make(&r, &shapes[i].sizes, FAMILY_llama, optional, GGML_TYPE_F32);
        struct ls_witness witness = random_model_run(&t, &r.model, &r.model, check_kv);
        double kl = ls_witness_kl_mean(&witness);
        printf("%s: mean KL %.1e, largest logit error %.5f\n", shapes[i].name, kl,
               witness.max_abs_logit_error);
        CHECK(&t, witness.tokens == RANDOM_MODEL_TOKENS && kl < 1e-6, "%s: mean KL %g",
              shapes[i].name, kl);

        struct ls_model other = r.model;
        other.n_rot -= 2;
        witness = random_model_run(&t, &r.model, &other, NULL);
        CHECK(&t, ls_witness_kl_mean(&witness) > 1e-6, "a fault went unseen");
        other = r.model;
        other.rope_halves = !other.rope_halves;
        witness = random_model_run(&t, &r.model, &other, NULL);
        CHECK(&t, ls_witness_kl_mean(&witness) > 1e-6, "another order of pairs went unseen");
        random_model_free(&r);
    }
    return host_test_finish(&t);
}
