/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the weight path should give, after docs/numerics.md (sections 2 to 4) without a thought of
 * speed: floats transcribed from there, the values of all other types from csrc/gguf/dequant.h. And
 * tensors to try it on: random, of extremes and of one byte throughout, with scales at the edges.
 *
 *     oracle_fill(&rng, LOCKSTEP_TYPE_Q4_0, rows, cols, bytes);
 *     uint32_t y = oracle_dot(LOCKSTEP_TYPE_Q4_0, bytes, cols, act);
 */
#ifndef LOCKSTEP_WEIGHT_ORACLE_H
#define LOCKSTEP_WEIGHT_ORACLE_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/numerics.h"
#include "tests/kit/random.h"

#include "csrc/base/device_info.h"
#include "csrc/gguf/dequant.h"

struct oracle_act { /* a block of activations */
    int16_t m[32];  /* |m| <= 32767 */
    uint8_t s;      /* 0..31 */
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
    uint32_t x = type == LOCKSTEP_TYPE_BF16 ? (uint32_t)oracle_u16(row + 2 * (size_t)i) << 16
                                            : oracle_u32(row + 4 * (size_t)i);
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

/* 2^unit times the weights of a block, or of 32 floats, from column `first` of a row on; returns
 * the unit. A weight of MXFP4 is the integer next to it, ties to even. */
static inline int oracle_units(uint32_t type, const uint8_t *row, uint32_t cols, uint32_t first,
                               int64_t units[DEQUANT_BLOCK]) {
    const struct type_info *info = &type_info[type];
    if (info->is_float) {
        uint32_t x[32];
        int32_t m[32];
        int s;
        for (uint32_t i = 0; i < 32; i++)
            x[i] = first + i < cols ? oracle_element(type, row, first + i) : 0;
        oracle_quantise(x, m, &s);
        for (int i = 0; i < 32; i++)
            units[i] = m[i] * ((int64_t)1 << s);
        return 28;
    }
    const int unit = type == LOCKSTEP_TYPE_MXFP4 ? 28 : 24;
    double x[DEQUANT_BLOCK];
    if (dequant_exact((enum ggml_type)type, row + type_row_bytes(info, first), x, info->elements))
        abort();
    for (uint32_t i = 0; i < info->elements; i++)
        units[i] = (int64_t)nearbyint(ldexp(x[i], unit));
    return unit;
}

/* A row times the activations: section 4, with ACT_BITS = 16. */
static inline uint32_t oracle_dot(uint32_t type, const uint8_t *row, uint32_t cols,
                                  const struct oracle_act *act) {
    const uint32_t step = type_info[type].elements < 32 ? 32 : type_info[type].elements;
    int64_t units[DEQUANT_BLOCK];
    oracle_i128 n = 0;
    int unit = 0;
    for (uint32_t first = 0; first < cols; first += step) {
        unit = oracle_units(type, row, cols, first, units);
        for (uint32_t i = 0; i < step; i++) {
            const struct oracle_act *a = &act[(first + i) / 32];
            n += (oracle_i128)units[i] * a->m[i % 32] * ((oracle_i128)1 << a->s);
        }
    }
    return oracle_round(n, -unit - 12 - 16);
}

/* value(w) of element i of a row */
static inline uint32_t oracle_value(uint32_t type, const uint8_t *row, uint32_t i) {
    const struct type_info *info = &type_info[type];
    double x[DEQUANT_BLOCK];
    uint32_t bits;
    if (info->is_float)
        return oracle_element(type, row, i);
    const uint32_t first = i / info->elements * info->elements;
    if (dequant_exact((enum ggml_type)type, row + type_row_bytes(info, first), x, info->elements))
        abort();
    const double value = x[i - first];
    if (fabs(value) < 0x1p-126)
        return value < 0 ? 0x80000000u : 0;
    const float y = (float)value;
    memcpy(&bits, &y, sizeof bits);
    return bits;
}

/* Where a block has its binary16 scale, and its minimum; returns how many of them. */
static inline uint32_t oracle_scales(uint32_t type, uint32_t at[2]) {
    const struct type_info *info = &type_info[type];
    const bool last = type == LOCKSTEP_TYPE_Q3_K || type == LOCKSTEP_TYPE_Q6_K ||
                      type == LOCKSTEP_TYPE_TQ1_0 || type == LOCKSTEP_TYPE_TQ2_0;
    at[0] = type == LOCKSTEP_TYPE_Q2_K ? 80u : last ? info->bytes - 2u : 0u;
    at[1] = at[0] + 2;
    return type == LOCKSTEP_TYPE_MXFP4 ? 0 : info->has_min ? 2 : 1;
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
    static const uint8_t pattern[] = {0x00, 0xff, 0x80, 0x7f, 0x55, 0xaa, 0x0f, 0xf0};
    const size_t n = rows * oracle_row_bytes(type, cols), step = type_info[type].bytes;
    const bool whole = random_below(rng, 8) == 0; /* a tensor of the largest products */
    const uint8_t most = pattern[random_below(rng, 8)];
    uint32_t at[2];
    const uint32_t scales = oracle_scales(type, at);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)random_64(rng);
    for (size_t i = 0; i < n; i += step) {
        if (type == LOCKSTEP_TYPE_F32 || type == LOCKSTEP_TYPE_BF16) {
            const uint32_t x = oracle_random_float(rng);
            for (size_t k = 0; k < step; k++)
                bytes[i + k] = (uint8_t)(x >> 8 * (k + 4 - step));
            continue;
        }
        if (whole || random_below(rng, 8) == 0) /* of one byte throughout */
            memset(bytes + i, whole ? most : pattern[random_below(rng, 8)], step);
        for (uint32_t k = 0; k < scales; k++) {
            uint16_t h = whole ? 0x7bff : oracle_random_half(rng);
            if (k != 0 && most & 1)
                h ^= 0x8000;
            if (!whole && random_below(rng, 10) == 0)
                h = 0;
            bytes[i + at[k]] = (uint8_t)h;
            bytes[i + at[k] + 1] = (uint8_t)(h >> 8);
        }
        if (type == LOCKSTEP_TYPE_MXFP4) /* often where w_i is rounded or shifted */
            bytes[i] = (uint8_t)(whole                       ? 142
                                 : random_below(rng, 2) == 0 ? 92 + random_below(rng, 51)
                                                             : random_below(rng, 143));
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
