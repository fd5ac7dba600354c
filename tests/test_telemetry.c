/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * rtl/telemetry.v against csrc/power.c, bit for bit: random activity and settings, coefficients at
 * their maximum until sums wrap, snapshots in the middle of everything, totals by op and layer,
 * rests and rationing. At the end the oracle is made wrong in one counter, one coefficient and the
 * thermal step, and each must be seen.
 *
 *     test_telemetry [SEED]
 */
#include "../csrc/power.h"
#include "../firmware/registers.h"
#include "../sim/verilated.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum fault { NO_FAULT, FAULT_COUNTER, FAULT_COEFFICIENT, FAULT_THERMAL, FAULTS };
enum { CLASSES = 10, ROWS = 320 };

struct row {
    uint64_t ops, cycles, energy;
};

struct bench {
    struct dut *dut;
    uint64_t random;
    unsigned long checks, failures;
    enum fault fault;
    bool quiet;
    uint8_t *clk, *rst, *clear, *write, *snapshot, *busy, *state, *stall, *op_start, *op_done, *op;
    uint8_t *layer, *pass, *token, *throttled, *pace, *rest, *wait, *hot, *window_valid;
    uint8_t *window_pace;
    uint16_t *addr;
    uint32_t *wdata, *wmask, *rdata, *window_die, *window_package;
    uint8_t *access, *prompt, *width, *burst, *kv_reads, *kv_writes, *part_valid, *part_unit;
    uint16_t *dots, *halves, *rows_in, *words, *elements, *attend;
    uint64_t *part;
    /* oracle */
    struct power_settings settings;
    struct power_state power;
    uint64_t counts[POWER_EVENTS], classes[CLASSES], energy[POWER_UNITS], window[POWER_UNITS];
    struct row rows[ROWS], current;
    uint64_t windows;
    bool settling; /* settings are written one by one */
    uint32_t op_code, op_layer;
    uint64_t times[POWER_EVENTS]; /* of the cycle to come */
    uint64_t cost;                /* of the cycle before, which the totals see now */
};

#define CHECK(b, condition, ...)                                                                   \
    do {                                                                                           \
        (b)->checks++;                                                                             \
        if (!(condition)) {                                                                        \
            if ((b)->failures++ < 10 && !(b)->quiet) {                                             \
                printf("line %d: ", __LINE__);                                                     \
                printf(__VA_ARGS__);                                                               \
                putchar('\n');                                                                     \
            }                                                                                      \
        }                                                                                          \
    } while (0)

/* splitmix64 (Steele, Lea, Flood, 2014). */
static uint64_t random64(struct bench *b) {
    uint64_t z = b->random += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static uint32_t below(struct bench *b, uint32_t n) {
    return (uint32_t)((random64(b) >> 32) * n >> 32);
}

static uint32_t class_of(const struct bench *b) {
    const bool weights = *b->op == LOCKSTEP_OP_MATVEC || *b->op == LOCKSTEP_OP_LOGITS;
    if (!*b->busy)
        return LOCKSTEP_CLASS_IDLE;
    switch (*b->state) {
    case LOCKSTEP_STATE_EXECUTE:
        if (weights)
            return *b->stall ? LOCKSTEP_CLASS_WEIGHT_STALL : LOCKSTEP_CLASS_MATVEC;
        return *b->op == LOCKSTEP_OP_KV || *b->op == LOCKSTEP_OP_ATTEND ? LOCKSTEP_CLASS_ATTENTION
                                                                        : LOCKSTEP_CLASS_VECTOR;
    case LOCKSTEP_STATE_SAMPLE:
        return LOCKSTEP_CLASS_SAMPLE;
    case LOCKSTEP_STATE_PUSH:
        return LOCKSTEP_CLASS_FIFO_WAIT;
    case LOCKSTEP_STATE_THROTTLED:
        return LOCKSTEP_CLASS_THROTTLED;
    case LOCKSTEP_STATE_VALIDATE:
        return LOCKSTEP_CLASS_VALIDATE;
    default:
        return LOCKSTEP_CLASS_CONTROL;
    }
}

#define LONG UINT64_C(1000000000) /* cycles */

static void check_window(struct bench *b) {
    power_window(&b->settings, &b->power, b->window);
    if (b->fault == FAULT_THERMAL)
        b->power.die++;
    b->windows++;
    CHECK(b, *b->window_die == (uint32_t)(b->power.die >> 16), "die %08x, not %08x", *b->window_die,
          (uint32_t)(b->power.die >> 16));
    CHECK(b, *b->window_package == (uint32_t)(b->power.package >> 16), "package %08x, not %08x",
          *b->window_package, (uint32_t)(b->power.package >> 16));
    CHECK(b, *b->window_pace == b->power.pace, "pace %u, not %u", *b->window_pace, b->power.pace);
}

/* What the inputs say happens in this cycle. */
static void note_events(struct bench *b) {
    static const uint8_t kinds[] = {[LOCKSTEP_OP_EMBED] = POWER_EMBED,
                                    [LOCKSTEP_OP_NORM] = POWER_NORM,
                                    [LOCKSTEP_OP_QUANT] = POWER_QUANT,
                                    [LOCKSTEP_OP_ROPE] = POWER_ROPE,
                                    [LOCKSTEP_OP_SWIGLU] = POWER_SWIGLU,
                                    [LOCKSTEP_OP_ADD] = POWER_ADD,
                                    [63] = 0};
    const uint8_t kind = kinds[*b->op] != 0 ? kinds[*b->op] : POWER_ANGLES;
    memset(b->times, 0, sizeof b->times);
    b->times[POWER_CYCLE] = 1;
    b->times[POWER_BUSY] = *b->busy;
    b->times[POWER_OP] = *b->op_start;
    b->times[POWER_REGISTER] = *b->access;
    b->times[POWER_PROMPT] = *b->prompt;
    b->times[POWER_DOT4 + *b->width] = *b->dots;
    b->times[POWER_HALF] = *b->halves;
    b->times[POWER_RESULT] = *b->rows_in;
    b->times[POWER_SAMPLE] = *b->op == LOCKSTEP_OP_LOGITS ? *b->rows_in : 0;
    b->times[POWER_WORD] = *b->words;
    b->times[POWER_BURST] = *b->burst;
    b->times[kind] = *b->elements;
    b->times[POWER_ATTEND] = *b->attend;
    b->times[POWER_KV_READ] = *b->kv_reads;
    b->times[POWER_KV_WRITE] = *b->kv_writes;
}

static void quiet(struct bench *b) {
    *b->access = *b->prompt = *b->burst = *b->kv_reads = *b->kv_writes = 0;
    *b->dots = *b->halves = *b->rows_in = *b->words = *b->elements = *b->attend = 0;
}

static uint32_t sometimes(struct bench *b, uint32_t most) {
    return below(b, 4) == 0 ? below(b, most + 1) : 0;
}

static void activity(struct bench *b, uint32_t most) {
    *b->access = (uint8_t)sometimes(b, 1);
    *b->prompt = (uint8_t)sometimes(b, 1);
    *b->burst = (uint8_t)sometimes(b, 1);
    *b->width = (uint8_t)below(b, 3);
    *b->kv_reads = (uint8_t)sometimes(b, most < 255 ? most : 255);
    *b->kv_writes = (uint8_t)sometimes(b, most < 255 ? most : 255);
    *b->dots = (uint16_t)sometimes(b, most);
    *b->halves = (uint16_t)sometimes(b, most);
    *b->rows_in = (uint16_t)sometimes(b, most);
    *b->words = (uint16_t)sometimes(b, most);
    *b->elements = (uint16_t)sometimes(b, most);
    *b->attend = (uint16_t)sometimes(b, most);
}

/* One clock with the inputs as they are; the oracle counts along. */
static void tick(struct bench *b) {
    note_events(b);
    *b->clk = 0;
    dut_eval(b->dut);
    if (*b->rst && *b->part_valid)
        b->window[*b->part_unit] = *b->part;
    if (*b->rst && *b->window_valid && !b->settling)
        check_window(b);
    if (*b->rst) {
        const uint64_t late = b->cost;
        static const int told[] = {POWER_DOT, POWER_WEIGHTS, POWER_VECTOR, POWER_ATTENTION,
                                   POWER_KV};
        for (int u = 0; u < POWER_UNITS; u++)
            b->energy[u] += power_energy(&b->settings, (enum power_unit)u, b->times);
        b->cost = 0;
        for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
            b->cost += power_energy(&b->settings, (enum power_unit)told[i], b->times);
        for (int e = 0; e < POWER_EVENTS; e++)
            b->counts[e] += b->times[e];
        b->classes[class_of(b)]++;
        if (*b->op_start) {
            b->current = (struct row){1, 0, 0};
            b->op_code = *b->op;
            b->op_layer = *b->layer;
        } else {
            b->current.energy += late;
            b->current.cycles += *b->busy && *b->state == LOCKSTEP_STATE_EXECUTE;
        }
    }
    *b->clk = 1;
    dut_eval(b->dut);
}

static void reg_write(struct bench *b, uint32_t address, uint32_t value) {
    *b->addr = (uint16_t)address;
    *b->wdata = value;
    *b->wmask = UINT32_MAX;
    *b->write = 1;
    tick(b);
    *b->write = 0;
}

static uint32_t reg_read(struct bench *b, uint32_t address) {
    *b->addr = (uint16_t)address; /* the clock stays high: gated clocks look at its falling edge */
    dut_eval(b->dut);
    return *b->rdata;
}

static uint64_t read64(struct bench *b, uint32_t address) {
    return reg_read(b, address) | (uint64_t)reg_read(b, address + 4) << 32;
}

static void *port(struct bench *b, const char *name) {
    void *data = dut_port(b->dut, name);
    if (data == NULL) {
        printf("FAIL telemetry: no port %s\n", name);
        exit(1);
    }
    return data;
}

static void open_bench(struct bench *b, uint64_t seed, enum fault fault) {
    *b = (struct bench){
        .dut = dut_open(seed), .random = seed, .fault = fault, .quiet = fault != NO_FAULT};
    b->clk = port(b, "clk_i");
    b->rst = port(b, "rst_ni");
    b->clear = port(b, "clear_i");
    *(uint8_t *)port(b, "valid_i") = 1;
    b->addr = port(b, "addr_i");
    b->write = port(b, "write_i");
    b->wdata = port(b, "wdata_i");
    b->wmask = port(b, "wmask_i");
    b->rdata = port(b, "rdata_o");
    b->snapshot = port(b, "snapshot_i");
    b->busy = port(b, "busy_i");
    b->state = port(b, "state_i");
    b->stall = port(b, "stall_i");
    b->op_start = port(b, "op_start_i");
    b->op_done = port(b, "op_done_i");
    b->op = port(b, "op_i");
    b->layer = port(b, "op_layer_i");
    b->pass = port(b, "pass_i");
    b->token = port(b, "token_i");
    b->access = port(b, "access_i");
    b->prompt = port(b, "prompt_i");
    b->width = port(b, "ev_width_i");
    b->dots = port(b, "ev_dots_i");
    b->halves = port(b, "ev_halves_i");
    b->rows_in = port(b, "ev_rows_i");
    b->words = port(b, "ev_words_i");
    b->burst = port(b, "ev_burst_i");
    b->elements = port(b, "ev_elements_i");
    b->attend = port(b, "ev_attend_i");
    b->kv_reads = port(b, "ev_kv_reads_i");
    b->kv_writes = port(b, "ev_kv_writes_i");
    b->part_valid = port(b, "part_valid_o");
    b->part_unit = port(b, "part_unit_o");
    b->part = port(b, "part_energy_o");
    b->throttled = port(b, "throttled_o");
    b->pace = port(b, "pace_o");
    b->rest = port(b, "rest_o");
    b->wait = port(b, "wait_o");
    b->hot = port(b, "hot_o");
    b->window_valid = port(b, "window_valid_o");
    b->window_die = port(b, "window_die_o");
    b->window_package = port(b, "window_package_o");
    b->window_pace = port(b, "window_pace_o");
    *b->write = *b->snapshot = *b->clear = *b->busy = *b->state = *b->stall = 0;
    *b->op_start = *b->op_done = *b->pass = *b->token = *b->op = *b->layer = *b->width = 0;
    quiet(b);
    b->settings = power_defaults();
    b->power = power_start(&b->settings);
    *b->rst = 0;
    tick(b);
    tick(b);
    *b->rst = 1;
}

static void write_setting(void *context, uint32_t address, uint32_t value) {
    reg_write(context, address, value);
}

static void set_all(struct bench *b) {
    b->settling = true;
    power_write(&b->settings, write_setting, b);
    reg_write(b, LOCKSTEP_REG_TEMP_INITIAL, (uint32_t)b->settings.initial);
    b->power = power_start(&b->settings);
    *b->clear = 1; /* counters start where the settings are all there */
    tick(b);
    *b->clear = 0;
    b->settling = false;
    memset(b->counts, 0, sizeof b->counts);
    memset(b->classes, 0, sizeof b->classes);
    memset(b->energy, 0, sizeof b->energy);
    memset(b->window, 0, sizeof b->window);
    memset(b->rows, 0, sizeof b->rows);
}

static void random_settings(struct bench *b, bool extreme) {
    struct power_settings *s = &b->settings;
    for (int e = 0; e < POWER_EVENTS; e++)
        s->coefficient[e] = extreme ? UINT32_MAX : (uint32_t)random64(b) >> below(b, 32);
    if (b->fault == FAULT_COEFFICIENT)
        s->coefficient[POWER_DOT8] |= 1;
    s->window_log2 = 9 + below(b, 3);
    s->power_scale = (uint32_t)random64(b) >> below(b, 32);
    s->power_filter = below(b, 16);
    s->heats = below(b, 256);
    s->ambient = (int32_t)below(b, 200 << 16) - (60 << 16);
    s->initial = (int32_t)below(b, 200 << 16) - (60 << 16);
    s->heat = extreme ? UINT32_MAX : (uint32_t)random64(b) >> below(b, 24);
    s->die = (uint32_t)random64(b) >> below(b, 24);
    s->package = (uint32_t)random64(b) >> below(b, 24);
    s->to_ambient = (uint32_t)random64(b) >> below(b, 24);
    s->speed = below(b, 24);
    s->throttle = below(b, 16);
    s->pace_max = below(b, 256);
    s->ramp_start = (int32_t)below(b, 200 << 16) - (60 << 16);
    s->ramp_target = s->ramp_start + (int32_t)below(b, 100 << 16) - (5 << 16);
    s->cap_start = below(b, 1u << 31);
    s->cap_power = s->cap_start + below(b, 1u << 30);
}

static void compare(struct bench *b) {
    for (uint32_t e = 0; e < POWER_EVENTS; e++) {
        const uint64_t count = read64(b, LOCKSTEP_REG_EVENT_CYCLE_LO + 8 * e);
        const uint64_t expected = b->counts[e] + (b->fault == FAULT_COUNTER && e == POWER_ROPE);
        CHECK(b, count == expected, "%s counts %" PRIu64 ", not %" PRIu64,
              power_event_name((enum power_event)e), count, expected);
    }
    for (uint32_t u = 0; u < POWER_UNITS; u++) {
        const uint64_t energy = read64(b, LOCKSTEP_REG_ENERGY_LEAKAGE_LO + 8 * u);
        CHECK(b, energy == b->energy[u], "energy of %s %" PRIu64 ", not %" PRIu64,
              power_unit_name((enum power_unit)u), energy, b->energy[u]);
    }
    for (uint32_t c = 0; c < CLASSES; c++) {
        const uint64_t count = read64(b, LOCKSTEP_REG_CLASS_IDLE_LO + 8 * c);
        CHECK(b, count == b->classes[c], "class %u has %" PRIu64 ", not %" PRIu64, c, count,
              b->classes[c]);
    }
    CHECK(b, reg_read(b, LOCKSTEP_REG_POWER_PEAK) == b->power.peak, "peak power");
    CHECK(b, reg_read(b, LOCKSTEP_REG_POWER_LAST) == b->power.power, "last power");
    CHECK(b, reg_read(b, LOCKSTEP_REG_POWER_SMOOTH) == b->power.smooth >> 16, "smooth power");
    CHECK(b, reg_read(b, LOCKSTEP_REG_TEMP_PEAK) == (uint32_t)b->power.die_peak, "peak heat");
}

/* Ops as the sequencer runs them, with random activity in them. */
static void run_op(struct bench *b, uint32_t times_most) {
    const uint32_t cycles = 1 + below(b, 60);
    *b->busy = 1;
    *b->state = LOCKSTEP_STATE_FETCH;
    *b->op = (uint8_t)(8 + below(b, 11));
    *b->layer = (uint8_t)(random64(b) % 3 == 0 ? 255 : below(b, 6));
    for (uint32_t i = 0; i < 3 + cycles + 5; i++) {
        *b->op_start = i == 2;
        *b->state = i > 2 && i <= 2 + cycles ? LOCKSTEP_STATE_EXECUTE : LOCKSTEP_STATE_FETCH;
        *b->op_done = i == 2 + cycles;
        *b->stall = below(b, 2) == 0;
        *b->token = *b->pass = 0;
        activity(b, times_most);
        tick(b);
        if (i == 4 + cycles) { /* two cycles after done nothing is added any more */
            struct row *rows[] = {&b->rows[b->op_code], &b->rows[64 + b->op_layer]};
            for (int r = 0; r < 2; r++) {
                rows[r]->ops++;
                rows[r]->cycles += b->current.cycles;
                rows[r]->energy += b->current.energy;
            }
        }
    }
    *b->op_done = 0;
}

static void check_rows(struct bench *b, const struct row *rows) {
    static const uint32_t some[] = {8, 9, 12, 15, 18, 64, 65, 69, 64 + 255, 300};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        const struct row *row = &rows[some[i]];
        reg_write(b, LOCKSTEP_REG_OP_INDEX, some[i]);
        const struct row is = {read64(b, LOCKSTEP_REG_OP_COUNT_LO),
                               read64(b, LOCKSTEP_REG_OP_CYCLES_LO),
                               read64(b, LOCKSTEP_REG_OP_ENERGY_LO)};
        CHECK(b, memcmp(&is, row, sizeof is) == 0,
              "row %u: %" PRIu64 " ops %" PRIu64 " cycles %" PRIu64 " fJ, not %" PRIu64 " %" PRIu64
              " %" PRIu64,
              some[i], is.ops, is.cycles, is.energy, row->ops, row->cycles, row->energy);
    }
}

static void snapshot(struct bench *b) {
    *b->snapshot = 1;
    tick(b);
    *b->snapshot = 0;
}

static void test_activity(struct bench *b, bool extreme) {
    struct row before[ROWS];
    random_settings(b, extreme);
    set_all(b);
    for (int round = 0; round < 12; round++) {
        struct bench then;
        for (int i = 0; i < (extreme ? 100 : 25); i++)
            run_op(b, extreme ? 65535 : 40);
        *b->op_start = *b->op_done = 0;
        then = *b;
        snapshot(b);
        memcpy(before, b->rows, sizeof before);
        const struct power_state at = then.power;
        for (int i = 0; i < 5; i++) /* life goes on; the snapshot stays */
            run_op(b, 40);
        then.checks = b->checks;
        then.failures = b->failures;
        then.power = at;
        compare(&then);
        b->checks = then.checks;
        b->failures = then.failures;
        quiet(b);
        check_rows(b, before);
    }
    CHECK(b, b->windows >= 3, "only %" PRIu64 " windows", b->windows);
}

/* Everything at its most, until the sums have wrapped around at 2^64. */
static void test_wrap(struct bench *b) {
    random_settings(b, true);
    *b->busy = 0;
    set_all(b);
    *b->dots = *b->halves = *b->rows_in = *b->words = *b->elements = *b->attend = UINT16_MAX;
    *b->kv_reads = *b->kv_writes = UINT8_MAX;
    for (int i = 0; i < 70000; i++)
        tick(b);
    quiet(b);
    tick(b);
    snapshot(b);
    tick(b);
    tick(b);
    b->counts[POWER_CYCLE] -= 3; /* the snapshot was taken before its own cycle and the last two */
    b->energy[POWER_LEAKAGE] -= 3 * (uint64_t)b->settings.coefficient[POWER_CYCLE];
    b->classes[class_of(b)] -= 3;
    CHECK(b, b->energy[POWER_WEIGHTS] < UINT64_MAX / 2, "no sum wrapped around");
    compare(b);
}

/* One op that goes on for a long time, everything in it at its most: two clocks in full, and the
 * oracle multiplies for those between. */
static void test_long(struct bench *b, uint64_t cycles) {
    static const int told[] = {POWER_DOT, POWER_WEIGHTS, POWER_VECTOR, POWER_ATTENTION, POWER_KV};
    struct row rows[ROWS];
    random_settings(b, true);
    b->settings.window_log2 = 20;
    b->settings.speed = 0;
    set_all(b);
    memcpy(rows, b->rows, sizeof rows);
    const uint64_t windows = b->windows;
    *b->busy = 1;
    *b->op = LOCKSTEP_OP_MATVEC;
    *b->layer = 5;
    *b->width = 1;
    *b->stall = 0;
    *b->state = LOCKSTEP_STATE_FETCH;
    *b->op_start = 1;
    tick(b);
    *b->op_start = 0;
    *b->state = LOCKSTEP_STATE_EXECUTE;
    *b->dots = *b->halves = *b->rows_in = *b->words = *b->elements = *b->attend = UINT16_MAX;
    *b->kv_reads = *b->kv_writes = UINT8_MAX;
    tick(b);
    for (uint64_t i = 0; i < cycles; i++) {
        *b->clk = 0;
        dut_eval(b->dut);
        if (*b->part_valid)
            b->window[*b->part_unit] = *b->part;
        if (*b->window_valid)
            check_window(b);
        *b->clk = 1;
        dut_eval(b->dut);
    }
    for (int u = 0; u < POWER_UNITS; u++)
        b->energy[u] += cycles * power_energy(&b->settings, (enum power_unit)u, b->times);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        b->current.energy +=
            cycles * power_energy(&b->settings, (enum power_unit)told[i], b->times);
    b->current.cycles += cycles;
    for (int e = 0; e < POWER_EVENTS; e++)
        b->counts[e] += cycles * b->times[e];
    b->classes[LOCKSTEP_CLASS_MATVEC] += cycles;
    *b->op_done = 1;
    tick(b);
    *b->op_done = 0;
    *b->state = LOCKSTEP_STATE_FETCH;
    quiet(b);
    for (int i = 0; i < 8; i++)
        tick(b);
    for (int r = 0; r < 2; r++) {
        struct row *row = &rows[r == 0 ? (uint32_t)LOCKSTEP_OP_MATVEC : 64 + 5];
        row->ops++;
        row->cycles += b->current.cycles;
        row->energy += b->current.energy;
    }
    struct bench then = *b;
    snapshot(b);
    for (int i = 0; i < 3; i++)
        tick(b);
    compare(&then);
    b->checks = then.checks;
    b->failures = then.failures;
    check_rows(b, rows);
    CHECK(b, b->windows - windows >= cycles >> 20, "%" PRIu64 " windows", b->windows - windows);
    *b->state = LOCKSTEP_STATE_IDLE;
    *b->busy = 0;
}

/* A rest is (pace - 1) times as long as its op; the example of the ramp. */
static void test_rest(struct bench *b) {
    b->settings = power_defaults();
    b->settings.initial = b->settings.ambient = 73 * 65536;
    b->settings.throttle = LOCKSTEP_THROTTLE_TEMPERATURE_MASK;
    b->settings.window_log2 = 9;
    quiet(b);
    set_all(b);
    for (int i = 0; i < 1200; i++)
        tick(b);
    CHECK(b, *b->window_pace == 30, "at 73 degrees the pace is %u, not 30", *b->window_pace);
    for (uint32_t cycles = 1; cycles < 40; cycles += 6) {
        uint32_t rest = 0;
        *b->busy = 1;
        *b->state = LOCKSTEP_STATE_FETCH;
        *b->op_start = 1;
        tick(b);
        *b->op_start = 0;
        *b->state = LOCKSTEP_STATE_EXECUTE;
        for (uint32_t i = 0; i < cycles; i++) {
            *b->op_done = i + 1 == cycles;
            *b->clk = 0;
            dut_eval(b->dut);
            CHECK(b, *b->pace == 1, "no rest is asked for");
            tick(b);
        }
        *b->op_done = 0;
        *b->state = LOCKSTEP_STATE_THROTTLED;
        do {
            *b->clk = 0;
            dut_eval(b->dut);
            rest++;
            const bool last = *b->rest;
            tick(b);
            if (last)
                break;
        } while (rest < 10000);
        CHECK(b, rest == 29 * cycles, "an op of %u cycles is followed by %u of rest", cycles, rest);
    }
    *b->state = LOCKSTEP_STATE_IDLE;
    *b->busy = 0;
}

/* Passes of 50 to 99 cycles, a token each; every 137 cycles a token in the long run. */
static void test_ration(struct bench *b) {
    uint64_t tokens = 0, cycles = 0;
    b->settings = power_defaults();
    b->settings.throttle = LOCKSTEP_THROTTLE_RATE_MASK;
    b->settings.token_cycles = 137;
    set_all(b);
    while (tokens < 1000) {
        const uint32_t pass = 50 + below(b, 50);
        *b->pass = 1;
        tick(b);
        *b->pass = 0;
        for (uint32_t i = 1; i < pass; i++)
            tick(b);
        *b->token = 1;
        tick(b);
        *b->token = 0;
        tokens++;
        cycles += pass + 1;
        while (*b->clk = 0, dut_eval(b->dut), *b->wait) {
            tick(b);
            cycles++;
        }
    }
    CHECK(b, cycles > 136900 && cycles < 137100, "1000 tokens took %" PRIu64 " cycles", cycles);
}

static void test_limit(struct bench *b) {
    b->settings = power_defaults();
    b->settings.throttle = LOCKSTEP_THROTTLE_LIMIT_MASK;
    b->settings.initial = b->settings.limit - 1;
    set_all(b);
    tick(b);
    CHECK(b, !*b->hot, "hot below the limit");
    reg_write(b, LOCKSTEP_REG_TEMP_INITIAL, (uint32_t)b->settings.limit);
    tick(b);
    tick(b);
    CHECK(b, *b->hot, "not hot at the limit");
}

int main(int argc, char **argv) {
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    struct bench b;
    unsigned long checks = 0;
    for (uint64_t s = seed; s < seed + 5; s++) {
        open_bench(&b, s, NO_FAULT);
        test_activity(&b, false);
        test_activity(&b, true);
        test_wrap(&b);
        test_long(&b, s == seed ? LONG : 100000);
        test_rest(&b);
        test_ration(&b);
        test_limit(&b);
        dut_close(b.dut);
        checks += b.checks;
        if (b.failures != 0) {
            printf("FAIL telemetry, seed %" PRIu64 ": %lu of %lu checks\n", s, b.failures,
                   b.checks);
            return 1;
        }
    }
    for (int fault = NO_FAULT + 1; fault < FAULTS; fault++) {
        open_bench(&b, seed, (enum fault)fault);
        random_settings(&b, false);
        b.settings.coefficient[POWER_DOT8] &= ~1u;
        b.settings.speed = 0;
        set_all(&b);
        if (fault == FAULT_COEFFICIENT)
            b.settings.coefficient[POWER_DOT8] |= 1;
        for (int i = 0; i < 400; i++)
            run_op(&b, 40);
        snapshot(&b);
        compare(&b);
        dut_close(b.dut);
        checks++;
        if (b.failures == 0) {
            printf("FAIL telemetry: planted fault %d was not seen\n", fault);
            return 1;
        }
    }
    printf("PASS telemetry (%lu checks)\n", checks);
    return 0;
}
