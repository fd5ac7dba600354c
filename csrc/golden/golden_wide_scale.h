/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden_wide*.c: what their rows have in common. Only with AVX-512.
 */
#ifndef LS_GOLDEN_WIDE_SCALE_H
#define LS_GOLDEN_WIDE_SCALE_H

#ifdef __AVX512F__

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

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

/* Place r is the sum of the eight of rows[r]. */
static inline __m512i totals_of_eight(const __m512i rows[8]) {
    __m512i two[4], four[2];
    for (unsigned i = 0; i < 4; i++)
        two[i] = _mm512_add_epi64(_mm512_unpacklo_epi64(rows[2 * i], rows[2 * i + 1]),
                                  _mm512_unpackhi_epi64(rows[2 * i], rows[2 * i + 1]));
    for (unsigned i = 0; i < 2; i++)
        four[i] = _mm512_add_epi64(_mm512_shuffle_i64x2(two[2 * i], two[2 * i + 1], 0x88),
                                   _mm512_shuffle_i64x2(two[2 * i], two[2 * i + 1], 0xdd));
    return _mm512_add_epi64(_mm512_shuffle_i64x2(four[0], four[1], 0x88),
                            _mm512_shuffle_i64x2(four[0], four[1], 0xdd));
}

/* round32(n, k) of eight n, for a k with which none is too large or too small. */
static inline void round_eight(__m512i n, int k, uint32_t *y) {
    const __m512i a = _mm512_abs_epi64(n), zeros = _mm512_lzcnt_epi64(a);
    const __m512i top = _mm512_sllv_epi64(a, zeros); /* 24 bits stay, 40 go */
    const __m512i kept = _mm512_srli_epi64(top, 40);
    const __m512i rest = _mm512_and_si512(top, _mm512_set1_epi64((1ll << 40) - 1));
    const __m512i odd = _mm512_and_si512(kept, _mm512_set1_epi64(1));
    const __m512i half = _mm512_add_epi64(odd, _mm512_set1_epi64((1ll << 39) - 1));
    const __m512i m = _mm512_add_epi64(kept, _mm512_srli_epi64(_mm512_add_epi64(rest, half), 40));
    /* The highest bit of m adds 1 to the exponent field. */
    const __m512i field = _mm512_sub_epi64(_mm512_set1_epi64(63 + k + 127 - 1), zeros);
    const __m512i magnitude = _mm512_add_epi64(_mm512_slli_epi64(field, 23), m);
    const __m512i sign = _mm512_and_si512(_mm512_srli_epi64(n, 32), _mm512_set1_epi64(1ll << 31));
    const __m512i result = _mm512_maskz_or_epi64(_mm512_test_epi64_mask(n, n), sign, magnitude);
    _mm256_storeu_si256((__m256i *)(void *)y, _mm512_cvtepi64_epi32(result));
}

#endif /* __AVX512F__ */
#endif
