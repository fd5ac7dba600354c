/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What happens to requests when the device is lost and there is an understudy: those that run go
 * on there, from the last token that was checked; the device is switched off and on, and has those
 * that come behind once it passes its self-test.
 */
#include <string.h>

#include "library.h"

struct fw_scheduler *library_scheduler(struct lockstep *d, const struct job *j) {
    return j->golden ? &d->golden.scheduler : &d->scheduler;
}

bool library_has_understudy(const struct lockstep *d) {
    return d->settings.backend == LOCKSTEP_BACKEND_AUTO && !d->testing;
}

/* Puts a request into line, as it is: its sampler has seen all that it should, its drafts count. */
static void enqueue(struct lockstep *d, struct job *j, bool golden) {
    const struct fw_request before = j->request;
    j->golden = golden;
    j->admitted = false;
    if (golden && !j->keeps)
        j->request.start = 0;
    fw_submit(library_scheduler(d, j), &j->request);
    j->request.sampler = before.sampler;
    j->request.guessed = before.guessed;
    j->request.right = before.right;
}

/* What was generated becomes part of the prompt. */
static void continue_from(struct job *j, bool keeps) {
    struct fw_request *r = &j->request;
    const uint32_t computed = r->generated == 0 ? r->sent : r->count + r->generated - 1;
    j->known += r->generated;
    r->count += r->generated;
    r->budget -= r->generated;
    r->generated = 0;
    j->keeps = keeps && computed != 0;
    r->start = j->keeps ? computed : 0;
    if (r->start >= r->count) /* it had just been given its last token */
        r->start = r->count - 1;
}

void library_note(struct lockstep *d) {
    for (struct job *j = d->jobs; j != NULL && library_has_understudy(d); j = j->next)
        j->before = j->request;
}

/* On and tested: LOCKSTEP_OK, or it is out. The requests are nobody's meanwhile. */
static int revive(struct lockstep *d) {
    const struct ls_error why = d->error;
    int status = library_test(d, NULL, NULL);
    if (status == LOCKSTEP_OK)
        status = library_start_device(d);
    if (status != LOCKSTEP_OK)
        library_stop(d);
    d->out = status != LOCKSTEP_OK;
    d->lost = LOCKSTEP_OK;
    d->retry = d->golden.tokens + LIBRARY_RETRY;
    if (status == LOCKSTEP_OK)
        d->error = why;
    return status;
}

int library_fall_back(struct lockstep *d) {
    const struct ls_error why = d->error;
    const bool idle =
        d->golden.model == NULL || d->golden.scheduler.active + d->golden.scheduler.queued == 0;
    struct golden *own = idle ? scoreboard_take(&d->session.board) : NULL;
    const bool takes = own != NULL;
    if (idle && library_golden_open(d, own) != LOCKSTEP_OK) {
        d->lost = LOCKSTEP_NO_MEMORY;
        library_end_jobs(d, LOCKSTEP_END_FAILED);
        return d->lost;
    }
    library_stop(d);
    d->losses++;
    for (struct job *j = d->jobs; j != NULL; j = j->next) {
        j->moves = !j->over && !j->golden;
        if (!j->moves)
            continue;
        const bool begun = j->before.state == FW_REQUEST_RUNNING; /* before the pass that failed */
        j->golden = begun || j->request.state == FW_REQUEST_RUNNING;
        j->request = j->before;
        if (j->golden)
            continue_from(j, takes && begun);
    }
    revive(d);
    d->error = why;
    for (struct job *j = d->jobs; j != NULL; j = j->next)
        if (j->moves)
            enqueue(d, j, j->golden || d->out);
    return LOCKSTEP_OK;
}

void library_retry(struct lockstep *d) {
    if (!d->out || !library_has_understudy(d) || d->golden.tokens < d->retry ||
        revive(d) != LOCKSTEP_OK)
        return;
    for (struct job *j = d->jobs; j != NULL; j = j->next)
        if (!j->over && j->request.state == FW_REQUEST_QUEUED && !j->keeps) {
            fw_cancel(&d->golden.scheduler, &j->request);
            enqueue(d, j, false);
        }
}
