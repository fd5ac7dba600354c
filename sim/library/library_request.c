/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Requests: what is asked for, and where it stands.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "library.h"

struct job *library_job(struct lockstep *d, uint64_t id) {
    for (struct job *j = d->jobs; j != NULL; j = j->next)
        if (j->id == id && !j->over)
            return j;
    return NULL;
}

static void free_job(struct job *j) {
    const char *text;
    size_t size;
    token_stream_finish(&j->stream, &text, &size);
    for (size_t i = 0; i < j->stop_count; i++)
        free(j->stop[i]);
    free(j->stop);
    free(j->held);
    free(j->top);
    library_close_sampling(j);
    free(j->prompt);
    golden_close(j->saved);
    free(j);
}

/* What the sequence of a job that is over holds; the newest token was never computed. */
static void keep(struct lockstep *d, const struct job *j) {
    const struct fw_request *r = &j->request;
    struct library_kept *kept = &d->kept[r->sequence];
    if (!j->admitted || d->out) /* not of this device */
        return;
    kept->count = r->generated == 0 ? r->sent : r->count + r->generated - 1;
    memcpy(kept->tokens, j->prompt, (kept->count + 1) * sizeof *kept->tokens);
    kept->left = ++d->lefts;
}

void library_sweep(struct lockstep *d) {
    for (struct job **at = &d->jobs; *at != NULL && !d->stepping;) {
        struct job *j = *at;
        if (!j->over) {
            at = &j->next;
            continue;
        }
        *at = j->next;
        keep(d, j);
        free_job(j);
    }
}

/* ---- submission ---- */

static bool has_stops(const struct lockstep_request *r) {
    for (size_t i = 0; i < r->stop_count; i++)
        if (r->stop == NULL || r->stop[i] == NULL)
            return false;
    return true;
}

static bool has_biases(const struct lockstep_request *r) {
    for (size_t i = 0; i < r->logit_bias_count; i++)
        if (r->logit_bias == NULL || !(r->logit_bias[i].bias <= 1e6))
            return false;
    return true;
}

/* What is wrong with the request, or NULL. */
static const char *refuse(const struct lockstep_request *r) {
    return r->logprobs > 1 || r->top_logprobs > SAMPLER_LIST
               ? "logprobs: 0 or 1, top_logprobs: 0 to 64"
           : !(r->temperature >= 0 && r->temperature <= 100) ? "temperature: 0 to 100"
           : !(r->top_p > 0 && r->top_p <= 1)                ? "top_p: above 0, at most 1"
           : !(r->typical_p > 0 && r->typical_p <= 1)        ? "typical_p: above 0, at most 1"
           : !(r->min_p >= 0 && r->min_p <= 1)               ? "min_p: 0 to 1"
           : !(r->presence_penalty >= -2 && r->presence_penalty <= 2) ||
                   !(r->frequency_penalty >= -2 && r->frequency_penalty <= 2)
               ? "presence_penalty, frequency_penalty: -2 to 2"
           : !(r->repeat_penalty >= 0.1 && r->repeat_penalty <= 10) ? "repeat_penalty: 0.1 to 10"
           : !has_biases(r) ? "logit_bias: no NaN, no plus infinity, no count without biases"
           : !has_stops(r)  ? "stop: a count without texts"
                            : NULL;
}

static int copy_stops(struct job *j, const struct lockstep_request *r) {
    j->stop = calloc(r->stop_count + 1, sizeof *j->stop);
    if (j->stop == NULL)
        return -1;
    for (size_t i = 0; i < r->stop_count; i++) {
        if (*r->stop[i] == '\0') /* it would stop everything */
            continue;
        j->stop[j->stop_count] = strdup(r->stop[i]);
        if (j->stop[j->stop_count++] == NULL)
            return -1;
    }
    return 0;
}

/* The stream stands behind the prompt, of which nothing is shown. */
static int begin_text(struct lockstep *d, struct job *j) {
    const char *text;
    size_t size;
    j->stream = token_stream_start();
    for (uint32_t i = 0; d->model->tokenizer != NULL && i < j->request.count; i++)
        if (token_stream_put(d->model->tokenizer, &j->stream, j->prompt[i], &text, &size,
                             &d->error) != 0)
            return -1;
    return 0;
}

int library_submit(struct lockstep *d, const struct lockstep_request *r, uint32_t *tokens,
                   size_t count, struct job **made) {
    struct job *j = calloc(1, sizeof *j);
    const char *refusal = refuse(r);
    uint32_t *larger = count > d->layout.context
                           ? NULL
                           : realloc(tokens, (d->layout.context + 1) * sizeof *tokens);
    *made = NULL;
    if (larger != NULL)
        tokens = larger;
    if (j == NULL || larger == NULL || refusal != NULL || count > d->layout.context || count == 0) {
        free(j);
        free(tokens);
        return refusal != NULL ? library_fail(d, LOCKSTEP_BAD_ARGUMENT, "%s", refusal)
               : count == 0    ? library_fail(d, LOCKSTEP_BAD_TOKEN, "the prompt has no token")
               : j == NULL || count <= d->layout.context
                   ? library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory")
                   : library_fail(d, LOCKSTEP_CONTEXT_OVERFLOW,
                                  "the prompt has %zu tokens, a sequence %" PRIu32 " positions",
                                  count, d->layout.context);
    }
    const uint32_t room = d->layout.context + 1 - (uint32_t)count;
    j->request = (struct fw_request){
        .prompt = tokens,
        .count = (uint32_t)count,
        .budget = r->max_tokens != 0 && r->max_tokens < room ? r->max_tokens : room,
        .priority = r->priority,
        .sampling = {.temperature = r->temperature,
                     .top_k = r->top_k,
                     .top_p = r->top_p,
                     .min_p = r->min_p,
                     .repeat_penalty = r->repeat_penalty,
                     .presence_penalty = r->presence_penalty,
                     .frequency_penalty = r->frequency_penalty,
                     .seed = r->seed},
        .owner = j};
    j->prompt = tokens;
    j->golden = d->out;
    j->on_token = r->on_token;
    j->context = r->context;
    j->drafts = r->drafts;
    j->logprobs = r->logprobs != 0;
    j->tops = !j->logprobs                        ? 0
              : r->top_logprobs < d->model->vocab ? r->top_logprobs
                                                  : d->model->vocab;
    j->top = calloc(j->tops + 1, sizeof *j->top);
    if (j->top == NULL || copy_stops(j, r) != 0) {
        free_job(j);
        return library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
    }
    const int status = library_open_sampling(d, j, r);
    if (status != LOCKSTEP_OK) {
        free_job(j);
        return status;
    }
    if (begin_text(d, j) != 0 || fw_submit(library_scheduler(d, j), &j->request) != FW_OK) {
        free_job(j);
        return library_fail(d, LOCKSTEP_BAD_TOKEN, "a token is not in the vocabulary of %" PRIu32,
                            d->model->vocab);
    }
    j->id = ++d->ids;
    struct job **at = &d->jobs;
    while (*at != NULL)
        at = &(*at)->next;
    *at = j;
    d->prompt_tokens += count;
    *made = j;
    return LOCKSTEP_OK;
}

int library_ready(struct lockstep *d) {
    if (d->model == NULL)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "no model is loaded");
    if (d->ending)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "all requests are being ended");
    return d->lost == LOCKSTEP_OK ? LOCKSTEP_OK
                                  : library_fail(d, d->lost, "the device is lost (%s): reset it",
                                                 lockstep_status_text(d->lost));
}

int lockstep_submit(struct lockstep *d, const struct lockstep_request *request, uint64_t *id) {
    struct lockstep_request r;
    uint32_t *tokens = NULL;
    size_t count = 0;
    struct job *j;
    int status = library_ready(d);
    if (status != LOCKSTEP_OK)
        return status;
    lockstep_request_defaults(&r, sizeof r);
    memcpy(&r, request, request->size < sizeof r ? request->size : sizeof r);
    if (r.text != NULL) {
        const uint64_t begin = library_now();
        const size_t bytes = r.text_bytes != 0 ? r.text_bytes : strlen(r.text);
        const unsigned how =
            ((r.flags & LOCKSTEP_ADD_BOS) != 0 ? TOKENIZER_ADD_BOS : 0u) |
            ((r.flags & LOCKSTEP_PARSE_SPECIAL) != 0 ? TOKENIZER_PARSE_SPECIAL : 0u);
        if (ls_model_need_text(d->model, &d->error) != 0 ||
            tokenizer_encode(d->model->tokenizer, r.text, bytes, how, &tokens, &count, &d->error) !=
                0)
            return LOCKSTEP_BAD_TOKEN;
        library_spent(d, PART_TOKENISE, begin);
    } else {
        count = r.token_count;
        tokens = malloc((count + 1) * sizeof *tokens);
        if (tokens == NULL)
            return library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
        if (count != 0)
            memcpy(tokens, r.tokens, count * sizeof *tokens);
    }
    status = library_submit(d, &r, tokens, count, &j);
    if (status == LOCKSTEP_OK && id != NULL)
        *id = j->id;
    return status;
}

/* ---- the scheduler's ---- */

/* Tokens at the beginning of the prompt whose K and V the sequence holds; the last one of a prompt
 * is computed all the same, because it samples. */
static uint32_t common(const struct library_kept *kept, const struct job *j) {
    uint32_t n = 0;
    while (n < kept->count && n + 1 < j->request.count && kept->tokens[n] == j->prompt[n])
        n++;
    return n;
}

/* The sequence that has most of the prompt; of equals the one that has been free for longest. */
uint32_t library_choose(void *device, struct fw_request *request, uint32_t free) {
    struct lockstep *d = device;
    struct job *j = request->owner;
    uint32_t best = FW_SEQUENCES, most = 0;
    for (uint32_t i = 0; i < d->layout.sequences; i++) {
        const uint32_t n = common(&d->kept[i], j);
        if ((free >> i & 1u) == 0)
            continue;
        if (best == FW_SEQUENCES || n > most ||
            (n == most && d->kept[i].left < d->kept[best].left)) {
            best = i;
            most = n;
        }
    }
    if (j->saved == NULL) {
        request->start = most;
        d->reused_tokens += most;
        if (!j->admitted)
            j->reused = most;
    }
    return best;
}

void library_admit(void *device, struct fw_request *request) {
    struct lockstep *d = device;
    struct job *j = request->owner;
    const bool restored = j->saved != NULL;
    j->admitted = true;
    if (restored) {
        session_put_kv(&d->session, j->saved, request->sequence, request->start);
        golden_close(j->saved);
        j->saved = NULL;
    }
    if (d->session.board.golden == NULL)
        return;
    if (request->start != 0 && !restored)
        scoreboard_again(&d->session.board, request->sequence, j->prompt, request->count,
                         request->start);
    else if (request->start != 0)
        scoreboard_continue(&d->session.board, request->sequence, j->prompt, request->count,
                            request->count - j->known, request->start);
    else
        scoreboard_prompt(&d->session.board, request->sequence, j->prompt, request->count);
    scoreboard_choices(&d->session.board, request->sequence,
                       request->whole ? 0
                       : sampler_is_greedy(&request->sampling)
                           ? 1
                           : sampler_list_size(&request->sampling));
}

void library_pass(void *device, uint32_t list) {
    struct lockstep *d = device;
    struct scoreboard *b = &d->session.board;
    if (b->golden == NULL)
        return;
    scoreboard_list(b, list);
    for (uint32_t i = 0; i < d->layout.sequences; i++) {
        const struct fw_request *r = d->scheduler.running[i];
        if (r != NULL && r->drafted != 0)
            scoreboard_drafts(b, i, r->drafts, r->drafted);
    }
}

uint32_t library_draft(void *device, const struct fw_request *request, uint32_t *drafts,
                       uint32_t most) {
    struct lockstep *d = device;
    const struct job *j = request->owner;
    if (j->drafts == 0)
        return 0;
    library_profile_end(d); /* of the firmware's part */
    const uint32_t made = drafter_guess(d->drafter, request->sequence, &request->sampler, j->prompt,
                                        request->count + request->generated, drafts,
                                        most < j->drafts ? most : j->drafts);
    library_profile_guess(d);
    return made;
}
