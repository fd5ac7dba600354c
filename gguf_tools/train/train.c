/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The training loop. A batch is cut into TRAIN_SHARDS parts; threads take parts in turn, each part
 * has a gradient of its own, and the gradients are added in the order of the parts.
 */
#include "train.h"

#include <cblas.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bpe.h"
#include "train_adam.h"
#include "train_data.h"
#include "train_file.h"

enum { THREADS_MAX = TRAIN_SHARDS };

/* What one thread works with. */
struct worker {
    struct trainer *trainer;
    struct net_work *work;
    uint32_t index;
};

struct trainer {
    const struct train_options *o;
    struct ls_error *err;
    struct net_shape shape; /* with the learned vocabulary's size */
    struct net_layout layout;
    struct vocabulary vocab;
    struct train_docs docs, held;
    struct train_state state;
    struct checkpoint saved;
    struct train_point *points; /* [points_capacity] the loss curve */
    uint64_t points_capacity;
    uint32_t threads;
    struct worker worker[THREADS_MAX];
    struct train_shard shard[TRAIN_SHARDS];
    float *gradient[TRAIN_SHARDS]; /* [layout.total] each */
    double nats[TRAIN_SHARDS];     /* losses of the parts */
    float scale;                   /* of the gradient; 0: loss only */
    double start;                  /* of the loop, seconds */
    uint64_t start_tokens;         /* seen before it */
    uint32_t start_step;           /* done before it */
};

const struct train_options train_defaults = {
    .name = "stories",
    .shape = {.vocab = 1024,
              .dim = 128,
              .hidden = 192,
              .layers = 4,
              .heads = 8,
              .kv_heads = 4,
              .context = 256,
              .rms_eps = 1e-5f,
              .rope_base = 10000.0f},
    .seed = 1,
    .steps = 3000,
    .batch = 8192,
    .threads = 2,
    .warmup = 100,
    .learning_rate = 4e-3,
    .final_rate = 0.02,
    .weight_decay = 0.05,
    .clip = 1.0,
    .report_every = 20,
    .held_every = 250,
    .save_every = 250,
};

/* ------------------------------------------------------------------------------------------ */
/* Loss and gradient of the shards, on all threads. */

static void *run_worker(void *argument) {
    struct worker *w = argument;
    struct trainer *t = w->trainer;
    for (uint32_t s = w->index; s < TRAIN_SHARDS; s += t->threads) {
        float *gradient = t->scale > 0 ? t->gradient[s] : NULL;
        if (gradient != NULL)
            memset(gradient, 0, t->layout.total * sizeof *gradient);
        t->nats[s] =
            t->shard[s].batch.tokens == 0
                ? 0
                : net_loss(w->work, t->state.weights, &t->shard[s].batch, gradient, t->scale);
    }
    return NULL;
}

/* The sum of the shards' losses, nats. With `scale`, the gradient of scale times it is left in
 * gradient[0]. */
static int run_shards(struct trainer *t, float scale, double *nats) {
    pthread_t thread[THREADS_MAX];
    uint32_t started = 1;
    t->scale = scale;
    *nats = 0;
    while (started < t->threads &&
           pthread_create(&thread[started], NULL, run_worker, &t->worker[started]) == 0)
        started++;
    run_worker(&t->worker[0]);
    for (uint32_t i = 1; i < started; i++)
        pthread_join(thread[i], NULL);
    if (started < t->threads)
        return ls_error_set(t->err, "cannot start a thread");

    for (uint32_t s = 0; s < TRAIN_SHARDS; s++)
        *nats += t->nats[s];
    for (uint32_t s = 1; scale > 0 && s < TRAIN_SHARDS; s++)
        for (size_t i = 0; i < t->layout.total; i++)
            t->gradient[0][i] += t->gradient[s][i];
    return 0;
}

/* Nats a token over the first `limit` held-back documents. */
static int measure_held(struct trainer *t, size_t limit, double *loss, uint64_t *tokens) {
    size_t count = t->held.count < limit ? t->held.count : limit;
    double sum = 0;
    *tokens = 0;
    for (size_t doc = 0; doc < count;) {
        for (uint32_t s = 0; s < TRAIN_SHARDS; s++) {
            train_shard_clear(&t->shard[s]);
            while (doc < count && train_shard_add(&t->shard[s], &t->held, doc))
                doc++;
            *tokens += t->shard[s].batch.tokens;
        }
        double nats = 0;
        if (run_shards(t, 0, &nats) != 0)
            return -1;
        sum += nats;
    }
    *loss = sum / (double)*tokens;
    return 0;
}

/* ------------------------------------------------------------------------------------------ */
/* Setting up. */

/* Learns the vocabulary, and reads both texts with the tokenizer that inference will use. */
static int read_texts(struct trainer *t) {
    const struct train_options *o = t->o;
    char path[4096], *text;
    size_t size;
    struct gguf *gguf = NULL;
    struct tokenizer *tokenizer = NULL;
    if (snprintf(path, sizeof path, "%s.vocab", o->out) >= (int)sizeof path)
        return ls_error_set(t->err, "%s: the path is too long", o->out);
    if (train_text_read(o->text, &text, &size, t->err) != 0)
        return -1;
    size_t end = o->held != NULL ? size : train_text_split(text, size); /* of what is learned */
    int status = 0;
    if (end == 0)
        status = ls_error_set(t->err, "%s: one document: give a held-back text, too", o->text);
    if (status == 0)
        status = bpe_learn(text, end, o->shape.vocab, &t->vocab, t->err);
    t->shape = o->shape;
    t->shape.vocab = t->vocab.count;
    if (status == 0)
        status = net_layout_make(&t->shape, &t->layout, t->err);
    if (status == 0)
        status = train_model_write(path, o->name, &t->shape, &t->layout, &t->vocab, NULL, t->err);
    if (status == 0) {
        status = gguf_open(path, &gguf, t->err);
        unlink(path); /* the map stays */
    }
    if (status == 0)
        status = tokenizer_open(gguf, &tokenizer, t->err);
    if (status == 0)
        status = train_docs_make(o->text, text, end, tokenizer, o->shape.context, &t->docs, t->err);
    if (status == 0 && o->held == NULL)
        status = train_docs_make(o->text, text + end, size - end, tokenizer, o->shape.context,
                                 &t->held, t->err);
    else if (status == 0)
        status = train_docs_read(o->held, tokenizer, o->shape.context, &t->held, t->err);
    tokenizer_close(tokenizer);
    gguf_close(gguf);
    free(text);
    return status;
}

/* A digest of all that decides the result. */
static uint64_t identity(const struct trainer *t) {
    const struct train_options *o = t->o;
    const struct net_shape *s = &t->shape;
    const double facts[] = {s->vocab,     s->dim,          s->hidden,        s->layers,
                            s->heads,     s->kv_heads,     s->context,       s->rms_eps,
                            s->rope_base, (double)o->seed, o->steps,         o->batch,
                            o->warmup,    o->final_rate,   o->learning_rate, o->weight_decay,
                            o->clip,      o->report_every, o->held_every};
    uint64_t h = UINT64_C(14695981039346656037);
    const unsigned char *p = (const unsigned char *)facts;
    for (size_t i = 0; i < sizeof facts; i++)
        h = (h ^ p[i]) * UINT64_C(1099511628211);
    for (size_t i = 0; i < t->docs.start[t->docs.count]; i++)
        h = (h ^ t->docs.ids[i]) * UINT64_C(1099511628211);
    return h;
}

static int set_up(struct trainer *t) {
    const struct train_options *o = t->o;
    uint32_t capacity = o->batch / TRAIN_SHARDS;
    if (o->text == NULL || o->out == NULL)
        return ls_error_set(t->err, "a text and an output are needed");
    if (capacity < o->shape.context || o->steps == 0 || o->report_every == 0 ||
        o->held_every == 0 || o->save_every == 0)
        return ls_error_set(t->err,
                            "the batch must hold %d documents of %u tokens, and the "
                            "counts of steps must not be 0",
                            TRAIN_SHARDS, o->shape.context);
    openblas_set_num_threads(1); /* the shards are the parallelism */
    t->threads = o->threads < 1 ? 1 : o->threads > THREADS_MAX ? THREADS_MAX : o->threads;
    if (read_texts(t) != 0 || train_state_open(&t->state, &t->layout, t->err) != 0)
        return -1;
    for (uint32_t i = 0; i < t->threads; i++) {
        t->worker[i] = (struct worker){.trainer = t, .index = i};
        if (net_open(&t->shape, capacity, &t->worker[i].work, t->err) != 0)
            return -1;
    }
    for (uint32_t s = 0; s < TRAIN_SHARDS; s++) {
        if (train_shard_open(&t->shard[s], capacity, t->err) != 0)
            return -1;
        t->gradient[s] = calloc(t->layout.total, sizeof *t->gradient[s]);
        if (t->gradient[s] == NULL)
            return ls_error_set(t->err, "out of memory");
    }

    train_state_init(&t->state, &t->layout, t->shape.layers, o->seed);
    t->saved = (struct checkpoint){.identity = identity(t), .deal = {.seed = o->seed}};
    if (o->checkpoint != NULL && o->resume) {
        struct train_point *points;
        int found = checkpoint_load(o->checkpoint, &t->saved, &t->state, &points, t->err);
        if (found < 0)
            return -1;
        if (found)
            t->points = points;
        t->points_capacity = found ? t->saved.points : 0;
    }
    return 0;
}

static void tear_down(struct trainer *t) {
    for (uint32_t i = 0; i < THREADS_MAX; i++)
        net_close(t->worker[i].work);
    for (uint32_t s = 0; s < TRAIN_SHARDS; s++) {
        train_shard_close(&t->shard[s]);
        free(t->gradient[s]);
    }
    train_state_close(&t->state);
    train_docs_free(&t->docs);
    train_docs_free(&t->held);
    vocabulary_free(&t->vocab);
    free(t->points);
}

/* ------------------------------------------------------------------------------------------ */
/* The loop. */

static double now(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

static int add_point(struct trainer *t, const struct train_point *point) {
    if (t->saved.points == t->points_capacity) {
        t->points_capacity = 2 * t->points_capacity + 64;
        struct train_point *grown = realloc(t->points, t->points_capacity * sizeof *grown);
        if (grown == NULL)
            return ls_error_set(t->err, "out of memory");
        t->points = grown;
    }
    t->points[t->saved.points++] = *point;
    return 0;
}

static int save(struct trainer *t) {
    const struct train_options *o = t->o;
    if (o->csv != NULL && curve_write(o->csv, t->points, t->saved.points, t->err) != 0)
        return -1;
    if (o->checkpoint == NULL)
        return 0;
    return checkpoint_save(o->checkpoint, &t->saved, &t->state, t->points, t->err);
}

/* A row of the curve and a call of the user's report. */
static int report(struct trainer *t, double norm, double rate) {
    const struct train_options *o = t->o;
    enum { HELD_GLANCE = 100 }; /* documents of a measurement on the way; all at the end */
    double seconds = now() - t->start;
    int last = t->state.step == o->steps;
    struct train_point point = {.step = t->state.step,
                                .tokens = t->saved.tokens,
                                .learning_rate = rate,
                                .loss = t->saved.loss_sum / (double)t->saved.loss_tokens,
                                .held_loss = -1,
                                .gradient_norm = norm};
    uint64_t tokens;
    if ((last || t->state.step % o->held_every == 0) &&
        measure_held(t, last ? t->held.count : HELD_GLANCE, &point.held_loss, &tokens) != 0)
        return -1;
    t->saved.loss_sum = 0;
    t->saved.loss_tokens = 0;
    if (o->report != NULL) {
        uint32_t done = t->state.step - t->start_step;
        struct train_progress p = {.step = t->state.step,
                                   .steps = o->steps,
                                   .loss = point.loss,
                                   .held_loss = point.held_loss,
                                   .gradient_norm = norm,
                                   .learning_rate = rate,
                                   .tokens_per_second =
                                       (double)(t->saved.tokens - t->start_tokens) / seconds,
                                   .seconds_left = seconds / done * (o->steps - t->state.step)};
        o->report(o->user, &p);
    }
    return add_point(t, &point);
}

static int train(struct trainer *t) {
    const struct train_options *o = t->o;
    t->start = now();
    t->start_tokens = t->saved.tokens;
    t->start_step = t->state.step;
    while (t->state.step < o->steps) {
        if (o->stop_after != 0 && t->state.step - t->start_step == o->stop_after)
            break;
        if (o->interrupted != NULL && *o->interrupted)
            break;
        uint32_t tokens = 0;
        double nats = 0;
        train_deal_next(&t->saved.deal, &t->docs, t->shard, TRAIN_SHARDS);
        for (uint32_t s = 0; s < TRAIN_SHARDS; s++)
            tokens += t->shard[s].batch.tokens;
        if (run_shards(t, 1.0f / (float)tokens, &nats) != 0)
            return -1;

        double rate =
            adam_rate(t->state.step, o->steps, o->warmup, o->learning_rate, o->final_rate);
        double norm =
            adam_step(&t->state, &t->layout, t->gradient[0], rate, o->weight_decay, o->clip);
        t->saved.tokens += tokens;
        t->saved.loss_sum += nats;
        t->saved.loss_tokens += tokens;
        if (!(norm < 1e30))
            return ls_error_set(t->err, "step %u: the loss diverged; lower the learning rate",
                                t->state.step);

        int last = t->state.step == o->steps;
        if ((t->state.step % o->report_every == 0 || last) && report(t, norm, rate) != 0)
            return -1;
        if (t->state.step % o->save_every == 0 && !last && save(t) != 0)
            return -1;
    }
    return save(t);
}

int train_run(const struct train_options *options, struct train_result *result,
              struct ls_error *err) {
    struct trainer *t = calloc(1, sizeof *t);
    memset(result, 0, sizeof *result);
    if (t == NULL)
        return ls_error_set(err, "out of memory");
    t->o = options;
    t->err = err;
    int status = set_up(t) != 0 ? TRAIN_REFUSED : train(t);
    if (status == 0) {
        result->step = t->state.step;
        result->complete = t->state.step == options->steps;
        result->parameters = t->layout.total;
        result->train_tokens = t->docs.start[t->docs.count];
        result->seen_tokens = t->saved.tokens;
        result->vocab = t->vocab.count;
        if (t->saved.points > 0)
            result->loss = t->points[t->saved.points - 1].loss;
    }
    if (status == 0 && result->complete) {
        status = measure_held(t, t->held.count, &result->held_loss, &result->held_tokens);
        if (status == 0)
            status = train_model_write(options->out, options->name, &t->shape, &t->layout,
                                       &t->vocab, t->state.weights, err);
    }
    tear_down(t);
    free(t);
    return status;
}
