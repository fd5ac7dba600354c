/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Requests that ask for more than the firmware can do with the device's list: their tokens are
 * chosen here, among all, from the logits that the device keeps.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "library.h"

bool library_sees_all(const struct lockstep *d) {
    return d->settings.checked || library_is_alone(d);
}

static bool has_grammar(const struct lockstep_request *r) {
    return r->grammar != NULL && r->grammar[0] != '\0';
}

/* What only a sampler that sees all tokens can do. */
static bool needs_all(const struct lockstep_request *r) {
    const bool penalties =
        r->repeat_penalty != 1 || r->presence_penalty != 0 || r->frequency_penalty != 0;
    return r->logit_bias_count != 0 || has_grammar(r) || r->typical_p < 1 || r->top_k == 0 ||
           r->top_k > SAMPLER_LIST || (penalties && r->repeat_last_n != SAMPLER_RECENT);
}

static int copy_biases(struct lockstep *d, struct job *j, const struct lockstep_request *r) {
    j->biases = calloc(r->logit_bias_count + 1, sizeof *j->biases);
    if (j->biases == NULL)
        return library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < r->logit_bias_count; i++) {
        if (r->logit_bias[i].token >= d->model->vocab)
            return library_fail(d, LOCKSTEP_BAD_TOKEN,
                                "logit_bias: token %" PRIu32
                                " is not in the vocabulary of %" PRIu32,
                                r->logit_bias[i].token, d->model->vocab);
        j->biases[i] = (struct sampling_bias){r->logit_bias[i].token, r->logit_bias[i].bias};
    }
    return LOCKSTEP_OK;
}

/* ---- grammars ---- */

void library_free_pieces(struct library_pieces *p) {
    if (p == NULL)
        return;
    free(p->bytes);
    free(p->ends);
    free(p);
}

/* Adds what a token gives by itself, in the middle of a text. */
static int add_piece(struct lockstep *d, uint32_t token, size_t *size, size_t *room) {
    struct token_stream stream = token_stream_start();
    struct library_pieces *p = d->pieces;
    stream.at_start = false;
    for (int part = 0; part < 2; part++) { /* whole characters, and the beginning of one */
        const char *bytes;
        size_t count;
        if (part == 1)
            token_stream_finish(&stream, &bytes, &count);
        else if (token_stream_put(d->model->tokenizer, &stream, token, &bytes, &count, &d->error) !=
                 0)
            return LOCKSTEP_NO_MEMORY;
        if (*size + count > *room) {
            char *larger = realloc(p->bytes, 2 * (*size + count) + 4096);
            if (larger == NULL)
                return library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
            p->bytes = larger;
            *room = 2 * (*size + count) + 4096;
        }
        if (count != 0)
            memcpy(p->bytes + *size, bytes, count);
        *size += count;
    }
    p->ends[token] = (uint32_t)*size;
    return LOCKSTEP_OK;
}

static int find_pieces(struct lockstep *d) {
    size_t size = 0, room = 0;
    int status = LOCKSTEP_OK;
    if (d->pieces != NULL)
        return LOCKSTEP_OK;
    if (ls_model_need_text(d->model, &d->error) != 0)
        return LOCKSTEP_BAD_ARGUMENT;
    d->pieces = calloc(1, sizeof *d->pieces);
    if (d->pieces != NULL)
        d->pieces->ends = calloc(d->model->vocab, sizeof *d->pieces->ends);
    if (d->pieces == NULL || d->pieces->ends == NULL)
        status = library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
    for (uint32_t i = 0; i < d->model->vocab && status == LOCKSTEP_OK; i++)
        status = add_piece(d, i, &size, &room);
    if (status != LOCKSTEP_OK) {
        library_free_pieces(d->pieces);
        d->pieces = NULL;
    }
    return status;
}

static int open_grammar(struct lockstep *d, struct job *j, const struct lockstep_request *r) {
    if (!has_grammar(r))
        return LOCKSTEP_OK;
    if (grammar_open(r->grammar, &j->grammar, &d->error) != 0)
        return LOCKSTEP_BAD_ARGUMENT;
    return find_pieces(d);
}

void library_close_sampling(struct job *j) {
    grammar_close(j->grammar);
    free(j->biases);
    free(j->logits);
}

static const char *piece(const struct lockstep *d, uint32_t token, size_t *bytes) {
    const uint32_t begin = token == 0 ? 0 : d->pieces->ends[token - 1];
    *bytes = d->pieces->ends[token] - begin;
    return d->pieces->bytes + begin;
}

struct asked {
    const struct lockstep *device;
    const struct fw_model *model;
    struct grammar *grammar;
};

static bool allows(void *context, uint32_t token) {
    const struct asked *a = context;
    size_t bytes;
    const char *text = piece(a->device, token, &bytes);
    return fw_is_eog(a->model, token) ? grammar_ends(a->grammar)
                                      : grammar_allows(a->grammar, text, bytes);
}

/* The grammar reads what of the completion it has not read; or, if some of that was taken back, all
 * of it. */
static void read_completion(struct lockstep *d, struct job *j) {
    const struct fw_request *r = &j->request;
    const uint32_t tokens = j->known + r->generated;
    if (j->grammar_tokens > tokens) {
        grammar_reset(j->grammar);
        j->grammar_tokens = 0;
    }
    for (; j->grammar_tokens < tokens; j->grammar_tokens++) {
        size_t bytes;
        const char *text = piece(d, j->prompt[r->count - j->known + j->grammar_tokens], &bytes);
        grammar_accept(j->grammar, text, bytes);
    }
}

/* ---- requests ---- */

int library_open_sampling(struct lockstep *d, struct job *j, const struct lockstep_request *r) {
    const uint32_t vocab = d->model->vocab;
    const bool whole = needs_all(r);
    int status = LOCKSTEP_OK;
    j->request.whole = whole;
    j->request.keeps = whole || (j->logprobs && !library_sees_all(d));
    if (!j->request.keeps)
        return LOCKSTEP_OK;
    if (vocab > d->limits.logit_words)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT,
                            "%s: it needs all %" PRIu32
                            " logits, of which the device keeps %" PRIu32 " (LOGIT_WORDS)",
                            whole ? "sampling among all tokens" : "logprobs without the check",
                            vocab, d->limits.logit_words);
    j->logits = calloc(vocab, sizeof *j->logits);
    if (d->candidates == NULL)
        d->candidates = calloc(vocab, sizeof *d->candidates);
    if (j->logits == NULL || d->candidates == NULL)
        return library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
    if (whole)
        status = copy_biases(d, j, r);
    if (status == LOCKSTEP_OK)
        status = open_grammar(d, j, r);
    j->sampling = (struct sampling){.base = j->request.sampling,
                                    .typical_p = r->typical_p,
                                    .last = r->repeat_last_n,
                                    .vocab = vocab,
                                    .biases = j->biases,
                                    .bias_count = r->logit_bias_count};
    return status;
}

static struct fw_device *firmware(struct lockstep *d, const struct job *j) {
    return j->golden ? &d->golden.firmware : &d->session.firmware;
}

const uint32_t *library_read_logits(struct lockstep *d, struct job *j) {
    fw_logits(firmware(d, j), j->request.sequence, j->logits, d->model->vocab);
    return j->logits;
}

static uint32_t sample(struct lockstep *d, struct job *j, const struct fw_model *m) {
    struct fw_request *r = &j->request;
    for (uint32_t i = 0; i < m->vocab; i++)
        d->candidates[i].logit =
            sampler_logit(j->logits[i], (double)m->logit_scale, (double)m->logit_cap);
    return sampling_choose(&j->sampling, &r->sampler.random, j->prompt, r->count + r->generated,
                           d->candidates);
}

/* As llama.cpp: what comes without the grammar is taken if it fits; else one that fits. */
uint32_t library_sample(void *device, struct fw_request *request) {
    struct lockstep *d = device;
    struct job *j = request->owner;
    const struct fw_model *m = &firmware(d, j)->model;
    library_read_logits(d, j);
    uint32_t token = sample(d, j, m);
    j->stuck = false;
    if (j->grammar == NULL)
        return token;
    struct asked asked = {d, m, j->grammar};
    read_completion(d, j);
    if (!allows(&asked, token)) {
        j->sampling.allows = allows;
        j->sampling.context = &asked;
        token = sample(d, j, m);
        j->sampling.allows = NULL;
    }
    j->stuck = token == UINT32_MAX;
    return j->stuck ? 0 : token;
}

int library_end_stuck(struct lockstep *d, struct job *j) {
    if (grammar_ends(j->grammar)) /* and the model has no token that ends a text */
        return library_end_text(d, j, LOCKSTEP_END_OF_TEXT);
    library_fail(d, LOCKSTEP_DEVICE_FAILED, "grammar: %s",
                 grammar_overflows(j->grammar)
                     ? "the text can be read in more ways than its bounds hold"
                     : "no token of the vocabulary may follow");
    library_end_job(d, j, LOCKSTEP_END_FAILED);
    return LOCKSTEP_OK;
}

int library_check_logits(struct lockstep *d, const struct fw_token *tokens, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const struct job *j = tokens[i].request->owner;
        const uint32_t *want = library_golden_logits(d, j, tokens[i].index);
        for (uint32_t token = 0; tokens[i].request->whole && token < d->model->vocab; token++)
            if (want == NULL || want[token] != j->logits[token])
                return library_fail(d, LOCKSTEP_DIFFERED,
                                    "position %" PRIu32 ": logit of token %" PRIu32
                                    " as the host reads it: %08" PRIx32 ", not %08" PRIx32,
                                    j->request.count + tokens[i].index - 1, token, j->logits[token],
                                    want != NULL ? want[token] : 0);
    }
    return LOCKSTEP_OK;
}
