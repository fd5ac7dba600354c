/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The text in chunks, the sums over them, and the golden model or the float reference without a
 * device.
 */
#include "perplexity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "csrc/base/text.h"
#include "csrc/golden/golden.h"

#define CONTEXT 512u /* tokens of a chunk, unless said */
#define SLOTS   8u   /* tokens that the golden model takes at once */

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(perplexity_options, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct perplexity_options defaults = {.backend = SIM_RTL, .reference = true};

static const struct option_row rows[] = {
    ROW(NULL, "MODEL.gguf", TEXT, model, .required = true),
    ROW("file", "FILE", TEXT, file, .letter = 'f', .required = true, .help = "the text"),
    ROW("ctx-size", "N", U32, context, .letter = 'c', .least = 4, .most = 1u << 20,
        .help = "tokens of a chunk (512, or what the model has)"),
    ROW("chunks", "N", U32, chunks, .least = 1, .most = 1u << 20,
        .help = "no more chunks than these (all)"),
    ROW("backend", "NAME", CHOICE, backend, .choices = "rtl|golden|float",
        .help = "rtl: the device, checked, and the other two beside it"),
    ROW("threads", "N", U32, threads, .least = 1, .most = 256, .needs = "backend=golden",
        .help = "threads that share each matrix (a core each)"),
    ROW("no-reference", NULL, OFF, reference, .help = "leave out the float reference"),
};

const struct options perplexity_table = {
    .program = "lockstep perplexity",
    .about = "Perplexity of a GGUF on a text: of the Verilog device, and beside it "
             "(docs/perplexity.md).",
    .ending = "exit: 0 equal, 1 difference, 2 input, 3 device error, 130 interrupted",
    .rows = rows,
    .row_count = sizeof rows / sizeof *rows,
    .defaults = &defaults,
    .size = sizeof defaults,
};

/* ---- the text ---- */

/* Chunks of the text; a BOS at its front stands at the front of each. */
static int cut(struct perplexity *p, const char *text, size_t size, struct ls_error *err) {
    const struct perplexity_options *o = p->options;
    uint32_t *all = NULL, *bare = NULL;
    size_t count, without;
    if (tokenizer_encode(p->model->tokenizer, text, size, TOKENIZER_ADD_BOS, &all, &count, err) !=
        0)
        return -1;
    if (tokenizer_encode(p->model->tokenizer, text, size, 0, &bare, &without, err) != 0) {
        free(all);
        return -1;
    }
    const bool begins = count > without; /* with a BOS */
    free(bare);
    p->tokens = all;
    p->context = o->context != 0 ? o->context : CONTEXT;
    if (o->context == 0 && p->context > p->model->context_length)
        p->context = p->model->context_length;
    if (p->context > p->model->context_length)
        return ls_error_set(err, "--ctx-size %u: the model has a context of %u", p->context,
                            p->model->context_length);
    if (count < p->context)
        return ls_error_set(err,
                            "%s: %zu tokens are less than a chunk of %u: take a longer text or a "
                            "shorter --ctx-size",
                            o->file, count, p->context);
    const size_t chunks = count / p->context;
    p->chunks = o->chunks != 0 && o->chunks < chunks ? o->chunks : (uint32_t)chunks;
    for (uint32_t i = 0; i < p->chunks && begins; i++)
        all[(size_t)i * p->context] = all[0];
    p->first = p->context / 2;
    p->count = p->context - 1 - p->first;
    return 0;
}

int perplexity_open(struct perplexity *p, const struct perplexity_options *options,
                    struct ls_error *err) {
    size_t size;
    memset(p, 0, sizeof *p);
    p->options = options;
    if (ls_model_open(options->model, &p->model, err) != 0 ||
        ls_model_need_text(p->model, err) != 0)
        return -1;
    char *text = text_read(options->file, &size, err);
    const int status = text == NULL ? -1 : cut(p, text, size, err);
    free(text);
    for (int whose = 0; whose < PERPLEXITY_WHOSE && status == 0; whose++) {
        const bool asked = whose == PERPLEXITY_DEVICE ? options->backend == SIM_RTL
                           : whose == PERPLEXITY_GOLDEN
                               ? options->backend != SIM_FLOAT
                               : options->backend == SIM_FLOAT || options->reference;
        const size_t all = (size_t)p->chunks * p->count;
        if (asked && (p->nats[whose] = malloc(all * sizeof(double))) == NULL)
            return ls_error_set(err, "out of memory for %zu tokens", all);
        for (size_t i = 0; i < all && asked; i++)
            p->nats[whose][i] = NAN; /* nothing that is left out counts as if it were there */
    }
    return status;
}

void perplexity_close(struct perplexity *p) {
    for (int whose = 0; whose < PERPLEXITY_WHOSE; whose++)
        free(p->nats[whose]);
    free(p->tokens);
    ls_model_close(p->model);
}

void perplexity_put(struct perplexity *p, int whose, uint32_t chunk, uint32_t position,
                    const uint32_t *logits, double *scratch) {
    const struct ls_model *m = p->model;
    const double scale = (double)m->logit_scale, cap = (double)m->logit_cap;
    const uint32_t next = p->tokens[(size_t)chunk * p->context + position + 1];
    for (uint32_t i = 0; i < m->vocab; i++)
        scratch[i] = sampler_logit(logits[i], scale, cap);
    p->nats[whose][(size_t)chunk * p->count + position - p->first] =
        ls_surprise(scratch, m->vocab, next);
}

struct perplexity_value perplexity_of(const struct perplexity *p, int whose, uint32_t chunks) {
    const size_t count = (size_t)chunks * p->count;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        sum += p->nats[whose][i];
        squares += p->nats[whose][i] * p->nats[whose][i];
    }
    const double mean = sum / (double)count, spread = squares / (double)count - mean * mean;
    const double value = exp(mean);
    return (struct perplexity_value){
        value, count > 1 && spread > 0 ? value * sqrt(spread / (double)(count - 1)) : 0};
}

bool perplexity_same(const struct perplexity *p, uint32_t first, uint32_t count) {
    const size_t at = (size_t)first * p->count;
    for (size_t i = at; i < at + (size_t)count * p->count; i++)
        if (!(p->nats[PERPLEXITY_DEVICE][i] == p->nats[PERPLEXITY_GOLDEN][i]))
            return false; /* NAN: one was never there */
    return true;
}

/* ---- without a device ---- */

struct host {
    struct golden *golden; /* NULL: the reference alone */
    struct ls_reference *reference;
    double *scratch; /* [vocab] */
};

static int golden_chunk(struct perplexity *p, struct host *h, uint32_t chunk,
                        struct ls_error *err) {
    const uint32_t *tokens = p->tokens + (size_t)chunk * p->context;
    struct ls_error why;
    for (uint32_t pos = 0; pos + 1 < p->context; pos += SLOTS) {
        const uint32_t left = p->context - 1 - pos, count = left < SLOTS ? left : SLOTS;
        if (p->interrupted != NULL && *p->interrupted)
            return 0;
        for (uint32_t i = 0; i < count; i++)
            if (golden_begin(h->golden, i, 0, pos + i, tokens[pos + i], pos + i >= p->first,
                             &why) != 0)
                return ls_error_set(err, "%s: %s", p->options->model, why.text);
        golden_compute(h->golden);
        golden_release(h->golden);
        for (uint32_t i = 0; i < count; i++) {
            const struct golden_stop *stop = golden_slot_stop(h->golden, i);
            if (stop->fault != GOLDEN_FAULT_NONE)
                return ls_error_set(err, "%s: %s", p->options->model, stop->error.text);
            if (pos + i >= p->first)
                perplexity_put(p, PERPLEXITY_GOLDEN, chunk, pos + i, golden_logits(h->golden, i),
                               h->scratch);
        }
    }
    return 0;
}

static int float_chunk(struct perplexity *p, struct host *h, uint32_t chunk, struct ls_error *err) {
    const uint32_t *tokens = p->tokens + (size_t)chunk * p->context;
    for (uint32_t pos = 0; pos + 1 < p->context; pos++) {
        if (p->interrupted != NULL && *p->interrupted)
            return 0;
        const float *logits = ls_reference_step(h->reference, 0, pos, tokens[pos], err);
        if (logits == NULL)
            return -1;
        if (pos >= p->first)
            perplexity_put(p, PERPLEXITY_FLOAT, chunk, pos, (const uint32_t *)(const void *)logits,
                           h->scratch);
    }
    return 0;
}

static int open_host(struct perplexity *p, struct host *h, struct ls_error *err) {
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned threads = p->options->threads != 0 ? p->options->threads
                             : cores > 1              ? (unsigned)cores
                                                      : 1;
    if ((h->scratch = malloc(p->model->vocab * sizeof *h->scratch)) == NULL)
        return ls_error_set(err, "out of memory");
    if (p->nats[PERPLEXITY_GOLDEN] != NULL &&
        (golden_open(p->model, 16, SLOTS, 1, p->context, &h->golden, err) != 0 ||
         golden_threads(h->golden, threads, err) != 0))
        return -1;
    return p->nats[PERPLEXITY_FLOAT] == NULL
               ? 0
               : ls_reference_open(p->model, 1, p->context, &h->reference, err);
}

enum sim_verdict perplexity_run(struct perplexity *p, struct ls_error *err) {
    struct host h = {0};
    if (p->options->backend == SIM_RTL)
        return perplexity_rtl(p, err);
    int status = open_host(p, &h, err);
    for (uint32_t chunk = 0; chunk < p->chunks && status == 0; chunk++) {
        status = h.golden != NULL ? golden_chunk(p, &h, chunk, err) : 0;
        if (status == 0 && h.reference != NULL)
            status = float_chunk(p, &h, chunk, err);
        if (p->interrupted != NULL && *p->interrupted)
            break;
        if (status == 0)
            p->on_chunk(p, p->done++);
    }
    golden_close(h.golden);
    ls_reference_close(h.reference);
    free(h.scratch);
    return status != 0                                 ? SIM_BAD_INPUT
           : p->interrupted != NULL && *p->interrupted ? SIM_INTERRUPTED
                                                       : SIM_PASS;
}
