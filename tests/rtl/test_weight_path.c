/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * rtl/weights/weight_path.v against the oracle of tests/rtl/weight_oracle.h: random matrices and
 * rows of floats, back to back and prefetched, on a memory that stalls; errors; resets with beats
 * under way.
 *
 *     test_weight_path [seeds [first_seed]]
 *     test_weight_path fault      a wrong bit in the memory must be seen: exits 1
 *     test_weight_path bench      simulated MACs a second, port use (not part of the verdict)
 */
#include "weight_bench.h"

#include <time.h>

enum {
    OPS = 12,
    BLOCKS = VEC_WORDS / 32,
    PATIENCE = 200000, /* cycles without a result before the test gives up */
};

struct op {
    int floats; /* a row of floats, else a matrix */
    uint32_t type;
    uint32_t rows, cols, slots; /* slots: a mask */
    uint64_t addr;
    size_t bytes, fetch_bytes;
    uint32_t tag;
    /* What should go wrong: error code (0: nothing), and the first row (or float) not to come. */
    uint32_t code, code_row;
};

struct run {
    struct bench *b;
    struct op op[OPS];
    unsigned ops, fetched, prefetch; /* prefetch: how many fetches may run ahead */
    struct oracle_act act[SLOTS][BLOCKS];
    unsigned failed; /* the error came as it should */
    int faulty;      /* wrong bits are planted, */
    unsigned wrong;  /* and gave so many wrong words or errors */
    unsigned errors; /* planted by test_errors */
};

/* A tag is a port of 16 or of 32 bits. */
static void put_tag(uint8_t *p, uint32_t tag) {
    if (TAGW > 16)
        put32(p, tag);
    else
        put16(p, tag);
}

static uint32_t get_tag(const uint8_t *p) {
    return TAGW > 16 ? oracle_u32(p) : oracle_u16(p);
}

/* The types that the device decodes. */
static uint32_t types[LOCKSTEP_TYPE_LIMIT], type_count;

static uint8_t *op_bytes(const struct run *r, const struct op *op) {
    return r->b->memory + (op->addr - r->b->base);
}

/* An op of random shape, its data in memory from *top on. */
static void op_random(struct run *r, struct op *op, uint64_t *top) {
    static const uint32_t odd[] = {1, 5, 33, 172, 31, 32, 64, 288};
    struct bench *b = r->b;
    uint64_t *rng = &b->top.random;
    op->code = 0;
    op->floats = random_below(rng, 3) == 0;
    op->type = types[random_below(rng, type_count)];
    op->slots =
        random_below(rng, 4) == 0 ? (1u << SLOTS) - 1 : 1 + random_below(rng, (1u << SLOTS) - 1);
    op->cols = random_below(rng, 2) ? odd[random_below(rng, 8)]
                                    : 1 + random_below(rng, random_below(rng, 8) ? 700 : VEC_WORDS);
    op->cols = (op->cols + type_info[op->type].elements - 1) / type_info[op->type].elements *
               type_info[op->type].elements;
    op->rows =
        op->floats ? 1 : 1 + random_below(rng, random_below(rng, 4) ? 12 : 1 + 12000 / op->cols);
    op->addr = *top + random_below(rng, 4 * BEAT);
    op->bytes = op->rows * oracle_row_bytes(op->type, op->cols);
    op->fetch_bytes = op->bytes + (random_below(rng, 8) ? 0 : random_below(rng, 6 * BEAT));
    op->tag = (uint32_t)(random_64(rng) >> (64 - TAGW));
    *top = op->addr + op->fetch_bytes;
    oracle_fill(rng, op->type, op->rows, op->cols, op_bytes(r, op));
}

static void run_random(struct run *r) {
    struct bench *b = r->b;
    uint64_t top = b->base + 4096 * top_below(&b->top, 16);
    r->ops = r->fetched = r->failed = 0;
    r->prefetch = top_below(&b->top, 10);
    while (r->ops < OPS) {
        op_random(r, &r->op[r->ops], &top);
        if (top + 4096 > b->base + MEMORY)
            break;
        r->ops++;
    }
}

/* Fetches run ahead of the ops, one a cycle at most; before bench_settle. */
static void run_fetch(struct run *r, unsigned now) {
    struct bench_pins *p = &r->b->pin;
    const struct op *op = &r->op[r->fetched];
    *p->fetch_valid_i = r->fetched < r->ops && r->fetched <= now + r->prefetch;
    if (*p->fetch_valid_i) {
        put64(p->fetch_addr_i, op->addr);
        put64(p->fetch_bytes_i, op->fetch_bytes);
        put_tag(p->fetch_tag_i, op->tag);
    }
}

/* The clock edge, with what the fetch in flight should make the port read. */
static void run_edge(struct run *r) {
    struct bench *b = r->b;
    if (*b->pin.fetch_valid_i && *b->pin.fetch_ready_o) {
        const struct op *op = &r->op[r->fetched++];
        uint64_t first = op->addr / BEAT, last = (op->addr + op->fetch_bytes - 1) / BEAT;
        for (uint64_t i = first; b->expected && i <= last && b->expected_tail < EXPECTED_MAX; i++)
            b->expected[b->expected_tail++] = i * BEAT;
    }
    bench_edge(b);
}

/* An error came: is it the one that should? */
static void check_error(struct run *r, const struct op *op, uint32_t row) {
    struct bench_pins *p = &r->b->pin;
    struct host_test *t = r->b->test;
    if (r->faulty) {
        r->wrong++;
        r->failed = 1;
        return;
    }
    uint32_t code = *p->err_code_o, tag = get_tag(p->err_tag_o);
    top_error(&r->b->top, code);
    CHECK(t, op->code == code, "error %u, should be %u", code, op->code);
    CHECK(t, op->tag == tag, "tag %u, should be %u", tag, op->tag);
    CHECK(t,
          code == LOCKSTEP_ERROR_PORT_RESPONSE || code == LOCKSTEP_ERROR_PORT_TIMEOUT ||
              row == op->code_row,
          "after row %u, should be %u", row, op->code_row);
    r->failed = 1;
}

/* A cycle between ops, in which a prefetch may fail. */
static void run_cycle(struct run *r, unsigned now) {
    run_fetch(r, now);
    bench_settle(r->b);
    if (*r->b->pin.err_o)
        check_error(r, &r->op[now], 0);
    run_edge(r);
}

static void write_acts(struct run *r, unsigned now) {
    struct bench *b = r->b;
    struct bench_pins *p = &b->pin;
    const struct op *op = &r->op[now];
    for (uint32_t s = 0; s < SLOTS; s++)
        for (uint32_t i = 0; i < (op->cols + 31) / 32; i++) {
            if (!(op->slots >> s & 1))
                continue;
            struct oracle_act *act = &r->act[s][i];
            oracle_fill_act(&b->top.random, act);
            *p->act_we_i = 1;
            *p->act_slot_i = (uint8_t)s;
            put16(p->act_block_i, i);
            put16(p->act_blocks_i, (op->cols + 31) / 32);
            for (int k = 0; k < 32; k++)
                put16(p->act_m_i + 2 * k, (uint16_t)act->m[k]);
            *p->act_s_i = act->s;
            run_cycle(r, now);
        }
    *p->act_we_i = 0;
}

static void do_matrix(struct run *r, unsigned now) {
    struct bench *b = r->b;
    struct bench_pins *p = &b->pin;
    struct host_test *t = b->test;
    const struct op *op = &r->op[now];
    uint8_t *bytes = op_bytes(r, op);
    size_t row_bytes = oracle_row_bytes(op->type, op->cols);
    write_acts(r, now);
    if (r->failed)
        return;
    *p->mv_type_i = (uint8_t)op->type;
    put32(p->mv_rows_i, op->rows);
    put32(p->mv_cols_i, op->cols);
    *p->mv_slots_i = (uint8_t)op->slots;
    *p->mv_start_i = 1;
    uint32_t row = 0;
    for (uint64_t limit = b->top.cycle + PATIENCE;;) {
        run_fetch(r, now);
        bench_settle(b);
        if (*p->res_valid_o)
            CHECK(t, oracle_u32(p->res_row_o) == row, "row %u, should be %u",
                  oracle_u32(p->res_row_o), row);
        for (uint32_t k = 0; k < *p->res_valid_o * (1u + *p->res_both_o); k++) {
            CHECK(t, row < op->rows, "row %u of %u", row, op->rows);
            for (uint32_t s = 0; s < SLOTS && row < op->rows; s++) {
                uint32_t want = 0, got = oracle_u32(p->res_data_o + 8 * s + 4 * k);
                if (op->slots >> s & 1)
                    want = oracle_dot(op->type, bytes + row * row_bytes, op->cols, r->act[s]);
                r->wrong += got != want;
                CHECK(t, got == want || r->faulty,
                      "cycle %llu type %u row %u of %u cols %u slot %u: %08x, not %08x",
                      (unsigned long long)b->top.cycle, op->type, row, op->rows, op->cols, s, got,
                      want);
            }
            row++;
            limit = b->top.cycle + PATIENCE;
        }
        if (*p->err_o)
            check_error(r, op, row);
        int done = *p->mv_done_o;
        run_edge(r);
        *p->mv_start_i = 0;
        if (r->failed)
            break;
        if (done || !top_waits(&b->top, limit, "a row")) {
            CHECK(t, done && row == op->rows && !op->code, "row %u of %u", row, op->rows);
            break;
        }
    }
}

static void do_floats(struct run *r, unsigned now) {
    struct bench *b = r->b;
    struct bench_pins *p = &b->pin;
    struct host_test *t = b->test;
    const struct op *op = &r->op[now];
    const uint8_t *bytes = op_bytes(r, op);
    uint32_t busy = top_below(&b->top, 2) ? 0 : top_below(&b->top, 900);
    *p->fs_type_i = (uint8_t)op->type;
    put32(p->fs_count_i, op->cols);
    *p->fs_start_i = 1;
    uint32_t i = 0, quiet = 0;
    while (i < op->cols) {
        *p->fs_ready_i = !top_stalls(&b->top, busy);
        run_fetch(r, now);
        bench_settle(b);
        if (*p->fs_valid_o && *p->fs_ready_i) {
            for (uint32_t k = 0; k < VLANES; k++, i++) {
                uint32_t want = i < op->cols ? oracle_value(op->type, bytes, i) : 0;
                uint32_t got = oracle_u32(p->fs_data_o + 4 * k);
                r->wrong += got != want;
                CHECK(t, got == want || r->faulty, "type %u float %u of %u: %08x, should be %08x",
                      op->type, i, op->cols, got, want);
            }
            quiet = 0;
        }
        if (*p->err_o)
            check_error(r, op, i);
        run_edge(r);
        *p->fs_start_i = 0;
        if (r->failed)
            break;
        if (quiet++ > PATIENCE) {
            CHECK(t, 0, "float %u of %u never came", i, op->cols);
            break;
        }
    }
    *p->fs_start_i = 0;
    *p->fs_ready_i = 0;
    CHECK(t, r->failed || !op->code, "error %u did not come", op->code);
}

/* All ops of the run; stops after an error. Returns the ops that were begun. */
static unsigned run_ops(struct run *r) {
    for (unsigned now = 0; now < r->ops; now++) {
        if (r->op[now].floats)
            do_floats(r, now);
        else
            do_matrix(r, now);
        if (r->failed)
            return now + 1;
        if (top_below(&r->b->top, 3) == 0)
            for (uint32_t i = top_below(&r->b->top, 30); i > 0; i--)
                run_cycle(r, now + 1);
    }
    return r->ops;
}

static void random_stalls(struct bench *b) {
    static const uint32_t latency[] = {1, 2, 10, 60, 200};
    b->stalls.latency = latency[top_below(&b->top, 5)];
    b->stalls.ar_busy = top_below(&b->top, 2) ? 0 : top_below(&b->top, 900);
    b->stalls.r_gap = top_below(&b->top, 2) ? 0 : top_below(&b->top, 900);
    b->stalls.late = top_below(&b->top, 2) ? 0 : top_below(&b->top, 500);
}

static void test_random(struct run *r) {
    if (top_below(&r->b->top, 2) != 0)
        bench_move(r->b);
    random_stalls(r->b);
    run_random(r);
    run_ops(r);
    for (unsigned c = 0; c < CHANNELS; c++)
        CHECK(r->b->test, r->b->channel[c].expected_head == r->b->expected_tail,
              "channel %u: %zu beats not asked for", c,
              r->b->expected_tail - r->b->channel[c].expected_head);
}

/* Plants a number that is none, or too large, in an op. */
static void plant_number(struct run *r, struct op *op) {
    uint64_t *rng = &r->b->top.random;
    size_t row_bytes = oracle_row_bytes(op->type, op->cols);
    uint32_t row = random_below(rng, op->rows), col = random_below(rng, op->cols);
    uint8_t *p = op_bytes(r, op) + row * row_bytes;
    op->code = LOCKSTEP_ERROR_NONFINITE;
    op->code_row = op->floats ? col / VLANES * VLANES : row;
    if (op->type == LOCKSTEP_TYPE_F32) {
        uint32_t x = 0x7f800000 | (uint32_t)random_64(rng);
        if (random_below(rng, 2) && !op->floats) {
            op->code = LOCKSTEP_ERROR_RANGE;
            x = (x & 0x807fffff) | (145 + random_below(rng, 110)) << 23;
        }
        put32(p + 4 * (size_t)col, x);
        return;
    }
    if (type_info[op->type].is_float) {
        const uint32_t inf = op->type == LOCKSTEP_TYPE_F16 ? 0x7c00 : 0x7f80;
        put16(p + 2 * (size_t)col, inf | (uint32_t)random_64(rng));
        return;
    }
    const uint32_t elements = type_info[op->type].elements;
    uint32_t at[2];
    const uint32_t scales = oracle_scales(op->type, at);
    p += col / elements * type_info[op->type].bytes;
    op->code_row = op->floats ? col / elements * elements : row;
    if (scales != 0) {
        put16(p + at[random_below(rng, scales)], 0x7c00 | (uint32_t)random_64(rng));
        return;
    }
    p[0] = 255; /* MXFP4 */
    if (random_below(rng, 2) != 0) {
        op->code = op->floats ? LOCKSTEP_ERROR_OVERFLOW : LOCKSTEP_ERROR_RANGE;
        p[0] = (uint8_t)(op->floats ? 254 : 143 + random_below(rng, 112));
        memset(p + 1, 0x7f, 16);
    }
}

/* An error has come: everything stands still until the reset. */
static void end_error(struct run *r, uint32_t code) {
    struct bench *b = r->b;
    CHECK(b->test, r->failed, "error %u did not come", code);
    *b->pin.fetch_valid_i = 0;
    *b->pin.mv_start_i = 0;
    b->stalls.refuse_beat = -1;
    for (uint32_t i = top_below(&b->top, 100); i > 0; i--) {
        bench_settle(b);
        CHECK(b->test, !*b->pin.res_valid_o && !*b->pin.fs_valid_o && !*b->pin.err_o, "not idle");
        bench_edge(b);
    }
    put32(b->pin.timeout_i, 0);
    bench_clear(b);
}

static void test_errors(struct run *r) {
    struct bench *b = r->b;
    random_stalls(b);
    run_random(r);
    struct op *op = &r->op[top_below(&b->top, r->ops)];
    const uint32_t pick = r->errors % 4; /* each kind, at each channel */
    if (pick < 2) {
        plant_number(r, op);
    } else {
        /* Only one op, so that it is this one's beat that fails. */
        r->op[0] = *op;
        op = &r->op[0];
        r->ops = 1;
        uint64_t beats = (op->addr + op->bytes - 1) / BEAT - op->addr / BEAT + 1;
        b->stalls.channel = r->errors / 4 % CHANNELS;
        const struct bench_channel *ch = &b->channel[b->stalls.channel];
        int64_t beat = (int64_t)(ch->answered + top_below(&b->top, (uint32_t)beats));
        for (unsigned i = 0; i < ch->bursts; i++)
            beat += ch->burst[i].beats;
        op->code = pick == 2 ? 16 : 17;
        if (pick == 2)
            b->stalls.refuse_beat = beat;
        else
            b->stalls.silent_beat = beat;
        put32(b->pin.timeout_i,
              3000 + (pick == 2 ? (uint32_t)top_random(&b->top) / 2 : top_below(&b->top, 1000)));
        b->stalls.ar_busy = b->stalls.r_gap = 0;
    }
    r->errors++;
    run_ops(r);
    end_error(r, op->code);
}

/* A reset in the middle of a matrix, which may be as large as any. */
static void test_reset(struct run *r) {
    struct bench *b = r->b;
    random_stalls(b);
    run_random(r);
    r->op[0].floats = 0;
    r->op[0].code = 0;
    if (top_below(&b->top, 2) != 0) {
        r->op[0].rows = 1 + top_below(&b->top, (1 << 20) - 1);
        r->op[0].addr = b->base + MEMORY; /* zeros */
        r->op[0].fetch_bytes += top_random(&b->top) % (ADDRESSES - r->op[0].addr - MEMORY);
        b->beyond = 1;
    }
    write_acts(r, 0);
    *b->pin.mv_type_i = (uint8_t)r->op[0].type;
    put32(b->pin.mv_rows_i, r->op[0].rows);
    put32(b->pin.mv_cols_i, r->op[0].cols);
    *b->pin.mv_start_i = 1;
    run_cycle(r, 0);
    *b->pin.mv_start_i = 0;
    for (uint32_t i = top_below(&b->top, 300); i > 0; i--)
        run_cycle(r, 0);
    *b->pin.fetch_valid_i = 0;
    bench_clear(b);
}

/* Memory keeps what it owes through one soft reset after the other, more than there are epochs, and
 * answers when other things have been asked for. */
static void test_late(struct run *r) {
    struct bench *b = r->b;
    const uint32_t resets = 14 + top_below(&b->top, 20), busy = top_below(&b->top, 3);
    random_stalls(b);
    b->stalls.hold = 1;
    for (uint32_t i = 0; i < resets; i++) {
        run_random(r);
        for (uint32_t k = i == 0 || top_below(&b->top, 2) < busy ? 10 + top_below(&b->top, 60) : 0;
             k > 0; k--)
            run_cycle(r, OPS);
        *b->pin.fetch_valid_i = 0;
        bench_clear(b);
    }
    run_random(r);
    for (uint32_t k = top_below(&b->top, 200); k > 0; k--)
        run_cycle(r, 0);
    b->stalls.hold = 0;
    run_ops(r);
}

/* A matrix or a row of floats of the type, alone. */
static struct op *one_op(struct run *r, uint32_t type, int floats, uint32_t cols) {
    struct op *op = &r->op[0];
    run_random(r);
    op->type = type;
    op->floats = floats;
    op->rows = floats ? 1 : 5;
    op->cols = cols;
    op->bytes = op->fetch_bytes = op->rows * oracle_row_bytes(type, op->cols);
    op->code = 0;
    r->ops = 1;
    oracle_fill(&r->b->top.random, type, op->rows, op->cols, op_bytes(r, op));
    return op;
}

static void run_one(struct run *r, uint32_t type, int floats, uint32_t cols) {
    one_op(r, type, floats, cols);
    run_ops(r);
}

/* Of each type numbers that are none, and such as are too large. */
static void test_numbers(struct run *r, uint32_t type) {
    random_stalls(r->b);
    for (int i = 0; i < 10; i++) {
        struct op *op = one_op(r, type, i & 1, 256);
        plant_number(r, op);
        run_ops(r);
        end_error(r, op->code);
    }
}

/* Both, with rows of one chunk and of several; then with a wrong bit in every part of a beat, or
 * with the last channel's beats the wrong way round, which must be seen, if not at once (a block of
 * zeros hides it) then soon. */
static void test_type(struct run *r, uint32_t type) {
    struct bench *b = r->b;
    b->stalls = (struct bench_stalls){.latency = 2, .refuse_beat = -1, .silent_beat = -1};
    for (int round = 0; round < 8; round++) {
        const int floats = round & 1;
        const uint32_t cols = round & 2 ? 256 : 768 * (VEC_WORDS / 1024);
        run_one(r, type, floats, cols);
        r->faulty = 1;
        r->wrong = 0;
        b->stalls.flip = round & 4 ? 0 : 1000;
        b->stalls.swap = round & 4;
        for (int i = 0; i < 60 && r->wrong == 0; i++)
            run_one(r, type, floats, cols);
        CHECK(b->test, r->wrong != 0, "type %u: no %s is seen", type,
              round & 4 ? "wrong beat" : "wrong bit");
        r->faulty = 0;
        b->stalls.flip = 0;
        b->stalls.swap = 0;
        *b->pin.fetch_valid_i = *b->pin.mv_start_i = 0;
        bench_clear(b);
    }
}

static double now_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* One large matrix on a fast memory, over and over. */
static void bench_speed(struct run *r, uint32_t type, uint32_t cols, uint32_t slots) {
    struct bench *b = r->b;
    struct bench_pins *p = &b->pin;
    b->stalls = (struct bench_stalls){.latency = 20, .refuse_beat = -1, .silent_beat = -1};
    size_t row_bytes = oracle_row_bytes(type, cols);
    struct op *op = &r->op[0];
    *op = (struct op){0};
    op->type = type;
    op->cols = cols;
    op->slots = slots;
    op->rows = (uint32_t)(3000000 / row_bytes);
    op->addr = b->base + 32;
    op->bytes = op->fetch_bytes = op->rows * row_bytes;
    oracle_fill(&b->top.random, type, op->rows, cols, op_bytes(r, op));
    for (unsigned i = 1; i < OPS; i++)
        r->op[i] = *op;
    r->ops = OPS;
    r->fetched = 0;
    r->prefetch = 3;
    write_acts(r, 0);
    uint64_t cycles = b->top.cycle, stalls = 0, beats = 0;
    double start = now_seconds();
    *p->mv_type_i = (uint8_t)type;
    put32(p->mv_rows_i, op->rows);
    put32(p->mv_cols_i, cols);
    *p->mv_slots_i = (uint8_t)slots;
    for (unsigned now = 0; now < OPS; now++) {
        int done = 0;
        for (*p->mv_start_i = 1; !done; *p->mv_start_i = 0) {
            run_fetch(r, now);
            bench_settle(b);
            done = *p->mv_done_o;
            stalls += *p->stall_o;
            beats += *p->beat_o;
            r->fetched += *p->fetch_valid_i && *p->fetch_ready_o;
            bench_edge(b);
        }
    }
    double seconds = now_seconds() - start;
    double macs = (double)OPS * op->rows * cols * __builtin_popcount(slots);
    cycles = b->top.cycle - cycles;
    printf("type %u cols %5u slots %x: %6.0f M MAC/s, %5.2f M cycles/s, %6.1f MAC/cycle, "
           "port %5.1f %%, stalled %4.1f %%\n",
           type, cols, slots, macs / seconds / 1e6, (double)cycles / seconds / 1e6,
           macs / (double)cycles, 100.0 * (double)beats / (double)cycles,
           100.0 * (double)stalls / (double)cycles);
}

int main(int argc, char **argv) {
    struct host_test test = {"weight_path", 0, 0};
    struct run *r = calloc(1, sizeof *r);
    struct bench b;
    if (!r)
        abort();
    r->b = &b;
    for (uint32_t type = 0; type < LOCKSTEP_TYPE_LIMIT; type++)
        if (in_mask(LOCKSTEP_TYPES, type))
            types[type_count++] = type;
    if (argc > 1 && !strcmp(argv[1], "bench")) {
        bench_open(&b, &test, 1);
        free(b.expected);
        b.expected = NULL;
        uint32_t cols = VEC_WORDS < 2048 ? VEC_WORDS : 2048;
        for (uint32_t i = 0; i < type_count; i++)
            bench_speed(r, types[i], cols, 1);
        bench_speed(r, LOCKSTEP_TYPE_Q4_0, cols, (1u << SLOTS) - 1);
        for (uint32_t i = 0; i < type_count; i++)
            for (uint32_t few = 128; few < cols; few += few < 352 ? 32 : 320)
                if (few % type_info[types[i]].elements == 0)
                    bench_speed(r, types[i], few, 1);
        bench_close(&b);
        free(r);
        return 0;
    }
    int fault = argc > 1 && !strcmp(argv[1], "fault");
    uint64_t seeds = argc > 1 && !fault ? strtoull(argv[1], NULL, 0) : 6;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        unsigned long failures = test.failures;
        bench_open(&b, &test, seed);
        b.stalls.flip = fault ? 2 : 0;
        for (int i = 0; i < 8; i++) {
            test_random(r);
            test_errors(r);
            test_random(r);
            test_late(r);
            test_reset(r);
        }
        for (uint32_t i = 0; i < type_count && !fault; i++) {
            test_numbers(r, types[i]);
            test_type(r, types[i]);
        }
        bench_close(&b);
        if (test.failures > failures) {
            printf("seed %llu\n", (unsigned long long)seed);
            break;
        }
    }
    free(r);
    return host_test_finish(&test);
}
