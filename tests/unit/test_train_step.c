/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The parts of a training step against values worked out by hand: learning rate, AdamW, first
 * weights; a run's gradients against the same batch in one part; what a run writes: the curve, the
 * vocabulary; what it reads: the checks of the text and the part that is held back.
 */
#include "csrc/gguf/gguf.h"
#include "csrc/tokenizer/tokenizer.h"
#include "gguf_tools/train/train.h"
#include "gguf_tools/train/train_adam.h"
#include "gguf_tools/train/train_data.h"
#include "tests/kit/host_test.h"

#include <math.h>
#include <string.h>

#define FOLDER "build/tests/train_step"

static bool near(double value, double wanted, double part) {
    return fabs(value - wanted) <= part * fabs(wanted);
}

static void test_rate(struct host_test *t) {
    static const struct {
        uint32_t step;
        double rate;
    } cases[] = {{0, 0.5}, {1, 1.0}, {3, 2.0}, {4, 2.0}, {7, 1.1}, {9, 0.32057713659}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double rate = adam_rate(cases[i].step, 10, 4, 2.0, 0.1);
        CHECK(t, near(rate, cases[i].rate, 1e-9), "step %u: %.11f", cases[i].step, rate);
    }
}

/* A matrix of 2 x 1 and a vector of 2; two steps, the first one clipped from a norm of 10 to 1. */
static void test_update(struct host_test *t) {
    const float gradients[2][4] = {{2, 4, 4, 8}, {0.1f, 0, 0, 0.1f}};
    struct net_layout layout = {.count = 2, .total = 4};
    struct train_state s;
    struct ls_error err = {""};
    layout.tensor[0] = (struct net_tensor){.offset = 0, .rows = 2, .columns = 1};
    layout.tensor[1] = (struct net_tensor){.offset = 2, .rows = 1, .columns = 2};
    CHECK(t, train_state_open(&s, &layout, &err) == 0, "%s", err.text);
    for (int i = 0; i < 4; i++)
        s.weights[i] = 1;
    CHECK(t, near(adam_step(&s, &layout, gradients[0], 0.1, 0.5, 1.0), 10, 1e-6), "norm");
    CHECK(t, near((double)s.mean[0], 0.02, 1e-6) && near((double)s.mean[3], 0.08, 1e-6), "mean");
    CHECK(t, near((double)s.square[0], 0.0008, 1e-6) && near((double)s.square[3], 0.0128, 1e-6),
          "mean square");
    CHECK(t, near((double)s.weights[0], 0.85, 1e-6), "decayed: %.7f", (double)s.weights[0]);
    CHECK(t, near((double)s.weights[3], 0.9, 1e-6), "a vector: %.7f", (double)s.weights[3]);
    CHECK(t, near(adam_step(&s, &layout, gradients[1], 0.1, 0.5, 1.0), sqrt(0.02), 1e-6), "norm");
    CHECK(t, near((double)s.weights[0], 0.7140123, 1e-6), "decayed: %.7f", (double)s.weights[0]);
    CHECK(t, near((double)s.weights[3], 0.8239228, 1e-6), "a vector: %.7f", (double)s.weights[3]);
    const double before = (double)s.mean[1];
    adam_step(&s, &layout, gradients[0], 0.1, 0.5, 0); /* not clipped */
    CHECK(t, near((double)s.mean[1], 0.9 * before + 0.1 * 4, 1e-6), "%.7f", (double)s.mean[1]);
    train_state_close(&s);
}

static void test_first_weights(struct host_test *t) {
    const struct net_shape shape = {300, 64, 96, 3, 4, 2, 64, 1e-5f, 10000.0f};
    struct net_layout layout;
    struct train_state s;
    struct ls_error err = {""};
    CHECK(t, net_layout_make(&shape, &layout, &err) == 0, "%s", err.text);
    CHECK(t, train_state_open(&s, &layout, &err) == 0, "%s", err.text);
    train_state_init(&s, &layout, shape.layers, 1);
    for (uint32_t i = 0; i < layout.count; i++) {
        const struct net_tensor *x = &layout.tensor[i];
        const size_t n = (size_t)x->rows * x->columns;
        double squares = 0, wanted = 1 / sqrt(x->columns);
        for (size_t k = x->offset; k < x->offset + n; k++)
            squares += (double)s.weights[k] * (double)s.weights[k];
        if (strcmp(x->name, "token_embd.weight") == 0)
            wanted /= 2;
        if (strstr(x->name, "attn_output") != NULL || strstr(x->name, "ffn_down") != NULL)
            wanted /= sqrt(6);
        if (x->rows == 1)
            wanted = 1;
        const double spread = sqrt(squares / (double)n);
        CHECK(t, near(spread, wanted, 0.07), "%s: spread %.4f, not %.4f", x->name, spread, wanted);
    }
    train_state_close(&s);
}

/* ---- a run ---- */

enum { STEPS = 3 };

static struct train_options small_run(void) {
    struct train_options o = train_defaults;
    o.text = FOLDER "/text";
    o.held = FOLDER "/held";
    o.out = FOLDER "/out.gguf";
    o.csv = FOLDER "/out.csv";
    o.shape = (struct net_shape){320, 32, 32, 2, 4, 2, 64, 1e-5f, 10000.0f};
    o.steps = STEPS;
    o.batch = 1024;
    o.warmup = 2;
    o.report_every = 1;
    return o;
}

static void write_text(const char *path, unsigned first, unsigned count) {
    static const char *const who[] = {"cat", "old dog", "little bird", "miller", "queen"};
    static const char *const what[] = {"saw", "found", "ate", "lost", "sold", "wanted", "drew"};
    FILE *f = fopen(path, "w");
    if (f == NULL)
        exit(1);
    for (unsigned i = first; i < first + count; i++)
        fprintf(f, "The %s %s %u apples, and the %s %s them.\n", who[i % 5], what[i % 7], i,
                who[i * 3 % 5], what[i * 5 % 7]);
    fclose(f);
}

static void keep_progress(void *user, const struct train_progress *p) {
    ((struct train_progress *)user)[p->step - 1] = *p;
}

/* The documents of four shards as one batch. */
static void join_shards(struct train_shard *all, const struct train_shard *shards) {
    train_shard_clear(all);
    for (int s = 0; s < TRAIN_SHARDS; s++) {
        const struct net_batch *b = &shards[s].batch;
        memcpy(all->ids + all->batch.tokens, b->ids, b->tokens * sizeof *b->ids);
        memcpy(all->targets + all->batch.tokens, b->targets, b->tokens * sizeof *b->targets);
        for (uint32_t i = 1; i <= b->sequences; i++)
            all->starts[all->batch.sequences + i] = all->batch.tokens + b->starts[i];
        all->batch.tokens += b->tokens;
        all->batch.sequences += b->sequences;
    }
}

/* The run again with each batch in one part: losses and norms of gradients are the same. */
static void test_whole_batch(struct host_test *t, const struct train_options *o,
                             const struct tokenizer *tokenizer,
                             const struct train_progress *progress) {
    struct train_docs docs;
    struct train_shard shards[TRAIN_SHARDS], all;
    struct train_deal deal = {.seed = o->seed};
    struct train_state state;
    struct net_layout layout;
    struct net_shape shape = o->shape;
    struct net_work *work;
    struct ls_error err = {""};
    shape.vocab = tokenizer_vocab(tokenizer);
    CHECK(t, train_docs_read(o->text, tokenizer, shape.context, &docs, &err) == 0, "%s", err.text);
    CHECK(t, net_layout_make(&shape, &layout, &err) == 0, "%s", err.text);
    CHECK(t, net_open(&shape, o->batch, &work, &err) == 0, "%s", err.text);
    CHECK(t, train_state_open(&state, &layout, &err) == 0, "%s", err.text);
    CHECK(t, train_shard_open(&all, o->batch, &err) == 0, "%s", err.text);
    for (int s = 0; s < TRAIN_SHARDS; s++)
        CHECK(t, train_shard_open(&shards[s], o->batch / TRAIN_SHARDS, &err) == 0, "%s", err.text);
    train_state_init(&state, &layout, shape.layers, o->seed);
    for (uint32_t step = 0; step < STEPS; step++) {
        float *gradient = calloc(layout.total, sizeof *gradient);
        train_deal_next(&deal, &docs, shards, TRAIN_SHARDS);
        join_shards(&all, shards);
        const double tokens = all.batch.tokens;
        const double loss =
            net_loss(work, state.weights, &all.batch, gradient, (float)(1 / tokens)) / tokens;
        const double rate = adam_rate(step, STEPS, o->warmup, o->learning_rate, o->final_rate);
        const double norm = adam_step(&state, &layout, gradient, rate, o->weight_decay, o->clip);
        CHECK(t, near(progress[step].loss, loss, 1e-4), "step %u: loss %.6f, in one part %.6f",
              step + 1, progress[step].loss, loss);
        CHECK(t, near(progress[step].gradient_norm, norm, 1e-3),
              "step %u: norm %.6f, in one part %.6f", step + 1, progress[step].gradient_norm, norm);
        CHECK(t, near(progress[step].learning_rate, rate, 1e-12), "step %u: rate", step + 1);
        free(gradient);
    }
    for (int s = 0; s < TRAIN_SHARDS; s++)
        train_shard_close(&shards[s]);
    train_shard_close(&all);
    train_state_close(&state);
    net_close(work);
    train_docs_free(&docs);
}

/* Header and rows; the last row has the held-back loss of the end. Time left is that of the steps
 * left at the tokens a step seen so far. */
static void test_curve(struct host_test *t, const struct train_options *o,
                       const struct train_result *r, const struct train_progress *progress) {
    static const char header[] = "step,tokens,learning_rate,loss,held_loss,gradient_norm\n";
    size_t size;
    char *text = host_read(o->csv, &size), *row = strchr(text, '\n') + 1;
    CHECK(t, strncmp(text, header, strlen(header)) == 0, "%s", text);
    for (unsigned step = 1; step <= STEPS; step++) {
        unsigned found = 0;
        unsigned long long tokens = 0;
        double rate, loss, held = -1, norm = -1;
        int fields =
            sscanf(row, "%u,%llu,%lf,%lf,%lf,%lf", &found, &tokens, &rate, &loss, &held, &norm);
        CHECK(t, found == step && fields == (step == STEPS ? 6 : 4), "row %u: %s", step, row);
        if (step == STEPS)
            CHECK(t, fabs(held - r->held_loss) < 1e-5 && tokens == r->seen_tokens,
                  "held-back loss %.5f, in the end %.5f", held, r->held_loss);
        const struct train_progress *p = &progress[step - 1];
        const double left = (double)tokens / step * (STEPS - step);
        CHECK(t, fabs(p->seconds_left * p->tokens_per_second - left) <= 1e-6 * left,
              "step %u: %.1f tokens left, not %.1f", step, p->seconds_left * p->tokens_per_second,
              left);
        row = strchr(row, '\n') + 1;
    }
    free(text);
}

/* Ids of the file's special tokens, and scores that fall with the rank. */
static void test_vocabulary(struct host_test *t, const struct gguf *g) {
    struct gguf_array tokens, scores, types;
    uint32_t id = 99;
    uint64_t offset = 0;
    float score = 0, before = 1;
    static const char *const keys[] = {"unknown", "bos", "eos"}, *const texts[] = {"<unk>", "<s>",
                                                                                   "</s>"};
    for (uint32_t i = 0; i < 3; i++) {
        char key[64];
        snprintf(key, sizeof key, "tokenizer.ggml.%s_token_id", keys[i]);
        CHECK(t, gguf_get_u32(g, key, &id) == GGUF_FOUND && id == i, "%s is %u", key, id);
    }
    CHECK(t,
          gguf_get_array(g, "tokenizer.ggml.tokens", &tokens) == GGUF_FOUND &&
              gguf_get_array(g, "tokenizer.ggml.scores", &scores) == GGUF_FOUND &&
              gguf_get_array(g, "tokenizer.ggml.token_type", &types) == GGUF_FOUND,
          "arrays are missing");
    CHECK(t, scores.count == tokens.count && types.count == tokens.count && tokens.count > 259,
          "%u tokens", (unsigned)tokens.count);
    for (uint64_t i = 0; i < tokens.count; i++) {
        const struct gguf_string piece = gguf_array_next_string(&tokens, &offset);
        int32_t type;
        memcpy(&type, types.data + 4 * i, sizeof type);
        memcpy(&score, scores.data + 4 * i, sizeof score);
        const int32_t wanted = i == 0    ? TOKEN_UNKNOWN
                               : i < 3   ? TOKEN_CONTROL
                               : i < 259 ? TOKEN_BYTE
                                         : TOKEN_NORMAL;
        CHECK(t, type == wanted, "token %u has type %d", (unsigned)i, type);
        CHECK(t, i >= 3 || gguf_string_equals(piece, texts[i]), "token %u", (unsigned)i);
        CHECK(t, i < 259 || score < before, "token %u: score %g after %g", (unsigned)i,
              (double)score, (double)before);
        before = i < 259 ? 1 : score;
    }
}

static void test_run(struct host_test *t) {
    struct train_progress progress[STEPS];
    struct train_options o = small_run();
    struct train_result r;
    struct tokenizer *tokenizer;
    struct train_docs docs;
    struct gguf *g;
    struct ls_error err = {""};
    o.report = keep_progress;
    o.user = progress;
    CHECK(t, train_run(&o, &r, &err) == 0, "%s", err.text);
    CHECK(t, gguf_open(o.out, &g, &err) == 0, "%s", err.text);
    CHECK(t, tokenizer_open(g, &tokenizer, &err) == 0, "%s", err.text);
    test_curve(t, &o, &r, progress);
    test_vocabulary(t, g);
    test_whole_batch(t, &o, tokenizer, progress);
    CHECK(t, train_docs_read(o.held, tokenizer, 64, &docs, &err) == 0, "%s", err.text);
    for (size_t d = 0; d < docs.count; d++)
        CHECK(t, docs.ids[docs.start[d]] == 1 && docs.ids[docs.start[d + 1] - 1] == 2,
              "document %zu is not <s> ... </s>", d);
    train_docs_free(&docs);
    tokenizer_close(tokenizer);
    gguf_close(g);
}

/* ---- texts ---- */

static void test_texts(struct host_test *t) {
    static const char file[] = FOLDER "/odd";
    static const struct {
        const char *text;
        size_t size;
        const char *message; /* NULL: sound */
    } cases[] = {
        {"a word\n", 7, NULL},
        {"\xc3\xa9t\xc3\xa9\n", 6, NULL},
        {"ab\xc3\nword\n", 9, "byte 2 is not UTF-8"},
        {"ab\xed\xa0\x80\n", 6, "byte 2 is not UTF-8"},
        {"a word\xe2\x96", 8, "byte 6 is not UTF-8"},
        {"a\0b\n", 4, "byte 1 is NUL"},
        {"a\xff\0b\n", 5, "byte 1 is not UTF-8"},
        {" \n\t\n", 4, "no words"},
        {"", 0, "no words"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        FILE *f = fopen(file, "wb");
        char *text;
        size_t size;
        struct ls_error err = {""};
        fwrite(cases[i].text, 1, cases[i].size, f);
        fclose(f);
        const int status = train_text_read(file, &text, &size, &err);
        CHECK(t, status == (cases[i].message == NULL ? 0 : -1), "case %zu: %s", i, err.text);
        if (cases[i].message != NULL)
            CHECK(t, strstr(err.text, cases[i].message) != NULL && strstr(err.text, file) != NULL,
                  "case %zu: %s", i, err.text);
        free(text);
    }
}

static void test_split(struct host_test *t) {
    char many[500];
    for (int i = 0; i < 500; i++)
        many[i] = i % 2 == 0 ? 'x' : '\n';
    CHECK(t, train_text_split("a\nbc\n", 5) == 2, "two documents");
    CHECK(t, train_text_split("a\n\nbc", 5) == 3, "an empty line, no newline at the end");
    CHECK(t, train_text_split("\n\na\n\n", 5) == 0, "one document");
    CHECK(t, train_text_split(many, 500) == 496, "two of 250");
    CHECK(t, train_text_split(many, 398) == 396, "one of 199");
}

int main(void) {
    struct host_test t = {"train_step", 0, 0};
    host_folder(&t);
    write_text(FOLDER "/text", 0, 300);
    write_text(FOLDER "/held", 1000, 9);
    test_rate(&t);
    test_update(&t);
    test_first_weights(&t);
    test_run(&t);
    test_texts(&t);
    test_split(&t);
    return host_test_finish(&t);
}
