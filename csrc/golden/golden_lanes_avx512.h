/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden_lanes.c: 16 elements in a register of AVX-512. Rounding to nearest is part of
 * the instruction. exp and rcp are integers, eight of 64 bits a register.
 */
#ifndef LS_GOLDEN_LANES_AVX512_H
#define LS_GOLDEN_LANES_AVX512_H

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#include <immintrin.h>

#include "golden_lanes.h"

#define NEAREST (_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)

typedef __m512i vector;
typedef __mmask16 lanes;
#define NO_LANES 0

static inline __m512i load(const uint32_t *x) {
    return _mm512_loadu_si512(x);
}

/* What makes the value may add to odd, which is read behind it. */
static inline bool store(uint32_t *y, __m512i value, const lanes *odd) {
    _mm512_storeu_si512(y, value);
    return *odd == 0;
}

static inline __m512i all(uint32_t x) {
    return _mm512_set1_epi32((int)x);
}

/* Subnormal or not finite. */
static inline lanes odd_of(__m512i x) {
    return _mm512_fpclass_ps_mask(_mm512_castsi512_ps(x), 0x01 | 0x08 | 0x10 | 0x20 | 0x80);
}

static inline __m512i add(__m512i a, __m512i b, lanes *odd) {
    const __m512i y = _mm512_castps_si512(
        _mm512_add_round_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), NEAREST));
    *odd |= odd_of(a) | odd_of(b) | odd_of(y);
    return y;
}

static inline __m512i mul(__m512i a, __m512i b, lanes *odd) {
    const __m512i y = _mm512_castps_si512(
        _mm512_mul_round_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), NEAREST));
    const __m512i magnitude = _mm512_andnot_si512(all(GOLDEN_SIGN), y);
    *odd |= odd_of(a) | odd_of(b) | odd_of(y) |
            _mm512_cmpeq_epi32_mask(magnitude, all(0x00800000)); /* 2^-126: it may have been less */
    return y;
}

/* ---- section 7, of eight ---- */

static inline __m512i all_64(int64_t x) {
    return _mm512_set1_epi64(x);
}

static inline __m512i exp_8(const struct golden_tables *tables, __m512i x) {
    const __m512i field = _mm512_and_si512(_mm512_srli_epi64(x, 23), all_64(255));
    const __m512i m = _mm512_or_si512(_mm512_and_si512(x, all_64(0x7fffff)), all_64(0x800000));
    const __m512i drop = _mm512_sub_epi64(all_64(33 + 127), field);
    const __m512i half = _mm512_sllv_epi64(all_64(1), _mm512_sub_epi64(drop, all_64(1)));
    const __m512i product = _mm512_mullo_epi64(m, all_64(198282496599));
    const __m512i t = _mm512_srlv_epi64(_mm512_add_epi64(product, half), drop);
    const __m512i u =
        _mm512_and_si512(_mm512_sub_epi64(_mm512_setzero_si512(), t), all_64((1 << 27) - 1));
    const __m512i whole = _mm512_srli_epi64(_mm512_add_epi64(t, u), 27); /* -k */
    const __m512i z = _mm512_and_si512(u, all_64((1 << 19) - 1));
    const __m512i a = _mm512_srli_epi64(_mm512_mul_epu32(z, all_64(744261118)), 22);
    const __m512i h = _mm512_add_epi64(a, _mm512_srli_epi64(_mm512_mul_epu32(a, a), 36));
    const __m512i c = _mm512_i64gather_epi64(_mm512_srli_epi64(u, 19), tables->exp2, 8);
    const __m512i y = _mm512_add_epi64(c, _mm512_srli_epi64(_mm512_mul_epu32(c, h), 35));
    const __m512i rounded = _mm512_srli_epi64(_mm512_add_epi64(y, all_64(64)), 7);
    const __m512i exponent = _mm512_slli_epi64(_mm512_sub_epi64(all_64(126), whole), 23);
    const __mmask8 some = _mm512_cmple_epi64_mask(whole, all_64(126)) &
                          _mm512_cmplt_epi64_mask(field, all_64(127 + 7));
    return _mm512_maskz_add_epi64(some, exponent, rounded);
}

/* Of normal x, 2^-126 < |x| < 2^126. */
static inline __m512i rcp_8(const struct golden_tables *tables, __m512i x) {
    const __m512i f = _mm512_and_si512(x, all_64(0x7fffff)), i = _mm512_srli_epi64(f, 15);
    const __m512i at = _mm512_add_epi64(i, _mm512_add_epi64(i, i)); /* 64-bit words */
    const __m512i c0 = _mm512_i64gather_epi64(at, &tables->rcp[0].c0, 8);
    const __m512i c1 = _mm512_i64gather_epi64(at, &tables->rcp[0].c1, 8);
    const __m512i c2 = _mm512_i64gather_epi64(at, &tables->rcp[0].c2, 8);
    const __m512i h = _mm512_sub_epi64(_mm512_and_si512(f, all_64(0x7fff)), all_64(1 << 14));
    const __m512i line = _mm512_slli_epi64(_mm512_mul_epi32(c1, h), 15);
    const __m512i square = _mm512_mul_epi32(c2, _mm512_mul_epi32(h, h));
    const __m512i y = _mm512_add_epi64(_mm512_sub_epi64(_mm512_slli_epi64(c0, 30), line), square);
    const __m512i m = _mm512_srli_epi64(_mm512_add_epi64(y, all_64(1ll << 35)), 36);
    const __m512i field = _mm512_and_si512(_mm512_srli_epi64(x, 23), all_64(255));
    const __m512i exponent = _mm512_slli_epi64(_mm512_sub_epi64(all_64(2 * 127 - 2), field), 23);
    return _mm512_or_si512(_mm512_add_epi64(exponent, m), _mm512_and_si512(x, all_64(GOLDEN_SIGN)));
}

typedef __m512i function_8(const struct golden_tables *tables, __m512i x);

static inline __m512i by_eights(function_8 *function, const struct golden_tables *tables,
                                __m512i x) {
    const __m512i low = function(tables, _mm512_cvtepu32_epi64(_mm512_castsi512_si256(x)));
    const __m512i high = function(tables, _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(x, 1)));
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi64_epi32(low)),
                              _mm512_cvtepi64_epi32(high), 1);
}

static inline vector exp_16(const struct golden_tables *tables, vector x) {
    return by_eights(exp_8, tables, x);
}

static inline vector rcp_16(const struct golden_tables *tables, vector x) {
    return by_eights(rcp_8, tables, x);
}

static inline lanes negative_of(vector x) {
    return _mm512_movepi32_mask(x);
}

static inline vector choose(lanes which, vector yes, vector no) {
    return _mm512_mask_mov_epi32(no, which, yes);
}

static inline vector minus(vector x) {
    return _mm512_xor_si512(x, all(GOLDEN_SIGN));
}

/* nearest(e * 2^16) of 0 <= e <= 1 */
static inline vector fixed_16(vector e) {
    const __m512 units = _mm512_mul_ps(_mm512_castsi512_ps(e), _mm512_set1_ps(0x1p16f));
    return _mm512_cvt_roundps_epi32(units, NEAREST);
}

/* Every second element of a and then of b, from the first or the second on. */
static inline vector every_second(vector a, vector b, int from) {
    const __m512i even =
        _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    return _mm512_permutex2var_epi32(a, _mm512_add_epi32(even, all((uint32_t)from)), b);
}

/* Elements of a and b in turn: of their first eight, or of their second eight. */
static inline vector in_turn(vector a, vector b, int second) {
    const __m512i low = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return _mm512_permutex2var_epi32(a, _mm512_add_epi32(low, all(second ? 8 : 0)), b);
}

#endif
#endif
