/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Checkpoints of a request or of what a free sequence holds, in the format of
 * `lockstep sim --checkpoint`.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "library.h"

static int need_check(struct lockstep *d) {
    if (d->model == NULL)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "no model is loaded");
    if (d->lost != LOCKSTEP_OK)
        return library_fail(d, d->lost, "the device is lost: reset it");
    return d->session.board.golden != NULL || d->golden.model != NULL
               ? LOCKSTEP_OK
               : library_fail(d, LOCKSTEP_BAD_ARGUMENT,
                              "a checkpoint is what the golden model holds: open with checked = 1");
}

int lockstep_save(struct lockstep *d, uint64_t id, const char *path) {
    const struct job *j = library_job(d, id);
    const int status = need_check(d);
    if (status != LOCKSTEP_OK)
        return status;
    if (j == NULL)
        return library_fail(d, LOCKSTEP_NOT_FOUND, "no request %" PRIu64 " is under way", id);
    const struct fw_request *r = &j->request;
    if (r->state != FW_REQUEST_RUNNING || r->generated == 0)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "request %" PRIu64 " has no token yet", id);
    const struct golden *golden = j->golden ? d->golden.model : d->session.board.golden;
    const struct checkpoint c = {.sequence = r->sequence,
                                 .tokens = j->prompt,
                                 .known = r->count + r->generated,
                                 .prompt = r->count - j->known,
                                 .computed = r->count + r->generated - 1,
                                 .sampler = r->sampler};
    if (!j->golden)
        scoreboard_settle(&d->session.board);
    return checkpoint_write(path, golden, &c, &d->error) == 0 ? LOCKSTEP_OK : LOCKSTEP_NOT_FOUND;
}

/* A golden model of its own with the K and V; both are the caller's. */
static int read_checkpoint(struct lockstep *d, const char *path, struct golden **saved,
                           struct checkpoint *c) {
    if (access(path, R_OK) != 0)
        return library_fail(d, LOCKSTEP_NOT_FOUND, "%s: %s", path, strerror(errno));
    if (golden_open(d->model, (int)d->limits.act_bits, 1, 1, d->layout.context, saved, &d->error) !=
        0)
        return LOCKSTEP_NO_MEMORY;
    if (checkpoint_read(path, *saved, c, &d->error) == 0)
        return LOCKSTEP_OK;
    golden_close(*saved);
    return LOCKSTEP_BAD_FORMAT;
}

int lockstep_restore(struct lockstep *d, const char *path, const struct lockstep_request *request,
                     uint64_t *id) {
    struct lockstep_request r;
    struct checkpoint c = {0};
    struct golden *saved = NULL;
    struct job *j;
    int status = need_check(d);
    if (status != LOCKSTEP_OK)
        return status;
    lockstep_request_defaults(&r, sizeof r);
    memcpy(&r, request, request->size < sizeof r ? request->size : sizeof r);
    status = read_checkpoint(d, path, &saved, &c);
    if (status != LOCKSTEP_OK)
        return status;
    r.temperature = c.sampler.settings.temperature;
    r.top_k = c.sampler.settings.top_k;
    r.top_p = c.sampler.settings.top_p;
    r.min_p = c.sampler.settings.min_p;
    r.presence_penalty = c.sampler.settings.presence_penalty;
    r.frequency_penalty = c.sampler.settings.frequency_penalty;
    r.repeat_penalty = c.sampler.settings.repeat_penalty;
    r.seed = c.sampler.settings.seed;
    status = library_submit(d, &r, c.tokens, c.known, &j);
    if (status != LOCKSTEP_OK) {
        golden_close(saved);
        return status;
    }
    j->request.start = j->request.sent = c.computed;
    j->request.sampler = c.sampler;
    j->known = j->index = c.known - c.prompt;
    j->saved = saved;
    if (id != NULL)
        *id = j->id;
    return LOCKSTEP_OK;
}

/* ---- what free sequences hold ---- */

static int need_free(struct lockstep *d, uint32_t index) {
    const int status = need_check(d);
    if (status != LOCKSTEP_OK)
        return status;
    if (d->out)
        return library_no_device(d);
    if (d->stepping)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "a callback cannot do that");
    if (index >= d->layout.sequences || d->scheduler.running[index] != NULL)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "no sequence %" PRIu32 " that is free",
                            index);
    return LOCKSTEP_OK;
}

int lockstep_save_sequence(struct lockstep *d, uint32_t index, const char *path, uint32_t *tokens) {
    const int status = need_free(d, index);
    const struct library_kept *kept = &d->kept[index % FW_SEQUENCES];
    if (status != LOCKSTEP_OK)
        return status;
    if (kept->count == 0)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "sequence %" PRIu32 " holds nothing", index);
    /* in a full one no other token came behind */
    const uint32_t computed = kept->count < d->layout.context ? kept->count : kept->count - 1;
    struct checkpoint c = {.sequence = index,
                           .tokens = kept->tokens,
                           .known = computed + 1,
                           .prompt = computed + 1,
                           .computed = computed};
    const struct sampler_settings greedy = {.top_k = 1, .top_p = 1, .repeat_penalty = 1};
    sampler_init(&c.sampler, &greedy);
    scoreboard_settle(&d->session.board);
    if (checkpoint_write(path, d->session.board.golden, &c, &d->error) != 0)
        return LOCKSTEP_NOT_FOUND;
    *tokens = computed;
    return LOCKSTEP_OK;
}

int lockstep_restore_sequence(struct lockstep *d, uint32_t index, const char *path,
                              uint32_t *tokens) {
    struct checkpoint c = {0};
    struct golden *saved = NULL;
    int status = need_free(d, index);
    if (status != LOCKSTEP_OK)
        return status;
    status = read_checkpoint(d, path, &saved, &c);
    if (status != LOCKSTEP_OK)
        return status;
    struct library_kept *kept = &d->kept[index];
    session_put_kv(&d->session, saved, index, c.computed);
    scoreboard_continue(&d->session.board, index, c.tokens, c.known, c.known, c.computed);
    memcpy(kept->tokens, c.tokens, c.known * sizeof *kept->tokens);
    kept->count = *tokens = c.computed;
    kept->left = ++d->lefts;
    golden_close(saved);
    free(c.tokens);
    return LOCKSTEP_OK;
}

int lockstep_erase_sequence(struct lockstep *d, uint32_t index, uint32_t *tokens) {
    const int status = need_free(d, index);
    if (status != LOCKSTEP_OK)
        return status;
    *tokens = d->kept[index].count;
    d->kept[index].count = 0;
    return LOCKSTEP_OK;
}
