/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The logits that rtl/engine/logit_store.v keeps against an array: pairs of rows and rows alone,
 * slots that take no part, passes that are not kept, sequences before their list and behind the
 * next pass, tokens past the vocabulary and past what is kept. Arguments: seed=, fault=1 plants a
 * wrong logit.
 */
#include "generated/device.h"
#include "tests/kit/top.h"

enum { SLOTS_MOST = 16 };
#ifndef WORDS
#define WORDS 512
#endif
#define NOTHING 0xffffffffu

struct bench {
    struct host_test test;
    struct top top;
    uint64_t fault;
    unsigned slots;
    uint8_t *bus_clk_i, *clear_i, *start_i, *keep_i, *slots_i, *logit_valid_i, *logit_both_i;
    uint8_t *rd_seq_i;
    uint32_t *logit_row_i, *logit_data_i, *list_i, *vocab_i, *rd_token_i, *rd_logit_o;
    uint32_t logits[SLOTS_MOST][WORDS]; /* what must be there */
    bool kept;
    int slot_of[16]; /* sequence -> slot, -1: nothing there */
};

static void tick(struct bench *b) {
    *b->bus_clk_i = 0;
    top_settle(&b->top);
    *b->bus_clk_i = 1;
    top_edge(&b->top);
}

static void set(uint32_t *bits, unsigned low, unsigned count, uint64_t value) {
    for (unsigned i = 0; i < count; i++, value >>= 1) {
        bits[(low + i) / 32] &= ~(1u << (low + i) % 32);
        bits[(low + i) / 32] |= (uint32_t)(value & 1) << (low + i) % 32;
    }
}

/* A row, or two, of all slots; `mask` of them take part. */
static void offer(struct bench *b, uint32_t row, bool both, uint32_t mask) {
    for (unsigned i = 0; i < 2 * b->slots; i++) {
        const uint32_t id = row + i % 2, bits = top_below(&b->top, 0xffffffffu);
        b->logit_data_i[i] = bits;
        if (b->kept && id < WORDS && (both || i % 2 == 0) && (mask >> i / 2 & 1) != 0)
            b->logits[i / 2][id] = bits ^ (b->fault == 1 && id == 5);
    }
    *b->logit_row_i = row;
    *b->logit_both_i = both;
    *b->slots_i = (uint8_t)mask;
    *b->logit_valid_i = 1;
    tick(b);
    *b->logit_valid_i = 0;
}

static void list(struct bench *b, unsigned seq, unsigned slot) {
    set(b->list_i, LOCKSTEP_LIST_SEQ_LOW, LOCKSTEP_LIST_SEQ_BITS, seq);
    set(b->list_i, LOCKSTEP_LIST_SLOT_LOW, LOCKSTEP_LIST_SLOT_BITS, slot);
    set(b->list_i, LOCKSTEP_LIST_RANK_LOW, LOCKSTEP_LIST_RANK_BITS, top_below(&b->top, 3));
    set(b->list_i, LOCKSTEP_LIST_WE_LOW, LOCKSTEP_LIST_WE_BITS, 1);
    tick(b);
    set(b->list_i, LOCKSTEP_LIST_WE_LOW, LOCKSTEP_LIST_WE_BITS, 0);
    b->slot_of[seq] = b->kept ? (int)slot : -1;
}

static void check(struct bench *b, unsigned seq, uint32_t token, uint32_t vocab) {
    const int slot = seq < 16 ? b->slot_of[seq] : -1;
    const uint32_t want =
        slot >= 0 && token < vocab && token < WORDS ? b->logits[slot][token] : NOTHING;
    *b->rd_seq_i = (uint8_t)seq;
    *b->rd_token_i = token;
    tick(b);
    *b->bus_clk_i = 0;
    top_settle(&b->top);
    CHECK(&b->test, *b->rd_logit_o == want, "sequence %u token %u: %08x, not %08x", seq, token,
          *b->rd_logit_o, want);
}

static void pass(struct bench *b, unsigned seqs, bool keep, bool clear) {
    const uint32_t vocab = 1 + top_below(&b->top, WORDS + 100);
    const uint32_t mask = 1 + top_below(&b->top, (1u << b->slots) - 1);
    *b->vocab_i = vocab;
    *b->keep_i = keep;
    *b->start_i = 1;
    tick(b);
    *b->start_i = 0;
    *b->keep_i = !keep; /* it was taken with the pass */
    b->kept = keep;
    for (unsigned i = 0; i < 16; i++)
        b->slot_of[i] = -1;
    for (uint32_t row = 0; row < vocab;) {
        const bool both = row % 2 == 0 && row + 1 < vocab && top_below(&b->top, 4) != 0;
        while (top_stalls(&b->top, 200))
            tick(b);
        offer(b, row, both, mask);
        row += both ? 2 : 1;
    }
    for (unsigned s = 0; s < b->slots; s++)
        if ((mask >> s & 1) != 0) {
            check(b, s % seqs, 0, vocab);         /* of the slot before, or nothing yet */
            list(b, top_below(&b->top, seqs), s); /* of two the later one */
        }
    if (clear) {
        *b->clear_i = 1;
        tick(b);
        *b->clear_i = 0;
        for (unsigned i = 0; i < 16; i++)
            b->slot_of[i] = -1;
    }
    for (unsigned i = 0; i < 60; i++)
        check(b, top_below(&b->top, 16), top_below(&b->top, vocab + 3), vocab);
    for (uint32_t token = 0; token < vocab + 2; token++)
        check(b, token % (seqs + 1), token, vocab);
    check(b, 0, 0xfffff, vocab);
}

int main(int argc, char **argv) {
    static struct bench b = {.test = {"logit_store", 0, 0}};
    b.fault = host_argument(argc, argv, "fault", 0);
    top_open(&b.top, &b.test, host_argument(argc, argv, "seed", 1));
    TOP_PORT(&b, bus_clk_i), TOP_PORT(&b, clear_i), TOP_PORT(&b, start_i), TOP_PORT(&b, keep_i);
    TOP_PORT(&b, slots_i), TOP_PORT(&b, logit_valid_i), TOP_PORT(&b, logit_both_i);
    TOP_PORT(&b, logit_row_i), TOP_PORT(&b, logit_data_i), TOP_PORT(&b, list_i);
    TOP_PORT(&b, vocab_i), TOP_PORT(&b, rd_seq_i), TOP_PORT(&b, rd_token_i);
    TOP_PORT(&b, rd_logit_o);
    b.slots = (unsigned)(dut_port_bytes(b.top.dut, "logit_data_i") / 8);
    *b.start_i = *b.clear_i = *b.logit_valid_i = 0;
    for (unsigned i = 0; i < 3; i++)
        b.list_i[i] = 0;
    top_reset(&b.top, 1);
    *b.vocab_i = WORDS;
    for (unsigned i = 0; i < 16; i++) { /* nothing before the first pass */
        b.slot_of[i] = -1;
        check(&b, i, top_below(&b.top, WORDS), WORDS);
    }
    for (unsigned i = 0; i < 40; i++)
        pass(&b, 3, i % 5 != 3, i % 7 == 5);
    top_close(&b.top);
    return host_test_finish(&b.test);
}
