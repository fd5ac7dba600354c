/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model or the float reference as the generator, without a device.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "csrc/golden/golden_choose.h"
#include "sim_run.h"

#define SLOTS 8u /* tokens of a prompt that are taken at once */

struct host {
    struct sim_run *run;
    struct golden *golden; /* one of these two */
    struct ls_reference *reference;
};

static int golden_step(struct host *h, uint32_t seq, uint32_t pos, const uint32_t *tokens,
                       uint32_t count, bool wanted, const uint32_t **logits, struct ls_error *err) {
    struct ls_error why;
    if (golden_run_together(h->golden, seq, pos, tokens, count, wanted, &why) != 0)
        return ls_error_set(err, "%s: %s", h->run->options->model, why.text);
    *logits = golden_logits(h->golden, count - 1);
    return 0;
}

static int float_step(struct host *h, uint32_t seq, uint32_t pos, uint32_t token, uint32_t *logits,
                      struct ls_error *err) {
    const float *values = ls_reference_step(h->reference, seq, pos, token, err);
    if (values == NULL)
        return -1;
    for (uint32_t i = 0; i < h->run->model->vocab; i++)
        if (!isfinite(values[i]))
            return ls_error_set(
                err,
                "%s: sequence %u, position %u: the logit of token %u is infinite or not a number; "
                "--backend golden tells which weight makes it so",
                h->run->options->model, seq, pos, i);
    memcpy(logits, values, h->run->model->vocab * sizeof *logits);
    return 0;
}

static enum sim_verdict generate(struct host *h, uint32_t seq, uint32_t *scratch,
                                 struct ls_error *err) {
    struct sim_run *run = h->run;
    struct sim_text *text = &run->texts[seq];
    const uint32_t prompt = text->prompt_count;
    struct sampler sampler;
    uint32_t pos = 0, token = 0;
    sampler_init(&sampler, &run->options->sampling);
    for (uint32_t i = 0; i < prompt; i++)
        sampler_accept(&sampler, text->prompt[i]);
    for (;;) {
        const uint32_t *tokens = pos < prompt ? text->prompt + pos : &token, *logits = scratch;
        const uint32_t left = pos < prompt ? prompt - pos : 1;
        const uint32_t count = h->golden == NULL ? 1 : left < SLOTS ? left : SLOTS;
        if (run->interrupted != NULL && *run->interrupted)
            return SIM_INTERRUPTED;
        if (pos < prompt && run->on_progress != NULL)
            run->on_progress(run, "prompt, tokens", pos, prompt);
        if ((h->golden != NULL
                 ? golden_step(h, seq, pos, tokens, count, count == left, &logits, err)
                 : float_step(h, seq, pos, tokens[0], scratch, err)) != 0)
            return SIM_BAD_INPUT;
        pos += count;
        if (pos < prompt)
            continue;
        token = golden_choose(run->model, &sampler, logits);
        if (sim_run_token(run, seq, token, err) != 0)
            return SIM_BAD_INPUT;
        if (ls_model_is_eog(run->model, token) || text->generated_count == run->options->tokens ||
            pos >= run->context)
            return SIM_PASS;
    }
}

/* A core each unless the options say how many threads. */
static int open_golden(struct host *h, struct ls_error *err) {
    const struct sim_options *o = h->run->options;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned threads = o->threads != 0 ? o->threads : cores > 1 ? (unsigned)cores : 1;
    if (golden_open(h->run->model, 16, SLOTS, o->prompt_count, h->run->context, &h->golden, err) !=
        0)
        return -1;
    return golden_threads(h->golden, threads, err);
}

enum sim_verdict sim_run_host(struct sim_run *run, struct ls_error *err) {
    const uint32_t sequences = run->options->prompt_count;
    struct host h = {.run = run};
    uint32_t *scratch = malloc(run->model->vocab * sizeof *scratch);
    const int opened =
        scratch == NULL ? ls_error_set(err, "out of memory")
        : run->options->backend == SIM_GOLDEN
            ? open_golden(&h, err)
            : ls_reference_open(run->model, sequences, run->context, &h.reference, err);
    const double start = sim_now();
    run->load_seconds = sim_worked();
    run->verdict = opened == 0 ? SIM_PASS : SIM_BAD_INPUT;
    for (uint32_t i = 0; i < sequences && run->verdict == SIM_PASS; i++)
        run->verdict = generate(&h, i, scratch, err);
    run->seconds = sim_now() - start;
    golden_close(h.golden);
    ls_reference_close(h.reference);
    free(scratch);
    return run->verdict;
}
