/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * csrc/expect/power.c: the ramp, and the fixed-point thermal model against the closed form of the
 * same two nodes in double precision: step responses and periodic loads, from slow to as fast as a
 * profile may be (a window is 1/64 of the shortest time constant). The worst error is printed; it
 * must stay below 0.05 C, and a coefficient that is off by 1 % must not.
 */
#include "csrc/expect/power.h"
#include "tests/kit/host_test.h"

#include <inttypes.h>
#include <math.h>

struct body {
    double die, package;     /* J/K */
    double inner, outer;     /* K/W */
    double ambient, initial; /* degrees C */
};

struct exact {
    double die, package; /* degrees C */
};

/* Two nodes under constant power for t seconds: eigenvalues of the 2x2 system. */
static struct exact advance(const struct body *b, struct exact now, double watts, double t) {
    const double a = 1 / (b->inner * b->die), c = 1 / (b->inner * b->package),
                 d = 1 / (b->outer * b->package);
    const double package = b->ambient + watts * b->outer, die = package + watts * b->inner;
    const double half = (a + c + d) / 2, root = sqrt(half * half - a * d);
    const double fast = -half - root, slow = -half + root;
    /* x' = -a (x - y), so y = x + x' / a: x = p e^(fast t) + q e^(slow t). */
    const double x = now.die - die, y = now.package - package;
    const double rate = -a * (x - y);
    const double p = (rate - slow * x) / (fast - slow), q = x - p;
    const double ef = exp(fast * t), es = exp(slow * t);
    return (struct exact){die + p * ef + q * es,
                          package + p * ef * (1 + fast / a) + q * es * (1 + slow / a)};
}

struct load {
    double high, low; /* W */
    uint32_t on, off; /* windows */
};

/* The worst difference over `windows` windows. */
static double worst_error(const struct body *body, const struct load *load, uint32_t window_log2,
                          uint32_t speed, uint64_t windows, int fault) {
    const double clock = 500e6, seconds = ldexp(1, (int)window_log2) / clock * ldexp(1, (int)speed);
    struct power_settings s = power_defaults();
    struct power_state state;
    struct exact exact = {body->initial, body->initial};
    double worst = 0;
    s.window_log2 = window_log2;
    s.speed = speed;
    s.initial = (int32_t)lround(body->initial * 65536);
    s.ambient = (int32_t)lround(body->ambient * 65536);
    power_body(&s, clock, body->die, body->package, body->inner, body->outer);
    state = power_start(&s);
    if (fault)
        s.die += s.die / 100;
    for (uint64_t i = 0; i < windows; i++) {
        const double watts = i % (load->on + load->off) < load->on ? load->high : load->low;
        uint64_t energy[LOCKSTEP_UNIT_LIMIT] = {0};
        energy[LOCKSTEP_UNIT_DOT] =
            (uint64_t)llround(watts * 1e15 * ldexp(1, (int)window_log2) / clock);
        power_window(&s, &state, energy);
        exact = advance(body, exact, watts, seconds);
        worst = fmax(worst, fabs(ldexp((double)state.die, -32) - exact.die));
        worst = fmax(worst, fabs(ldexp((double)state.package, -32) - exact.package));
    }
    return worst;
}

/* What holds after reset. */
static void test_defaults(struct host_test *t) {
    const struct power_settings s = power_defaults();
    CHECK(t,
          s.window_log2 == LOCKSTEP_RESET_WINDOW && s.power_scale == LOCKSTEP_RESET_POWER_SCALE &&
              s.power_filter == LOCKSTEP_RESET_POWER_FILTER && s.heats == LOCKSTEP_RESET_HEATS &&
              s.initial == LOCKSTEP_RESET_TEMP_INITIAL &&
              s.ambient == LOCKSTEP_RESET_TEMP_AMBIENT && s.pace_max == LOCKSTEP_RESET_PACE_MAX,
          "window %u", s.window_log2);
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        CHECK(t, s.coefficient[e] == event_info[e].coefficient, "event %u", e);
}

/* Sums are exact: one fJ more is seen where it carries. */
static void test_sums(struct host_test *t) {
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
        for (uint32_t more = 0; more < 2; more++) {
            struct power_settings s = power_defaults();
            struct power_state state = power_start(&s);
            const int64_t die = state.die;
            uint64_t energy[LOCKSTEP_UNIT_LIMIT] = {0};
            s.ambient = s.initial;
            s.heats = 1u << u;
            s.speed = 0;
            s.power_scale = s.heat = UINT32_C(1) << 31;
            energy[u] = 511 + more; /* times 2^31, of 2^40 */
            power_window(&s, &state, energy);
            CHECK(t, state.power == more && state.die - die == more,
                  "unit %u, %u fJ: %u uW, %lld more heat", u, 511 + more, state.power,
                  (long long)(state.die - die));
            s.heats ^= (1u << LOCKSTEP_UNIT_LIMIT) - 1; /* all but this one */
            state = power_start(&s);
            power_window(&s, &state, energy);
            CHECK(t, state.power == more && state.die == die, "unit %u heats and should not", u);
        }
}

/* Heat and power slow down only as far as they are told to. */
static void test_throttle(struct host_test *t) {
    for (uint32_t throttle = 0; throttle < 4; throttle++)
        for (uint32_t hot = 0; hot < 2; hot++)
            for (uint32_t drawn = 0; drawn < 2; drawn++) {
                const bool by_heat = throttle & 1, by_power = throttle & 2;
                struct power_settings s = power_defaults();
                uint64_t energy[LOCKSTEP_UNIT_LIMIT] = {0};
                s.throttle = (by_heat ? LOCKSTEP_THROTTLE_TEMPERATURE_MASK : 0) |
                             (by_power ? LOCKSTEP_THROTTLE_POWER_MASK : 0);
                s.initial = s.ambient = hot ? 95 << 16 : 20 << 16;
                s.ramp_start = 70 << 16;
                s.ramp_target = 75 << 16;
                s.power_filter = 0;
                s.power_scale = UINT32_C(1) << 31;
                s.heats = 0;
                s.cap_start = 1000;
                s.cap_power = 2000;
                s.pace_max = 7;
                energy[0] = drawn ? 512 * 2500 : 512 * 500; /* 2500 or 500 uW */
                struct power_state state = power_start(&s);
                const uint32_t pace = power_window(&s, &state, energy),
                               expected = (by_heat && hot) || (by_power && drawn) ? 7 : 1;
                CHECK(t, pace == expected && state.pace == expected, "throttle %u, %s, %s: pace %u",
                      throttle, hot ? "hot" : "cool", drawn ? "much" : "little", pace);
            }
}

static uint32_t registers[1024]; /* by address / 4 */

static void set_register(void *context, uint32_t address, uint32_t value) {
    ++*(uint32_t *)context;
    registers[address / 4 % 1024] = value;
}

/* Each setting goes to its register, and nothing else is written. */
static void test_write(struct host_test *t) {
    struct power_settings s = {.window_log2 = 201,
                               .power_scale = 202,
                               .power_filter = 203,
                               .heats = 204,
                               .ambient = -205,
                               .heat = 206,
                               .die = 207,
                               .package = 208,
                               .to_ambient = 209,
                               .speed = 210,
                               .throttle = 211,
                               .pace_max = 212,
                               .ramp_start = -213,
                               .ramp_target = -214,
                               .limit = -215,
                               .cap_start = 216,
                               .cap_power = 217,
                               .token_cycles = 218};
    static const struct {
        uint32_t address;
        int32_t value;
    } expected[] = {{LOCKSTEP_REG_WINDOW, 201},          {LOCKSTEP_REG_POWER_SCALE, 202},
                    {LOCKSTEP_REG_POWER_FILTER, 203},    {LOCKSTEP_REG_HEATS, 204},
                    {LOCKSTEP_REG_TEMP_AMBIENT, -205},   {LOCKSTEP_REG_THERMAL_HEAT, 206},
                    {LOCKSTEP_REG_THERMAL_DIE, 207},     {LOCKSTEP_REG_THERMAL_PACKAGE, 208},
                    {LOCKSTEP_REG_THERMAL_AMBIENT, 209}, {LOCKSTEP_REG_THERMAL_SPEED, 210},
                    {LOCKSTEP_REG_THROTTLE, 211},        {LOCKSTEP_REG_PACE_MAX, 212},
                    {LOCKSTEP_REG_RAMP_START, -213},     {LOCKSTEP_REG_RAMP_TARGET, -214},
                    {LOCKSTEP_REG_TEMP_LIMIT, -215},     {LOCKSTEP_REG_CAP_START, 216},
                    {LOCKSTEP_REG_CAP_POWER, 217},       {LOCKSTEP_REG_TOKEN_CYCLES, 218}};
    const uint32_t others = sizeof expected / sizeof *expected;
    uint32_t writes = 0;
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        s.coefficient[e] = 1000 + e;
    power_write(&s, set_register, &writes);
    CHECK(t, writes == LOCKSTEP_EVENT_LIMIT + others, "%u registers", writes);
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++)
        CHECK(t, registers[(LOCKSTEP_REG_COEF_CYCLE / 4 + e) % 1024] == 1000 + e, "event %u", e);
    for (uint32_t i = 0; i < others; i++)
        CHECK(t, registers[expected[i].address / 4 % 1024] == (uint32_t)expected[i].value,
              "register 0x%03x is %u", expected[i].address,
              registers[expected[i].address / 4 % 1024]);
}

/* Where heat begins, and what events cost, unit by unit. */
static void test_start(struct host_test *t) {
    static const int32_t initial[] = {25 * 65536, -196603, 1, 0, 74 * 65536 + 9};
    struct power_settings s = power_defaults();
    uint64_t counts[LOCKSTEP_EVENT_LIMIT], of[LOCKSTEP_UNIT_LIMIT] = {0};
    for (size_t i = 0; i < sizeof initial / sizeof *initial; i++) {
        s.initial = initial[i];
        const struct power_state state = power_start(&s);
        CHECK(t,
              state.die == (int64_t)initial[i] * 65536 && state.package == state.die &&
                  state.die_peak == initial[i] && state.pace == 1 && state.power == 0 &&
                  state.peak == 0 && state.smooth == 0,
              "begins at %d: peak %d, pace %u", initial[i], state.die_peak, state.pace);
    }
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++) {
        counts[e] = 3 * e + 1;
        s.coefficient[e] = 1000 + 7 * e;
        of[event_info[e].unit] += (uint64_t)(3 * e + 1) * (1000 + 7 * e);
    }
    for (uint32_t u = 0; u < LOCKSTEP_UNIT_LIMIT; u++)
        CHECK(t, power_energy(&s, u, counts) == of[u], "unit %u: %llu", u,
              (unsigned long long)power_energy(&s, u, counts));
}

int main(void) {
    struct host_test t = {"power", 0, 0};
    static const struct body bodies[] = {
        {0.05, 5, 1, 8, 25, 25},     /* the profiles' */
        {0.05, 5, 1, 8, 25, 74},     /* hot */
        {0.02, 1, 2, 20, -40, 125},  /* small, from far off */
        {0.5, 50, 0.2, 1.5, 45, 45}, /* large */
    };
    static const struct load loads[] = {
        {6, 6, 1, 0}, {6, 0, 200, 200}, {8, 0.5, 3, 5}, {0, 0, 1, 0}, {3, 1, 5000, 3000}};
    static const struct {
        uint32_t window_log2, speed;
    } paces[] = {{12, 0}, {12, 3}, {9, 5}, {16, 0}};
    double worst = 0;

    test_defaults(&t);
    test_sums(&t);
    test_write(&t);
    test_start(&t);
    test_throttle(&t);
    CHECK(&t, power_ramp(73 * 65536, 70 * 65536, 75 * 65536, 50) == 30, "at 73 degrees");
    CHECK(&t, power_ramp(70 * 65536 - 1, 70 * 65536, 75 * 65536, 50) == 1, "below the ramp");
    CHECK(&t, power_ramp(70 * 65536, 70 * 65536, 75 * 65536, 50) == 1, "at its start");
    CHECK(&t, power_ramp(75 * 65536, 70 * 65536, 75 * 65536, 50) == 50, "at the target");
    CHECK(&t, power_ramp(500 * 65536, 70 * 65536, 75 * 65536, 50) == 50, "beyond");
    CHECK(&t, power_ramp(-3, -3, -3, 9) == 9, "a ramp without length");
    CHECK(&t, power_ramp(1, 0, 2, 0) == 1 && power_ramp(2, 0, 2, 0) == 1, "a most of 0");
    for (int64_t v = 70 * 65536; v < 75 * 65536; v += 997) {
        const uint32_t pace = power_ramp(v, 70 * 65536, 75 * 65536, 50);
        const double real = 1 + 49 * ((double)v / 65536 - 70) / 5;
        CHECK(&t, pace == (uint32_t)floor(real), "%u, not %.3f", pace, real);
    }

    for (size_t b = 0; b < sizeof bodies / sizeof *bodies; b++)
        for (size_t l = 0; l < sizeof loads / sizeof *loads; l++)
            for (size_t p = 0; p < sizeof paces / sizeof *paces; p++) {
                const double seconds = ldexp(1, (int)(paces[p].window_log2 + paces[p].speed)) / 5e8;
                const double slow = (bodies[b].package + bodies[b].die) * bodies[b].outer;
                uint64_t windows = (uint64_t)(2 * slow / seconds);
                if (windows > 400000)
                    windows = 400000;
                const double error = worst_error(&bodies[b], &loads[l], paces[p].window_log2,
                                                 paces[p].speed, windows, 0);
                CHECK(&t, error < 0.05, "body %zu, load %zu, pace %zu: off by %.4f C", b, l, p,
                      error);
                worst = fmax(worst, error);
            }
    /* As fast as power_profile allows. */
    for (size_t b = 0; b < sizeof bodies / sizeof *bodies; b++)
        for (size_t l = 0; l < sizeof loads / sizeof *loads; l++)
            for (uint32_t window = 9; window <= 16; window += 7) {
                const double fastest = bodies[b].die * bodies[b].inner;
                const uint32_t speed = (uint32_t)floor(log2(fastest / 64 * 5e8)) - window;
                const double error = worst_error(&bodies[b], &loads[l], window, speed, 100000, 0);
                CHECK(&t, error < 0.05,
                      "body %zu, load %zu, window 2^%u, speed 2^%u: off by %.4f C", b, l, window,
                      speed, error);
                worst = fmax(worst, error);
            }
    /* Two minutes of heat, at 2^4 times the speed: a step is 1/381 of the time constant of the die.
     */
    const double far = worst_error(&bodies[0], &loads[0], 12, 4, 1000000, 0);
    CHECK(&t, far < 0.05, "off by %.4f C in the long run", far);
    CHECK(&t, worst_error(&bodies[0], &loads[0], 12, 4, 1000000, 1) > 0.05,
          "a planted fault of 1 %% in a coefficient was not seen");
    printf("worst error %.4f C\n", fmax(worst, far));
    return host_test_finish(&t);
}
