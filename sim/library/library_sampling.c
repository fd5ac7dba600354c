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
    return d->settings.checked || d->settings.backend == LOCKSTEP_BACKEND_GOLDEN;
}

/* What only a sampler that sees all tokens can do. */
static bool needs_all(const struct lockstep_request *r) {
    const bool penalties =
        r->repeat_penalty != 1 || r->presence_penalty != 0 || r->frequency_penalty != 0;
    return r->logit_bias_count != 0 || r->typical_p < 1 || r->top_k == 0 ||
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

uint32_t library_sample(void *device, struct fw_request *request) {
    struct lockstep *d = device;
    struct job *j = request->owner;
    const struct fw_model *m = &firmware(d, j)->model;
    const uint32_t *logits = library_read_logits(d, j);
    for (uint32_t i = 0; i < m->vocab; i++)
        d->candidates[i].logit =
            sampler_logit(logits[i], (double)m->logit_scale, (double)m->logit_cap);
    return sampling_choose(&j->sampling, &request->sampler.random, j->prompt,
                           request->count + request->generated, d->candidates);
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
