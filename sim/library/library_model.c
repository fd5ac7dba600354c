/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Models, and text to tokens and back.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "csrc/model/bridge.h"
#include "csrc/model/configs.h"
#include "library.h"

void lockstep_layout_defaults(struct lockstep_layout *layout, size_t size) {
    const struct lockstep_layout defaults = {.size = size};
    memcpy(layout, &defaults, size < sizeof defaults ? size : sizeof defaults);
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* Fills in what the layout leaves open, by what a device like this one holds. */
static int lay_out(struct lockstep *d, const struct fw_limits *limits, struct ls_error *err) {
    struct lockstep_layout *l = &d->layout;
    const uint32_t most = least(least(limits->sequences, FW_SEQUENCES), SCOREBOARD_SEQUENCES);
    struct fw_model one; /* position of one sequence */
    if (bridge_model(d->model, 1, 1, &one, err) != 0)
        return -1;
    const uint64_t words = program_kv_words(&one);
    const uint64_t positions = words != 0 ? limits->kv_words / words : 0;
    bridge_release(&one);
    if (l->sequences == 0)
        l->sequences = positions == 0 ? 1 : least(most, (uint32_t)positions);
    if (l->context == 0)
        l->context = least(least(limits->context, d->model->context_length),
                           (uint32_t)(positions / l->sequences));
    if (l->context == 0) /* the device says which room is missing */
        l->context = 1;
    return 0;
}

static void drop_model(struct lockstep *d) {
    ls_model_close(d->model);
    free(d->path);
    library_golden_close(d);
    drafter_close(d->drafter);
    free(d->profile.shares);
    free(d->candidates);
    library_free_pieces(d->pieces);
    d->candidates = NULL;
    d->drafter = NULL;
    d->pieces = NULL;
    d->profile = (struct library_profile){0};
    d->model = NULL;
    d->path = NULL;
}

static int open_model(struct lockstep *d, const char *path, struct ls_model **model) {
    if (path == NULL)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "no path");
    if (access(path, R_OK) != 0)
        return library_fail(d, LOCKSTEP_NOT_FOUND, "%s: %s", path, strerror(errno));
    return ls_model_open(path, model, &d->error) == 0 ? LOCKSTEP_OK : LOCKSTEP_BAD_FORMAT;
}

/* The model that guesses for `model`. */
static int open_small(struct lockstep *d, const char *path, const struct ls_model *model,
                      struct ls_model **small) {
    if (library_is_alone(d))
        return library_fail(
            d, LOCKSTEP_BAD_ARGUMENT, "%s: drafts are for the device, not for %s", path,
            d->settings.backend == LOCKSTEP_BACKEND_FLOAT ? "the float reference"
                                                          : "the golden model in its place");
    const int status = open_model(d, path, small);
    return status != LOCKSTEP_OK || drafter_fits(*small, model, &d->error) == 0
               ? status
               : LOCKSTEP_BAD_ARGUMENT;
}

int lockstep_load(struct lockstep *d, const char *path, const struct lockstep_layout *layout) {
    struct fw_device probe;
    struct hal hal;
    struct ls_model *model = NULL, *small = NULL;
    struct lockstep_layout asked;
    char *name = NULL;
    if (d->stepping)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "a callback cannot load a model");
    lockstep_layout_defaults(&asked, sizeof asked);
    if (layout != NULL)
        memcpy(&asked, layout, layout->size < sizeof asked ? layout->size : sizeof asked);
    int status = open_model(d, path, &model);
    if (status == LOCKSTEP_OK && asked.draft_model != NULL)
        status = open_small(d, asked.draft_model, model, &small);
    if (status == LOCKSTEP_OK && (name = strdup(path)) == NULL)
        status = library_fail(d, LOCKSTEP_NO_MEMORY, "out of memory");
    if (status != LOCKSTEP_OK) { /* all stays as it was */
        ls_model_close(small);
        ls_model_close(model);
        return status;
    }
    library_end_jobs(d, LOCKSTEP_END_CANCELLED);
    library_stop(d);
    drop_model(d);
    d->prompt_tokens = d->generated_tokens = d->reused_tokens = 0;
    status = library_start_device(d); /* bare: it tells what it holds */
    d->model = model;
    d->path = name;
    if (status == LOCKSTEP_OK) {
        hal = device_hal(&d->session.device);
        d->layout = asked;
        d->layout.draft_model = NULL; /* the caller's text */
        if (fw_probe(&probe, &hal) != FW_OK) {
            status = library_fail(d, LOCKSTEP_DEVICE_FAILED, "%s", fw_status_text(FW_NO_DEVICE));
        } else if ((d->limits = probe.limits, lay_out(d, &d->limits, &d->error)) != 0) {
            status = LOCKSTEP_NO_MEMORY;
        } else if (d->layout.sequences > SCOREBOARD_SEQUENCES ||
                   d->layout.context > d->model->context_length) {
            status = library_fail(d, LOCKSTEP_BAD_ARGUMENT,
                                  "%" PRIu32 " sequences of %" PRIu32
                                  " positions: at most %u of %" PRIu32,
                                  d->layout.sequences, d->layout.context, SCOREBOARD_SEQUENCES,
                                  d->model->context_length);
        } else {
            if (drafter_open(small, (int)d->limits.act_bits, d->layout.sequences, d->layout.context,
                             &d->drafter, &d->error) != 0)
                status = LOCKSTEP_NO_MEMORY;
            small = NULL;
        }
    }
    ls_model_close(small);
    if (status == LOCKSTEP_OK) {
        library_stop(d);
        status = library_start(d);
        if (status == LOCKSTEP_TOO_LARGE) {
            const struct ls_error why = d->error;
            char advice[200];
            configs_advise(&d->session.fw_model, &d->session.firmware.limits, advice,
                           sizeof advice);
            library_fail(d, status, "%s: %s; %s", path, why.text, advice);
        }
        if (status == LOCKSTEP_OK)
            return LOCKSTEP_OK;
    }
    const struct ls_error why = d->error;
    library_stop(d);
    drop_model(d);
    if (library_start(d) == LOCKSTEP_OK)
        d->error = why;
    return status;
}

int library_finish(struct lockstep *d) {
    struct session *s = &d->session;
    session_detach(s);
    s->device.cycle_limit = 0;
    session_check(s, true);
    if (!s->right)
        return library_fail(d, LOCKSTEP_DIFFERED, "%s", s->message);
    return scoreboard_finish(&s->board)
               ? LOCKSTEP_OK
               : library_fail(d, LOCKSTEP_DIFFERED, "first difference: %s", s->board.first.text);
}

int lockstep_unload(struct lockstep *d) {
    int status = LOCKSTEP_OK;
    if (d->stepping)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "a callback cannot unload the model");
    if (d->model == NULL)
        return LOCKSTEP_OK;
    library_end_jobs(d, LOCKSTEP_END_CANCELLED);
    if (d->lost == LOCKSTEP_OK && !d->out && d->settings.checked)
        status = library_finish(d);
    library_stop(d);
    drop_model(d);
    const int bare = library_start(d);
    return status != LOCKSTEP_OK ? status : bare;
}

static int need_model(struct lockstep *d) {
    return d->model != NULL ? LOCKSTEP_OK
                            : library_fail(d, LOCKSTEP_BAD_ARGUMENT, "no model is loaded");
}

static int need_text(struct lockstep *d) {
    if (need_model(d) != LOCKSTEP_OK)
        return LOCKSTEP_BAD_ARGUMENT;
    return ls_model_need_text(d->model, &d->error) == 0 ? LOCKSTEP_OK : LOCKSTEP_BAD_TOKEN;
}

int lockstep_get_model(struct lockstep *d, struct lockstep_model_info *info, size_t size) {
    const struct ls_model *m = d->model;
    if (need_model(d) != LOCKSTEP_OK)
        return LOCKSTEP_BAD_ARGUMENT;
    struct lockstep_model_info i = {.size = size,
                                    .vocab = m->vocab,
                                    .layers = m->layers,
                                    .dim = m->dim,
                                    .context = d->layout.context,
                                    .context_of_model = m->context_length,
                                    .sequences = d->layout.sequences,
                                    .slots = d->out ? 1 : d->scheduler.slots,
                                    .parameters = m->parameters,
                                    .bytes = m->gguf->size,
                                    .chat_template = m->chat_template.data,
                                    .chat_template_size = m->chat_template.size,
                                    .bos = UINT32_MAX,
                                    .eos = UINT32_MAX};
    bool added = false;
    if (m->tokenizer != NULL) {
        i.bos = tokenizer_bos(m->tokenizer, &added);
        i.eos = tokenizer_eos(m->tokenizer);
        i.adds_bos = added;
    }
    snprintf(i.family, sizeof i.family, "%s", m->family->arch);
    snprintf(i.type, sizeof i.type, "%s", m->quant);
    memcpy(info, &i, size < sizeof i ? size : sizeof i);
    return LOCKSTEP_OK;
}

int lockstep_tokenize(struct lockstep *d, const char *text, size_t bytes, uint32_t flags,
                      uint32_t *ids, size_t room, size_t *count) {
    const unsigned how = ((flags & LOCKSTEP_ADD_BOS) != 0 ? TOKENIZER_ADD_BOS : 0u) |
                         ((flags & LOCKSTEP_PARSE_SPECIAL) != 0 ? TOKENIZER_PARSE_SPECIAL : 0u);
    uint32_t *all;
    const int status = need_text(d);
    *count = 0;
    if (status != LOCKSTEP_OK)
        return status;
    if (tokenizer_encode(d->model->tokenizer, text, bytes, how, &all, count, &d->error) != 0)
        return LOCKSTEP_BAD_TOKEN;
    memcpy(ids, all, (*count < room ? *count : room) * sizeof *ids);
    free(all);
    return LOCKSTEP_OK;
}

int lockstep_detokenize(struct lockstep *d, const uint32_t *ids, size_t count, char *text,
                        size_t room, size_t *bytes) {
    struct token_stream stream = token_stream_start();
    const char *part;
    size_t size, all = 0;
    int status = need_text(d);
    *bytes = 0;
    for (size_t i = 0; i <= count && status == LOCKSTEP_OK; i++) {
        if (i == count)
            token_stream_finish(&stream, &part, &size);
        else if (token_stream_put(d->model->tokenizer, &stream, ids[i], &part, &size, &d->error) !=
                 0)
            status = LOCKSTEP_BAD_TOKEN;
        if (status == LOCKSTEP_OK && all < room)
            memcpy(text + all, part, size < room - all ? size : room - all);
        if (status == LOCKSTEP_OK)
            all += size;
    }
    if (status == LOCKSTEP_OK)
        *bytes = all;
    else
        token_stream_finish(&stream, &part, &size);
    return status;
}

int lockstep_token_text(struct lockstep *d, uint32_t id, const char **text, size_t *bytes) {
    struct gguf_string piece;
    const int status = need_text(d);
    if (status != LOCKSTEP_OK)
        return status;
    if (tokenizer_piece(d->model->tokenizer, id, &piece, &d->error) != 0)
        return LOCKSTEP_BAD_TOKEN;
    *text = piece.data;
    *bytes = piece.size;
    return LOCKSTEP_OK;
}
