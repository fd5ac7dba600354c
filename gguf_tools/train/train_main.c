/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf train`: the command line of the trainer.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "csrc/base/output.h"
#include "gguf_tools/commands.h"
#include "gguf_tools/convert/gguf_write.h"
#include "gguf_tools/interrupt.h"
#include "train.h"
#include "train_plot.h"

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(train_options, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row option_rows[] = {
    ROW(NULL, "TEXT", TEXT, text, .required = true),
    ROW(NULL, "OUT.gguf", OUTPUT, out, .required = true),
    ROW("held", "FILE", TEXT, held,
        .help = "held-back text for the perplexity (the last 1 % of TEXT's documents)"),
    ROW("name", "TEXT", TEXT, name, .help = "general.name of the model (stories)"),
    ROW("vocab", "N", U32, shape.vocab, .help = "largest number of pieces, at most 1024"),
    ROW("dim", "N", U32, shape.dim, .help = "elements of the residual stream"),
    ROW("hidden", "N", U32, shape.hidden, .help = "elements of the feed-forward layer"),
    ROW("layers", "N", U32, shape.layers, .help = "blocks"),
    ROW("heads", "N", U32, shape.heads, .help = "query heads"),
    ROW("kv-heads", "N", U32, shape.kv_heads, .help = "key and value heads"),
    ROW("context", "N", U32, shape.context, .help = "longest document, tokens"),
    ROW("steps", "N", U32, steps, .help = "updates"),
    ROW("batch", "N", U32, batch, .help = "tokens a step, at most"),
    ROW("rate", "X", REAL, learning_rate, .high = 1e9, .help = "top of the learning rate"),
    ROW("final", "X", REAL, final_rate, .high = 1e9,
        .help = "last learning rate, as a fraction of the top"),
    ROW("warmup", "N", U32, warmup, .help = "steps of rising learning rate"),
    ROW("decay", "X", REAL, weight_decay, .high = 1e9, .help = "weight decay"),
    ROW("clip", "X", REAL, clip, .high = 1e9,
        .help = "largest norm of the gradient; 0: no clipping"),
    ROW("seed", "N", U64, seed, .help = "of the first weights and the order of the documents"),
    ROW("threads", "N", U32, threads, .help = "does not change the result"),
    ROW("checkpoint", "FILE", OUTPUT, checkpoint,
        .help = "save the state there, also when interrupted"),
    ROW("save-every", "N", U32, save_every, .help = "steps between checkpoints"),
    ROW("resume", NULL, FLAG, resume, .needs = "checkpoint",
        .help = "go on from the checkpoint, if it is there"),
    ROW("stop-after", "N", U32, stop_after, .least = 1, .needs = "checkpoint",
        .help = "save and stop after this many updates"),
    ROW("csv", "FILE", OUTPUT, csv, .help = "loss curve"),
    ROW("svg", "FILE", OUTPUT, svg, .needs = "csv", .help = "the same as a picture, by gnuplot"),
};
#undef ROW

const struct options gguf_train_options = {
    .program = "gguf train",
    .about = "Fits a llama model to a text (one document a line) and writes it in F32.",
    .rows = option_rows,
    .row_count = sizeof option_rows / sizeof *option_rows,
    .defaults = &train_defaults,
    .size = sizeof train_defaults,
};

static void print_progress(void *user, const struct train_progress *p) {
    (void)user;
    unsigned left = (unsigned)p->seconds_left;
    printf("step %5u/%u  loss %.4f  norm %.3f  rate %.5f  %.0f tokens/s  %u:%02u left", p->step,
           p->steps, p->loss, p->gradient_norm, p->learning_rate, p->tokens_per_second, left / 60,
           left % 60);
    if (p->held_loss >= 0)
        printf("  held-back perplexity %.4f", exp(p->held_loss));
    printf("\n");
    fflush(stdout);
}

/* No file may be written over another one, and none be found unwritable after an hour. */
static enum gguf_status check_files(const struct train_options *o, struct ls_error *err) {
    const char *const files[] = {o->text, o->held, o->out, o->csv, o->svg, o->checkpoint};
    enum { INPUTS = 2, FILES = sizeof files / sizeof files[0] };
    for (size_t i = INPUTS; i < FILES; i++)
        if (files[i] != NULL && gguf_output_check(files[i], err) != 0)
            return GGUF_FAILED;
    /* what is held back is not the text either */
    return output_check_apart(files, 1, FILES, err) == 0 ? GGUF_DONE : GGUF_BAD_INPUT;
}

int gguf_train(int argc, char **argv) {
    struct train_options o;
    struct train_result r;
    struct ls_error err;
    const int told = gguf_options(&gguf_train_options, argc, argv, &o);
    if (told >= 0)
        return told;
    o.report = print_progress;
    int status = (int)check_files(&o, &err);
    if (o.checkpoint != NULL)
        o.interrupted = interrupt_watch();
    if (status == GGUF_DONE) {
        int trained = train_run(&o, &r, &err);
        status = trained == 0 ? GGUF_DONE : trained == TRAIN_REFUSED ? GGUF_BAD_INPUT : GGUF_FAILED;
    }
    if (status != GGUF_DONE) {
        fprintf(stderr, "gguf train: %s\n", err.text);
        return status;
    }
    if (!r.complete && *o.interrupted) {
        fprintf(stderr, "gguf train: interrupted after step %u: the same with --resume goes on\n",
                r.step);
        return GGUF_INTERRUPTED;
    }
    if (!r.complete) {
        printf("stopped after step %u\n", r.step);
        return GGUF_DONE;
    }
    printf("%s: %llu parameters, %u pieces; %llu tokens seen of a text of %llu\n", o.out,
           (unsigned long long)r.parameters, r.vocab, (unsigned long long)r.seen_tokens,
           (unsigned long long)r.train_tokens);
    printf("held-back%s: %.5f nats a token, perplexity %.5f over %llu tokens\n",
           o.held == NULL ? " (the last 1 % of the text)" : "", r.held_loss, exp(r.held_loss),
           (unsigned long long)r.held_tokens);
    if (o.svg != NULL && train_plot(o.csv, o.svg, &err) != 0) {
        fprintf(stderr, "gguf train: %s\n", err.text);
        return GGUF_FAILED;
    }
    return GGUF_DONE;
}
