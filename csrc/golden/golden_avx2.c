/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Weights become integers of 16 bits, of which an instruction multiplies 16 with mantissas and adds
 * each two products. Sums of four blocks come to stand in one register, are multiplied by their
 * scales, shifted to above the window's base, and added in 64 bits.
 */
#include "golden_avx2.h"

#include <stdlib.h>
#include <string.h>

#if defined(__AVX2__) && defined(__F16C__)
#include <immintrin.h>

#define FOUR 4u /* blocks */

/* Of four blocks of a vector. */
struct golden_avx2_four {
    float factor[FOUR];
    int32_t
        excess[FOUR]; /* of the sum of products, since weights of Q4_0 are taken as 0 and more */
};

static int32_t excess_of(enum ggml_type type, const struct golden_block *x) {
    int32_t sum = 0;
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
        sum += x->m[i];
    return type == GGML_TYPE_Q4_0 ? 8 * sum : 0;
}

bool golden_avx2_open(struct golden_avx2 *a, const struct golden_matrix *matrix,
                      const struct golden_block *const *x, size_t count) {
    if ((matrix->type != GGML_TYPE_Q4_0 && matrix->type != GGML_TYPE_Q8_0) || matrix->rows == 0 ||
        matrix->cols < FOUR * GOLDEN_BLOCK || count > GOLDEN_WIDE_VECTORS)
        return false;
    a->type = matrix->type;
    a->count = count;
    a->blocks = matrix->cols / GOLDEN_BLOCK;
    a->window = golden_window_of(matrix, x, count);
    const size_t fours = a->blocks / FOUR;
    a->four = malloc(count * fours * sizeof *a->four);
    if (a->four == NULL)
        return false;
    for (size_t v = 0; v < count; v++) {
        a->x[v] = x[v];
        for (size_t b = 0; b < fours * FOUR; b++) {
            struct golden_avx2_four *four = &a->four[v * fours + b / FOUR];
            four->factor[b % FOUR] = golden_window_factor(&x[v][b], a->window.base[v]);
            four->excess[b % FOUR] = excess_of(a->type, &x[v][b]);
        }
    }
    return true;
}

void golden_avx2_close(struct golden_avx2 *a) {
    free(a->four);
}

/* ---- a row ---- */

struct row_sum {
    __m256i places; /* in 2^base */
    golden_int128 apart;
};

/* Four blocks of weights, and their scales as binary16. */
struct blocks {
    __m256i q[FOUR][2];
    __m128i d;
};

/* Loops are compiled for each type, and for a single vector by itself. */
#define SPECIALISED static inline __attribute__((always_inline))

static inline __m128i load_16_bytes(const void *bytes) {
    return _mm_loadu_si128(bytes);
}

SPECIALISED void load_block(enum ggml_type type, const uint8_t *bytes, __m256i q[2]) {
    if (type == GGML_TYPE_Q4_0) {
        const __m256i both = _mm256_cvtepu8_epi16(load_16_bytes(bytes + 2));
        q[0] = _mm256_and_si256(both, _mm256_set1_epi16(15));
        q[1] = _mm256_srli_epi16(both, 4);
    } else {
        q[0] = _mm256_cvtepi8_epi16(load_16_bytes(bytes + 2));
        q[1] = _mm256_cvtepi8_epi16(load_16_bytes(bytes + 18));
    }
}

SPECIALISED struct blocks load_four(enum ggml_type type, const uint8_t *bytes, size_t size) {
    struct blocks four;
    uint64_t d = 0;
    for (unsigned b = FOUR; b-- > 0;) {
        uint16_t scale;
        memcpy(&scale, bytes + b * size, sizeof scale);
        d = d << 16 | scale;
        load_block(type, bytes + b * size, four.q[b]);
    }
    four.d = _mm_cvtsi64_si128((int64_t)d);
    return four;
}

/* Places of eight, each the part of a block's sum. */
static inline __m256i products(const __m256i q[2], const struct golden_block *x) {
    const __m256i *m = (const __m256i *)(const void *)x->m;
    return _mm256_add_epi32(_mm256_madd_epi16(q[0], _mm256_loadu_si256(m)),
                            _mm256_madd_epi16(q[1], _mm256_loadu_si256(m + 1)));
}

static inline __m128i dots_of(const struct blocks *four, const struct golden_block *x) {
    const __m256i ab = _mm256_hadd_epi32(products(four->q[0], x), products(four->q[1], x + 1));
    const __m256i cd = _mm256_hadd_epi32(products(four->q[2], x + 2), products(four->q[3], x + 3));
    const __m256i all = _mm256_hadd_epi32(ab, cd);
    return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

/* Blocks out of the window, one by one. False: a scale is not finite. */
__attribute__((noinline)) static bool add_apart(unsigned apart, __m128i dots, __m128i d,
                                                const struct golden_block *x, golden_int128 *sum) {
    int32_t dot[FOUR];
    uint8_t scale[2 * FOUR][2];
    bool good = true;
    _mm_storeu_si128((__m128i *)(void *)dot, dots);
    _mm_storeu_si128((__m128i *)(void *)scale, d);
    for (unsigned b = 0; b < FOUR; b++)
        if ((apart >> b & 1u) != 0)
            good &= golden_window_apart(dot[b], scale[b], x[b].shift, sum);
    return good;
}

SPECIALISED bool add_four(const struct golden_avx2 *a, const struct blocks *four,
                          const struct golden_block *x, const struct golden_avx2_four *of,
                          struct row_sum *sum) {
    const __m128i excess = load_16_bytes(of->excess);
    const __m128i dots = _mm_sub_epi32(dots_of(four, x), excess);

    /* Exact in the window: at least 2^10, 11 bits, below 2^31. */
    const __m128 shifted = _mm_mul_ps(_mm_cvtph_ps(four->d), _mm_loadu_ps(of->factor));
    const __m128i magnitude = _mm_and_si128(_mm_castps_si128(shifted), _mm_set1_epi32(0x7fffffff));
    const __m128i above = _mm_sub_epi32(magnitude, _mm_set1_epi32((127 + 10) << 23));
    const __m128i beyond = _mm_set1_epi32((a->window.size + 1) << 23);
    const __m128i out = _mm_cmpeq_epi32(_mm_max_epu32(above, beyond), above);
    __m128i scale = _mm_cvtps_epi32(shifted);
    const int apart = _mm_movemask_ps(_mm_castsi128_ps(out));
    if (__builtin_expect(apart != 0, 0)) {
        golden_int128 more = 0;
        scale = _mm_andnot_si128(out, scale);
        if (!add_apart((unsigned)apart, dots, four->d, x, &more))
            return false;
        sum->apart += more;
    }
    sum->places = _mm256_add_epi64(
        sum->places, _mm256_mul_epi32(_mm256_cvtepi32_epi64(dots), _mm256_cvtepi32_epi64(scale)));
    return true;
}

/* The blocks that do not fill four, element by element. */
static bool add_last(const struct golden_avx2 *a, const uint8_t *row, size_t size, size_t v,
                     golden_int128 *sum) {
    bool good = true;
    for (size_t b = a->blocks / FOUR * FOUR; b < a->blocks; b++) {
        const uint8_t *block = row + b * size, *q = block + 2;
        const struct golden_block *x = &a->x[v][b];
        int32_t dot = 0;
        for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
            dot += x->m[i] * (a->type == GGML_TYPE_Q8_0 ? (int8_t)q[i]
                              : i < 16                  ? (q[i] & 15) - 8
                                                        : (q[i - 16] >> 4) - 8);
        good &= golden_window_apart(dot, block, x->shift, sum);
    }
    return good;
}

/* y of a row, one of each vector. */
SPECIALISED bool take_row(const struct golden_avx2 *a, enum ggml_type type, size_t count,
                          const uint8_t *row, int scale, size_t r, uint32_t *const *y) {
    const size_t size = type == GGML_TYPE_Q4_0 ? 18 : 34, fours = a->blocks / FOUR;
    struct row_sum sum[GOLDEN_WIDE_VECTORS];
    bool good = true;
    for (size_t v = 0; v < count; v++)
        sum[v] = (struct row_sum){_mm256_setzero_si256(), 0};
    for (size_t i = 0; i < fours && good; i++) {
        const struct blocks four = load_four(type, row + i * FOUR * size, size);
        for (size_t v = 0; v < count; v++)
            good &= add_four(a, &four, &a->x[v][i * FOUR], &a->four[v * fours + i], &sum[v]);
    }
    for (size_t v = 0; v < count && good; v++) {
        enum golden_fault none = GOLDEN_FAULT_NONE; /* below 2^127 * 2^-44 */
        int64_t places[4];
        _mm256_storeu_si256((__m256i *)(void *)places, sum[v].places);
        const int64_t whole = places[0] + places[1] + places[2] + places[3];
        good &= add_last(a, row, size, v, &sum[v].apart);
        y[v][r] = golden_round32(whole * ((golden_int128)1 << a->window.base[v]) + sum[v].apart,
                                 scale, &none);
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
