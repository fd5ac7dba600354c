/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The lists of rtl/engine/sampler.v against qsort, for every slot: all lengths, ties, both zeros,
 * falling and rising logits, subnormals, gaps, rows alone, slots that take no part. Arguments:
 * seed=, fault=1 plants a wrong logit.
 */
#include "tests/kit/numerics.h"
#include "tests/kit/top.h"

enum { ROWS = 600, SLOTS_MOST = 16 };

struct entry {
    uint32_t id, logit;
};

struct bench {
    struct host_test test;
    struct top top;
    uint64_t fault;
    unsigned slots;
    uint8_t *start_i, *slots_i, *k_i, *logit_valid_i, *logit_both_i, *rd_slot_i;
    uint8_t *rd_rank_i, *rd_valid_o;
    uint32_t *logit_row_i, *rd_id_o, *rd_logit_o;
    void *logit_data_i;
    struct entry rows[SLOTS_MOST][ROWS];
};

static int best_first(const void *left, const void *right) {
    const struct entry *l = left, *r = right;
    const int order = oracle_compare(r->logit, l->logit);
    if (order != 0)
        return order;
    return l->id < r->id ? -1 : 1;
}

/* A logit of the kind: 0 any finite one, 1 few values, 2 rising, 3 falling, 4 zeros,
 * 5 subnormals, zeros and the least normal numbers of both signs. */
static uint32_t make_logit(struct bench *b, unsigned kind, uint32_t row) {
    switch (kind) {
    case 0: {
        uint32_t bits = top_below(&b->top, 0xffffffffu);
        return (bits >> 23 & 255) == 255 ? bits ^ 1u << 30 : (bits >> 23 & 255) == 0 ? 0 : bits;
    }
    case 1:
        return (top_below(&b->top, 2) << 31) | (0x3f800000u + top_below(&b->top, 4));
    case 2:
        return 0x3f800000u + row;
    case 3:
        return 0xbf800000u + row;
    case 4:
        return top_below(&b->top, 2) << 31;
    default:
        return (top_below(&b->top, 2) << 31) |
               (top_below(&b->top, 3) == 0
                    ? 0x00800000u
                    : top_below(&b->top, 2) * top_below(&b->top, 0x00800000u));
    }
}

/* Row `alone`, an even one, comes without the next. */
static void run(struct bench *b, unsigned k, unsigned kind, uint32_t rows, uint32_t mask,
                uint32_t alone) {
    uint32_t *data = b->logit_data_i;
    *b->k_i = (uint8_t)k;
    *b->slots_i = (uint8_t)mask;
    *b->start_i = 1;
    top_tick(&b->top);
    *b->start_i = 0;
    for (uint32_t row = 0, step; row < rows; row += step) {
        step = row % 2 == 0 && row + 1 < rows && row != alone && top_below(&b->top, 8) != 0 ? 2 : 1;
        for (; top_stalls(&b->top, 250); *b->logit_valid_i = 0)
            top_tick(&b->top);
        for (unsigned i = 0; i < 2 * b->slots; i++) {
            const uint32_t id = row + i % 2;
            if (id < rows)
                b->rows[i / 2][id] = (struct entry){id, make_logit(b, kind, id)};
            data[i] = id < rows ? b->rows[i / 2][id].logit : 0x7f7fffffu; /* not to be taken */
            if (b->fault == 1 && id == 5)
                data[i] ^= 0x80000000u;
        }
        *b->logit_row_i = row;
        *b->logit_both_i = step == 2;
        *b->logit_valid_i = 1;
        top_tick(&b->top);
        *b->logit_valid_i = 0;
    }
    for (unsigned s = 0; s < b->slots; s++) {
        qsort(b->rows[s], rows, sizeof *b->rows[s], best_first);
        for (unsigned rank = 0; rank < 64; rank++) {
            bool present = rank < k && rank < rows && (mask >> s & 1);
            *b->rd_slot_i = (uint8_t)s;
            *b->rd_rank_i = (uint8_t)rank;
            top_settle(&b->top);
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
    static struct bench b = {.test = {"sampler", 0, 0}};
    b.fault = host_argument(argc, argv, "fault", 0);
    top_open(&b.top, &b.test, host_argument(argc, argv, "seed", 1));
    TOP_PORT(&b, start_i), TOP_PORT(&b, slots_i), TOP_PORT(&b, k_i);
    TOP_PORT(&b, logit_valid_i), TOP_PORT(&b, logit_both_i), TOP_PORT(&b, logit_row_i),
        TOP_PORT(&b, logit_data_i);
    TOP_PORT(&b, rd_slot_i), TOP_PORT(&b, rd_rank_i), TOP_PORT(&b, rd_valid_o);
    TOP_PORT(&b, rd_id_o), TOP_PORT(&b, rd_logit_o);
    b.slots = (unsigned)(dut_port_bytes(b.top.dut, "logit_data_i") / 8);
    *b.start_i = *b.logit_valid_i = 0;
    top_reset(&b.top, 1);
    for (unsigned kind = 0; kind < 6; kind++) {
        for (unsigned k = 1; k <= 64; k++)
            run(&b, k, kind, 1 + top_below(&b.top, ROWS - 1), top_below(&b.top, 1u << b.slots), 1);
        run(&b, 64, kind, ROWS, (1u << b.slots) - 1, 1);
        run(&b, 1, kind, ROWS, (1u << b.slots) - 1, 1);
        /* the list is just full, behind one of higher logits */
        for (uint32_t rows = 62; rows < 68; rows++) {
            run(&b, 64, 2, ROWS, (1u << b.slots) - 1, 1);
            run(&b, 64, kind, rows, (1u << b.slots) - 1, 62);
        }
    }
    top_close(&b.top);
    return host_test_finish(&b.test);
}
