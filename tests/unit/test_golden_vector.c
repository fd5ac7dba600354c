/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the golden model's ops compute, bit for bit against the page written out plainly, on random
 * vectors, at the ends of their ranges and where they fail; how far sigmoid, GELU and cap are from
 * the functions that they stand for, which section 10 of docs/numerics.md quotes; and at which
 * element an op fails.
 */
#include "csrc/base/device_info.h"
#include "csrc/golden/golden_ops.h"
#include "csrc/golden/golden_vector.h"
#include "golden_naive_ops.h"
#include "tests/kit/host_test.h"

struct kit {
    struct golden_tables golden;
    struct tables naive;
    uint64_t random;
};

/* ---- Functions of one element ---- */

typedef uint32_t golden_function(const struct golden_tables *, uint32_t, enum golden_fault *);
typedef uint32_t naive_function(struct naive *, uint32_t);

static const float caps[] = {50, 30, 1, 0x1p-20f, 3e9f};
static float cap; /* of the next two */

static uint32_t golden_capped(const struct golden_tables *tables, uint32_t z,
                              enum golden_fault *fault) {
    return golden_cap(tables, z, to_bits(cap), golden_cap_slope(to_bits(cap)), fault);
}

static uint32_t naive_capped(struct naive *n, uint32_t z) {
    return n_cap(n, z, cap);
}

/* Of all binades alike, zeros and subnormals among them; half of them where functions bend. */
static uint32_t any_input(uint64_t *random) {
    return random_64(random) % 2 ? random_float(random, 0, 254) : random_float(random, 110, 135);
}

static unsigned count_unlike(struct kit *k, golden_function *golden, naive_function *naive) {
    unsigned unlike = 0;
    for (unsigned i = 0; i < 200000; i++) {
        const uint32_t x = any_input(&k->random);
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        struct naive n = {&k->naive, false};
        const uint32_t got = golden(&k->golden, x, &fault), expected = naive(&n, x);
        unlike += n.error ? fault != GOLDEN_FAULT_OVERFLOW
                          : fault != GOLDEN_FAULT_NONE || got != expected;
    }
    return unlike;
}

static void test_functions(struct host_test *t, struct kit *k) {
    CHECK(t, count_unlike(k, golden_sigmoid, n_sigmoid) == 0, "sigmoid");
    CHECK(t, count_unlike(k, golden_silu, n_silu) == 0, "silu");
    CHECK(t, count_unlike(k, golden_gelu, n_gelu) == 0, "gelu");
    CHECK(t, count_unlike(k, golden_gelu, n_silu) > 0, "a fault went unseen");
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
        cap = caps[i];
        CHECK(t, count_unlike(k, golden_capped, naive_capped) == 0, "cap %g", (double)cap);
    }
    for (unsigned i = 0; i < 100000; i++) {
        const uint32_t c = random_float(&k->random, 2, 252) & 0x7fffffff;
        CHECK(t, golden_cap_slope(c) == to_bits(2 / to_float(c)), "slope of %08x", c);
    }
}

/* ---- Distance from the functions ---- */

struct worst {
    double error;
    uint32_t at;
};

static double ulp_of(double x) {
    return ldexp(1, ilogb(x) - 23);
}

static double exact_sigmoid(double x) {
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

static double exact_gelu(double x) {
    return x * exact_sigmoid(2 * sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x));
}

static double sigmoid_error(double got, double x) {
    const double exact = exact_sigmoid(x);
    return exact >= 0x1p-126 ? fabs(got - exact) / ulp_of(exact) : fabs(got) / 0x1p-126;
}

static double gelu_error(double got, double x) {
    return fabs(got - exact_gelu(x)) / fmax(fabs(x), 0x1p-100); /* below, results are flushed */
}

static double cap_error(double got, double x) {
    return fabs(got / (double)cap - tanh(x / (double)cap));
}

/* Over every `step`-th binary32 whose magnitude is below 2^8, of both signs. */
static struct worst error_of(const struct golden_tables *tables, golden_function *function,
                             double (*error)(double, double), uint32_t step) {
    struct worst worst = {0, 0};
    for (uint32_t magnitude = 0x00800000; magnitude < 0x43800000; magnitude += step)
        for (uint32_t sign = 0; sign < 2; sign++) {
            enum golden_fault fault = GOLDEN_FAULT_NONE;
            const uint32_t x = magnitude | sign << 31;
            const double got = (double)to_float(function(tables, x, &fault));
            const double e =
                fault != GOLDEN_FAULT_NONE ? INFINITY : error(got, (double)to_float(x));
            if (!(e <= worst.error))
                worst = (struct worst){e, x};
        }
    return worst;
}

static void test_distance(struct host_test *t, struct kit *k) {
    static const struct {
        const char *name;
        golden_function *function;
        double (*error)(double, double);
        float cap;
        double limit;
    } cases[] = {{"sigmoid, ulp", golden_sigmoid, sigmoid_error, 0, 4},
                 {"gelu, of |x|", golden_gelu, gelu_error, 0, 0x1p-22},
                 {"cap 50, of the cap", golden_capped, cap_error, 50, 0x1p-22},
                 {"cap 30, of the cap", golden_capped, cap_error, 30, 0x1p-22}};
    struct golden_tables planted = k->golden;
    for (unsigned i = 0; i < 256; i++)
        planted.rcp[i].c0 += 1 << 10;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cap = cases[i].cap;
        const struct worst worst = error_of(&k->golden, cases[i].function, cases[i].error, 257);
        printf("%s: worst error %.4g (2^%.2f) at %.9g (%08x)\n", cases[i].name, worst.error,
               log2(worst.error), (double)to_float(worst.at), worst.at);
        CHECK(t, worst.error < cases[i].limit, "%s: %g", cases[i].name, worst.error);
        const struct worst seen = error_of(&planted, cases[i].function, cases[i].error, 65537);
        CHECK(t, seen.error > cases[i].limit, "%s: a fault went unseen", cases[i].name);
    }
}

/* ---- Vectors ---- */

/* Elements of some binades below 2^17, now and then one that is out of range. */
static void fill(uint64_t *random, uint32_t *x, size_t count) {
    const uint32_t low = 90 + random_below(random, 50);
    for (size_t i = 0; i < count; i++)
        x[i] = random_float(random, low, low + 4);
    if (random_below(random, 8) == 0)
        x[random_below(random, (uint32_t)count)] = random_float(random, 143, 146);
    if (random_below(random, 16) == 0)
        memset(x, 0, count * sizeof *x);
}

static void test_norms(struct host_test *t, struct kit *k) {
    unsigned range = 0, zero = 0;
    for (unsigned round = 0; round < 20000; round++) {
        uint32_t x[160];
        const size_t count = 1 + random_below(&k->random, 160);
        const uint32_t eps = round % 4 == 0 ? 0 : to_bits(1e-6f);
        fill(&k->random, x, count);
        enum golden_fault norm = GOLDEN_FAULT_NONE, mean = GOLDEN_FAULT_NONE;
        struct naive n = {&k->naive, false}, m = {&k->naive, false};
        const uint32_t r = golden_norm_factor(&k->golden, x, count, eps, &norm);
        const uint32_t a = golden_mean(&k->golden, x, count, &mean);
        const uint32_t naive_r = n_norm_factor(&n, x, count, eps);
        const uint32_t naive_a = n_mean(&m, n_sum(&m, x, count, 1), count, -28);
        CHECK(t, n.error == (norm != GOLDEN_FAULT_NONE) && (n.error || r == naive_r),
              "norm of %zu: %08x, not %08x", count, r, naive_r);
        CHECK(t, m.error == (mean != GOLDEN_FAULT_NONE) && (m.error || a == naive_a),
              "mean of %zu: %08x, not %08x", count, a, naive_a);
        CHECK(t, !m.error || (mean == GOLDEN_FAULT_RANGE && norm == mean), "which fault");
        range += mean != GOLDEN_FAULT_NONE;
        zero += norm == GOLDEN_FAULT_DIVZERO;
    }
    CHECK(t, range > 1000 && zero > 100, "%u out of range, %u of zeros", range, zero);
}

static void test_rotation(struct host_test *t, struct kit *k) {
    unsigned overflows = 0;
    for (unsigned round = 0; round < 5000; round++) {
        uint32_t x[80], y[80], phase[40];
        uint64_t increment[40];
        const uint32_t pairs = random_below(&k->random, 41),
                       position = random_below(&k->random, 9999);
        const float magnitudes[] = {1, 1.19f, 2, 0.75f};
        const struct golden_rotary rotary = {.head_dim = 80,
                                             .pairs = pairs,
                                             .halves = round % 2 != 0,
                                             .increment = increment,
                                             .magnitude = to_bits(magnitudes[round % 4])};
        for (uint32_t j = 0; j < pairs; j++) {
            increment[j] = random_64(&k->random) >> 16;
            const uint64_t turn = (position * increment[j]) % ((uint64_t)1 << 48);
            phase[j] = (uint32_t)((turn + (1 << 23)) >> 24) % (1 << 24);
        }
        for (size_t i = 0; i < 80; i++)
            x[i] = random_float(&k->random, round % 8 ? 100 : 253, round % 8 ? 140 : 254);
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        const size_t done = golden_rope(&k->golden, &rotary, position, 0, x, 80, y, &fault);
        size_t i = 0;
        for (struct naive n = {&k->naive, false}; i < 80; i++) {
            const uint32_t expected =
                n_turn(&n, x, i, pairs, rotary.halves, phase, rotary.magnitude);
            if (n.error)
                break;
            CHECK(t, y[i] == expected, "element %zu of %u pairs: %08x, not %08x", i, pairs, y[i],
                  expected);
        }
        CHECK(t, done == i && (i < 80) == (fault == GOLDEN_FAULT_OVERFLOW), "%zu, not %zu", done,
              i);
        overflows += i < 80;
    }
    CHECK(t, overflows > 100, "%u overflows", overflows);
}

/* Logits of a router: wide apart, near, many alike, zeros of both signs, and too far apart. */
static void fill_logits(uint64_t *random, uint32_t *x, size_t count, unsigned round) {
    const uint32_t low = round % 8 == 0 ? 254 : 110 + random_below(random, 24);
    for (size_t i = 0; i < count; i++) {
        x[i] = random_float(random, low, low);
        if (round % 4 == 1 && i > 0 && random_below(random, 2) == 0)
            x[i] = x[random_below(random, (uint32_t)i)];
        if (round % 4 == 2 && random_below(random, 4) == 0)
            x[i] = random_below(random, 2) << 31;
    }
}

static void test_route(struct host_test *t, struct kit *k) {
    unsigned failed = 0, ties = 0, sums = 0, zeros = 0;
    for (unsigned round = 0; round < 20000; round++) {
        uint32_t x[128], y[128], other[128], chosen[128], expected[128];
        bool taken[128], unlike[128];
        const size_t count = 1 + random_below(&k->random, 128);
        const size_t used = 1 + random_below(&k->random, (uint32_t)count);
        const bool normalised = round / 8 % 2 == 0;
        fill_logits(&k->random, x, count, round);
        enum golden_fault fault = GOLDEN_FAULT_NONE;
        struct naive n = {&k->naive, false}, planted = {&k->naive, false};
        golden_route(&k->golden, x, count, used, normalised, chosen, y, &fault);
        n_route(&n, x, count, used, normalised, false, taken, expected);
        CHECK(t, fault == (n.error ? GOLDEN_FAULT_OVERFLOW : GOLDEN_FAULT_NONE), "fault %d",
              (int)fault);
        failed += n.error;
        if (n.error)
            continue;
        CHECK(t, memcmp(y, expected, count * sizeof *y) == 0, "weights of %zu of %zu", used, count);
        size_t at = 0;
        for (size_t i = 0; i < count; i++) {
            CHECK(t, !taken[i] || chosen[at] == i, "the %zuth choice of %zu is %u, not %zu", at,
                  used, chosen[at], i);
            at += taken[i];
            zeros += taken[i] && y[i] == 0;
        }
        n_route(&planted, x, count, used, normalised, true, unlike, other);
        ties += memcmp(taken, unlike, count * sizeof *taken) != 0;
        n_route(&planted, x, count, used, !normalised, false, unlike, other);
        sums += memcmp(y, other, count * sizeof *y) != 0;
    }
    CHECK(t, failed > 1000 && ties > 1000 && sums > 5000 && zeros > 100,
          "%u overflow, %u hang on a tie, %u on the sum, %u weights are 0", failed, ties, sums,
          zeros);
}

static void test_fixed(struct host_test *t, struct kit *k) {
    unsigned ties = 0;
    for (unsigned i = 0; i < 100000; i++) {
        const unsigned bits = i % 2 ? 16 : 24;
        uint32_t e = random_float(&k->random, 80, 126) & 0x7fffffff;
        e &= i % 3 ? 0xffffffff : 0xfff00000; /* few bits: ties */
        const double exact = ldexp((double)to_float(e), (int)bits);
        ties += exact - floor(exact) == 0.5;
        CHECK(t, golden_fixed(e, bits) == (uint32_t)nearbyint(exact), "%08x to %u bits", e, bits);
    }
    CHECK(t, golden_fixed(GOLDEN_ONE, 24) == 1u << 24 && golden_fixed(GOLDEN_ONE, 16) == 1u << 16,
          "1");
    CHECK(t, golden_fixed(0, 24) == 0 && ties > 100, "0, and %u ties", ties);
}

static void test_attention(struct host_test *t, struct kit *k) {
    unsigned failed = 0, matters = 0;
    for (unsigned round = 0; round < 2000; round++) {
        struct golden_block K[3 * 40], V[3 * 40], scratch[3];
        uint32_t q[80], y[80], expected[80], other[80], score[40];
        const float scales[] = {0.125f, 1, 0.11180340f};
        const struct naive_attention a = {.head_dim = 1 + random_below(&k->random, 80),
                                          .positions = 1 + random_below(&k->random, 40),
                                          .stride = 3,
                                          .act_bits = round % 2 ? 16 : 12,
                                          .scale = to_bits(scales[round % 3]),
                                          .cap = round % 4 ? 0 : caps[round / 4 % 3]};
        for (size_t b = 0; b < 3 * a.positions; b++) {
            uint32_t x[32] = {0}, v[32] = {0};
            for (size_t i = 0; i < 32 && b % 3 * 32 + i < a.head_dim; i++) {
                x[i] = random_float(&k->random, 118, 127);
                v[i] = random_float(&k->random, 100, 143);
            }
            naive_block(x, 32, 16, &K[b]);
            naive_block(v, 32, 16, &V[b]);
        }
        for (size_t i = 0; i < a.head_dim; i++)
            q[i] = random_float(&k->random, 118, round % 50 ? 130 : 146);
        const struct golden_attention g = {.head_dim = a.head_dim,
                                           .act_bits = a.act_bits,
                                           .scale = a.scale,
                                           .cap = to_bits(a.cap),
                                           .slope = golden_cap_slope(to_bits(a.cap)),
                                           .q = scratch,
                                           .score = score};
        struct naive n = {&k->naive, false};
        enum golden_fault fault;
        const size_t done = golden_attend_head(&k->golden, &g, q, K, V, 3, a.positions, y, &fault);
        const bool fine = n_attend(&n, &a, q, K, V, expected);
        failed += !fine;
        CHECK(t,
              fine ? done == a.head_dim && fault == GOLDEN_FAULT_NONE
                   : done == 0 && fault == GOLDEN_FAULT_RANGE,
              "%zu of %zu elements", done, a.head_dim);
        CHECK(t, !fine || memcmp(y, expected, a.head_dim * sizeof *y) == 0, "%zu positions of %zu",
              a.positions, a.head_dim);
        /* Another first position gives something else. */
        if (fine && a.positions > 1) {
            golden_attend_head(&k->golden, &g, q, K + 3, V + 3, 3, a.positions - 1, other, &fault);
            matters += memcmp(other, expected, a.head_dim * sizeof *y) != 0;
        }
    }
    CHECK(t, failed > 10 && matters > 1000, "%u failed, %u differ", failed, matters);
}

/* ---- Local layers ---- */

static void test_local(struct host_test *t) {
    struct ls_model m = {.local_period = 6, .local_count = 5, .local_window = 4};
    static const uint32_t first[] = {0, 0, 0, 0, 1, 2, 3, 4};
    for (uint32_t layer = 0; layer < 13; layer++)
        for (uint32_t pos = 0; pos < 8; pos++)
            CHECK(t, golden_first_seen(&m, layer, pos) == (layer % 6 == 5 ? 0 : first[pos]),
                  "layer %u, position %u", layer, pos);
    m.local_window = 0;
    CHECK(t, golden_first_seen(&m, 0, 100) == 0, "a local layer without a window");
    m = (struct ls_model){.local_window = 4};
    CHECK(t, golden_first_seen(&m, 0, 100) == 0, "a window without local layers");
}

/* ---- Ops: words and the element that fails ---- */

enum { HEAD = 8, N = 3 * HEAD, USED = 5 /* experts of N */ };

/* A run of two vectors, a and b, and one op behind them. */
struct op_run {
    struct ls_model model;
    struct golden golden;
    struct golden_record record[4];
    struct golden_slot slot;
    char name[4][ROLE_NAME_SIZE];
    uint32_t a[N], b[N], arena[2 * N], chosen[USED];
    struct golden_run run;
};

static struct golden_run *start_op(struct kit *k, struct op_run *o) {
    memset(o, 0, sizeof *o);
    o->model.head_dim = HEAD;
    o->model.experts = N;
    o->model.experts_used = USED;
    o->model.experts_normalised = true;
    o->golden.slot = &o->slot;
    o->golden.slots = 1;
    o->golden.model = &o->model;
    o->golden.tables = k->golden;
    o->golden.eps = to_bits(1e-5f);
    o->golden.plan.name = o->name;
    for (size_t i = 0; i < N; i++) {
        o->a[i] = random_float(&k->random, 120, 130);
        o->b[i] = random_float(&k->random, 120, 130);
    }
    o->record[0] = (struct golden_record){.words = o->a, .count = N};
    o->record[1] = (struct golden_record){.words = o->b, .count = N};
    o->golden.plan.record = o->record;
    o->slot = (struct golden_slot){.record = o->record,
                                   .records = 2,
                                   .arena = o->arena,
                                   .chosen = o->chosen,
                                   .computing = true};
    o->run = (struct golden_run){
        .golden = &o->golden, .model = &o->model, .records = 2, .layer = -1, .turn = -1};
    return &o->run;
}

enum { CENTER, HEADCENTER, HEADNORM, OWN, GEGLU, GELU, SCALE, SIGMOID, WEIGH, ROUTE, OPS };

static void run_op(struct golden_run *run, int op) {
    const golden_value value[OPS] = {
        [CENTER] = op == CENTER ? op_center(run, "x", 0) : 2,
        [HEADCENTER] = op == HEADCENTER ? op_headcenter(run, "x", 0) : 2,
        [HEADNORM] = op == HEADNORM ? op_headnorm(run, "x", 0, 1) : 2,
        [OWN] = op == OWN ? op_headnorm_own(run, "x", 0, 1) : 2,
        [GEGLU] = op == GEGLU ? op_geglu(run, 0, 1) : 2,
        [GELU] = op == GELU ? op_gelu(run, 0) : 2,
        [SCALE] = op == SCALE ? op_scale(run, "x", to_bits(12.5f), 0) : 2,
        [SIGMOID] = op == SIGMOID ? op_sigmoid(run, "x", 0) : 2,
        [WEIGH] = op == WEIGH ? op_weigh(run, "x", 0, 1) : 2,
        [ROUTE] = op == ROUTE ? op_route(run, 0) : 2,
    };
    (void)value;
}

static uint32_t expected_of(struct kit *k, const struct op_run *o, int op, size_t i) {
    struct naive n = {&k->naive, false};
    const uint32_t a = o->a[i], b = o->b[i];
    const uint32_t *head = o->a + i / HEAD * HEAD;
    switch (op) {
    case CENTER:
        return n_sub(&n, a, n_mean(&n, n_sum(&n, o->a, N, 1), N, -28));
    case HEADCENTER:
        return n_sub(&n, a, n_mean(&n, n_sum(&n, head, HEAD, 1), HEAD, -28));
    case HEADNORM:
    case OWN:
        return n_mul(&n, n_mul(&n, a, n_norm_factor(&n, head, HEAD, o->golden.eps)),
                     op == OWN ? b : o->b[i % HEAD]);
    case GEGLU:
        return n_mul(&n, n_gelu(&n, a), b);
    case GELU:
        return n_gelu(&n, a);
    case SIGMOID:
        return n_sigmoid(&n, a);
    case WEIGH: /* outside a loop of experts: the first */
        return n_mul(&n, o->b[0], a);
    case ROUTE: {
        uint32_t y[N];
        bool chosen[N];
        n_route(&n, o->a, N, USED, true, false, chosen, y);
        return y[i];
    }
    default:
        return n_mul(&n, to_bits(12.5f), a);
    }
}

static void test_ops(struct host_test *t, struct kit *k) {
    static const uint32_t ops[OPS] = {
        LOCKSTEP_OP_CENTER, LOCKSTEP_OP_HEADCENTER, LOCKSTEP_OP_HEADNORM, LOCKSTEP_OP_HEADNORM_OWN,
        LOCKSTEP_OP_GEGLU,  LOCKSTEP_OP_GELU,       LOCKSTEP_OP_SCALE,    LOCKSTEP_OP_SIGMOID,
        LOCKSTEP_OP_WEIGH,  LOCKSTEP_OP_ROUTE};
    for (int op = 0; op < OPS; op++) {
        static struct op_run o;
        run_op(start_op(k, &o), op);
        const struct golden_record *r = &o.record[2];
        CHECK(t, o.slot.records == 3 && r->op == ops[op] && r->count == N && r->input[0] == 0,
              "%s: its record", op_info[ops[op]].name);
        CHECK(t,
              in_mask(LOCKSTEP_OPS_COMMIT, r->op) && r->unit == op_info[r->op].unit &&
                  (r->input[1] == 1) == (op == HEADNORM || op == OWN || op == GEGLU || op == WEIGH),
              "%s: unit or second input", op_info[ops[op]].name);
        for (size_t i = 0; i < N; i++)
            CHECK(t, r->words[i] == expected_of(k, &o, op, i), "%s: element %zu",
                  op_info[ops[op]].name, i);
    }
}

/* One element of an op's input is wrong; which element of its result is the first to fail? */
static void test_op_faults(struct host_test *t, struct kit *k) {
    static const struct {
        int op;
        bool in_b;
        size_t at;
        float value;
        enum golden_fault fault;
        size_t fails;
    } cases[] = {
        {CENTER, false, 13, 0x1p18f, GOLDEN_FAULT_RANGE, 0},
        {HEADNORM, false, 13, 0x1p18f, GOLDEN_FAULT_RANGE, HEAD}, /* the head's first */
        {HEADNORM, true, 5, 0x1.8p127f, GOLDEN_FAULT_OVERFLOW, 5},
        {HEADCENTER, false, 2 * HEAD + 3, 0x1p18f, GOLDEN_FAULT_RANGE, 2 * HEAD},
        {OWN, false, 2 * HEAD + 3, 0x1p18f, GOLDEN_FAULT_RANGE, 2 * HEAD},
        {OWN, true, HEAD + 5, 0x1.8p127f, GOLDEN_FAULT_OVERFLOW, HEAD + 5},
        {GEGLU, false, 13, 0x1p64f, GOLDEN_FAULT_OVERFLOW, 13}, /* its square */
        {GEGLU, false, 14, -0x1p64f, GOLDEN_FAULT_OVERFLOW, 14},
        {GEGLU, true, 15, 0x1.8p127f, GOLDEN_FAULT_OVERFLOW, 15},
        {GELU, false, 0, 0x1p64f, GOLDEN_FAULT_OVERFLOW, 0},
        {SCALE, false, N - 1, 0x1p125f, GOLDEN_FAULT_OVERFLOW, N - 1},
        {WEIGH, true, 0, 0x1.8p127f, GOLDEN_FAULT_OVERFLOW, 1}, /* the first that is not 0 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct op_run o;
        struct golden_run *run = start_op(k, &o);
        for (size_t e = 0; e < N; e++)
            o.a[e] = o.b[e] = to_bits(e % 2 ? 2.0f : 0.0f); /* normed, 2 becomes the root of 2 */
        (cases[i].in_b ? o.b : o.a)[cases[i].at] = to_bits(cases[i].value);
        run_op(run, cases[i].op);
        CHECK(t, o.slot.stop.fault == cases[i].fault && o.record[2].count == cases[i].fails,
              "case %zu: fault %d at %zu", i, (int)o.slot.stop.fault, o.record[2].count);
        CHECK(t, o.slot.stop.met == 1u << cases[i].fault, "case %zu: %x", i, o.slot.stop.met);
        op_gelu(run, 0);
        CHECK(t, o.slot.records == 3, "an op behind one that failed");
    }
    static struct op_run o;
    struct golden_run *run = start_op(k, &o);
    /* A difference that is too large. */
    o.a[3] = to_bits(-0x1.8p127f);
    o.a[17] = to_bits(0x1.8p127f);
    run_op(run, ROUTE);
    CHECK(t, o.slot.stop.fault == GOLDEN_FAULT_OVERFLOW && o.record[2].count == 0,
          "ROUTE: %d at %zu", (int)o.slot.stop.fault, o.record[2].count);
    /* In the loop of experts, that of the expert. */
    run = start_op(k, &o);
    o.chosen[2] = 7;
    run->turn = 2;
    run_op(run, WEIGH);
    struct naive n = {&k->naive, false};
    for (size_t i = 0; i < N; i++)
        CHECK(t, o.record[2].words[i] == n_mul(&n, o.b[7], o.a[i]), "WEIGH in a loop, element %zu",
              i);
    CHECK(t, o.record[2].expert == 7, "the record's expert");
    /* Zeros without epsilon: no root. */
    run = start_op(k, &o);
    o.golden.eps = 0;
    memset(o.a + 2 * HEAD, 0, HEAD * sizeof *o.a);
    run_op(run, HEADNORM);
    CHECK(t, o.slot.stop.fault == GOLDEN_FAULT_DIVZERO && o.record[2].count == 2 * HEAD,
          "zeros: %d at %zu", (int)o.slot.stop.fault, o.record[2].count);
}

int main(void) {
    struct host_test t = {"golden_vector", 0, 0};
    static struct kit k = {.random = 12};
    golden_tables_init(&k.golden);
    tables_make(&k.naive);
    test_functions(&t, &k);
    test_distance(&t, &k);
    test_norms(&t, &k);
    test_rotation(&t, &k);
    test_route(&t, &k);
    test_fixed(&t, &k);
    test_attention(&t, &k);
    test_local(&t);
    test_ops(&t, &k);
    test_op_faults(&t, &k);
    return host_test_finish(&t);
}
