/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * 16 blocks of a row are decoded into integers of 16 bits, which serve all vectors. An instruction
 * multiplies 32 of them with mantissas and adds each two products; these sums of 32 bits are
 * multiplied by the block's scale, shifted by its shift less `base`, and added to sums of 64 bits.
 * A block whose shift is not in the window above `base` is added by itself, in 128 bits.
 */
#include "golden_wide_16.h"

#include <stdlib.h>
#include <string.h>

#include "golden_weights.h"

#if defined(__AVX512VBMI__) && defined(__AVX512BW__)
#include "golden_wide_scale.h"

#define GROUP GOLDEN_WIDE_GROUP

struct golden_wide_vector {
    _Alignas(64) int16_t m[GROUP][GOLDEN_BLOCK];
    int32_t shift[GROUP];
    int32_t half[2][GROUP]; /* sums of 16 mantissas */
};

static bool is_float(enum ggml_type type) {
    return type_info[type].is_float;
}

/* Bits of a sum of two products and a scale: below 2^31 and 1, or weights of up to 4096 and 2047.
 */
static int term_bits(enum ggml_type type) {
    return is_float(type) || type == GGML_TYPE_MXFP4 ? 31 : 12 + 15 + 1 + 11;
}

/* The largest shift of a block in the first rows: a guess, on which only speed depends. */
static int typical_shift(const struct golden_wide_16 *w, const struct golden_matrix *matrix) {
    struct golden_wide_weights weights;
    int largest = 0;
    for (size_t row = 0; row < matrix->rows && row < 4; row++) {
        const uint8_t *bytes = matrix->data + row * golden_row_bytes(matrix);
        for (size_t first = 0; first < w->blocks; first += GROUP) {
            const size_t count = w->blocks - first < GROUP ? w->blocks - first : GROUP;
            if (!w->decode(w->type, bytes, w->cols, first, count, &weights))
                break;
            for (size_t b = 0; b < count; b++)
                largest = weights.t[b] > largest ? weights.t[b] : largest;
        }
    }
    return largest;
}

static void put_block(struct golden_wide_vector *to, unsigned b, const struct golden_block *from) {
    memcpy(to->m[b], from->m, sizeof from->m);
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
        to->half[i / 16][b] += from->m[i];
    to->shift[b] = from->shift;
}

bool golden_wide_16_open(struct golden_wide_16 *w, const struct golden_matrix *matrix,
                         const struct golden_block *const *x, size_t count) {
    if (matrix->type == GGML_TYPE_Q4_0 || matrix->type == GGML_TYPE_Q8_0 || matrix->rows == 0 ||
        matrix->cols < 4 * GOLDEN_BLOCK || count > GOLDEN_WIDE_VECTORS)
        return false;
    w->type = matrix->type;
    w->decode = golden_wide_decoder_of(w->type);
    w->minimums = type_info[w->type].has_min;
    w->count = count;
    w->cols = matrix->cols;
    w->blocks = (matrix->cols + GOLDEN_BLOCK - 1) / GOLDEN_BLOCK;
    w->groups = (w->blocks + GROUP - 1) / GROUP;
    /* A sum of 64 bits takes two terms of a block, and now and then one of a minimum. Of four
     * blocks or more, scale and shift together have at most 31 bits. */
    w->window = 62 - 1 - term_bits(w->type) - log2_above(w->blocks);
    const size_t size = count * w->groups * sizeof *w->vector;
    w->vector = aligned_alloc(64, size);
    if (w->vector == NULL)
        return false;
    memset(w->vector, 0, size);
    const int typical = typical_shift(w, matrix);
    for (size_t v = 0; v < count; v++) {
        struct golden_wide_vector *vector = w->vector + v * w->groups;
        int largest = 0;
        for (size_t b = 0; b < w->blocks; b++) {
            put_block(&vector[b / GROUP], (unsigned)(b % GROUP), &x[v][b]);
            largest = x[v][b].shift > largest ? x[v][b].shift : largest;
        }
        const int base = largest + typical + 2 - w->window;
        w->base[v] = base > 0 ? base : 0;
    }
    return true;
}

void golden_wide_16_close(struct golden_wide_16 *w) {
    free(w->vector);
}

struct row_sum {
    __m512i places; /* in 2^base */
    golden_int128 apart;
};

/* Scales of 16 blocks, shifted to above base; 0 where that cannot be, and these blocks are set. */
struct shifted {
    __m512i scale;
    __mmask16 apart;
};

static inline struct shifted shifted_by(const int32_t *g, const int32_t *t, const int32_t *shift,
                                        int base, int window) {
    const __m512i scale = _mm512_loadu_si512(g);
    const __m512i by = _mm512_add_epi32(_mm512_loadu_si512(t), _mm512_loadu_si512(shift));
    const __m512i above = _mm512_sub_epi32(by, _mm512_set1_epi32(base));
    const __mmask16 in = _mm512_cmple_epu32_mask(above, _mm512_set1_epi32(window));
    return (struct shifted){_mm512_maskz_sllv_epi32(in, scale, above),
                            (__mmask16)(~in & _mm512_test_epi32_mask(scale, scale))};
}

/* Signed 32-bit places of a times those of b, each two added in 64 bits. */
static inline __m512i products(__m512i a, __m512i b) {
    return _mm512_add_epi64(_mm512_mul_epi32(a, b),
                            _mm512_mul_epi32(_mm512_srli_epi64(a, 32), _mm512_srli_epi64(b, 32)));
}

/* A block out of the window. */
__attribute__((noinline)) static golden_int128 block_apart(const int16_t *w, const int16_t *m,
                                                           int32_t g, int32_t shift) {
    int64_t sum = 0;
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
        sum += (int64_t)w[i] * m[i];
    return (golden_int128)sum * g * ((int64_t)1 << shift);
}

static inline void add_weights(const struct golden_wide_16 *w, size_t v, size_t count,
                               const struct golden_wide_weights *weights,
                               const struct golden_wide_vector *x, struct row_sum *sum) {
    _Alignas(64) int32_t scale[GROUP];
    const struct shifted s = shifted_by(weights->g, weights->t, x->shift, w->base[v], w->window);
    __m512i even = sum->places, odd = _mm512_setzero_si512();
    _mm512_store_si512(scale, s.scale);
    for (size_t b = 0; b < count; b++) {
        const __m512i two =
            _mm512_madd_epi16(_mm512_load_si512(weights->w[b]), _mm512_load_si512(x->m[b]));
        const __m512i by = _mm512_set1_epi32(scale[b]);
        even = _mm512_add_epi64(even, _mm512_mul_epi32(two, by));
        odd = _mm512_add_epi64(odd, _mm512_mul_epi32(_mm512_srli_epi64(two, 32), by));
    }
    sum->places = _mm512_add_epi64(even, odd);
    for (unsigned apart = s.apart & ((1u << count) - 1); apart != 0; apart &= apart - 1) {
        const unsigned b = (unsigned)__builtin_ctz(apart);
        sum->apart +=
            block_apart(weights->w[b], x->m[b], weights->g[b], weights->t[b] + x->shift[b]);
    }
}

static inline void add_minimums(const struct golden_wide_16 *w, size_t v, size_t count,
                                const struct golden_wide_weights *weights,
                                const struct golden_wide_vector *x, struct row_sum *sum) {
    const struct shifted s = shifted_by(weights->h, weights->r, x->shift, w->base[v], w->window);
    const __mmask16 known = (__mmask16)((1u << count) - 1);
    const __m512i first =
        _mm512_mullo_epi32(_mm512_loadu_si512(weights->v[0]), _mm512_loadu_si512(x->half[0]));
    const __m512i second =
        _mm512_mullo_epi32(_mm512_loadu_si512(weights->v[1]), _mm512_loadu_si512(x->half[1]));
    const __m512i dots = _mm512_maskz_add_epi32(known, first, second);
    sum->places = _mm512_add_epi64(sum->places, products(dots, s.scale));
    const unsigned some = _mm512_test_epi32_mask(dots, dots);
    for (unsigned apart = s.apart & some; apart != 0; apart &= apart - 1) {
        const unsigned b = (unsigned)__builtin_ctz(apart);
        const int64_t dot =
            (int64_t)weights->v[0][b] * x->half[0][b] + (int64_t)weights->v[1][b] * x->half[1][b];
        sum->apart +=
            (golden_int128)(dot * weights->h[b]) * ((int64_t)1 << (weights->r[b] + x->shift[b]));
    }
}

/* The whole may need more bits than its places have. */
static inline struct golden_sum total_of(const struct row_sum *sum, int base) {
    const __m512i low = _mm512_and_si512(sum->places, _mm512_set1_epi64(0xffffffff));
    const int64_t high_total = _mm512_reduce_add_epi64(_mm512_srai_epi64(sum->places, 32));
    const golden_int128 places =
        (golden_int128)high_total * ((int64_t)1 << 32) + _mm512_reduce_add_epi64(low);
    if (sum->apart == 0)
        return (struct golden_sum){places, base};
    return (struct golden_sum){places * ((golden_int128)1 << base) + sum->apart, 0};
}

/* Compiled for a single vector by itself. */
#define SPECIALISED static inline __attribute__((always_inline))

SPECIALISED bool row_of(const struct golden_wide_16 *w, const uint8_t *row, size_t vectors,
                        struct row_sum *sum) {
    struct golden_wide_weights weights;
    memset(&weights.g, 0, sizeof weights - offsetof(struct golden_wide_weights, g));
    for (size_t v = 0; v < vectors; v++)
        sum[v] = (struct row_sum){_mm512_setzero_si512(), 0};
    for (size_t group = 0; group < w->groups; group++) {
        const size_t first = group * GROUP;
        const size_t count = w->blocks - first < GROUP ? w->blocks - first : GROUP;
        if (!w->decode(w->type, row, w->cols, first, count, &weights))
            return false;
        for (size_t v = 0; v < vectors; v++) {
            const struct golden_wide_vector *x = &w->vector[v * w->groups + group];
            add_weights(w, v, count, &weights, x, &sum[v]);
            if (w->minimums)
                add_minimums(w, v, count, &weights, x, &sum[v]);
        }
    }
    return true;
}

bool golden_wide_16_row(const struct golden_wide_16 *w, const uint8_t *row,
                        struct golden_sum *sums) {
    struct row_sum sum[GOLDEN_WIDE_VECTORS];
    if (!row_of(w, row, w->count, sum))
        return false;
    for (size_t v = 0; v < w->count; v++)
        sums[v] = total_of(&sum[v], w->base[v]);
    return true;
}

/* Whether totals of 64 bits hold those of eight rows. */
static inline bool totals_fit(const __m512i places[GOLDEN_WIDE_ROWS]) {
    __m512i high[GOLDEN_WIDE_ROWS];
    for (size_t r = 0; r < GOLDEN_WIDE_ROWS; r++)
        high[r] = _mm512_srai_epi64(places[r], 32);
    return _mm512_cmpgt_epi64_mask(_mm512_abs_epi64(totals_of_eight(high)),
                                   _mm512_set1_epi64(1 << 30)) == 0;
}

SPECIALISED bool rows_of(const struct golden_wide_16 *w, const uint8_t *rows, size_t row_bytes,
                         size_t count, int scale, uint32_t *const *y) {
    __m512i places[GOLDEN_WIDE_VECTORS][GOLDEN_WIDE_ROWS];
    for (size_t r = 0; r < GOLDEN_WIDE_ROWS; r++) {
        struct row_sum sum[GOLDEN_WIDE_VECTORS];
        if (!row_of(w, rows + r * row_bytes, count, sum))
            return false;
        for (size_t v = 0; v < count; v++) {
            places[v][r] = sum[v].places;
            if (sum[v].apart != 0)
                return false;
        }
    }
    for (size_t v = 0; v < count; v++) {
        if (!totals_fit(places[v]))
            return false;
        round_eight(totals_of_eight(places[v]), scale + w->base[v], y[v]);
    }
    return true;
}

bool golden_wide_16_rows(const struct golden_wide_16 *w, const uint8_t *rows, size_t row_bytes,
                         int scale, uint32_t *const *y) {
    return w->count == 1 ? rows_of(w, rows, row_bytes, 1, scale, y)
                         : rows_of(w, rows, row_bytes, w->count, scale, y);
}

#else

bool golden_wide_16_open(struct golden_wide_16 *w, const struct golden_matrix *matrix,
                         const struct golden_block *const *x, size_t count) {
    (void)w, (void)matrix, (void)x, (void)count;
    return false;
}

void golden_wide_16_close(struct golden_wide_16 *w) {
    (void)w;
}

bool golden_wide_16_row(const struct golden_wide_16 *w, const uint8_t *row,
                        struct golden_sum *sums) {
    (void)w, (void)row, (void)sums;
    return false;
}

bool golden_wide_16_rows(const struct golden_wide_16 *w, const uint8_t *rows, size_t row_bytes,
                         int scale, uint32_t *const *y) {
    (void)w, (void)rows, (void)row_bytes, (void)scale, (void)y;
    return false;
}

#endif
