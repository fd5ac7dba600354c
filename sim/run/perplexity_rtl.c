/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The device: as many chunks side by side as it has sequences and slots. The first half of a chunk
 * is a prompt, SLOTS tokens a pass; behind it the device lists its best token for each one, and is
 * given that of the text. So every pass has as many logits to commit as there are chunks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "csrc/base/text.h"
#include "csrc/model/bridge.h"
#include "csrc/model/configs.h"
#include "generated/device.h"
#include "perplexity.h"
#include "sim/session/session.h"

#define CYCLES_AT_LEAST 50000000u
#define CYCLES_PER_MAC  1u

/* What a slot has committed of its logits. */
struct committed {
    uint32_t sequence, position, count;
    uint32_t *logits; /* [vocab] */
};

struct device_run {
    struct session session;
    struct perplexity *p;
    struct ls_reference *reference;
    uint32_t sequences; /* chunks side by side */
    uint32_t begin;     /* the chunk of sequence 0 */
    struct committed slot[SCOREBOARD_SLOTS];
    double *scratch[2]; /* [vocab] of this thread and of the golden model's */
};

/* ---- what the device commits ---- */

static void take_logit(struct device_run *r, uint32_t slot, uint32_t word) {
    struct committed *s = &r->slot[slot];
    const uint32_t vocab = r->p->model->vocab;
    if (s->count < vocab)
        s->logits[s->count++] = word;
    if (s->count == vocab && s->position >= r->p->first)
        perplexity_put(r->p, PERPLEXITY_DEVICE, r->begin + s->sequence, s->position, s->logits,
                       r->scratch[0]);
}

static int logits_commit(void *self, const struct device_commit *c) {
    struct device_run *r = self;
    if (c->op == LOCKSTEP_OP_PASS && c->slot < SCOREBOARD_SLOTS) {
        r->slot[c->slot].position = c->words[1];
        r->slot[c->slot].sequence = c->words[2];
        r->slot[c->slot].count = 0;
    }
    if ((c->op != LOCKSTEP_OP_LOGITS && c->op != LOCKSTEP_OP_OFFER) || r->session.board.first.found)
        return 0;
    for (uint32_t i = 0; i < c->count && !c->by_slot; i++)
        take_logit(r, c->slot, c->words[i]);
    for (uint32_t slot = 0; slot < SCOREBOARD_SLOTS && c->by_slot; slot++)
        for (uint32_t i = 0; i < c->count && (c->mask >> slot & 1u) != 0; i++)
            take_logit(r, slot, c->words[2 * slot + i]);
    return 0;
}

/* ---- the others, on the golden model's thread ---- */

static void logits_token(void *self, uint32_t sequence, uint32_t position, uint32_t token,
                         const uint32_t *logits) {
    struct device_run *r = self;
    const uint32_t chunk = r->begin + sequence;
    struct ls_error err;
    if (logits != NULL)
        perplexity_put(r->p, PERPLEXITY_GOLDEN, chunk, position, logits, r->scratch[1]);
    if (r->reference == NULL)
        return;
    const float *expected = ls_reference_step(r->reference, sequence, position, token, &err);
    if (expected != NULL && position >= r->p->first)
        perplexity_put(r->p, PERPLEXITY_FLOAT, chunk, position,
                       (const uint32_t *)(const void *)expected, r->scratch[1]);
}

static int logits_open(struct session *session, void **self, struct ls_error *err) {
    (void)err;
    *self = session->owner;
    return 0;
}

static const struct observer observe_logits = {
    .open = logits_open, .commit = logits_commit, .token = logits_token};

/* ---- the run ---- */

/* As many as the KV memory holds. */
static int share_out(struct device_run *r, struct ls_error *err) {
    const struct perplexity *p = r->p;
    const struct fw_limits *l = &r->session.firmware.limits;
    uint32_t most = l->sequences < l->slots ? l->sequences : l->slots;
    struct fw_model model;
    struct fw_refusal why;
    char advice[300];
    most = most > SCOREBOARD_SLOTS ? SCOREBOARD_SLOTS : most > p->chunks ? p->chunks : most;
    for (r->sequences = most; r->sequences != 0; r->sequences--) {
        if (bridge_model(p->model, p->context, r->sequences, &model, err) != 0)
            return -1;
        const bool fits = program_context(&model, l, &why) == 0;
        if (!fits && r->sequences == 1)
            configs_advise(&model, l, advice, sizeof advice);
        bridge_release(&model);
        if (fits)
            return 0;
    }
    return ls_error_set(err, "%s: chunks of %u tokens do not fit this device; --ctx-size %u, or %s",
                        p->options->model, p->context, p->context / 2, advice);
}

static int open_all(struct device_run *r, struct ls_error *err) {
    static const struct observer *const list[] = {&observe_words, &observe_power, &observe_cycles,
                                                  &observe_logits};
    const struct perplexity *p = r->p;
    const struct sim_options o = sim_options_defaults();
    struct session *s = &r->session;
    struct session_settings settings = {.seed = 1, .memory = o.memory, .power = o.power};
    settings.power.clock_hz = o.clock_hz;
    s->owner = r;
    if (session_open(s, &settings, err) != 0 || share_out(r, err) != 0)
        return -1;
    s->device.interrupted = p->interrupted;
    s->device.cycle_limit = CYCLES_AT_LEAST + (uint64_t)p->chunks * p->context * CYCLES_PER_MAC *
                                                  (p->model->parameters + 1000000);
    const struct session_layout layout = {
        .sequences = r->sequences, .context = p->context, .list_size = 1, .checked = true};
    if (session_model(s, p->model, &layout, err) != 0)
        return -1;
    for (uint32_t i = 0; i < SCOREBOARD_SLOTS; i++)
        if ((r->slot[i].logits = malloc(p->model->vocab * sizeof(uint32_t))) == NULL)
            return ls_error_set(err, "out of memory");
    for (int i = 0; i < 2; i++)
        if ((r->scratch[i] = malloc(p->model->vocab * sizeof(double))) == NULL)
            return ls_error_set(err, "out of memory");
    if (p->nats[PERPLEXITY_FLOAT] != NULL &&
        ls_reference_open(p->model, r->sequences, p->context, &r->reference, err) != 0)
        return -1;
    return session_observe(s, list, sizeof list / sizeof *list, err);
}

/* Chunks from r->begin on, side by side. */
static enum fw_status run_chunks(struct device_run *r, uint32_t count) {
    const struct perplexity *p = r->p;
    struct session *s = &r->session;
    enum fw_status status = FW_OK;
    struct fw_event event;
    for (uint32_t i = 0; i < count && status == FW_OK; i++) {
        const uint32_t *tokens = p->tokens + (size_t)(r->begin + i) * p->context;
        scoreboard_text(&s->board, i, tokens, p->context, p->first + 1);
        status = fw_prompt(&s->firmware, i, tokens, p->first + 1);
        fw_give(&s->firmware, i, tokens + p->first + 1);
    }
    while (status == FW_OK && (status = fw_next(&s->firmware, &event)) == FW_OK)
        if (s->device.status != DEVICE_OK ||
            !scoreboard_token(&s->board, event.sequence, event.token))
            break;
    return status;
}

static enum sim_verdict verdict_of(struct device_run *r, enum fw_status status) {
    switch (session_why(&r->session, status, r->p->message, sizeof r->p->message)) {
    case SESSION_DIFFERENCE:
        return SIM_DIFFERENCE;
    case SESSION_INTERRUPTED:
        return SIM_INTERRUPTED;
    default:
        return SIM_DEVICE_ERROR;
    }
}

static enum sim_verdict generate(struct device_run *r, struct ls_error *err) {
    struct perplexity *p = r->p;
    struct session *s = &r->session;
    const struct fw_settings settings = {
        .budget = p->count, .given = 1, .sampling = {.top_k = 1, .top_p = 1, .repeat_penalty = 1}};
    if (session_load(s, err) != 0)
        return SIM_BAD_INPUT;
    enum fw_status status = s->status;
    if (status == FW_LOAD_FAILED && s->firmware.refusal.what != NULL) {
        (void)session_why(s, status, p->message, sizeof p->message);
        ls_error_set(err, "%s: %s", p->options->model, p->message);
        return SIM_BAD_INPUT;
    }
    if (status == FW_OK)
        status = fw_configure(&s->firmware, &settings);
    if (status == FW_OK)
        session_begin(s);
    for (r->begin = 0; r->begin < p->chunks && status == FW_OK; r->begin += r->sequences) {
        const uint32_t left = p->chunks - r->begin;
        const uint32_t count = left < r->sequences ? left : r->sequences;
        status = run_chunks(r, count);
        if (status != FW_DONE || s->device.status != DEVICE_OK || !scoreboard_finish(&s->board))
            break;
        status = FW_OK;
        if (!perplexity_same(p, r->begin, count)) {
            snprintf(p->message, sizeof p->message,
                     "the golden model's logits of chunks %" PRIu32 " to %" PRIu32
                     " are others than the device's",
                     r->begin + 1, r->begin + count);
            return SIM_DIFFERENCE;
        }
        for (uint32_t i = 0; i < count; i++)
            p->on_chunk(p, p->done++);
    }
    if (status != FW_OK || s->device.status != DEVICE_OK || s->board.first.found)
        return verdict_of(r, status);
    session_check(s, true);
    if (s->right)
        return SIM_PASS;
    snprintf(p->message, sizeof p->message, "%s", s->message);
    return SIM_DIFFERENCE;
}

enum sim_verdict perplexity_rtl(struct perplexity *p, struct ls_error *err) {
    enum sim_verdict verdict = SIM_BAD_INPUT;
    struct device_run *r = calloc(1, sizeof *r);
    if (r == NULL) {
        ls_error_set(err, "out of memory");
        return verdict;
    }
    r->p = p;
    if (open_all(r, err) == 0)
        verdict = generate(r, err);
    text_clean(p->message); /* names of files are in it */
    p->words = r->session.board.words;
    session_unobserve(&r->session, NULL);
    session_close(&r->session);
    ls_reference_close(r->reference);
    for (uint32_t i = 0; i < SCOREBOARD_SLOTS; i++)
        free(r->slot[i].logits);
    free(r->scratch[0]);
    free(r->scratch[1]);
    free(r);
    return verdict;
}
