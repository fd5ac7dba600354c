/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * rtl/telemetry/telemetry.v on a bench, with its oracle: what csrc/expect/power.c makes of the
 * inputs of every cycle. Pins are set between ticks; windows and outputs are checked in each, the
 * registers when asked.
 *
 *     struct bench b;
 *     telemetry_open(&b, seed, TELEMETRY_FAULT_NONE);
 *     telemetry_configure(&b);         with b.settings
 *     *b.dots = 3;
 *     telemetry_tick(&b);
 *     telemetry_snapshot(&b);
 *     telemetry_compare(&b);
 *     top_close(&b.top);               b.test has counted
 */
#ifndef TELEMETRY_BENCH_H
#define TELEMETRY_BENCH_H

#include "csrc/expect/power.h"
#include "tests/kit/top.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TELEMETRY_CLASSES = 10, /* of cycles */
    TELEMETRY_LAYERS = 64,  /* the row of layer 0; before it a row for each op code */
    TELEMETRY_ROWS = TELEMETRY_LAYERS + 256
};

/* How the oracle is made wrong, which the checks must see. */
enum telemetry_fault {
    TELEMETRY_FAULT_NONE,
    TELEMETRY_FAULT_COUNTER,     /* one event more */
    TELEMETRY_FAULT_COEFFICIENT, /* left to the test: 1 fJ more in b->settings than was written */
    TELEMETRY_FAULT_THERMAL,     /* the die is warmer by 2^-16 degrees after each window */
    TELEMETRY_FAULTS
};

struct telemetry_row {
    uint64_t ops, cycles, energy; /* energy: fJ */
};

/* What a snapshot holds. */
struct telemetry_sums {
    uint64_t counts[LOCKSTEP_EVENT_LIMIT];
    uint64_t classes[TELEMETRY_CLASSES];  /* cycles */
    uint64_t energy[LOCKSTEP_UNIT_LIMIT]; /* fJ */
    uint64_t closed;                      /* windows */
    struct telemetry_row rows[TELEMETRY_ROWS];
    struct power_state power;
};

struct bench {
    struct host_test test;
    struct top top;
    enum telemetry_fault fault;

    /* Ports; telemetry_open has their names in rtl/telemetry/telemetry.v. */
    uint8_t *clear, *write, *snapshot, *busy, *state, *stall, *op_start, *op_done, *op;
    uint8_t *layer, *pass, *token, *throttled, *pace, *rest, *wait, *hot, *window_valid;
    uint8_t *window_pace;
    uint16_t *addr;
    uint32_t *wdata, *wmask, *rdata, *window_die, *window_package;
    uint8_t *access, *prompt, *width, *burst, *kv_reads, *kv_writes, *part_valid, *part_unit;
    uint16_t *dots, *halves, *rows_in, *words, *elements, *attend;
    uint64_t *part;

    /* Oracle. Energy in fJ. */
    struct power_settings settings; /* as in the registers; see telemetry_configure */
    struct telemetry_sums now, latched;
    struct telemetry_row current, final; /* the op that runs, that ended */
    uint64_t ends[LOCKSTEP_UNIT_LIMIT]
                 [LOCKSTEP_UNIT_LIMIT]; /* energy so many cycles after the last window's end */
    uint32_t since;                     /* of them, the newest */
    uint64_t told[LOCKSTEP_UNIT_LIMIT],
        window[LOCKSTEP_UNIT_LIMIT]; /* energy by the windows: all, the last */
    uint64_t left;                   /* cycles to the end of the window that is open */
    uint64_t windows;
    bool settling; /* settings are written one by one */
    uint32_t op_code, op_layer;
    uint64_t times[LOCKSTEP_EVENT_LIMIT]; /* of the cycle to come */
    uint64_t cost;                        /* of the cycle before, which the totals see now */
};

/* Opens and resets the device, with default settings; b->test begins anew. The caller
 * closes b->top. */
void telemetry_open(struct bench *b, uint64_t seed, enum telemetry_fault fault);

/* Writes b->settings to the registers; heat begins as they say, counters at 0. */
void telemetry_configure(struct bench *b);

/* A soft reset: counters, windows and power begin; heat stays. */
void telemetry_reset(struct bench *b);

/* One clock with the inputs as they are; the oracle counts along. */
void telemetry_tick(struct bench *b);

/* `cycles` more (not 0) like the tick before, which started no op: the oracle multiplies, once a
 * window. */
void telemetry_repeat(struct bench *b, uint64_t cycles);

/* Sets the inputs that count work and accesses to 0. */
void telemetry_quiet(struct bench *b);

/* A snapshot of now, for as many ticks as it takes. */
void telemetry_snapshot(struct bench *b);

/* Compares registers with what they held at the last snapshot: all but the rows; some rows. */
void telemetry_compare(struct bench *b);
void telemetry_compare_rows(struct bench *b);

#endif
