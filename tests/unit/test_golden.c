/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model on trained models: the text it writes, its distance from the
 * float reference, independence of slots and sequences, the errors it names, and
 * faults planted in the file, which must show in the records where they act.
 *
 *     build/.../test_golden [tokens a model, default 400]
 */
#include <string.h>

#include "csrc/base/device_info.h"
#include "csrc/golden/golden.h"
#include "csrc/reference/reference.h"
#include "csrc/tokenizer/tokenizer.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#define PROMPT  "Once upon a time"
#define CONTEXT 512u

static struct ls_model *open_model(const char *path) {
    struct ls_model *model;
    struct ls_error err;
    if (ls_model_open(path, &model, &err) != 0) {
        printf("FAIL golden: %s\n", err.text);
        exit(1);
    }
    return model;
}

static struct golden *open_golden(const struct ls_model *model, int bits, unsigned slots) {
    struct golden *golden;
    struct ls_error err;
    if (golden_open(model, bits, slots, slots, CONTEXT, &golden, &err) != 0) {
        printf("FAIL golden: %s\n", err.text);
        exit(1);
    }
    return golden;
}

static void run_token(struct host_test *t, struct golden *golden, unsigned slot, unsigned seq,
                      uint32_t pos, uint32_t token) {
    struct ls_error err = {{0}};
    int failed = golden_run(golden, slot, seq, pos, token, true, &err);
    CHECK(t, failed == 0, "%s", err.text);
    if (failed)
        exit(host_test_finish(t));
}

static uint32_t greedy(const struct golden *golden, const struct ls_model *model) {
    uint32_t id, value;
    golden_top_k(golden_logits(golden, 0), model->vocab, 1, &id, &value);
    return id;
}

/* ---- Text and distance from floating point ---- */

struct text_test {
    struct ls_model *model;
    struct golden *golden;
    struct ls_reference *reference;
    struct tokenizer *tokenizer;
    struct ls_witness witness;
};

/* Writes up to `tokens` tokens greedily after the prompt; the reference reads the same ones.
 * Puts the text after the prompt into text[size]. */
static void write_text(struct host_test *t, struct text_test *w, const char *prompt,
                       uint32_t tokens, char *text, size_t text_size) {
    struct ls_error err = {{0}};
    uint32_t *ids = NULL;
    size_t count = 0, used = 0, size;
    const char *bytes;
    int failed = tokenizer_encode(w->tokenizer, prompt, strlen(prompt), TOKENIZER_ADD_BOS, &ids,
                                  &count, &err);
    CHECK(t, failed == 0, "%s", err.text);
    if (failed)
        exit(host_test_finish(t));

    struct token_stream stream = token_stream_start();
    uint32_t token = ids[0];
    for (uint32_t pos = 0; pos < tokens; pos++) {
        run_token(t, w->golden, 0, 0, pos, token);
        const float *expected = ls_reference_step(w->reference, 0, pos, token, &err);
        float logits[4096];
        memcpy(logits, golden_logits(w->golden, 0), w->model->vocab * sizeof *logits);
        ls_witness_add(&w->witness, expected, logits, w->model->vocab);

        token_stream_put(w->tokenizer, &stream, token, &bytes, &size, &err);
        if (pos >= count && used + size < text_size) {
            memcpy(text + used, bytes, size);
            used += size;
        }
        token = pos + 1 < count ? ids[pos + 1] : greedy(w->golden, w->model);
    }
    text[used] = '\0';
    free(ids);
}

static void test_text(struct host_test *t, const char *file, int bits, const char *exact_text,
                      double kl_limit, uint32_t tokens) {
    static const char *const more[] = {"The dog was sad because", "Tom and Sue went to the big",
                                       "\"No!\" said the cat", "In a dark forest"};
    struct ls_error err = {{0}};
    struct text_test w = {.model = open_model(file)};
    char text[8192];
    w.golden = open_golden(w.model, bits, 1);
    CHECK(t, ls_reference_open(w.model, 1, CONTEXT, &w.reference, &err) == 0, "%s", err.text);
    CHECK(t, tokenizer_open(w.model->gguf, &w.tokenizer, &err) == 0, "%s", err.text);
    if (t->failures > 0)
        exit(host_test_finish(t));

    write_text(t, &w, PROMPT, tokens, text, sizeof text);
    CHECK(t, strlen(text) > 80, "a text of only %zu bytes", strlen(text));
    if (exact_text != NULL) {
        const size_t compare =
            strlen(text) < strlen(exact_text) ? strlen(text) : strlen(exact_text);
        CHECK(t, strncmp(text, exact_text, compare) == 0, "text: %.160s", text);
    }
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        write_text(t, &w, more[i], tokens, text, sizeof text);

    double kl = ls_witness_kl_mean(&w.witness), top1 = ls_witness_top1_agreement(&w.witness);
    printf("%s, %d-bit inputs: %llu tokens, mean KL %.1e, largest %.1e, top-1 %.2f %%, largest "
           "logit error %.4f\n",
           file, bits, (unsigned long long)w.witness.tokens, kl, w.witness.kl_max, 100 * top1,
           w.witness.max_abs_logit_error);
    CHECK(t, kl < kl_limit, "mean KL %g", kl);
    CHECK(t, bits < 16 || top1 >= 0.998, "top-1 agreement %g", top1);

    /* Planted: the witness must see one logit that is off. */
    struct ls_witness planted = {0};
    float off[4096];
    const float *last = ls_reference_step(w.reference, 0, 0, 1, &err);
    memcpy(off, last, w.model->vocab * sizeof *off);
    off[0] += 20.0f;
    CHECK(t, ls_witness_add(&planted, last, off, w.model->vocab) > kl_limit, "a fault went unseen");

    tokenizer_close(w.tokenizer);
    ls_reference_close(w.reference);
    golden_close(w.golden);
    ls_model_close(w.model);
}

/* ---- Records ---- */

/* The order of ops is promised; counts follow from the model's shape. */
static void test_record_order(struct host_test *t, const struct ls_model *m) {
    static const uint32_t layer_ops[] = {
        LOCKSTEP_OP_NORM,   LOCKSTEP_OP_MATVEC, LOCKSTEP_OP_MATVEC, LOCKSTEP_OP_MATVEC,
        LOCKSTEP_OP_ROPE,   LOCKSTEP_OP_ROPE,   LOCKSTEP_OP_KV,     LOCKSTEP_OP_ATTEND,
        LOCKSTEP_OP_MATVEC, LOCKSTEP_OP_ADD,    LOCKSTEP_OP_NORM,   LOCKSTEP_OP_MATVEC,
        LOCKSTEP_OP_MATVEC, LOCKSTEP_OP_SWIGLU, LOCKSTEP_OP_MATVEC, LOCKSTEP_OP_ADD};
    enum { NONE = 99 };
    static const int inputs[16][2] = {
        /* records, counted from the layer's first */
        {-1, NONE}, {0, NONE}, {0, NONE}, {0, NONE},  {1, NONE},  {2, NONE}, {5, 3},     {4, NONE},
        {7, NONE},  {-1, 8},   {9, NONE}, {10, NONE}, {10, NONE}, {11, 12},  {13, NONE}, {9, 14}};
    const uint32_t q = m->heads * m->head_dim, kv = m->kv_heads * m->head_dim;
    const uint32_t kv_words = 2 * m->kv_heads * ((m->head_dim + 31) / 32) * GOLDEN_KV_BLOCK_WORDS;
    const size_t counts[] = {m->dim,    q,         kv,     kv,     q,      kv,
                             kv_words,  q,         m->dim, m->dim, m->dim, m->hidden,
                             m->hidden, m->hidden, m->dim, m->dim};
    struct golden *golden = open_golden(m, 16, 1);
    size_t count;
    run_token(t, golden, 0, 0, 0, 1);
    const struct golden_record *r = golden_records(golden, 0, &count);
    CHECK(t, count == 16 * m->layers + 3u, "%zu records", count);
    CHECK(t, r[0].op == LOCKSTEP_OP_EMBED && r[0].layer == -1 && r[0].count == m->dim, "embedding");
    for (uint32_t l = 0; l < m->layers; l++)
        for (size_t i = 0; i < 16; i++) {
            const struct golden_record *at = &r[1 + 16 * l + i];
            CHECK(t, at->op == layer_ops[i] && at->layer == (int)l && at->count == counts[i],
                  "layer %u, op %zu: %s %s of %zu words", l, i, op_info[at->op].name, at->tensor,
                  at->count);
            for (int k = 0; k < 2; k++) {
                const size_t none = inputs[i][k] == NONE ? GOLDEN_NO_RECORD : 0;
                const size_t input = none != 0 ? none : (size_t)(16 * (int)l + 1 + inputs[i][k]);
                CHECK(t, at->input[k] == input, "layer %u, op %zu: input %d is record %zu", l, i, k,
                      at->input[k]);
            }
            CHECK(t,
                  at->unit == op_info[at->op].unit &&
                      at->kind == (i == 6 ? GOLDEN_BLOCKS : GOLDEN_BINARY32) &&
                      (at->weights != NULL) == in_mask(LOCKSTEP_OPS_TENSOR, at->op),
                  "layer %u, op %zu: unit, kind or weights", l, i);
        }
    CHECK(t, strcmp(r[1 + 16 * 2 + 1].tensor, "blk.2.attn_q.weight") == 0, "%s", r[34].tensor);
    CHECK(t, r[count - 2].op == LOCKSTEP_OP_NORM && r[count - 1].op == LOCKSTEP_OP_LOGITS,
          "the end");
    CHECK(t, r[count - 1].count == m->vocab && r[count - 1].layer == -1, "logits");

    struct ls_error err;
    CHECK(t, golden_run(golden, 0, 0, 1, 2, false, &err) == 0, "%s", err.text);
    golden_records(golden, 0, &count);
    CHECK(t, count == 16 * m->layers + 1u, "%zu records without logits", count);
    CHECK(t, golden_logits(golden, 0) == NULL, "logits where there should be none");
    golden_close(golden);
}

/* Index of the first record that differs, or -1. */
static long first_difference(const struct golden *a, unsigned a_slot, const struct golden *b,
                             unsigned b_slot) {
    size_t a_count, b_count;
    const struct golden_record *x = golden_records(a, a_slot, &a_count);
    const struct golden_record *y = golden_records(b, b_slot, &b_count);
    for (size_t i = 0; i < a_count && i < b_count; i++)
        if (x[i].count != y[i].count ||
            memcmp(x[i].words, y[i].words, x[i].count * sizeof *x[i].words) != 0)
            return (long)i;
    return a_count == b_count ? -1 : (long)(a_count < b_count ? a_count : b_count);
}

/* Interleaved sequences in any slots, and going back, give the same words. */
static void test_slots(struct host_test *t, const struct ls_model *model) {
    static const uint32_t first[] = {1, 403, 407, 261, 378, 432},
                          second[] = {1, 298, 315, 421, 7, 9};
    struct golden *alone = open_golden(model, 16, 1), *both = open_golden(model, 16, 2);
    struct golden *other = open_golden(model, 16, 1);
    for (uint32_t pos = 0; pos < 6; pos++) {
        unsigned slot = pos & 1;
        run_token(t, alone, 0, 0, pos, first[pos]);
        run_token(t, other, 0, 0, pos, second[pos]);
        run_token(t, both, slot, 0, pos, first[pos]);
        run_token(t, both, 1 - slot, 1, pos, second[pos]);
        CHECK(t, first_difference(alone, 0, both, slot) == -1, "sequence 0, position %u", pos);
        CHECK(t, first_difference(other, 0, both, 1 - slot) == -1, "sequence 1, position %u", pos);
        /* Planted: the other sequence's records must differ from the start or soon after. */
        CHECK(t, pos == 0 || first_difference(alone, 0, other, 0) == 0, "a fault went unseen");
    }
    run_token(t, both, 0, 0, 3, 99);
    for (uint32_t pos = 3; pos < 6; pos++)
        run_token(t, both, 0, 0, pos, first[pos]);
    CHECK(t, first_difference(alone, 0, both, 0) == -1, "after going back");

    struct ls_error err;
    CHECK(t, golden_run(both, 0, 0, 7, 1, false, &err) != 0, "a gap in the positions");
    CHECK(t, golden_run(both, 2, 0, 6, 1, false, &err) != 0, "a slot that is not there");
    CHECK(t, golden_run(both, 0, 2, 6, 1, false, &err) != 0, "a sequence that is not there");
    CHECK(t, golden_run(both, 0, 0, 6, model->vocab, false, &err) != 0, "no such token");
    golden_close(alone);
    golden_close(both);
    golden_close(other);
}

/* ---- Planted faults ---- */

struct altered {
    char *bytes;            /* a copy of the file */
    struct ls_model *model; /* on the copy */
};

static struct altered alter(const char *file) {
    struct altered a;
    struct ls_error err;
    struct gguf *gguf;
    size_t size;
    a.bytes = host_read(file, &size);
    if (gguf_open_memory(file, a.bytes, size, &gguf, &err) != 0 ||
        ls_model_from_gguf(gguf, &a.model, &err) != 0) {
        printf("FAIL golden: %s\n", err.text);
        exit(1);
    }
    return a;
}

static char *bytes_of(const struct altered *a, const struct gguf_tensor *tensor) {
    return a->bytes + tensor->offset;
}

static void altered_close(struct altered *a) {
    ls_model_close(a->model);
    free(a->bytes);
}

/* One bit of one weight, flipped, must show first in the op that reads the weight. */
static void test_flipped_bit(struct host_test *t, const char *file) {
    struct ls_model *model = open_model(file);
    struct altered a = alter(file);
    const struct ls_layer *w = &a.model->layer[2];
    const struct {
        const struct gguf_tensor *tensor;
        size_t record;
    } spots[] = {
        {w->tensor[ROLE_ATTN_NORM], 33}, {w->tensor[ROLE_ATTN_Q], 34},
        {w->tensor[ROLE_ATTN_V], 36},    {w->tensor[ROLE_ATTN_OUTPUT], 41},
        {w->tensor[ROLE_FFN_NORM], 43},  {w->tensor[ROLE_FFN_GATE], 44},
        {w->tensor[ROLE_FFN_DOWN], 47},  {a.model->tensor[ROLE_OUTPUT], 16 * a.model->layers + 2u}};
    struct golden *good = open_golden(model, 16, 1);
    run_token(t, good, 0, 0, 0, 1);
    for (size_t i = 0; i < sizeof spots / sizeof *spots; i++) {
        if (a.model->tied && spots[i].tensor == a.model->tensor[ROLE_OUTPUT])
            continue;
        char *byte = bytes_of(&a, spots[i].tensor) + 3; /* within the first block's weights */
        *byte ^= 0x10;
        struct golden *bad = open_golden(a.model, 16, 1);
        run_token(t, bad, 0, 0, 0, 1);
        long at = first_difference(good, 0, bad, 0);
        CHECK(t, at == (long)spots[i].record, "%s, spot %zu: first difference in record %ld", file,
              i, at);
        golden_close(bad);
        *byte ^= 0x10;
    }
    golden_close(good);
    altered_close(&a);
    ls_model_close(model);
}

/* Runs token 1 on an altered file; the error must name the place. */
static void expect_fault(struct host_test *t, const struct altered *a, enum golden_fault fault,
                         const char *where, size_t words) {
    struct golden *golden = open_golden(a->model, 16, 1);
    struct ls_error err = {{0}};
    size_t count;
    CHECK(t, golden_run(golden, 0, 0, 0, 1, true, &err) != 0, "no error for %s", where);
    CHECK(t, golden_slot_stop(golden, 0)->fault == fault, "%s", err.text);
    CHECK(t, strstr(err.text, where) != NULL, "'%s' does not say '%s'", err.text, where);
    const struct golden_record *records = golden_records(golden, 0, &count);
    CHECK(t, count > 0 && records[count - 1].count == words, "%s: other words", where);
    CHECK(t, golden_logits(golden, 0) == NULL, "logits after an error");
    golden_close(golden);
}

static void test_faults(struct host_test *t) {
    /* binary16 scale +infinity of row 5 */
    struct altered a = alter(HOST_MODEL("Q8_0"));
    const size_t dim = a.model->dim;
    char *row =
        bytes_of(&a, a.model->layer[1].tensor[ROLE_ATTN_K]) + 5 * (dim / 32 * LOCKSTEP_BYTES_Q8_0);
    memcpy(row, "\x00\x7c", 2);
    expect_fault(t, &a, GOLDEN_FAULT_NONFINITE,
                 "position 0, layer 1, MATVEC blk.1.attn_k.weight, element 5: NONFINITE", 5);
    altered_close(&a);

    /* F32: 2^18 and NaN as weights, NaN as gain */
    const uint32_t big = 0x48800000u, nan = 0x7fc00000u, huge = 0x7f7fffffu;
    a = alter(HOST_MODEL("F32"));
    memcpy(bytes_of(&a, a.model->layer[0].tensor[ROLE_FFN_UP]) + 4 * (7 * dim + dim - 1), &big, 4);
    expect_fault(t, &a, GOLDEN_FAULT_RANGE, "layer 0, MATVEC blk.0.ffn_up.weight, element 7: RANGE",
                 7);
    memcpy(bytes_of(&a, a.model->layer[0].tensor[ROLE_FFN_GATE]) + 4 * (3 * dim + 1), &nan, 4);
    expect_fault(t, &a, GOLDEN_FAULT_NONFINITE,
                 "layer 0, MATVEC blk.0.ffn_gate.weight, element 3: NONFINITE", 3);
    memcpy(bytes_of(&a, a.model->layer[0].tensor[ROLE_ATTN_NORM]) + 4 * 9, &nan, 4);
    expect_fault(t, &a, GOLDEN_FAULT_NONFINITE,
                 "layer 0, NORM blk.0.attn_norm.weight, element 9: NONFINITE", 9);
    /* A large gain: the norm's result makes no block, which fails before the first row. */
    const uint32_t large = 0x4e800000u; /* 2^30 */
    memcpy(bytes_of(&a, a.model->layer[0].tensor[ROLE_ATTN_NORM]) + 4 * 9, &large, 4);
    expect_fault(t, &a, GOLDEN_FAULT_RANGE, "layer 0, MATVEC blk.0.attn_q.weight, element 0: RANGE",
                 0);
    /* A gain near the largest number: the block of the product is out of range. */
    memcpy(bytes_of(&a, a.model->layer[0].tensor[ROLE_ATTN_NORM]) + 4 * 9, &huge, 4);
    struct golden *golden = open_golden(a.model, 16, 1);
    struct ls_error err;
    CHECK(t, golden_run(golden, 0, 0, 0, 1, true, &err) != 0, "no error for a huge gain");
    enum golden_fault fault = golden_slot_stop(golden, 0)->fault;
    CHECK(t, fault == GOLDEN_FAULT_RANGE || fault == GOLDEN_FAULT_OVERFLOW, "%s", err.text);
    golden_close(golden);
    /* Token 1's embedding row: out of range in the first norm, whose input it is. */
    memcpy(bytes_of(&a, a.model->tensor[ROLE_TOKEN_EMBD]) + 4 * dim, &big, 4);
    expect_fault(t, &a, GOLDEN_FAULT_RANGE,
                 "layer 0, NORM blk.0.attn_norm.weight, element 0: RANGE", 0);
    memcpy(bytes_of(&a, a.model->tensor[ROLE_TOKEN_EMBD]) + 4 * (dim + 2), &nan, 4);
    expect_fault(t, &a, GOLDEN_FAULT_NONFINITE, "EMBED token_embd.weight, element 2: NONFINITE", 2);
    altered_close(&a);
}

/* ---- Choosing tokens ---- */

static void test_top_k(struct host_test *t) {
    enum { N = 200, K = 17 };
    uint64_t random = 1;
    uint32_t logits[N], ids[N], values[N];
    for (unsigned round = 0; round < 200; round++) {
        for (unsigned i = 0; i < N; i++) {
            const uint32_t state = (uint32_t)random_64(&random);
            /* few different values, both zeros among them */
            logits[i] = (state >> 31) << 31 | (state >> 28 & 3) << 24;
        }
        golden_top_k(logits, N, K, ids, values);
        for (unsigned k = 0; k < K; k++) {
            unsigned before = 0; /* how many logits are better than this one */
            for (unsigned i = 0; i < N; i++) {
                int order = golden_compare(logits[i], logits[ids[k]]);
                before += order > 0 || (order == 0 && i < ids[k]);
            }
            CHECK(t, before == k && values[k] == logits[ids[k]], "place %u has id %u", k, ids[k]);
        }
    }
}

int main(int argc, char **argv) {
    static const char *const theirs[] = {"models/stories260K.gguf", "models/stories260K-F16.gguf",
                                         "models/stories260K-Q8_0.gguf"};
    struct host_test t = {"golden", 0, 0};
    uint32_t tokens = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 400;
    test_top_k(&t);
    struct ls_model *model = open_model(HOST_MODEL("Q8_0"));
    test_record_order(&t, model);
    test_slots(&t, model);
    ls_model_close(model);

    test_flipped_bit(&t, HOST_MODEL("F32"));
    test_flipped_bit(&t, HOST_MODEL("Q8_0"));
    test_flipped_bit(&t, HOST_MADE("Q4_0")); /* whose output matrix is its own */
    test_faults(&t);

    tokens = tokens < 64 ? 64 : tokens > CONTEXT ? CONTEXT : tokens;
    test_text(&t, HOST_MODEL("F32"), 16, HOST_STORY, 1e-6, tokens);
    test_text(&t, HOST_MODEL("F16"), 16, HOST_STORY, 1e-6, tokens);
    test_text(&t, HOST_MODEL("Q8_0"), 16, HOST_STORY, 1e-6, tokens);
    test_text(&t, HOST_MODEL("Q4_0"), 16, NULL, 1e-6, tokens);
    test_text(&t, HOST_MODEL("Q8_0"), 12, NULL, 1e-4, 128);
    test_text(&t, HOST_MODEL("Q8_0"), 8, NULL, 1e-2, 128);
    if (host_shared_has(&t, "texts of llama.cpp", "models/stories260K.gguf"))
        for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
            test_text(&t, host_shared(theirs[i]).text, 16, HOST_SHARED_STORY, 1e-6, 128);
    return host_test_finish(&t);
}
