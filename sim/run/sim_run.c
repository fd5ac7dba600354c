/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What all backends share: model, prompts and text.
 */
#include "sim_run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "csrc/base/text.h"
#include "csrc/draft/draft.h"

double sim_worked(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

double sim_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The tokens of a prompt, or of options.text. */
static int encode_text(const struct sim_run *run, uint32_t index, uint32_t **tokens, size_t *count,
                       struct ls_error *err) {
    const struct sim_options *o = run->options;
    size_t size = o->text != NULL ? 0 : strlen(o->prompts[index]);
    char *text = o->text != NULL ? text_read(o->text, &size, err) : NULL;
    if (o->text != NULL && text == NULL)
        return -1;
    const char *prompt = o->text != NULL ? text : o->prompts[index];
    const char *option = o->text != NULL ? "--text" : "--prompt";
    const int status =
        size == 0
            ? ls_error_set(err, "%s: the prompt is empty; give it at least one character", option)
            : tokenizer_encode(run->model->tokenizer, prompt, size, TOKENIZER_ADD_BOS, tokens,
                               count, err);
    free(text);
    return status == 0 && *count == 0
               ? ls_error_set(err, "%s: no token comes of it; give it a word", option)
               : status;
}

/* Those of options.ids, which may be any of the vocabulary. */
static int read_ids(const struct sim_run *run, uint32_t **tokens, size_t *count,
                    struct ls_error *err) {
    const uint32_t vocab = tokenizer_vocab(run->model->tokenizer);
    const char *at = run->options->ids;
    *tokens = calloc(strlen(at) / 2 + 1, sizeof **tokens);
    if (*tokens == NULL)
        return ls_error_set(err, "out of memory for the prompt");
    for (*count = 0;; at++) {
        char *end;
        const unsigned long id = strtoul(at, &end, 10);
        if (*at < '0' || *at > '9' || (*end != ',' && *end != '\0'))
            return ls_error_set(err, "--ids: '%s' is no list of tokens like 1,15,7",
                                run->options->ids);
        if (id >= vocab)
            return ls_error_set(err, "--ids: token %lu, but the vocabulary ends at %u", id,
                                vocab - 1);
        (*tokens)[(*count)++] = (uint32_t)id;
        at = end;
        if (*at == '\0')
            return 0;
    }
}

static int encode(const struct sim_run *run, uint32_t index, uint32_t **tokens, size_t *count,
                  struct ls_error *err) {
    const struct sim_options *o = run->options;
    if ((o->ids != NULL ? read_ids(run, tokens, count, err)
                        : encode_text(run, index, tokens, count, err)) != 0)
        return -1;
    return *count < run->model->context_length
               ? 0
               : ls_error_set(err,
                              "%s: %zu tokens do not fit the model's context of %u; shorten it",
                              o->ids != NULL    ? "--ids"
                              : o->text != NULL ? "--text"
                                                : "--prompt",
                              *count, run->model->context_length);
}

static int open_text(struct sim_run *run, uint32_t index, struct ls_error *err) {
    struct sim_text *text = &run->texts[index];
    size_t count, size;
    const char *bytes;
    if (encode(run, index, &text->prompt, &count, err) != 0)
        return -1;
    text->prompt_count = (uint32_t)count;
    text->generated = calloc(run->options->tokens, sizeof *text->generated);
    text->text = calloc(1, 1);
    if (text->generated == NULL || text->text == NULL)
        return ls_error_set(err, "out of memory for %u tokens", run->options->tokens);
    text->stream = token_stream_start();
    for (size_t i = 0; i < count; i++)
        if (token_stream_put(run->model->tokenizer, &text->stream, text->prompt[i], &bytes, &size,
                             err))
            return -1;
    return 0;
}

int sim_run_open(struct sim_run *run, const struct sim_options *options, struct ls_error *err) {
    memset(run, 0, sizeof *run);
    run->options = options;
    if (ls_model_open(options->model, &run->model, err) != 0 ||
        ls_model_need_text(run->model, err) != 0)
        return -1;
    if (options->draft_model != NULL &&
        (ls_model_open(options->draft_model, &run->draft_model, err) != 0 ||
         drafter_fits(run->draft_model, run->model, err) != 0))
        return -1;
    for (uint32_t i = 0; i < options->prompt_count; i++) {
        if (open_text(run, i, err) != 0)
            return -1;
        const uint32_t need = run->texts[i].prompt_count + options->tokens;
        run->context = need > run->context ? need : run->context;
    }
    if (options->context != 0)
        run->context = options->context;
    if (run->context > run->model->context_length)
        run->context = run->model->context_length;
    for (uint32_t i = 0; i < options->prompt_count; i++)
        if (run->texts[i].prompt_count >= run->context)
            return ls_error_set(err, "--context: %u positions cannot hold a prompt of %u tokens",
                                run->context, run->texts[i].prompt_count);
    return 0;
}

void sim_run_close(struct sim_run *run) {
    for (uint32_t i = 0; i < SIM_PROMPTS; i++) {
        free(run->texts[i].prompt);
        free(run->texts[i].generated);
        free(run->texts[i].text);
    }
    ls_model_close(run->draft_model);
    ls_model_close(run->model);
}

void sim_run_unwritten(struct sim_run *run, const struct ls_error *why) {
    if (run->unwritten.text[0] == '\0')
        run->unwritten = *why;
}

const char *sim_run_more(const struct sim_run *run) {
    if (run->context == run->model->context_length)
        return ", all of the model's context";
    return run->options->context != 0 ? "; raise --context" : "; raise -n";
}

enum sim_end sim_run_end(const struct sim_run *run, uint32_t sequence) {
    const struct sim_text *t = &run->texts[sequence];
    const uint32_t count = t->generated_count;
    if (count != 0 && ls_model_is_eog(run->model, t->generated[count - 1]))
        return SIM_END_EOG;
    if (count == run->options->tokens)
        return SIM_END_BUDGET;
    if (t->prompt_count + count > run->context) /* the last one has no position of its own */
        return SIM_END_CONTEXT;
    switch (run->verdict) {
    case SIM_DIFFERENCE:
        return SIM_END_DIFFERENCE;
    case SIM_STOPPED:
        return SIM_END_WINDOW;
    case SIM_INTERRUPTED:
        return SIM_END_INTERRUPT;
    default:
        return run->timed_out ? SIM_END_LIMIT : SIM_END_ERROR;
    }
}

int sim_exit_status(enum sim_verdict verdict) {
    return verdict == SIM_STOPPED ? SIM_PASS : verdict == SIM_INERT ? SIM_BAD_INPUT : (int)verdict;
}

static int append_text(struct sim_text *text, const char *bytes, size_t size,
                       struct ls_error *err) {
    if (text->text_size + size > text->text_room) {
        const size_t room = 2 * (text->text_size + size);
        char *larger = realloc(text->text, room);
        if (larger == NULL)
            return ls_error_set(err, "out of memory for the text");
        text->text = larger;
        text->text_room = room;
    }
    memcpy(text->text + text->text_size, bytes, size);
    text->text_size += size;
    return 0;
}

int sim_run_token(struct sim_run *run, uint32_t sequence, uint32_t token, struct ls_error *err) {
    struct sim_text *text = &run->texts[sequence];
    const char *bytes;
    size_t size;
    if (text->generated_count == run->options->tokens)
        return ls_error_set(err, "sequence %u: more tokens than asked for", sequence);
    text->generated[text->generated_count++] = token;
    if (ls_model_is_eog(run->model, token))
        return 0;
    if (token_stream_put(run->model->tokenizer, &text->stream, token, &bytes, &size, err) != 0)
        return -1;
    if (run->on_text != NULL)
        run->on_text(sequence, bytes, size);
    return append_text(text, bytes, size, err);
}

int sim_run_end_texts(struct sim_run *run, struct ls_error *err) {
    for (uint32_t i = 0; i < run->options->prompt_count; i++) {
        const char *bytes;
        size_t size;
        token_stream_finish(&run->texts[i].stream, &bytes, &size);
        if (size > 0 && run->on_text != NULL)
            run->on_text(i, bytes, size);
        if (append_text(&run->texts[i], bytes, size, err) != 0)
            return -1;
    }
    return 0;
}
