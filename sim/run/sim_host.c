/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model or the float reference as the generator, without a device.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/golden/golden.h"
#include "sim_run.h"

struct host {
    struct sim_run *run;
    struct golden *golden; /* one of these two */
    struct ls_reference *reference;
};

/* Logits of a token as binary32 bits, or NULL. */
static const uint32_t *step(struct host *h, uint32_t seq, uint32_t pos, uint32_t token,
                            uint32_t *scratch, struct ls_error *err) {
    const char *model = h->run->options->model;
    struct ls_error why;
    if (h->golden != NULL && golden_run(h->golden, 0, seq, pos, token, true, &why) == 0)
        return golden_logits(h->golden, 0);
    if (h->golden != NULL) {
        ls_error_set(err, "%s: %s", model, why.text);
        return NULL;
    }
    const float *logits = ls_reference_step(h->reference, seq, pos, token, err);
    if (logits == NULL)
        return NULL;
    for (uint32_t i = 0; i < h->run->model->vocab; i++)
        if (!isfinite(logits[i])) {
            ls_error_set(err,
                         "%s: sequence %u, position %u: the logit of token %u is infinite or not a "
                         "number; --backend golden tells which weight makes it so",
                         model, seq, pos, i);
            return NULL;
        }
    memcpy(scratch, logits, h->run->model->vocab * sizeof *scratch);
    return scratch;
}

static enum sim_verdict generate(struct host *h, uint32_t seq, uint32_t *scratch,
                                 struct ls_error *err) {
    struct sim_run *run = h->run;
    struct sim_text *text = &run->texts[seq];
    struct sampler sampler;
    uint32_t pos = 0, token = text->prompt[0];
    sampler_init(&sampler, &run->options->sampling);
    for (uint32_t i = 0; i < text->prompt_count; i++)
        sampler_accept(&sampler, text->prompt[i]);
    for (;; pos++) {
        if (run->interrupted != NULL && *run->interrupted)
            return SIM_INTERRUPTED;
        if (pos < text->prompt_count && run->on_progress != NULL)
            run->on_progress(run, "prompt, tokens", pos, text->prompt_count);
        const uint32_t *logits = step(h, seq, pos, token, scratch, err);
        if (logits == NULL)
            return SIM_BAD_INPUT;
        if (pos + 1 < text->prompt_count) {
            token = text->prompt[pos + 1];
            continue;
        }
        token = sim_run_choose(run, &sampler, logits);
        if (sim_run_token(run, seq, token, err) != 0)
            return SIM_BAD_INPUT;
        if (ls_model_is_eog(run->model, token) || text->generated_count == run->options->tokens ||
            pos + 1 >= run->context)
            return SIM_PASS;
    }
}

enum sim_verdict sim_run_host(struct sim_run *run, struct ls_error *err) {
    const uint32_t sequences = run->options->prompt_count;
    struct host h = {.run = run};
    uint32_t *scratch = malloc(run->model->vocab * sizeof *scratch);
    const int opened =
        scratch == NULL ? ls_error_set(err, "out of memory")
        : run->options->backend == SIM_GOLDEN
            ? golden_open(run->model, 16, 1, sequences, run->context, &h.golden, err)
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
