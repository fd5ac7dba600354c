/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Vector ops of 16 elements at once against the plain functions, bit for bit: on the numbers of
 * models, and with one number among them from anywhere, at which they must be right or decline.
 * With rounding other than to nearest, too, whatever the machine.
 */
#include <fenv.h>

#include "csrc/golden/golden_lanes.h"
#include "csrc/golden/golden_vector.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#define N GOLDEN_LANES

typedef uint32_t plain_op(const struct golden_tables *tables, uint32_t a, uint32_t b,
                          enum golden_fault *fault);

static uint32_t plain_add(const struct golden_tables *tables, uint32_t a, uint32_t b,
                          enum golden_fault *fault) {
    (void)tables;
    return golden_add(a, b, fault);
}

static uint32_t plain_mul(const struct golden_tables *tables, uint32_t a, uint32_t b,
                          enum golden_fault *fault) {
    (void)tables;
    return golden_mul(a, b, fault);
}

static uint32_t plain_sigmoid(const struct golden_tables *tables, uint32_t x, uint32_t unused,
                              enum golden_fault *fault) {
    (void)unused;
    return golden_sigmoid(tables, x, fault);
}

static uint32_t plain_gelu(const struct golden_tables *tables, uint32_t x, uint32_t unused,
                           enum golden_fault *fault) {
    (void)unused;
    return golden_gelu(tables, x, fault);
}

static uint32_t plain_swiglu(const struct golden_tables *tables, uint32_t gate, uint32_t up,
                             enum golden_fault *fault) {
    return golden_mul(golden_silu(tables, gate, fault), up, fault);
}

static uint32_t plain_geglu(const struct golden_tables *tables, uint32_t gate, uint32_t up,
                            enum golden_fault *fault) {
    return golden_mul(golden_gelu(tables, gate, fault), up, fault);
}

static uint32_t plain_weights(const struct golden_tables *tables, uint32_t z, uint32_t greatest,
                              enum golden_fault *fault) {
    return golden_fixed(golden_exp(tables, golden_sub(z, greatest, fault)), 16);
}

static const struct {
    const char *name;
    golden_lanes_op *lanes;
    plain_op *plain;
} ops[] = {{"add", golden_lanes_add, plain_add},
           {"mul", golden_lanes_mul, plain_mul},
           {"sigmoid", golden_lanes_sigmoid, plain_sigmoid},
           {"gelu", golden_lanes_gelu, plain_gelu},
           {"swiglu", golden_lanes_swiglu, plain_swiglu},
           {"geglu", golden_lanes_geglu, plain_geglu},
           {"weights", golden_lanes_weights, plain_weights}};

/* From anywhere: all binades, their ends, zeros, and what nearly cancels or underflows with
 * `other`. */
static uint32_t any_number(uint64_t *random, uint32_t other) {
    static const uint32_t ends[] = {0x00000000, 0x00000001, 0x007fffff, 0x00800000, 0x00800001,
                                    0x3f800000, 0x42b00000, 0x7f7fffff, 0x42fc0000, 0x3f7fffff};
    const uint32_t sign = random_below(random, 2) << 31;
    const uint32_t field = other >> 23 & 255;
    switch (random_below(random, 4)) {
    case 0:
        return ends[random_below(random, sizeof ends / sizeof *ends)] | sign;
    case 1:
        return (other ^ GOLDEN_SIGN) + random_below(random, 3) - 1;
    case 2: /* a product near 2^-126 */
        return field > 0 && field < 128 ? random_float(random, 128 - field, 128 - field)
                                        : random_float(random, 0, 2);
    default:
        return random_float(random, 0, 254);
    }
}

static void fill(uint64_t *random, bool plain, uint32_t a[N], uint32_t b[N]) {
    for (unsigned i = 0; i < N; i++) {
        a[i] = random_float(random, 112, 132);
        b[i] = random_float(random, 112, 132);
    }
    const unsigned odd = random_below(random, N);
    if (!plain) {
        a[odd] = random_float(random, 0, 254);
        b[odd] = any_number(random, a[odd]);
        if (random_below(random, 2) != 0) {
            const uint32_t swap = a[odd];
            a[odd] = b[odd];
            b[odd] = swap;
        }
    }
}

static void test_ops(struct host_test *t, const struct golden_tables *tables, uint64_t *random) {
    for (size_t n = 0; n < sizeof ops / sizeof *ops; n++) {
        unsigned usual = 0, unusual = 0, planted = 0;
        for (unsigned round = 0; round < 100000; round++) {
            const bool plain = round % 2 == 0;
            uint32_t a[N], b[N], y[N];
            fill(random, plain, a, b);
            if (!ops[n].lanes(tables, a, b, y))
                continue;
            *(plain ? &usual : &unusual) += 1;
            for (unsigned i = 0; i < N; i++) {
                enum golden_fault fault = GOLDEN_FAULT_NONE;
                const uint32_t expected = ops[n].plain(tables, a[i], b[i], &fault);
                CHECK(t, fault == GOLDEN_FAULT_NONE && y[i] == expected,
                      "%s of %08x and %08x: %08x for %08x", ops[n].name, a[i], b[i], y[i],
                      expected);
            }
            const uint32_t before = y[5];
            a[5] ^= 1u << 22;
            planted += ops[n].lanes(tables, a, b, y) && y[5] != before;
        }
        CHECK(t, usual > 49000 && unusual > 10000, "%s: %u usual, %u unusual", ops[n].name, usual,
              unusual);
        CHECK(t, planted > usual / 8, "%s: %u faults seen", ops[n].name, planted);
    }
}

static void test_norm_and_turn(struct host_test *t, uint64_t *random) {
    for (unsigned round = 0; round < 100000; round++) {
        const bool halves = round % 4 / 2 != 0;
        const size_t apart = halves ? N + random_below(random, 9) : 1, step = halves ? 1 : 2;
        uint32_t a[N], b[N], x[4 * N] = {0}, y[4 * N] = {0};
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        fill(random, round % 2 == 0, a, b);
        const uint32_t r = random_float(random, 112, 132);
        if (golden_lanes_norm(a, r, b, y))
            for (unsigned i = 0; i < N; i++)
                CHECK(t, y[i] == golden_mul(golden_mul(a[i], r, &fault), b[i], &fault), "norm");
        for (unsigned i = 0; i < 4 * N; i++)
            x[i] = random_float(random, 112, 132);
        x[random_below(random, 2 * N)] = any_number(random, a[0]);
        if (golden_lanes_turn(a, b, halves, apart, x, y))
            for (unsigned j = 0; j < N; j++) {
                const uint32_t u = x[j * step], v = x[j * step + apart];
                const uint32_t to_u =
                    golden_sub(golden_mul(u, a[j], &fault), golden_mul(v, b[j], &fault), &fault);
                const uint32_t to_v =
                    golden_add(golden_mul(u, b[j], &fault), golden_mul(v, a[j], &fault), &fault);
                CHECK(t, y[j * step] == to_u && y[j * step + apart] == to_v, "pair %u", j);
            }
        CHECK(t, fault == GOLDEN_FAULT_NONE, "fault %d", (int)fault);
    }
}

/* A thread of a host program may round upwards. */
static void test_rounding(struct host_test *t, const struct golden_tables *tables,
                          uint64_t *random) {
    for (size_t n = 0; n < sizeof ops / sizeof *ops; n++)
        for (unsigned round = 0; round < 1000; round++) {
            uint32_t a[N], b[N], y[N];
            fill(random, true, a, b);
            fesetround(FE_UPWARD);
            const bool taken = ops[n].lanes(tables, a, b, y);
            fesetround(FE_TONEAREST);
            for (unsigned i = 0; taken && i < N; i++) {
                enum golden_fault fault = GOLDEN_FAULT_NONE;
                CHECK(t, y[i] == ops[n].plain(tables, a[i], b[i], &fault), "%s rounded upwards",
                      ops[n].name);
            }
        }
}

int main(void) {
    struct host_test t = {"golden_lanes", 0, 0};
    static struct golden_tables tables;
    uint64_t random = 16;
    golden_tables_init(&tables);
    test_ops(&t, &tables, &random);
    test_norm_and_turn(&t, &random);
    test_rounding(&t, &tables, &random);
    return host_test_finish(&t);
}
