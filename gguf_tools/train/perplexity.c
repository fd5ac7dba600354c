/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf perplexity`: how well a model predicts a text, by the float reference, beside the entropy
 * that the text's generator states and beside a 5-gram model of the training text.
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "csrc/model/model.h"
#include "csrc/reference/reference.h"
#include "gguf_tools/commands.h"
#include "ngram.h"
#include "train_data.h"

static const char help[] =
    "usage: gguf perplexity MODEL.gguf TEXT [options]\n\n"
    "Measures a model on a text, one document a line.\n\n"
    "  --bits FILE    bits of choice of each line, as `gguf stories` writes them\n"
    "  --ngram FILE   compare with a 5-gram model of this text\n"
    "  --help         this text\n";

static const struct option long_options[] = {
    {"bits", required_argument, NULL, 'b'},
    {"ngram", required_argument, NULL, 'n'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
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
            for (uint32_t v = 0; v < model->vocab; v++)
                sum += exp((double)logits[v] - (double)logits[ids[i + 1]]);
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

struct inputs {
    const char *model, *text, *bits, *ngram;
};

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
    struct inputs in = {NULL, NULL, NULL, NULL};
    struct ls_model *model;
    struct tokenizer *tokenizer;
    struct ls_error err;
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            return GGUF_DONE;
        }
        if (option == '?')
            return GGUF_BAD_INPUT;
        *(option == 'b' ? &in.bits : &in.ngram) = optarg;
    }
    if (argc - optind != 2) {
        fputs("gguf perplexity: give MODEL and TEXT: see `gguf perplexity --help`\n", stderr);
        return GGUF_BAD_INPUT;
    }
    in.model = argv[optind];
    in.text = argv[optind + 1];
    if (ls_model_open(in.model, &model, &err) != 0) {
        fprintf(stderr, "gguf perplexity: %s\n", err.text);
        return GGUF_BAD_INPUT;
    }
    int status = tokenizer_open(model->gguf, &tokenizer, &err);
    if (status == 0) {
        status = compare(&in, model, tokenizer, &err);
        tokenizer_close(tokenizer);
    }
    if (status != 0)
        fprintf(stderr, "gguf perplexity: %s\n", err.text);
    ls_model_close(model);
    return status == 0 ? GGUF_DONE : GGUF_BAD_INPUT;
}
