/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Passes, handed out token by token.
 */
#include "sim_drafts.h"

#include <stdlib.h>
#include <string.h>

#include "csrc/draft/draft.h"
#include "firmware/scheduler.h"

struct text {
    uint32_t *tokens; /* [context + 1] prompt and completion */
    uint32_t known;
};

struct sim_drafts {
    struct rtl *rtl;
    struct drafter *drafter;
    struct fw_scheduler scheduler;
    struct fw_request requests[SIM_PROMPTS];
    struct text texts[SIM_PROMPTS];
    struct fw_token tokens[FW_SLOTS]; /* of the newest pass, */
    uint32_t count, next;             /* so many, of which so many are handed out */
};

static void on_admit(void *context, struct fw_request *request) {
    struct sim_drafts *d = context;
    struct scoreboard *b = &d->rtl->session.board;
    scoreboard_prompt(b, request->sequence, request->prompt, request->count);
    scoreboard_choices(
        b, request->sequence,
        sampler_is_greedy(&request->sampling) ? 1 : sampler_list_size(&request->sampling));
}

static uint32_t on_draft(void *context, const struct fw_request *request, uint32_t *drafts,
                         uint32_t most) {
    const struct sim_drafts *d = context;
    const struct text *t = request->owner;
    const uint32_t asked = d->rtl->run->options->drafts;
    return drafter_guess(d->drafter, request->sequence, &request->sampler, t->tokens, t->known,
                         drafts, most < asked ? most : asked);
}

static void on_pass(void *context, uint32_t list) {
    const struct sim_drafts *d = context;
    struct scoreboard *b = &d->rtl->session.board;
    scoreboard_list(b, list);
    for (uint32_t i = 0; i < d->rtl->session.layout.sequences; i++) {
        const struct fw_request *r = d->scheduler.running[i];
        if (r != NULL && r->drafted != 0)
            scoreboard_drafts(b, i, r->drafts, r->drafted);
    }
}

/* One after the other, so request i has sequence i. */
static int submit(struct sim_drafts *d, uint32_t i, struct ls_error *err) {
    const struct sim_run *run = d->rtl->run;
    const struct sim_text *from = &run->texts[i];
    struct text *t = &d->texts[i];
    t->tokens = malloc((run->context + 1) * sizeof *t->tokens);
    if (t->tokens == NULL)
        return ls_error_set(err, "out of memory");
    memcpy(t->tokens, from->prompt, from->prompt_count * sizeof *t->tokens);
    t->known = from->prompt_count;
    d->requests[i] = (struct fw_request){.prompt = from->prompt,
                                         .count = from->prompt_count,
                                         .budget = run->options->tokens,
                                         .sampling = run->options->sampling,
                                         .owner = t};
    return fw_submit(&d->scheduler, &d->requests[i]) == FW_OK
               ? 0
               : ls_error_set(err, "%s", fw_status_text(FW_PROMPT_FAILED));
}

int sim_drafts_open(struct rtl *rtl, struct sim_drafts **drafts, struct ls_error *err) {
    struct sim_drafts *d = calloc(1, sizeof *d);
    *drafts = d;
    if (d == NULL)
        return ls_error_set(err, "out of memory");
    struct ls_model *small = rtl->run->draft_model;
    d->rtl = rtl;
    rtl->run->draft_model = NULL;
    if (drafter_open(small, (int)rtl->run->limits.act_bits, rtl->run->options->prompt_count,
                     rtl->run->context, &d->drafter, err) != 0)
        return -1;
    fw_schedule(&d->scheduler, &rtl->session.firmware, rtl->run->options->pass_slots);
    d->scheduler.on_admit = on_admit;
    d->scheduler.on_pass = on_pass;
    d->scheduler.on_draft = on_draft;
    d->scheduler.context = d;
    for (uint32_t i = 0; i < rtl->run->options->prompt_count; i++)
        if (submit(d, i, err) != 0)
            return -1;
    return 0;
}

void sim_drafts_close(struct sim_drafts *d) {
    if (d == NULL)
        return;
    for (uint32_t i = 0; i < SIM_PROMPTS; i++)
        free(d->texts[i].tokens);
    drafter_close(d->drafter);
    free(d);
}

enum fw_status sim_drafts_next(struct sim_drafts *d, struct fw_event *event) {
    while (d->next == d->count) {
        d->next = d->count = 0;
        const enum fw_status status = fw_step(&d->scheduler, d->tokens, &d->count);
        if (status != FW_OK)
            return status;
    }
    const struct fw_token *t = &d->tokens[d->next++];
    struct text *text = t->request->owner;
    text->tokens[text->known++] = t->token;
    *event = (struct fw_event){.sequence = t->request->sequence,
                               .token = t->token,
                               .end_of_generation = t->end_of_generation,
                               .last = t->last};
    return FW_OK;
}
