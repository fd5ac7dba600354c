/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf perplexity`: how well a model predicts a text, by the float reference, beside the entropy
 * that the text's generator states and beside a 5-gram model of the training text.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "csrc/model/model.h"
#include "csrc/reference/reference.h"
#include "gguf_tools/commands.h"
#include "ngram.h"
#include "train_data.h"

struct inputs {
    const char *model, *text, *bits, *ngram;
};

static const struct inputs defaults = {NULL, NULL, NULL, NULL};

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(inputs, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row option_rows[] = {
    ROW(NULL, "MODEL.gguf", TEXT, model, .required = true),
    ROW(NULL, "TEXT", TEXT, text, .required = true),
    ROW("bits", "FILE", TEXT, bits,
        .help = "bits of choice of each line, as `gguf stories` writes them"),
    ROW("ngram", "FILE", TEXT, ngram, .help = "compare with a 5-gram model of this text"),
};
#undef ROW

const struct options gguf_perplexity_options = {
    .program = "gguf perplexity",
    .about = "Measures a model on a text, one document a line.",
    .rows = option_rows,
    .row_count = sizeof option_rows / sizeof *option_rows,
    .defaults = &defaults,
    .size = sizeof defaults,
};

static const double bits_per_nat = 1.4426950408889634;

/* Nats of all predicted tokens by the model; negative after an error. */
static double model_nats(const struct ls_model *model, const struct train_docs *docs,
                         struct ls_error *err) {
    struct ls_reference *ref;
    double nats = 0;
    if (ls_reference_open(model, 1, model->context_length, &ref, err) != 0)
        return -1;
    for (size_t d = 0; d < docs->count && nats >= 0; d++) {
        const uint16_t *ids = docs->ids + docs->start[d];
        size_t count = docs->start[d + 1] - docs->start[d];
        for (uint32_t i = 0; i + 1 < count && nats >= 0; i++) {
            const float *logits = ls_reference_step(ref, 0, i, ids[i], err);
            double sum = 0;
            if (logits == NULL) {
                nats = -1;
                break;
            }
            const double next = (double)ls_model_logit(model, logits[ids[i + 1]]);
            for (uint32_t v = 0; v < model->vocab; v++)
                sum += exp((double)ls_model_logit(model, logits[v]) - next);
            nats += log(sum);
        }
    }
    ls_reference_close(ref);
    return nats;
}

static double ngram_nats(const struct ngram *ngram, const struct train_docs *docs) {
    double nats = 0;
    for (size_t d = 0; d < docs->count; d++)
        for (size_t i = 1; i < docs->start[d + 1] - docs->start[d]; i++)
            nats -= log(ngram_probability(ngram, docs->ids + docs->start[d], i));
    return nats;
}

/* Sum of a file of numbers; negative if it cannot be read. */
static double sum_lines(const char *path, struct ls_error *err) {
    FILE *f = fopen(path, "r");
    double sum = 0, value;
    if (f == NULL) {
        ls_error_set(err, "%s: cannot be read", path);
        return -1;
    }
    while (fscanf(f, "%lf", &value) == 1)
        sum += value;
    fclose(f);
    return sum;
}

static void print_row(const char *what, double nats, double tokens, double words) {
    printf("%-10s perplexity %.4f  (%.4f nats a token, %.4f bits a word)\n", what,
           exp(nats / tokens), nats / tokens, nats * bits_per_nat / words);
}

static int compare(const struct inputs *in, const struct ls_model *model,
                   const struct tokenizer *tokenizer, struct ls_error *err) {
    struct train_docs docs, train = {NULL, NULL, 0, 0};
    struct ngram *ngram = NULL;
    if (train_docs_read(in->text, tokenizer, model->context_length, &docs, err) != 0)
        return -1;
    double tokens = (double)(docs.start[docs.count] - docs.count), words = (double)docs.words;
    printf("%s: %zu documents, %.0f words, %.0f predicted tokens\n", in->text, docs.count, words,
           tokens);
    double nats = model_nats(model, &docs, err);
    int status = nats < 0 ? -1 : 0;
    if (status == 0)
        print_row("model", nats, tokens, words);
    if (status == 0 && in->bits != NULL) {
        double stated = sum_lines(in->bits, err) / bits_per_nat;
        status = stated < 0 ? -1 : 0;
        if (status == 0) {
            print_row("generator", stated, tokens, words);
            printf("the model's perplexity is %.2f %% above the generator's\n",
                   100 * (exp((nats - stated) / tokens) - 1));
        }
    }
    if (status == 0 && in->ngram != NULL) {
        status = train_docs_read(in->ngram, tokenizer, model->context_length, &train, err);
        if (status == 0)
            status = ngram_train(train.ids, train.start, train.count, model->vocab, &ngram, err);
        if (status == 0) {
            double yard = ngram_nats(ngram, &docs);
            print_row("5-gram", yard, tokens, words);
            printf("the 5-gram's perplexity is %.3f times the model's\n",
                   exp((yard - nats) / tokens));
        }
    }
    ngram_free(ngram);
    train_docs_free(&train);
    train_docs_free(&docs);
    return status;
}

int gguf_perplexity(int argc, char **argv) {
    struct inputs in;
    struct ls_model *model;
    struct ls_error err;
    const int told = gguf_options(&gguf_perplexity_options, argc, argv, &in);
    if (told >= 0)
        return told;
    if (ls_model_open(in.model, &model, &err) != 0) {
        fprintf(stderr, "gguf perplexity: %s\n", err.text);
        return GGUF_BAD_INPUT;
    }
    int status = ls_model_need_text(model, &err);
    if (status == 0)
        status = compare(&in, model, model->tokenizer, &err);
    if (status != 0)
        fprintf(stderr, "gguf perplexity: %s\n", err.text);
    ls_model_close(model);
    return status == 0 ? GGUF_DONE : GGUF_BAD_INPUT;
}
