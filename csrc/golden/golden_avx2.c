/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Eight blocks at a time, two in the halves of a register: of each 16 bits of the file, the weights
 * are parted in their place, and the vector's mantissas lie in that order. An instruction
 * multiplies 16 weights and adds each two products. The eight sums come to stand in one register,
 * are multiplied by their scales, shifted to above the window's base, and added in 64 bits.
 */
#include "golden_avx2.h"

#include <stdlib.h>
#include <string.h>

#if defined(__AVX2__) && defined(__F16C__)
#include <immintrin.h>

#define EIGHT 8u /* blocks */
#define PAIRS 4u /* blocks p and p + 4 */
#define PARTS 4u /* of a pair's weights: elements 2i, 2i + 1, 16 + 2i, 17 + 2i */

/* Of eight blocks of a vector; those beyond its end are zeros. */
struct golden_avx2_eight {
    __m256i m[PAIRS][PARTS];
    float factor[EIGHT];
    int32_t excess[EIGHT]; /* of the sum of products: weights of Q4_0 are taken as 0 and more */
};

static void prepare_block(enum ggml_type type, const struct golden_block *x, int base, unsigned b,
                          struct golden_avx2_eight *eight) {
    int32_t sum = 0;
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++) {
        int16_t *part = (int16_t *)(void *)&eight->m[b % PAIRS][i / 16 * 2 + i % 2];
        part[b / PAIRS * 8 + i % 16 / 2] = x->m[i];
        sum += x->m[i];
    }
    eight->factor[b] = golden_window_factor(x, base);
    eight->excess[b] = type == GGML_TYPE_Q4_0 ? 8 * sum : 0;
}

bool golden_avx2_open(struct golden_avx2 *a, const struct golden_matrix *matrix,
                      const struct golden_block *const *x, size_t count) {
    static const struct golden_block zeros;
    if ((matrix->type != GGML_TYPE_Q4_0 && matrix->type != GGML_TYPE_Q8_0) || matrix->rows == 0 ||
        matrix->cols < PAIRS * GOLDEN_BLOCK || count > GOLDEN_WIDE_VECTORS)
        return false;
    a->type = matrix->type;
    a->count = count;
    a->blocks = matrix->cols / GOLDEN_BLOCK;
    a->eights = (a->blocks + EIGHT - 1) / EIGHT;
    a->window = golden_window_of(matrix, x, count);
    a->eight = aligned_alloc(sizeof(__m256i), count * a->eights * sizeof *a->eight);
    if (a->eight == NULL)
        return false;
    for (size_t v = 0; v < count; v++) {
        a->x[v] = x[v];
        for (size_t b = 0; b < a->eights * EIGHT; b++)
            prepare_block(a->type, b < a->blocks ? &x[v][b] : &zeros, a->window.base[v],
                          (unsigned)(b % EIGHT), &a->eight[v * a->eights + b / EIGHT]);
    }
    return true;
}

void golden_avx2_close(struct golden_avx2 *a) {
    free(a->eight);
}

/* ---- a row ---- */

struct row_sum {
    __m256i places; /* in 2^base */
    golden_int128 apart;
};

/* Loops are compiled for each type, and for a single vector by itself. */
#define SPECIALISED static inline __attribute__((always_inline))

/* 16 bytes of either block of a pair. */
SPECIALISED __m256i load_pair(const uint8_t *low, const uint8_t *high) {
    const __m128i first = _mm_loadu_si128((const __m128i *)(const void *)low);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(first),
                                   _mm_loadu_si128((const __m128i *)(const void *)high), 1);
}

SPECIALISED void load_weights(enum ggml_type type, const uint8_t *low, size_t size,
                              __m256i part[PARTS]) {
    const uint8_t *high = low + PAIRS * size;
    if (type == GGML_TYPE_Q4_0) {
        const __m256i q = load_pair(low + 2, high + 2), nibble = _mm256_set1_epi16(15);
        part[0] = _mm256_and_si256(q, nibble);
        part[1] = _mm256_and_si256(_mm256_srli_epi16(q, 8), nibble);
        part[2] = _mm256_and_si256(_mm256_srli_epi16(q, 4), nibble);
        part[3] = _mm256_srli_epi16(q, 12);
    } else {
        const __m256i a = load_pair(low + 2, high + 2), b = load_pair(low + 18, high + 18);
        part[0] = _mm256_srai_epi16(_mm256_slli_epi16(a, 8), 8);
        part[1] = _mm256_srai_epi16(a, 8);
        part[2] = _mm256_srai_epi16(_mm256_slli_epi16(b, 8), 8);
        part[3] = _mm256_srai_epi16(b, 8);
    }
}

SPECIALISED __m128i load_scales(const uint8_t *block, size_t size) {
    uint64_t d[2] = {0, 0};
    for (unsigned b = EIGHT; b-- > 0;) {
        uint16_t scale;
        memcpy(&scale, block + b * size, sizeof scale);
        d[b / 4] = d[b / 4] << 16 | scale;
    }
    return _mm_set_epi64x((int64_t)d[1], (int64_t)d[0]);
}

/* Four places of either block, each the part of a sum. */
SPECIALISED __m256i products(const __m256i w[PARTS], const __m256i m[PARTS]) {
    return _mm256_add_epi32(
        _mm256_add_epi32(_mm256_madd_epi16(w[0], m[0]), _mm256_madd_epi16(w[1], m[1])),
        _mm256_add_epi32(_mm256_madd_epi16(w[2], m[2]), _mm256_madd_epi16(w[3], m[3])));
}

/* In each half: sums of two neighbours of a, then those of b. */
SPECIALISED __m256i neighbours(__m256i a, __m256i b) {
    const __m256 x = _mm256_castsi256_ps(a), y = _mm256_castsi256_ps(b);
    return _mm256_add_epi32(_mm256_castps_si256(_mm256_shuffle_ps(x, y, 0x88)),
                            _mm256_castps_si256(_mm256_shuffle_ps(x, y, 0xdd)));
}

/* Blocks out of the window, one by one. False: a scale is not finite. */
__attribute__((noinline)) static bool add_apart(unsigned apart, __m256i dots, __m128i d,
                                                const struct golden_block *x, golden_int128 *sum) {
    int32_t dot[EIGHT];
    uint8_t scale[EIGHT][2];
    bool good = true;
    _mm256_storeu_si256((__m256i *)(void *)dot, dots);
    _mm_storeu_si128((__m128i *)(void *)scale, d);
    for (unsigned b = 0; b < EIGHT; b++)
        if ((apart >> b & 1u) != 0)
            good &= golden_window_apart(dot[b], scale[b], x[b].shift, sum);
    return good;
}

SPECIALISED __m256i odd_places(__m256i x) {
    return _mm256_srli_epi64(x, 32);
}

SPECIALISED bool add_eight(const struct golden_avx2 *a, __m256i dots, __m128i d,
                           const struct golden_block *x, const struct golden_avx2_eight *of,
                           struct row_sum *sum) {
    /* Exact in the window: at least 2^10, 11 bits, below 2^31. */
    const __m256 shifted = _mm256_mul_ps(_mm256_cvtph_ps(d), _mm256_loadu_ps(of->factor));
    const __m256i magnitude =
        _mm256_and_si256(_mm256_castps_si256(shifted), _mm256_set1_epi32(0x7fffffff));
    const __m256i above = _mm256_sub_epi32(magnitude, _mm256_set1_epi32((127 + 10) << 23));
    const __m256i beyond = _mm256_set1_epi32((a->window.size + 1) << 23);
    const __m256i out = _mm256_cmpeq_epi32(_mm256_max_epu32(above, beyond), above);
    const unsigned apart = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(out));
    __m256i scale = _mm256_cvtps_epi32(shifted);
    if (__builtin_expect(apart != 0, 0)) {
        golden_int128 more = 0;
        scale = _mm256_andnot_si256(out, scale);
        if (!add_apart(apart, dots, d, x, &more))
            return false;
        sum->apart += more;
    }
    sum->places = _mm256_add_epi64(sum->places, _mm256_mul_epi32(dots, scale));
    sum->places =
        _mm256_add_epi64(sum->places, _mm256_mul_epi32(odd_places(dots), odd_places(scale)));
    return true;
}

/* Eight blocks times each vector. */
SPECIALISED bool take_eight(const struct golden_avx2 *a, enum ggml_type type, size_t count,
                            const uint8_t *block, size_t i, struct row_sum *sum) {
    const size_t size = type == GGML_TYPE_Q4_0 ? 18 : 34;
    const __m128i d = load_scales(block, size);
    __m256i w[PAIRS][PARTS];
    bool good = true;
    for (unsigned p = 0; p < PAIRS; p++)
        load_weights(type, block + p * size, size, w[p]);
    for (size_t v = 0; v < count; v++) {
        const struct golden_avx2_eight *of = &a->eight[v * a->eights + i];
        const __m256i low = neighbours(products(w[0], of->m[0]), products(w[1], of->m[1]));
        const __m256i high = neighbours(products(w[2], of->m[2]), products(w[3], of->m[3]));
        __m256i dots = neighbours(low, high);
        if (type == GGML_TYPE_Q4_0)
            dots = _mm256_sub_epi32(dots,
                                    _mm256_loadu_si256((const __m256i *)(const void *)of->excess));
        good &= add_eight(a, dots, d, a->x[v] + i * EIGHT, of, &sum[v]);
    }
    return good;
}

/* The last blocks of a row, and what makes them eight: the vector is zero there. */
SPECIALISED bool take_last(const struct golden_avx2 *a, enum ggml_type type, size_t count,
                           const uint8_t *row, struct row_sum *sum) {
    const size_t size = type == GGML_TYPE_Q4_0 ? 18 : 34, first = a->blocks / EIGHT * EIGHT;
    uint8_t block[EIGHT * 34] = {0};
    memcpy(block, row + first * size, (a->blocks - first) * size);
    for (size_t b = a->blocks - first; b < EIGHT; b++)
        memcpy(block + b * size, block, 2);
    return take_eight(a, type, count, block, first / EIGHT, sum);
}

/* y of a row, one of each vector. */
SPECIALISED bool take_row(const struct golden_avx2 *a, enum ggml_type type, size_t count,
                          const uint8_t *row, int scale, size_t r, uint32_t *const *y) {
    const size_t size = type == GGML_TYPE_Q4_0 ? 18 : 34, whole = a->blocks / EIGHT;
    struct row_sum sum[GOLDEN_WIDE_VECTORS];
    bool good = true;
    for (size_t v = 0; v < count; v++)
        sum[v] = (struct row_sum){_mm256_setzero_si256(), 0};
    for (size_t i = 0; i < whole && good; i++)
        good = take_eight(a, type, count, row + i * EIGHT * size, i, sum);
    if (whole != a->eights && good)
        good = take_last(a, type, count, row, sum);
    for (size_t v = 0; v < count && good; v++) {
        enum golden_fault none = GOLDEN_FAULT_NONE; /* below 2^127 * 2^-44 */
        int64_t places[4];
        _mm256_storeu_si256((__m256i *)(void *)places, sum[v].places);
        const int64_t in_base = places[0] + places[1] + places[2] + places[3];
        const int base = a->window.base[v];
        y[v][r] =
            sum[v].apart == 0
                ? golden_round32(in_base, scale + base, &none)
                : golden_round32(in_base * ((golden_int128)1 << base) + sum[v].apart, scale, &none);
    }
    return good;
}

bool golden_avx2_rows(const struct golden_avx2 *a, const uint8_t *rows, size_t row_bytes, size_t n,
                      int scale, uint32_t *const *y) {
    const enum ggml_type q4 = GGML_TYPE_Q4_0, q8 = GGML_TYPE_Q8_0;
    bool good = true;
    for (size_t r = 0; r < n && good; r++) {
        const uint8_t *row = rows + r * row_bytes;
        if (a->count == 1)
            good = a->type == q4 ? take_row(a, q4, 1, row, scale, r, y)
                                 : take_row(a, q8, 1, row, scale, r, y);
        else
            good = a->type == q4 ? take_row(a, q4, a->count, row, scale, r, y)
                                 : take_row(a, q8, a->count, row, scale, r, y);
    }
    return good;
}

#else

bool golden_avx2_open(struct golden_avx2 *a, const struct golden_matrix *matrix,
                      const struct golden_block *const *x, size_t count) {
    (void)a, (void)matrix, (void)x, (void)count;
    return false;
}

void golden_avx2_close(struct golden_avx2 *a) {
    (void)a;
}

bool golden_avx2_rows(const struct golden_avx2 *a, const uint8_t *rows, size_t row_bytes, size_t n,
                      int scale, uint32_t *const *y) {
    (void)a, (void)rows, (void)row_bytes, (void)n, (void)scale, (void)y;
    return false;
}

#endif
