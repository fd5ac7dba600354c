/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf train`: the command line of the trainer.
 */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gguf_tools/commands.h"
#include "gguf_tools/convert/gguf_write.h"
#include "gguf_tools/interrupt.h"
#include "train.h"
#include "train_plot.h"

static const char help[] =
    "usage: gguf train TEXT OUT.gguf [options]\n\n"
    "Fits a llama model to a text (one document a line) and writes it in F32.\n\n"
    "  --held FILE        held-back text for the perplexity (the last 1 % of TEXT's documents)\n"
    "  --name TEXT        general.name of the model (stories)\n"
    "  --vocab N          largest number of pieces, at most 1024 (1024)\n"
    "  --dim N            elements of the residual stream (128)\n"
    "  --hidden N         elements of the feed-forward layer (192)\n"
    "  --layers N         blocks (4)\n"
    "  --heads N          query heads (8)\n"
    "  --kv-heads N       key and value heads (4)\n"
    "  --context N        longest document, tokens (256)\n"
    "  --steps N          updates (3000)\n"
    "  --batch N          tokens a step, at most (8192)\n"
    "  --rate X           top of the learning rate (0.004)\n"
    "  --final X          last learning rate, as a fraction of the top (0.02)\n"
    "  --warmup N         steps of rising learning rate (100)\n"
    "  --decay X          weight decay (0.05)\n"
    "  --clip X           largest norm of the gradient; 0: no clipping (1)\n"
    "  --seed N           of the first weights and the order of the documents (1)\n"
    "  --threads N        does not change the result (2)\n"
    "  --checkpoint FILE  save the state there, also when interrupted\n"
    "  --save-every N     steps between checkpoints (250)\n"
    "  --resume           go on from the checkpoint, if it is there\n"
    "  --stop-after N     save and stop after this many updates\n"
    "  --csv FILE         loss curve\n"
    "  --svg FILE         the same as a picture, by gnuplot; goes with --csv\n"
    "  --help             this text\n";

enum {
    OPT_HELD = 256,
    OPT_NAME,
    OPT_VOCAB,
    OPT_DIM,
    OPT_HIDDEN,
    OPT_LAYERS,
    OPT_HEADS,
    OPT_KV_HEADS,
    OPT_CONTEXT,
    OPT_STEPS,
    OPT_BATCH,
    OPT_RATE,
    OPT_FINAL,
    OPT_WARMUP,
    OPT_DECAY,
    OPT_CLIP,
    OPT_SEED,
    OPT_THREADS,
    OPT_CHECKPOINT,
    OPT_SAVE_EVERY,
    OPT_RESUME,
    OPT_STOP_AFTER,
    OPT_CSV,
    OPT_SVG,
    OPT_HELP
};

static const struct option long_options[] = {
    {"held", required_argument, NULL, OPT_HELD},
    {"name", required_argument, NULL, OPT_NAME},
    {"vocab", required_argument, NULL, OPT_VOCAB},
    {"dim", required_argument, NULL, OPT_DIM},
    {"hidden", required_argument, NULL, OPT_HIDDEN},
    {"layers", required_argument, NULL, OPT_LAYERS},
    {"heads", required_argument, NULL, OPT_HEADS},
    {"kv-heads", required_argument, NULL, OPT_KV_HEADS},
    {"context", required_argument, NULL, OPT_CONTEXT},
    {"steps", required_argument, NULL, OPT_STEPS},
    {"batch", required_argument, NULL, OPT_BATCH},
    {"rate", required_argument, NULL, OPT_RATE},
    {"final", required_argument, NULL, OPT_FINAL},
    {"warmup", required_argument, NULL, OPT_WARMUP},
    {"decay", required_argument, NULL, OPT_DECAY},
    {"clip", required_argument, NULL, OPT_CLIP},
    {"seed", required_argument, NULL, OPT_SEED},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"checkpoint", required_argument, NULL, OPT_CHECKPOINT},
    {"save-every", required_argument, NULL, OPT_SAVE_EVERY},
    {"resume", no_argument, NULL, OPT_RESUME},
    {"stop-after", required_argument, NULL, OPT_STOP_AFTER},
    {"csv", required_argument, NULL, OPT_CSV},
    {"svg", required_argument, NULL, OPT_SVG},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

/* Where an option's number goes; NULL if it has none of that kind. */
static uint32_t *integer_of(struct train_options *o, int option) {
    switch (option) {
    case OPT_VOCAB:
        return &o->shape.vocab;
    case OPT_DIM:
        return &o->shape.dim;
    case OPT_HIDDEN:
        return &o->shape.hidden;
    case OPT_LAYERS:
        return &o->shape.layers;
    case OPT_HEADS:
        return &o->shape.heads;
    case OPT_KV_HEADS:
        return &o->shape.kv_heads;
    case OPT_CONTEXT:
        return &o->shape.context;
    case OPT_STEPS:
        return &o->steps;
    case OPT_BATCH:
        return &o->batch;
    case OPT_WARMUP:
        return &o->warmup;
    case OPT_THREADS:
        return &o->threads;
    case OPT_SAVE_EVERY:
        return &o->save_every;
    case OPT_STOP_AFTER:
        return &o->stop_after;
    default:
        return NULL;
    }
}

static double *real_of(struct train_options *o, int option) {
    switch (option) {
    case OPT_RATE:
        return &o->learning_rate;
    case OPT_FINAL:
        return &o->final_rate;
    case OPT_DECAY:
        return &o->weight_decay;
    case OPT_CLIP:
        return &o->clip;
    default:
        return NULL;
    }
}

static int parse_integer(const char *text, uint64_t limit, uint64_t *value) {
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || v > limit)
        return -1;
    *value = v;
    return 0;
}

static int parse_real(const char *text, double *value) {
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end != '\0' || !(v >= 0 && v < 1e9))
        return -1;
    *value = v;
    return 0;
}

/* Returns 0, -1 for a bad value. */
static int take_option(struct train_options *o, const char **svg, int option, const char *value) {
    uint32_t *integer = integer_of(o, option);
    double *real = real_of(o, option);
    uint64_t number;
    if (integer != NULL) {
        if (parse_integer(value, UINT32_MAX, &number) != 0)
            return -1;
        *integer = (uint32_t)number;
    } else if (real != NULL) {
        return parse_real(value, real);
    } else if (option == OPT_SEED) {
        return parse_integer(value, UINT64_MAX, &o->seed);
    } else if (option == OPT_HELD) {
        o->held = value;
    } else if (option == OPT_NAME) {
        o->name = value;
    } else if (option == OPT_CHECKPOINT) {
        o->checkpoint = value;
    } else if (option == OPT_CSV) {
        o->csv = value;
    } else if (option == OPT_SVG) {
        *svg = value;
    } else {
        o->resume = true;
    }
    return 0;
}

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

/* Writes the one name of a file that all its names lead to; the file may not be there yet. */
static int real_name(const char *path, char name[PATH_MAX], struct ls_error *err) {
    char copy[PATH_MAX], folder[PATH_MAX], base[PATH_MAX];
    if (realpath(path, name) != NULL)
        return 0;
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(base, sizeof base, "%s", basename(copy));
    snprintf(copy, sizeof copy, "%s", path);
    if (realpath(dirname(copy), folder) == NULL ||
        snprintf(name, PATH_MAX, "%s/%s", folder, base) >= PATH_MAX)
        return ls_error_set(err, "%s: no such folder", path);
    return 0;
}

/* No file may be written over another one, and none be found unwritable after an hour. */
static enum gguf_status check_files(const struct train_options *o, const char *svg,
                                    struct ls_error *err) {
    const char *const files[] = {o->text, o->held, o->out, o->csv, svg, o->checkpoint};
    enum { INPUTS = 2, FILES = sizeof files / sizeof files[0] };
    char name[FILES][PATH_MAX];
    for (size_t i = 0; i < FILES; i++) {
        if (files[i] == NULL)
            continue;
        if (i >= INPUTS && gguf_output_check(files[i], err) != 0)
            return GGUF_FAILED;
        if (real_name(files[i], name[i], err) != 0)
            return GGUF_BAD_INPUT;
        for (size_t k = 0; k < i; k++)
            if (files[k] != NULL && strcmp(name[k], name[i]) == 0) {
                ls_error_set(err, "%s: the same file twice: give each its own name", files[i]);
                return GGUF_BAD_INPUT;
            }
    }
    return GGUF_DONE;
}

/* What goes only together; NULL if all is well. */
static const char *find_conflict(const struct train_options *o, const char *svg) {
    if (svg != NULL && o->csv == NULL)
        return "--svg draws what --csv writes: give both";
    if (o->resume && o->checkpoint == NULL)
        return "--resume goes on from a checkpoint: give --checkpoint FILE, too";
    if (o->stop_after != 0 && o->checkpoint == NULL)
        return "--stop-after would lose the work: give --checkpoint FILE, too";
    return NULL;
}

int gguf_train(int argc, char **argv) {
    struct train_options o = train_defaults();
    struct train_result r;
    struct ls_error err;
    const char *svg = NULL;
    int option;
    o.report = print_progress;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPT_HELP) {
            fputs(help, stdout);
            return GGUF_DONE;
        }
        if (option == '?')
            return GGUF_BAD_INPUT;
        if (take_option(&o, &svg, option, optarg) != 0) {
            fprintf(stderr, "gguf train: %s: not a number in range\n", optarg);
            return GGUF_BAD_INPUT;
        }
    }
    const char *conflict = find_conflict(&o, svg);
    if (conflict != NULL || argc - optind != 2) {
        fprintf(stderr, "gguf train: %s\n",
                conflict != NULL ? conflict : "give TEXT and OUT.gguf: see `gguf train --help`");
        return GGUF_BAD_INPUT;
    }
    o.text = argv[optind];
    o.out = argv[optind + 1];
    int status = (int)check_files(&o, svg, &err);
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
    if (svg != NULL && train_plot(o.csv, svg, &err) != 0) {
        fprintf(stderr, "gguf train: %s\n", err.text);
        return GGUF_FAILED;
    }
    return GGUF_DONE;
}
