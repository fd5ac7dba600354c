/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model's front: which models and settings it opens, to the last number that
 * docs/numerics.md allows; which tokens it refuses, and in what words; tokens run together; what
 * another thread may read meanwhile. Nothing is left of it in memory.
 */
#include "csrc/golden/golden_choose.h"
#include "csrc/golden/golden_kv.h"
#include "golden_random_model.h"
#include "tests/kit/blocks.h"

#define CONTEXT 12u

static const struct ls_model shape = {.dim = 64,
                                      .hidden = 48,
                                      .layers = 2,
                                      .heads = 4,
                                      .kv_heads = 2,
                                      .head_dim = 16,
                                      .n_rot = 8,
                                      .vocab = 96,
                                      .rope_base = 10000,
                                      .rope_halves = true};

static struct golden *open_golden(struct host_test *t, const struct ls_model *m, unsigned slots,
                                  uint32_t context) {
    struct golden *golden = NULL;
    struct ls_error err = {{0}};
    CHECK(t, golden_open(m, 16, slots, 2, context, &golden, &err) == 0, "%s", err.text);
    if (golden == NULL)
        exit(host_test_finish(t));
    return golden;
}

/* ---- What opens ---- */

/* Whether it opens; if not, the reason must say `says`. */
static bool opens(struct host_test *t, const struct ls_model *m, const char *says) {
    struct golden *golden = (struct golden *)(uintptr_t)m; /* anything but NULL */
    struct ls_error err = {{0}};
    const int status = golden_open(m, 16, 1, 1, CONTEXT, &golden, &err);
    CHECK(t, (status == 0) == (golden != NULL), "status %d", status);
    CHECK(t, status == 0 || (status == -1 && strstr(err.text, says) != NULL), "'%s', not '%s'",
          err.text, says);
    golden_close(golden);
    return status == 0;
}

/* Each number of the model at the ends of its range, and just beyond them. */
static void test_numbers(struct host_test *t, const struct ls_model *of) {
    static struct ls_model m;
    const struct {
        float *field, good[3], bad[4];
        size_t bads;
        const char *says;
    } numbers[] = {
        {&m.rope_base, {1, 10000, 0x1p127f}, {0x1.fffffep-1f, 0, -1, 0x1p-127f}, 4, "rotary base"},
        {&m.local_rope_base, {1, 10000, 0}, {0x1.fffffep-1f, -1, 0x1p-127f}, 3, "rotary base"},
        {&m.rope_scale, {0x1p-16f, 1, 0x1p127f}, {0x1.fffffep-17f, 0, -1}, 3, "scaling factor"},
        {&m.rope_magnitude, {0x1p-126f, 1, 2}, {0x1.000002p+1f, 0, -1, 0x1p-127f}, 4, "magnitude"},
        {&m.norm_eps, {0, 1e-5f, 0x1p-127f}, {-1e-5f, -0.0f}, 2, "epsilon"},
        {&m.attn_cap, {0, 50, 1}, {-50, 0x1p-127f}, 2, "cap of scores"},
    };
    const float never[] = {INFINITY, -INFINITY, NAN, -NAN};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const char *says = numbers[i].says;
        m = *of;
        for (size_t k = 0; k < 3; k++) {
            *numbers[i].field = numbers[i].good[k];
            CHECK(t, opens(t, &m, says), "%s: %a is refused", says, (double)numbers[i].good[k]);
        }
        for (size_t k = 0; k < numbers[i].bads + sizeof never / sizeof *never; k++) {
            *numbers[i].field =
                k < numbers[i].bads ? numbers[i].bad[k] : never[k - numbers[i].bads];
            CHECK(t, !opens(t, &m, says), "%s: %a is taken", says, (double)*numbers[i].field);
        }
    }
}

/* A factor for each pair, and none beyond; there is no scale beside them. */
static void test_factors(struct host_test *t, const struct ls_model *of) {
    float factors[5] = {1, 2, 0x1p-16f, 4, NAN};
    struct ls_model m = *of;
    m.rope_factors = factors;
    m.rope_scale = NAN;
    CHECK(t, opens(t, &m, ""), "factors");
    for (size_t i = 0; i < m.n_rot / 2; i++) {
        const float was = factors[i];
        factors[i] = 0x1.fffffep-17f;
        CHECK(t, !opens(t, &m, "scaling factor"), "factor %zu may be anything", i);
        factors[i] = was;
    }
}

/* At most 131,072 columns: section 4. */
static void test_columns(struct host_test *t, const struct ls_model *of) {
    static struct ls_model m;
    uint32_t *const columns[] = {&m.dim, &m.hidden, &m.shared_hidden, &m.heads};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        m = *of;
        *columns[i] = i < 3 ? 131073 : 131072 / m.head_dim + 1;
        CHECK(t, !opens(t, &m, i < 3 ? "131073 columns; at most 131072" : "131088 columns"),
              "columns of size %zu", i);
        *columns[i] = i < 3 ? 131072 : 131072 / m.head_dim;
        CHECK(t, opens(t, &m, ""), "131,072 columns of size %zu", i);
    }
}

static void test_settings(struct host_test *t, const struct ls_model *m) {
    static const struct {
        int bits;
        unsigned slots, sequences;
        uint32_t context;
        const char *says; /* NULL: it opens */
    } settings[] = {{1, 1, 1, 1, "1 activation bits; take 2 to 16"},
                    {2, 1, 1, 1, NULL},
                    {16, 1, 1, 1, NULL},
                    {17, 1, 1, 1, "17 activation bits"},
                    {16, 0, 1, 1, "at least 1"},
                    {16, 1, 0, 1, "at least 1"},
                    {16, 1, 1, 0, "at least 1"},
                    {16, 1, UINT32_MAX, UINT32_MAX, "4294967295 sequences of 4294967295 pos"},
                    {16, 1, 1u << 31, 1u << 31, "2147483648 sequences of 2147483648 pos"}};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        struct golden *golden = NULL;
        struct ls_error err = {{0}};
        const int status = golden_open(m, settings[i].bits, settings[i].slots,
                                       settings[i].sequences, settings[i].context, &golden, &err);
        CHECK(t, (status == 0) == (settings[i].says == NULL) && (status == 0) == (golden != NULL),
              "settings %zu: status %d", i, status);
        CHECK(t, settings[i].says == NULL || strstr(err.text, settings[i].says) != NULL, "'%s'",
              err.text);
        golden_close(golden);
    }
}

/* ---- What begins ---- */

static void refused(struct host_test *t, struct golden *golden, unsigned slot, unsigned seq,
                    uint32_t pos, uint32_t token, const char *says) {
    struct ls_error err = {{0}};
    const uint32_t length = golden_kv_length(golden, 0);
    CHECK(t, golden_run(golden, slot, seq, pos, token, true, &err) == -1, "%s: it runs", says);
    CHECK(t, strstr(err.text, says) != NULL, "'%s' does not say '%s'", err.text, says);
    CHECK(t, golden_kv_length(golden, 0) == length && golden_ready(golden) == SIZE_MAX,
          "%s: it has begun", says);
}

static void test_begin(struct host_test *t, const struct ls_model *m) {
    struct golden *golden = open_golden(t, m, 1, CONTEXT);
    struct ls_error err = {{0}};
    CHECK(t, golden_ready(golden) == SIZE_MAX && golden_has_ended(golden, 0), "before any token");
    refused(t, golden, 1, 0, 0, 7, "slot 1 of 1, sequence 0 of 2");
    refused(t, golden, 0, 2, 0, 7, "slot 0 of 1, sequence 2 of 2");
    refused(t, golden, 0, 0, 0, m->vocab, "token 96 of a vocabulary of 96");
    refused(t, golden, 0, 0, 1, 7, "position 1 of sequence 0, which has 0 tokens");
    for (uint32_t pos = 0; pos < CONTEXT; pos++)
        CHECK(t, golden_run(golden, 0, 0, pos, m->vocab - 1, false, &err) == 0, "%s", err.text);
    refused(t, golden, 0, 0, CONTEXT, 7, "position 12 in a context of 12");
    refused(t, golden, 0, 1, 2, 7, "position 2 of sequence 1, which has 0 tokens");
    CHECK(t, golden_run(golden, 0, 0, 3, 7, false, &err) == 0 && golden_kv_length(golden, 0) == 4,
          "back: %u tokens", golden_kv_length(golden, 0));
    golden_close(golden);
}

/* Learned positions end where their tensor does, or where the context does. */
static void test_positions(struct host_test *t) {
    static struct random_model r;
    struct ls_model sizes = shape;
    struct ls_error err = {{0}};
    sizes.kv_heads = sizes.heads;
    sizes.n_rot = 0;
    random_model_make(&r, &sizes, FAMILY_gpt2, 0, GGML_TYPE_F32);
    const uint32_t learned = (uint32_t)r.model.tensor[ROLE_POSITION_EMBD]->ne[1];
    for (uint32_t context = learned - 1; context <= learned + 1; context++) {
        struct golden *golden = open_golden(t, &r.model, 1, context);
        const uint32_t most = context < learned ? context : learned;
        char says[64];
        for (uint32_t pos = 0; pos < most; pos++)
            CHECK(t, golden_run(golden, 0, 0, pos, 1, false, &err) == 0, "%s", err.text);
        snprintf(says, sizeof says, "position %u in a context of %u", most, most);
        refused(t, golden, 0, 0, most, 1, says);
        golden_close(golden);
    }
    random_model_free(&r);
}

/* ---- Together ---- */

static const uint32_t text[] = {1, 70, 81, 9};
enum { TEXT = sizeof text / sizeof *text };

static void same_records(struct host_test *t, const struct golden *a, unsigned a_slot,
                         const struct golden *b, unsigned b_slot, const char *what) {
    size_t a_count, b_count;
    const struct golden_record *x = golden_records(a, a_slot, &a_count);
    const struct golden_record *y = golden_records(b, b_slot, &b_count);
    CHECK(t, a_count == b_count, "%s: %zu records for %zu", what, a_count, b_count);
    for (size_t i = 0; i < a_count && i < b_count; i++)
        CHECK(t,
              x[i].count == y[i].count && strcmp(x[i].tensor, y[i].tensor) == 0 &&
                  memcmp(x[i].words, y[i].words, x[i].count * sizeof *x[i].words) == 0,
              "%s: record %zu, %s", what, i, x[i].tensor);
}

/* As one by one, whatever the threads; logits of the last one, if they are wanted. */
static void test_together(struct host_test *t, const struct ls_model *m, unsigned threads) {
    struct golden *together = open_golden(t, m, TEXT, CONTEXT);
    struct golden *alone = open_golden(t, m, TEXT, CONTEXT);
    struct ls_error err = {{0}};
    CHECK(t, golden_threads(together, threads, &err) == 0, "%s", err.text);
    for (unsigned want = 0; want < 2; want++) {
        const uint32_t from = want == 0 ? 0 : TEXT; /* the second time it goes on */
        CHECK(t, golden_run_together(together, 1, from, text, TEXT, want != 0, &err) == 0, "%s",
              err.text);
        CHECK(t, golden_ready(together) == SIZE_MAX && golden_kv_length(together, 1) == from + TEXT,
              "%u tokens", golden_kv_length(together, 1));
        for (unsigned i = 0; i < TEXT; i++) {
            CHECK(t,
                  golden_run(alone, i, 1, from + i, text[i], want != 0 && i == TEXT - 1, &err) == 0,
                  "%s", err.text);
            same_records(t, together, i, alone, i, want ? "with logits" : "without logits");
            CHECK(t, (golden_logits(together, i) != NULL) == (want != 0 && i == TEXT - 1),
                  "logits of token %u", i);
        }
    }
    CHECK(t, golden_threads(together, 1, &err) == 0, "%s", err.text);
    /* one that cannot begin: those before it have run all the same */
    const uint32_t unknown[] = {5, 6, m->vocab, 7};
    CHECK(t, golden_run_together(together, 0, 0, unknown, 4, true, &err) == -1, "it runs");
    CHECK(t, strstr(err.text, "token 96 of") != NULL, "%s", err.text);
    CHECK(t, golden_kv_length(together, 0) == 2 && golden_ready(together) == SIZE_MAX,
          "%u tokens of two", golden_kv_length(together, 0));
    CHECK(t, golden_run(alone, 0, 0, 0, 5, false, &err) == 0, "%s", err.text);
    CHECK(t, golden_run(alone, 1, 0, 1, 6, false, &err) == 0, "%s", err.text);
    for (unsigned i = 0; i < 2; i++)
        same_records(t, together, i, alone, i, "before a token that cannot begin");
    CHECK(t, golden_run_together(together, 0, 3, text, 1, true, &err) == -1, "a gap");
    golden_close(together);
    golden_close(alone);
}

/* A token whose embedding is no number fails; the first that does is told of. */
static void test_failing(struct host_test *t) {
    static struct random_model r;
    static const uint32_t failing[] = {3, 5, 2, 5};
    struct ls_error err = {{0}};
    const uint32_t nan = 0x7fc00000u;
    random_model_make(&r, &shape, FAMILY_llama, 0, GGML_TYPE_F32);
    memcpy((uint8_t *)(uintptr_t)r.model.tensor[ROLE_TOKEN_EMBD]->data + (5 * shape.dim + 9) * 4,
           &nan, sizeof nan);
    struct golden *golden = open_golden(t, &r.model, 4, CONTEXT);
    CHECK(t, golden_run_together(golden, 0, 0, failing, 4, true, &err) == -1, "it runs");
    CHECK(t, strstr(err.text, "position 1, EMBED token_embd.weight, element 9: ") != NULL, "%s",
          err.text);
    for (unsigned i = 0; i < 4; i++) {
        const struct golden_stop *stop = golden_slot_stop(golden, i);
        CHECK(t,
              stop->fault == (i % 2 != 0 ? GOLDEN_FAULT_NONFINITE : GOLDEN_FAULT_NONE) &&
                  stop->met == (i % 2 != 0 ? 1u << GOLDEN_FAULT_NONFINITE : 0) && !stop->input,
              "token %u: fault %d", i, (int)stop->fault);
        CHECK(t, golden_has_ended(golden, i), "token %u goes on", i);
    }
    /* what failed is over with the next run */
    CHECK(t, golden_run(golden, 1, 1, 0, 3, true, &err) == 0 && golden_logits(golden, 1) != NULL,
          "%s", err.text);
    golden_close(golden);
    random_model_free(&r);
}

/* ---- For another thread ---- */

struct follower {
    struct host_test *t;
    const struct golden *golden;
    size_t told, first_end; /* times; records that stood when slot 0 had ended */
    bool released;
};

static void on_records(void *context) {
    struct follower *f = context;
    size_t count;
    const size_t ready = golden_ready(f->golden);
    CHECK(f->t, ready == (f->released ? SIZE_MAX : f->told), "%zu records stand, not %zu", ready,
          f->told);
    if (golden_has_ended(f->golden, 0) && f->first_end == SIZE_MAX)
        f->first_end = ready;
    if (!f->released) {
        CHECK(f->t, !golden_has_ended(f->golden, 1), "the second has ended");
        golden_records(f->golden, 1, &count);
        CHECK(f->t, count == ready, "%zu records may be read of %zu", count, ready);
    }
    f->told++;
}

/* The first slot wants no logits: it ends two records before the second. */
static void test_follow(struct host_test *t, const struct ls_model *m) {
    struct golden *golden = open_golden(t, m, 2, CONTEXT);
    struct follower f = {t, golden, 0, SIZE_MAX, false};
    struct ls_error err = {{0}};
    size_t counts[2];
    CHECK(t, golden_begin(golden, 0, 0, 0, 7, false, &err) == 0, "%s", err.text);
    CHECK(t, golden_begin(golden, 1, 1, 0, 7, true, &err) == 0, "%s", err.text);
    CHECK(t, golden_ready(golden) == 0 && !golden_has_ended(golden, 0), "it has begun");
    golden_follow(golden, on_records, &f);
    golden_compute(golden);
    const size_t told = f.told;
    f.released = true;
    golden_release(golden);
    CHECK(t, golden_ready(golden) == SIZE_MAX && f.told == told + 1, "told %zu times", f.told);
    for (unsigned i = 0; i < 2; i++)
        golden_records(golden, i, &counts[i]);
    CHECK(t, told == counts[1] && counts[0] == counts[1] - 2 && f.first_end == counts[0],
          "told of %zu records of %zu, the first has %zu and ends behind %zu", told, counts[1],
          counts[0], f.first_end);
    golden_follow(golden, NULL, NULL);
    CHECK(t, golden_run(golden, 0, 0, 1, 7, true, &err) == 0 && f.told == told + 1,
          "told for ever");
    golden_close(golden);
}

/* Whichever block is refused: it does not open, and nothing is left. */
static void test_memory(struct host_test *t, const struct ls_model *m) {
    const long before = blocks_held();
    long after = 0;
    for (bool refused = true; refused && after < 1000; after++) {
        struct golden *golden = NULL;
        struct ls_error err = {{0}};
        blocks_refuse(after + 1);
        const int status = golden_open(m, 16, 2, 1, CONTEXT, &golden, &err);
        refused = blocks_refused();
        CHECK(t, status == (refused ? -1 : 0) && (golden == NULL) == refused,
              "block %ld: status %d", after, status);
        CHECK(t, !refused || strstr(err.text, "golden: out of memory") != NULL, "block %ld: %s",
              after, err.text);
        golden_close(golden);
        CHECK(t, blocks_held() == before, "block %ld: %ld are left", after, blocks_held() - before);
    }
    CHECK(t, after > 10 && after < 1000, "%ld blocks", after);
    struct golden *golden = open_golden(t, m, 1, CONTEXT);
    struct ls_error err = {{0}};
    blocks_refuse(1);
    CHECK(t, golden_threads(golden, 3, &err) == -1 && blocks_refused(), "threads from nowhere");
    CHECK(t, golden_run(golden, 0, 0, 0, 1, true, &err) == 0, "%s", err.text);
    golden_close(golden);
}

/* ---- Choosing ---- */

/* By the rules of firmware/sampler.h, with a list as long as the vocabulary allows. */
static void test_choose(struct host_test *t) {
    static const float logits[] = {1, 4, 3, 2.5f};
    static const uint32_t penalised[] = {1, 2, 3, 1}; /* 4, 3, 2.5, then 4 / 2 again */
    struct ls_model m = {.vocab = 4, .logit_scale = 1};
    struct sampler_settings settings = {
        .temperature = 0, .top_k = 40, .top_p = 1, .repeat_penalty = 2};
    uint32_t bits[4];
    struct sampler s, other;
    memcpy(bits, logits, sizeof bits);
    sampler_init(&s, &settings);
    for (size_t i = 0; i < 4; i++) {
        const uint32_t token = golden_choose(&m, &s, bits);
        CHECK(t, token == penalised[i] && s.recent_count == i + 1 && s.recent[i] == token,
              "choice %zu is %u", i, token);
    }
    settings.repeat_penalty = 1;
    sampler_init(&s, &settings);
    for (uint32_t i = 0; i < 3; i++)
        CHECK(t, golden_choose(&m, &s, bits) == 1 && s.recent_count == i + 1, "the greedy choice");
    /* at random: the best of them, with their logits scaled */
    settings.temperature = 1;
    settings.top_k = 3;
    m.logit_scale = 0.25f;
    sampler_init(&s, &settings);
    sampler_init(&other, &settings);
    const struct sampler_entry list[] = {{1, 1}, {2, 0.75}, {3, 0.625}};
    unsigned seen = 0;
    for (unsigned i = 0; i < 200; i++) {
        const uint32_t token = golden_choose(&m, &s, bits);
        CHECK(t, token == sampler_choose(&other, list, 3), "draw %u", i);
        seen |= 1u << token;
    }
    CHECK(t, seen == 14, "tokens %x", seen);
}

static void test_model(struct host_test *t, enum family_number family, const struct ls_model *of) {
    static struct random_model r;
    random_model_make(&r, of, family, 0, GGML_TYPE_F32);
    test_together(t, &r.model, 1);
    test_together(t, &r.model, 3);
    test_memory(t, &r.model);
    random_model_free(&r);
}

static void test_all(struct host_test *t) {
    static struct random_model r;
    struct ls_model local = shape, experts = shape;
    random_model_make(&r, &shape, FAMILY_llama, 0, GGML_TYPE_F32);
    test_numbers(t, &r.model);
    test_factors(t, &r.model);
    test_columns(t, &r.model);
    test_settings(t, &r.model);
    test_begin(t, &r.model);
    test_follow(t, &r.model);
    random_model_free(&r);
    test_positions(t);
    test_failing(t);
    test_choose(t);
    local.local_period = 2;
    local.local_count = 1;
    local.local_window = 3;
    local.local_rope_base = 100;
    test_model(t, FAMILY_gemma3, &local);
    experts.experts = 5;
    experts.experts_used = 2;
    test_model(t, FAMILY_llama, &experts);
    test_model(t, FAMILY_phi2, &shape); /* logits in pieces */
}

int main(void) {
    struct host_test t = {"golden_open", 0, 0};
    test_all(&t); /* what libraries keep, they have the second time */
    const long before = blocks_held();
    test_all(&t);
    CHECK(&t, blocks_held() == before, "%ld blocks are left", blocks_held() - before);
    return host_test_finish(&t);
}
