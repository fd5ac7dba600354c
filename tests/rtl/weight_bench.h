/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The Verilated weight path on a bench: its pins, a clock, and a memory on its AXI4 read port that
 * stalls as told and checks the rules of the bus. The parameters come as macros (LANES ...).
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
    BEAT = PORT_BITS / 8,   /* bytes */
    BURSTS = 8,             /* outstanding at most */
    MEMORY = 1 << 22,       /* bytes */
    EXPECTED_MAX = 1 << 18, /* beats */
};
#define MEMORY_BASE 0x5a00000000u /* address of the memory: uses bits above 32 */

/* Every pin by its port's name; wide ones as bytes, least significant first. */
struct bench_pins {
#define PORT(name) uint8_t *name;
#include "weight_path_ports.h"
#undef PORT
};

struct bench_burst {
    uint64_t addr;
    uint32_t beats, id;
    uint64_t ready; /* cycle of the first beat, at the earliest */
};

/* How the memory behaves. */
struct bench_stalls {
    uint32_t latency;    /* cycles, at most */
    uint32_t ar_busy;    /* per mille */
    uint32_t r_gap;      /* per mille */
    int64_t refuse_beat; /* this beat (counted from now) gets an error; -1: none */
    uint32_t flip;       /* per mille of beats with a wrong bit: the planted fault */
    int64_t silent_beat; /* nothing comes from this beat on; -1: none */
};

struct bench {
    struct host_test *test;
    struct top top;
    struct bench_pins pin;
    uint8_t *memory;
    struct bench_stalls stalls;
    struct bench_burst burst[64]; /* accepted and not yet answered in full */
    unsigned bursts;
    unsigned outstanding[16]; /* by id */
    /* Beat addresses that this epoch's fetches should read, in order; NULL: not checked. */
    uint64_t *expected;
    size_t expected_head, expected_tail;
    uint64_t beats, answered; /* asked for in this epoch; answered since bench_clear, any epoch */
    uint8_t held[6];          /* AR as it was, to see that it is stable */
    uint8_t ar_waits;
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

static inline void bench_settle(struct bench *b) {
    struct bench_pins *p = &b->pin;
    *p->m_axi_arready_i = !top_stalls(&b->top, b->stalls.ar_busy);
    const struct bench_burst *f = &b->burst[0];
    int silent = b->stalls.silent_beat >= 0 && (int64_t)b->answered >= b->stalls.silent_beat;
    *p->m_axi_rvalid_i = b->bursts > 0 && f->ready <= b->top.cycle && !silent &&
                         !top_stalls(&b->top, b->stalls.r_gap);
    if (*p->m_axi_rvalid_i) {
        memcpy(p->m_axi_rdata_i, b->memory + (f->addr - MEMORY_BASE), BEAT);
        if (b->stalls.flip && top_stalls(&b->top, b->stalls.flip))
            p->m_axi_rdata_i[top_below(&b->top, BEAT)] ^= 1 << top_below(&b->top, 8);
        *p->m_axi_rid_i = (uint8_t)f->id;
        *p->m_axi_rlast_i = f->beats == 1;
        *p->m_axi_rresp_i = (int64_t)b->answered == b->stalls.refuse_beat ? 2 : 0;
    }
    top_settle(&b->top);
}

/* A burst is asked for: may it be? */
static inline void bench_burst_accept(struct bench *b) {
    struct bench_pins *p = &b->pin;
    struct host_test *t = b->test;
    uint64_t addr = get64(p->m_axi_araddr_o);
    uint32_t beats = *p->m_axi_arlen_o + 1u, id = *p->m_axi_arid_o;
    CHECK(t,
          *p->m_axi_arburst_o == 1 && *p->m_axi_arsize_o == (BEAT == 256 ? 7 : __builtin_ctz(BEAT)),
          "burst %u size %u", *p->m_axi_arburst_o, *p->m_axi_arsize_o);
    CHECK(t, addr / 4096 == (addr + beats * BEAT - 1) / 4096, "burst of %u beats at %llx", beats,
          (unsigned long long)addr);
    CHECK(t, beats <= BEATS, "%u beats", beats);
    for (uint32_t i = 0; id == *p->epoch_i && b->expected && i < beats; i++) {
        int known = b->expected_head < b->expected_tail;
        CHECK(t, known && b->expected[b->expected_head] == addr + i * BEAT, "beat at %llx",
              (unsigned long long)addr + i * BEAT);
        b->expected_head += (size_t)known;
    }
    b->outstanding[id]++;
    CHECK(t, b->outstanding[id] <= BURSTS, "%u bursts outstanding", b->outstanding[id]);
    if (addr < MEMORY_BASE || addr + beats * BEAT > MEMORY_BASE + (uint64_t)MEMORY ||
        b->bursts == 64) {
        CHECK(t, 0, "burst at %llx, %u under way", (unsigned long long)addr, b->bursts);
        exit(host_test_finish(t));
    }
    uint64_t ready = b->top.cycle + 1 + top_below(&b->top, b->stalls.latency);
    b->burst[b->bursts++] = (struct bench_burst){addr, beats, id, ready};
}

static inline void bench_edge(struct bench *b) {
    if (b->test->failures > 20)
        exit(host_test_finish(b->test));
    struct bench_pins *p = &b->pin;
    uint8_t ar[6] = {p->m_axi_araddr_o[0], p->m_axi_araddr_o[1], p->m_axi_araddr_o[2],
                     p->m_axi_araddr_o[3], *p->m_axi_arlen_o,    *p->m_axi_arid_o};
    CHECK(b->test, !b->ar_waits || (*p->m_axi_arvalid_o && !memcmp(ar, b->held, 6)), "AR changed");
    memcpy(b->held, ar, 6);
    b->ar_waits = *p->m_axi_arvalid_o && !*p->m_axi_arready_i;
    if (*p->m_axi_rvalid_i && *p->m_axi_rready_o) {
        b->answered++;
        b->burst[0].addr += BEAT;
        if (--b->burst[0].beats == 0) {
            b->outstanding[b->burst[0].id]--;
            memmove(b->burst, b->burst + 1, --b->bursts * sizeof b->burst[0]);
        }
    }
    CHECK(b->test, *p->m_axi_rready_o, "R is stalled");
    if (*p->m_axi_arvalid_o && *p->m_axi_arready_i)
        bench_burst_accept(b);
    top_edge(&b->top);
}

static inline void bench_idle(struct bench *b, unsigned cycles) {
    while (cycles-- > 0) {
        bench_settle(b);
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
    b->stalls = (struct bench_stalls){1, 0, 0, -1, 0, -1};
#define PORT(name)                                                                                 \
    b->pin.name = top_port(&b->top, #name);                                                        \
    memset(b->pin.name, 0, dut_port_bytes(b->top.dut, #name));
#include "weight_path_ports.h"
#undef PORT
    top_reset(&b->top, 3);
    bench_idle(b, 1);
}

/* A soft reset with the next epoch; what was asked for still comes. */
static inline void bench_clear(struct bench *b) {
    *b->pin.clear_i = 1;
    bench_idle(b, 1 + top_below(&b->top, 3));
    *b->pin.epoch_i = (*b->pin.epoch_i + 1) & 15;
    bench_idle(b, 1);
    *b->pin.clear_i = 0;
    b->expected_head = b->expected_tail = 0;
    b->stalls.refuse_beat = b->stalls.silent_beat = -1;
    b->answered = 0;
}

static inline void bench_close(struct bench *b) {
    top_close(&b->top);
    free(b->memory);
    free(b->expected);
}

#endif
