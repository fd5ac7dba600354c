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

/* e^x for x <= 0, to about 1e-15: e^x = (e^(x/2^k))^(2^k), the inner one by its series. */
static double exponential(double x) {
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

/* SplitMix64 (Steele, Lea, Flood, 2014): uniform in [0, 1) with 53 bits. */
static double uniform(struct sampler *s) {
    uint64_t z = (s->random += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

double sampler_logit(uint32_t bits, double scale, double cap) {
    const double logit = scale * value_of(bits);
    if (cap == 0)
        return logit;
    const double e = exponential(-2 * (logit < 0 ? -logit : logit) / cap);
    const double capped = cap * (1 - e) / (1 + e);
    return logit < 0 ? -capped : capped;
}

void sampler_init(struct sampler *s, const struct sampler_settings *settings) {
    s->settings = *settings;
    s->random = settings->seed;
    s->recent_count = 0;
}

int sampler_is_greedy(const struct sampler_settings *s) {
    return s->temperature <= 0 && s->repeat_penalty == 1;
}

uint32_t sampler_list_size(const struct sampler_settings *s) {
    return s->repeat_penalty == 1 ? s->top_k : SAMPLER_LIST;
}

void sampler_accept(struct sampler *s, uint32_t token) {
    s->recent[s->recent_count++ % SAMPLER_RECENT] = token;
}

static int is_recent(const struct sampler *s, uint32_t token) {
    uint32_t n = s->recent_count < SAMPLER_RECENT ? s->recent_count : SAMPLER_RECENT;
    for (uint32_t i = 0; i < n; i++)
        if (s->recent[i] == token)
            return 1;
    return 0;
}

uint32_t sampler_choose(struct sampler *s, const struct sampler_entry *list, uint32_t count) {
    double logit[SAMPLER_LIST], weight[SAMPLER_LIST], total = 0, reach, draw;
    uint32_t token[SAMPLER_LIST], kept = s->settings.top_k, last;

    if (count > SAMPLER_LIST)
        count = SAMPLER_LIST;
    for (uint32_t i = 0; i < count; i++) { /* penalise, keep in order by insertion */
        double value = list[i].logit;
        uint32_t at = i;
        if (s->settings.repeat_penalty != 1 && is_recent(s, list[i].token))
            value =
                value > 0 ? value / s->settings.repeat_penalty : value * s->settings.repeat_penalty;
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
        total += weight[i] = exponential(logit[i] - logit[0]);
    reach = s->settings.top_p * total;
    for (last = 0; last + 1 < kept && reach > weight[last]; last++)
        reach -= weight[last];
    kept = last + 1;

    total = 0;
    for (uint32_t i = 0; i < kept; i++)
        total += weight[i] = exponential((logit[i] - logit[0]) / s->settings.temperature);
    draw = uniform(s) * total;
    for (last = 0; last + 1 < kept && draw >= weight[last]; last++)
        draw -= weight[last];
    return token[last];
}
