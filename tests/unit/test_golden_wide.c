/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The loops of the golden model that take many weights at once, by themselves. Where one of them
 * declines another gives the same sums, so a test of sums does not see whether it works: here each
 * must take what it is made for, and give what the plain loops do. Blocks decoded 16 at a time,
 * the window of powers of two in which sums of 64 bits are exact, rows.
 */
#include "csrc/golden/golden_avx2.h"
#include "csrc/golden/golden_weights.h"
#include "csrc/golden/golden_wide.h"
#include "csrc/golden/golden_wide_16.h"
#include "golden_rows.h"
#include "tests/kit/host_test.h"

/* What the loops for AVX-512 ask for. */
#if defined(__AVX512VBMI__) && defined(__AVX512BW__) && defined(__AVX512VNNI__) &&                 \
    defined(__AVX512VL__)
#define WIDE 1
#endif

enum { COLS = 1024, ROWS = GOLDEN_WIDE_ROWS, VECTORS = GOLDEN_WIDE_VECTORS };

static uint8_t data[ROWS * 4 * COLS];
static uint32_t values[VECTORS][COLS];
static struct golden_block blocks[VECTORS][COLS / GOLDEN_BLOCK];
static const struct golden_block *x[VECTORS + 1];

/* Shifts and scales of a few binades, as those of models are; `apart`: but for one block, whose
 * terms are too small for the window. */
static struct golden_matrix make_with(struct host_test *t, size_t n, size_t rows, size_t cols,
                                      bool apart, uint64_t *random) {
    const size_t odd = apart ? random_below(random, (uint32_t)(cols / GOLDEN_BLOCK)) : 0;
    const struct golden_matrix matrix = {types[n].type, data, rows, cols};
    const size_t row_bytes = golden_row_bytes(&matrix);
    for (size_t r = 0; r < rows; r++) {
        random_row(n, data + r * row_bytes, cols, 200, random);
        even_scales(n, data + r * row_bytes, row_bytes, random);
        for (int k = 0; k < 2 && apart; k++)
            if (types[n].scales[k] >= 0)
                set_16(data + r * row_bytes + odd * type_info[types[n].type].bytes +
                           types[n].scales[k],
                       0x8001);
    }
    for (size_t v = 0; v < VECTORS; v++) {
        for (size_t i = 0; i < cols; i++)
            values[v][i] = apart && i / GOLDEN_BLOCK == odd ? random_float(random, 104, 106)
                                                            : random_float(random, 130, 137);
        CHECK(t, golden_blocks_from(values[v], cols, 16, blocks[v]) == 0, "blocks");
        x[v] = blocks[v];
    }
    x[VECTORS] = blocks[0];
    return matrix;
}

static struct golden_matrix make(struct host_test *t, size_t n, size_t rows, size_t cols,
                                 uint64_t *random) {
    return make_with(t, n, rows, cols, false, random);
}

static bool is_wide(enum ggml_type type) {
    return type == GGML_TYPE_Q4_0 || type == GGML_TYPE_Q8_0;
}

/* ---- the window ---- */

static int log2_up(size_t n) {
    int bits = 0;
    for (size_t power = 1; power < n; power *= 2)
        bits++;
    return bits;
}

/* As many binades as 64 bits hold of sums of `terms` terms of `bits` bits, but `most`. */
static void check_size(struct host_test *t, int size, size_t terms, int bits, int most,
                       const char *name) {
    const int sum = log2_up(terms) + bits + size;
    CHECK(t, size >= 0 && size <= most && sum <= 62 && (size == most || sum == 62),
          "%s: a window of %d: sums of %d bits", name, size, sum);
}

/* The block with the largest shift, the row with the largest scale, stand anywhere; those of the
 * first four rows tell. Two binades above them are free. */
static void test_window(struct host_test *t, uint64_t *random) {
    static const size_t counts[] = {1, 4, 5, 8, 31, 32, 33, 128, 256, 257, 1000, 4096};
    static struct golden_block of[2][4096];
    static uint8_t rows[6 * 4096 * 34];
    const struct golden_block *const vectors[] = {of[0], of[1]};
    for (size_t n = 0; n < TYPES; n++)
        for (size_t i = 0; is_wide(types[n].type) && i < sizeof counts / sizeof *counts; i++)
            for (size_t at_row = 0; at_row < 6; at_row++) {
                const size_t count = counts[i], size = type_info[types[n].type].bytes;
                const size_t has_rows = 1 + random_below(random, 6);
                const struct golden_matrix matrix = {types[n].type, rows, has_rows, 32 * count};
                const int field = 1 + (int)random_below(random, 29);
                const int shifts[] = {1 + (int)random_below(random, 30), (int)(i % 3)};
                for (size_t b = 0; b < 6 * count; b++)
                    set_16(rows + b * size, (uint32_t)(field - 1) << 10 | 77);
                set_16(rows + (at_row * count + random_below(random, (uint32_t)count)) * size,
                       (uint32_t)field << 10 | 0x8000);
                for (size_t v = 0; v < 2; v++) {
                    for (size_t b = 0; b < count; b++)
                        of[v][b].shift = shifts[v] > 0 ? shifts[v] - 1 : 0;
                    of[v][random_below(random, (uint32_t)count)].shift = shifts[v];
                }
                const struct golden_window w = golden_window_of(&matrix, vectors, 2);
                /* 32 products of weights of 4 or 8 bits and mantissas of 16, g of 11 bits */
                check_size(t, w.size, count, (types[n].type == GGML_TYPE_Q4_0 ? 23 : 27) + 11, 19,
                           type_info[types[n].type].name);
                const int top = at_row < 4 && at_row < has_rows ? field : field - 1;
                const int typical = top > 1 ? top - 1 : 0; /* t of a binary16 */
                for (size_t v = 0; v < 2; v++) {
                    const int want = shifts[v] + typical + 2 - w.size;
                    CHECK(t, w.base[v] == (want > 0 ? want : 0),
                          "%zu blocks, row %zu: base %d, not %d", count, at_row, w.base[v], want);
                }
            }
}

static void test_apart(struct host_test *t, uint64_t *random) {
    struct golden_block block = {{0}, 9};
    CHECK(t, golden_window_factor(&block, 4) == 0x1p24f, "zeros");
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++) {
        block = (struct golden_block){{0}, (int32_t)(i % 32)};
        block.m[i] = i % 2 != 0 ? -1 : 1;
        for (int base = 0; base < 40; base++)
            CHECK(t, golden_window_factor(&block, base) == ldexpf(1, block.shift - base + 24),
                  "element %u, base %d", i, base);
    }
    golden_int128 sum = 0, expected = 0;
    for (unsigned i = 0; i < 2000; i++) {
        const uint32_t field = random_below(random, 32), fraction = random_below(random, 1024);
        const int32_t dot = (int32_t)random_64(random) >> 5;
        const int shift = (int)random_below(random, 32);
        const bool negative = i % 2 != 0;
        uint8_t scale[2];
        set_16(scale, (negative ? 0x8000u : 0) | field << 10 | fraction);
        const bool finite = golden_window_apart(dot, scale, shift, &sum);
        CHECK(t, finite == (field != 31), "a scale of %u", field);
        const int64_t g = fraction + (field != 0 ? 1024 : 0);
        if (finite)
            expected += (golden_int128)(negative ? -g : g) * dot *
                        ((golden_int128)1 << (shift + (int)(field != 0 ? field - 1 : 0)));
        CHECK(t, sum == expected, "sum %u", i);
    }
}

#ifdef WIDE

/* ---- blocks ---- */

static void check_block(struct host_test *t, size_t n, const uint8_t *row, size_t cols, size_t b,
                        const struct golden_wide_weights *is, size_t at) {
    const enum ggml_type type = types[n].type;
    struct golden_weights right = {.g = 1};
    if (is_float(type)) {
        struct golden_block block;
        const struct golden_matrix matrix = {type, row, 1, cols};
        const size_t left = cols - b * GOLDEN_BLOCK;
        uint32_t of_row[COLS];
        size_t done;
        golden_row_values(&matrix, 0, of_row, &done);
        naive_block(of_row + b * GOLDEN_BLOCK, left < GOLDEN_BLOCK ? left : GOLDEN_BLOCK, 16,
                    &block);
        memcpy(right.w, block.m, sizeof right.w);
        right.t = (unsigned)block.shift;
    } else {
        golden_weights_from(type, row, b, &right);
    }
    const bool minimums = type_info[type].has_min;
    CHECK(t,
          memcmp(is->w[at], right.w, sizeof right.w) == 0 && is->g[at] == right.g &&
              is->t[at] == (int32_t)right.t,
          "%s, block %zu: weights", type_info[type].name, b);
    CHECK(t,
          !minimums || (is->v[0][at] == right.v[0] && is->v[1][at] == right.v[1] &&
                        is->h[at] == right.h && is->r[at] == (int32_t)right.r),
          "%s, block %zu: minimums", type_info[type].name, b);
}

/* Spoils scale k of a block, or a float; false: it has none. */
static bool spoil(size_t n, uint8_t *row, size_t cols, size_t b, unsigned k, uint64_t *random) {
    const enum ggml_type type = types[n].type;
    if (is_float(type)) {
        const size_t left = cols - b * GOLDEN_BLOCK;
        const uint32_t bits = type == GGML_TYPE_F16 ? 0x7c00u : 0x7f80u;
        const size_t i =
            b * GOLDEN_BLOCK +
            random_below(random, (uint32_t)(left < GOLDEN_BLOCK ? left : GOLDEN_BLOCK));
        /* infinite, no number; too large, which is no error of binary16 */
        const uint32_t what = k == 0 || type == GGML_TYPE_F16 ? bits | k << 15 : 0x4880u;
        set_16(row + (type == GGML_TYPE_F32 ? 4 * i + 2 : 2 * i), what);
        return true;
    }
    uint8_t *block = row + b * GOLDEN_BLOCK / type_info[type].elements * type_info[type].bytes;
    if (type == GGML_TYPE_MXFP4)
        block[0] = k == 0 ? 255 : 143;
    else if (types[n].scales[k] >= 0)
        set_16(block + types[n].scales[k], 0x7c00u | (random_below(random, 2) << 15));
    else
        return false;
    return true;
}

static void test_decoders(struct host_test *t, uint64_t *random) {
    for (size_t n = 0; n < TYPES; n++) {
        const enum ggml_type type = types[n].type;
        const size_t step = type_info[type].elements == 256 ? 8 : 1;
        golden_wide_decoder *decode = golden_wide_decoder_of(type);
        for (unsigned round = 0; round < 300; round++) {
            static struct golden_wide_weights is;
            const size_t cols = COLS - (is_float(type) ? random_below(random, 32) : 0);
            const size_t count = step + step * random_below(random, (uint32_t)(16 / step));
            const size_t first = step * random_below(random, (uint32_t)((32 - count) / step + 1));
            random_row(n, data, cols, random_below(random, 256), random);
            CHECK(t, decode(type, data, cols, first, count, &is), "%s: %zu blocks from %zu on",
                  type_info[type].name, count, first);
            for (size_t b = 0; b < count; b++)
                check_block(t, n, data, cols, first + b, &is, b);
            const size_t bad = random_below(random, COLS / GOLDEN_BLOCK);
            const bool in = bad / step * step >= first && bad / step * step < first + count;
            if (spoil(n, data, cols, bad, round % 2, random))
                CHECK(t, decode(type, data, cols, first, count, &is) == !in,
                      "%s: a fault of block %zu of %zu from %zu on", type_info[type].name, bad,
                      count, first);
        }
    }
}

/* ---- rows ---- */

/* What the plain loops give. */
static void plain(const struct golden_matrix *matrix, size_t count, uint32_t y[VECTORS][ROWS]) {
    struct golden_product products[VECTORS];
    for (size_t v = 0; v < count; v++)
        products[v] = (struct golden_product){.x = x[v], .y = y[v]};
    golden_multiply_by(GOLDEN_LOOPS_PLAIN, matrix, 16, products, count, NULL);
}

static void same_rows(struct host_test *t, const struct golden_matrix *matrix, size_t count,
                      uint32_t y[VECTORS][ROWS], const char *loops) {
    static uint32_t right[VECTORS][ROWS];
    plain(matrix, count, right);
    for (size_t v = 0; v < count; v++)
        for (size_t r = 0; r < matrix->rows; r++)
            CHECK(t, y[v][r] == right[v][r], "%s, %s: row %zu, vector %zu: %08x for %08x", loops,
                  type_info[matrix->type].name, r, v, y[v][r], right[v][r]);
}

static void spoil_row(size_t n, const struct golden_matrix *matrix, size_t r) {
    uint8_t *end = data + (r + 1) * golden_row_bytes(matrix);
    set_16(end - type_info[types[n].type].bytes + types[n].scales[0], 0x7c00);
}

/* Rows of Q4_0 and Q8_0: any number of rows, as long as none of them is an error. */
static void test_wide(struct host_test *t, uint64_t *random) {
    static uint32_t y[VECTORS][ROWS];
    uint32_t *to[VECTORS];
    for (size_t v = 0; v < VECTORS; v++)
        to[v] = y[v];
    for (size_t n = 0; n < TYPES; n++)
        for (unsigned round = 0; is_wide(types[n].type) && round < 100; round++) {
            const size_t rows = 1 + random_below(random, ROWS);
            const size_t count = 1 + random_below(random, VECTORS);
            const struct golden_matrix matrix =
                make_with(t, n, rows, 128 + 32 * random_below(random, 29), round % 2 != 0, random);
            const size_t row_bytes = golden_row_bytes(&matrix), bad = random_below(random, ROWS);
            const int scale = -golden_weights_unit(matrix.type) - 28;
            struct golden_wide wide;
            struct golden_avx2 avx2;
            const bool opened = golden_wide_open(&wide, &matrix, x, count);
            CHECK(t, opened && golden_avx2_open(&avx2, &matrix, x, count), "it declines");
            if (t->failures != 0)
                return;
            memset(y, 0, sizeof y);
            CHECK(t, golden_wide_rows(&wide, data, row_bytes, rows, scale, to), "AVX-512 declines");
            same_rows(t, &matrix, count, y, "AVX-512");
            memset(y, 0, sizeof y);
            CHECK(t, golden_avx2_rows(&avx2, data, row_bytes, rows, scale, to), "AVX2 declines");
            same_rows(t, &matrix, count, y, "AVX2");
            if (bad < rows) {
                spoil_row(n, &matrix, bad);
                CHECK(t,
                      !golden_wide_rows(&wide, data, row_bytes, rows, scale, to) &&
                          !golden_avx2_rows(&avx2, data, row_bytes, rows, scale, to),
                      "a fault of row %zu of %zu", bad, rows);
            }
            golden_wide_close(&wide);
            golden_avx2_close(&avx2);
        }
}

static int largest_t(const struct golden_wide_16 *w, const struct golden_matrix *matrix) {
    static struct golden_wide_weights is;
    int largest = 0;
    for (size_t r = 0; r < matrix->rows && r < 4; r++)
        for (size_t b = 0; b < w->blocks; b += 8) {
            const size_t count = w->blocks - b < 8 ? w->blocks - b : 8;
            w->decode(w->type, data + r * golden_row_bytes(matrix), matrix->cols, b, count, &is);
            for (size_t i = 0; i < count; i++)
                largest = is.t[i] > largest ? is.t[i] : largest;
        }
    return largest;
}

/* Rows of all other types: eight at once, or one. */
static void test_wide_16(struct host_test *t, uint64_t *random) {
    static uint32_t y[VECTORS][ROWS];
    uint32_t *to[VECTORS];
    for (size_t v = 0; v < VECTORS; v++)
        to[v] = y[v];
    for (size_t n = 0; n < TYPES; n++)
        for (unsigned round = 0; !is_wide(types[n].type) && round < 40; round++) {
            const enum ggml_type type = types[n].type;
            const size_t count = 1 + random_below(random, VECTORS);
            const size_t cols = type_info[type].elements == 256
                                    ? 256 * (1 + random_below(random, 4))
                                    : 128 + 32 * random_below(random, 29);
            const struct golden_matrix matrix = make(t, n, ROWS, cols, random);
            const size_t row_bytes = golden_row_bytes(&matrix), bad = random_below(random, ROWS);
            const int unit = is_float(type) ? 28 : golden_weights_unit(type);
            struct golden_wide_16 wide;
            CHECK(t, golden_wide_16_open(&wide, &matrix, x, count), "it declines");
            if (t->failures != 0)
                return;
            /* two terms of a block: sums of two products, with a scale of 11 bits unless it is 1 */
            check_size(t, wide.window, 2 * wide.blocks,
                       is_float(type) || type == GGML_TYPE_MXFP4 ? 31 : 39, 62,
                       type_info[type].name);
            const int typical = largest_t(&wide, &matrix);
            for (size_t v = 0; v < count; v++) {
                int largest = 0;
                for (size_t b = 0; b < wide.blocks; b++)
                    largest = x[v][b].shift > largest ? x[v][b].shift : largest;
                const int want = largest + typical + 2 - wide.window;
                CHECK(t, wide.base[v] == (want > 0 ? want : 0), "base %d, not %d", wide.base[v],
                      want);
            }
            memset(y, 0, sizeof y);
            CHECK(t, golden_wide_16_rows(&wide, data, row_bytes, -unit - 28, to),
                  "%s: eight rows are declined", type_info[type].name);
            same_rows(t, &matrix, count, y, "16 bits");
            for (size_t r = 0; r < ROWS; r++) {
                struct golden_sum is[VECTORS], right[VECTORS];
                CHECK(t, golden_wide_16_row(&wide, data + r * row_bytes, is),
                      "%s: a row is declined", type_info[type].name);
                golden_plain_row(&matrix, data + r * row_bytes, x, count, right);
                for (size_t v = 0; v < count; v++)
                    CHECK(t,
                          is[v].n * ((golden_int128)1 << is[v].shift) ==
                              right[v].n * ((golden_int128)1 << right[v].shift),
                          "%s: row %zu, vector %zu", type_info[type].name, r, v);
            }
            spoil(n, data + bad * row_bytes, cols, cols / GOLDEN_BLOCK - 1, 0, random);
            struct golden_sum sums[VECTORS];
            CHECK(t,
                  !golden_wide_16_rows(&wide, data, row_bytes, -unit - 28, to) &&
                      !golden_wide_16_row(&wide, data + bad * row_bytes, sums),
                  "%s: a fault of row %zu", type_info[type].name, bad);
            golden_wide_16_close(&wide);
        }
}

/* Which matrices and vectors each is for. */
static void test_open(struct host_test *t, uint64_t *random) {
    for (size_t n = 0; n < TYPES; n++) {
        const size_t elements = type_info[types[n].type].elements;
        for (size_t cols = elements; cols <= 4 * 32 + elements; cols += elements)
            for (size_t rows = 0; rows < 2; rows++)
                for (size_t count = 1; count <= VECTORS + 1; count++) {
                    const struct golden_matrix matrix = make(t, n, rows, cols, random);
                    const bool fits = rows != 0 && cols >= 128 && count <= VECTORS;
                    const bool wide = is_wide(types[n].type);
                    struct golden_wide w;
                    struct golden_avx2 a;
                    struct golden_wide_16 w_16;
                    const bool is = golden_wide_open(&w, &matrix, x, count);
                    const bool is_avx2 = golden_avx2_open(&a, &matrix, x, count);
                    const bool is_16 = golden_wide_16_open(&w_16, &matrix, x, count);
                    CHECK(t,
                          is == (fits && wide) && is_avx2 == (fits && wide) &&
                              is_16 == (fits && !wide),
                          "%s, %zu rows of %zu columns, %zu vectors: %d %d %d",
                          type_info[types[n].type].name, rows, cols, count, is, is_avx2, is_16);
                    if (is)
                        golden_wide_close(&w);
                    if (is_avx2)
                        golden_avx2_close(&a);
                    if (is_16)
                        golden_wide_16_close(&w_16);
                }
    }
}

#endif

int main(void) {
    struct host_test t = {"golden_wide", 0, 0};
    uint64_t random = 0x51de;
    test_window(&t, &random);
    test_apart(&t, &random);
#ifdef WIDE
    test_decoders(&t, &random);
    test_wide(&t, &random);
    test_wide_16(&t, &random);
    test_open(&t, &random);
#endif
    return host_test_finish(&t);
}
