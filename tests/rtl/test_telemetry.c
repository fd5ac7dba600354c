/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * rtl/telemetry/telemetry.v against csrc/expect/power.c, bit for bit: random activity and settings,
 * coefficients at their maximum until sums wrap and written while they are in use, each unit's
 * energy of each window, snapshots in the middle of everything, totals by op and layer, soft reset,
 * rests and rationing. At the end the oracle is made wrong in one counter, one coefficient and the
 * thermal step, and each must be seen.
 *
 *     test_telemetry [SEED]
 */
#include "telemetry_bench.h"

#include "generated/device.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define NEVER UINT32_MAX        /* as the cycle of a snapshot: none */
#define LONG  UINT64_C(3300000) /* cycles of test_long with the first seed */

/* Numbers of all magnitudes: 32 bits, shifted right by less than `shifts`. */
static uint32_t random_word(struct bench *b, uint32_t shifts) {
    const uint32_t word = (uint32_t)top_random(&b->top);
    return word >> top_below(&b->top, shifts);
}

/* Often within reason, sometimes anything that the register holds. */
static int32_t random_temperature(struct bench *b) {
    return top_below(&b->top, 4) == 0 ? (int32_t)(top_random(&b->top) >> 32)
                                      : (int32_t)top_below(&b->top, 200 << 16) - (60 << 16);
}

static void random_settings(struct bench *b, bool extreme) {
    struct power_settings *s = &b->settings;
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        s->coefficient[e] = extreme ? UINT32_MAX : random_word(b, 32);
    s->window_log2 = 9 + top_below(&b->top, 3);
    s->power_scale = extreme ? top_below(&b->top, 8) : random_word(b, 32);
    s->power_filter = top_below(&b->top, 16);
    s->heats = top_below(&b->top, 256);
    s->ambient = random_temperature(b);
    s->initial = random_temperature(b);
    s->heat = extreme ? UINT32_MAX : random_word(b, 24);
    s->die = random_word(b, 24);
    s->package = random_word(b, 24);
    s->to_ambient = random_word(b, 24);
    s->speed = top_below(&b->top, 32);
    s->throttle = top_below(&b->top, 16);
    s->pace_max = top_below(&b->top, 256);
    s->ramp_start = random_temperature(b);
    s->ramp_target = random_temperature(b);
    s->limit = random_temperature(b);
    s->cap_start = random_word(b, 8);
    s->cap_power = random_word(b, 8);
}

static uint32_t sometimes(struct bench *b, uint32_t most) {
    return top_below(&b->top, 4) == 0 ? top_below(&b->top, most + 1) : 0;
}

static void activity(struct bench *b, uint32_t most) {
    *b->access = (uint8_t)sometimes(b, 1);
    *b->prompt = (uint8_t)sometimes(b, 1);
    *b->burst = (uint8_t)sometimes(b, 1);
    *b->width = (uint8_t)top_below(&b->top, 3);
    *b->kv_reads = (uint8_t)sometimes(b, most < 255 ? most : 255);
    *b->kv_writes = (uint8_t)sometimes(b, most < 255 ? most : 255);
    *b->dots = (uint16_t)sometimes(b, most);
    *b->halves = (uint16_t)sometimes(b, most);
    *b->rows_in = (uint16_t)sometimes(b, most);
    *b->words = (uint16_t)sometimes(b, most);
    *b->elements = in_mask(LOCKSTEP_OPS_UNIT_VECTOR | LOCKSTEP_OPS_SAMPLER, *b->op)
                       ? (uint16_t)sometimes(b, most)
                       : (uint16_t)0;
    *b->attend = (uint16_t)sometimes(b, most);
}

/* What the engine does between ops. */
static void between(struct bench *b) {
    static const uint8_t states[] = {LOCKSTEP_STATE_IDLE,      LOCKSTEP_STATE_FORM,
                                     LOCKSTEP_STATE_FETCH,     LOCKSTEP_STATE_SAMPLE,
                                     LOCKSTEP_STATE_PUSH,      LOCKSTEP_STATE_VALIDATE,
                                     LOCKSTEP_STATE_THROTTLED, LOCKSTEP_STATE_ERROR};
    if (top_below(&b->top, 3) == 0) {
        *b->state = states[top_below(&b->top, sizeof states)];
        *b->busy = top_below(&b->top, 4) != 0;
    }
}

/* A coefficient changes while its events happen: from the cycle of the write on. */
static void change_price(struct bench *b) {
    const uint32_t event = top_below(&b->top, LOCKSTEP_EVENT_LIMIT);
    b->settings.coefficient[event] = random_word(b, 32);
    *b->addr = (uint16_t)(LOCKSTEP_REG_COEF_CYCLE + 4 * event);
    *b->wdata = b->settings.coefficient[event];
    *b->wmask = UINT32_MAX;
    *b->write = 1;
}

/* Ops as the sequencer runs them, with random activity in them; in some an event is repriced.
 * Cycle `snapshot` of it has one. */
static void run_op(struct bench *b, uint32_t times_most, uint32_t snapshot) {
    const uint32_t cycles = 1 + top_below(&b->top, 60), done = 2 + cycles;
    *b->busy = 1;
    *b->state = LOCKSTEP_STATE_FETCH;
    *b->op = (uint8_t)(8 + top_below(&b->top, 11));
    *b->layer = (uint8_t)(top_random(&b->top) % 3 == 0 ? 255 : top_below(&b->top, 6));
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
        *b->stall = top_below(&b->top, 2) == 0;
        *b->token = *b->pass = 0;
        *b->snapshot = i == snapshot;
        activity(b, times_most);
        if (top_below(&b->top, 200) == 0)
            change_price(b);
        telemetry_tick(b);
        *b->write = *b->snapshot = 0;
        /* Its rows are written three and four cycles after it is done; a snapshot in that cycle
         * is of before. */
        if (i == done + 2) /* nothing is added any more */
            b->final = b->current;
        if (i >= done + 3 && i <= done + 4) {
            struct telemetry_row *row =
                &b->now.rows[i == done + 3 ? b->op_code : TELEMETRY_LAYERS + b->op_layer];
            row->ops++;
            row->cycles += b->final.cycles;
            row->energy += b->final.energy;
        }
    }
    *b->op_done = 0;
}

static void test_activity(struct bench *b, bool extreme) {
    const uint32_t most = extreme ? 65535 : 40, ops = extreme ? 100 : 25;
    const uint64_t windows = b->windows;
    random_settings(b, extreme);
    telemetry_configure(b);
    for (int round = 0; round < 12; round++) {
        for (uint32_t i = 0; i < ops; i++)
            run_op(b, most, NEVER);
        /* In a cycle of this op, or in none: the snapshot is then the one before. */
        run_op(b, most, top_below(&b->top, 70));
        for (int i = 0; i < 5; i++) /* life goes on; the snapshot stays */
            run_op(b, 40, NEVER);
        telemetry_compare(b);
        telemetry_quiet(b);
        telemetry_compare_rows(b);
    }
    CHECK(&b->test, b->windows >= windows + 3, "only %" PRIu64 " windows", b->windows - windows);
}

/* Between two windows: in the cycles until a temperature is shown, a reset loses what led to it;
 * in each of the last ones, too. */
static void test_reset(struct bench *b) {
    for (uint64_t round = 0; round < 24; round++) {
        random_settings(b, false);
        telemetry_configure(b);
        for (int i = 0; i < 30; i++)
            run_op(b, 40, NEVER);
        for (const uint64_t windows = b->windows; b->windows == windows;)
            telemetry_tick(b);
        for (uint64_t i = round; i < UINT64_C(1) << b->settings.window_log2; i++)
            telemetry_tick(b);
        telemetry_reset(b);
        telemetry_compare(b); /* nothing, before the next snapshot */
        telemetry_snapshot(b);
        telemetry_compare(b);
        telemetry_compare_rows(b);
        for (int i = 0; i < 60; i++)
            run_op(b, 40, NEVER);
        telemetry_quiet(b);
        telemetry_snapshot(b);
        telemetry_compare(b);
        telemetry_compare_rows(b);
    }
}

/* Everything at its most, until the sums have wrapped around at 2^64. */
static void test_wrap(struct bench *b) {
    random_settings(b, true);
    *b->busy = 0;
    telemetry_configure(b);
    *b->op = LOCKSTEP_OP_ADD;
    *b->dots = *b->halves = *b->rows_in = *b->words = *b->elements = *b->attend = UINT16_MAX;
    *b->kv_reads = *b->kv_writes = UINT8_MAX;
    for (int i = 0; i < 70000; i++)
        telemetry_tick(b);
    telemetry_quiet(b);
    telemetry_snapshot(b);
    CHECK(&b->test, b->latched.energy[LOCKSTEP_UNIT_WEIGHTS] < UINT64_MAX / 2,
          "no sum wrapped around");
    telemetry_compare(b);
}

/* The length of windows as a number that counts as the nearest that is one. */
static void write_window(struct bench *b, uint32_t value) {
    *b->addr = LOCKSTEP_REG_WINDOW;
    *b->wdata = value;
    *b->wmask = UINT32_MAX;
    *b->write = 1;
    telemetry_tick(b);
    *b->write = 0;
}

/* One op that goes on for a long time, everything in it at its most. */
static void test_long(struct bench *b, uint64_t cycles) {
    random_settings(b, true);
    b->settings.window_log2 = 20;
    b->settings.speed = 0;
    telemetry_configure(b);
    write_window(b, 21 + top_below(&b->top, 11));
    const uint64_t windows = b->windows;
    *b->busy = 1;
    *b->op = LOCKSTEP_OP_MATVEC;
    *b->layer = 5;
    *b->width = 1;
    *b->stall = 0;
    *b->state = LOCKSTEP_STATE_FETCH;
    *b->op_start = 1;
    telemetry_tick(b);
    *b->op_start = 0;
    *b->state = LOCKSTEP_STATE_EXECUTE;
    *b->dots = *b->halves = *b->rows_in = *b->words = *b->attend = UINT16_MAX;
    *b->kv_reads = *b->kv_writes = UINT8_MAX;
    telemetry_tick(b);
    telemetry_repeat(b, cycles);
    *b->op_done = 1;
    telemetry_tick(b);
    *b->op_done = 0;
    *b->state = LOCKSTEP_STATE_FETCH;
    telemetry_quiet(b);
    for (int i = 0; i < 8; i++)
        telemetry_tick(b);
    b->now.rows[LOCKSTEP_OP_MATVEC] = b->now.rows[TELEMETRY_LAYERS + 5] = b->current;
    telemetry_snapshot(b);
    telemetry_compare(b);
    telemetry_compare_rows(b);
    CHECK(&b->test, b->windows - windows >= cycles >> 20, "%" PRIu64 " windows",
          b->windows - windows);
    *b->state = LOCKSTEP_STATE_IDLE;
    *b->busy = 0;
}

/* A rest is (pace - 1) times as long as its op; the example of the ramp. */
static void test_rest(struct bench *b) {
    b->settings = power_defaults();
    b->settings.initial = b->settings.ambient = 73 * 65536;
    b->settings.throttle = LOCKSTEP_THROTTLE_TEMPERATURE_MASK;
    b->settings.window_log2 = 9;
    telemetry_quiet(b);
    telemetry_configure(b);
    write_window(b, top_below(&b->top, 9));
    const uint64_t windows = b->windows;
    for (int i = 0; i < 1450; i++)
        telemetry_tick(b);
    CHECK(&b->test, b->windows == windows + 2, "%" PRIu64 " windows in 1450 cycles",
          b->windows - windows);
    CHECK(&b->test, *b->window_pace == 30, "at 73 degrees the pace is %u, not 30", *b->window_pace);
    for (uint32_t cycles = 1; cycles < 40; cycles += 6) {
        uint32_t rest = 0;
        *b->busy = 1;
        *b->state = LOCKSTEP_STATE_FETCH;
        *b->op_start = 1;
        telemetry_tick(b);
        *b->op_start = 0;
        *b->state = LOCKSTEP_STATE_EXECUTE;
        for (uint32_t i = 0; i < cycles; i++) {
            *b->op_done = i + 1 == cycles;
            top_settle(&b->top);
            CHECK(&b->test, *b->pace == 1, "no rest is asked for");
            telemetry_tick(b);
        }
        *b->op_done = 0;
        *b->state = LOCKSTEP_STATE_THROTTLED;
        do {
            top_settle(&b->top);
            rest++;
            const bool last = *b->rest;
            telemetry_tick(b);
            if (last)
                break;
        } while (rest < 10000);
        CHECK(&b->test, rest == 29 * cycles, "an op of %u cycles is followed by %u of rest", cycles,
              rest);
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
    telemetry_configure(b);
    while (tokens < 1000) {
        const uint32_t pass = 50 + top_below(&b->top, 50);
        *b->pass = 1;
        telemetry_tick(b);
        *b->pass = 0;
        for (uint32_t i = 1; i < pass; i++)
            telemetry_tick(b);
        *b->token = 1;
        telemetry_tick(b);
        *b->token = 0;
        tokens++;
        cycles += pass + 1;
        while (top_settle(&b->top), *b->wait) {
            telemetry_tick(b);
            cycles++;
        }
    }
    CHECK(&b->test, cycles > 136900 && cycles < 137100, "1000 tokens took %" PRIu64 " cycles",
          cycles);
}

static void test_limit(struct bench *b) {
    b->settings = power_defaults();
    b->settings.throttle = LOCKSTEP_THROTTLE_LIMIT_MASK;
    b->settings.initial = b->settings.limit - 1;
    telemetry_configure(b);
    telemetry_tick(b);
    CHECK(&b->test, !*b->hot, "hot below the limit");
    b->settings.initial = b->settings.limit;
    telemetry_configure(b);
    telemetry_tick(b);
    CHECK(&b->test, *b->hot, "not hot at the limit");
}

int main(int argc, char **argv) {
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    struct host_test test = {"telemetry", 0, 0};
    struct bench b;
    for (uint64_t s = seed; s < seed + 5 && test.failures == 0; s++) {
        telemetry_open(&b, s, TELEMETRY_FAULT_NONE);
        telemetry_snapshot(&b); /* behind the reset, before anything is set */
        telemetry_compare(&b);
        test_activity(&b, false);
        test_activity(&b, true);
        test_reset(&b);
        test_wrap(&b);
        test_long(&b, s == seed ? LONG : 100000);
        test_rest(&b);
        test_ration(&b);
        test_limit(&b);
        top_close(&b.top);
        test.checks += b.test.checks;
        test.failures += b.test.failures;
    }
    for (int fault = TELEMETRY_FAULT_NONE + 1; fault < TELEMETRY_FAULTS; fault++) {
        telemetry_open(&b, seed, (enum telemetry_fault)fault);
        random_settings(&b, false);
        b.settings.coefficient[LOCKSTEP_EVENT_DOT8] &= ~1u;
        b.settings.speed = 0;
        telemetry_configure(&b);
        if (fault == TELEMETRY_FAULT_COEFFICIENT)
            b.settings.coefficient[LOCKSTEP_EVENT_DOT8] |= 1;
        for (int i = 0; i < 400; i++)
            run_op(&b, 40, NEVER);
        telemetry_quiet(&b);
        telemetry_snapshot(&b);
        telemetry_compare(&b);
        top_close(&b.top);
        CHECK(&test, b.test.failures != 0, "planted fault %d was not seen", fault);
    }
    return host_test_finish(&test);
}
