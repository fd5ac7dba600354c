/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Token by token with the golden model.
 */
#include "sim_start.h"

#include <stdlib.h>
#include <string.h>

#include "csrc/golden/golden_choose.h"
#include "sim/check/sim_choice.h"

bool sim_start_wanted(const struct sim_options *o) {
    return o->start_token != 0 || o->resume != NULL;
}

/* The position at which the device has to begin for token `token` to enter as it would. */
static uint32_t begin_of(uint32_t token, uint32_t prompt, uint32_t slots) {
    if (token > prompt)
        return token - 1;
    return (token < prompt ? token : prompt - 1) / slots * slots;
}

static int follow(struct ls_reference *reference, uint32_t position, uint32_t token,
                  struct ls_error *err) {
    return reference == NULL || ls_reference_step(reference, 0, position, token, err) != NULL ? 0
                                                                                              : -1;
}

static int compute(struct sim_run *run, struct golden *golden, struct ls_reference *reference,
                   uint32_t begin, struct sim_start *start, struct ls_error *err) {
    struct checkpoint *c = &start->state;
    const uint32_t layers = run->model->layers;
    if (run->model->experts != 0 && run->segment != NULL) {
        start->choices = calloc((size_t)begin * layers, sizeof *start->choices);
        if (start->choices == NULL)
            return ls_error_set(err, "out of memory for the experts of %u tokens", begin);
    }
    for (; c->computed < begin; c->computed++) {
        const uint32_t position = c->computed, token = c->tokens[position];
        const bool last = position + 1 >= c->known;
        if (run->interrupted != NULL && *run->interrupted)
            return ls_error_set(err, "interrupted");
        if (run->on_progress != NULL)
            run->on_progress(run, "fast-forward, tokens", position, begin);
        struct ls_error why;
        if (golden_run(golden, 0, 0, position, token, last, &why) != 0)
            return ls_error_set(err, "%s: %s", run->options->model, why.text);
        if (start->choices != NULL)
            sim_choice_of(golden, 0, layers, start->choices + (size_t)position * layers);
        if (follow(reference, position, token, err) != 0)
            return -1;
        if (!last)
            continue;
        const uint32_t next = golden_choose(run->model, &c->sampler, golden_logits(golden, 0));
        if (sim_run_token(run, 0, next, err) != 0)
            return -1;
        if (ls_model_is_eog(run->model, next))
            return ls_error_set(err, "--start-token %u: the text ends at position %u",
                                run->options->start_token, position + 1);
        c->tokens[c->known++] = next;
        start->generated++;
    }
    return 0;
}

/* The option that differs, or NULL. */
static const char *other_setting(const struct sampler_settings *a,
                                 const struct sampler_settings *b) {
    return a->temperature != b->temperature         ? "--temp"
           : a->top_k != b->top_k                   ? "--top-k"
           : a->top_p != b->top_p                   ? "--top-p"
           : a->repeat_penalty != b->repeat_penalty ? "--repeat-penalty"
           : a->min_p != b->min_p                   ? "min_p"
           : a->presence_penalty != b->presence_penalty ||
                   a->frequency_penalty != b->frequency_penalty
               ? "penalty"
           : a->seed != b->seed ? "--seed"
                                : NULL;
}

static int resume(struct sim_run *run, struct golden *golden, struct ls_reference *reference,
                  struct sim_start *start, struct ls_error *err) {
    const struct sim_text *text = &run->texts[0];
    struct checkpoint *c = &start->state;
    if (checkpoint_read(run->options->resume, golden, c, err) != 0)
        return -1;
    if (c->prompt != text->prompt_count ||
        memcmp(c->tokens, text->prompt, c->prompt * sizeof *c->tokens) != 0)
        return ls_error_set(err, "%s: a checkpoint of another prompt", run->options->resume);
    const char *other = other_setting(&c->sampler.settings, &run->options->sampling);
    if (other != NULL)
        return ls_error_set(err, "%s: its tokens were chosen with another %s; give the same",
                            run->options->resume, other);
    for (uint32_t i = 0; i < c->computed; i++)
        if (follow(reference, i, c->tokens[i], err) != 0)
            return -1;
    for (uint32_t i = c->prompt; i < c->known; i++, start->generated++)
        if (sim_run_token(run, 0, c->tokens[i], err) != 0)
            return -1;
    return 0;
}

int sim_start_find(struct sim_run *run, struct golden *golden, struct ls_reference *reference,
                   uint32_t slots, struct sim_start *start, struct ls_error *err) {
    const struct sim_options *o = run->options;
    const struct sim_text *text = &run->texts[0];
    struct checkpoint *c = &start->state;
    memset(start, 0, sizeof *start);
    if (o->prompt_count != 1)
        return ls_error_set(err, "--start-token and --resume need exactly one prompt");
    if (o->resume != NULL) {
        if (resume(run, golden, reference, start, err) != 0)
            return -1;
    } else {
        c->tokens = calloc((size_t)run->context + 1, sizeof *c->tokens);
        if (c->tokens == NULL)
            return ls_error_set(err, "out of memory for %u tokens", run->context);
        memcpy(c->tokens, text->prompt, text->prompt_count * sizeof *c->tokens);
        c->known = c->prompt = text->prompt_count;
        sampler_init(&c->sampler, &o->sampling);
        for (uint32_t i = 0; i < c->prompt; i++)
            sampler_accept(&c->sampler, c->tokens[i]);
    }
    if (o->start_token >= run->context)
        return ls_error_set(err, "--start-token %u: this run has positions 0 to %u%s",
                            o->start_token, run->context - 1, sim_run_more(run));
    if (o->start_token != 0 && compute(run, golden, reference,
                                       begin_of(o->start_token, c->prompt, slots), start, err) != 0)
        return -1;
    if (start->generated >= o->tokens)
        return ls_error_set(err, "--tokens: %u of %u tokens are there already; ask for more",
                            start->generated, o->tokens);
    return 0;
}

void sim_start_close(struct sim_start *start) {
    free(start->state.tokens);
    free(start->choices);
    start->state.tokens = NULL;
    start->choices = NULL;
}
