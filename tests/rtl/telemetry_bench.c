/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The bench of tests/rtl/telemetry_bench.h: the oracle notes what the inputs of a cycle say, looks
 * at the outputs before the clock's edge and adds the cycle to its sums.
 */
#include "telemetry_bench.h"

#include "generated/device.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- oracle ---- */

static uint32_t class_of(const struct bench *b) {
    if (!*b->busy)
        return LOCKSTEP_CLASS_IDLE;
    switch (*b->state) {
    case LOCKSTEP_STATE_EXECUTE:
        return op_info[*b->op].class_ == LOCKSTEP_CLASS_MATVEC && *b->stall
                   ? LOCKSTEP_CLASS_WEIGHT_STALL
                   : op_info[*b->op].class_;
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

/* What the inputs say happens in this cycle. */
static void note_events(struct bench *b) {
    memset(b->times, 0, sizeof b->times);
    b->times[LOCKSTEP_EVENT_CYCLE] = 1;
    b->times[LOCKSTEP_EVENT_BUSY] = *b->busy;
    b->times[LOCKSTEP_EVENT_OP] = *b->op_start;
    b->times[LOCKSTEP_EVENT_REGISTER] = *b->access;
    b->times[LOCKSTEP_EVENT_PROMPT] = *b->prompt;
    b->times[LOCKSTEP_EVENT_DOT4 + *b->width] = *b->dots;
    b->times[LOCKSTEP_EVENT_HALF] = *b->halves;
    b->times[LOCKSTEP_EVENT_RESULT] = *b->rows_in;
    b->times[LOCKSTEP_EVENT_WORD] = *b->words;
    b->times[LOCKSTEP_EVENT_BURST] = *b->burst;
    if (in_mask(LOCKSTEP_OPS_UNIT_VECTOR | LOCKSTEP_OPS_SAMPLER, *b->op)) /* others have none */
        b->times[op_info[*b->op].event] = *b->elements;
    b->times[LOCKSTEP_EVENT_ATTEND] = *b->attend;
    b->times[LOCKSTEP_EVENT_KV_READ] = *b->kv_reads;
    b->times[LOCKSTEP_EVENT_KV_WRITE] = *b->kv_writes;
}

/* The events of this cycle, `cycles` times. */
static void add_events(struct bench *b, uint64_t cycles) {
    const uint64_t late = b->cost;
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
        b->now.energy[u] += cycles * power_energy(&b->settings, u, b->times);
    b->cost = 0;
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
        if (in_mask(LOCKSTEP_UNITS_WORK, u))
            b->cost += power_energy(&b->settings, u, b->times);
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        b->now.counts[e] += cycles * b->times[e];
    b->now.classes[class_of(b)] += cycles;
    if (*b->op_start) {
        b->current = (struct telemetry_row){1, 0, 0};
        b->op_code = *b->op;
        b->op_layer = *b->layer;
    } else {
        b->current.energy += late + (cycles - 1) * b->cost;
        b->current.cycles += *b->busy && *b->state == LOCKSTEP_STATE_EXECUTE ? cycles : 0;
    }
}

static void end_window(struct bench *b) {
    for (b->since = 0; b->since < LOCKSTEP_UNIT_LIMIT; b->since++)
        memcpy(b->ends[b->since], b->now.energy, sizeof b->ends[0]);
    b->since = 0;
    b->left = UINT64_C(1) << b->settings.window_log2;
}

static void check_window(struct bench *b) {
    struct power_state *p = &b->now.power;
    power_window(&b->settings, p, b->window);
    if (b->fault == TELEMETRY_FAULT_THERMAL)
        p->die += 65536; /* the least that a register shows */
    b->windows++;
    CHECK(&b->test, *b->window_die == (uint32_t)(p->die >> 16), "die %08x, not %08x",
          *b->window_die, (uint32_t)(p->die >> 16));
    CHECK(&b->test, *b->window_package == (uint32_t)(p->package >> 16), "package %08x, not %08x",
          *b->window_package, (uint32_t)(p->package >> 16));
    CHECK(&b->test, *b->window_pace == p->pace, "pace %u, not %u", *b->window_pace, p->pace);
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
    CHECK(&b->test, b->ends[late][unit] == b->told[unit],
          "all windows tell %" PRIu64 " fJ of %s, not %" PRIu64 " or somewhat later", b->told[unit],
          unit_info[unit].key, b->ends[0][unit]);
    b->now.closed += unit == LOCKSTEP_UNIT_LIMIT - 1;
}

/* What the outputs say in this cycle, whose own events come later. */
static void check_outputs(struct bench *b) {
    const struct power_state *p = &b->now.power;
    if (*b->window_valid)
        check_window(b);
    const bool held = p->pace > 1 || *b->state == LOCKSTEP_STATE_THROTTLED;
    const bool hot = (b->settings.throttle & LOCKSTEP_THROTTLE_LIMIT_MASK) != 0 &&
                     (int32_t)(p->die >> 16) >= b->settings.limit;
    CHECK(&b->test, *b->throttled == held, "throttled is %u at pace %u", *b->throttled, p->pace);
    CHECK(&b->test, *b->hot == hot, "hot is %u", *b->hot);
    if (*b->snapshot)
        b->latched = b->now;
    if (*b->part_valid)
        check_part(b);
}

/* ---- clock ---- */

void telemetry_tick(struct bench *b) {
    note_events(b);
    top_settle(&b->top);
    if (!b->settling)
        check_outputs(b);
    if (--b->left == 0)
        end_window(b);
    else if (b->since + 1 < LOCKSTEP_UNIT_LIMIT)
        memcpy(b->ends[++b->since], b->now.energy, sizeof b->ends[0]);
    add_events(b, 1);
    top_edge(&b->top);
}

void telemetry_repeat(struct bench *b, uint64_t cycles) {
    uint64_t unseen = 0; /* cycles whose events are still to be added */
    for (uint64_t i = 0; i < cycles; i++) {
        top_settle(&b->top);
        if (*b->window_valid || *b->part_valid)
            check_outputs(b);
        if (--b->left == 0) {
            if (unseen != 0)
                add_events(b, unseen);
            end_window(b);
            unseen = 0;
        }
        unseen++;
        top_edge(&b->top);
    }
    add_events(b, unseen);
}

void telemetry_quiet(struct bench *b) {
    *b->access = *b->prompt = *b->burst = *b->kv_reads = *b->kv_writes = 0;
    *b->dots = *b->halves = *b->rows_in = *b->words = *b->elements = *b->attend = 0;
}

/* ---- registers ---- */

static void reg_write(struct bench *b, uint32_t address, uint32_t value) {
    *b->addr = (uint16_t)address;
    *b->wdata = value;
    *b->wmask = UINT32_MAX;
    *b->write = 1;
    telemetry_tick(b);
    *b->write = 0;
}

static uint32_t reg_read(struct bench *b, uint32_t address) {
    *b->addr = (uint16_t)address; /* the clock stays high: gated clocks look at its falling edge */
    dut_eval(b->top.dut);
    return *b->rdata;
}

static uint64_t read64(struct bench *b, uint32_t address) {
    return reg_read(b, address) | (uint64_t)reg_read(b, address + 4) << 32;
}

static void write_setting(void *context, uint32_t address, uint32_t value) {
    reg_write(context, address, value);
}

void telemetry_reset(struct bench *b) {
    *b->clear = 1;
    telemetry_tick(b); /* in which a window may be told */
    *b->clear = 0;
    const struct power_state p = b->now.power;
    b->now = (struct telemetry_sums){.power = {.die = p.die,
                                               .package = p.package,
                                               .die_peak = (int32_t)(p.die >> 16),
                                               .pace = p.pace}};
    memset(&b->latched, 0, sizeof b->latched);
    memset(b->told, 0, sizeof b->told);
    b->left = UINT64_C(1) << b->settings.window_log2;
}

void telemetry_configure(struct bench *b) {
    b->settling = true;
    power_write(&b->settings, write_setting, b);
    reg_write(b, LOCKSTEP_REG_TEMP_INITIAL, (uint32_t)b->settings.initial);
    b->now.power = power_start(&b->settings);
    telemetry_reset(b); /* counters start where the settings are all there */
    b->settling = false;
}

void telemetry_snapshot(struct bench *b) {
    *b->snapshot = 1;
    telemetry_tick(b);
    *b->snapshot = 0;
    for (int i = 0; i < 3; i++) /* until it has been copied */
        telemetry_tick(b);
}

void telemetry_compare(struct bench *b) {
    const struct telemetry_sums *l = &b->latched;
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
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++) {
        const uint64_t count = read64(b, LOCKSTEP_REG_EVENT_CYCLE_LO + 8 * e);
        const uint64_t expected =
            l->counts[e] + (b->fault == TELEMETRY_FAULT_COUNTER && e == LOCKSTEP_EVENT_ROPE);
        CHECK(&b->test, count == expected, "%s counts %" PRIu64 ", not %" PRIu64, event_info[e].key,
              count, expected);
    }
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++) {
        const uint64_t energy = read64(b, LOCKSTEP_REG_ENERGY_LEAKAGE_LO + 8 * u);
        CHECK(&b->test, energy == l->energy[u], "energy of %s %" PRIu64 ", not %" PRIu64,
              unit_info[u].key, energy, l->energy[u]);
    }
    for (uint32_t c = 0; c < TELEMETRY_CLASSES; c++) {
        const uint64_t count = read64(b, LOCKSTEP_REG_CLASS_IDLE_LO + 8 * c);
        CHECK(&b->test, count == l->classes[c], "class %u has %" PRIu64 ", not %" PRIu64, c, count,
              l->classes[c]);
    }
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const uint32_t is = reg_read(b, table[i].address);
        CHECK(&b->test, is == table[i].value, "%s is %08x, not %08x", table[i].name, is,
              table[i].value);
    }
}

void telemetry_compare_rows(struct bench *b) {
    static const uint32_t some[] = {8,
                                    9,
                                    12,
                                    15,
                                    18,
                                    TELEMETRY_LAYERS,
                                    TELEMETRY_LAYERS + 1,
                                    TELEMETRY_LAYERS + 5,
                                    TELEMETRY_LAYERS + 255,
                                    300};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        const struct telemetry_row *row = &b->latched.rows[some[i]];
        reg_write(b, LOCKSTEP_REG_OP_INDEX, some[i]);
        const struct telemetry_row is = {read64(b, LOCKSTEP_REG_OP_COUNT_LO),
                                         read64(b, LOCKSTEP_REG_OP_CYCLES_LO),
                                         read64(b, LOCKSTEP_REG_OP_ENERGY_LO)};
        CHECK(&b->test, memcmp(&is, row, sizeof is) == 0,
              "row %u: %" PRIu64 " ops %" PRIu64 " cycles %" PRIu64 " fJ, not %" PRIu64 " %" PRIu64
              " %" PRIu64,
              some[i], is.ops, is.cycles, is.energy, row->ops, row->cycles, row->energy);
    }
}

/* ---- opening ---- */

void telemetry_open(struct bench *b, uint64_t seed, enum telemetry_fault fault) {
    *b = (struct bench){.fault = fault};
    b->test.name = fault == TELEMETRY_FAULT_NONE ? "telemetry" : NULL;
    top_open(&b->top, &b->test, seed);
    b->clear = top_port(&b->top, "clear_i");
    *(uint8_t *)top_port(&b->top, "valid_i") = 1;
    b->addr = top_port(&b->top, "addr_i");
    b->write = top_port(&b->top, "write_i");
    b->wdata = top_port(&b->top, "wdata_i");
    b->wmask = top_port(&b->top, "wmask_i");
    b->rdata = top_port(&b->top, "rdata_o");
    b->snapshot = top_port(&b->top, "snapshot_i");
    b->busy = top_port(&b->top, "busy_i");
    b->state = top_port(&b->top, "state_i");
    b->stall = top_port(&b->top, "stall_i");
    b->op_start = top_port(&b->top, "op_start_i");
    b->op_done = top_port(&b->top, "op_done_i");
    b->op = top_port(&b->top, "op_i");
    b->layer = top_port(&b->top, "op_layer_i");
    b->pass = top_port(&b->top, "pass_i");
    b->token = top_port(&b->top, "token_i");
    b->access = top_port(&b->top, "access_i");
    b->prompt = top_port(&b->top, "prompt_i");
    b->width = top_port(&b->top, "ev_width_i");
    b->dots = top_port(&b->top, "ev_dots_i");
    b->halves = top_port(&b->top, "ev_halves_i");
    b->rows_in = top_port(&b->top, "ev_rows_i");
    b->words = top_port(&b->top, "ev_words_i");
    b->burst = top_port(&b->top, "ev_burst_i");
    b->elements = top_port(&b->top, "ev_elements_i");
    b->attend = top_port(&b->top, "ev_attend_i");
    b->kv_reads = top_port(&b->top, "ev_kv_reads_i");
    b->kv_writes = top_port(&b->top, "ev_kv_writes_i");
    b->part_valid = top_port(&b->top, "part_valid_o");
    b->part_unit = top_port(&b->top, "part_unit_o");
    b->part = top_port(&b->top, "part_energy_o");
    b->throttled = top_port(&b->top, "throttled_o");
    b->pace = top_port(&b->top, "pace_o");
    b->rest = top_port(&b->top, "rest_o");
    b->wait = top_port(&b->top, "wait_o");
    b->hot = top_port(&b->top, "hot_o");
    b->window_valid = top_port(&b->top, "window_valid_o");
    b->window_die = top_port(&b->top, "window_die_o");
    b->window_package = top_port(&b->top, "window_package_o");
    b->window_pace = top_port(&b->top, "window_pace_o");
    *b->write = *b->snapshot = *b->clear = *b->busy = *b->state = *b->stall = 0;
    *b->op_start = *b->op_done = *b->pass = *b->token = *b->op = *b->layer = *b->width = 0;
    telemetry_quiet(b);
    b->settings = power_defaults();
    b->now.power = power_start(&b->settings);
    top_reset(&b->top, 2);
}
