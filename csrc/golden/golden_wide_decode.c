/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Blocks of weights as integers of 16 bits with AVX-512: sections 2, 3 and 11 of docs/numerics.md,
 * a block of 32 a register. Types that are rare go through golden_weights_from.
 */
#include "golden_wide_16.h"

#include <string.h>

#include "golden_weights.h"

#if defined(__AVX512VBMI__) && defined(__AVX512BW__)
#include "golden_wide_scale.h"

#define GROUP GOLDEN_WIDE_GROUP

static inline uint32_t load_16(const uint8_t *bytes) {
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline uint32_t load_32(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline __m256i load_256(const uint8_t *bytes) {
    return _mm256_loadu_si256((const __m256i *)(const void *)bytes);
}

static inline void put(struct golden_wide_weights *to, size_t b, __m512i w) {
    _mm512_store_si512(to->w[b], w);
}

/* From binary16. False: NONFINITE. */
static inline bool put_scales(const uint32_t *d, int32_t *g, int32_t *t) {
    const struct scales s = scales_from(_mm512_loadu_si512(d));
    _mm512_storeu_si512(g, s.g);
    _mm512_storeu_si512(t, s.t);
    return s.bad == 0;
}

/* ---- Floats: block(x, 16) of section 2 ---- */

/* The largest of 32 magnitudes of 16 bits. */
static inline unsigned largest_of(__m512i magnitude) {
    const __m256i two = _mm256_max_epu16(_mm512_castsi512_si256(magnitude),
                                         _mm512_extracti64x4_epi64(magnitude, 1));
    const __m128i one =
        _mm_max_epu16(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
    const __m128i ones = _mm_set1_epi16(-1); /* there is an instruction for the least one */
    return 0xffffu - (unsigned)_mm_extract_epi16(_mm_minpos_epu16(_mm_xor_si128(one, ones)), 0);
}

/* x * 2^(28 - shift) of 16 binary32, exact, then to the nearest integer, ties to even. A subnormal
 * gives 0. */
static inline __m256i mantissas_of(__m512 x, int shift) {
    const __m512 by = _mm512_castsi512_ps(_mm512_set1_epi32((28 - shift + 127) << 23));
    return _mm512_cvtsepi32_epi16(_mm512_cvt_roundps_epi32(
        _mm512_mul_ps(x, by), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

/* 32 binary32 whose largest has the exponent field `field`. */
static inline bool put_floats(struct golden_wide_weights *to, size_t b, __m512 low, __m512 high,
                              int field) {
    const int shift = field - 113 > 0 ? field - 113 : 0;
    const __m512i m = _mm512_inserti64x4(_mm512_castsi256_si512(mantissas_of(low, shift)),
                                         mantissas_of(high, shift), 1);
    put(to, b, _mm512_max_epi16(m, _mm512_set1_epi16(-32767)));
    to->g[b] = 1;
    to->t[b] = shift;
    return shift <= 31;
}

static bool decode_halves(enum ggml_type type, const uint8_t *row, size_t cols, size_t first,
                          size_t count, struct golden_wide_weights *to) {
    bool good = true;
    for (size_t b = 0; b < count; b++) {
        const size_t at = (first + b) * GOLDEN_BLOCK, left = cols - at;
        const __mmask32 in = left < GOLDEN_BLOCK ? (1u << left) - 1 : ~0u;
        const __m512i x = _mm512_maskz_loadu_epi16(in, row + 2 * at);
        const unsigned largest = largest_of(_mm512_and_si512(x, _mm512_set1_epi16(0x7fff)));
        const __m256i low = _mm512_castsi512_si256(x), high = _mm512_extracti64x4_epi64(x, 1);
        if (type == GGML_TYPE_F16) {
            const unsigned field = largest >> 10;
            good &= field != 31;
            good &= put_floats(to, b, _mm512_cvtph_ps(low), _mm512_cvtph_ps(high),
                               (int)field + 127 - 15);
        } else {
            const __m512i a = _mm512_slli_epi32(_mm512_cvtepu16_epi32(low), 16);
            const __m512i c = _mm512_slli_epi32(_mm512_cvtepu16_epi32(high), 16);
            good &= put_floats(to, b, _mm512_castsi512_ps(a), _mm512_castsi512_ps(c),
                               (int)(largest >> 7));
        }
    }
    return good;
}

static bool decode_f32(enum ggml_type type, const uint8_t *row, size_t cols, size_t first,
                       size_t count, struct golden_wide_weights *to) {
    const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
    bool good = true;
    (void)type;
    for (size_t b = 0; b < count; b++) {
        const size_t at = (first + b) * GOLDEN_BLOCK, left = cols - at;
        const uint32_t in = left < GOLDEN_BLOCK ? (1u << left) - 1 : ~0u;
        const __m512i low = _mm512_maskz_loadu_epi32((__mmask16)in, row + 4 * at);
        const __m512i high = _mm512_maskz_loadu_epi32((__mmask16)(in >> 16), row + 4 * at + 64);
        const uint32_t largest = _mm512_reduce_max_epu32(
            _mm512_max_epu32(_mm512_and_si512(low, magnitude), _mm512_and_si512(high, magnitude)));
        good &= put_floats(to, b, _mm512_castsi512_ps(low), _mm512_castsi512_ps(high),
                           (int)(largest >> 23));
    }
    return good;
}

/* ---- Blocks of 32 ---- */

static inline __m256i nibbles(const uint8_t *q) { /* low ones, then high ones */
    const __m128i both = _mm_loadu_si128((const __m128i *)(const void *)q);
    const __m256i all =
        _mm256_inserti128_si256(_mm256_castsi128_si256(both), _mm_srli_epi16(both, 4), 1);
    return _mm256_and_si256(all, _mm256_set1_epi8(15));
}

/* The entries of the table that nibbles stand for. */
static inline __m512i iq4_of(const uint8_t *q) {
    const __m128i table = _mm_loadu_si128((const __m128i *)(const void *)golden_iq4_values);
    return _mm512_cvtepi8_epi16(
        _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), nibbles(q)));
}

static bool decode_32(enum ggml_type type, const uint8_t *row, size_t cols, size_t first,
                      size_t count, struct golden_wide_weights *to) {
    const size_t bytes = type_info[type].bytes;
    const bool minimum = type_info[type].has_min;
    const __m512i sixteen = _mm512_set1_epi16(16);
    uint32_t d[GROUP] = {0}, m[GROUP] = {0};
    (void)cols;
    for (size_t b = 0; b < count; b++) {
        const uint8_t *from = row + (first + b) * bytes;
        const uint8_t *q = from + bytes - 16;
        d[b] = load_16(from);
        m[b] = minimum ? load_16(from + 2) : 0;
        to->v[0][b] = to->v[1][b] = minimum;
        const __m512i w = _mm512_cvtepu8_epi16(nibbles(q));
        if (type == GGML_TYPE_IQ4_NL)
            put(to, b, iq4_of(q));
        else if (type == GGML_TYPE_Q4_1)
            put(to, b, w);
        else if (type == GGML_TYPE_Q5_1)
            put(to, b, _mm512_mask_add_epi16(w, load_32(q - 4), w, sixteen));
        else
            put(to, b, _mm512_mask_sub_epi16(w, ~load_32(q - 4), w, sixteen));
    }
    return put_scales(d, to->g, to->t) && (!minimum || put_scales(m, to->h, to->r));
}

/* ---- Blocks of 256: eight parts ---- */

/* A scale for each 16 of 32 columns. */
static inline __m512i two_scales(int first, int second) {
    return _mm512_inserti64x4(_mm512_set1_epi16((short)first), _mm256_set1_epi16((short)second), 1);
}

static inline __m256i bits_of(__m256i bytes, unsigned from, int mask) {
    return _mm256_and_si256(_mm256_srl_epi16(bytes, _mm_cvtsi32_si128((int)from)),
                            _mm256_set1_epi8((char)mask));
}

/* Bit `bit` of each of 32 bytes. */
static inline __mmask32 bit_of(__m256i bytes, unsigned bit) {
    return _mm256_test_epi8_mask(bytes, _mm256_set1_epi8((char)(1u << bit)));
}

static inline void put_q2_k(const uint8_t *from, unsigned part, struct golden_wide_weights *to,
                            size_t b) {
    const uint8_t *scale = from + 2 * part;
    const __m256i q = bits_of(load_256(from + 16 + part / 4 * 32), 2 * (part % 4), 3);
    put(to, b,
        _mm512_mullo_epi16(_mm512_cvtepu8_epi16(q), two_scales(scale[0] & 15, scale[1] & 15)));
    to->v[0][b] = -(scale[0] >> 4);
    to->v[1][b] = -(scale[1] >> 4);
}

static inline int q3_k_scale(const uint8_t *s, unsigned k) {
    const int low = k < 8 ? s[k] & 15 : s[k - 8] >> 4;
    return (low | (s[8 + k % 4] >> 2 * (k / 4) & 3) << 4) - 32;
}

static inline void put_q3_k(const uint8_t *from, unsigned part, struct golden_wide_weights *to,
                            size_t b) {
    const __m512i low =
        _mm512_cvtepu8_epi16(bits_of(load_256(from + 32 + part / 4 * 32), 2 * (part % 4), 3));
    const __m512i q =
        _mm512_mask_sub_epi16(low, ~bit_of(load_256(from), part), low, _mm512_set1_epi16(4));
    put(to, b,
        _mm512_mullo_epi16(
            q, two_scales(q3_k_scale(from + 96, 2 * part), q3_k_scale(from + 96, 2 * part + 1))));
}

/* Scales and minimums of Q4_K and Q5_K, a byte each. */
static inline void six_bits(const uint8_t *s, uint8_t scale[8], uint8_t minimum[8]) {
    const uint32_t a = load_32(s), b = load_32(s + 4), c = load_32(s + 8);
    const uint32_t word[4] = {a & 0x3f3f3f3f, (c & 0x0f0f0f0f) | (a >> 6 & 0x03030303) << 4,
                              b & 0x3f3f3f3f, (c >> 4 & 0x0f0f0f0f) | (b >> 6 & 0x03030303) << 4};
    memcpy(scale, word, 8);
    memcpy(minimum, word + 2, 8);
}

static inline void put_q6_k(const uint8_t *from, unsigned part, struct golden_wide_weights *to,
                            size_t b) {
    const int8_t *scale = (const int8_t *)from + 192 + 2 * part;
    const __m256i low =
        bits_of(load_256(from + 64 * (part / 4) + 32 * (part % 2)), 4 * (part % 4 / 2), 15);
    const __m256i high = bits_of(load_256(from + 128 + part / 4 * 32), 2 * (part % 4), 3);
    const __m256i q = _mm256_or_si256(low, _mm256_slli_epi16(high, 4));
    put(to, b,
        _mm512_mullo_epi16(_mm512_sub_epi16(_mm512_cvtepu8_epi16(q), _mm512_set1_epi16(32)),
                           two_scales(scale[0], scale[1])));
}

static inline void put_iq4_xs(const uint8_t *from, unsigned part, struct golden_wide_weights *to,
                              size_t b) {
    const int low = from[4 + part / 2] >> 4 * (part % 2) & 15;
    const int high = from[2 + part / 4] >> 2 * (part % 4) & 3;
    put(to, b,
        _mm512_mullo_epi16(iq4_of(from + 8 + 16 * part),
                           _mm512_set1_epi16((short)((low | high << 4) - 32))));
}

/* Where a type has d, and dmin behind it. */
static inline size_t scale_place(enum ggml_type type) {
    return type == GGML_TYPE_Q2_K   ? 80
           : type == GGML_TYPE_Q3_K ? 108
           : type == GGML_TYPE_Q6_K ? 208
                                    : 0;
}

static bool decode_256(enum ggml_type type, const uint8_t *row, size_t cols, size_t first,
                       size_t count, struct golden_wide_weights *to) {
    const bool minimum = type_info[type].has_min;
    const size_t bytes = type_info[type].bytes, place = scale_place(type);
    uint32_t d[GROUP] = {0}, m[GROUP] = {0};
    (void)cols;
    for (size_t b = 0; b < count; b += 8) { /* first and count are multiples of 8 */
        const uint8_t *from = row + (first + b) / 8 * bytes;
        uint8_t scale[8], least[8];
        if (type == GGML_TYPE_Q4_K || type == GGML_TYPE_Q5_K)
            six_bits(from + 4, scale, least);
        for (unsigned part = 0; part < 8; part++) {
            d[b + part] = load_16(from + place);
            m[b + part] = minimum ? load_16(from + place + 2) : 0;
            switch (type) {
            case GGML_TYPE_Q2_K:
                put_q2_k(from, part, to, b + part);
                break;
            case GGML_TYPE_Q3_K:
                put_q3_k(from, part, to, b + part);
                break;
            case GGML_TYPE_Q6_K:
                put_q6_k(from, part, to, b + part);
                break;
            case GGML_TYPE_IQ4_XS:
                put_iq4_xs(from, part, to, b + part);
                break;
            default: { /* Q4_K and Q5_K */
                const uint8_t *q = from + (type == GGML_TYPE_Q4_K ? 16 : 48) + part / 2 * 32;
                __m512i w = _mm512_cvtepu8_epi16(bits_of(load_256(q), part % 2 * 4, 15));
                if (type == GGML_TYPE_Q5_K)
                    w = _mm512_mask_add_epi16(w, bit_of(load_256(from + 16), part), w,
                                              _mm512_set1_epi16(16));
                put(to, b + part, _mm512_mullo_epi16(w, _mm512_set1_epi16(scale[part])));
                to->v[0][b + part] = to->v[1][b + part] = -least[part];
            }
            }
        }
    }
    return put_scales(d, to->g, to->t) && (!minimum || put_scales(m, to->h, to->r));
}

/* ---- All other types ---- */

static bool decode_any(enum ggml_type type, const uint8_t *row, size_t cols, size_t first,
                       size_t count, struct golden_wide_weights *to) {
    struct golden_weights w;
    (void)cols;
    for (size_t b = 0; b < count; b++) {
        if (golden_weights_from(type, row, first + b, &w) != GOLDEN_FAULT_NONE)
            return false;
        memcpy(to->w[b], w.w, sizeof w.w);
        to->g[b] = w.g;
        to->t[b] = (int32_t)w.t;
    }
    return true;
}

golden_wide_decoder *golden_wide_decoder_of(enum ggml_type type) {
    switch (type) {
    case GGML_TYPE_F16:
    case GGML_TYPE_BF16:
        return decode_halves;
    case GGML_TYPE_F32:
        return decode_f32;
    case GGML_TYPE_Q4_1:
    case GGML_TYPE_Q5_0:
    case GGML_TYPE_Q5_1:
    case GGML_TYPE_IQ4_NL:
        return decode_32;
    case GGML_TYPE_Q2_K:
    case GGML_TYPE_Q3_K:
    case GGML_TYPE_Q4_K:
    case GGML_TYPE_Q5_K:
    case GGML_TYPE_Q6_K:
    case GGML_TYPE_IQ4_XS:
        return decode_256;
    default:
        return decode_any;
    }
}

#endif
