/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Steps and what comes of them: tokens become text, texts that stop a request are looked for,
 * events go out.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "library.h"

#define NO_TOKEN UINT32_MAX

static void tell(struct job *j, uint32_t token, size_t bytes, enum lockstep_end end,
                 uint32_t stop) {
    const struct lockstep_event event = {.size = sizeof event,
                                         .request = j->id,
                                         .token = token,
                                         .index = j->index,
                                         .text = bytes != 0 ? j->held : "",
                                         .text_bytes = bytes,
                                         .last = end != LOCKSTEP_RUNNING,
                                         .end = end,
                                         .stop = stop,
                                         .golden = j->golden,
                                         .logprob = j->logprob,
                                         .top = token != NO_TOKEN ? j->top : NULL,
                                         .top_count = token != NO_TOKEN ? j->tops : 0,
                                         .drafts = j->request.guessed,
                                         .drafts_taken = j->request.right,
                                         .sequence = j->request.sequence,
                                         .reused = j->reused};
    j->over = event.last != 0;
    if (j->on_token != NULL)
        j->on_token(j->context, &event);
}

static int hold(struct lockstep *d, struct job *j, const char *text, size_t bytes) {
    if (j->held_bytes + bytes > j->held_room) {
        const size_t room = 2 * (j->held_bytes + bytes) + 64;
        char *larger = realloc(j->held, room);
        if (larger == NULL)
            return library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
        j->held = larger;
        j->held_room = room;
    }
    if (bytes != 0)
        memcpy(j->held + j->held_bytes, text, bytes);
    j->held_bytes += bytes;
    return LOCKSTEP_OK;
}

/* Where the first text begins that stops the job; SIZE_MAX: none. Of those that begin there the
 * first in the list. */
static size_t find_stop(const struct job *j, uint32_t *which) {
    for (size_t at = 0; at < j->held_bytes; at++)
        for (size_t i = 0; i < j->stop_count; i++) {
            const size_t size = strlen(j->stop[i]);
            if (size <= j->held_bytes - at && memcmp(j->held + at, j->stop[i], size) == 0) {
                *which = (uint32_t)i;
                return at;
            }
        }
    return SIZE_MAX;
}

/* Bytes that can be shown: up to where a text that stops it may have begun. */
static size_t shown(const struct job *j) {
    for (size_t at = 0; at < j->held_bytes; at++)
        for (size_t i = 0; i < j->stop_count; i++)
            if (j->held_bytes - at < strlen(j->stop[i]) &&
                memcmp(j->held + at, j->stop[i], j->held_bytes - at) == 0)
                return at;
    return j->held_bytes;
}

static int take_token(struct lockstep *d, struct job *j, const struct fw_token *t) {
    enum lockstep_end end = LOCKSTEP_RUNNING;
    const char *text = "";
    size_t bytes = 0, show;
    uint32_t stop = 0;
    int status = LOCKSTEP_OK;
    if (j->stuck)
        return library_end_stuck(d, j);
    if (j->logprobs)
        status = library_logprobs(d, j, t);
    if (status != LOCKSTEP_OK)
        return status;
    if (t->last)
        end = t->end_of_generation                                          ? LOCKSTEP_END_OF_TEXT
              : j->request.count + j->request.generated > d->layout.context ? LOCKSTEP_END_CONTEXT
                                                                            : LOCKSTEP_END_LENGTH;
    if (d->model->tokenizer != NULL && !t->end_of_generation) {
        const uint64_t begin = library_now();
        if (token_stream_put(d->model->tokenizer, &j->stream, t->token, &text, &bytes, &d->error) !=
            0)
            return LOCKSTEP_NO_MEMORY;
        library_spent(d, PART_DETOKENISE, begin);
        status = hold(d, j, text, bytes);
    }
    if (t->last && status == LOCKSTEP_OK) {
        token_stream_finish(&j->stream, &text, &bytes);
        status = hold(d, j, text, bytes);
    }
    if (status != LOCKSTEP_OK)
        return status;
    const size_t at = find_stop(j, &stop);
    if (at != SIZE_MAX) {
        end = LOCKSTEP_END_STOP;
        show = at;
        fw_cancel(library_scheduler(d, j), &j->request);
    } else {
        show = end != LOCKSTEP_RUNNING ? j->held_bytes : shown(j);
    }
    tell(j, t->token, show, end, stop);
    j->index++;
    j->held_bytes -= show;
    if (show != 0)
        memmove(j->held, j->held + show, j->held_bytes);
    return LOCKSTEP_OK;
}

void library_end_job(struct lockstep *d, struct job *j, enum lockstep_end end) {
    fw_cancel(library_scheduler(d, j), &j->request);
    tell(j, NO_TOKEN, 0, end, 0);
}

int library_end_text(struct lockstep *d, struct job *j, enum lockstep_end end) {
    const char *text;
    size_t bytes;
    token_stream_finish(&j->stream, &text, &bytes);
    const int status = hold(d, j, text, bytes);
    fw_cancel(library_scheduler(d, j), &j->request);
    tell(j, NO_TOKEN, j->held_bytes, end, 0);
    return status;
}

void library_end_jobs(struct lockstep *d, enum lockstep_end end) {
    const bool stepping = d->stepping;
    d->stepping = d->ending = true; /* nobody is freed under the loop; no callback submits */
    for (struct job *j = d->jobs; j != NULL; j = j->next)
        if (!j->over)
            library_end_job(d, j, end);
    d->stepping = stepping;
    d->ending = false;
    library_sweep(d);
}

/* Ends its jobs, or has the understudy go on with them. */
static int lose(struct lockstep *d, int lost) {
    if (lost != LOCKSTEP_INTERRUPTED && library_has_understudy(d))
        return library_fall_back(d);
    d->lost = lost;
    const struct ls_error why = d->error;
    library_end_jobs(d, LOCKSTEP_END_FAILED);
    d->error = why;
    return lost;
}

int library_judge(struct lockstep *d, enum fw_status status) {
    struct session *s = &d->session;
    int lost = LOCKSTEP_OK;
    if (status != FW_OK || s->device.status != DEVICE_OK || s->board.first.found ||
        s->power.result.first[0] != '\0') {
        const enum session_stop stop = session_why(s, status, d->error.text, sizeof d->error.text);
        lost = stop == SESSION_DIFFERENCE    ? LOCKSTEP_DIFFERED
               : stop == SESSION_LIMIT       ? LOCKSTEP_TIMED_OUT
               : stop == SESSION_HANGS       ? LOCKSTEP_TIMED_OUT
               : stop == SESSION_INTERRUPTED ? library_interrupted(d)
                                             : LOCKSTEP_DEVICE_FAILED;
    } else if (s->cycles.wrong != 0) {
        lost =
            library_fail(d, LOCKSTEP_DIFFERED, "other cycles than predicted: %s", s->cycles.text);
    }
    return lost == LOCKSTEP_OK ? LOCKSTEP_OK : lose(d, lost);
}

int library_take(struct lockstep *d, const struct fw_token *tokens, uint32_t count) {
    int status = LOCKSTEP_OK;
    for (uint32_t i = 0; i < count; i++) { /* K and V of them are there, shown or not */
        const struct fw_request *r = tokens[i].request;
        ((struct job *)r->owner)->prompt[r->count + tokens[i].index] = tokens[i].token;
    }
    d->stepping = true;
    for (uint32_t i = 0; i < count && status == LOCKSTEP_OK; i++) {
        struct job *j = tokens[i].request->owner;
        if (j->over) /* cancelled by a callback before */
            continue;
        d->generated_tokens++;
        status = take_token(d, j, &tokens[i]);
    }
    d->stepping = false;
    library_sweep(d);
    return status;
}

static int step_device(struct lockstep *d) {
    struct fw_token tokens[FW_SLOTS];
    const uint64_t losses = d->losses;
    uint32_t count;
    library_allow(d);
    library_note(d);
    library_profile_begin(d);
    const enum fw_status fw = fw_step(&d->scheduler, tokens, &count);
    library_profile_end(d);
    if (fw == FW_DONE)
        return LOCKSTEP_IDLE;
    for (uint32_t i = 0; i < count && d->session.board.golden != NULL; i++)
        scoreboard_token(&d->session.board, tokens[i].request->sequence, tokens[i].token);
    int status = library_judge(d, fw);
    if (status == LOCKSTEP_OK && d->losses == losses && d->session.board.golden != NULL) {
        status = library_check_logits(d, tokens, count);
        status = status == LOCKSTEP_OK ? status : lose(d, status);
    }
    return status == LOCKSTEP_OK && d->losses == losses ? library_take(d, tokens, count) : status;
}

int lockstep_step(struct lockstep *d) {
    const int status = library_ready(d);
    if (d->stepping)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "a callback cannot step");
    if (status != LOCKSTEP_OK)
        return status;
    library_retry(d);
    const int device = d->out ? LOCKSTEP_IDLE : step_device(d);
    const int golden = device < 0 || d->testing ? device : library_golden_step(d);
    if (golden >= 0 && d->out && d->interrupted)
        return library_fail(d, library_interrupted(d), "interrupted");
    return golden < 0 || device == LOCKSTEP_IDLE ? golden : LOCKSTEP_OK;
}

int lockstep_cancel(struct lockstep *d, uint64_t id) {
    struct job *j = library_job(d, id);
    if (j == NULL)
        return library_fail(d, LOCKSTEP_NOT_FOUND, "no request %" PRIu64 " is under way", id);
    library_end_job(d, j, LOCKSTEP_END_CANCELLED);
    library_sweep(d);
    return LOCKSTEP_OK;
}
