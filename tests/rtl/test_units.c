/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Holds the arithmetic leaf units of the device to tests/kit/numerics.h, bit for bit: the
 * wrapper tests/rtl/units.v gets an operand set a clock, with bubbles, and valid_o must follow
 * after exactly the latency that the unit states. rcp, rsqrt, exp and rotation see every mantissa
 * or phase, and their worst errors against real arithmetic are printed.
 *
 *     test_units [--seed N] [--scale N] [--most N] [--only UNIT] [--fault UNIT]
 *
 * --scale multiplies the random counts and, above 1, takes every x of exp that a range check does
 * not decide; --most takes so many of each run at most. At the end each unit is run once more with
 * its fault planted in the wrapper, and must be caught; --fault plants one from the start, so that
 * the test fails.
 */
#include "tests/kit/numerics.h"
#include "tests/kit/top.h"

enum unit {
    ADD,
    MUL,
    ROUND128,
    ROUND40,
    EXP,
    RECIP,
    ROTATION,
    W16,
    ORDER,
    QUANT16,
    QUANT12,
    QUANT8,
    UNITS
};

/* One operand set; a unit looks at what it needs. */
struct op {
    uint32_t a, b;
    bool flag;
    int k;
    oracle_i128 n;
    uint32_t x[32];
};

struct bench {
    struct host_test test;
    struct top top;
    struct tables tables;
    double worst; /* error, in the unit of the run */
    uint32_t worst_at;
    /* ports */
    uint8_t *flag_i;
    uint16_t *fault_i, *valid_i, *valid_o, *err_o, *k_i;
    uint32_t *a_i, *b_i, *n_i, *x_i;
    uint32_t *y[W16 + 1], *w24_o, *sin_o, *m[3];
    uint8_t *order_o, *s[3];
};

/* How far the binary32 `y` lies from the real number `exact`, in units of y's last place. */
static inline double ulps(uint32_t y, double exact) {
    return fabs((double)to_float(y) - exact) / ldexp(1, (int)exp_field(y) - 127 - 23);
}

typedef void generator(struct bench *b, struct op *op, uint64_t index);

static void bench_open(struct bench *b, uint64_t seed) {
    static const char *const results[] = {"add_o", "mul_o",   "round128_o", "round40_o",
                                          "exp_o", "recip_o", "cos_o",      "w16_o"};
    *b = (struct bench){.test = {"units", 0, 0}};
    top_open(&b->top, &b->test, seed);
    tables_make(&b->tables);
    TOP_PORT(b, flag_i), TOP_PORT(b, fault_i), TOP_PORT(b, valid_i), TOP_PORT(b, valid_o);
    TOP_PORT(b, err_o), TOP_PORT(b, a_i), TOP_PORT(b, b_i), TOP_PORT(b, n_i), TOP_PORT(b, k_i);
    TOP_PORT(b, x_i), TOP_PORT(b, sin_o), TOP_PORT(b, order_o), TOP_PORT(b, w24_o);
    for (int u = ADD; u <= W16; u++)
        b->y[u] = top_port(&b->top, results[u]);
    b->m[0] = top_port(&b->top, "m16_o");
    b->m[1] = top_port(&b->top, "m12_o");
    b->m[2] = top_port(&b->top, "m8_o");
    b->s[0] = top_port(&b->top, "s16_o");
    b->s[1] = top_port(&b->top, "s12_o");
    b->s[2] = top_port(&b->top, "s8_o");

    *b->fault_i = 0;
    *b->valid_i = 0;
    *b->flag_i = 0;
    *b->k_i = 0;
    top_reset(&b->top, 2);
}

/* Operands */

static const uint32_t specials[] = {
    0x00000000, 0x00000001, 0x00000002, 0x00400000, 0x007fffff, 0x00800000, 0x00800001, 0x00800002,
    0x00ffffff, 0x01000000, 0x01000001, 0x01800000, 0x017fffff, 0x0b800000, 0x0c000000, 0x0c7fffff,
    0x1f7fffff, 0x1f800000, 0x20000000, 0x20000001, 0x33000000, 0x33800000, 0x33800001, 0x34000000,
    0x3effffff, 0x3f000000, 0x3f000001, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x3f800002, 0x3f800003,
    0x3fffffff, 0x40000000, 0x40490fdb, 0x4b000000, 0x4b000001, 0x4b7fffff, 0x4b800000, 0x4b800001,
    0x4bffffff, 0x4c000000, 0x487fffff, 0x48800000, 0x5f000000, 0x5f7fffff, 0x5f800000, 0x5f7ffffe,
    0x72ffffff, 0x73000000, 0x737fffff, 0x73800000, 0x7e800000, 0x7effffff, 0x7f000000, 0x7f000001,
    0x7f7ffffe, 0x7f7fffff, 0x7f800000, 0x7fc00000};
enum { SPECIALS = sizeof specials / sizeof *specials };

/* All pairs, signs and flags: SPECIALS^2 * 8 sets. */
static void next_special(struct bench *b, struct op *op, uint64_t index) {
    (void)b;
    op->flag = index & 1;
    op->a = specials[(index >> 3) % SPECIALS] | (uint32_t)(index >> 1 & 1) << 31;
    op->b = specials[(index >> 3) / SPECIALS] | (uint32_t)(index >> 2 & 1) << 31;
}

/* A fraction of 23 bits, often with long runs of zeros or ones, so that ties happen. */
static uint32_t fraction(struct bench *b) {
    const uint64_t r = top_random(&b->top);
    const uint32_t all = (uint32_t)r & 0x7fffff, cut = (uint32_t)(r >> 32) % 23;
    switch (r >> 60 & 3) {
    case 0:
        return all >> cut << cut;
    case 1:
        return (all | ((1u << cut) - 1)) & 0x7fffff;
    default:
        return all;
    }
}

static uint32_t number(struct bench *b, uint32_t exponent) {
    return top_below(&b->top, 2) << 31 | exponent << 23 | fraction(b);
}

static void next_pair(struct bench *b, struct op *op, uint64_t index) {
    op->flag = top_random(&b->top) >> 63;
    switch (index % 8) {
    case 0: /* any bits */
        op->a = (uint32_t)top_random(&b->top);
        op->b = (uint32_t)top_random(&b->top);
        break;
    case 1: /* cancellation: equal or neighbouring exponents and near fractions */
        op->a = number(b, top_below(&b->top, 255));
        op->b = op->a + top_below(&b->top, 5) - 2;
        op->b ^= top_below(&b->top, 2) << 31;
        break;
    case 2: /* near the largest number */
        op->a = number(b, 254 - top_below(&b->top, 3));
        op->b = number(b, 254 - top_below(&b->top, 30));
        break;
    case 3: /* near the smallest */
        op->a = number(b, top_below(&b->top, 4));
        op->b = number(b, top_below(&b->top, 30));
        break;
    case 4: /* products near either end */
        op->a = number(b, top_below(&b->top, 255));
        op->b = number(
            b,
            (top_below(&b->top, 2) ? 127 + 255 - exp_field(op->a) : 381 - exp_field(op->a)) % 255);
        if (top_below(&b->top, 2))
            op->b = number(
                b, exp_field(op->a) > 127 ? 0 : 127 - exp_field(op->a) + top_below(&b->top, 2));
        break;
    case 5: { /* odd products that end in or next to a tie: b = tail / a modulo 2^23 */
        static const uint32_t tails[] = {1, 0x3fffff, 0x400001, 0x7fffff};
        uint32_t inverse = 1;
        op->a = number(b, 64 + top_below(&b->top, 127)) | 1;
        for (int i = 0; i < 5; i++) /* Newton: each step doubles the bits that are right */
            inverse *= 2 - inverse * (op->a & 0x7fffff);
        op->b = (64 + top_below(&b->top, 127)) << 23 |
                ((tails[top_below(&b->top, 4)] * inverse) & 0x7fffff);
        break;
    }
    default: /* sums that overlap or just miss */
        op->a = number(b, top_below(&b->top, 255));
        op->b = number(b, (exp_field(op->a) + 255 + top_below(&b->top, 56) - 28) % 255);
        break;
    }
}

static void next_round(struct bench *b, struct op *op, uint64_t index) {
    const unsigned size = 1 + top_below(&b->top, 128), cut = top_below(&b->top, size);
    oracle_u128 n = (oracle_u128)top_random(&b->top) << 64 | top_random(&b->top);
    n = n >> (128 - size) | (oracle_u128)1 << (size - 1);
    if (index & 1) { /* a tie, or one off it */
        n = (n >> cut << cut) + top_below(&b->top, 3) - 1;
        if (size > 25 && index & 2)
            n = ((n >> (size - 24) << 1 | 1) << (size - 25)) + top_below(&b->top, 3) - 1;
    }
    op->n = (oracle_i128)(index & 4 ? -n : n);
    op->k = (int)top_below(&b->top, 1024) - 512;
    if (index & 8)
        op->k = (int)(top_below(&b->top, 2) ? 127 : -127) - (int)size + (int)top_below(&b->top, 5);
}

static void next_bits(struct bench *b, struct op *op, uint64_t index) {
    op->a = (uint32_t)top_random(&b->top);
    op->b = index & 1 ? (uint32_t)top_random(&b->top) : op->a + top_below(&b->top, 3) - 1;
    op->flag = index >> 1 & 1;
}

/* Every mantissa, by exponent field 133 downward. */
/* Numbers of so many bits, each once, the first of them of all sizes. */
static uint32_t scattered(uint64_t index, unsigned bits) {
    return (uint32_t)index * 0x9e3779b1u & ((1u << bits) - 1);
}

static void next_exp(struct bench *b, struct op *op, uint64_t index) {
    (void)b;
    op->a = (133 - (uint32_t)(index >> 23)) << 23 | scattered(index, 23);
}

static void next_rcp(struct bench *b, struct op *op, uint64_t index) {
    (void)b;
    op->a = 127u << 23 | scattered(index, 23);
    op->flag = false;
}

static void next_rsqrt(struct bench *b, struct op *op, uint64_t index) {
    (void)b;
    op->a = (127 + (uint32_t)(index >> 23)) << 23 | scattered(index, 23);
    op->flag = true;
}

static void next_phase(struct bench *b, struct op *op, uint64_t index) {
    (void)b;
    op->a = scattered(index, 24);
}

/* Phases on both sides of each quarter turn, where a cosine or a sine is 0: 4 of each distance. */
static void next_quarter(struct bench *b, struct op *op, uint64_t index) {
    (void)b;
    op->a = ((uint32_t)(index & 3) << 22) + (uint32_t)(index >> 2) - 512;
    op->a &= 0xffffff;
}

static void next_unit(struct bench *b, struct op *op, uint64_t index) {
    if (index < 131072) /* every multiple of 2^-17: results and ties */
        op->a = to_bits((float)index * 0x1p-17f);
    else
        op->a = 127u << 23;
    if (index > 131072)
        op->a -= index & 1 ? top_below(&b->top, 127u << 23) : top_below(&b->top, 20u << 23);
}

static void next_block(struct bench *b, struct op *op, uint64_t index) {
    const uint32_t top = index % 4 ? 100 + top_below(&b->top, 46) : top_below(&b->top, 256),
                   spread = 1 + top_below(&b->top, 40);
    for (int i = 0; i < 32; i++) {
        const uint32_t down = top_below(&b->top, spread);
        op->x[i] = number(b, top > down ? top - down : 0);
        if (index % 7 == 0 && top_below(&b->top, 4))
            op->x[i] &= 0x80000000;
        if (index % 64 == 1)
            op->x[i] = (op->x[i] & 0x807fffff) | top_below(&b->top, 2) << 23;
        if (index % 16 == 2 && top_below(&b->top, 8) == 0) /* rounds up to 2^(B-1) */
            op->x[i] |= 0x7fffff;
    }
}

/* Units: how an operand set goes in, and what must come out. */

static void drive(struct bench *b, enum unit u, const struct op *op) {
    *b->a_i = op->a;
    *b->b_i = op->b;
    *b->flag_i = op->flag;
    if (u == ROUND128 || u == ROUND40) {
        memcpy(b->n_i, &op->n, sizeof op->n);
        *b->k_i = (uint16_t)(op->k & 1023);
    }
    if (u >= QUANT16)
        memcpy(b->x_i, op->x, sizeof op->x);
}

static void note_error(struct bench *b, uint32_t at, double error) {
    if (error > b->worst) {
        b->worst = error;
        b->worst_at = at;
    }
}

static struct value scalar(struct bench *b, enum unit u, const struct op *op) {
    switch (u) {
    case ADD:
        return oracle_add(op->a, op->b, op->flag);
    case MUL:
        return oracle_mul(op->a, op->b);
    case ROUND128:
        return oracle_round32(op->n, op->k);
    case ROUND40:
        return oracle_round32((oracle_i128)((oracle_u128)op->n << 88) >> 88, op->k);
    case EXP:
        return oracle_exp(&b->tables, op->a);
    case RECIP:
        return oracle_recip(&b->tables, op->a, op->flag);
    default:
        return (struct value){oracle_fixed(op->a, 16), false};
    }
}

/* The present outputs of unit `u` against what `op` must give. */
static bool check(struct bench *b, enum unit u, const struct op *op) {
    const bool error = *b->err_o >> u & 1;
    if (u >= QUANT16) {
        int16_t m[32], got[32];
        unsigned s = 0, q = u - QUANT16;
        const bool range = oracle_block(op->x, 16 - 4 * (int)q, m, &s);
        memcpy(got, b->m[q], sizeof got);
        return range == error && (range || (s == *b->s[q] && !memcmp(m, got, sizeof m)));
    }
    if (u == ORDER) {
        const int order = oracle_compare(op->a, op->b);
        return not_finite(op->a, op->b) || *b->order_o == (order < 0) * 2 + (order == 0);
    }
    if (u == ROTATION) {
        uint32_t y[2];
        const double angle = acos(-1.0) * 0x1p-23 * op->a;
        oracle_rotation(&b->tables, op->a, y);
        note_error(b, op->a, fabs((double)to_float(y[0]) - cos(angle)));
        note_error(b, op->a, fabs((double)to_float(y[1]) - sin(angle)));
        return *b->y[u] == y[0] && *b->sin_o == y[1];
    }
    const struct value v = scalar(b, u, op);
    const double x = fabs((double)to_float(op->a));
    if (u == EXP && v.bits && v.bits != to_bits(1.0f))
        note_error(b, op->a, ulps(v.bits, exp(-x)));
    if (u == RECIP && !v.error && v.bits << 1)
        note_error(b, op->a, ulps(v.bits & 0x7fffffff, op->flag ? 1 / sqrt(x) : 1 / x));
    if (u == W16 && *b->w24_o != oracle_fixed(op->a, 24))
        return false;
    return error == v.error && (error || *b->y[u] == v.bits);
}

static const struct {
    const char *name;
    unsigned latency;
} units[UNITS] = {{"add", 3},   {"mul", 2},     {"round128", 3}, {"round40", 3},
                  {"exp", 5},   {"recip", 4},   {"rotation", 6}, {"w16", 1},
                  {"order", 1}, {"quant16", 3}, {"quant12", 3},  {"quant8", 3}};

/* Tells what `op` has given. */
static void tell(struct bench *b, enum unit u, const struct op *op) {
    printf("    a=%08x b=%08x flag=%d n=%016llx%016llx k=%d x[0]=%08x: got %08x error %d, "
           "expected %08x\n",
           op->a, op->b, op->flag, (unsigned long long)((oracle_u128)op->n >> 64),
           (unsigned long long)op->n, op->k, op->x[0], u <= W16 ? *b->y[u] : 0, *b->err_o >> u & 1,
           u <= W16 && u != ROTATION ? scalar(b, u, op).bits : 0);
}

/* Feeds `count` operand sets to unit `u` and checks what comes out, and when. */
static void run(struct bench *b, enum unit u, generator *next, uint64_t count) {
    enum { RING = 8 }; /* more than any latency */
    static const struct op nothing;
    struct op ring[RING];
    bool sent[RING] = {false};
    const unsigned latency = units[u].latency;
    uint64_t made = 0;

    for (int i = 0; i < RING; i++)
        ring[i] = nothing;
    b->worst = 0;
    for (uint64_t clock = 0, end = UINT64_MAX; clock < end; clock++) {
        struct op *op = &ring[clock % RING];
        const bool valid = made < count && !top_stalls(&b->top, 60);
        if (valid)
            next(b, op, made++);
        else
            op->a = ~op->a;
        if (made == count && end == UINT64_MAX)
            end = clock + latency + 2;
        drive(b, u, op);
        sent[clock % RING] = valid;
        *b->valid_i = (uint16_t)(valid << u);
        top_tick(&b->top);

        const unsigned due = (unsigned)((clock + RING - (latency - 1)) % RING);
        const unsigned long failures = b->test.failures;
        CHECK(&b->test, *b->valid_o == sent[due] << u, "%s: valid_o at the wrong time",
              units[u].name);
        if (sent[due])
            CHECK(&b->test, check(b, u, &ring[due]), "%s: wrong result", units[u].name);
        if (b->test.failures != failures && b->test.failures < 5 && b->test.name != NULL)
            tell(b, u, &ring[due]);
    }
}

static const struct {
    enum unit unit;
    const char *what;
    generator *next;
    uint64_t count;       /* operand sets */
    bool random;          /* whether --scale multiplies it */
    const char *error_in; /* unit of the worst error, where it is printed */
} runs[] = {
    {ADD, "special pairs", next_special, SPECIALS *SPECIALS * 8, false, NULL},
    {ADD, "random", next_pair, 12000000, true, NULL},
    {MUL, "special pairs", next_special, SPECIALS *SPECIALS * 8, false, NULL},
    {MUL, "random", next_pair, 12000000, true, NULL},
    {ROUND128, "random", next_round, 4000000, true, NULL},
    {ROUND40, "random", next_round, 2000000, true, NULL},
    {EXP, "every x from -128 to -1/4", next_exp, 9 << 23, false, "ulp"},
    {EXP, "random", next_bits, 1000000, true, NULL},
    {RECIP, "rcp of every mantissa", next_rcp, 1 << 23, false, "ulp"},
    {RECIP, "rsqrt of every mantissa and parity", next_rsqrt, 2 << 23, false, "ulp"},
    {RECIP, "special", next_special, SPECIALS * 8, false, NULL},
    {RECIP, "random", next_bits, 2000000, true, NULL},
    {ROTATION, "around quarter turns", next_quarter, 4096, false, "absolute"},
    {ROTATION, "every phase", next_phase, 1 << 24, false, "absolute"},
    {W16, "random", next_unit, 2000000, true, NULL},
    {ORDER, "special pairs", next_special, SPECIALS *SPECIALS * 8, false, NULL},
    {ORDER, "random", next_bits, 2000000, true, NULL},
    {QUANT16, "random", next_block, 300000, true, NULL},
    {QUANT12, "random", next_block, 150000, true, NULL},
    {QUANT8, "random", next_block, 150000, true, NULL},
};
enum { RUNS = sizeof runs / sizeof *runs };

/* The last run of a unit, cut short, with the unit's fault planted, must fail. */
static void check_fault(struct bench *b, enum unit u) {
    const struct host_test test = b->test;
    int last = 0;
    for (int r = 0; r < RUNS; r++)
        if (runs[r].unit == u)
            last = r;
    b->test = (struct host_test){NULL, 0, 0};
    *b->fault_i = (uint16_t)(1 << u);
    run(b, u, runs[last].next, 20000);
    *b->fault_i = 0;
    const bool caught = b->test.failures > 0;
    b->test = test;
    CHECK(&b->test, caught, "%s: a planted fault went unnoticed", units[u].name);
}

static int unit_of(const char *name) {
    for (int u = 0; u < UNITS; u++)
        if (!strcmp(units[u].name, name))
            return u;
    printf("FAIL units: no unit %s\n", name);
    exit(2);
}

int main(int argc, char **argv) {
    uint64_t seed = 1, scale = 1, most = UINT64_MAX;
    int only = -1, fault = -1;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--seed"))
            seed = strtoull(argv[i + 1], NULL, 0);
        else if (!strcmp(argv[i], "--scale"))
            scale = strtoull(argv[i + 1], NULL, 0);
        else if (!strcmp(argv[i], "--most"))
            most = strtoull(argv[i + 1], NULL, 0);
        else if (!strcmp(argv[i], "--only"))
            only = unit_of(argv[i + 1]);
        else if (!strcmp(argv[i], "--fault"))
            only = fault = unit_of(argv[i + 1]);
    }
    struct bench b;
    bench_open(&b, seed);
    if (fault >= 0)
        *b.fault_i = (uint16_t)(1 << fault);
    for (int r = 0; r < RUNS; r++) {
        if (only >= 0 && (int)runs[r].unit != only)
            continue;
        uint64_t count = runs[r].count * (runs[r].random ? scale : 1);
        if (runs[r].next == next_exp && scale > 1)
            count = (uint64_t)37 << 23;
        if (count > most)
            count = most;
        run(&b, runs[r].unit, runs[r].next, count);
        printf("  %-9s %-36s %10llu", units[runs[r].unit].name, runs[r].what,
               (unsigned long long)count);
        if (runs[r].error_in)
            printf("  worst error %.6g %s at %08x", b.worst, runs[r].error_in, b.worst_at);
        printf("\n");
    }
    for (int u = 0; u < UNITS && fault < 0; u++)
        if (only < 0 || u == only)
            check_fault(&b, (enum unit)u);
    top_close(&b.top);
    return host_test_finish(&b.test);
}
