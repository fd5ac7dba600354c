/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * rtl/telemetry.v against csrc/power.c, bit for bit: random activity and settings, coefficients at
 * their maximum until sums wrap and written while they are in use, each unit's energy of each
 * window, snapshots in the middle of everything, totals by op and layer, soft reset, rests and
 * rationing. At the end the oracle is made wrong in one counter, one coefficient and the
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
#define NEVER UINT32_MAX

struct row {
    uint64_t ops, cycles, energy;
};

/* What a snapshot holds. */
struct sums {
    uint64_t counts[POWER_EVENTS], classes[CLASSES], energy[POWER_UNITS];
    uint64_t closed; /* windows */
    struct row rows[ROWS];
    struct power_state power;
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
    struct sums now, latched;
    struct row current, final;               /* the op that runs, that ended */
    uint64_t ends[POWER_UNITS][POWER_UNITS]; /* energy so many cycles after the last window's end */
    uint32_t since;                          /* of them, the newest */
    uint64_t told[POWER_UNITS], window[POWER_UNITS]; /* energy by the windows: all, the last */
    uint64_t left; /* cycles to the end of the window that is open */
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
    struct power_state *p = &b->now.power;
    power_window(&b->settings, p, b->window);
    if (b->fault == FAULT_THERMAL)
        p->die += 65536; /* the least that a register shows */
    b->windows++;
    CHECK(b, *b->window_die == (uint32_t)(p->die >> 16), "die %08x, not %08x", *b->window_die,
          (uint32_t)(p->die >> 16));
    CHECK(b, *b->window_package == (uint32_t)(p->package >> 16), "package %08x, not %08x",
          *b->window_package, (uint32_t)(p->package >> 16));
    CHECK(b, *b->window_pace == p->pace, "pace %u, not %u", *b->window_pace, p->pace);
}

/* Units are read a cycle after the other, so that of unit u up to u cycles more may have been
 * added: all windows until now are the sum at one of these moments. */
static void check_part(struct bench *b) {
    const uint32_t unit = *b->part_unit;
    uint32_t late = 0;
    b->window[unit] = *b->part;
    b->told[unit] += *b->part;
    while (late < unit && b->ends[late][unit] != b->told[unit])
        late++;
    CHECK(b, b->ends[late][unit] == b->told[unit],
          "all windows tell %" PRIu64 " fJ of %s, not %" PRIu64 " or somewhat later", b->told[unit],
          power_unit_name((enum power_unit)unit), b->ends[0][unit]);
    b->now.closed += unit == POWER_UNITS - 1;
}

/* What the outputs say in this cycle, whose own events come later. */
static void check_outputs(struct bench *b) {
    const struct power_state *p = &b->now.power;
    if (*b->window_valid)
        check_window(b);
    const bool held = p->pace > 1 || *b->state == LOCKSTEP_STATE_THROTTLED;
    const bool hot = (b->settings.throttle & LOCKSTEP_THROTTLE_LIMIT_MASK) != 0 &&
                     (int32_t)(p->die >> 16) >= b->settings.limit;
    CHECK(b, *b->throttled == held, "throttled is %u at pace %u", *b->throttled, p->pace);
    CHECK(b, *b->hot == hot, "hot is %u", *b->hot);
    if (*b->snapshot)
        b->latched = b->now;
    if (*b->part_valid)
        check_part(b);
}

static void end_window(struct bench *b) {
    for (b->since = 0; b->since < POWER_UNITS; b->since++)
        memcpy(b->ends[b->since], b->now.energy, sizeof b->ends[0]);
    b->since = 0;
    b->left = UINT64_C(1) << b->settings.window_log2;
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

/* The events of this cycle, `cycles` times. */
static void add_events(struct bench *b, uint64_t cycles) {
    static const int told[] = {POWER_DOT, POWER_WEIGHTS, POWER_VECTOR, POWER_ATTENTION, POWER_KV};
    const uint64_t late = b->cost;
    for (int u = 0; u < POWER_UNITS; u++)
        b->now.energy[u] += cycles * power_energy(&b->settings, (enum power_unit)u, b->times);
    b->cost = 0;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        b->cost += power_energy(&b->settings, (enum power_unit)told[i], b->times);
    for (int e = 0; e < POWER_EVENTS; e++)
        b->now.counts[e] += cycles * b->times[e];
    b->now.classes[class_of(b)] += cycles;
    if (*b->op_start) {
        b->current = (struct row){1, 0, 0};
        b->op_code = *b->op;
        b->op_layer = *b->layer;
    } else {
        b->current.energy += late + (cycles - 1) * b->cost;
        b->current.cycles += *b->busy && *b->state == LOCKSTEP_STATE_EXECUTE ? cycles : 0;
    }
}

/* One clock with the inputs as they are; the oracle counts along. */
static void tick(struct bench *b) {
    note_events(b);
    *b->clk = 0;
    dut_eval(b->dut);
    if (*b->rst && !b->settling)
        check_outputs(b);
    if (*b->rst && --b->left == 0)
        end_window(b);
    else if (b->since + 1 < POWER_UNITS)
        memcpy(b->ends[++b->since], b->now.energy, sizeof b->ends[0]);
    if (*b->rst)
        add_events(b, 1);
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
    b->now.power = power_start(&b->settings);
    *b->rst = 0;
    tick(b);
    tick(b);
    *b->rst = 1;
}

static void write_setting(void *context, uint32_t address, uint32_t value) {
    reg_write(context, address, value);
}

/* Counters, windows and power begin; heat stays. */
static void soft_reset(struct bench *b) {
    const struct power_state p = b->now.power;
    *b->clear = 1;
    tick(b);
    *b->clear = 0;
    b->now = (struct sums){.power = {.die = p.die,
                                     .package = p.package,
                                     .die_peak = (int32_t)(p.die >> 16),
                                     .pace = p.pace}};
    memset(&b->latched, 0, sizeof b->latched);
    memset(b->told, 0, sizeof b->told);
    b->left = UINT64_C(1) << b->settings.window_log2;
}

static void set_all(struct bench *b) {
    b->settling = true;
    power_write(&b->settings, write_setting, b);
    reg_write(b, LOCKSTEP_REG_TEMP_INITIAL, (uint32_t)b->settings.initial);
    b->now.power = power_start(&b->settings);
    soft_reset(b); /* counters start where the settings are all there */
    b->settling = false;
}

/* Often within reason, sometimes anything that the register holds. */
static int32_t random_temperature(struct bench *b) {
    return below(b, 4) == 0 ? (int32_t)(random64(b) >> 32)
                            : (int32_t)below(b, 200 << 16) - (60 << 16);
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
    s->ambient = random_temperature(b);
    s->initial = random_temperature(b);
    s->heat = extreme ? UINT32_MAX : (uint32_t)random64(b) >> below(b, 24);
    s->die = (uint32_t)random64(b) >> below(b, 24);
    s->package = (uint32_t)random64(b) >> below(b, 24);
    s->to_ambient = (uint32_t)random64(b) >> below(b, 24);
    s->speed = below(b, 32);
    s->throttle = below(b, 16);
    s->pace_max = below(b, 256);
    s->ramp_start = random_temperature(b);
    s->ramp_target = random_temperature(b);
    s->limit = random_temperature(b);
    s->cap_start = (uint32_t)random64(b) >> below(b, 8);
    s->cap_power = (uint32_t)random64(b) >> below(b, 8);
}

/* The registers, against what they held at the last snapshot. */
static void compare(struct bench *b) {
    const struct sums *l = &b->latched;
    const struct power_state *p = &l->power;
    const struct {
        const char *name;
        uint32_t address, value;
    } table[] = {{"POWER_LAST", LOCKSTEP_REG_POWER_LAST, p->power},
                 {"POWER_PEAK", LOCKSTEP_REG_POWER_PEAK, p->peak},
                 {"POWER_SMOOTH", LOCKSTEP_REG_POWER_SMOOTH, (uint32_t)(p->smooth >> 16)},
                 {"TEMP_DIE", LOCKSTEP_REG_TEMP_DIE, (uint32_t)(p->die >> 16)},
                 {"TEMP_PACKAGE", LOCKSTEP_REG_TEMP_PACKAGE, (uint32_t)(p->package >> 16)},
                 {"TEMP_PEAK", LOCKSTEP_REG_TEMP_PEAK, (uint32_t)p->die_peak},
                 {"PACE", LOCKSTEP_REG_PACE, p->pace},
                 {"WINDOWS", LOCKSTEP_REG_WINDOWS, (uint32_t)l->closed}};
    for (uint32_t e = 0; e < POWER_EVENTS; e++) {
        const uint64_t count = read64(b, LOCKSTEP_REG_EVENT_CYCLE_LO + 8 * e);
        const uint64_t expected = l->counts[e] + (b->fault == FAULT_COUNTER && e == POWER_ROPE);
        CHECK(b, count == expected, "%s counts %" PRIu64 ", not %" PRIu64,
              power_event_name((enum power_event)e), count, expected);
    }
    for (uint32_t u = 0; u < POWER_UNITS; u++) {
        const uint64_t energy = read64(b, LOCKSTEP_REG_ENERGY_LEAKAGE_LO + 8 * u);
        CHECK(b, energy == l->energy[u], "energy of %s %" PRIu64 ", not %" PRIu64,
              power_unit_name((enum power_unit)u), energy, l->energy[u]);
    }
    for (uint32_t c = 0; c < CLASSES; c++) {
        const uint64_t count = read64(b, LOCKSTEP_REG_CLASS_IDLE_LO + 8 * c);
        CHECK(b, count == l->classes[c], "class %u has %" PRIu64 ", not %" PRIu64, c, count,
              l->classes[c]);
    }
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const uint32_t is = reg_read(b, table[i].address);
        CHECK(b, is == table[i].value, "%s is %08x, not %08x", table[i].name, is, table[i].value);
    }
}

/* What the engine does between ops. */
static void between(struct bench *b) {
    static const uint8_t states[] = {LOCKSTEP_STATE_IDLE,      LOCKSTEP_STATE_FORM,
                                     LOCKSTEP_STATE_FETCH,     LOCKSTEP_STATE_SAMPLE,
                                     LOCKSTEP_STATE_PUSH,      LOCKSTEP_STATE_VALIDATE,
                                     LOCKSTEP_STATE_THROTTLED, LOCKSTEP_STATE_ERROR};
    if (below(b, 3) == 0) {
        *b->state = states[below(b, sizeof states)];
        *b->busy = below(b, 4) != 0;
    }
}

/* A coefficient changes while its events happen: from the cycle of the write on. */
static void change_price(struct bench *b) {
    const uint32_t event = below(b, POWER_EVENTS);
    b->settings.coefficient[event] = (uint32_t)random64(b) >> below(b, 32);
    *b->addr = (uint16_t)(LOCKSTEP_REG_COEF_CYCLE + 4 * event);
    *b->wdata = b->settings.coefficient[event];
    *b->wmask = UINT32_MAX;
    *b->write = 1;
}

/* Ops as the sequencer runs them, with random activity in them; in some an event is repriced.
 * Cycle `snapshot` of it has one. */
static void run_op(struct bench *b, uint32_t times_most, uint32_t snapshot) {
    const uint32_t cycles = 1 + below(b, 60), done = 2 + cycles;
    *b->busy = 1;
    *b->state = LOCKSTEP_STATE_FETCH;
    *b->op = (uint8_t)(8 + below(b, 11));
    *b->layer = (uint8_t)(random64(b) % 3 == 0 ? 255 : below(b, 6));
    for (uint32_t i = 0; i <= done + 5; i++) {
        *b->op_start = i == 2;
        *b->op_done = i == done;
        if (i == 3) {
            *b->busy = 1;
            *b->state = LOCKSTEP_STATE_EXECUTE;
        } else if (i == done + 1) {
            *b->state = LOCKSTEP_STATE_FETCH;
        } else if (i < 3 || i > done) {
            between(b);
        }
        *b->stall = below(b, 2) == 0;
        *b->token = *b->pass = 0;
        *b->snapshot = i == snapshot;
        activity(b, times_most);
        if (below(b, 200) == 0)
            change_price(b);
        tick(b);
        *b->write = *b->snapshot = 0;
        /* Its rows are written four and five cycles after it is done; a snapshot in that cycle is
         * of before. */
        if (i == done + 2) /* nothing is added any more */
            b->final = b->current;
        if (i >= done + 4) {
            struct row *row = &b->now.rows[i == done + 4 ? b->op_code : 64 + b->op_layer];
            row->ops++;
            row->cycles += b->final.cycles;
            row->energy += b->final.energy;
        }
    }
    *b->op_done = 0;
}

static void check_rows(struct bench *b) {
    static const uint32_t some[] = {8, 9, 12, 15, 18, 64, 65, 69, 64 + 255, 300};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        const struct row *row = &b->latched.rows[some[i]];
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
    for (int i = 0; i < 3; i++) /* until it has been copied */
        tick(b);
}

static void test_activity(struct bench *b, bool extreme) {
    const uint32_t most = extreme ? 65535 : 40, ops = extreme ? 100 : 25;
    const uint64_t windows = b->windows;
    random_settings(b, extreme);
    set_all(b);
    for (int round = 0; round < 12; round++) {
        for (uint32_t i = 0; i < ops; i++)
            run_op(b, most, NEVER);
        run_op(b, most, below(b, 70)); /* or in no cycle of this op, which is then the one before */
        for (int i = 0; i < 5; i++)    /* life goes on; the snapshot stays */
            run_op(b, 40, NEVER);
        compare(b);
        quiet(b);
        check_rows(b);
    }
    CHECK(b, b->windows >= windows + 3, "only %" PRIu64 " windows", b->windows - windows);
}

/* Between two windows: in the cycles until a temperature is shown, a reset loses what led to it. */
static void test_reset(struct bench *b) {
    for (int round = 0; round < 4; round++) {
        random_settings(b, false);
        set_all(b);
        for (int i = 0; i < 30; i++)
            run_op(b, 40, NEVER);
        for (const uint64_t windows = b->windows; b->windows == windows;)
            tick(b);
        soft_reset(b);
        snapshot(b);
        compare(b);
        check_rows(b);
        for (int i = 0; i < 60; i++)
            run_op(b, 40, NEVER);
        quiet(b);
        snapshot(b);
        compare(b);
        check_rows(b);
    }
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
    snapshot(b);
    CHECK(b, b->latched.energy[POWER_WEIGHTS] < UINT64_MAX / 2, "no sum wrapped around");
    compare(b);
}

/* One op that goes on for a long time, everything in it at its most: the oracle multiplies for all
 * cycles of a window. */
static void test_long(struct bench *b, uint64_t cycles) {
    uint64_t unseen = 0; /* cycles whose events are still to be added */
    random_settings(b, true);
    b->settings.window_log2 = 20;
    b->settings.speed = 0;
    set_all(b);
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
        if (*b->window_valid || *b->part_valid)
            check_outputs(b);
        if (--b->left == 0) {
            if (unseen != 0)
                add_events(b, unseen);
            end_window(b);
            unseen = 0;
        }
        unseen++;
        *b->clk = 1;
        dut_eval(b->dut);
    }
    add_events(b, unseen);
    *b->op_done = 1;
    tick(b);
    *b->op_done = 0;
    *b->state = LOCKSTEP_STATE_FETCH;
    quiet(b);
    for (int i = 0; i < 8; i++)
        tick(b);
    b->now.rows[LOCKSTEP_OP_MATVEC] = b->now.rows[64 + 5] = b->current;
    snapshot(b);
    compare(b);
    check_rows(b);
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
    b->settings.initial = b->settings.limit;
    set_all(b);
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
        test_reset(&b);
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
            run_op(&b, 40, NEVER);
        quiet(&b);
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
