/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The lists of rtl/engine/sampler.v against qsort, for every slot: all lengths, ties, both zeros,
 * falling and rising logits, subnormals, gaps, slots that take no part. Arguments: seed=, fault=1
 * plants a wrong logit.
 */
#include "sim/device/verilated.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 600, SLOTS_MOST = 16 };

struct entry {
    uint32_t id, logit;
};

struct bench {
    struct dut *dut;
    uint64_t random;
    uint32_t seed, fault;
    unsigned slots;
    struct host_test test;
    uint8_t *clk_i, *rst_ni, *clear_i, *start_i, *slots_i, *k_i, *logit_valid_i, *rd_slot_i;
    uint8_t *rd_rank_i, *rd_valid_o;
    uint32_t *logit_row_i, *rd_id_o, *rd_logit_o;
    void *logit_data_i;
    struct entry rows[SLOTS_MOST][ROWS];
};

static uint32_t draw(struct bench *b, uint32_t limit) {
    return random_below(&b->random, limit);
}

static void tick(struct bench *b) {
    *b->clk_i = 0;
    dut_eval(b->dut);
    *b->clk_i = 1;
    dut_eval(b->dut);
}

/* A subnormal counts as zero: docs/numerics.md, section 1. */
static float value(uint32_t bits) {
    float f;
    if ((bits >> 23 & 255) == 0)
        return 0;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static int best_first(const void *left, const void *right) {
    const struct entry *l = left, *r = right;
    if (value(l->logit) != value(r->logit))
        return value(l->logit) > value(r->logit) ? -1 : 1;
    return l->id < r->id ? -1 : 1;
}

/* A logit of the kind: 0 any finite one, 1 few values, 2 rising, 3 falling, 4 zeros,
 * 5 subnormals, zeros and the least normal numbers of both signs. */
static uint32_t make_logit(struct bench *b, unsigned kind, uint32_t row) {
    switch (kind) {
    case 0: {
        uint32_t bits = draw(b, 0xffffffffu);
        return (bits >> 23 & 255) == 255 ? bits ^ 1u << 30 : (bits >> 23 & 255) == 0 ? 0 : bits;
    }
    case 1:
        return (draw(b, 2) << 31) | (0x3f800000u + draw(b, 4));
    case 2:
        return 0x3f800000u + row;
    case 3:
        return 0xbf800000u + row;
    case 4:
        return draw(b, 2) << 31;
    default:
        return (draw(b, 2) << 31) |
               (draw(b, 3) == 0 ? 0x00800000u : draw(b, 2) * draw(b, 0x00800000u));
    }
}

static void run(struct bench *b, unsigned k, unsigned kind, uint32_t rows, uint32_t mask) {
    uint32_t *data = b->logit_data_i;
    *b->k_i = (uint8_t)k;
    *b->slots_i = (uint8_t)mask;
    *b->start_i = 1;
    tick(b);
    *b->start_i = 0;
    for (uint32_t row = 0; row < rows; row++) {
        for (; draw(b, 4) == 0; *b->logit_valid_i = 0)
            tick(b);
        for (unsigned s = 0; s < b->slots; s++) {
            b->rows[s][row] = (struct entry){row, make_logit(b, kind, row)};
            data[s] = b->rows[s][row].logit;
            if (b->fault == 1 && row == 5)
                data[s] ^= 0x80000000u;
        }
        *b->logit_row_i = row;
        *b->logit_valid_i = 1;
        tick(b);
        *b->logit_valid_i = 0;
    }
    for (unsigned s = 0; s < b->slots; s++) {
        qsort(b->rows[s], rows, sizeof *b->rows[s], best_first);
        for (unsigned rank = 0; rank < 64; rank++) {
            bool present = rank < k && rank < rows && (mask >> s & 1);
            *b->rd_slot_i = (uint8_t)s;
            *b->rd_rank_i = (uint8_t)rank;
            dut_eval(b->dut);
            CHECK(&b->test, *b->rd_valid_o == present, "slot %u rank %u", s, rank);
            if (present)
                CHECK(&b->test,
                      *b->rd_id_o == b->rows[s][rank].id &&
                          *b->rd_logit_o == b->rows[s][rank].logit,
                      "slot %u rank %u: %u %08x", s, rank, *b->rd_id_o, *b->rd_logit_o);
        }
    }
}

int main(int argc, char **argv) {
    static struct bench b = {.test = {"sampler", 0, 0}, .seed = 1};
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "seed=", 5) == 0)
            b.seed = (uint32_t)strtoul(argv[i] + 5, NULL, 0);
        if (strncmp(argv[i], "fault=", 6) == 0)
            b.fault = (uint32_t)strtoul(argv[i] + 6, NULL, 0);
    }
    b.random = b.seed;
    b.dut = dut_open(b.seed);
    if (b.dut == NULL)
        return 2;
#define LOOK_UP(port) b.port = dut_port(b.dut, #port)
    LOOK_UP(clk_i), LOOK_UP(rst_ni), LOOK_UP(clear_i), LOOK_UP(start_i), LOOK_UP(slots_i);
    LOOK_UP(k_i), LOOK_UP(logit_valid_i), LOOK_UP(logit_row_i), LOOK_UP(logit_data_i);
    LOOK_UP(rd_slot_i), LOOK_UP(rd_rank_i), LOOK_UP(rd_valid_o), LOOK_UP(rd_id_o);
    LOOK_UP(rd_logit_o);
#undef LOOK_UP
    b.slots = (unsigned)(dut_port_bytes(b.dut, "logit_data_i") / 4);
    *b.start_i = *b.clear_i = *b.logit_valid_i = 0;
    *b.rst_ni = 0;
    tick(&b);
    *b.rst_ni = 1;
    for (unsigned kind = 0; kind < 6; kind++) {
        for (unsigned k = 1; k <= 64; k++)
            run(&b, k, kind, 1 + draw(&b, ROWS - 1), draw(&b, 1u << b.slots));
        run(&b, 64, kind, ROWS, (1u << b.slots) - 1);
        run(&b, 1, kind, ROWS, (1u << b.slots) - 1);
    }
    dut_close(b.dut);
    if (b.test.failures != 0)
        printf("seed=%u\n", b.seed);
    return host_test_finish(&b.test);
}
