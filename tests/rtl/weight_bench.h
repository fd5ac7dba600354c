/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The Verilated weight path on a bench: its pins, a clock, and a memory on each channel of its AXI4
 * read port that stalls as told, each by itself, and checks the rules of the bus. The parameters
 * come as macros (LANES ...).
 *
 *     bench_open(&b, &test, seed);
 *     bench_settle(&b);    inputs set: combinational outputs are valid
 *     bench_edge(&b);      the clock edge, and what happened on the bus
 */
#ifndef LOCKSTEP_WEIGHT_BENCH_H
#define LOCKSTEP_WEIGHT_BENCH_H

#include "tests/kit/top.h"
#include "weight_oracle.h"

enum {
    BEAT = PORT_BITS / 8,   /* bytes, */
    PART = BEAT / CHANNELS, /* of a channel */
    BURSTS = 8,             /* outstanding at most */
    MEMORY = 1 << 22,       /* bytes */
    EXPECTED_MAX = 1 << 18, /* beats */
};
#define ADDRESSES ((uint64_t)1 << 40)

/* Every pin by its port's name; wide ones as bytes, least significant first. */
struct bench_pins {
#define PORT(name) uint8_t *name;
#include "weight_path_ports.h"
#undef PORT
};

struct bench_burst {
    uint64_t addr; /* of the channel's part of the next beat, as the weights lie in memory */
    uint32_t beats, id;
    uint64_t ready; /* cycle of the first beat, at the earliest */
};

/* How the memory behaves. */
struct bench_stalls {
    uint32_t latency;    /* cycles, at most */
    uint32_t ar_busy;    /* per mille */
    uint32_t r_gap;      /* per mille */
    int64_t refuse_beat; /* this beat (counted from now) gets an error; -1: none */
    uint32_t flip;       /* per mille of parts with a wrong bit: a planted fault */
    int64_t silent_beat; /* nothing comes from this beat on; -1: none */
    uint32_t channel;    /* that refuses or is silent */
    uint32_t late;       /* cycles that the last channel takes longer */
    int swap;            /* it brings each two beats the wrong way round: a planted fault */
    int hold;            /* requests are taken, nothing is answered */
};

/* A channel's memory. */
struct bench_channel {
    struct bench_burst burst[256]; /* accepted and not yet answered in full */
    unsigned bursts;
    unsigned outstanding[16]; /* by id */
    size_t expected_head;     /* of the bench's expected beats: not yet asked for */
    uint64_t answered;        /* since bench_clear, any epoch */
    int ar_waits, ar_before;  /* AR: is not taken yet; and of before bench_clear */
};

struct bench {
    struct host_test *test;
    struct top top;
    struct bench_pins pin;
    uint8_t *memory;
    uint64_t base; /* its address */
    int beyond;    /* zeros are read on both sides of it */
    struct bench_stalls stalls;
    struct bench_channel channel[CHANNELS];
    /* Beat addresses that fetches since bench_clear should read, in order; NULL: not checked. */
    uint64_t *expected;
    size_t expected_tail;
    uint8_t held[6]; /* AR as it was, to see that it is stable */
};

static inline void put16(uint8_t *p, uint32_t x) {
    p[0] = (uint8_t)x;
    p[1] = (uint8_t)(x >> 8);
}

static inline void put32(uint8_t *p, uint32_t x) {
    put16(p, x);
    put16(p + 2, x >> 16);
}

static inline void put64(uint8_t *p, uint64_t x) {
    put32(p, (uint32_t)x);
    put32(p + 4, (uint32_t)(x >> 32));
}

static inline uint64_t get64(const uint8_t *p) {
    return oracle_u32(p) | (uint64_t)oracle_u32(p + 4) << 32;
}

/* Channel c's bits of a vector that has so many a channel. */
static inline uint32_t bench_get(const uint8_t *vector, unsigned c, unsigned bits) {
    return vector[c * bits / 8] >> (c * bits % 8) & ((1u << bits) - 1);
}

static inline void bench_put(uint8_t *vector, unsigned c, unsigned bits, uint32_t value) {
    const uint32_t shift = c * bits % 8, mask = ((1u << bits) - 1) << shift;
    uint8_t *byte = &vector[c * bits / 8];
    *byte = (uint8_t)((*byte & ~mask) | value << shift);
}

static inline void bench_answer(struct bench *b, unsigned c) {
    struct bench_pins *p = &b->pin;
    const struct bench_channel *ch = &b->channel[c];
    const struct bench_stalls *s = &b->stalls;
    const struct bench_burst *f = &ch->burst[0];
    const int64_t beat = s->channel == c ? (int64_t)ch->answered : -1; /* one that may fail */
    const int silent = s->silent_beat >= 0 && beat >= s->silent_beat;
    const int valid = ch->bursts > 0 && f->ready <= b->top.cycle && !silent && !s->hold &&
                      !top_stalls(&b->top, s->r_gap);
    bench_put(p->m_axi_rvalid_i, c, 1, (uint32_t)valid);
    if (!valid)
        return;
    uint8_t *data = p->m_axi_rdata_i + c * PART;
    uint64_t addr = f->addr;
    if (s->swap && c == CHANNELS - 1)
        addr ^= BEAT;
    if (addr - b->base < MEMORY)
        memcpy(data, b->memory + (addr - b->base), PART);
    else
        memset(data, 0, PART);
    if (s->flip && top_stalls(&b->top, s->flip))
        data[top_below(&b->top, PART)] ^= 1 << top_below(&b->top, 8);
    bench_put(p->m_axi_rid_i, c, 4, f->id);
    bench_put(p->m_axi_rlast_i, c, 1, f->beats == 1);
    bench_put(p->m_axi_rresp_i, c, 2, beat >= 0 && beat == s->refuse_beat ? 2 : 0);
}

static inline void bench_settle(struct bench *b) {
    for (unsigned c = 0; c < CHANNELS; c++) {
        bench_put(b->pin.m_axi_arready_i, c, 1, !top_stalls(&b->top, b->stalls.ar_busy));
        bench_answer(b, c);
    }
    top_settle(&b->top);
}

/* A burst is asked for: may it be? */
static inline void bench_burst_accept(struct bench *b, unsigned c) {
    struct bench_pins *p = &b->pin;
    struct host_test *t = b->test;
    struct bench_channel *ch = &b->channel[c];
    const uint64_t local = get64(p->m_axi_araddr_o), beat = local / PART * BEAT;
    const uint64_t addr = beat + c * PART;
    uint32_t beats = *p->m_axi_arlen_o + 1u, id = *p->m_axi_arid_o;
    const int before = *p->clear_i || ch->ar_before;
    ch->ar_before = 0;
    CHECK(t,
          *p->m_axi_arburst_o == 1 && *p->m_axi_arsize_o == __builtin_ctz(PART) && PART <= 128 &&
              local % PART == 0,
          "burst %u size %u at %llx", *p->m_axi_arburst_o, *p->m_axi_arsize_o,
          (unsigned long long)local);
    CHECK(t, local / 4096 == (local + beats * PART - 1) / 4096, "burst of %u beats at %llx", beats,
          (unsigned long long)local);
    CHECK(t, beats <= BEATS, "%u beats", beats);
    for (uint32_t i = 0; !before && b->expected && i < beats; i++) {
        int known = ch->expected_head < b->expected_tail;
        CHECK(t, known && b->expected[ch->expected_head] == beat + i * BEAT,
              "channel %u: beat at %llx", c, (unsigned long long)beat + i * BEAT);
        ch->expected_head += (size_t)known;
    }
    ch->outstanding[id]++;
    CHECK(t, ch->outstanding[id] <= BURSTS, "%u bursts outstanding", ch->outstanding[id]);
    if (((beat < b->base || beat + beats * BEAT > b->base + MEMORY) && !b->beyond) ||
        ch->bursts == sizeof ch->burst / sizeof ch->burst[0]) {
        CHECK(t, 0, "channel %u: burst at %llx, %u under way", c, (unsigned long long)local,
              ch->bursts);
        exit(host_test_finish(t));
    }
    uint64_t ready = b->top.cycle + 1 + top_below(&b->top, b->stalls.latency) +
                     (c == CHANNELS - 1 ? b->stalls.late : 0);
    ch->burst[ch->bursts++] = (struct bench_burst){addr, beats, id, ready};
}

static inline void bench_edge(struct bench *b) {
    if (b->test->failures > 20)
        exit(host_test_finish(b->test));
    struct bench_pins *p = &b->pin;
    uint8_t ar[6] = {p->m_axi_araddr_o[0], p->m_axi_araddr_o[1], p->m_axi_araddr_o[2],
                     p->m_axi_araddr_o[3], *p->m_axi_arlen_o,    *p->m_axi_arid_o};
    for (unsigned c = 0; c < CHANNELS; c++) {
        struct bench_channel *ch = &b->channel[c];
        const int offered = (int)bench_get(p->m_axi_arvalid_o, c, 1);
        const int taken = offered && bench_get(p->m_axi_arready_i, c, 1);
        CHECK(b->test, !ch->ar_waits || (offered && !memcmp(ar, b->held, 6)),
              "channel %u: AR changed", c);
        CHECK(b->test, bench_get(p->m_axi_rready_o, c, 1), "channel %u: R is stalled", c);
        ch->ar_waits = offered && !taken;
        if (bench_get(p->m_axi_rvalid_i, c, 1)) {
            ch->answered++;
            ch->burst[0].addr += BEAT;
            if (--ch->burst[0].beats == 0) {
                ch->outstanding[ch->burst[0].id]--;
                memmove(ch->burst, ch->burst + 1, --ch->bursts * sizeof ch->burst[0]);
            }
        }
        if (taken)
            bench_burst_accept(b, c);
    }
    memcpy(b->held, ar, 6);
    top_edge(&b->top);
}

static inline void bench_idle(struct bench *b, unsigned cycles) {
    while (cycles-- > 0) {
        bench_settle(b);
        CHECK(b->test, !*b->pin.mv_done_o, "a matrix ends that nobody has started");
        bench_edge(b);
    }
}

static inline void bench_open(struct bench *b, struct host_test *test, uint64_t seed) {
    memset(b, 0, sizeof *b);
    b->test = test;
    top_open(&b->top, test, seed);
    b->memory = calloc(1, MEMORY);
    b->expected = calloc(EXPECTED_MAX, sizeof *b->expected);
    if (!b->memory || !b->expected)
        abort();
    b->stalls = (struct bench_stalls){.latency = 1, .refuse_beat = -1, .silent_beat = -1};
#define PORT(name)                                                                                 \
    b->pin.name = top_port(&b->top, #name);                                                        \
    memset(b->pin.name, 0, dut_port_bytes(b->top.dut, #name));
#include "weight_path_ports.h"
#undef PORT
    b->base = (uint64_t)0x5a << 32;
    top_reset(&b->top, 3);
    bench_idle(b, 1);
}

/* The memory lies elsewhere, once all that was asked for has come. */
static inline void bench_move(struct bench *b) {
    int under_way = 1;
    for (uint32_t i = 0; i < 20000 && under_way; i++) {
        under_way = 0;
        for (unsigned c = 0; c < CHANNELS; c++)
            under_way |= b->channel[c].bursts > 0 || b->channel[c].ar_waits ||
                         b->channel[c].expected_head != b->expected_tail;
        bench_idle(b, 1);
    }
    CHECK(b->test, !under_way, "bursts that never come");
    b->base = top_random(&b->top) % (ADDRESSES - 2 * MEMORY) & ~(uint64_t)4095;
    b->beyond = 0;
}

/* A soft reset; what was asked for still comes. */
static inline void bench_clear(struct bench *b) {
    *b->pin.clear_i = 1;
    bench_idle(b, 1 + top_below(&b->top, 4));
    *b->pin.clear_i = 0;
    b->expected_tail = 0;
    b->stalls.refuse_beat = b->stalls.silent_beat = -1;
    for (unsigned c = 0; c < CHANNELS; c++) {
        b->channel[c].expected_head = b->channel[c].answered = 0;
        b->channel[c].ar_before = b->channel[c].ar_waits;
    }
}

static inline void bench_close(struct bench *b) {
    top_close(&b->top);
    free(b->memory);
    free(b->expected);
}

#endif
