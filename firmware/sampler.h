/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Chooses a token from the device's list of the best: penalties, top-k, top-p, min-p, temperature,
 * in llama.cpp's order. The same seed gives the same tokens on every host (IEEE
 * binary64 + - * /, no libm; to be compiled without contraction).
 *
 *     const struct sampler_settings settings = {
 *         .temperature = 0.8, .top_k = 40, .top_p = 0.95, .repeat_penalty = 1, .seed = 7};
 *     struct sampler sampler;
 *     sampler_init(&sampler, &settings);
 *     token = sampler_choose(&sampler, list, count);
 */
#ifndef LOCKSTEP_SAMPLER_H
#define LOCKSTEP_SAMPLER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SAMPLER_LIST   64 /* entries of the device's list at most */
#define SAMPLER_RECENT 64 /* tokens that the penalties look back on */

struct sampler_settings {
    double temperature;    /* 0: the most probable token */
    uint32_t top_k;        /* 1..64 */
    uint32_t unused;       /* 0, so that every byte of a saved state is defined */
    double top_p;          /* (0, 1]; 1: off */
    double min_p;          /* [0, 1] of the best one's probability; 0: off */
    double repeat_penalty; /* > 0; 1: off */
    /* Taken off the logit of a recent token: once, and for each time that it came; 0: off. */
    double presence_penalty, frequency_penalty;
    uint64_t seed;
};

struct sampler {
    struct sampler_settings settings;
    uint64_t random; /* state of the generator */
    uint32_t recent[SAMPLER_RECENT];
    uint32_t recent_count; /* tokens seen so far */
};

struct sampler_entry {
    uint32_t token;
    double logit;
};

/* A logit as it counts for the choice, of one that the device lists as binary32 `bits`: cap
 * tanh(scale * logit / cap), or without a cap (0) scale * logit. */
double sampler_logit(uint32_t bits, double scale, double cap);

/* e^x for x <= 0, to about 1e-15; 0 below -80. */
double sampler_exp(double x);

/* SplitMix64 (Steele, Lea, Flood, 2014): uniform in [0, 1) with 53 bits. */
double sampler_uniform(uint64_t *random);

void sampler_init(struct sampler *sampler, const struct sampler_settings *settings);

/* Whether the device's own greedy choice is what these settings ask for. */
int sampler_is_greedy(const struct sampler_settings *settings);

/* How many of the best the device has to list. A penalty can only move tokens down, so it needs
 * all. */
uint32_t sampler_list_size(const struct sampler_settings *settings);

/* Notes a token of the prompt or of the completion for the penalties. */
void sampler_accept(struct sampler *sampler, uint32_t token);

/* Chooses among count >= 1 entries, best first. */
uint32_t sampler_choose(struct sampler *sampler, const struct sampler_entry *list, uint32_t count);

#ifdef __cplusplus
}
#endif
#endif
