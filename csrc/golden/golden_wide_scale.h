/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden_wide*.c: what their rows have in common. Only with AVX-512.
 */
#ifndef LS_GOLDEN_WIDE_SCALE_H
#define LS_GOLDEN_WIDE_SCALE_H

#include <immintrin.h>
#include <stddef.h>

/* 16 scales g * 2^(t - 24). */
struct scales {
    __m512i g, t;
    __mmask16 bad; /* NONFINITE */
};

/* From binary16 in the low halves. */
static inline struct scales scales_from(__m512i d) {
    const __m512i field = _mm512_and_si512(_mm512_srli_epi32(d, 10), _mm512_set1_epi32(31));
    const __mmask16 normal = _mm512_test_epi32_mask(field, field);
    __m512i g = _mm512_and_si512(d, _mm512_set1_epi32(1023));
    g = _mm512_mask_or_epi32(g, normal, g, _mm512_set1_epi32(1024));
    const __mmask16 negative = _mm512_test_epi32_mask(d, _mm512_set1_epi32(0x8000));
    g = _mm512_mask_sub_epi32(g, negative, _mm512_setzero_si512(), g);
    const __m512i t = _mm512_mask_sub_epi32(field, normal, field, _mm512_set1_epi32(1));
    return (struct scales){g, t, _mm512_cmpeq_epi32_mask(field, _mm512_set1_epi32(31))};
}

static inline int log2_above(size_t n) {
    int bits = 0;
    while (((size_t)1 << bits) < n)
        bits++;
    return bits;
}

#endif
