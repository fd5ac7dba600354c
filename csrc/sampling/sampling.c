/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Sampling over the whole vocabulary: each step leaves fewer candidates, best first.
 */
#include "sampling.h"

#include <math.h>
#include <stdlib.h>

/* Best first; of equals the lower token. */
static int by_logit(const void *left, const void *right) {
    const struct sampling_candidate *l = left, *r = right;
    if (l->logit != r->logit)
        return l->logit > r->logit ? -1 : 1;
    return l->token < r->token ? -1 : l->token > r->token;
}

/* As typical_p has put it into `weight`: the least first, of equals the better logit. */
static int by_weight(const void *left, const void *right) {
    const struct sampling_candidate *l = left, *r = right;
    if (l->weight != r->weight)
        return l->weight < r->weight ? -1 : 1;
    return by_logit(left, right);
}

static void look_back(const struct sampling *s, const uint32_t *text, size_t count,
                      struct sampling_candidate *c) {
    const size_t last = s->last < count ? s->last : count;
    for (size_t i = count - last; i < count; i++)
        c[text[i]].times++;
}

static double penalised(const struct sampler_settings *p, double logit, uint32_t times) {
    if (times == 0)
        return logit;
    logit = logit > 0 ? logit / p->repeat_penalty : logit * p->repeat_penalty;
    return logit - p->presence_penalty - times * p->frequency_penalty;
}

/* Takes out what is banned; but if that is all, nothing. */
static uint32_t unbanned(struct sampling_candidate *c, uint32_t count) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (!c[i].banned)
            c[kept++] = c[i];
    return kept != 0 ? kept : count;
}

/* What the grammar leaves. */
static uint32_t allowed(const struct sampling *s, struct sampling_candidate *c, uint32_t count) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (s->allows == NULL || s->allows(s->context, c[i].token))
            c[kept++] = c[i];
    return kept;
}

/* Weights relative to the best one's; their sum, from the best one on. */
static double weigh(struct sampling_candidate *c, uint32_t count, double temperature) {
    double total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += c[i].weight = sampler_exp((c[i].logit - c[0].logit) / temperature);
    return total;
}

/* Those whose information is nearest to the expected one (Meister et al., 2022), until they have
 * the probability p. -log p is log(total) less the logit, so the entropy less -log p is the logit
 * less the mean one. */
static uint32_t typical(struct sampling_candidate *c, uint32_t count, double p) {
    const double best = c[0].logit, total = weigh(c, count, 1);
    double mean = 0, sum = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        mean += c[i].weight * (c[i].logit - best);
    mean /= total;
    for (uint32_t i = 0; i < count; i++)
        c[i].weight = fabs(c[i].logit - best - mean);
    qsort(c, count, sizeof *c, by_weight);
    while (kept < count && !(sum > p * total))
        sum += sampler_exp(c[kept++].logit - best);
    qsort(c, kept, sizeof *c, by_logit);
    return kept;
}

/* The fewest that reach the probability p, and of these what has min_p of the best one's. */
static uint32_t likely(struct sampling_candidate *c, uint32_t count, double p, double min_p) {
    double reach = p * weigh(c, count, 1);
    uint32_t last = 0;
    for (; last + 1 < count && (p == 1 || reach > c[last].weight); last++)
        reach -= c[last].weight;
    while (last != 0 && c[last].weight < min_p)
        last--;
    return last + 1;
}

static uint32_t draw(const struct sampling *s, uint64_t *random, struct sampling_candidate *c,
                     uint32_t count) {
    uint32_t last = 0;
    if (s->base.temperature <= 0)
        return c[0].token;
    double rest = sampler_uniform(random);
    rest *= weigh(c, count, s->base.temperature);
    for (; last + 1 < count && c[last + 1].weight > 0 && rest >= c[last].weight; last++)
        rest -= c[last].weight;
    return c[last].token;
}

uint32_t sampling_choose(const struct sampling *s, uint64_t *random, const uint32_t *text,
                         size_t count, struct sampling_candidate *c) {
    const struct sampler_settings *base = &s->base;
    uint32_t kept = s->vocab;
    for (uint32_t i = 0; i < s->vocab; i++) {
        c[i].token = i;
        c[i].times = 0;
        c[i].banned = false;
    }
    for (size_t i = 0; i < s->bias_count; i++) {
        c[s->biases[i].token].banned |= isinf(s->biases[i].bias) != 0;
        if (!isinf(s->biases[i].bias))
            c[s->biases[i].token].logit += s->biases[i].bias;
    }
    look_back(s, text, count, c);
    for (uint32_t i = 0; i < s->vocab; i++)
        c[i].logit = penalised(base, c[i].logit, c[i].times);

    kept = unbanned(c, allowed(s, c, kept));
    if (kept == 0)
        return UINT32_MAX;
    qsort(c, kept, sizeof *c, by_logit);
    if (base->top_k != 0 && base->top_k < kept)
        kept = base->top_k;
    if (s->typical_p < 1)
        kept = typical(c, kept, s->typical_p);
    if (base->top_p < 1 || base->min_p > 0)
        kept = likely(c, kept, base->top_p, base->min_p);
    return draw(s, random, c, kept);
}
