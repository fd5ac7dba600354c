/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The generator of random numbers of all tests: splitmix64 (Steele, Lea, Flood, 2014). Any seed is
 * good, and equal seeds give equal numbers.
 *
 *     uint64_t random = seed;
 *     unsigned die = 1 + random_below(&random, 6);
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

static inline uint64_t random_64(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Uniform in 0..n-1. */
static inline uint32_t random_below(uint64_t *state, uint32_t n) {
    return (uint32_t)(random_64(state) % n);
}

/* The bits of a finite binary32 whose exponent field is within low..high. */
static inline uint32_t random_float(uint64_t *state, uint32_t low, uint32_t high) {
    uint64_t r = random_64(state);
    uint32_t field = low + (uint32_t)(r >> 40) % (high - low + 1);
    uint32_t fraction_mask = (r >> 38 & 3) == 0 ? 0x807ff000 : 0x807fffff;
    return ((uint32_t)r & fraction_mask) | field << 23;
}

#endif
