/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Profiles: what events cost by scripts/profiles/ and after reset follows from published energies,
 * what is read is what is written, and files that make no sense are refused with the line and the
 * reason.
 */
#include "csrc/expect/power.h"
#include "tests/kit/host_test.h"

#include <math.h>
#include <string.h>

#define CLOCK UINT64_C(500000000)

/* Energies of a technology in fJ; of memories, an access of 64 bits. */
struct technology {
    double add32, multiply8, float_add, float_multiply;
    double sram_8k, sram_32k, sram_1m, dram;
    double leakage, clocks; /* of a cycle */
};

static const struct technology horowitz = {100,   200,    900,     3700,  10000,
                                           20000, 100000, 1300000, 50000, 20000};
static const struct technology jouppi = {30,   70,    380,    1310,        7500,
                                         8500, 14000, 350000, 50000 / 2.6, 20000 / 2.6};

static struct technology scaled(struct technology t, double factor) {
    t.add32 *= factor;
    t.multiply8 *= factor;
    t.float_add *= factor;
    t.float_multiply *= factor;
    t.sram_8k *= factor;
    t.sram_32k *= factor;
    t.sram_1m *= factor;
    t.leakage *= factor;
    t.clocks *= factor;
    return t;
}

static double dot(const struct technology *t, double weight_bits) {
    return 32 * (t->sram_8k / 4 + t->add32 + t->multiply8 * weight_bits * 16 / 64);
}

/* What an event costs, worked out by hand from docs/power.md, Energies; below 0: not here. */
static double energy(const struct technology *t, uint32_t event) {
    const double vector = t->sram_32k / 2; /* a word of the vector SRAM */
    switch (event) {
    case LOCKSTEP_EVENT_CYCLE:
        return t->leakage;
    case LOCKSTEP_EVENT_BUSY:
        return t->clocks;
    case LOCKSTEP_EVENT_OP:
        return 4 * t->sram_8k;
    case LOCKSTEP_EVENT_REGISTER:
        return t->sram_8k / 2;
    case LOCKSTEP_EVENT_SAMPLE:
        return 3 * t->add32;
    case LOCKSTEP_EVENT_DOT4:
        return dot(t, 4);
    case LOCKSTEP_EVENT_DOT8:
        return dot(t, 8);
    case LOCKSTEP_EVENT_DOT16:
        return dot(t, 16);
    case LOCKSTEP_EVENT_RESULT:
        return vector + t->float_add;
    case LOCKSTEP_EVENT_HALF:
        return 2 * t->sram_8k / 4 + t->add32;
    case LOCKSTEP_EVENT_WORD:
        return 2 * t->dram;
    case LOCKSTEP_EVENT_EMBED:
        return vector;
    case LOCKSTEP_EVENT_NORM:
        return 4 * vector + 3 * t->float_multiply + t->float_add;
    case LOCKSTEP_EVENT_QUANT:
        return 32 * (vector + t->sram_8k / 4 + t->add32);
    case LOCKSTEP_EVENT_ROPE:
        return 2 * vector + 2 * t->float_multiply + t->float_add;
    case LOCKSTEP_EVENT_SWIGLU:
        return 3 * vector + 6 * t->float_multiply;
    case LOCKSTEP_EVENT_ADD:
        return 3 * vector + t->float_add;
    case LOCKSTEP_EVENT_ANGLES:
        return t->sram_8k + 4 * t->float_multiply + 2 * t->add32;
    case LOCKSTEP_EVENT_ATTEND:
        return 32 * (4 * t->multiply8 + t->add32);
    case LOCKSTEP_EVENT_KV_READ:
    case LOCKSTEP_EVENT_KV_WRITE:
        return t->sram_1m * 517 / 64;
    case LOCKSTEP_EVENT_PROMPT:
    case LOCKSTEP_EVENT_BURST:
        return 0;
    default:
        return -1;
    }
}

static void check_energies(struct host_test *t, const char *what, const struct power_settings *s,
                           const struct technology *technology) {
    for (uint32_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++) {
        const double fj = energy(technology, e);
        const uint32_t expected = (uint32_t)(fj + 0.5);
        CHECK(t, fj < 0 || s->coefficient[e] == expected, "%s: coef_%s is %u, not %u", what,
              event_info[e].key, s->coefficient[e], expected);
    }
}

static void test_files(struct host_test *t) {
    const struct {
        const char *path;
        struct technology technology;
    } files[] = {{"scripts/profiles/45nm.txt", horowitz},
                 {"scripts/profiles/45nm-small.txt", horowitz},
                 {"scripts/profiles/28nm.txt", scaled(horowitz, 28.0 / 45)},
                 {"scripts/profiles/7nm.txt", jouppi}};
    struct power_settings reset = power_defaults(), none, s;
    struct ls_error err;
    check_energies(t, "after reset", &reset, &horowitz);
    CHECK(t, power_profile(NULL, CLOCK, &none, &err) == 0, "no profile: %s", err.text);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (power_profile(files[i].path, CLOCK, &s, &err) != 0) {
            CHECK(t, false, "%s", err.text);
            continue;
        }
        check_energies(t, files[i].path, &s, &files[i].technology);
        CHECK(t, s.heat != 0 && s.die != 0 && s.package != 0 && s.to_ambient != 0, "%s heats",
              files[i].path);
        if (i == 0)
            CHECK(t, memcmp(&s, &none, sizeof s) == 0, "%s is not what holds without a profile",
                  files[i].path);
    }
    CHECK(t, power_profile("scripts/profiles/45nm.txt", 2 * CLOCK, &s, &err) == 0, "%s", err.text);
    CHECK(t, s.power_scale == 2 * none.power_scale && s.die - none.die / 2 <= 1,
          "a clock twice as fast");
}

static int read_text(const char *text, struct power_settings *s, struct ls_error *err) {
    static const char path[] = "build/tests/power_profile/profile.txt";
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return ls_error_set(err, "%s cannot be written", path);
    fputs(text, file);
    fclose(file);
    return power_profile(path, CLOCK, s, err);
}

static void test_settings(struct host_test *t) {
    struct power_settings s;
    struct ls_error err;
    const int status = read_text("# a comment\n\n  coef_dot4=7 # seven\nlimit_c = -0.5\n"
                                 "\tpace_max\t=\t255\r\nheats = 255\ninitial_c=74.25",
                                 &s, &err);
    CHECK(t, status == 0, "%s", err.text);
    CHECK(t, s.coefficient[LOCKSTEP_EVENT_DOT4] == 7, "coef_dot4 %u",
          s.coefficient[LOCKSTEP_EVENT_DOT4]);
    CHECK(t, s.limit == -32768 && s.initial == 74 * 65536 + 16384, "temperatures %d, %d", s.limit,
          s.initial);
    CHECK(t, s.pace_max == 255 && s.heats == 255, "pace %u, heats %u", s.pace_max, s.heats);

    /* A coefficient that is set holds whatever the prices, and whichever stands first. */
    CHECK(t, read_text("coef_sample = 7\nprice_add = 0.5\ncoef_word = 9", &s, &err) == 0, "%s",
          err.text);
    CHECK(t, s.coefficient[LOCKSTEP_EVENT_SAMPLE] == 7 && s.coefficient[LOCKSTEP_EVENT_WORD] == 9,
          "coefficients that are set: %u, %u", s.coefficient[LOCKSTEP_EVENT_SAMPLE],
          s.coefficient[LOCKSTEP_EVENT_WORD]);
    CHECK(t, s.coefficient[LOCKSTEP_EVENT_HALF] == 5001, "coef_half %u, not 5000.5 rounded",
          s.coefficient[LOCKSTEP_EVENT_HALF]);
}

static void test_refused(struct host_test *t) {
    static const struct {
        const char *text, *says;
    } files[] = {
        {"coef_dot4", "profile.txt:1: expected 'name = number'"},
        {"\n= 4", "profile.txt:2: expected 'name = number'"},
        {"coef dot4 = 4", "expected 'name = number'"},
        {"coef_dot4 = ", "coef_dot4: '' is not a number"},
        {"coef_dot4 = 4 pJ", "coef_dot4: '4 ...' is not a number"},
        {"coef_dot4 = 4pJ", "'4pJ' is not a number"},
        {"coef_dot4 = nan", "'nan' is not a number"},
        {"coef_dot4 = 1e999", "'1e999' is not a number"},
        {"coef_dot4 = 0.5", "coef_dot4 = 0.5 is not a whole number"},
        {"coef_dot4 = -1", "coef_dot4 = -1 is not from 0 to 4294967295"},
        {"coef_dot4 = 4294967296", "is not from 0 to 4294967295"},
        {"coef_dot5 = 4", "there is no setting 'coef_dot5'"},
        {"price_add32 = 4", "there is no setting 'price_add32'"},
        {"price_add = -1", "price_add = -1 is not from 0 to 4294967295"},
        {"price_dram = 4e9",
         "profile.txt: its prices make coef_word 8000000000, more than 4294967295"},
        {"limit_c = 90\n# so\nlimit_c = 91", "profile.txt:3: limit_c is set a second time"},
        {"ambient_c = -300", "ambient_c = -300 is not from -273.15 to 500"},
        {"window_log2 = 8", "window_log2 = 8 is not from 9 to 20"},
        {"speed_log2 = 21", "speed_log2 = 21 is not from 0 to 20"},
        {"pace_max = 0", "pace_max = 0 is not from 1 to 255"},
        {"die_j_per_k = 0", "die_j_per_k = 0 is not from 0.002"},
        {"ramp_start_c = 80", "profile.txt: ramp_target_c lies below ramp_start_c"},
        {"speed_log2 = 15", "lower window_log2 or speed_log2"},
        {"package_j_per_k = 1e6\nwindow_log2 = 9", "raise window_log2"},
    };
    struct power_settings s;
    struct ls_error err;
    char text[600];
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        err.text[0] = '\0';
        CHECK(t, read_text(files[i].text, &s, &err) == -1, "accepted: %s", files[i].text);
        CHECK(t, strstr(err.text, files[i].says) != NULL, "'%s' does not say '%s'", err.text,
              files[i].says);
    }
    memset(text, ' ', sizeof text);
    text[sizeof text - 1] = '\0';
    CHECK(t, read_text(text, &s, &err) == -1 && strstr(err.text, "longer than") != NULL,
          "a line of 599 bytes: %s", err.text);
    CHECK(t, power_profile("build/tests/power_profile/no-such-profile", CLOCK, &s, &err) == -1,
          "no file");
    CHECK(t, strstr(err.text, "no-such-profile: No such file") != NULL, "%s", err.text);
    CHECK(t, power_profile("build", CLOCK, &s, &err) == -1, "a folder was read as a profile");
    CHECK(t,
          power_profile(NULL, 1000000, &s, &err) == -1 &&
              strncmp(err.text, "default profile: a window ", 26) == 0,
          "%s", err.text);
    const int before = dup(STDOUT_FILENO); /* the lowest file that is free */
    close(before);
    read_text("pace_max = 9", &s, &err);
    const int after = dup(STDOUT_FILENO);
    close(after);
    CHECK(t, after == before, "a profile stays open");
}

/* Each setting's least and most are taken as settings, if they are not refused for what they make
 * together; one step beyond either is refused, with both. */
static void test_bounds(struct host_test *t) {
    static const struct {
        const char *name, *least, *below, *most, *above, *says;
    } bounds[] = {
        {"window_log2", "9", "8", "20", "21", "from 9 to 20"},
        {"speed_log2", "0", "-1", "20", "21", "from 0 to 20"},
        {"power_filter", "0", "-1", "15", "16", "from 0 to 15"},
        {"heats", "0", "-1", "255", "256", "from 0 to 255"},
        {"pace_max", "1", "0", "255", "256", "from 1 to 255"},
        {"cap_start_uw", "0", "-1", "4294967295", "4294967296", "from 0 to 4294967295"},
        {"cap_power_uw", "0", "-1", "4294967295", "4294967296", "from 0 to 4294967295"},
        {"initial_c", "-273.15", "-273.16", "500", "500.01", "from -273.15 to 500"},
        {"ambient_c", "-273.15", "-273.16", "500", "500.01", "from -273.15 to 500"},
        {"ramp_start_c", "-273.15", "-273.16", "500", "500.01", "from -273.15 to 500"},
        {"ramp_target_c", "-273.15", "-273.16", "500", "500.01", "from -273.15 to 500"},
        {"limit_c", "-273.15", "-273.16", "500", "500.01", "from -273.15 to 500"},
        {"die_j_per_k", "0.002", "0.0019", "1e6", "1000001", "from 0.002 to 1000000"},
        {"package_j_per_k", "0.002", "0.0019", "1e6", "1000001", "from 0.002 to 1000000"},
        {"die_to_package_k_per_w", "1e-6", "9e-7", "1e6", "1000001", "from 1e-06 to 1000000"},
        {"package_to_ambient_k_per_w", "1e-6", "9e-7", "1e6", "1000001", "from 1e-06 to 1000000"},
        {"price_add", "0", "-1", "4294967295", "4294967296", "from 0 to 4294967295"},
        {"coef_word", "0", "-1", "4294967295", "4294967296", "from 0 to 4294967295"},
    };
    struct power_settings s;
    struct ls_error err;
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        for (int n = 0; n < 4; n++) {
            const char *value = n == 0   ? bounds[i].least
                                : n == 1 ? bounds[i].below
                                : n == 2 ? bounds[i].most
                                         : bounds[i].above;
            char text[80];
            snprintf(text, sizeof text, "%s = %s", bounds[i].name, value);
            err.text[0] = '\0';
            const int status = read_text(text, &s, &err);
            const bool refused = strstr(err.text, " is not from ") != NULL;
            CHECK(t, refused == n % 2 && (status == -1 || n % 2 == 0), "%s: %s", text, err.text);
            CHECK(t, n % 2 == 0 || strstr(err.text, bounds[i].says) != NULL, "%s: %s", text,
                  err.text);
        }
    /* a line of 254 bytes is read, one more is not */
    for (int more = 0; more < 2; more++) {
        char text[300];
        memset(text, ' ', sizeof text);
        memcpy(text, "pace_max = 9", 12);
        text[254 + more] = '\0';
        const int status = read_text(text, &s, &err);
        CHECK(t, (status == 0) == (more == 0), "%d bytes: %s", 254 + more, err.text);
        CHECK(t, more == 0 || strstr(err.text, "longer than 254 bytes") != NULL, "%s", err.text);
    }
}

/* Times of the body: of the die's heat into the package, of the package's into the air, and of the
 * package's between both. A window stands for a 64th of the shortest at most; and it is a share of
 * the longest that the registers can hold. */
static void test_times(struct host_test *t) {
    static const struct {
        double die, package, inner, outer;
    } bodies[] = {{0.01, 5, 1, 18}, {9, 0.004, 1, 18},  {9, 5, 0.001, 18}, {9, 5, 2, 0.001},
                  {3, 0.5, 0.5, 7}, {0.7, 0.6, 0.5, 2}, {8, 2, 3, 0.01},   {0.02, 0.03, 2, 2}};
    struct power_settings s;
    struct ls_error err;
    char text[300], says[80];
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const double die = bodies[i].die * bodies[i].inner,
                     package = bodies[i].package * bodies[i].outer,
                     inward = bodies[i].package * bodies[i].inner;
        double least = die, most = die;
        least = package < least ? package : least;
        least = inward < least ? inward : least;
        snprintf(text, sizeof text,
                 "speed_log2 = 20\nwindow_log2 = 16\ndie_j_per_k = %.17g\npackage_j_per_k = %.17g\n"
                 "die_to_package_k_per_w = %.17g\npackage_to_ambient_k_per_w = %.17g\n",
                 bodies[i].die, bodies[i].package, bodies[i].inner, bodies[i].outer);
        snprintf(says, sizeof says, "shortest time constant, %g s", least);
        CHECK(t, read_text(text, &s, &err) == -1 && strstr(err.text, says) != NULL,
              "body %zu: '%s', not '%s'", i, err.text, says);
        /* the same a million times as slow: windows are too short */
        most = package > most ? package : most;
        most = inward > most ? inward : most;
        snprintf(text, sizeof text,
                 "window_log2 = 9\nspeed_log2 = 0\ndie_j_per_k = %.17g\npackage_j_per_k = %.17g\n"
                 "die_to_package_k_per_w = %.17g\npackage_to_ambient_k_per_w = %.17g\n",
                 bodies[i].die * 1e4, bodies[i].package * 1e4, bodies[i].inner * 1e4,
                 bodies[i].outer * 1e4);
        snprintf(says, sizeof says, "for a time constant of %g s", most * 1e8);
        CHECK(t, read_text(text, &s, &err) == -1 && strstr(err.text, says) != NULL,
              "body %zu: '%s', not '%s'", i, err.text, says);
    }
    /* 64 windows of 2^18 cycles are 2^24 / 5e8 s */
    for (int more = 0; more < 2; more++) {
        snprintf(text, sizeof text, "die_j_per_k = 0.0335544%s", more ? "" : "32");
        CHECK(t, (read_text(text, &s, &err) == 0) == !more, "%s: %s", text, err.text);
    }
    /* of 512 / 5e8 s a 256th part of 2^40 */
    for (int n = -1; n <= 1; n += 2) {
        const double longest = 512 / 5e8 * ldexp(1, 40) / 256 * (1 + 0.1 * n);
        snprintf(text, sizeof text, "window_log2 = 9\npackage_j_per_k = %.17g", longest / 18);
        CHECK(t, (read_text(text, &s, &err) == 0) == (n < 0), "%g s: %s", longest, err.text);
    }
    CHECK(t, read_text("ramp_start_c = 80\nramp_target_c = 80", &s, &err) == 0, "%s", err.text);
    CHECK(t, s.ramp_start == s.ramp_target, "a ramp of no width");
    CHECK(t, read_text("price_dram = 2147483647.5", &s, &err) == 0, "%s", err.text);
    CHECK(t, s.coefficient[LOCKSTEP_EVENT_WORD] == UINT32_MAX, "coef_word %u",
          s.coefficient[LOCKSTEP_EVENT_WORD]);
    /* a line that fills the room to the last byte, and another one */
    memset(text, ' ', sizeof text);
    memcpy(text, "pace_max = 9", 12);
    strcpy(text + 254, "\nheats = 3\n");
    CHECK(t, read_text(text, &s, &err) == 0 && s.pace_max == 9 && s.heats == 3, "%s", err.text);
}

int main(void) {
    struct host_test t = {"power_profile", 0, 0};
    host_folder(&t);
    test_files(&t);
    test_settings(&t);
    test_refused(&t);
    test_bounds(&t);
    test_times(&t);
    return host_test_finish(&t);
}
