/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Energy, heat and pacing in integers; see docs/power.md.
 */
#include "power.h"

#include <stddef.h>

#define T_MAX ((INT64_C(1) << 41) - 1) /* clamp: just below 512 degrees, 2^-32 */

__extension__ typedef __int128 wide;

struct power_settings power_defaults(void) {
    struct power_settings s = {
        .window_log2 = LOCKSTEP_RESET_WINDOW,
        .power_scale = LOCKSTEP_RESET_POWER_SCALE,
        .power_filter = LOCKSTEP_RESET_POWER_FILTER,
        .heats = LOCKSTEP_RESET_HEATS,
        .initial = LOCKSTEP_RESET_TEMP_INITIAL,
        .ambient = LOCKSTEP_RESET_TEMP_AMBIENT,
        .pace_max = LOCKSTEP_RESET_PACE_MAX,
        .ramp_start = LOCKSTEP_RESET_RAMP_START,
        .ramp_target = LOCKSTEP_RESET_RAMP_TARGET,
        .limit = LOCKSTEP_RESET_TEMP_LIMIT,
        .cap_start = LOCKSTEP_RESET_CAP_START,
        .cap_power = LOCKSTEP_RESET_CAP_POWER,
    };
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        s.coefficient[e] = event_info[e].coefficient;
    return s;
}

void power_write(const struct power_settings *s,
                 void (*write)(void *context, uint32_t address, uint32_t value), void *context) {
    const struct {
        uint32_t address, value;
    } list[] = {
        {LOCKSTEP_REG_WINDOW, s->window_log2},
        {LOCKSTEP_REG_POWER_SCALE, s->power_scale},
        {LOCKSTEP_REG_POWER_FILTER, s->power_filter},
        {LOCKSTEP_REG_HEATS, s->heats},
        {LOCKSTEP_REG_TEMP_AMBIENT, (uint32_t)s->ambient},
        {LOCKSTEP_REG_THERMAL_HEAT, s->heat},
        {LOCKSTEP_REG_THERMAL_DIE, s->die},
        {LOCKSTEP_REG_THERMAL_PACKAGE, s->package},
        {LOCKSTEP_REG_THERMAL_AMBIENT, s->to_ambient},
        {LOCKSTEP_REG_THERMAL_SPEED, s->speed},
        {LOCKSTEP_REG_THROTTLE, s->throttle},
        {LOCKSTEP_REG_PACE_MAX, s->pace_max},
        {LOCKSTEP_REG_RAMP_START, (uint32_t)s->ramp_start},
        {LOCKSTEP_REG_RAMP_TARGET, (uint32_t)s->ramp_target},
        {LOCKSTEP_REG_TEMP_LIMIT, (uint32_t)s->limit},
        {LOCKSTEP_REG_CAP_START, s->cap_start},
        {LOCKSTEP_REG_CAP_POWER, s->cap_power},
        {LOCKSTEP_REG_TOKEN_CYCLES, s->token_cycles},
    };
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        write(context, LOCKSTEP_REG_COEF_CYCLE + 4 * e, s->coefficient[e]);
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        write(context, list[i].address, list[i].value);
}

static int64_t clamp(int64_t t) {
    return t > T_MAX ? T_MAX : t < -T_MAX ? -T_MAX : t;
}

struct power_state power_start(const struct power_settings *settings) {
    const int64_t t = clamp((int64_t)settings->initial * 65536);
    return (struct power_state){.die = t, .package = t, .die_peak = (int32_t)(t >> 16), .pace = 1};
}

uint64_t power_energy(const struct power_settings *settings, uint32_t unit,
                      const uint64_t counts[LOCKSTEP_EVENT_LIMIT]) {
    uint64_t energy = 0;
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        if (event_info[e].unit == unit)
            energy += counts[e] * settings->coefficient[e];
    return energy;
}

/* floor(x * k / 2^40); right shifts of negative numbers are arithmetic in every compiler we use. */
static int64_t scaled(int64_t x, uint32_t k) {
    return (int64_t)((wide)x * k >> 40);
}

uint32_t power_ramp(int64_t value, int64_t start, int64_t end, uint32_t most) {
    const uint32_t above_one = most == 0 ? 0 : most - 1;
    if (value < start)
        return 1;
    if (value >= end)
        return above_one + 1;
    return 1 + (uint32_t)((int64_t)above_one * (value - start) / (end - start));
}

uint32_t power_window(const struct power_settings *s, struct power_state *state,
                      const uint64_t energy[LOCKSTEP_UNIT_LIMIT]) {
    uint64_t total = 0, heat = 0;
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++) {
        total += energy[u];
        heat += (s->heats >> u & 1) != 0 ? energy[u] : 0;
    }
    if (heat > UINT64_C(0xffffffffff))
        heat = UINT64_C(0xffffffffff);
    if (total > UINT64_C(0x3fffffffffffffff))
        total = UINT64_C(0x3fffffffffffffff);

    const int64_t faster = INT64_C(1) << (s->speed > 20 ? 20 : s->speed);
    const int64_t across = (state->die - state->package) * faster;
    const int64_t outward = (state->package - clamp((int64_t)s->ambient * 65536)) * faster;
    const int64_t die =
        state->die + scaled((int64_t)heat * faster, s->heat) - scaled(across, s->die);
    const int64_t package =
        state->package + scaled(across, s->package) - scaled(outward, s->to_ambient);
    const int64_t power = scaled((int64_t)total, s->power_scale);

    state->die = clamp(die);
    state->package = clamp(package);
    state->power = power > UINT32_MAX ? UINT32_MAX : (uint32_t)power;
    if (state->power > state->peak)
        state->peak = state->power;
    state->smooth =
        (uint64_t)((int64_t)state->smooth +
                   (((int64_t)state->power * 65536 - (int64_t)state->smooth) >> s->power_filter));

    const int32_t shown = (int32_t)(state->die >> 16);
    const uint32_t warm = (s->throttle & LOCKSTEP_THROTTLE_TEMPERATURE_MASK) == 0
                              ? 1
                              : power_ramp(shown, s->ramp_start, s->ramp_target, s->pace_max);
    const uint32_t drawn =
        (s->throttle & LOCKSTEP_THROTTLE_POWER_MASK) == 0
            ? 1
            : power_ramp((int64_t)(state->smooth >> 16), s->cap_start, s->cap_power, s->pace_max);
    if (shown > state->die_peak)
        state->die_peak = shown;
    state->pace = warm > drawn ? warm : drawn;
    return state->pace;
}

static uint32_t rounded(double value) {
    return value >= UINT32_MAX ? UINT32_MAX : (uint32_t)(value + 0.5);
}

void power_body(struct power_settings *s, double clock_hz, double die_j_per_k,
                double package_j_per_k, double die_to_package, double package_to_ambient) {
    const double one = (double)(UINT64_C(1) << 40);
    const double cycles = (double)(UINT64_C(1) << s->window_log2), seconds = cycles / clock_hz;
    s->power_scale = rounded(one * clock_hz / (cycles * 1e9));
    s->heat = rounded(one * (double)(UINT64_C(1) << 32) * 1e-15 / die_j_per_k);
    s->die = rounded(one * seconds / (die_to_package * die_j_per_k));
    s->package = rounded(one * seconds / (die_to_package * package_j_per_k));
    s->to_ambient = rounded(one * seconds / (package_to_ambient * package_j_per_k));
}
