/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A Verilated top module on a bench: its ports by name, reset, the clock, waiting no longer than a
 * limit, and random numbers and stalls that a seed decides.
 *
 *     struct bench {
 *         struct host_test test;
 *         struct top top;
 *         uint8_t *start_i, *done_o;
 *     } b = {.test = {"adder", 0, 0}};
 *     top_open(&b.top, &b.test, seed);
 *     TOP_PORT(&b, start_i), TOP_PORT(&b, done_o);
 *     top_reset(&b.top, 2);
 *     *b.start_i = 1;
 *     const uint64_t limit = b.top.cycle + 1000;
 *     while (!*b.done_o && top_waits(&b.top, limit, "done"))
 *         top_tick(&b.top);
 *     top_close(&b.top);
 *
 * Outputs are those before the edge between top_settle and top_edge. A cycle in which checks of
 * `test` fail is told with the seed.
 */
#ifndef TOP_H
#define TOP_H

#include "sim/device/verilated.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#include <inttypes.h>

struct top {
    struct host_test *test;
    struct dut *dut;
    uint8_t *clk_i, *rst_ni;
    uint64_t seed, random; /* random: the state behind all draws */
    uint64_t cycle;        /* rising edges since top_open */
    unsigned long told;    /* failures whose cycle has been told */
    uint32_t errors;       /* error codes told by top_error, a bit each */
};

/* The storage of a port (see dut_port); exits if there is none of that name. */
static inline void *top_port(struct top *t, const char *name) {
    void *data = dut_port(t->dut, name);
    if (data == NULL) {
        printf("FAIL: the top module has no port %s\n", name);
        exit(1);
    }
    return data;
}

/* The member of the bench that has the name of a port. */
#define TOP_PORT(bench, name) ((bench)->name = top_port(&(bench)->top, #name))

/* Opens the module, whose registers start as the seed says; exits if there is no memory. Checks and
 * their failures are counted in *test. The caller sets the inputs, then calls top_reset.
 */
static inline void top_open(struct top *t, struct host_test *test, uint64_t seed) {
    *t = (struct top){.test = test, .dut = dut_open(seed), .seed = seed, .random = seed};
    if (t->dut == NULL) {
        printf("FAIL: no memory for the top module\n");
        exit(1);
    }
    t->clk_i = top_port(t, "clk_i");
    t->rst_ni = top_port(t, "rst_ni");
}

static inline void top_close(struct top *t) {
    dut_close(t->dut);
}

/* The low half of a clock: outputs are those of the inputs as they are now. */
static inline void top_settle(struct top *t) {
    *t->clk_i = 0;
    dut_eval(t->dut);
}

static inline void top_tell(struct top *t) {
    if (t->test->failures > t->told && t->test->failures <= HOST_TEST_TOLD && t->test->name != NULL)
        printf("    in cycle %" PRIu64 ", seed %" PRIu64 "\n", t->cycle, t->seed);
    t->told = t->test->failures;
}

/* The rising edge of the clock. */
static inline void top_edge(struct top *t) {
    *t->clk_i = 1;
    dut_eval(t->dut);
    if (t->test->failures != t->told)
        top_tell(t);
    t->cycle++;
}

static inline void top_tick(struct top *t) {
    top_settle(t);
    top_edge(t);
}

/* Holds the module in reset for some cycles. */
static inline void top_reset(struct top *t, unsigned cycles) {
    *t->rst_ni = 0;
    while (cycles-- > 0)
        top_tick(t);
    *t->rst_ni = 1;
}

/* Whether to wait on: past cycle `limit` a check fails, saying what has not come. */
static inline bool top_waits(struct top *t, uint64_t limit, const char *what) {
    if (t->cycle <= limit)
        return true;
    CHECK(t->test, t->cycle <= limit, "%s has not come", what);
    top_tell(t);
    return false;
}

/* Says of each error code that the device tells that it has come: scripts/coverage/points.awk. */
static inline void top_error(struct top *t, uint32_t code) {
    if (code < 32 && !(t->errors >> code & 1)) {
        t->errors |= 1u << code;
        printf("error %" PRIu32 "\n", code);
    }
}

/* 64 random bits; a number in 0..n-1. */
static inline uint64_t top_random(struct top *t) {
    return random_64(&t->random);
}

static inline uint32_t top_below(struct top *t, uint32_t n) {
    return random_below(&t->random, n);
}

/* Whether a stream stalls in this cycle: in so many of a thousand. */
static inline bool top_stalls(struct top *t, uint32_t per_mille) {
    return top_below(t, 1000) < per_mille;
}

#endif
