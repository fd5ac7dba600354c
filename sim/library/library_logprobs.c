/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Log probabilities, of all logits behind a token: those of the golden model, with which each of
 * the device's has been compared; without it, those that the device keeps.
 */
#include <math.h>
#include <stdlib.h>

#include "library.h"

const uint32_t *library_golden_logits(struct lockstep *d, const struct job *j, uint32_t index) {
    struct scoreboard *b = &d->session.board;
    const uint32_t sampled = j->request.count + index - 1; /* position */
    if (j->golden)
        return d->golden.newest;
    if (b->golden == NULL)
        return NULL;
    scoreboard_settle(b);
    for (uint32_t i = 0; i < b->slot_count; i++) /* those of this pass come first */
        if (b->slots[i].active && b->slots[i].wanted &&
            b->slots[i].sequence == j->request.sequence && b->slots[i].position == sampled)
            return golden_logits(b->golden, i);
    return NULL;
}

int library_logprobs(struct lockstep *d, struct job *j, const struct fw_token *t) {
    const uint32_t token = t->token;
    const struct fw_model *m = j->golden ? &d->golden.firmware.model : &d->session.firmware.model;
    const double scale = (double)m->logit_scale, cap = (double)m->logit_cap;
    const uint32_t *logits = library_sees_all(d) || j->golden
                                 ? library_golden_logits(d, j, t->index)
                                 : library_read_logits(d, j);
    uint32_t ids[SAMPLER_LIST], bits[SAMPLER_LIST];
    double sum = 0;
    if (logits == NULL)
        return library_fail(d, LOCKSTEP_BAD_ARGUMENT, "no logits for token %u", token);
    golden_top_k(logits, m->vocab, j->tops != 0 ? j->tops : 1, ids, bits);
    const double most = sampler_logit(bits[0], scale, cap);
    for (uint32_t i = 0; i < m->vocab; i++)
        sum += exp(sampler_logit(logits[i], scale, cap) - most);
    const double all = most + log(sum);
    j->logprob = sampler_logit(logits[token], scale, cap) - all;
    for (uint32_t i = 0; i < j->tops; i++)
        j->top[i] = (struct lockstep_logprob){ids[i], sampler_logit(bits[i], scale, cap) - all};
    return LOCKSTEP_OK;
}
