/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What counts and windows of activity cost in energy and heat, and how the device paces itself:
 * docs/power.md in C, to the bit, written apart from the RTL.
 *
 *     struct power_settings s = power_defaults();
 *     struct power_state state = power_start(&s);
 *     energy = power_energy(&s, LOCKSTEP_UNIT_DOT, counts);
 *     pace = power_window(&s, &state, window_energy);
 */
#ifndef LS_POWER_H
#define LS_POWER_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/base/device_info.h"
#include "csrc/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The registers of the same names. Temperatures: 2^-16 degrees C. */
struct power_settings {
    uint32_t coefficient[LOCKSTEP_EVENT_LIMIT]; /* fJ */
    uint32_t window_log2;                       /* cycles, 9..20 */
    uint32_t power_scale;                       /* 2^-40 uW per fJ of a window */
    uint32_t power_filter;                      /* log2 of windows, 0..15 */
    uint32_t heats;                             /* bit u: unit u heats the die */
    int32_t initial, ambient;
    uint32_t heat, die, package, to_ambient; /* THERMAL_HEAT, _DIE, _PACKAGE, _AMBIENT: 2^-40 */
    uint32_t speed;                          /* log2, 0..20 */
    uint32_t throttle;                       /* bits of THROTTLE */
    uint32_t pace_max;
    int32_t ramp_start, ramp_target, limit;
    uint32_t cap_start, cap_power; /* uW */
    uint32_t token_cycles;
};

struct power_state {
    int64_t die, package; /* 2^-32 degrees C */
    uint64_t smooth;      /* 2^-16 uW */
    uint32_t power, peak; /* uW, of the last window, highest */
    int32_t die_peak;     /* 2^-16 degrees C */
    uint32_t pace;        /* 1: none */
};

/* What the registers hold after reset: 45 nm, no heat, no throttle. */
struct power_settings power_defaults(void);

/* Writes every setting but the initial temperature into its register. */
void power_write(const struct power_settings *settings,
                 void (*write)(void *context, uint32_t address, uint32_t value), void *context);

struct power_state power_start(const struct power_settings *settings);

/* Energy of a unit in fJ, modulo 2^64, from the counts of all events. */
uint64_t power_energy(const struct power_settings *settings, uint32_t unit,
                      const uint64_t counts[LOCKSTEP_EVENT_LIMIT]);

/* A window closes: energy in fJ of each unit. Returns the pace from now on. */
uint32_t power_window(const struct power_settings *settings, struct power_state *state,
                      const uint64_t energy[LOCKSTEP_UNIT_LIMIT]);

/* The pace of one ramp: 1 below start, most at end and beyond. */
uint32_t power_ramp(int64_t value, int64_t start, int64_t end, uint32_t most);

/* Settings of a profile (docs/power.md, Profiles): a line `name = value` each, '#' begins a
 * comment. path NULL: 45 nm, as scripts/profiles/45nm.txt. Returns 0, or -1 with `err`. */
int power_profile(const char *path, uint64_t clock_hz, struct power_settings *settings,
                  struct ls_error *err);

/* Thermal registers for a body: heat capacities in J/K, resistances in K/W. */
void power_body(struct power_settings *settings, double clock_hz, double die_j_per_k,
                double package_j_per_k, double die_to_package, double package_to_ambient);

#ifdef __cplusplus
}
#endif
#endif
