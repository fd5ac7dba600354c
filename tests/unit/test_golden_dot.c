/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Exact dot products of every weight type against sums taken element by element
 * in 128 bits, with scales from the smallest to the largest, short last blocks,
 * and rows of 131,072 columns at the limits. The weights' values come from
 * dequant.h, which shares nothing with the golden model. With AVX-512, with AVX2 and in plain C.
 *
 *     build/.../test_golden_dot [rows a type, default 20000] [seed]
 */
#include "csrc/gguf/dequant.h"
#include "golden_rows.h"
#include "tests/kit/host_test.h"

#define MAX_COLS 512u
#define LOOPS    3u /* of enum golden_loops */

/* Section 4, an element at a time. */
static uint32_t naive_dot(enum ggml_type type, const uint8_t *row, size_t cols, const uint32_t *x,
                          int bits) {
    const int unit = is_float(type) || type == GGML_TYPE_MXFP4 ? 28 : 24;
    golden_int128 sum = 0;
    double *value = malloc(cols * sizeof *value);
    if (value == NULL || dequant_exact(type, row, value, cols) != 0)
        exit(1);
    for (size_t first = 0; first < cols; first += GOLDEN_BLOCK) {
        size_t count = cols - first < GOLDEN_BLOCK ? cols - first : GOLDEN_BLOCK;
        struct golden_block input, weight;
        uint32_t weight_bits[GOLDEN_BLOCK];
        for (size_t i = 0; i < count; i++)
            weight_bits[i] = to_bits((float)value[first + i]);
        naive_block(x + first, count, bits, &input);
        naive_block(weight_bits, count, 16, &weight);
        for (size_t i = 0; i < count; i++) {
            golden_int128 w = is_float(type)
                                  ? (golden_int128)weight.m[i] * ((int64_t)1 << weight.shift)
                                  : (golden_int128)rint(ldexp(value[first + i], unit));
            sum += w * input.m[i] * ((int64_t)1 << input.shift);
        }
    }
    free(value);
    return oracle_round32(sum, -unit - 12 - bits).bits;
}

static enum golden_fault multiply_by(enum golden_loops loops, const struct golden_matrix *matrix,
                                     const struct golden_block *x, int bits, uint32_t *y,
                                     size_t *done) {
    struct golden_product product = {.x = x, .y = y, .done = 99, .fault = GOLDEN_FAULT_DIVZERO};
    golden_multiply_by(loops, matrix, bits, &product, 1, NULL);
    *done = product.done;
    return product.fault;
}

static void test_rows(struct host_test *t, unsigned long rows, uint64_t *state) {
    static const int widths[] = {16, 16, 12, 8};
    for (size_t n = 0; n < TYPES; n++) {
        unsigned long planted_seen = 0;
        for (unsigned long r = 0; r < rows; r++) {
            uint8_t row[4 * MAX_COLS];
            uint32_t x[MAX_COLS], y = 0, values[MAX_COLS];
            float expected_values[MAX_COLS];
            struct golden_block blocks[MAX_COLS / GOLDEN_BLOCK];
            size_t cols = 32 * (1 + random_64(state) % 6), done;
            int bits = widths[r % 4];
            const enum golden_loops loops = (enum golden_loops)(r % LOOPS);
            const enum ggml_type type = types[n].type;
            if (type_info[type].elements == 256)
                cols = 256 * (1 + random_64(state) % 2);
            cols -= is_float(type) ? random_64(state) % 32 : 0;
            random_row(n, row, cols, (uint32_t)random_64(state) & 255, state);
            random_vector(x, cols, state);

            struct golden_matrix matrix = {type, row, 1, cols};
            enum golden_fault fault = golden_blocks_from(x, cols, bits, blocks);
            if (fault == GOLDEN_FAULT_NONE)
                fault = multiply_by(loops, &matrix, blocks, bits, &y, &done);
            uint32_t expected = naive_dot(type, row, cols, x, bits);
            CHECK(t, fault == GOLDEN_FAULT_NONE && y == expected, "%s, %zu columns: %08x for %08x",
                  type_info[type].name, cols, y, expected);

            CHECK(t, golden_row_values(&matrix, 0, values, &done) == 0 && done == cols, "values");
            dequant_row(type, row, expected_values, cols);
            for (size_t i = 0; i < cols; i++) {
                uint32_t bits_expected = to_bits(expected_values[i]);
                if ((bits_expected & GOLDEN_EXPONENT) == 0) /* a zero; of integers it is +0 */
                    bits_expected &= is_float(type) ? GOLDEN_SIGN : 0;
                CHECK(t, values[i] == bits_expected, "weight %zu: %08x", i, values[i]);
            }
            /* Planted: one high bit of one weight. */
            row[3] ^= 0x40;
            planted_seen +=
                multiply_by(loops, &matrix, blocks, bits, &y, &done) != 0 || y != expected;
        }
        CHECK(t, planted_seen > rows / 4, "%s: %lu faults seen", type_info[types[n].type].name,
              planted_seen);
    }
}

/* The longest row of the largest weights and scales, with the largest inputs: no bin may overflow.
 */
static void test_limits(struct host_test *t) {
    enum { ROWS = 16, LOW = 8 }; /* the same, but of scales a quarter in the first ones */
    const size_t cols = GOLDEN_MAX_COLS;
    uint8_t *row = malloc(ROWS * 4 * cols);
    uint32_t *x = malloc(cols * sizeof *x);
    struct golden_block *blocks = malloc(cols / GOLDEN_BLOCK * sizeof *blocks);
    if (row == NULL || x == NULL || blocks == NULL)
        exit(1);
    for (size_t n = 0; n < TYPES; n++)
        for (unsigned pattern = 0; pattern < 8 * LOOPS; pattern++) {
            const enum golden_loops loops = (enum golden_loops)(pattern / 8);
            static const uint8_t fill[4] = {0x00, 0x80, 0x7f, 0xff};
            const enum ggml_type type = types[n].type;
            struct golden_matrix matrix = {type, row, ROWS, cols};
            const uint32_t largest = 0x487fffff; /* just below 2^18 */
            size_t bytes = golden_row_bytes(&matrix), done;
            uint32_t y[ROWS] = {0};
            memset(row, fill[pattern % 4], bytes);
            for (size_t i = 0; i < cols; i++) {
                x[i] = largest | (pattern / 4 % 2) << 31;
                if (type == GGML_TYPE_F32)
                    memcpy(row + 4 * i, &largest, 4);
                else if (type == GGML_TYPE_BF16)
                    set_16(row + 2 * i, 0x487f);
                else if (type == GGML_TYPE_F16)
                    set_16(row + 2 * i, 0x7bff); /* 65504 */
            }
            for (size_t at = 0; !is_float(type) && at < bytes; at += type_info[type].bytes) {
                for (int k = 0; k < 2 && types[n].scales[k] >= 0; k++)
                    set_16(row + at + types[n].scales[k], k == 0 ? 0xfbff : 0x7bff);
                if (type == GGML_TYPE_MXFP4)
                    row[at] = 142;
            }
            for (size_t r = 1; r < ROWS; r++)
                memcpy(row + r * bytes, row, bytes);
            for (size_t at = 0; !is_float(type) && at < LOW * bytes; at += type_info[type].bytes)
                for (int k = 0; k < 2 && types[n].scales[k] >= 0; k++)
                    row[at + (size_t)types[n].scales[k] + 1] -= 8;
            uint32_t expected = naive_dot(type, row + LOW * bytes, cols, x, 16);
            CHECK(t, golden_blocks_from(x, cols, 16, blocks) == 0, "blocks");
            CHECK(t, multiply_by(loops, &matrix, blocks, 16, y, &done) == 0 && done == ROWS,
                  "limits");
            for (size_t r = LOW; r < ROWS; r++)
                CHECK(t, y[r] == expected, "%s at its limit: %08x for %08x", type_info[type].name,
                      y[r], expected);
            for (size_t b = 4088; b < 4096; b++)
                blocks[b].shift = 27;
            CHECK(
                t,
                (y[LOW] & 0x7fffffff) == 0 ||
                    (multiply_by(loops, &matrix, blocks, 16, y, &done) == 0 && y[LOW] != expected),
                "%s: a fault went unseen", type_info[type].name);
        }
    free(row);
    free(x);
    free(blocks);
}

/* What is no number, or too large, in each scale of each block. */
static void test_faults(struct host_test *t, uint64_t *state) {
    for (size_t n = 0; n < TYPES; n++) {
        const enum ggml_type type = types[n].type;
        const size_t cols = 512, parts = cols / type_info[type].elements;
        uint8_t row[4 * MAX_COLS];
        uint32_t x[MAX_COLS], y, values[MAX_COLS];
        struct golden_block blocks[MAX_COLS / GOLDEN_BLOCK];
        struct golden_matrix matrix = {type, row, 1, cols};
        size_t done;
        random_vector(x, cols, state);
        CHECK(t, golden_blocks_from(x, cols, 16, blocks) == 0, "blocks");
        for (size_t b = 0; b < parts && !is_float(type); b++)
            for (int k = 0; k < 2; k++) {
                const enum golden_loops loops = (enum golden_loops)((b + (size_t)k) % LOOPS);
                uint8_t *block = row + b * type_info[type].bytes;
                random_row(n, row, cols, 128, state);
                if (type == GGML_TYPE_MXFP4)
                    block[0] = k == 0 ? 255 : 143;
                else if (types[n].scales[k] >= 0)
                    set_16(block + types[n].scales[k], 0x7c00 | (random_64(state) & 0x83ff));
                else
                    continue;
                const enum golden_fault fault =
                    type == GGML_TYPE_MXFP4 && k == 1 ? GOLDEN_FAULT_RANGE : GOLDEN_FAULT_NONFINITE;
                CHECK(t, multiply_by(loops, &matrix, blocks, 16, &y, &done) == fault && done == 0,
                      "%s, block %zu: scale %d", type_info[type].name, b, k);
                CHECK(t,
                      (golden_row_values(&matrix, 0, values, &done) == GOLDEN_FAULT_NONFINITE &&
                       done == b * type_info[type].elements) ||
                          fault == GOLDEN_FAULT_RANGE,
                      "%s, block %zu: value of scale %d", type_info[type].name, b, k);
            }
    }
}

/* The block, or the float, before `end` becomes an error. */
static void spoil_last_block(size_t n, uint8_t *end) {
    uint8_t *block = end - type_info[types[n].type].bytes;
    if (types[n].type == GGML_TYPE_MXFP4)
        block[0] = 143;
    else if (is_float(types[n].type))
        set_16(end - 2, types[n].type == GGML_TYPE_F16 ? 0xfc00 : 0x7f80);
    else
        set_16(block + types[n].scales[0], 0x7c01);
}

/* Several vectors and threads: as row by row, and up to the first row that fails. */
static void test_matrices(struct host_test *t, uint64_t *state) {
    enum { ROWS = 150, COLS = 1280, MOST = 10 };
    static uint8_t data[ROWS * 4 * COLS];
    static uint32_t x[MOST][COLS], y[MOST][ROWS];
    static struct golden_block blocks[MOST][COLS / GOLDEN_BLOCK];
    unsigned long planted = 0, rounds = 0;
    for (size_t n = 0; n < TYPES; n++)
        for (unsigned round = 0; round < 12 * LOOPS; round++) {
            const enum golden_loops loops = (enum golden_loops)(round / 12);
            const enum ggml_type type = types[n].type;
            const size_t rows = 1 + random_64(state) % ROWS, count = 1 + random_64(state) % MOST;
            const size_t cols = type_info[type].elements == 256 ? 256 * (1 + random_64(state) % 5)
                                                                : 32 * (1 + random_64(state) % 40);
            const struct golden_matrix matrix = {type, data, rows, cols};
            const size_t row_bytes = golden_row_bytes(&matrix);
            const size_t bad = random_64(state) % (3 * rows); /* often none */
            struct golden_product products[MOST];
            struct golden_pool *pool;
            struct ls_error err;
            if (golden_pool_open(1 + (unsigned)(random_64(state) % 4), &pool, &err) != 0)
                exit(1);
            for (size_t r = 0; r < rows; r++) {
                random_row(n, data + r * row_bytes, cols, (uint32_t)random_64(state) & 255, state);
                if (round % 2 != 0)
                    even_scales(n, data + r * row_bytes, row_bytes, state);
            }
            const bool fails = bad < rows;
            const enum golden_fault fault = !fails                    ? GOLDEN_FAULT_NONE
                                            : type == GGML_TYPE_MXFP4 ? GOLDEN_FAULT_RANGE
                                                                      : GOLDEN_FAULT_NONFINITE;
            if (fails)
                spoil_last_block(n, data + (bad + 1) * row_bytes);
            const size_t done = fails ? bad : rows;
            for (size_t v = 0; v < count; v++) {
                random_vector(x[v], cols, state);
                for (size_t i = 1; i < cols && v % 4 == 1; i++) /* a product alone: many ties */
                    x[v][i] = 0;
                CHECK(t, golden_blocks_from(x[v], cols, 16, blocks[v]) == 0, "blocks");
                products[v] = (struct golden_product){
                    .x = blocks[v], .y = y[v], .fault = GOLDEN_FAULT_OVERFLOW};
            }
            golden_multiply_by(loops, &matrix, 16, products, count, pool);
            for (size_t v = 0; v < count; v++) {
                CHECK(t, products[v].done == done && products[v].fault == fault,
                      "%s: %zu of %zu rows, fault %d", type_info[type].name, products[v].done, done,
                      (int)products[v].fault);
                for (size_t r = 0; r < done; r += 1 + random_64(state) % 8) {
                    const uint32_t expected = naive_dot(type, data + r * row_bytes, cols, x[v], 16);
                    CHECK(t, y[v][r] == expected, "%s, %zu columns, vector %zu, row %zu",
                          type_info[type].name, cols, v, r);
                }
            }
            /* Planted: one mantissa of one vector. */
            const uint32_t before = y[0][0];
            blocks[0][0].m[5] ^= 0x2000;
            golden_multiply_by(loops, &matrix, 16, products, count, pool);
            planted += y[0][0] != before;
            rounds++;
            golden_pool_close(pool);
        }
    CHECK(t, planted > rounds / 4, "%lu of %lu faults seen", planted, rounds);
}

static void random_block(struct golden_block *block, int extreme, uint64_t *state) {
    block->shift = extreme ? 31 : (int32_t)(random_64(state) % 32);
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++) {
        int16_t m = (int16_t)random_64(state);
        block->m[i] = m == INT16_MIN || extreme ? INT16_MAX : m;
    }
}

/* The sums of RMSNorm and attention. */
static void test_block_sums(struct host_test *t, uint64_t *state) {
    enum { POSITIONS = 40, STRIDE = 2 };
    for (unsigned round = 0; round < 2000; round++) {
        struct golden_block a[POSITIONS * STRIDE], b[POSITIONS * STRIDE];
        uint32_t weight[POSITIONS];
        golden_int128 dot = 0, sum[GOLDEN_BLOCK];
        int extreme = round % 16 == 0;
        const int near = round % 4 == 1; /* shifts of a few binades, as in models */
        const int32_t least = (int32_t)(random_64(state) % 17);
        for (unsigned j = 0; j < POSITIONS * STRIDE; j++) {
            random_block(&a[j], extreme, state);
            random_block(&b[j], extreme, state);
            if (near)
                b[j].shift = least + (int32_t)(random_64(state) % 15);
            for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
                dot += (golden_int128)(a[j].m[i] * b[j].m[i]) *
                       ((golden_int128)1 << (a[j].shift + b[j].shift));
        }
        CHECK(t, golden_dot_blocks(a, b, POSITIONS * STRIDE) == dot, "dot of blocks");
        a[3].m[7] ^= 1;
        CHECK(t, b[3].m[7] == 0 || golden_dot_blocks(a, b, POSITIONS * STRIDE) != dot,
              "a fault went unseen");

        for (unsigned j = 0; j < POSITIONS; j++)
            weight[j] = extreme ? 65536 : (uint32_t)(random_64(state) % 65537);
        golden_weighted_sum(weight, POSITIONS, b, STRIDE, sum);
        for (unsigned i = 0; i < GOLDEN_BLOCK; i++) {
            golden_int128 expected = 0;
            for (unsigned j = 0; j < POSITIONS; j++)
                expected += (golden_int128)weight[j] * b[j * STRIDE].m[i] *
                            ((int64_t)1 << b[j * STRIDE].shift);
            CHECK(t, sum[i] == expected, "weighted sum, element %u", i);
        }
        /* Planted: one mantissa of one position. */
        golden_int128 spoiled[GOLDEN_BLOCK];
        b[7 * STRIDE].m[9] ^= 1;
        golden_weighted_sum(weight, POSITIONS, b, STRIDE, spoiled);
        CHECK(t, weight[7] == 0 || spoiled[9] != sum[9], "a fault of a sum went unseen");
    }
}

/* As many positions as there are, of the largest weights and the largest shifts that are near. */
static void test_longest_sum(struct host_test *t) {
    enum { POSITIONS = 131072 };
    struct golden_block *v = malloc(POSITIONS * sizeof *v);
    uint32_t *weight = malloc(POSITIONS * sizeof *weight);
    uint64_t state = 5;
    if (v == NULL || weight == NULL)
        exit(1);
    for (size_t j = 0; j < POSITIONS; j++) {
        random_block(&v[j], 1, &state);
        v[j].shift = j == 0 ? 17 : 31;
        weight[j] = 65536;
    }
    for (size_t positions = 65535; positions <= POSITIONS;
         positions += positions < 65537 ? 1 : 65535) {
        golden_int128 sum[GOLDEN_BLOCK];
        const golden_int128 of_all = (golden_int128)(positions - 1) * ((int64_t)1 << 31);
        golden_weighted_sum(weight, positions, v, 1, sum);
        for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
            CHECK(t, sum[i] == (of_all + (1 << 17)) * 65536 * INT16_MAX, "%zu positions",
                  positions);
    }
    free(v);
    free(weight);
}

int main(int argc, char **argv) {
    struct host_test t = {"golden_dot", 0, 0};
    unsigned long rows = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 0xd07;
    uint64_t state = seed | 1;
    printf("seed %llu, %lu rows a type\n", (unsigned long long)seed, rows);
    test_rows(&t, rows, &state);
    test_limits(&t);
    test_faults(&t, &state);
    test_matrices(&t, &state);
    test_block_sums(&t, &state);
    test_longest_sum(&t);
    return host_test_finish(&t);
}
