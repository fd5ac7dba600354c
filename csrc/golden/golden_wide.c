/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A mantissa m is 256 * high + low, high signed, low 0..255, so that its products with weights of 8
 * bits are two products of bytes, of which an instruction adds four to each of 16 sums of 32 bits.
 * 16 blocks are a group. Their sums come to stand in one register, a block a place, each is
 * multiplied by its scale, shifted by its shift less `base`, and added to sums of 64 bits. A block
 * whose shift is not in the window above `base` is added by itself, in 128 bits.
 */
#include "golden_wide.h"

#include <stdlib.h>
#include <string.h>

#include "golden_weights.h"

#if defined(__AVX512VNNI__) && defined(__AVX512VBMI__) && defined(__AVX512BW__)
#include "golden_wide_scale.h"

#define GROUP 16u /* blocks */

struct golden_wide_group {
    uint8_t part[16][64]; /* of Q4_0, for each four blocks: low columns' high and low bytes, high
                             columns' high and low bytes; of Q8_0, for each two: high and low */
    int32_t shift[16];
    int32_t excess[16]; /* of the sum of products, since weights are taken as 0 and more */
};

/* Where a block's sum stands. Q4_0: registers of four blocks, 128 bits each. Q8_0: of two, 256 bits
 * each, of which the halves are added. */
static unsigned place_of(enum ggml_type type, unsigned block) {
    if (type == GGML_TYPE_Q4_0)
        return block % 4 * 4 + block / 4;
    return (block / 8 * 2 + block % 2) * 4 + block % 8 / 2;
}

static int dot_bits(enum ggml_type type) { /* of 32 products */
    return type == GGML_TYPE_Q4_0 ? 23 : 27;
}

static void put_block(enum ggml_type type, struct golden_wide_group *to, unsigned block,
                      const struct golden_block *from) {
    const unsigned place = place_of(type, block);
    int32_t excess = 0;
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++) {
        const uint8_t low = (uint8_t)(from->m[i] & 255), high = (uint8_t)(from->m[i] >> 8);
        excess += type == GGML_TYPE_Q4_0 ? 8 * from->m[i] : 128 * 256 * (from->m[i] >> 8);
        if (type == GGML_TYPE_Q4_0) {
            const unsigned part = block / 4 * 4 + i / 16 * 2, at = block % 4 * 16 + i % 16;
            to->part[part][at] = high;
            to->part[part + 1][at] = low;
        } else {
            const unsigned part = block / 2 * 2, at = block % 2 * 32 + i;
            to->part[part][at] = high;
            to->part[part + 1][at] = low;
        }
    }
    to->shift[place] = from->shift;
    to->excess[place] = excess;
}

/* The largest shift of a scale in the first rows: a guess, on which only speed depends. */
static int typical_shift(const struct golden_matrix *matrix) {
    const size_t row_bytes = golden_row_bytes(matrix);
    const size_t block_bytes = row_bytes / (matrix->cols / GOLDEN_BLOCK);
    unsigned largest = 0;
    for (size_t row = 0; row < matrix->rows && row < 4; row++)
        for (size_t at = 0; at < row_bytes; at += block_bytes) {
            int32_t g;
            unsigned t;
            (void)golden_scale_from(matrix->data + row * row_bytes + at, &g, &t);
            largest = t > largest ? t : largest;
        }
    return (int)largest;
}

bool golden_wide_open(struct golden_wide *w, const struct golden_matrix *matrix,
                      const struct golden_block *const *x, size_t count) {
    if ((matrix->type != GGML_TYPE_Q4_0 && matrix->type != GGML_TYPE_Q8_0) || matrix->rows == 0 ||
        matrix->cols < 4 * GOLDEN_BLOCK || count > GOLDEN_WIDE_VECTORS)
        return false;
    w->type = matrix->type;
    w->count = count;
    w->blocks = matrix->cols / GOLDEN_BLOCK;
    w->groups = (w->blocks + GROUP - 1) / GROUP;
    w->window = 62 - dot_bits(w->type) - 11 - log2_above(w->blocks);
    w->window = w->window > 19 ? 19 : w->window; /* scale and shift together: 31 bits */
    const size_t size = count * w->groups * sizeof *w->group;
    w->group = aligned_alloc(64, size);
    if (w->group == NULL)
        return false;
    memset(w->group, 0, size);
    const int typical = typical_shift(matrix);
    for (size_t v = 0; v < count; v++) {
        int largest = 0;
        for (size_t b = 0; b < w->blocks; b++) {
            put_block(w->type, &w->group[v * w->groups + b / GROUP], (unsigned)(b % GROUP),
                      &x[v][b]);
            largest = x[v][b].shift > largest ? x[v][b].shift : largest;
        }
        const int base = largest + typical + 2 - w->window;
        w->base[v] = base > 0 ? base : 0;
    }
    return true;
}

void golden_wide_close(struct golden_wide *w) {
    free(w->group);
}

/* ---- a row ---- */

/* The sums of each 128 bits of a, b, c and d: those of lane l in places 4 l .. 4 l + 3. */
static inline __m512i sums_of_four(__m512i a, __m512i b, __m512i c, __m512i d) {
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

/* Blocks out of the window, one by one. */
__attribute__((noinline)) static golden_int128 sum_apart(__mmask16 apart, __m512i dots, __m512i g,
                                                         __m512i shift) {
    int32_t dot[16], scale[16], by[16];
    golden_int128 sum = 0;
    _mm512_storeu_si512(dot, dots);
    _mm512_storeu_si512(scale, g);
    _mm512_storeu_si512(by, shift);
    for (unsigned i = 0; i < 16; i++)
        if (((unsigned)apart >> i & 1u) != 0)
            sum += (golden_int128)((int64_t)dot[i] * scale[i]) * ((int64_t)1 << by[i]);
    return sum;
}

struct row_sum {
    __m512i places; /* in 2^base */
    golden_int128 apart;
};

static inline void add_group(const struct golden_wide *w, size_t v, struct row_sum *sum,
                             __m512i products, const struct golden_wide_group *x,
                             const struct scales *s) {
    const __m512i dots = _mm512_sub_epi32(products, _mm512_load_si512(x->excess));
    const __m512i shift = _mm512_add_epi32(s->t, _mm512_load_si512(x->shift));
    const __m512i above = _mm512_sub_epi32(shift, _mm512_set1_epi32(w->base[v]));
    const __mmask16 in = _mm512_cmple_epu32_mask(above, _mm512_set1_epi32(w->window));
    const __m512i scale = _mm512_maskz_sllv_epi32(in, s->g, above);
    const __m512i even = _mm512_mul_epi32(dots, scale);
    const __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(dots, 32), _mm512_srli_epi64(scale, 32));
    sum->places = _mm512_add_epi64(sum->places, _mm512_add_epi64(even, odd));
    const __mmask16 apart = (__mmask16)(~in & _mm512_test_epi32_mask(dots, dots));
    if (__builtin_expect(apart != 0, 0))
        sum->apart += sum_apart(apart, dots, s->g, shift);
}

static inline struct golden_wide_sum total_of(const struct row_sum *sum, int base) {
    const int64_t places = _mm512_reduce_add_epi64(sum->places);
    if (sum->apart == 0)
        return (struct golden_wide_sum){places, base};
    return (struct golden_wide_sum){places * ((golden_int128)1 << base) + sum->apart, 0};
}

/* Bytes of four blocks of Q4_0: 18 l + 2 + i of the first 64, or of 64 from the eighth on; and
 * their scales as halves of words, once for each place. */
#define AT(l, i)   (18 * (l) + 2 + (i) < 64 ? 18 * (l) + 2 + (i) : 18 * (l) + 58 + (i))
#define FOUR(l, i) AT(l, i), AT(l, i + 1), AT(l, i + 2), AT(l, i + 3)
#define LANE(l)    FOUR(l, 0), FOUR(l, 4), FOUR(l, 8), FOUR(l, 12)
_Alignas(64) static const uint8_t q4_quants[64] = {LANE(0), LANE(1), LANE(2), LANE(3)};
_Alignas(64) static const uint16_t q4_scales[32] = {0,  0, 0,  0, 0,  0,  0,  0,  9,  0,  9,
                                                    0,  9, 0,  9, 0,  18, 0,  18, 0,  18, 0,
                                                    18, 0, 27, 0, 27, 0,  27, 0,  27, 0};
_Alignas(64) static const uint16_t q8_scales[32] = {0, 0,  0,  0,  0,  0, 0,  0, 17, 0, 17,
                                                    0, 17, 0,  17, 0,  0, 0,  0, 0,  0, 0,
                                                    0, 0,  17, 0,  17, 0, 17, 0, 17, 0};

/* The last group of a row that has not all of it: the others are blocks of zeros. */
__attribute__((noinline)) static const uint8_t *filled(const uint8_t *bytes, size_t size,
                                                       uint8_t *to, size_t room) {
    memset(to, 0, room);
    return memcpy(to, bytes, size);
}

/* Loops are compiled for each type, and for a single vector by itself. */
#define SPECIALISED static inline __attribute__((always_inline))

/* Not 0: a scale is not finite. */
SPECIALISED __mmask16 row_q4_0(const struct golden_wide *w, const uint8_t *row, size_t count,
                               struct row_sum *sum) {
    uint8_t rest[GROUP * 18];
    __mmask16 bad = 0;
    const __m512i quants = _mm512_load_si512(q4_quants), scales = _mm512_load_si512(q4_scales);
    const __m512i nibble = _mm512_set1_epi8(15);
    for (size_t v = 0; v < count; v++)
        sum[v] = (struct row_sum){_mm512_setzero_si512(), 0};
    for (size_t group = 0; group < w->groups; group++) {
        const uint8_t *bytes = row + group * GROUP * 18;
        if (w->blocks - group * GROUP < GROUP)
            bytes = filled(bytes, (w->blocks - group * GROUP) * 18, rest, sizeof rest);
        for (size_t at = 2048; at < 2048 + GROUP * 18; at += 64) /* hides the memory's latency */
            _mm_prefetch((const char *)bytes + at, _MM_HINT_T0);
        __m512i low[4], high[4], d = _mm512_setzero_si512();
        for (unsigned k = 0; k < 4; k++) {
            const __m512i front = _mm512_loadu_si512(bytes + 72 * k);
            const __m512i q =
                _mm512_permutex2var_epi8(front, quants, _mm512_loadu_si512(bytes + 72 * k + 8));
            d = _mm512_mask_permutexvar_epi16(d, (__mmask32)(0x01010101u << 2 * k), scales, front);
            low[k] = _mm512_and_si512(q, nibble);
            high[k] = _mm512_and_si512(_mm512_srli_epi16(q, 4), nibble);
        }
        const struct scales s = scales_from(d);
        bad |= s.bad;
        for (size_t v = 0; v < count; v++) {
            const struct golden_wide_group *x = &w->group[v * w->groups + group];
            __m512i dot[4];
            for (unsigned k = 0; k < 4; k++) {
                const uint8_t(*part)[64] = x->part + 4 * k;
                const __m512i zero = _mm512_setzero_si512();
                __m512i h = _mm512_dpbusd_epi32(zero, low[k], _mm512_load_si512(part[0]));
                h = _mm512_dpbusd_epi32(h, high[k], _mm512_load_si512(part[2]));
                h = _mm512_slli_epi32(h, 8);
                h = _mm512_dpbusd_epi32(h, _mm512_load_si512(part[1]), low[k]);
                dot[k] = _mm512_dpbusd_epi32(h, _mm512_load_si512(part[3]), high[k]);
            }
            add_group(w, v, &sum[v], sums_of_four(dot[0], dot[1], dot[2], dot[3]), x, &s);
        }
    }
    return bad;
}

SPECIALISED __mmask16 row_q8_0(const struct golden_wide *w, const uint8_t *row, size_t count,
                               struct row_sum *sum) {
    uint8_t rest[GROUP * 34];
    __mmask16 bad = 0;
    const __m512i scales = _mm512_load_si512(q8_scales), middle = _mm512_set1_epi8(-128);
    for (size_t v = 0; v < count; v++)
        sum[v] = (struct row_sum){_mm512_setzero_si512(), 0};
    for (size_t group = 0; group < w->groups; group++) {
        const uint8_t *bytes = row + group * GROUP * 34;
        if (w->blocks - group * GROUP < GROUP)
            bytes = filled(bytes, (w->blocks - group * GROUP) * 34, rest, sizeof rest);
        __m512i q[8], d = _mm512_setzero_si512();
        for (unsigned k = 0; k < 8; k++) {
            const uint8_t *two = bytes + 68 * k;
            q[k] = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256(
                                          (const __m256i *)(const void *)(two + 2))),
                                      _mm256_loadu_si256((const __m256i *)(const void *)(two + 36)),
                                      1);
            d = _mm512_mask_permutexvar_epi16(d, (__mmask32)(0x0101u << (k / 4 * 16 + k % 4 * 2)),
                                              scales, _mm512_loadu_si512(two));
        }
        const struct scales s = scales_from(d);
        bad |= s.bad;
        for (size_t v = 0; v < count; v++) {
            const struct golden_wide_group *x = &w->group[v * w->groups + group];
            __m512i dot[8];
            for (unsigned k = 0; k < 8; k++) {
                const uint8_t(*part)[64] = x->part + 2 * k;
                const __m512i h =
                    _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_xor_si512(q[k], middle),
                                        _mm512_load_si512(part[0]));
                dot[k] =
                    _mm512_dpbusd_epi32(_mm512_slli_epi32(h, 8), _mm512_load_si512(part[1]), q[k]);
            }
            const __m512i first = sums_of_four(dot[0], dot[1], dot[2], dot[3]);
            const __m512i second = sums_of_four(dot[4], dot[5], dot[6], dot[7]);
            add_group(w, v, &sum[v],
                      _mm512_add_epi32(_mm512_shuffle_i32x4(first, second, 0x88),
                                       _mm512_shuffle_i32x4(first, second, 0xdd)),
                      x, &s);
        }
    }
    return bad;
}

SPECIALISED __mmask16 row_sums(const struct golden_wide *w, enum ggml_type type, const uint8_t *row,
                               size_t count, struct row_sum *sum) {
    return type == GGML_TYPE_Q4_0 ? row_q4_0(w, row, count, sum) : row_q8_0(w, row, count, sum);
}

enum golden_fault golden_wide_row(const struct golden_wide *w, const uint8_t *row,
                                  struct golden_wide_sum *sums) {
    struct row_sum sum[GOLDEN_WIDE_VECTORS];
    const __mmask16 bad = row_sums(w, w->type, row, w->count, sum);
    for (size_t v = 0; v < w->count; v++)
        sums[v] = total_of(&sum[v], w->base[v]);
    return bad != 0 ? GOLDEN_FAULT_NONFINITE : GOLDEN_FAULT_NONE;
}

SPECIALISED bool rows_of(const struct golden_wide *w, enum ggml_type type, const uint8_t *rows,
                         size_t row_bytes, size_t count, int scale, uint32_t *const *y) {
    __m512i places[GOLDEN_WIDE_VECTORS][GOLDEN_WIDE_ROWS];
    for (size_t r = 0; r < GOLDEN_WIDE_ROWS; r++) {
        struct row_sum sum[GOLDEN_WIDE_VECTORS];
        if (row_sums(w, type, rows + r * row_bytes, count, sum) != 0)
            return false;
        for (size_t v = 0; v < count; v++) {
            places[v][r] = sum[v].places;
            if (sum[v].apart != 0)
                return false;
        }
    }
    for (size_t v = 0; v < count; v++)
        round_eight(totals_of_eight(places[v]), scale + w->base[v], y[v]);
    return true;
}

bool golden_wide_rows(const struct golden_wide *w, const uint8_t *rows, size_t row_bytes, int scale,
                      uint32_t *const *y) {
    const enum ggml_type q4 = GGML_TYPE_Q4_0, q8 = GGML_TYPE_Q8_0;
    if (w->count == 1)
        return w->type == q4 ? rows_of(w, q4, rows, row_bytes, 1, scale, y)
                             : rows_of(w, q8, rows, row_bytes, 1, scale, y);
    return w->type == q4 ? rows_of(w, q4, rows, row_bytes, w->count, scale, y)
                         : rows_of(w, q8, rows, row_bytes, w->count, scale, y);
}

#else

bool golden_wide_open(struct golden_wide *w, const struct golden_matrix *matrix,
                      const struct golden_block *const *x, size_t count) {
    (void)w, (void)matrix, (void)x, (void)count;
    return false;
}

void golden_wide_close(struct golden_wide *w) {
    (void)w;
}

enum golden_fault golden_wide_row(const struct golden_wide *w, const uint8_t *row,
                                  struct golden_wide_sum *sums) {
    (void)w, (void)row, (void)sums;
    return GOLDEN_FAULT_NONE;
}

bool golden_wide_rows(const struct golden_wide *w, const uint8_t *rows, size_t row_bytes, int scale,
                      uint32_t *const *y) {
    (void)w, (void)rows, (void)row_bytes, (void)scale, (void)y;
    return false;
}

#endif
