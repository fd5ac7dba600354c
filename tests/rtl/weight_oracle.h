/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the weight path should give, transcribed from docs/numerics.md (sections 2 to 4) without a
 * thought of speed, and random tensors with scales at the edges to try it on.
 *
 *     oracle_fill(&rng, LOCKSTEP_TYPE_Q4_0, rows, cols, bytes);
 *     uint32_t y = oracle_dot(LOCKSTEP_TYPE_Q4_0, bytes, cols, act);
 */
#ifndef LOCKSTEP_WEIGHT_ORACLE_H
#define LOCKSTEP_WEIGHT_ORACLE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/numerics.h"
#include "tests/kit/random.h"

#include "csrc/base/device_info.h"

struct oracle_act { /* a block of activations */
    int16_t m[32];  /* |m| <= 32767 */
    uint8_t s;      /* 0..31 */
};

struct oracle_block {
    int32_t w[32];
    int32_t g;
    int t;
};

static inline size_t oracle_row_bytes(uint32_t type, uint32_t cols) {
    return type_row_bytes(&type_info[type], cols);
}

static inline uint16_t oracle_u16(const uint8_t *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t oracle_u32(const uint8_t *p) {
    return oracle_u16(p) | (uint32_t)oracle_u16(p + 2) << 16;
}

/* round32(n, k) */
static inline uint32_t oracle_round(oracle_i128 n, int k) {
    const struct value y = oracle_round32(n, k);
    if (y.error)
        abort(); /* no weights and activations reach it */
    return y.bits;
}

static inline uint32_t oracle_half(uint16_t h) {
    uint32_t e = h >> 10 & 31, f = h & 1023;
    int32_t n = (int32_t)(e ? 1024 + f : f);
    uint32_t y = oracle_round(n, (int)(e ? e : 1) - 25);
    return y | (uint32_t)(h & 0x8000) << 16;
}

/* Element i of a row of floats as binary32; a subnormal is a zero. */
static inline uint32_t oracle_element(uint32_t type, const uint8_t *row, uint32_t i) {
    if (type == LOCKSTEP_TYPE_F16)
        return oracle_half(oracle_u16(row + 2 * (size_t)i));
    uint32_t x = oracle_u32(row + 4 * (size_t)i);
    return x & 0x7f800000 ? x : x & 0x80000000;
}

/* block(x, 16); where that is an error, the device gives no result to compare */
static inline void oracle_quantise(const uint32_t x[32], int32_t m[32], int *s) {
    int16_t q[32] = {0};
    unsigned shift = 0;
    oracle_block(x, 16, q, &shift);
    for (int i = 0; i < 32; i++)
        m[i] = q[i];
    *s = (int)shift;
}

static inline void oracle_decode(uint32_t type, const uint8_t *row, uint32_t cols, uint32_t b,
                                 struct oracle_block *out) {
    if (type_info[type].is_float) {
        uint32_t x[32];
        for (uint32_t i = 0; i < 32; i++)
            x[i] = 32 * b + i < cols ? oracle_element(type, row, 32 * b + i) : 0;
        oracle_quantise(x, out->w, &out->t);
        out->g = 1;
        return;
    }
    const uint8_t *p = row + (size_t)b * type_info[type].bytes;
    uint16_t d = oracle_u16(p);
    uint32_t e = d >> 10 & 31, f = d & 1023;
    out->g = (int32_t)(e ? 1024 + f : f);
    out->t = e ? (int)e - 1 : 0;
    if (d & 0x8000)
        out->g = -out->g;
    for (int i = 0; i < 32; i++) {
        if (type == LOCKSTEP_TYPE_Q8_0)
            out->w[i] = (int8_t)p[2 + i];
        else
            out->w[i] = (i < 16 ? p[2 + i] & 15 : p[2 + i - 16] >> 4) - 8;
    }
}

/* A row times the activations: section 4, with ACT_BITS = 16. */
static inline uint32_t oracle_dot(uint32_t type, const uint8_t *row, uint32_t cols,
                                  const struct oracle_act *act) {
    oracle_i128 n = 0;
    for (uint32_t b = 0; 32 * b < cols; b++) {
        struct oracle_block block;
        oracle_decode(type, row, cols, b, &block);
        int64_t dot = 0;
        for (int i = 0; i < 32; i++)
            dot += (int64_t)block.w[i] * act[b].m[i];
        oracle_i128 term = (oracle_i128)dot * block.g;
        n += term * ((oracle_i128)1 << (block.t + act[b].s));
    }
    return oracle_round(n, -(type_info[type].is_float ? 28 : 24) - 12 - 16);
}

/* value(w) of element i of a row */
static inline uint32_t oracle_value(uint32_t type, const uint8_t *row, uint32_t cols, uint32_t i) {
    if (type_info[type].is_float)
        return oracle_element(type, row, i);
    struct oracle_block block;
    oracle_decode(type, row, cols, i / 32, &block);
    return oracle_round((oracle_i128)block.w[i % 32] * block.g, block.t - 24);
}

/* A binary16 that is a number: all exponents, often the edges. */
static inline uint16_t oracle_random_half(uint64_t *rng) {
    uint32_t h = (uint32_t)random_64(rng) & 0xffff, pick = random_below(rng, 8);
    if (pick == 0)
        h &= 0x83ff; /* subnormal or zero */
    if (pick == 1)
        h &= 0x8000;
    if (pick == 2)
        h = (h & 0x8000) | 0x7bff;
    if ((h & 0x7c00) == 0x7c00)
        h ^= 0x4000;
    return (uint16_t)h;
}

/* A binary32 below 2^18 in magnitude: mostly near 1, at times any exponent. */
static inline uint32_t oracle_random_float(uint64_t *rng) {
    uint32_t x = (uint32_t)random_64(rng), pick = random_below(rng, 16);
    if (pick == 0)
        return x & 0x80000000;
    uint32_t e = pick == 1 ? random_below(rng, 145) : 105 + random_below(rng, 24);
    if (pick == 2)
        x |= 0x7fffff;
    return (x & 0x807fffff) | e << 23;
}

static inline void oracle_fill(uint64_t *rng, uint32_t type, uint32_t rows, uint32_t cols,
                               uint8_t *bytes) {
    size_t n = rows * oracle_row_bytes(type, cols);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)random_64(rng);
    size_t step = type_info[type].bytes;
    int saturate = random_below(rng, 8) == 0; /* a tensor of the largest products */
    for (size_t i = 0; i < n; i += step) {
        if (type == LOCKSTEP_TYPE_F32) {
            uint32_t x = oracle_random_float(rng);
            for (int k = 0; k < 4; k++)
                bytes[i + (size_t)k] = (uint8_t)(x >> 8 * k);
            continue;
        }
        uint16_t h = saturate ? 0x7bff : oracle_random_half(rng);
        bytes[i] = (uint8_t)h;
        bytes[i + 1] = (uint8_t)(h >> 8);
        if (type == LOCKSTEP_TYPE_Q8_0 && saturate)
            memset(bytes + i + 2, 0x80, 32);
        if (type == LOCKSTEP_TYPE_Q4_0 && saturate)
            memset(bytes + i + 2, 0, 16);
        if (step > 2 && random_below(rng, 10) == 0)
            memset(bytes + i, 0, 2); /* a zero block */
    }
}

static inline void oracle_fill_act(uint64_t *rng, struct oracle_act *act) {
    uint32_t pick = random_below(rng, 8);
    for (int i = 0; i < 32; i++) {
        int32_t m = (int32_t)random_below(rng, 65535) - 32767;
        if (pick == 0)
            m = 32767;
        if (pick == 1)
            m = m < 0 ? -32767 : 32767;
        if (pick == 2)
            m = 0;
        act->m[i] = (int16_t)m;
    }
    act->s = (uint8_t)random_below(rng, 32);
}

#endif
