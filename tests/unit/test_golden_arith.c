/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model's binary32, round32 and block against the oracle of numerics.
 *
 *     build/.../test_golden_arith [millions of random pairs, default 10] [seed]
 */
#include "golden_naive.h"
#include "tests/kit/host_test.h"

typedef uint32_t operation(uint32_t a, uint32_t b, enum golden_fault *fault);

enum kind { ADD, SUB, MUL };

static int differs(enum kind kind, operation *op, uint32_t a, uint32_t b) {
    enum golden_fault fault = GOLDEN_FAULT_NONE;
    struct value expected = kind == MUL ? oracle_mul(a, b) : oracle_add(a, b, kind == SUB);
    uint32_t got = op(a, b, &fault);
    if (expected.error)
        return fault != GOLDEN_FAULT_OVERFLOW;
    return fault != GOLDEN_FAULT_NONE || got != expected.bits;
}

/* Pairs of like magnitude, of any magnitude, and at both ends of the range. */
static unsigned long count_random(enum kind kind, operation *op, unsigned long pairs,
                                  uint64_t *state) {
    unsigned long wrong = 0;
    for (unsigned long i = 0; i < pairs; i++) {
        uint32_t a, b;
        switch (i & 3) {
        case 0:
            a = random_float(state, 0, 254);
            b = random_float(state, 0, 254);
            break;
        case 1:
            a = random_float(state, 100, 130);
            b = random_float(state, 100, 130);
            break;
        case 2: /* sums near 2^-126 */
            a = random_float(state, 0, kind == MUL ? 127 : 3);
            b = random_float(state, 0, kind == MUL ? 2 : 3);
            break;
        default: /* near 2^128 */
            a = random_float(state, kind == MUL ? 189 : 250, kind == MUL ? 192 : 254);
            b = random_float(state, kind == MUL ? 189 : 250, kind == MUL ? 192 : 254);
            break;
        }
        wrong += differs(kind, op, a, b) != 0;
    }
    return wrong;
}

static const uint32_t special[] = {
    0x00000000, 0x00000001, 0x00400000, 0x007fffff, /* zero and subnormals */
    0x00800000, 0x00800001, 0x00ffffff, 0x01000000, 0x01000001, 0x0c800000, 0x0cffffff, 0x1f800000,
    0x20000000, 0x33000000, 0x33800000, 0x33800001, 0x34000000, 0x3effffff, 0x3f000000, 0x3f7fffff,
    0x3f800000, 0x3f800001, 0x3fc00000, 0x3fffffff, 0x40000000, 0x40490fdb, 0x4b000000, 0x4b7fffff,
    0x4b800000, 0x4b800001, 0x5f7fffff, 0x5f800000, 0x72ffffff, 0x73000000, 0x73000001, 0x7e800000,
    0x7effffff, 0x7f000000, 0x7f7ffffe, 0x7f7fffff};
#define SPECIALS (sizeof special / sizeof *special)

static unsigned long count_special(enum kind kind, operation *op) {
    unsigned long wrong = 0;
    for (size_t i = 0; i < SPECIALS; i++)
        for (size_t j = 0; j < SPECIALS; j++)
            for (uint32_t signs = 0; signs < 4; signs++)
                wrong += differs(kind, op, special[i] | signs << 31,
                                 special[j] | (signs & 2) << 30) != 0;
    return wrong;
}

/* Planted faults, each subtle: flush after rounding, truncation, no flush of operands. */
static uint32_t mul_flush_late(uint32_t a, uint32_t b, enum golden_fault *fault) {
    float rounded = (float)((double)to_float(operand(a)) * (double)to_float(operand(b)));
    if (isinf(rounded))
        *fault = GOLDEN_FAULT_OVERFLOW;
    return to_bits(fabsf(rounded) < 0x1p-126f ? copysignf(0, rounded) : rounded);
}

static uint32_t add_truncated(uint32_t a, uint32_t b, enum golden_fault *fault) {
    double exact = (double)to_float(operand(a)) + (double)to_float(operand(b));
    uint32_t rounded = golden_add(a, b, fault);
    return fabs((double)to_float(rounded)) > fabs(exact) ? rounded - 1 : rounded;
}

static uint32_t sub_subnormal(uint32_t a, uint32_t b, enum golden_fault *fault) {
    float difference = to_float(a) - to_float(b);
    if (isinf(difference))
        *fault = GOLDEN_FAULT_OVERFLOW;
    return to_bits(difference);
}

static void test_operations(struct host_test *t, unsigned long pairs, uint64_t *state) {
    static const struct {
        const char *name;
        operation *op, *planted;
    } ops[] = {[ADD] = {"add", golden_add, add_truncated},
               [SUB] = {"sub", golden_sub, sub_subnormal},
               [MUL] = {"mul", golden_mul, mul_flush_late}};
    for (enum kind kind = ADD; kind <= MUL; kind++) {
        unsigned long wrong = count_special(kind, ops[kind].op);
        CHECK(t, wrong == 0, "%s: %lu special pairs", ops[kind].name, wrong);
        wrong = count_random(kind, ops[kind].op, pairs, state);
        CHECK(t, wrong == 0, "%s: %lu random pairs", ops[kind].name, wrong);
        t->checks += pairs + 4 * SPECIALS * SPECIALS;
        CHECK(t, count_special(kind, ops[kind].planted) > 0, "%s: a fault went unseen",
              ops[kind].name);
    }
}

static void test_compare(struct host_test *t) {
    for (size_t i = 0; i < SPECIALS; i++)
        for (size_t j = 0; j < SPECIALS; j++)
            for (uint32_t signs = 0; signs < 4; signs++) {
                uint32_t a = special[i] | signs << 31, b = special[j] | (signs & 2) << 30;
                CHECK(t, golden_compare(a, b) == oracle_compare(a, b), "%08x, %08x", a, b);
            }
}

/* Integers of every length, half of them a tie or beside one. */
static void test_round32(struct host_test *t, unsigned long count, uint64_t *state) {
    unsigned long planted_seen = 0;
    for (unsigned long i = 0; i < count; i++) {
        golden_uint128 n = (golden_uint128)random_64(state) << 64 | random_64(state);
        unsigned length = 1 + (unsigned)(random_64(state) % 127);
        n = n << 1 >> 1 >> (127 - length);
        if ((i & 1) != 0 && length > 26) {
            unsigned tail = length - 25; /* the half place and what is below it */
            n = (n >> tail | 1) << tail;
            n += (golden_uint128)(random_64(state) % 3) - 1;
        }
        golden_int128 value = (random_64(state) & 1) != 0 ? -(golden_int128)n : (golden_int128)n;
        int k = (int)(random_64(state) % 320) - 240;
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        uint32_t got = golden_round32(value, k, &fault);
        struct value expected = oracle_round32(value, k);
        CHECK(t,
              expected.error ? fault == GOLDEN_FAULT_OVERFLOW : fault == 0 && got == expected.bits,
              "length %u, k %d: %08x for %08x", length, k, got, expected.bits);
        /* Planted: dropping the lowest bit must show at ties. */
        planted_seen += !expected.error &&
                        golden_round32(value & ~(golden_int128)1, k, &fault) != expected.bits;
    }
    CHECK(t, planted_seen > 0, "a fault went unseen");
}

static void test_block(struct host_test *t, unsigned long count, uint64_t *state) {
    static const int widths[] = {16, 8, 12, 2};
    unsigned long ranges = 0, planted_seen = 0;
    for (unsigned long i = 0; i < count; i++) {
        uint32_t x[GOLDEN_BLOCK];
        uint32_t high = (uint32_t)(random_64(state) % 147), low = i % 3 == 0 ? 0 : high;
        low = i % 3 == 1 && high > 20 ? high - 20 : low;
        size_t elements = (i & 4) != 0 ? GOLDEN_BLOCK : 1 + random_64(state) % GOLDEN_BLOCK;
        for (size_t e = 0; e < elements; e++) {
            x[e] = random_float(state, low, high);
            x[e] |= (random_64(state) & 15) == 0 ? 0x007fffff : 0; /* rounds up to the limit */
            x[e] &= (random_64(state) & 7) == 0 ? 0xff810000 : 0xffffffff; /* ties */
        }
        struct golden_block got, expected;
        int bits = widths[i % 4];
        enum golden_fault fault = golden_block_from(x, elements, bits, &got);
        int range = naive_block(x, elements, bits, &expected);
        ranges += (unsigned long)range;
        CHECK(t, (fault == GOLDEN_FAULT_RANGE) == (range != 0), "range of a block");
        CHECK(t, range || memcmp(&got, &expected, sizeof got) == 0,
              "%d bits, fields %u..%u: shift %d for %d", bits, low, high, got.shift,
              expected.shift);
        /* Planted: a unit in the last place of a mantissa's source. */
        x[0] ^= 0x00400000;
        planted_seen += !range && golden_block_from(x, elements, bits, &got) == 0 &&
                        memcmp(&got, &expected, sizeof got) != 0;
    }
    CHECK(t, ranges > 0 && planted_seen > 0, "%lu ranges, %lu faults seen", ranges, planted_seen);
}

int main(int argc, char **argv) {
    struct host_test t = {"golden_arith", 0, 0};
    unsigned long millions = argc > 1 ? strtoul(argv[1], NULL, 10) : 10;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 0x10c5;
    uint64_t state = seed | 1;
    printf("seed %llu, %lu million random pairs\n", (unsigned long long)seed, millions);
    test_operations(&t, millions * 1000000, &state);
    test_compare(&t);
    test_round32(&t, 1000000, &state);
    test_block(&t, 400000, &state);
    return host_test_finish(&t);
}
