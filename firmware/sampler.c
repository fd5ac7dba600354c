/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Sampling from the head of the distribution that the device lists.
 */
#include "sampler.h"

static double value_of(uint32_t bits) {
    union {
        uint32_t bits;
        float value;
    } pun;
    pun.bits = bits;
    return (double)pun.value;
}

/* e^x = (e^(x/2^k))^(2^k), the inner one by its series. */
double sampler_exp(double x) {
    double sum = 1, term = 1;
    int halvings = 0;
    if (x < -80)
        return 0;
    while (x < -0.0625) {
        x *= 0.5;
        halvings++;
    }
    for (int n = 1; n < 12; n++) {
        term *= x / n;
        sum += term;
    }
    while (halvings-- > 0)
        sum *= sum;
    return sum;
}

double sampler_uniform(uint64_t *random) {
    uint64_t z = (*random += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

double sampler_logit(uint32_t bits, double scale, double cap) {
    const double logit = scale * value_of(bits);
    if (cap == 0)
        return logit;
    const double e = sampler_exp(-2 * (logit < 0 ? -logit : logit) / cap);
    const double capped = cap * (1 - e) / (1 + e);
    return logit < 0 ? -capped : capped;
}

void sampler_init(struct sampler *s, const struct sampler_settings *settings) {
    s->settings = *settings;
    s->random = settings->seed;
    s->recent_count = 0;
}

static int has_penalty(const struct sampler_settings *s) {
    return s->repeat_penalty != 1 || s->presence_penalty != 0 || s->frequency_penalty != 0;
}

int sampler_is_greedy(const struct sampler_settings *s) {
    return s->temperature <= 0 && !has_penalty(s);
}

uint32_t sampler_list_size(const struct sampler_settings *s) {
    return has_penalty(s) ? SAMPLER_LIST : s->top_k;
}

void sampler_accept(struct sampler *s, uint32_t token) {
    s->recent[s->recent_count++ % SAMPLER_RECENT] = token;
}

static uint32_t times_recent(const struct sampler *s, uint32_t token) {
    uint32_t n = s->recent_count < SAMPLER_RECENT ? s->recent_count : SAMPLER_RECENT, times = 0;
    for (uint32_t i = 0; i < n; i++)
        times += s->recent[i] == token;
    return times;
}

static double penalised(const struct sampler *s, const struct sampler_entry *entry) {
    const struct sampler_settings *p = &s->settings;
    double value = entry->logit;
    const uint32_t times = times_recent(s, entry->token);
    if (times == 0)
        return value;
    value = value > 0 ? value / p->repeat_penalty : value * p->repeat_penalty;
    return value - p->presence_penalty - times * p->frequency_penalty;
}

uint32_t sampler_choose(struct sampler *s, const struct sampler_entry *list, uint32_t count) {
    double logit[SAMPLER_LIST], weight[SAMPLER_LIST], total = 0, reach, draw;
    uint32_t token[SAMPLER_LIST], kept = s->settings.top_k, last;

    if (count > SAMPLER_LIST)
        count = SAMPLER_LIST;
    for (uint32_t i = 0; i < count; i++) { /* penalise, keep in order by insertion */
        const double value = penalised(s, &list[i]);
        uint32_t at = i;
        for (; at > 0 && logit[at - 1] < value; at--) {
            logit[at] = logit[at - 1];
            token[at] = token[at - 1];
        }
        logit[at] = value;
        token[at] = list[i].token;
    }
    if (s->settings.temperature <= 0)
        return token[0];
    if (kept > count)
        kept = count;

    for (uint32_t i = 0; i < kept; i++) /* top-p: the fewest that reach the probability */
        total += weight[i] = sampler_exp(logit[i] - logit[0]);
    reach = s->settings.top_p * total;
    for (last = 0; last + 1 < kept && reach > weight[last]; last++)
        reach -= weight[last];
    kept = last + 1;
    while (kept > 1 && weight[kept - 1] < s->settings.min_p) /* of the best one's, which is 1 */
        kept--;

    total = 0;
    for (uint32_t i = 0; i < kept; i++)
        total += weight[i] = sampler_exp((logit[i] - logit[0]) / s->settings.temperature);
    draw = sampler_uniform(&s->random) * total;
    for (last = 0; last + 1 < kept && draw >= weight[last]; last++)
        draw -= weight[last];
    return token[last];
}
