/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * run->on_progress: how far loading, the prompt and the completion have come.
 */
#include <stdlib.h>

#include "rtl.h"

struct progress {
    const struct rtl *rtl;
    uint64_t begun; /* tokens; counted by the golden model's thread */
};

static int progress_open(struct session *session, void **self, struct ls_error *err) {
    struct rtl *rtl = rtl_of(session);
    struct progress *p;
    if (rtl->run->on_progress == NULL)
        return 0;
    if ((p = malloc(sizeof *p)) == NULL)
        return ls_error_set(err, "out of memory");
    *p = (struct progress){rtl, 0};
    *self = p;
    return 0;
}

static void progress_token(void *self, uint32_t sequence, uint32_t position, uint32_t token,
                           const uint32_t *logits) {
    struct progress *p = self;
    (void)sequence, (void)position, (void)token, (void)logits;
    __atomic_add_fetch(&p->begun, 1, __ATOMIC_RELAXED);
}

static void progress_progress(void *self) {
    const struct progress *p = self;
    const struct sim_run *run = p->rtl->run;
    const uint64_t begun = __atomic_load_n(&p->begun, __ATOMIC_RELAXED);
    uint64_t prompt = 0;
    for (uint32_t i = 0; i < run->options->prompt_count; i++)
        prompt += run->texts[i].prompt_count;
    if (begun == 0)
        run->on_progress(run, "loading, cycles", p->rtl->session.device.cycle, 0);
    else if (begun < prompt)
        run->on_progress(run, "prompt, tokens", begun, prompt);
    else
        run->on_progress(run, "tokens", begun - prompt,
                         (uint64_t)run->options->tokens * run->options->prompt_count);
}

static int progress_close(void *self, struct ls_error *err) {
    (void)err;
    free(self);
    return 0;
}

const struct observer observe_progress = {.open = progress_open,
                                          .token = progress_token,
                                          .progress = progress_progress,
                                          .close = progress_close};
