/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Weight blocks and exact sums: sections 3 to 6 of docs/numerics.md.
 *
 * The inner loops are plain C that gcc and clang turn into 16-bit multiply-adds.
 * A block's product is an integer and a shift of 0..62: it is added, shifted by the low
 * 3 bits of the shift, to one of eleven 64-bit bins that stand 8 bits apart. One of at
 * most 38 bits goes in whole: 4,096 blocks need 38 + 7 + 12 = 57 bits of a bin. One with
 * sub-scales, of up to 54 bits, goes in as its low 24 bits and the rest.
 */
#include "golden_dot.h"

#include <string.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "golden_plain.h"
#include "golden_weights.h"

/* In the file, little-endian: element i of Q4_0 is the low nibble of q[i], element
 * 16 + i the high one.      | d: 2 bytes | q[0] .. q[15] or q[31] |            */
struct q4_0_block {
    uint8_t d[2]; /* binary16 scale */
    uint8_t q[16];
};
struct q8_0_block {
    uint8_t d[2]; /* binary16 scale */
    int8_t q[32];
};
_Static_assert(sizeof(struct q4_0_block) == LOCKSTEP_BYTES_Q4_0, "a Q4_0 block");
_Static_assert(sizeof(struct q8_0_block) == LOCKSTEP_BYTES_Q8_0, "a Q8_0 block");

/* ---- Exact sums ---- */

struct bins {
    int64_t bin[11];
};

static inline void bins_add(struct bins *sum, int64_t value, unsigned shift) {
    sum->bin[shift >> 3] += value * ((int64_t)1 << (shift & 7));
}

static inline void bins_add_wide(struct bins *sum, int64_t value, unsigned shift) {
    bins_add(sum, value & 0xffffff, shift);
    bins_add(sum, value >> 24, shift + 24);
}

static golden_int128 bins_total(const struct bins *sum) {
    golden_int128 total = 0;
    for (int i = 10; i >= 0; i--)
        total = total * 256 + sum->bin[i];
    return total;
}

/* Block products in plain C stay out of line: inlined, gcc unrolls them before it
 * vectorises and then does not. */

#ifdef __AVX512BW__
/* Two products need 32 bits, all of them 35. */
static inline int64_t dot_16(const int16_t *a, const int16_t *b) {
    const __m512i two = _mm512_madd_epi16(_mm512_loadu_si512(a), _mm512_loadu_si512(b));
    const __m512i even = _mm512_srai_epi64(_mm512_slli_epi64(two, 32), 32);
    return _mm512_reduce_add_epi64(_mm512_add_epi64(even, _mm512_srai_epi64(two, 32)));
}
#elif defined(__AVX2__)
/* As below, but two products are one number first. */
static inline int64_t dot_16(const int16_t *a, const int16_t *b) {
    const __m256i *x = (const __m256i *)(const void *)a, *y = (const __m256i *)(const void *)b;
    const __m256i p = _mm256_madd_epi16(_mm256_loadu_si256(x), _mm256_loadu_si256(y));
    const __m256i q = _mm256_madd_epi16(_mm256_loadu_si256(x + 1), _mm256_loadu_si256(y + 1));
    const __m256i mask = _mm256_set1_epi32(0xffff);
    const __m256i high = _mm256_add_epi32(_mm256_srai_epi32(p, 16), _mm256_srai_epi32(q, 16));
    const __m256i low = _mm256_add_epi32(_mm256_and_si256(p, mask), _mm256_and_si256(q, mask));
    const __m256i both = _mm256_hadd_epi32(high, low);
    const __m128i half =
        _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
    const int64_t sums = _mm_cvtsi128_si64(_mm_hadd_epi32(half, half)); /* high in its low half */
    return (int64_t)(int32_t)sums * 65536 + (sums >> 32);
}
#else
/* 32 * 32767^2 needs 35 bits: the products' halves are summed apart, in 32 bits each. */
__attribute__((noinline)) static int64_t dot_16(const int16_t *a, const int16_t *b) {
    int32_t high = 0, low = 0;
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++) {
        int32_t product = a[i] * b[i];
        high += product >> 16;
        low += product & 0xffff;
    }
    return (int64_t)high * 65536 + low;
}
#endif

__attribute__((noinline)) static int32_t dot_q8_0(const int8_t *q, const int16_t *m) {
    int32_t sum = 0;
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
        sum += q[i] * m[i];
    return sum;
}

__attribute__((noinline)) static int32_t dot_q4_0(const uint8_t *q, const int16_t *m) {
    int32_t low = 0, high = 0;
    for (unsigned i = 0; i < 16; i++) {
        int16_t w = (int16_t)((q[i] & 15) - 8);
        low += w * m[i];
    }
    for (unsigned i = 0; i < 16; i++) {
        int16_t w = (int16_t)((q[i] >> 4) - 8);
        high += w * m[16 + i];
    }
    return low + high;
}

golden_int128 golden_dot_blocks(const struct golden_block *a, const struct golden_block *b,
                                size_t blocks) {
    struct bins sum = {{0}};
    for (size_t i = 0; i < blocks; i++)
        bins_add(&sum, dot_16(a[i].m, b[i].m), (unsigned)(a[i].shift + b[i].shift));
    return bins_total(&sum);
}

static void weighted_sum_any(const uint32_t *weight, size_t positions, const struct golden_block *v,
                             size_t stride, golden_int128 sum[GOLDEN_BLOCK]) {
    int64_t bin[4][GOLDEN_BLOCK] = {{0}}; /* 8 bits apart, for shifts of 0..31 */
    for (size_t j = 0; j < positions; j++, v += stride) {
        int64_t *into = bin[v->shift >> 3];
        int32_t scale = (int32_t)weight[j];
        int shift = v->shift & 7;
        for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
            into[i] += (int64_t)(v->m[i] * scale) * ((int64_t)1 << shift);
    }
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
        sum[i] = (((golden_int128)bin[3][i] * 256 + bin[2][i]) * 256 + bin[1][i]) * 256 + bin[0][i];
}

/* Four elements at a time in the compiler's vectors. */
typedef int64_t four __attribute__((vector_size(32)));
typedef int16_t four_16 __attribute__((vector_size(8)));
#define NEAR_SHIFTS    14
#define NEAR_POSITIONS 65536u

/* All shifts from `least` to least + NEAR_SHIFTS: a product is below 2^46, 65,536 of them below
 * 2^62. */
static void weighted_sum_near(const uint32_t *weight, size_t positions,
                              const struct golden_block *v, size_t stride, int32_t least,
                              int64_t sum[GOLDEN_BLOCK]) {
    four into[GOLDEN_BLOCK / 4] = {{0}};
    for (size_t j = 0; j < positions; j++, v += stride) {
        const int64_t scale = (int32_t)(weight[j] << (v->shift - least));
        for (unsigned i = 0; i < GOLDEN_BLOCK / 4; i++) {
            four_16 m;
            memcpy(&m, &v->m[4 * i], sizeof m);
            into[i] += __builtin_convertvector(m, four) * scale;
        }
    }
    memcpy(sum, into, sizeof into);
}

void golden_weighted_sum(const uint32_t *weight, size_t positions, const struct golden_block *v,
                         size_t stride, golden_int128 sum[GOLDEN_BLOCK]) {
    int64_t near[GOLDEN_BLOCK];
    int32_t least = 31, most = 0;
    for (size_t j = 0; j < positions; j++) {
        const int32_t shift = v[j * stride].shift;
        least = shift < least ? shift : least;
        most = shift > most ? shift : most;
    }
    if (positions > NEAR_POSITIONS || most - least > NEAR_SHIFTS) {
        weighted_sum_any(weight, positions, v, stride, sum);
        return;
    }
    weighted_sum_near(weight, positions, v, stride, least, near);
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
        sum[i] = (golden_int128)near[i] * ((int64_t)1 << least);
}

/* ---- Weights ---- */

static uint32_t load_16(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8;
}

/* Exact; subnormals become normal numbers, all-ones exponents stay all ones. */
static uint32_t binary32_from_16(uint32_t h) {
    uint32_t sign = (h & 0x8000) << 16;
    uint32_t magnitude = h & 0x7fff;
    if (magnitude >= 0x7c00)
        return sign | GOLDEN_EXPONENT | (magnitude & 1023) << 13;
    if (magnitude >= 0x0400)
        return sign | (magnitude + ((127 - 15) << 10)) << 13;
    if (magnitude == 0)
        return sign;
    int top = 31 - __builtin_clz(magnitude); /* magnitude * 2^-24 */
    return sign | (((uint32_t)(top - 24 + 127 - 1) << 23) + (magnitude << (23 - top)));
}

static size_t float_bytes(enum ggml_type type) {
    return type == GGML_TYPE_F32 ? 4 : 2;
}

/* The 32 float weights that lie at `bytes` as binary32; a subnormal binary32 or bfloat16
 * becomes zero of its sign. */
static void float_weights(enum ggml_type type, const uint8_t *bytes, uint32_t *value) {
    if (type == GGML_TYPE_F32) {
        for (size_t i = 0; i < GOLDEN_BLOCK; i++)
            value[i] = load_16(bytes + 4 * i) | load_16(bytes + 4 * i + 2) << 16;
    } else if (type == GGML_TYPE_BF16) {
        for (size_t i = 0; i < GOLDEN_BLOCK; i++)
            value[i] = load_16(bytes + 2 * i) << 16;
    } else {
        uint32_t rare = 0; /* neither normal nor zero */
        for (size_t i = 0; i < GOLDEN_BLOCK; i++) {
            uint32_t h = load_16(bytes + 2 * i), magnitude = h & 0x7fff;
            uint32_t normal = (magnitude + ((127 - 15) << 10)) << 13;
            rare |= (magnitude - 1 < 0x3ff) | (magnitude >= 0x7c00);
            value[i] = (h & 0x8000) << 16 | (magnitude == 0 ? 0 : normal);
        }
        for (size_t i = 0; rare != 0 && i < GOLDEN_BLOCK; i++)
            value[i] = binary32_from_16(load_16(bytes + 2 * i));
    }
    for (size_t i = 0; i < GOLDEN_BLOCK; i++)
        value[i] = (value[i] & GOLDEN_EXPONENT) == 0 ? value[i] & GOLDEN_SIGN : value[i];
}

/* The 32 values from element `first` of a row, +0 beyond its end. Gives the number of
 * elements before one that is not finite, or 32. */
static size_t row_floats(enum ggml_type type, const uint8_t *row, size_t cols, size_t first,
                         uint32_t *value) {
    const uint8_t *bytes = row + first * float_bytes(type);
    uint8_t padded[4 * GOLDEN_BLOCK] = {0};
    if (cols - first < GOLDEN_BLOCK)
        bytes = memcpy(padded, bytes, (cols - first) * float_bytes(type));
    float_weights(type, bytes, value);

    uint32_t nonfinite = 0;
    for (size_t i = 0; i < GOLDEN_BLOCK; i++)
        nonfinite |= (value[i] & GOLDEN_EXPONENT) == GOLDEN_EXPONENT;
    size_t finite = nonfinite != 0 ? 0 : GOLDEN_BLOCK;
    while (finite < GOLDEN_BLOCK && (value[finite] & GOLDEN_EXPONENT) != GOLDEN_EXPONENT)
        finite++;
    return finite;
}

/* The block of up to 32 float weights from element `first`. */
static enum golden_fault float_block(enum ggml_type type, const uint8_t *row, size_t cols,
                                     size_t first, struct golden_block *block) {
    uint32_t value[GOLDEN_BLOCK];
    if (row_floats(type, row, cols, first, value) < GOLDEN_BLOCK)
        return GOLDEN_FAULT_NONFINITE;
    return golden_block_from(value, GOLDEN_BLOCK, 16, block);
}

static enum golden_fault row_dot_float(enum ggml_type type, const uint8_t *row, size_t cols,
                                       const struct golden_block *const *x, size_t count,
                                       struct bins *sums) {
    enum { BATCH = 8 }; /* blocks formed before the first is read back: it has left the stores */
    struct golden_block weight[BATCH];
    for (size_t first = 0; first < cols; first += BATCH * GOLDEN_BLOCK) {
        size_t blocks = 0;
        for (size_t at = first; at < cols && blocks < BATCH; at += GOLDEN_BLOCK) {
            enum golden_fault fault = float_block(type, row, cols, at, &weight[blocks++]);
            if (fault != GOLDEN_FAULT_NONE)
                return fault;
        }
        for (size_t v = 0; v < count; v++)
            for (size_t b = 0; b < blocks; b++) {
                const struct golden_block *of = &x[v][first / GOLDEN_BLOCK + b];
                bins_add(&sums[v], dot_16(weight[b].m, of->m),
                         (unsigned)(weight[b].shift + of->shift));
            }
    }
    return GOLDEN_FAULT_NONE;
}

static enum golden_fault row_dot_q8_0(const uint8_t *row, size_t cols, const struct golden_block *x,
                                      struct bins *sum) {
    enum golden_fault fault = GOLDEN_FAULT_NONE;
    const struct q8_0_block *weight = (const struct q8_0_block *)row;
    for (size_t b = 0; b < cols / GOLDEN_BLOCK; b++) {
        int32_t g;
        unsigned t;
        fault |= golden_scale_from(weight[b].d, &g, &t);
        bins_add(sum, (int64_t)g * dot_q8_0(weight[b].q, x[b].m), t + (unsigned)x[b].shift);
    }
    return fault;
}

static enum golden_fault row_dot_q4_0(const uint8_t *row, size_t cols, const struct golden_block *x,
                                      struct bins *sum) {
    enum golden_fault fault = GOLDEN_FAULT_NONE;
    const struct q4_0_block *weight = (const struct q4_0_block *)row;
    for (size_t b = 0; b < cols / GOLDEN_BLOCK; b++) {
        int32_t g;
        unsigned t;
        fault |= golden_scale_from(weight[b].d, &g, &t);
        bins_add(sum, (int64_t)g * dot_q4_0(weight[b].q, x[b].m), t + (unsigned)x[b].shift);
    }
    return fault;
}

static void add_weights(const struct golden_weights *w, const struct golden_block *x,
                        struct bins *sum) {
    bins_add_wide(sum, w->g * dot_16(w->w, x->m), w->t + (unsigned)x->shift);
    if (w->v[0] != 0 || w->v[1] != 0) {
        int32_t half[2] = {0, 0}; /* sums of x */
        for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
            half[i / 16] += x->m[i];
        bins_add(sum, w->h * ((int64_t)w->v[0] * half[0] + (int64_t)w->v[1] * half[1]),
                 w->r + (unsigned)x->shift);
    }
}

/* All other quantised types, a block at a time. */
static enum golden_fault row_dot_weights(enum ggml_type type, const uint8_t *row, size_t cols,
                                         const struct golden_block *const *x, size_t count,
                                         struct bins *sums) {
    for (size_t b = 0; b < cols / GOLDEN_BLOCK; b++) {
        struct golden_weights w;
        enum golden_fault fault = golden_weights_from(type, row, b, &w);
        if (fault != GOLDEN_FAULT_NONE)
            return fault;
        for (size_t v = 0; v < count; v++)
            add_weights(&w, &x[v][b], &sums[v]);
    }
    return GOLDEN_FAULT_NONE;
}

static bool is_float(enum ggml_type type) {
    return type == GGML_TYPE_F32 || type == GGML_TYPE_F16 || type == GGML_TYPE_BF16;
}

size_t golden_row_bytes(const struct golden_matrix *matrix) {
    if (!is_float(matrix->type) && !golden_weights_known(matrix->type))
        return 0;
    return type_row_bytes(&type_info[matrix->type], matrix->cols);
}

enum golden_fault golden_plain_row(const struct golden_matrix *matrix, const uint8_t *row,
                                   const struct golden_block *const *x, size_t count,
                                   struct golden_sum *totals) {
    struct bins sums[GOLDEN_WIDE_VECTORS] = {{{0}}};
    enum golden_fault fault = GOLDEN_FAULT_NONE;
    if (is_float(matrix->type))
        fault = row_dot_float(matrix->type, row, matrix->cols, x, count, sums);
    else if (matrix->type != GGML_TYPE_Q4_0 && matrix->type != GGML_TYPE_Q8_0)
        fault = row_dot_weights(matrix->type, row, matrix->cols, x, count, sums);
    else
        for (size_t v = 0; v < count; v++)
            fault = matrix->type == GGML_TYPE_Q4_0
                        ? row_dot_q4_0(row, matrix->cols, x[v], &sums[v])
                        : row_dot_q8_0(row, matrix->cols, x[v], &sums[v]);
    for (size_t v = 0; v < count && fault == GOLDEN_FAULT_NONE; v++)
        totals[v] = (struct golden_sum){bins_total(&sums[v]), 0};
    return fault;
}

/* ---- Values ---- */

static enum golden_fault row_values_float(const struct golden_matrix *matrix, const uint8_t *row,
                                          uint32_t *values, size_t *done) {
    const size_t cols = matrix->cols;
    for (size_t first = 0; first < cols; first += GOLDEN_BLOCK) {
        uint32_t value[GOLDEN_BLOCK];
        size_t finite = row_floats(matrix->type, row, cols, first, value);
        size_t count = cols - first < finite ? cols - first : finite;
        memcpy(values + first, value, count * sizeof *value);
        *done = first + count;
        if (finite < GOLDEN_BLOCK)
            return GOLDEN_FAULT_NONFINITE;
    }
    return GOLDEN_FAULT_NONE;
}

enum golden_fault golden_row_values(const struct golden_matrix *matrix, size_t row,
                                    uint32_t *values, size_t *done) {
    const uint8_t *bytes = matrix->data + row * golden_row_bytes(matrix);
    if (is_float(matrix->type))
        return row_values_float(matrix, bytes, values, done);
    for (*done = 0; *done < matrix->cols;) {
        size_t count;
        enum golden_fault fault = golden_weights_values(matrix->type, bytes, *done / GOLDEN_BLOCK,
                                                        values + *done, &count);
        *done += count;
        if (fault != GOLDEN_FAULT_NONE)
            return fault;
    }
    return GOLDEN_FAULT_NONE;
}
