/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A matrix times vectors, by parts of its rows, each with the widest loops that there are: section
 * 4 of docs/numerics.md.
 */
#include "golden_avx2.h"
#include "golden_dot.h"
#include "golden_plain.h"
#include "golden_weights.h"
#include "golden_wide.h"
#include "golden_wide_16.h"

#define FLOAT_UNIT 28                  /* U of section 3: of types that become blocks */
#define VECTORS    GOLDEN_WIDE_VECTORS /* that a row is multiplied with at once */
#define PARTS      64u
#define PART_BYTES 16384u /* less is not worth another thread */

struct part {
    size_t done[VECTORS];
    enum golden_fault fault[VECTORS];
};

struct multiplication {
    const struct golden_matrix *matrix;
    const struct golden_wide *wide; /* these NULL: in the plain way */
    const struct golden_avx2 *avx2;
    const struct golden_wide_16 *wide_16;
    const struct golden_block *x[VECTORS];
    uint32_t *y[VECTORS];
    size_t count;
    int scale; /* y = N * 2^scale */
    unsigned parts;
    struct part part[PARTS];
};

static enum golden_fault sums_of_row(const struct multiplication *m, const uint8_t *row,
                                     struct golden_sum *totals) {
    if (m->wide_16 != NULL && golden_wide_16_row(m->wide_16, row, totals))
        return GOLDEN_FAULT_NONE;
    return golden_plain_row(m->matrix, row, m->x, m->count, totals);
}

/* n rows at once, if that can be. */
static bool take_rows(const struct multiplication *m, const uint8_t *rows, size_t row_bytes,
                      size_t n, uint32_t *const *y) {
    if (m->wide != NULL)
        return golden_wide_rows(m->wide, rows, row_bytes, n, m->scale, y);
    if (m->avx2 != NULL)
        return golden_avx2_rows(m->avx2, rows, row_bytes, n, m->scale, y);
    return m->wide_16 != NULL && n == GOLDEN_WIDE_ROWS &&
           golden_wide_16_rows(m->wide_16, rows, row_bytes, m->scale, y);
}

static void multiply_part(void *context, unsigned part) {
    struct multiplication *m = context;
    struct part *p = &m->part[part];
    const size_t rows = m->matrix->rows, row_bytes = golden_row_bytes(m->matrix);
    const size_t first = rows * part / m->parts, end = rows * (part + 1) / m->parts;
    size_t left = m->count, done = first; /* rows */
    for (size_t v = 0; v < m->count; v++)
        p->fault[v] = GOLDEN_FAULT_NONE;
    for (size_t r = first; r < end && left != 0; r++) {
        const uint8_t *row = m->matrix->data + r * row_bytes;
        if (r >= done && left == m->count) {
            const size_t n = end - r < GOLDEN_WIDE_ROWS ? end - r : GOLDEN_WIDE_ROWS;
            uint32_t *y[VECTORS];
            for (size_t v = 0; v < m->count; v++)
                y[v] = m->y[v] + r;
            done = r + n;
            if (take_rows(m, row, row_bytes, n, y)) {
                r = done - 1;
                continue;
            }
        }
        struct golden_sum totals[VECTORS];
        const enum golden_fault fault = sums_of_row(m, row, totals);
        for (size_t v = 0; v < m->count; v++) {
            if (p->fault[v] != GOLDEN_FAULT_NONE)
                continue;
            p->fault[v] = fault;
            if (fault == GOLDEN_FAULT_NONE)
                m->y[v][r] = golden_round32(totals[v].n, m->scale + totals[v].shift, &p->fault[v]);
            p->done[v] = r;
            left -= p->fault[v] != GOLDEN_FAULT_NONE;
        }
    }
}

/* Of up to VECTORS vectors. */
static void multiply_some(const struct golden_matrix *matrix, int bits,
                          struct golden_product *products, size_t count, struct golden_pool *pool,
                          enum golden_loops loops) {
    const size_t bytes = matrix->rows * golden_row_bytes(matrix);
    const unsigned most = 4 * golden_pool_threads(pool);
    const int unit =
        type_info[matrix->type].is_float ? FLOAT_UNIT : golden_weights_unit(matrix->type);
    struct golden_wide wide;
    struct golden_avx2 avx2;
    struct golden_wide_16 wide_16;
    struct multiplication m = {.matrix = matrix, .count = count, .scale = -unit - 12 - bits};
    m.parts = bytes / PART_BYTES < most ? (unsigned)(bytes / PART_BYTES) + 1 : most;
    m.parts = pool == NULL ? 1 : m.parts > PARTS ? PARTS : m.parts;
    for (size_t v = 0; v < count; v++) {
        m.x[v] = products[v].x;
        m.y[v] = products[v].y;
    }
    if (loops == GOLDEN_LOOPS_WIDEST && golden_wide_open(&wide, matrix, m.x, count))
        m.wide = &wide;
    else if (loops != GOLDEN_LOOPS_PLAIN && golden_avx2_open(&avx2, matrix, m.x, count))
        m.avx2 = &avx2;
    else if (loops == GOLDEN_LOOPS_WIDEST && golden_wide_16_open(&wide_16, matrix, m.x, count))
        m.wide_16 = &wide_16;
    golden_pool_run(pool, multiply_part, &m, m.parts);
    if (m.wide != NULL)
        golden_wide_close(&wide);
    if (m.avx2 != NULL)
        golden_avx2_close(&avx2);
    if (m.wide_16 != NULL)
        golden_wide_16_close(&wide_16);
    for (size_t v = 0; v < count; v++) {
        products[v].done = matrix->rows;
        products[v].fault = GOLDEN_FAULT_NONE;
        for (unsigned i = m.parts; i-- > 0;)
            if (m.part[i].fault[v] != GOLDEN_FAULT_NONE) {
                products[v].done = m.part[i].done[v];
                products[v].fault = m.part[i].fault[v];
            }
    }
}

void golden_multiply_by(enum golden_loops loops, const struct golden_matrix *matrix, int bits,
                        struct golden_product *products, size_t count, struct golden_pool *pool) {
    for (size_t v = 0; v < count; v += VECTORS)
        multiply_some(matrix, bits, products + v, count - v < VECTORS ? count - v : VECTORS, pool,
                      loops);
}

void golden_multiply(const struct golden_matrix *matrix, int bits, struct golden_product *products,
                     size_t count, struct golden_pool *pool) {
    golden_multiply_by(GOLDEN_LOOPS_WIDEST, matrix, bits, products, count, pool);
}

enum golden_fault golden_matvec(const struct golden_matrix *matrix, const struct golden_block *x,
                                int bits, uint32_t *y, size_t *done) {
    struct golden_product product = {.x = x, .y = y};
    golden_multiply(matrix, bits, &product, 1, NULL);
    *done = product.done;
    return product.fault;
}
