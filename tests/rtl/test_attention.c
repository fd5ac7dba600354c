/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Drives attention_tb: KV and ATTEND over random states of the KV memory, compared to the bit with
 * what docs/numerics.md, section 6, says: every committed word in order, the vector SRAM, the KV
 * memory, the counts of events. Then errors and the way back, and faults that the comparison must
 * see.
 *
 *     test_attention [--fault] [--bench] [seed]
 *
 * --fault plants a fault in the device: the test must fail. --bench tells cycles a group and
 * simulated words a second, and checks nothing.
 */
#include "attention_oracle.h"

#include <time.h>

#include "csrc/expect/cycles_attend.h"

/* --- Comparison --- */

/* How many committed words differ; `prefix`: the device may have stopped early. */
static size_t commits_differ(const struct bench *b, bool prefix) {
    size_t differ = 0, n = b->seen.count;
    if (n > b->expected.count || (!prefix && n < b->expected.count))
        return SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        differ += memcmp(&b->seen.list[i], &b->expected.list[i], sizeof b->seen.list[i]) != 0;
    return differ;
}

static void check_op(struct bench *b, const char *what, const struct geometry *g, int error,
                     int slot) {
    struct host_test *t = &b->test;
    CHECK(t, b->done == (error == 0), "%s: done %d, model error %d\n", what, b->done, error);
    CHECK(t, b->err_code == (uint32_t)error, "%s: error %" PRIu32 ", not %d\n", what, b->err_code,
          error);
    if (error)
        CHECK(t, b->err_slot == (uint32_t)slot, "%s: slot %" PRIu32 ", not %d\n", what, b->err_slot,
              slot);
    size_t differ = commits_differ(b, error != 0);
    CHECK(t, differ == 0,
          "%s: %zu of %zu words (%zu expected) differ, heads %" PRIu32 "/%" PRIu32 " dim %" PRIu32
          " pos %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 "\n",
          what, differ, b->seen.count, b->expected.count, g->heads, g->n_kv, g->dim, g->pos[0],
          g->pos[1], g->pos[2], g->pos[3]);
    t->checks += b->seen.count;
    if (!error)
        CHECK(t, memcmp(b->vec, b->model, sizeof b->vec) == 0, "%s: vector SRAM\n", what);
}

static void check_kv(struct bench *b) {
    for (uint32_t i = 0; i < b->kv_words; i++) {
        struct model_block block = kv_peek(b, i);
        CHECK(&b->test, memcmp(&block, &b->kv[i], sizeof block) == 0, "KV word %" PRIu32 "\n", i);
    }
}

/* --- Data --- */

enum mode { NORMAL, PEAKED, EQUAL, ZERO_V, WIDE, TINY, MODES };

static uint32_t draw_float(struct bench *b, enum mode mode) {
    uint32_t sign_and_fraction = (uint32_t)top_random(&b->top) & 0x807fffff;
    uint32_t exponent;
    switch (mode) {
    case PEAKED:
        exponent = 124 + top_below(&b->top, 8);
        break;
    case WIDE: /* up to just below 2^18, zeros and subnormals */
        exponent = top_below(&b->top, 8) == 0 ? 0 : 90 + top_below(&b->top, 55);
        break;
    case TINY:
        exponent = 80 + top_below(&b->top, 40);
        break;
    default:
        exponent = 119 + top_below(&b->top, 8);
    }
    return sign_and_fraction | exponent << 23;
}

/* Random words where the op reads, elsewhere what was there. */
static void fill_vectors(struct bench *b, uint32_t from, uint32_t count, enum mode mode) {
    for (int s = 0; s < SLOTS; s++)
        for (uint32_t i = from; i < from + count; i++)
            b->vec[s][i] = b->model[s][i] = draw_float(b, mode);
}

/* The past: K and V of the positions before each active slot's, through the debug port. */
static void fill_past(struct bench *b, const struct geometry *g, enum mode mode) {
    for (int s = 0; s < SLOTS; s++) {
        if (!(g->active >> s & 1))
            continue;
        for (uint32_t kv = 0; kv < 2; kv++)
            for (uint32_t head = 0; head < g->n_kv; head++)
                for (uint32_t pos = 0; pos < g->pos[s]; pos++)
                    for (uint32_t k = 0; 32 * k < g->dim; k++) {
                        uint64_t at = kv_address(g, g->seq[s], kv, head, pos, k);
                        uint32_t left = g->dim - 32 * k;
                        uint32_t x[32];
                        for (int i = 0; i < 32; i++)
                            x[i] = draw_float(b, mode);
                        if (mode == ZERO_V && kv == 1)
                            memset(x, 0, sizeof x);
                        if (mode == EQUAL && kv == 0 && pos > 0)
                            b->kv[at] = b->kv[kv_address(g, g->seq[s], 0, head, 0, k)];
                        else
                            model_quantise(x, left < 32 ? left : 32, 16, &b->kv[at]);
                        kv_poke(b, (uint32_t)at, &b->kv[at]);
                    }
    }
}

/* Positions that take part, of those up to `pos`. */
static uint32_t seen(const struct geometry *g, uint32_t pos) {
    return g->window != 0 && g->window <= pos ? g->window : pos + 1;
}

static uint64_t attend_cycles(const struct bench *b, const struct geometry *g) {
    const struct cycles_attend shape = {.lanes = b->vlanes,
                                        .group = b->attn_heads,
                                        .heads = g->heads,
                                        .kv_heads = g->n_kv,
                                        .head_dim = g->dim,
                                        .capped = g->cap != 0};
    uint32_t positions[SLOTS], slots = 0;
    for (uint32_t s = 0; s < SLOTS; s++)
        if (g->active >> s & 1)
            positions[slots++] = seen(g, g->pos[s]);
    return cycles_attend(&shape, positions, slots);
}

/* How often a position's K and V are read, of all heads. */
static uint64_t attend_readings(const struct bench *b, const struct geometry *g) {
    return g->n_kv * ((g->heads / g->n_kv + b->attn_heads - 1) / b->attn_heads);
}

/* KV, then ATTEND, of a geometry whose past is in place. */
static void run_pair(struct bench *b, const struct geometry *g, enum mode mode) {
    struct geometry kv = *g, at = *g;
    struct host_test *t = &b->test;
    uint32_t units = (g->heads * g->dim + 31) / 32;
    int slot = 0, error;

    kv.a = top_below(&b->top, VEC_MAX / 32 - 2 * units - 2); /* anywhere */
    kv.b = kv.a + units + top_below(&b->top, 3);
    fill_vectors(b, 0, VEC_MAX, mode);
    if (mode == ZERO_V)
        for (int s = 0; s < SLOTS; s++)
            memset(&b->vec[s][32 * kv.b], 0, g->n_kv * g->dim * sizeof(uint32_t));
    memcpy(b->model, b->vec, sizeof b->vec);
    error = model_kv(b, &kv, &slot);
    run_op(b, LOCKSTEP_OP_KV, &kv, 1000000);
    check_op(b, "KV", &kv, error, slot);
    CHECK(t, b->writes * 17 == b->expected.count, "%" PRIu64 " KV writes\n", b->writes);

    at.a = top_below(&b->top, VEC_MAX / 32 - 2 * units - 2);
    at.dst = at.a + units + top_below(&b->top, 3);
    fill_vectors(b, 32 * at.a, g->heads * g->dim, mode);
    error = model_attend(b, &at, &slot);
    run_op(b, LOCKSTEP_OP_ATTEND, &at, 10000000);
    check_op(b, "ATTEND", &at, error, slot);
    if (error) {
        clear(b);
        return;
    }
    uint64_t words = 0, positions = 0;
    for (int s = 0; s < SLOTS; s++)
        if (g->active >> s & 1)
            positions += seen(g, g->pos[s]);
    words = 2 * positions * ((g->dim + 31) / 32);
    CHECK(t, b->reads == words * attend_readings(b, g), "%" PRIu64 " KV reads\n", b->reads);
    CHECK(t, b->macs == words * g->heads * 32, "%" PRIu64 " MACs\n", b->macs);
    if (g->active != 0)
        CHECK(t, b->cycles == attend_cycles(b, g), "%" PRIu64 " cycles, not %" PRIu64 "\n",
              b->cycles, attend_cycles(b, g));
}

static uint32_t scale_of(uint32_t dim) {
    return to_bits((float)(1 / sqrt((double)dim)));
}

/* Windows of 1, 2, up to the context and beyond; slots at different positions about its bounds. */
static void test_windows(struct bench *b) {
    static const struct {
        uint32_t heads, n_kv, dim, context;
    } shapes[] = {{8, 4, 8, 64}, {6, 2, 48, 40}, {8, 1, 96, 24}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const uint32_t context = shapes[i].context;
        const uint32_t windows[] = {1,           2,       3,           7,    context / 2,
                                    context - 1, context, context + 1, 65535};
        for (size_t k = 0; k < sizeof windows / sizeof *windows; k++) {
            struct geometry g = {.layers = 2,
                                 .layer = 1,
                                 .heads = shapes[i].heads,
                                 .n_kv = shapes[i].n_kv,
                                 .dim = shapes[i].dim,
                                 .context = context,
                                 .scale = scale_of(shapes[i].dim),
                                 .window = windows[k],
                                 .seq = {0, 1, 2, 3},
                                 .active = 15};
            const uint32_t about = windows[k] < context ? windows[k] : context - 1;
            g.pos[0] = about == 0 ? 0 : about - 1;
            g.pos[1] = about;
            g.pos[2] = about + 1 < context ? about + 1 : 0;
            g.pos[3] = k % 2 ? context - 1 : top_below(&b->top, context);
            if (k % 3 == 0) {
                g.cap = to_bits(30.0f);
                g.cap_slope = to_bits(2 / 30.0f);
            }
            fill_past(b, &g, (enum mode)(k % MODES));
            run_pair(b, &g, (enum mode)(k % MODES));
        }
    }
}

/* Caps, with scores that are small, about the cap, far above it, and zero of both signs. */
static void test_caps(struct bench *b) {
    static const float caps[] = {50, 30, 1, 0x1p-100f, 0x1p-20f, 1e30f, 0x1.fffffep127f};
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++)
        for (int m = 0; m < MODES; m++) {
            struct geometry g = {.layers = 1,
                                 .heads = 6,
                                 .n_kv = 2,
                                 .dim = m % 2 ? 16 : 40,
                                 .context = 40,
                                 .scale = scale_of(40),
                                 .cap = to_bits(caps[i]),
                                 .cap_slope = to_bits(2 / caps[i]),
                                 .window = m == EQUAL ? 5 : 0,
                                 .seq = {0, 1, 2, 3},
                                 .pos = {0, 39, 12, top_below(&b->top, 40)},
                                 .active = m == PEAKED ? 15 : 10};
            if (exp_field(g.cap_slope) == 0) /* 2 / cap is below the normal range */
                g.cap_slope = 0x00800000;
            fill_past(b, &g, (enum mode)m);
            run_pair(b, &g, (enum mode)m);
        }
}

struct shape {
    uint32_t heads, n_kv, dim, context;
};

static void test_shapes(struct bench *b) {
    static const struct shape shapes[] = {
        {8, 4, 8, 256},  {4, 4, 16, 128}, {6, 2, 48, 64},  {4, 1, 64, 128},
        {3, 3, 80, 32},  {9, 3, 64, 32},  {8, 1, 80, 64},  {1, 1, 256, 64},
        {8, 2, 160, 32}, {2, 1, 32, 220}, {12, 2, 16, 64}, {6, 3, 12, 64},
        {5, 5, 22, 48},  {4, 2, 97, 40},  {2, 1, 8, 1000}, {33, 33, 2, 60},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int m = 0; m < MODES && shapes[i].context <= b->context_max; m++) {
            const struct shape *s = &shapes[i];
            struct geometry g = {.layers = 2,
                                 .layer = top_below(&b->top, 2),
                                 .heads = s->heads,
                                 .n_kv = s->n_kv,
                                 .dim = s->dim,
                                 .context = s->context,
                                 .scale = scale_of(s->dim)};
            uint64_t end = kv_address(&g, SEQS, 0, 0, 0, 0);
            uint32_t seqs = end > b->kv_words ? 2 : SEQS;
            /* One slot; then several: of their own sequences, or consecutive in one. */
            g.active = 1u << top_below(&b->top, SLOTS);
            for (int k = 0; k < SLOTS; k++) {
                g.pos[k] = m == 0 ? s->context - 1 : top_below(&b->top, s->context);
                g.seq[k] = top_below(&b->top, seqs);
            }
            fill_past(b, &g, (enum mode)m);
            run_pair(b, &g, (enum mode)m);

            uint32_t first = top_below(&b->top, m % 2 ? 3 : s->context - SLOTS);
            g.active = m == 1 ? 15 : top_below(&b->top, 16);
            for (uint32_t k = 0; k < SLOTS; k++) {
                bool own = m == 2 && k == 3;
                g.seq[k] = own ? 1 : 0;
                g.pos[k] = own ? 0 : first + k;
            }
            uint32_t active = g.active;
            g.active = 1; /* the past of slot 0 is that of the others, too */
            fill_past(b, &g, (enum mode)m);
            g.active = active;
            run_pair(b, &g, (enum mode)m);
        }
}

/* After an error the unit rests until it is cleared, then works. */
static void expect_dead_then_recover(struct bench *b, const struct geometry *good) {
    size_t seen = b->seen.count;
    b->err_code = 0;
    for (int i = 0; i < 300; i++)
        tick(b);
    CHECK(&b->test, !b->done && b->err_code == 0 && b->seen.count == seen, "not at rest\n");
    clear(b);
    memcpy(b->model, b->vec, sizeof b->vec);
    run_pair(b, good, NORMAL);
}

static void expect_error(struct bench *b, uint32_t op, const struct geometry *g, int code,
                         const struct geometry *good) {
    int slot = 0;
    int error = op == LOCKSTEP_OP_KV ? model_kv(b, g, &slot) : model_attend(b, g, &slot);
    CHECK(&b->test, error == code, "the model says %d, not %d\n", error, code);
    run_op(b, op, g, 100000);
    check_op(b, "error", g, code, slot);
    expect_dead_then_recover(b, good);
}

/* Slot 1 at position 1 of sequence 2: one element that is not 0, with K 1.5 and -1.5. */
static void put_opposites(struct bench *b, const struct geometry *g) {
    for (uint32_t pos = 0; pos < 2; pos++) {
        uint32_t at = (uint32_t)kv_address(g, 2, 0, 0, pos, 0);
        const uint32_t x = to_bits(pos ? -1.5f : 1.5f);
        model_quantise(&x, 1, 16, &b->kv[at]);
        kv_poke(b, at, &b->kv[at]);
    }
    for (int i = 0; i < 8; i++)
        b->vec[1][i] = b->model[1][i] = i ? 0 : 0x3f800000;
}

static void test_errors(struct bench *b) {
    struct geometry good = {.layers = 1,
                            .heads = 4,
                            .n_kv = 2,
                            .dim = 48,
                            .context = 32,
                            .scale = scale_of(48),
                            .active = 15,
                            .a = 0,
                            .b = 8,
                            .dst = 8};
    for (uint32_t k = 0; k < SLOTS; k++) {
        good.pos[k] = 5 + k;
        good.seq[k] = 2;
    }
    struct geometry one = good;
    one.active = 1;
    fill_past(b, &one, NORMAL);
    run_pair(b, &good, NORMAL);

    struct geometry bad = good; /* beyond the context */
    bad.pos[2] = 32;
    expect_error(b, LOCKSTEP_OP_KV, &bad, LOCKSTEP_ERROR_KV_FULL, &good);
    expect_error(b, LOCKSTEP_OP_ATTEND, &bad, LOCKSTEP_ERROR_KV_FULL, &good);
    for (uint32_t n_kv = 1; n_kv <= 2; n_kv++) { /* the last position that the memory holds */
        const uint32_t words = 4 * n_kv;         /* of a position */
        bad = good;
        bad.active = 1;
        bad.n_kv = n_kv;
        bad.context = (b->kv_words - 20 * words) / (2 * words); /* two sequences lie before it */
        bad.pos[0] = (b->kv_words - 2 * words * bad.context) / words - 1;
        fill_past(b, &bad, NORMAL);
        run_pair(b, &bad, NORMAL);
        bad.pos[0]++;
        fill_past(b, &one, NORMAL);
        expect_error(b, LOCKSTEP_OP_KV, &bad, LOCKSTEP_ERROR_KV_FULL, &good);
        expect_error(b, LOCKSTEP_OP_ATTEND, &bad, LOCKSTEP_ERROR_KV_FULL, &good);
    }
    bad = good; /* beyond the memory by far */
    bad.layers = 1;
    bad.context = b->kv_words / 24; /* 4 heads of K and V, 2 words, 3 sequences */
    bad.seq[3] = 3;
    expect_error(b, LOCKSTEP_OP_KV, &bad, LOCKSTEP_ERROR_KV_FULL, &good);
    bad.layers = 255;
    bad.layer = 254;
    bad.context = 65535;
    bad.n_kv = bad.heads = 255;
    bad.pos[0] = 1;
    expect_error(b, LOCKSTEP_OP_KV, &bad, LOCKSTEP_ERROR_KV_FULL, &good);

    fill_vectors(b, 0, VEC_MAX, NORMAL); /* 2^18 in the last V block of slot 1 */
    b->vec[1][32 * good.b + 95] = b->model[1][32 * good.b + 95] = 0x48800000;
    expect_error(b, LOCKSTEP_OP_KV, &good, LOCKSTEP_ERROR_RANGE, &good);
    fill_vectors(b, 0, VEC_MAX, NORMAL); /* and in the last query head of slot 3 */
    b->vec[3][150] = b->model[3][150] = 0xc8800000;
    expect_error(b, LOCKSTEP_OP_ATTEND, &good, LOCKSTEP_ERROR_RANGE, &good);

    bad = good; /* scores too large, then only their difference */
    bad.scale = 0x7f000000;
    fill_vectors(b, 0, VEC_MAX, PEAKED);
    expect_error(b, LOCKSTEP_OP_ATTEND, &bad, LOCKSTEP_ERROR_OVERFLOW, &good);
    bad.active = 2;
    bad.pos[1] = 1;
    bad.heads = bad.n_kv = 1;
    bad.dim = 8;
    bad.scale = 0x7f000000; /* 2^127 * +-1.5 */
    put_opposites(b, &bad);
    expect_error(b, LOCKSTEP_OP_ATTEND, &bad, LOCKSTEP_ERROR_OVERFLOW, &one);

    /* A query of the next group is out of range, which is known before that difference. */
    bad.heads = b->attn_heads + 1;
    put_opposites(b, &bad);
    for (uint32_t i = 8; i < 8 * bad.heads; i++)
        b->vec[1][i] = b->model[1][i] = i < 8 * b->attn_heads ? 0 : 0xc8800000;
    expect_error(b, LOCKSTEP_OP_ATTEND, &bad, LOCKSTEP_ERROR_OVERFLOW, &one);
    bad.heads = 1;

    /* A cap keeps their difference small, unless a score times its slope is too large. */
    int slot;
    bad.cap = to_bits(50.0f);
    bad.cap_slope = to_bits(2 / 50.0f);
    put_opposites(b, &bad);
    CHECK(&b->test, model_attend(b, &bad, &slot) == 0, "the model has an error with a cap\n");
    run_op(b, LOCKSTEP_OP_ATTEND, &bad, 100000);
    check_op(b, "capped", &bad, 0, 0);
    bad.cap_slope = to_bits(4.0f);
    expect_error(b, LOCKSTEP_OP_ATTEND, &bad, LOCKSTEP_ERROR_OVERFLOW, &one);
}

/* Cleared or reset at any cycle, the unit starts afresh. */
static void test_clear(struct bench *b) {
    struct geometry g = {.layers = 1,
                         .heads = 4,
                         .n_kv = 2,
                         .dim = 64,
                         .context = 16,
                         .scale = scale_of(64),
                         .active = 15,
                         .a = 0,
                         .b = 8,
                         .dst = 16};
    for (uint32_t k = 0; k < SLOTS; k++) {
        g.pos[k] = 3 + k;
        g.seq[k] = 1;
    }
    struct geometry one = g;
    one.active = 1;
    fill_past(b, &one, NORMAL);
    for (uint32_t cycles = 1; cycles < 300; cycles += 1 + top_below(&b->top, 7)) {
        run_op(b, cycles % 3 ? LOCKSTEP_OP_ATTEND : LOCKSTEP_OP_KV, &g, cycles);
        if (cycles % 2)
            clear(b);
        else
            top_reset(&b->top, 3);
        run_pair(b, &g, NORMAL);
    }
}

/* Flips a bit of a K or V word behind the model's back: the comparison must see it. */
static void test_flipped_word(struct bench *b) {
    struct geometry g = {.layers = 1,
                         .heads = 2,
                         .n_kv = 2,
                         .dim = 40,
                         .context = 32,
                         .scale = scale_of(40),
                         .active = 1,
                         .pos = {9},
                         .dst = 8};
    fill_past(b, &g, NORMAL);
    run_pair(b, &g, NORMAL);
    for (uint32_t kv = 0; kv < 2; kv++) {
        uint32_t at = (uint32_t)kv_address(&g, 0, kv, 1, 4, 1);
        struct model_block flipped = b->kv[at];
        int slot;
        flipped.m[7] ^= 1 << 13;
        kv_poke(b, at, &flipped);
        fill_vectors(b, 0, 96, NORMAL);
        model_attend(b, &g, &slot);
        run_op(b, LOCKSTEP_OP_ATTEND, &g, 100000);
        CHECK(&b->test, commits_differ(b, false) != 0, "flipped %c not seen\n", kv ? 'V' : 'K');
        kv_poke(b, at, &b->kv[at]);
        memcpy(b->vec, b->model, sizeof b->vec);
    }
    run_op(b, LOCKSTEP_OP_ATTEND, &g, 100000);
    CHECK(&b->test, commits_differ(b, false) == 0, "the word restored is\n");
}

/* A device with a window off by one, or without the cap: the comparison must see it. */
static void test_other_settings(struct bench *b) {
    const struct geometry good = {.layers = 1,
                                  .heads = 2,
                                  .n_kv = 2,
                                  .dim = 40,
                                  .context = 32,
                                  .scale = scale_of(40),
                                  .active = 1,
                                  .pos = {9},
                                  .dst = 8,
                                  .window = 4,
                                  .cap = to_bits(1.0f),
                                  .cap_slope = to_bits(2.0f)};
    fill_past(b, &good, NORMAL);
    run_pair(b, &good, NORMAL);
    for (int fault = 0; fault < 4; fault++) {
        struct geometry bad = good;
        int slot;
        bad.window += fault == 1 ? 1 : fault == 2 ? -1u : 0;
        bad.cap = fault == 3 ? 0 : bad.cap;
        fill_vectors(b, 0, 96, NORMAL);
        model_attend(b, &good, &slot);
        run_op(b, LOCKSTEP_OP_ATTEND, &bad, 100000);
        CHECK(&b->test, (commits_differ(b, false) != 0) == (fault != 0), "fault %d\n", fault);
        memcpy(b->vec, b->model, sizeof b->vec);
    }
}

/* A device that writes the last row of a head whole though it is short: the comparison of the
 * vector SRAM must see it. */
static void test_whole_rows(struct bench *b) {
    const struct geometry g = {.layers = 1,
                               .heads = 2,
                               .n_kv = 1,
                               .dim = 22,
                               .context = 32,
                               .scale = scale_of(22),
                               .active = 1,
                               .pos = {3},
                               .dst = 8};
    int slot;
    fill_past(b, &g, NORMAL);
    run_pair(b, &g, NORMAL);
    for (int fault = 0; fault < 2; fault++) {
        fill_vectors(b, 0, 512, NORMAL);
        model_attend(b, &g, &slot);
        *b->p.fault_i = fault ? 2 : 0;
        run_op(b, LOCKSTEP_OP_ATTEND, &g, 100000);
        CHECK(&b->test, (memcmp(b->vec, b->model, sizeof b->vec) != 0) == (fault != 0), "rows %s\n",
              fault ? "written whole: not seen" : "written");
        memcpy(b->vec, b->model, sizeof b->vec);
    }
    *b->p.fault_i = 0;
}

/* Any shape that the memories hold. */
static void test_random(struct bench *b) {
    for (int i = 0; i < 40; i++) {
        uint32_t n_kv = 1 + top_below(&b->top, 4),
                 dim = 1 + top_below(&b->top, top_below(&b->top, 2) ? HEAD_MAX : 24);
        uint32_t heads = n_kv * (1 + top_below(&b->top, 6));
        enum mode mode = (enum mode)top_below(&b->top, MODES);
        if (heads * dim > 1600)
            continue;
        struct geometry g = {.layers = 1,
                             .heads = heads,
                             .n_kv = n_kv,
                             .dim = dim,
                             .active = top_below(&b->top, 16),
                             .scale = draw_float(b, NORMAL),
                             .window = top_below(&b->top, 2) ? top_below(&b->top, 45) : 0};
        if (top_below(&b->top, 2)) {
            g.cap = draw_float(b, PEAKED) & 0x7fffffff;
            g.cap_slope = to_bits(2 / to_float(g.cap));
        }
        uint32_t fit = b->kv_words / (SEQS * 2 * n_kv * ((dim + 31) / 32));
        g.context = 1 + top_below(&b->top, fit < b->context_max ? fit : b->context_max);
        for (uint32_t k = 0; k < SLOTS; k++) {
            g.seq[k] = SEQS - 1 - k;
            g.pos[k] = top_below(&b->top, g.context < 40 ? g.context : 40);
        }
        fill_past(b, &g, mode);
        run_pair(b, &g, mode);
    }
}

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void bench_speed(struct bench *b) {
    static const uint32_t dims[] = {8, 32, 64, 128};
    for (size_t i = 0; i < sizeof dims / sizeof *dims; i++)
        for (uint32_t pos = 0; pos < 256; pos = 4 * pos + 3) {
            uint32_t words = (dims[i] + 31) / 32 * 2 * (pos + 1);
            uint64_t cycles[2] = {0}, all = 0, macs = 0;
            double start = cpu_seconds();
            for (uint64_t r = 0; r < 200; r++)
                for (uint32_t k = 0; k < 2; k++) {
                    uint32_t groups = 2 + 2 * k;
                    struct geometry g = {.layers = 1,
                                         .heads = b->attn_heads * groups,
                                         .n_kv = groups,
                                         .dim = dims[i],
                                         .context = 256,
                                         .scale = scale_of(dims[i]),
                                         .active = 1,
                                         .pos = {pos},
                                         .dst = 64};
                    run_op(b, LOCKSTEP_OP_ATTEND, &g, 1000000);
                    cycles[k] = b->cycles;
                    all += b->cycles;
                    macs += b->macs;
                }
            double took = cpu_seconds() - start;
            double marginal = (double)(cycles[1] - cycles[0]) / 2;
            printf("dim %3" PRIu32 " pos %3" PRIu32 ": a group %6.1f cycles = 2 * wph * (p+1) + "
                   "%5.1f, an op %3.0f more; %.2f million cycles/s, %.0f million MAC/s\n",
                   dims[i], pos, marginal, marginal - words, (double)cycles[0] - 2 * marginal,
                   (double)all / took * 1e-6, (double)macs / took * 1e-6);
        }
    for (uint32_t n_kv = 1; n_kv <= 8; n_kv *= 8) {
        struct geometry g = {
            .layers = 1, .heads = 8, .n_kv = n_kv, .dim = 64, .context = 16, .active = 15, .b = 32};
        run_op(b, LOCKSTEP_OP_KV, &g, 100000);
        printf("KV of 4 slots, %" PRIu32 " heads of 64: %" PRIu64 " cycles\n", n_kv, b->cycles);
    }
    struct geometry none = {.layers = 1, .heads = 2, .n_kv = 2, .dim = 64, .context = 16};
    set_op(b, LOCKSTEP_OP_KV, &none);
    double start = cpu_seconds();
    for (int i = 0; i < 1000000; i++)
        tick(b);
    printf("idle: %.2f million cycles/s\n", 1 / (cpu_seconds() - start));
}

int main(int argc, char **argv) {
    static struct bench b = {.test = {"attention", 0, 0}};
    bool fault = false, bench = false;
    uint64_t seed = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--fault") == 0)
            fault = true;
        else if (strcmp(argv[i], "--bench") == 0)
            bench = true;
        else
            seed = strtoull(argv[i], NULL, 10);
    }
    b.kv = calloc(KV_MAX, sizeof *b.kv);
    b.seen.list = calloc(COMMITS_MAX, sizeof *b.seen.list);
    b.expected.list = calloc(COMMITS_MAX, sizeof *b.expected.list);
    if (b.kv == NULL || b.seen.list == NULL || b.expected.list == NULL)
        return 1;
    connect(&b, seed);
    *b.p.fault_i = fault;
    printf("attention: VLANES %" PRIu32 ", ATTN_HEADS %" PRIu32 ", ACT_BITS %" PRIu32
           ", seed %" PRIu64 "\n",
           b.vlanes, b.attn_heads, b.act_bits, seed);
    if (bench) {
        bench_speed(&b);
    } else {
        for (uint32_t i = 0; i < b.kv_words; i++)
            kv_poke(&b, i, &b.kv[i]);
        test_shapes(&b);
        test_windows(&b);
        test_caps(&b);
        test_random(&b);
        test_flipped_word(&b);
        test_other_settings(&b);
        test_whole_rows(&b);
        test_errors(&b);
        test_clear(&b);
        check_kv(&b);
    }
    top_close(&b.top);
    free(b.kv);
    free(b.seen.list);
    free(b.expected.list);
    return bench ? 0 : host_test_finish(&b.test);
}
