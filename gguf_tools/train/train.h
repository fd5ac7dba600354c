/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Trains a small llama model from a text: learns the vocabulary, fits the weights with AdamW on a
 * cosine schedule, and writes an F32 GGUF. The result is a function of the text, the options and
 * the machine's OpenBLAS: not of time, of the number of threads, or of interruptions.
 *
 *     struct train_options o = train_defaults;
 *     o.text = "stories.txt";
 *     o.out = "model.gguf";
 *     if (train_run(&o, &result, &err) != 0)
 *         return fail(err.text);
 */
#ifndef LS_TRAIN_H
#define LS_TRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/base/error.h"
#include "train_net.h"

#ifdef __cplusplus
extern "C" {
#endif

struct train_progress {
    uint32_t step, steps;
    double loss;              /* nats a token, mean since the last report */
    double held_loss;         /* nats a token of held-back text; negative if not measured here */
    double gradient_norm;     /* before clipping */
    double learning_rate;     /* of this step */
    double tokens_per_second; /* since the start or the resumption */
    double seconds_left;      /* at that speed */
};

struct train_options {
    const char *text;       /* training text, one document a line */
    const char *held;       /* held-back text, the same way; NULL: the last 1 % of `text` */
    const char *out;        /* the GGUF to write */
    const char *name;       /* general.name */
    const char *checkpoint; /* file to save to and resume from; NULL for none */
    const char *csv;        /* loss curve; NULL for none */
    const char *svg;        /* picture of it, for the command that draws it; NULL for none */
    bool resume;            /* go on from the checkpoint if it is there */
    struct net_shape shape; /* vocab is the largest number of pieces to learn */
    uint64_t seed;          /* of the first weights and of the order of the documents */
    uint32_t steps;         /* updates in all */
    uint32_t stop_after;  /* stop with a checkpoint after this many updates in this run; 0: never */
    uint32_t batch;       /* tokens a step, at most */
    uint32_t threads;     /* at most TRAIN_SHARDS are of use */
    uint32_t warmup;      /* steps of rising learning rate */
    double learning_rate; /* at the top */
    double final_rate;    /* at the end, as a fraction of the top */
    double weight_decay;  /* of matrices, a step and unit of learning rate */
    double clip;          /* largest norm of the gradient; 0: no clipping */
    const volatile bool *interrupted; /* when it becomes true, save and stop; may be NULL */
    uint32_t report_every;            /* steps */
    uint32_t held_every;              /* steps between measurements on held-back text */
    uint32_t save_every;              /* steps between checkpoints */
    void (*report)(void *user, const struct train_progress *progress); /* may be NULL */
    void *user;
};

struct train_result {
    bool complete;         /* all steps are done and `out` is written */
    uint32_t step;         /* steps done */
    uint64_t parameters;   /* elements of all tensors */
    uint64_t train_tokens; /* distinct: of the training text */
    uint64_t seen_tokens;  /* tokens that the updates have seen, repeats included */
    double loss;           /* nats a token, mean of the last report */
    double held_loss;      /* nats a token over all the held-back text */
    uint64_t held_tokens;  /* predicted tokens of the held-back text */
    uint32_t vocab;        /* pieces learned */
};

enum {
    TRAIN_SHARDS = 4
}; /* parts of a batch; fixed, because the order of sums shows in the bits */

/* What `gguf train` does when no option says otherwise; without files. */
extern const struct train_options train_defaults;

enum { TRAIN_FAILED = -1, TRAIN_REFUSED = -2 };

/* Trains. Returns 0, or with one line in `err` TRAIN_REFUSED if the files or the options will not
 * do and TRAIN_FAILED if something went wrong later. */
int train_run(const struct train_options *options, struct train_result *result,
              struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
