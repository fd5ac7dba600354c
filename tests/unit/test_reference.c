/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The float reference against llama.cpp: logits of the last prompt position
 * (F32 and F16 element by element; Q8_0 and Q4_0, where llama.cpp rounds its
 * activations to 8 bits, by KL), greedy text, sequences kept apart, and the
 * witness figures; experts against the same in double precision. Planted
 * faults: a wrong token, a shifted position; experts chosen or weighed amiss.
 */
#include "csrc/reference/reference_ops.h"
#include "csrc/tokenizer/tokenizer.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#include <math.h>
#include <string.h>

#define PROMPT 14  /* tokens */
#define VOCAB  512 /* of stories260K, and of what `gguf make` makes */

static const uint32_t prompt[PROMPT] = {1,   403, 407, 261, 378, 432, 383,
                                        286, 261, 376, 298, 315, 421, 395};

/* Lines "id: logit". */
static void read_logits(struct host_test *t, const char *file, float *logits) {
    size_t size;
    char *text = host_read(host_shared(file).text, &size), *line = text;
    for (unsigned long i = 0; i < VOCAB; i++) {
        unsigned long id = strtoul(line, &line, 10);
        CHECK(t, id == i && *line == ':', "%s: line %lu", file, i);
        logits[i] = strtof(line + 1, &line);
    }
    free(text);
}

enum fault { NO_FAULT, WRONG_TOKEN, SHIFTED_POSITION };

/* Logits after the prompt. */
static const float *run_prompt(struct host_test *t, struct ls_reference *ref, uint32_t seq,
                               enum fault fault) {
    const float *logits = NULL;
    struct ls_error err = {""};
    for (uint32_t i = 0; i < PROMPT; i++) {
        uint32_t token = fault == WRONG_TOKEN && i == 5 ? 433 : prompt[i];
        uint32_t pos = fault == SHIFTED_POSITION && i == PROMPT - 1 ? i + 1 : i;
        logits = ls_reference_step(ref, seq, pos, token, &err);
        CHECK(t, logits != NULL, "%s", err.text);
    }
    return logits;
}

static void test_logits(struct host_test *t) {
    const struct {
        const char *model, *expected;
        double max_error, max_kl; /* absolute logit error; nats */
    } cases[] = {
        {"models/stories260K.gguf", "expected/stories260K.logits.txt", 1e-2, 1e-5},
        {"models/stories260K-F16.gguf", "expected/stories260K-F16.logits.txt", 1e-2, 1e-5},
        {"models/stories260K-Q8_0.gguf", "expected/stories260K-Q8_0.logits.txt", 0.5, 5e-4},
        {"models/stories260K-Q4_0.gguf", "expected/stories260K-Q4_0.logits.txt", 0.5, 5e-4},
        {"models/stories260K-pad256-Q8_0.gguf", "expected/stories260K-pad256-Q8_0.logits.txt", 0.5,
         5e-4},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct ls_model *model;
        struct ls_error err = {""};
        float expected[VOCAB];
        CHECK(t, ls_model_open(host_shared(cases[c].model).text, &model, &err) == 0, "%s",
              err.text);
        read_logits(t, cases[c].expected, expected);
        for (enum fault fault = NO_FAULT; fault <= SHIFTED_POSITION; fault++) {
            struct ls_reference *ref;
            struct ls_witness w = {0, 0, 0, 0, 0};
            CHECK(t, ls_reference_open(model, 1, 32, &ref, &err) == 0, "%s", err.text);
            double kl = ls_witness_add(&w, expected, run_prompt(t, ref, 0, fault), VOCAB);
            bool near = w.max_abs_logit_error <= cases[c].max_error && kl <= cases[c].max_kl &&
                        w.same_top1 == 1;
            CHECK(t, near == (fault == NO_FAULT), "%s, fault %d: error %g, KL %g, same top-1 %d",
                  cases[c].model, (int)fault, w.max_abs_logit_error, kl, (int)w.same_top1);
            ls_reference_close(ref);
        }
        ls_model_close(model);
    }
}

/* Greedy text after "Once upon a time". */
static void test_greedy(struct host_test *t, const char *file, const char *wanted) {
    static const char start[] = "Once upon a time";
    struct ls_model *model;
    struct tokenizer *tok;
    struct ls_reference *ref;
    struct ls_error err = {""};
    uint32_t *ids;
    size_t count, size;
    CHECK(t, ls_model_open(file, &model, &err) == 0, "%s", err.text);
    CHECK(t, tokenizer_open(model->gguf, &tok, &err) == 0, "%s", err.text);
    CHECK(t, ls_reference_open(model, 1, 128, &ref, &err) == 0, "%s", err.text);
    CHECK(t,
          tokenizer_encode(tok, start, sizeof start - 1, TOKENIZER_ADD_BOS, &ids, &count, &err) ==
              0,
          "%s", err.text);
    struct token_stream stream = token_stream_start();
    char text[1024] = "";
    const char *bytes;
    uint32_t token = 0;
    for (uint32_t pos = 0; pos < 100 && strlen(text) < sizeof start + strlen(wanted); pos++) {
        token = pos < count ? ids[pos] : token;
        CHECK(t, token_stream_put(tok, &stream, token, &bytes, &size, &err) == 0, "%s", err.text);
        strncat(text, bytes, size);
        const float *logits = ls_reference_step(ref, 0, pos, token, &err);
        CHECK(t, logits != NULL, "%s", err.text);
        token = 0;
        for (uint32_t i = 1; i < model->vocab; i++)
            token = logits[i] > logits[token] ? i : token;
    }
    CHECK(t,
          strncmp(text, start, sizeof start - 1) == 0 &&
              strncmp(text + sizeof start - 1, wanted, strlen(wanted)) == 0,
          "%s says '%s'", file, text);
    free(ids);
    ls_reference_close(ref);
    tokenizer_close(tok);
    ls_model_close(model);
}

/* Sequences run in turn give what each gives alone; what is outside is refused. */
static void test_sequences(struct host_test *t) {
    struct ls_model *model;
    struct ls_reference *ref;
    struct ls_error err = {""};
    float alone[VOCAB];
    CHECK(t, ls_model_open(HOST_MADE("Q4_0"), &model, &err) == 0, "%s", err.text);
    CHECK(t, ls_reference_open(model, 3, 20, &ref, &err) == 0, "%s", err.text);
    memcpy(alone, run_prompt(t, ref, 1, NO_FAULT), sizeof alone);
    float in_turn[VOCAB] = {0};
    for (uint32_t i = 0; i < PROMPT; i++) {
        const float *logits = ls_reference_step(ref, 0, i, prompt[i], &err);
        CHECK(t, logits != NULL, "%s", err.text);
        memcpy(in_turn, logits, sizeof in_turn);
        CHECK(t, ls_reference_step(ref, 2, i, 300 + i, &err) != NULL, "%s", err.text);
    }
    CHECK(t, memcmp(alone, in_turn, sizeof alone) == 0, "sequences touch each other");
    CHECK(t, ls_reference_step(ref, 3, 0, 1, &err) == NULL, "sequence 3 of 3");
    CHECK(t, ls_reference_step(ref, 0, 20, 1, &err) == NULL, "position 20 of 20");
    CHECK(t, ls_reference_step(ref, 0, 0, VOCAB, &err) == NULL, "token 512 of 512");
    ls_reference_close(ref);
    CHECK(t, ls_reference_open(model, UINT32_MAX, INT32_MAX, &ref, &err) != 0 && ref == NULL,
          "endless memory");
    CHECK(t, strstr(err.text, "out of memory") != NULL, "%s", err.text);
    ls_model_close(model);
}

enum { DIM = 8, HIDDEN = 12, SHARED = 20, EXPERTS = 6 };

static float *random_weights(size_t count, uint64_t *state) {
    float *w = malloc(count * sizeof *w);
    if (w == NULL)
        exit(2);
    for (size_t i = 0; i < count; i++) {
        w[i] = (float)(int32_t)(random_64(state) >> 32) / 4294967296.0f;
    }
    return w;
}

/* y += share * down (silu(gate x) * (up x)) */
static void expert_in_double(double y[DIM], const float *gate, const float *up, const float *down,
                             int hidden, const float x[DIM], double share) {
    for (int h = 0; h < hidden; h++) {
        double g = 0, u = 0;
        for (int i = 0; i < DIM; i++) {
            g += (double)gate[h * DIM + i] * (double)x[i];
            u += (double)up[h * DIM + i] * (double)x[i];
        }
        for (int i = 0; i < DIM; i++)
            y[i] += share * (double)down[i * hidden + h] * g / (1 + exp(-g)) * u;
    }
}

/* A layer with experts: the best ones one after the other, of equal ones the first. */
static void layer_in_double(const struct ls_reference *r, const float x[DIM], double y[DIM]) {
    float *const *w = r->layer[0].tensor;
    double z[EXPERTS], share[EXPERTS] = {0}, all = 0, taken = 0, wanted = 0;
    for (int e = 0; e < EXPERTS; e++) {
        z[e] = 0;
        for (int i = 0; i < DIM; i++)
            z[e] += (double)w[ROLE_FFN_ROUTER][e * DIM + i] * (double)x[i];
        all += exp(z[e]);
    }
    for (uint32_t k = 0; k < r->model->experts_used; k++) {
        int best = -1;
        for (int e = 0; e < EXPERTS; e++)
            if (share[e] == 0 && (best < 0 || z[e] > z[best]))
                best = e;
        share[best] = exp(z[best]) / all;
        taken += share[best];
    }
    memset(y, 0, DIM * sizeof *y);
    for (int e = 0; e < EXPERTS; e++) {
        const int at = e * HIDDEN * DIM;
        expert_in_double(y, w[ROLE_FFN_GATE_EXPS] + at, w[ROLE_FFN_UP_EXPS] + at,
                         w[ROLE_FFN_DOWN_EXPS] + at, HIDDEN, x,
                         share[e] / (r->model->experts_normalised ? taken : 1));
    }
    for (int i = 0; i < DIM; i++)
        wanted += (double)w[ROLE_SHARED_ROUTER][i] * (double)x[i];
    if (r->model->shared_hidden != 0)
        expert_in_double(y, w[ROLE_SHARED_GATE], w[ROLE_SHARED_UP], w[ROLE_SHARED_DOWN], SHARED, x,
                         1 / (1 + exp(-wanted)));
}

/* The largest difference to the layer as `meant` has it. */
static double experts_error(const struct ls_model *meant, const struct ls_model *is, bool ties) {
    static const struct {
        enum role role;
        size_t count;
    } tensors[] = {{ROLE_FFN_ROUTER, EXPERTS * DIM},
                   {ROLE_FFN_GATE_EXPS, EXPERTS * HIDDEN * DIM},
                   {ROLE_FFN_UP_EXPS, EXPERTS * HIDDEN * DIM},
                   {ROLE_FFN_DOWN_EXPS, EXPERTS * HIDDEN * DIM},
                   {ROLE_SHARED_ROUTER, DIM},
                   {ROLE_SHARED_GATE, SHARED * DIM},
                   {ROLE_SHARED_UP, SHARED * DIM},
                   {ROLE_SHARED_DOWN, SHARED * DIM}};
    enum { N_TENSORS = sizeof tensors / sizeof *tensors };
    float gate[SHARED], up[SHARED], branch[DIM], expert[DIM], routed[EXPERTS], share[EXPERTS];
    struct ref_weights weights = {{NULL}};
    struct ls_reference r = {.model = meant,
                             .layer = &weights,
                             .branch = branch,
                             .gate = gate,
                             .up = up,
                             .expert = expert,
                             .routed = routed,
                             .share = share};
    uint64_t state = meant->experts_used;
    double want[DIM], worst = 0;
    float *x = random_weights(DIM, &state);
    for (int i = 0; i < N_TENSORS; i++)
        weights.tensor[tensors[i].role] = random_weights(tensors[i].count, &state);
    if (ties) /* the router says the same of all */
        for (int e = 1; e < EXPERTS; e++)
            memcpy(weights.tensor[ROLE_FFN_ROUTER] + e * DIM, weights.tensor[ROLE_FFN_ROUTER],
                   DIM * sizeof(float));
    layer_in_double(&r, x, want);
    r.model = is;
    ref_feed_forward(&r, &(struct ref_style){.gelu = false}, 0, x);
    for (int i = 0; i < DIM; i++)
        worst = fmax(worst, fabs((double)branch[i] - want[i]));
    for (int i = 0; i < N_TENSORS; i++)
        free(weights.tensor[tensors[i].role]);
    free(x);
    return worst;
}

static void test_experts(struct host_test *t) {
    for (uint32_t i = 0; i < 4 * EXPERTS; i++) {
        const bool ties = i >= 2 * EXPERTS;
        const struct ls_model meant = {.roles = ROLE_BIT(ROLE_FFN_ROUTER),
                                       .dim = DIM,
                                       .hidden = HIDDEN,
                                       .experts = EXPERTS,
                                       .experts_used = 1 + i / 2 % EXPERTS,
                                       .experts_normalised = i % 2 == 0,
                                       .shared_hidden = i % 2 == 0 ? 0 : SHARED,
                                       .residual_scale = 1};
        struct ls_model other = meant;
        CHECK(t, experts_error(&meant, &meant, ties) < 1e-6, "%u of %u experts: error %g",
              meant.experts_used, meant.experts, experts_error(&meant, &meant, ties));
        other.experts_used = meant.experts_used == 1 ? 2 : meant.experts_used - 1;
        CHECK(t, experts_error(&meant, &other, ties) > 1e-4, "another number of them");
        other = meant;
        other.experts_normalised = !meant.experts_normalised;
        if (meant.experts_used < EXPERTS)
            CHECK(t, experts_error(&meant, &other, ties) > 1e-4, "weights normalised otherwise");
        other = meant;
        other.shared_hidden = meant.shared_hidden != 0 ? 0 : SHARED;
        CHECK(t, experts_error(&meant, &other, ties) > 1e-4, "a shared expert or none");
    }
}

/* Two logits, by hand: p = (1/2, 1/2), q = (3/4, 1/4). */
static void test_witness(struct host_test *t) {
    struct ls_witness w = {0, 0, 0, 0, 0};
    const float even[2] = {1.0f, 1.0f}, odd[2] = {logf(3.0f), 0.0f}, swapped[2] = {0.0f, 1.0f};
    const float nan_logits[2] = {NAN, 0.0f};
    double expected = 0.5 * log(0.5 / 0.75) + 0.5 * log(0.5 / 0.25);
    CHECK(t, ls_witness_kl_mean(&w) == 0.0 && ls_witness_top1_agreement(&w) == 0.0, "empty");
    CHECK(t, ls_witness_add(&w, even, even, 2) == 0.0, "KL of equals");
    CHECK(t, fabs(ls_witness_add(&w, even, odd, 2) - expected) < 1e-7, "KL");
    CHECK(t, fabs(ls_witness_kl_mean(&w) - expected / 2) < 1e-7 && w.kl_max > 0.1, "mean");
    CHECK(t, ls_witness_top1_agreement(&w) == 1.0, "top-1");
    CHECK(t, w.max_abs_logit_error == 1.0, "%g", w.max_abs_logit_error);
    (void)ls_witness_add(&w, odd, swapped, 2);
    CHECK(t, w.same_top1 == 2 && w.tokens == 3, "%d", (int)w.same_top1);
    CHECK(t,
          isinf(ls_witness_add(&w, even, nan_logits, 2)) && isinf(w.kl_max) &&
              isinf(w.max_abs_logit_error) && w.same_top1 == 2,
          "NaN hides");
}

int main(void) {
    static const char *const shipped[] = {HOST_MODEL("F32"), HOST_MODEL("F16"), HOST_MODEL("Q8_0")};
    static const char *const theirs[] = {"models/stories260K.gguf", "models/stories260K-F16.gguf",
                                         "models/stories260K-Q8_0.gguf"};
    struct host_test t = {"reference", 0, 0};
    test_witness(&t);
    test_experts(&t);
    test_sequences(&t);
    for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++)
        test_greedy(&t, shipped[i], HOST_STORY);
    if (host_shared_has(&t, "logits and texts of llama.cpp", "expected/stories260K.logits.txt")) {
        test_logits(&t);
        for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
            test_greedy(&t, host_shared(theirs[i]).text, HOST_SHARED_STORY);
    }
    return host_test_finish(&t);
}
