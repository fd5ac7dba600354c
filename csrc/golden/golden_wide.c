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

#if defined(__AVX512VNNI__) && defined(__AVX512VBMI__) && defined(__AVX512BW__) &&                 \
    defined(__AVX512VL__)
#include "golden_wide_scale.h"

#define GROUP GOLDEN_WIDE_GROUP

/* ---- vectors ---- */

/* Block b stands in 128 bits of register b / 4, its sum and its scale in a place of 32 bits. */
static unsigned place_of(unsigned block) {
    return block % 4 * 4 + block / 4;
}

static void put_block(enum ggml_type type, struct golden_wide_group *to, unsigned block,
                      const struct golden_block *from, int base) {
    const unsigned place = place_of(block), at = block % 4 * 16;
    int32_t sum = 0, high_sum = 0;
    for (unsigned half = 0; half < 2; half++) {
        uint8_t(*part)[64] = to->part[block / 4] + 2 * half;
        const int16_t *m = from->m + (size_t)16 * half;
        for (unsigned i = 0; i < 16; i++) {
            part[0][at + i] = (uint8_t)(m[i] >> 8);
            part[1][at + i] = (uint8_t)(m[i] & 255);
        }
        for (unsigned i = 0; i < 16; i++) {
            sum += m[i];
            high_sum += m[i] >> 8;
        }
    }
    to->excess[place] = type == GGML_TYPE_Q4_0 ? 8 * sum : 128 * 256 * high_sum;
    to->shift[place] = from->shift;
    to->scale[place] = golden_window_factor(from, base);
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
    const size_t size = count * w->groups * sizeof *w->group;
    w->group = aligned_alloc(64, size);
    if (w->group == NULL)
        return false;
    const struct golden_block none = {{0}, 0};
    w->window = golden_window_of(matrix, x, count);
    for (size_t v = 0; v < count; v++)
        for (size_t b = 0; b < w->groups * GROUP; b++)
            put_block(w->type, &w->group[v * w->groups + b / GROUP], (unsigned)(b % GROUP),
                      b < w->blocks ? &x[v][b] : &none, w->window.base[v]);
    return true;
}

void golden_wide_close(struct golden_wide *w) {
    free(w->group);
}

/* ---- a row ---- */

struct row_sum {
    __m512i even, odd; /* in 2^base */
    golden_int128 apart;
};

/* Place 4 l + k: the sum of lane l of register k of each of two, the first 256 times. All are in 16
 * bits, the second's from 0 on. */
static inline __m512i sums_of_lanes(const __m512i high[4], const __m512i low[4]) {
    const __m512i one = _mm512_set1_epi16(1), more = _mm512_set1_epi16(256);
    __m512i two[2];
    for (unsigned i = 0; i < 2; i++) {
        const __m512i h = _mm512_packs_epi32(high[2 * i], high[2 * i + 1]);
        const __m512i l = _mm512_packs_epi32(low[2 * i], low[2 * i + 1]);
        two[i] = _mm512_dpwssd_epi32(_mm512_madd_epi16(h, more), l, one);
    }
    const __m512 a = _mm512_castsi512_ps(two[0]), b = _mm512_castsi512_ps(two[1]);
    return _mm512_add_epi32(_mm512_castps_si512(_mm512_shuffle_ps(a, b, 0x88)),
                            _mm512_castps_si512(_mm512_shuffle_ps(a, b, 0xdd)));
}

/* Place 4 l + k: the sum of lane l of register k. */
static inline __m512i sums_of_four(const __m512i dot[4]) {
    const __m512i a = dot[0], b = dot[1], c = dot[2], d = dot[3];
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

/* Blocks out of the window, one by one. False: a scale is not finite. */
__attribute__((noinline)) static bool add_apart(__mmask16 apart, __m512i dots, __m256i d,
                                                const int32_t *shift, golden_int128 *sum) {
    int32_t dot[16];
    uint8_t scale[16][2];
    _mm512_storeu_si512(dot, dots);
    _mm256_storeu_si256((__m256i *)(void *)scale, d);
    bool good = true;
    for (unsigned i = 0; i < 16; i++)
        if (((unsigned)apart >> i & 1u) != 0)
            good &= golden_window_apart(dot[i], scale[i], shift[i], sum);
    return good;
}

/* Weights of 16 blocks, the first 16 columns and the others of each, and scales as binary16. */
struct blocks {
    __m512i first[4], other[4];
    __m256i d;
};

/* Loops are compiled for each type, and for a single vector by itself. */
#define SPECIALISED static inline __attribute__((always_inline))

SPECIALISED bool add_group(const struct golden_wide *w, enum ggml_type type,
                           const struct blocks *blocks, const struct golden_wide_group *x,
                           struct row_sum *sum) {
    const __m512i zero = _mm512_setzero_si512(), middle = _mm512_set1_epi8(-128);
    __m512i high[4], low[4], dots;
    for (unsigned k = 0; k < 4; k++) {
        const uint8_t(*part)[64] = x->part[k];
        __m512i first = blocks->first[k], other = blocks->other[k];
        low[k] = _mm512_dpbusd_epi32(zero, _mm512_load_si512(part[1]), first);
        low[k] = _mm512_dpbusd_epi32(low[k], _mm512_load_si512(part[3]), other);
        if (type == GGML_TYPE_Q8_0) {
            first = _mm512_xor_si512(first, middle);
            other = _mm512_xor_si512(other, middle);
        }
        high[k] = _mm512_dpbusd_epi32(zero, first, _mm512_load_si512(part[0]));
        high[k] = _mm512_dpbusd_epi32(high[k], other, _mm512_load_si512(part[2]));
        if (type == GGML_TYPE_Q8_0)
            low[k] = _mm512_add_epi32(_mm512_slli_epi32(high[k], 8), low[k]);
    }
    dots = type == GGML_TYPE_Q4_0 ? sums_of_lanes(high, low) : sums_of_four(low);
    dots = _mm512_sub_epi32(dots, _mm512_load_si512(x->excess));

    /* Exact in the window: at least 2^10, 11 bits, below 2^31. */
    const __m512 shifted = _mm512_mul_ps(_mm512_cvtph_ps(blocks->d), _mm512_load_ps(x->scale));
    const __m512i magnitude =
        _mm512_and_si512(_mm512_castps_si512(shifted), _mm512_set1_epi32(0x7fffffff));
    const __m512i above = _mm512_sub_epi32(magnitude, _mm512_set1_epi32((127 + 10) << 23));
    __m512i scale = _mm512_cvtps_epi32(shifted);
    const __mmask16 apart =
        _mm512_cmpge_epu32_mask(above, _mm512_set1_epi32((w->window.size + 1) << 23));
    if (__builtin_expect(apart != 0, 0)) {
        golden_int128 more = 0;
        scale = _mm512_maskz_mov_epi32((__mmask16)~apart, scale);
        if (!add_apart(apart, dots, blocks->d, x->shift, &more))
            return false;
        sum->apart += more;
    }
    sum->even = _mm512_add_epi64(sum->even, _mm512_mul_epi32(dots, scale));
    sum->odd = _mm512_add_epi64(
        sum->odd, _mm512_mul_epi32(_mm512_srli_epi64(dots, 32), _mm512_srli_epi64(scale, 32)));
    return true;
}

/* Bytes `from` .. from + 15 of four blocks that begin `size` apart; those from 64 on are the first
 * of the second register. */
#define BYTES_4(at)  (at), (at) + 1, (at) + 2, (at) + 3
#define BYTES_16(at) BYTES_4(at), BYTES_4((at) + 4), BYTES_4((at) + 8), BYTES_4((at) + 12)
#define BYTES_64(from, size)                                                                       \
    {BYTES_16(from), BYTES_16((from) + (size)), BYTES_16((from) + 2 * (size)),                     \
     BYTES_16((from) + 3 * (size))}
_Alignas(64) static const uint8_t q4_quants[] = BYTES_64(2, 18);
_Alignas(64) static const uint8_t q8_first[] = BYTES_64(2, 34);
_Alignas(64) static const uint8_t q8_other[] = BYTES_64(10, 34); /* from 8 on */

/* Words of two registers of four blocks that are scales, at places of their blocks. */
_Alignas(64) static const uint16_t q4_scales[] = {0,  32, 0,  32, 9,  41, 9,  41,
                                                  18, 50, 18, 50, 27, 59, 27, 59};
_Alignas(64) static const uint16_t q8_scales[] = {0, 32, 0, 32, 17, 49, 17, 49,
                                                  2, 34, 2, 34, 19, 51, 19, 51};

SPECIALISED __m256i scales_of(const __m512i from[4], const uint16_t *places) {
    const __m512i at = _mm512_load_si512(places);
    return _mm256_mask_blend_epi16(
        0xcccc, _mm512_castsi512_si256(_mm512_permutex2var_epi16(from[0], at, from[1])),
        _mm512_castsi512_si256(_mm512_permutex2var_epi16(from[2], at, from[3])));
}

SPECIALISED void load_q4_0(const uint8_t *bytes, struct blocks *to) {
    const __m512i quants = _mm512_load_si512(q4_quants), nibble = _mm512_set1_epi8(15);
    __m512i front[4];
    for (unsigned k = 0; k < 4; k++) {
        const uint8_t *four = bytes + (size_t)72 * k;
        const __m128i back = _mm_loadl_epi64((const __m128i *)(const void *)(four + 64));
        front[k] = _mm512_loadu_si512(four);
        const __m512i q = _mm512_permutex2var_epi8(front[k], quants, _mm512_castsi128_si512(back));
        to->first[k] = _mm512_and_si512(q, nibble);
        to->other[k] = _mm512_and_si512(_mm512_srli_epi16(q, 4), nibble);
    }
    to->d = scales_of(front, q4_scales);
}

SPECIALISED void load_q8_0(const uint8_t *bytes, struct blocks *to) {
    const __m512i first = _mm512_load_si512(q8_first), other = _mm512_load_si512(q8_other);
    __m512i front[4], back[4];
    for (unsigned k = 0; k < 4; k++) {
        const uint8_t *four = bytes + (size_t)136 * k;
        front[k] = _mm512_loadu_si512(four);
        back[k] = _mm512_loadu_si512(four + 64);
        to->first[k] = _mm512_permutex2var_epi8(front[k], first, back[k]);
        to->other[k] = _mm512_permutex2var_epi8(_mm512_loadu_si512(four + 8), other,
                                                _mm512_loadu_si512(four + 72));
    }
    to->d =
        _mm256_mask_blend_epi16(0xff00, scales_of(front, q8_scales), scales_of(back, q8_scales));
}

SPECIALISED bool add_blocks(const struct golden_wide *w, enum ggml_type type, size_t count,
                            const uint8_t *bytes, size_t group, struct row_sum *sum) {
    struct blocks blocks;
    bool good = true;
    if (type == GGML_TYPE_Q4_0)
        load_q4_0(bytes, &blocks);
    else
        load_q8_0(bytes, &blocks);
    for (size_t v = 0; v < count; v++)
        good &= add_group(w, type, &blocks, &w->group[v * w->groups + group], &sum[v]);
    return good;
}

/* The last group of a row that has not all of it: the others are blocks of zeros, of scale 1. */
__attribute__((noinline)) static const uint8_t *filled(const uint8_t *from, size_t blocks,
                                                       size_t bytes, uint8_t *to) {
    memset(to, 0, GROUP * bytes);
    for (size_t b = blocks; b < GROUP; b++)
        to[b * bytes + 1] = 0x3c;
    return memcpy(to, from, blocks * bytes);
}

SPECIALISED bool add_row(const struct golden_wide *w, enum ggml_type type, size_t count,
                         const uint8_t *row, struct row_sum *sum) {
    const size_t bytes = type == GGML_TYPE_Q4_0 ? 18 : 34;
    for (size_t v = 0; v < count; v++)
        sum[v] = (struct row_sum){_mm512_setzero_si512(), _mm512_setzero_si512(), 0};
    for (size_t group = 0; group < w->groups; group++) {
        const uint8_t *from = row + group * GROUP * bytes;
        uint8_t rest[GROUP * 34];
        if (w->blocks - group * GROUP < GROUP)
            from = filled(from, w->blocks - group * GROUP, bytes, rest);
        /* Hides the memory's latency; what is larger comes by itself. */
        for (size_t at = 2048; type == GGML_TYPE_Q4_0 && at < 2048 + GROUP * bytes; at += 64)
            _mm_prefetch((const char *)from + at, _MM_HINT_T0);
        if (!add_blocks(w, type, count, from, group, sum))
            return false;
    }
    return true;
}

/* n rows' sums of 64 bits and what stands apart of each. */
static void round_rows(__m512i sums, const golden_int128 *apart, size_t n, int scale, int base,
                       uint32_t *y) {
    uint32_t eight[GOLDEN_WIDE_ROWS];
    int64_t sum[GOLDEN_WIDE_ROWS];
    round_eight(sums, scale + base, eight);
    memcpy(y, eight, n * sizeof *y);
    _mm512_storeu_si512(sum, sums);
    for (size_t r = 0; r < n; r++) {
        enum golden_fault none = GOLDEN_FAULT_NONE; /* below 2^127 * 2^-44 */
        if (apart[r] != 0)
            y[r] = golden_round32(sum[r] * ((golden_int128)1 << base) + apart[r], scale, &none);
    }
}

SPECIALISED bool rows_of(const struct golden_wide *w, enum ggml_type type, size_t count,
                         const uint8_t *rows, size_t row_bytes, size_t n, int scale,
                         uint32_t *const *y) {
    __m512i places[GOLDEN_WIDE_VECTORS][GOLDEN_WIDE_ROWS];
    golden_int128 apart[GOLDEN_WIDE_VECTORS][GOLDEN_WIDE_ROWS];
    for (size_t r = 0; r < n; r++) {
        struct row_sum sum[GOLDEN_WIDE_VECTORS];
        if (!add_row(w, type, count, rows + r * row_bytes, sum))
            return false;
        for (size_t v = 0; v < count; v++) {
            places[v][r] = _mm512_add_epi64(sum[v].even, sum[v].odd);
            apart[v][r] = sum[v].apart;
        }
    }
    for (size_t v = 0; v < count; v++) {
        for (size_t r = n; r < GOLDEN_WIDE_ROWS; r++)
            places[v][r] = _mm512_setzero_si512();
        round_rows(totals_of_eight(places[v]), apart[v], n, scale, w->window.base[v], y[v]);
    }
    return true;
}

bool golden_wide_rows(const struct golden_wide *w, const uint8_t *rows, size_t row_bytes, size_t n,
                      int scale, uint32_t *const *y) {
    const enum ggml_type q4 = GGML_TYPE_Q4_0, q8 = GGML_TYPE_Q8_0;
    if (w->count == 1)
        return w->type == q4 ? rows_of(w, q4, 1, rows, row_bytes, n, scale, y)
                             : rows_of(w, q8, 1, rows, row_bytes, n, scale, y);
    return w->type == q4 ? rows_of(w, q4, w->count, rows, row_bytes, n, scale, y)
                         : rows_of(w, q8, w->count, rows, row_bytes, n, scale, y);
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

bool golden_wide_rows(const struct golden_wide *w, const uint8_t *rows, size_t row_bytes, size_t n,
                      int scale, uint32_t *const *y) {
    (void)w, (void)rows, (void)row_bytes, (void)n, (void)scale, (void)y;
    return false;
}

#endif
