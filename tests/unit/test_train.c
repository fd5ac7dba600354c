/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The trainer. Gradients of every tensor against central differences, in binary64 from the same
 * source (planted fault: one gradient changed by ten times the bound); two runs, other numbers of
 * threads and an interrupted run give the same bytes; damaged and foreign checkpoints are refused;
 * the trained file opens, its float reference agrees with the trainer's own loss; the vocabulary
 * brings every text back and holds no repeated piece.
 */
#define TRAIN_DOUBLE /* for the gradients; train.h does not depend on it */
#include "csrc/model/model.h"
#include "csrc/reference/reference.h"
#include "csrc/tokenizer/tokenizer.h"
#include "gguf_tools/stories/stories.h"
#include "gguf_tools/train/bpe.h"
#include "gguf_tools/train/ngram.h"
#include "gguf_tools/train/train.h"
#include "gguf_tools/train/train_data.h"
#include "gguf_tools/train/train_net.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

/* In [-1, 1). */
static double random_unit(uint64_t *state) {
    return (double)(random_64(state) >> 11) * 0x1p-52 - 1;
}

/* ------------------------------------------------------------------------------------------ */
/* Gradients. */

enum { TOKENS_MAX = 300 };

struct gradient_case {
    struct net_shape shape;
    struct net_layout layout;
    struct net_work *work;
    struct net_batch batch;
    double *weights, *gradient;
    uint16_t ids[TOKENS_MAX], targets[TOKENS_MAX];
    uint32_t starts[5];
};

static void open_case(struct host_test *t, struct gradient_case *c, struct net_shape shape,
                      uint32_t tokens) {
    struct ls_error err = {""};
    uint64_t seed = 7;
    c->shape = shape;
    CHECK(t, net_layout_make(&shape, &c->layout, &err) == 0, "%s", err.text);
    CHECK(t, net_open(&shape, tokens + 3, &c->work, &err) == 0, "%s", err.text);
    c->weights = calloc(c->layout.total, sizeof(double));
    c->gradient = calloc(c->layout.total, sizeof(double));
    for (uint32_t i = 0; i < c->layout.count; i++) {
        const struct net_tensor *x = &c->layout.tensor[i];
        for (size_t j = 0; j < (size_t)x->rows * x->columns; j++)
            c->weights[x->offset + j] =
                x->rows == 1 ? 1 + 0.3 * random_unit(&seed) : 0.6 * random_unit(&seed);
    }
    for (uint32_t i = 0; i < tokens; i++) {
        c->ids[i] = (uint16_t)((random_unit(&seed) + 1) / 2 * shape.vocab);
        c->targets[i] = (uint16_t)((random_unit(&seed) + 1) / 2 * shape.vocab);
    }
    const uint32_t starts[5] = {0, 12, 13, 18, tokens}; /* sequences of 12, 1, 5 and more tokens */
    memcpy(c->starts, starts, sizeof starts);
    c->batch = (struct net_batch){c->ids, c->targets, tokens, c->starts, 4};
}

static void close_case(struct gradient_case *c) {
    net_close(c->work);
    free(c->weights);
    free(c->gradient);
}

static double largest_gradient(const struct gradient_case *c, const struct net_tensor *x) {
    double largest = 0;
    for (size_t i = 0; i < (size_t)x->rows * x->columns; i++)
        largest = fmax(largest, fabs(c->gradient[x->offset + i]));
    return largest;
}

/* Largest difference between the gradient and central differences over samples of a tensor, as a
 * part of the tensor's largest gradient. */
static double gradient_error(struct gradient_case *c, const struct net_tensor *x) {
    const double step = 1e-5;
    size_t count = (size_t)x->rows * x->columns, samples = count < 60 ? count : 60;
    double worst = 0, largest = largest_gradient(c, x);
    for (size_t i = 0; i < samples; i++) {
        double *w = &c->weights[x->offset + i * (count - 1) / (samples > 1 ? samples - 1 : 1)];
        double kept = *w;
        *w = kept + step;
        double above = net_loss(c->work, c->weights, &c->batch, NULL, 0);
        *w = kept - step;
        double below = net_loss(c->work, c->weights, &c->batch, NULL, 0);
        *w = kept;
        double numeric = (above - below) / (2 * step) * 0.25; /* the scale given to net_loss */
        worst = fmax(worst, fabs(numeric - c->gradient[w - c->weights]));
    }
    return largest > 0 ? worst / largest : INFINITY;
}

static void test_gradients(struct host_test *t) {
    const struct net_shape shapes[] = {
        {23, 16, 24, 2, 4, 2, 12, 1e-5f, 10000.0f}, /* two heads share keys and values */
        {40, 24, 20, 1, 2, 2, 12, 1e-3f, 100.0f},   /* none shares */
        {17, 32, 40, 3, 4, 1, 16, 1e-5f, 10000.0f}, /* all share */
        {23, 16, 24, 1, 4, 2, 300, 1e-5f, 100.0f},  /* logits in more than one chunk of 256 */
    };
    for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++) {
        struct gradient_case c;
        const double bound = 1e-7;
        open_case(t, &c, shapes[k], k < 3 ? 21 : TOKENS_MAX);
        net_loss(c.work, c.weights, &c.batch, c.gradient, 0.25);
        for (uint32_t i = 0; i < c.layout.count; i++) {
            const struct net_tensor *x = &c.layout.tensor[i];
            double error = gradient_error(&c, x);
            CHECK(t, error < bound, "shape %zu, %s: off by %.2e", k, x->name, error);
            const double kept = c.gradient[x->offset];
            c.gradient[x->offset] += 10 * bound * largest_gradient(&c, x); /* planted fault */
            CHECK(t, gradient_error(&c, x) > bound, "shape %zu, %s: fault not seen", k, x->name);
            c.gradient[x->offset] = kept;
        }
        /* A part of the batch more or less must not change a token's own gradient path: running
         * twice adds the gradient twice. */
        double first = c.gradient[0];
        net_loss(c.work, c.weights, &c.batch, c.gradient, 0.25);
        CHECK(t, fabs(c.gradient[0] - 2 * first) <= 1e-12, "gradients do not add up");
        close_case(&c);
    }
}

/* ------------------------------------------------------------------------------------------ */
/* Runs. */

static struct train_options small_run(const char *out) {
    struct train_options o = train_defaults;
    o.text = "build/tests/train/text";
    o.held = "build/tests/train/held";
    o.out = out;
    o.shape.vocab = 400;
    o.shape.dim = 32;
    o.shape.hidden = 32;
    o.shape.layers = 2;
    o.shape.heads = 4;
    o.shape.kv_heads = 2;
    o.shape.context = 384;
    o.steps = 12;
    o.batch = 2048;
    o.warmup = 4;
    o.report_every = 3;
    o.held_every = 6;
    o.save_every = 5;
    o.threads = 1;
    return o;
}

static void write_stories(const char *path, uint64_t seed, unsigned count) {
    struct story *s = malloc(sizeof *s);
    FILE *f = fopen(path, "w");
    if (s == NULL || f == NULL)
        exit(1);
    for (unsigned i = 0; i < count && story_write(s, seed, i, NULL) == 0; i++)
        fprintf(f, "%s\n", s->text);
    fclose(f);
    free(s);
}

static int same_files(const char *a, const char *b) {
    size_t m, n;
    char *x = host_read(a, &m), *y = host_read(b, &n);
    int same = m == n && memcmp(x, y, m) == 0;
    free(x);
    free(y);
    return same;
}

static struct train_result run(struct host_test *t, const struct train_options *o) {
    struct train_result r;
    struct ls_error err = {""};
    CHECK(t, train_run(o, &r, &err) == 0, "%s", err.text);
    return r;
}

static void test_repeats(struct host_test *t) {
    struct train_options o = small_run("build/tests/train/a.gguf");
    o.csv = "build/tests/train/a.csv";
    struct train_result a = run(t, &o);
    CHECK(t, a.complete && a.step == 12 && a.vocab == 400, "step %u, %u pieces", a.step, a.vocab);
    CHECK(t, a.held_loss < 5.6 && a.held_loss > 1.0, "held-back loss %.3f", a.held_loss);

    o = small_run("build/tests/train/b.gguf");
    o.threads = 3;
    run(t, &o);
    CHECK(t, same_files("build/tests/train/a.gguf", o.out), "threads change the result");

    o.out = "build/tests/train/other.gguf";
    o.seed = 2;
    run(t, &o);
    CHECK(t, !same_files("build/tests/train/a.gguf", o.out), "the seed changes nothing");
}

static void test_resume(struct host_test *t) {
    const char *checkpoint = "build/tests/train/c.state";
    struct train_options o = small_run("build/tests/train/c.gguf");
    struct train_result r;
    struct ls_error err = {""};
    unlink(checkpoint);
    unlink(o.out);
    o.checkpoint = checkpoint;
    o.csv = "build/tests/train/c.csv";
    o.resume = true;
    o.stop_after = 7;
    r = run(t, &o);
    CHECK(t, !r.complete && r.step == 7 && access(o.out, R_OK) != 0, "stopped at step %u", r.step);
    o.stop_after = 1;
    run(t, &o);
    o.stop_after = 0;
    r = run(t, &o);
    CHECK(t, r.complete, "resumed to step %u", r.step);
    CHECK(t, same_files("build/tests/train/a.gguf", o.out), "interruptions change the result");
    CHECK(t, same_files("build/tests/train/a.csv", o.csv), "interruptions change the curve");

    o.seed = 5; /* another run's checkpoint */
    CHECK(t, train_run(&o, &r, &err) == TRAIN_REFUSED && strstr(err.text, "another run") != NULL,
          "%s", err.text);
    o.seed = 1;
    FILE *f = fopen(checkpoint, "r+b"); /* planted fault: one byte of a weight */
    CHECK(t, f != NULL && fseek(f, 5000, SEEK_SET) == 0, "no checkpoint");
    int byte = fgetc(f);
    fseek(f, 5000, SEEK_SET);
    fputc(byte ^ 1, f);
    fclose(f);
    CHECK(t, train_run(&o, &r, &err) == TRAIN_REFUSED && strstr(err.text, "damaged") != NULL, "%s",
          err.text);
    f = fopen(checkpoint, "r+b");
    CHECK(t, f != NULL && ftruncate(fileno(f), 300) == 0, "cannot truncate");
    fclose(f);
    CHECK(t, train_run(&o, &r, &err) == TRAIN_REFUSED, "a cut checkpoint is taken");
}

/* The file's float reference, on the file's own tokenizer, against the trainer's loss. */
static void test_against_reference(struct host_test *t) {
    struct train_options o = small_run("build/tests/train/a.gguf");
    struct ls_model *model;
    struct tokenizer *tokenizer;
    struct ls_reference *ref;
    struct train_docs docs;
    struct ls_error err = {""};
    double nats = 0;
    uint64_t tokens = 0;
    struct train_result r = run(t, &o);
    CHECK(t, ls_model_open(o.out, &model, &err) == 0, "%s", err.text);
    CHECK(t, tokenizer_open(model->gguf, &tokenizer, &err) == 0, "%s", err.text);
    CHECK(t, ls_reference_open(model, 1, 384, &ref, &err) == 0, "%s", err.text);
    CHECK(t, train_docs_read(o.held, tokenizer, 384, &docs, &err) == 0, "%s", err.text);
    CHECK(t, model->tied && model->context_length == 384 && model->vocab == 400, "metadata");
    for (size_t d = 0; d < docs.count; d++) {
        const uint16_t *ids = docs.ids + docs.start[d];
        for (uint32_t i = 0; i + 1 < docs.start[d + 1] - docs.start[d]; i++, tokens++) {
            const float *logits = ls_reference_step(ref, 0, i, ids[i], &err);
            double sum = 0;
            for (uint32_t v = 0; v < model->vocab; v++)
                sum += exp((double)logits[v] - (double)logits[ids[i + 1]]);
            nats += log(sum);
        }
    }
    CHECK(t, tokens == r.held_tokens, "%llu tokens, not %llu", (unsigned long long)tokens,
          (unsigned long long)r.held_tokens);
    CHECK(t, fabs(nats / (double)tokens - r.held_loss) < 1e-5,
          "reference %.7f, trainer %.7f nats a token", nats / (double)tokens, r.held_loss);
    train_docs_free(&docs);
    ls_reference_close(ref);
    tokenizer_close(tokenizer);
    ls_model_close(model);
}

/* ------------------------------------------------------------------------------------------ */
/* Vocabulary, order of documents, 5-gram model. */

static void test_vocabulary(struct host_test *t) {
    static const char text[] = "the cat saw the other cat\nthe dog saw it; don't \xc3\xa9t\xc3\xa9 "
                               "12 123\n\n  two  spaces\n";
    struct vocabulary v;
    struct ls_error err = {""};
    CHECK(t, bpe_learn(text, sizeof text - 1, 330, &v, &err) == 0, "%s", err.text);
    uint32_t whole = 0;
    for (uint32_t i = 0; i < v.count; i++) {
        const char *p = v.pieces[i].data;
        for (uint32_t j = 0; j < i; j++)
            CHECK(t, strcmp(p, v.pieces[j].data) != 0, "piece %s is there twice", p);
        CHECK(t, i < 3 || strlen(p) < 4 || strstr(p + 1, "\xe2\x96\x81") == NULL,
              "piece %s crosses a word", p);
        whole += strcmp(p, "\xe2\x96\x81the") == 0;
    }
    CHECK(t, whole == 1, "the commonest word is no piece");
    vocabulary_free(&v);
    CHECK(t, bpe_learn(text, sizeof text - 1, 260, &v, &err) == -1, "too few pieces are taken");
    vocabulary_free(&v);
    CHECK(t, bpe_learn(text, sizeof text - 1, 1025, &v, &err) == -1, "too many pieces are taken");
    vocabulary_free(&v);
}

/* Every epoch deals every document once, and epochs differ. */
static void test_dealing(struct host_test *t) {
    enum { COUNT = 37 };
    uint16_t ids[2 * COUNT];
    size_t start[COUNT + 1];
    unsigned dealt[COUNT] = {0}, first[2] = {0, 0};
    struct train_docs docs = {ids, start, COUNT, 0};
    struct train_deal deal = {.seed = 3};
    struct train_shard shard;
    struct ls_error err = {""};
    for (unsigned i = 0; i <= COUNT; i++)
        start[i] = 2 * i;
    for (unsigned i = 0; i < 2 * COUNT; i++)
        ids[i] = (uint16_t)(i / 2);
    CHECK(t, train_shard_open(&shard, 1, &err) == 0, "%s", err.text);
    for (unsigned i = 0; i < 3 * COUNT; i++) {
        train_deal_next(&deal, &docs, &shard, 1);
        CHECK(t, shard.batch.sequences == 1 && shard.ids[0] < COUNT, "document %u", shard.ids[0]);
        dealt[shard.ids[0]]++;
        if (i % COUNT == 0 && i < 2 * COUNT)
            first[i / COUNT] = shard.ids[0];
    }
    for (unsigned i = 0; i < COUNT; i++)
        CHECK(t, dealt[i] == 3, "document %u was dealt %u times", i, dealt[i]);
    CHECK(t, first[0] != first[1], "two epochs begin alike");
    train_shard_close(&shard);
}

/* Probabilities sum to one, and what was seen is likelier than what was not. */
static void test_ngram(struct host_test *t) {
    const uint16_t ids[] = {1, 5, 6, 7, 5, 6, 8, 2, 1, 5, 6, 7, 2};
    const size_t start[] = {0, 8, 13};
    const uint16_t probe[] = {1, 5, 6, 0};
    struct ngram *m;
    struct ls_error err = {""};
    CHECK(t, ngram_train(ids, start, 2, 10, &m, &err) == 0, "%s", err.text);
    for (unsigned n = 1; n < 4; n++) {
        double sum = 0;
        for (uint16_t w = 0; w < 10; w++) {
            uint16_t document[4];
            memcpy(document, probe, sizeof probe);
            document[n] = w;
            sum += ngram_probability(m, document, n);
        }
        CHECK(t, fabs(sum - 1) < 1e-12, "probabilities after %u ids sum to %.15f", n, sum);
    }
    const uint16_t seen[] = {1, 5, 6, 7}, unseen[] = {1, 5, 6, 9};
    CHECK(t, ngram_probability(m, seen, 3) > 3 * ngram_probability(m, unseen, 3), "5-gram is flat");
    ngram_free(m);
}

int main(void) {
    struct host_test t = {"train", 0, 0};
    host_folder(&t);
    openblas_set_num_threads(1);
    write_stories("build/tests/train/text", 11, 400);
    write_stories("build/tests/train/held", 12, 12);
    test_gradients(&t);
    test_vocabulary(&t);
    test_dealing(&t);
    test_ngram(&t);
    test_repeats(&t);
    test_resume(&t);
    test_against_reference(&t);
    return host_test_finish(&t);
}
