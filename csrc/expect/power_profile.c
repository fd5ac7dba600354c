/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Profiles: the energies of a technology and the body that it heats; docs/power.md, Profiles.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "power.h"

#define LINE           256u
#define ABSOLUTE_ZERO  (-273.15)
#define STEPS_A_TIME   64.0  /* windows in the shortest time constant, at least */
#define LEAST_SHARE    256.0 /* of a thermal register, so that rounding it costs less than 0.2 % */
#define LARGEST_NUMBER 4294967295.0

enum kind { NUMBER, TEMPERATURE, REAL };

struct body {
    double die, package; /* J/K */
    double inner, outer; /* K/W: die to package, package to ambient */
};

/* A setting that a profile can make. */
struct entry {
    const char *name;
    enum kind kind;
    double least, most;
    union {
        uint32_t *number;
        int32_t *temperature; /* 2^-16 degrees C */
        double *real;
    } to;
};

#define FIXED_ENTRIES 16u
#define PRICES        FIXED_ENTRIES /* the first price's; coefficients follow */
#define COEFFICIENTS  (PRICES + LOCKSTEP_PRICE_LIMIT)
#define ENTRIES       (COEFFICIENTS + LOCKSTEP_EVENT_LIMIT)

struct table {
    struct entry entries[ENTRIES];
    char names[ENTRIES][24]; /* of prices and coefficients */
    double prices[LOCKSTEP_PRICE_LIMIT];
    bool seen[ENTRIES];
};

static void make_table(struct table *t, struct power_settings *s, struct body *b) {
    const struct entry fixed[FIXED_ENTRIES] = {
        {"window_log2", NUMBER, 9, 20, {.number = &s->window_log2}},
        {"speed_log2", NUMBER, 0, 20, {.number = &s->speed}},
        {"power_filter", NUMBER, 0, 15, {.number = &s->power_filter}},
        {"heats", NUMBER, 0, (1u << LOCKSTEP_UNIT_LIMIT) - 1, {.number = &s->heats}},
        {"pace_max", NUMBER, 1, 255, {.number = &s->pace_max}},
        {"cap_start_uw", NUMBER, 0, LARGEST_NUMBER, {.number = &s->cap_start}},
        {"cap_power_uw", NUMBER, 0, LARGEST_NUMBER, {.number = &s->cap_power}},
        {"initial_c", TEMPERATURE, ABSOLUTE_ZERO, 500, {.temperature = &s->initial}},
        {"ambient_c", TEMPERATURE, ABSOLUTE_ZERO, 500, {.temperature = &s->ambient}},
        {"ramp_start_c", TEMPERATURE, ABSOLUTE_ZERO, 500, {.temperature = &s->ramp_start}},
        {"ramp_target_c", TEMPERATURE, ABSOLUTE_ZERO, 500, {.temperature = &s->ramp_target}},
        {"limit_c", TEMPERATURE, ABSOLUTE_ZERO, 500, {.temperature = &s->limit}},
        {"die_j_per_k", REAL, 0.002, 1e6, {.real = &b->die}},
        {"package_j_per_k", REAL, 0.002, 1e6, {.real = &b->package}},
        {"die_to_package_k_per_w", REAL, 1e-6, 1e6, {.real = &b->inner}},
        {"package_to_ambient_k_per_w", REAL, 1e-6, 1e6, {.real = &b->outer}},
    };
    memset(t, 0, sizeof *t);
    memcpy(t->entries, fixed, sizeof fixed);
    for (size_t p = LOCKSTEP_PRICE_LIMIT; p-- > 0;) {
        const size_t i = PRICES + p;
        t->prices[p] = price_info[p].fj;
        snprintf(t->names[i], sizeof t->names[i], "price_%s", price_info[p].key);
        t->entries[i] =
            (struct entry){t->names[i], REAL, 0, LARGEST_NUMBER, {.real = &t->prices[p]}};
    }
    for (size_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++) {
        const size_t i = COEFFICIENTS + e;
        snprintf(t->names[i], sizeof t->names[i], "coef_%s", event_info[e].key);
        t->entries[i] =
            (struct entry){t->names[i], NUMBER, 0, LARGEST_NUMBER, {.number = &s->coefficient[e]}};
    }
}

/* Coefficients that the profile does not set follow from the prices. */
static int make_coefficients(const struct table *t, const char *path, struct power_settings *s,
                             struct ls_error *err) {
    for (size_t e = 0; e < LOCKSTEP_EVENT_LIMIT; e++) {
        double fj = 0;
        for (size_t p = 0; p < LOCKSTEP_PRICE_LIMIT; p++)
            fj += event_info[e].shares[p] * t->prices[p];
        if (t->seen[COEFFICIENTS + e])
            continue;
        if (fj > LARGEST_NUMBER)
            return ls_error_set(err, "%s: its prices make coef_%s %.0f, more than %.0f", path,
                                event_info[e].key, fj, LARGEST_NUMBER);
        s->coefficient[e] = (uint32_t)floor(fj + 0.5);
    }
    return 0;
}

static void store(const struct entry *entry, double value) {
    switch (entry->kind) {
    case NUMBER:
        *entry->to.number = (uint32_t)value;
        break;
    case TEMPERATURE:
        *entry->to.temperature = (int32_t)lround(value * 65536);
        break;
    default:
        *entry->to.real = value;
        break;
    }
}

/* The next word of a line, ended with NUL; *rest goes behind it. */
static char *word(char **rest) {
    char *begin = *rest + strspn(*rest, " \t\r\n");
    char *end = begin + strcspn(begin, " \t\r\n=");
    *rest = end;
    return begin;
}

static int take_line(struct table *t, const char *path, int number, char *line,
                     struct ls_error *err) {
    char *rest = line, *name = word(&rest), *name_end = rest;
    rest += strspn(rest, " \t");
    if (name == name_end || *rest != '=')
        return ls_error_set(err, "%s:%d: expected 'name = number'", path, number);
    rest++;
    char *text = word(&rest), *text_end = rest, *parsed;
    const bool more = rest[strspn(rest, " \t\r\n")] != '\0';
    *name_end = *text_end = '\0';
    const double value = strtod(text, &parsed);
    if (more || parsed == text || *parsed != '\0' || !isfinite(value))
        return ls_error_set(err, "%s:%d: %s: '%s%s' is not a number", path, number, name, text,
                            more ? " ..." : "");
    for (size_t i = 0; i < ENTRIES; i++) {
        const struct entry *e = &t->entries[i];
        if (strcmp(e->name, name) != 0)
            continue;
        if (t->seen[i])
            return ls_error_set(err, "%s:%d: %s is set a second time", path, number, name);
        if (value < e->least || value > e->most)
            return ls_error_set(err, "%s:%d: %s = %s is not from %g to %.10g", path, number, name,
                                text, e->least, e->most);
        if (e->kind == NUMBER && value != floor(value))
            return ls_error_set(err, "%s:%d: %s = %s is not a whole number", path, number, name,
                                text);
        t->seen[i] = true;
        store(e, value);
        return 0;
    }
    return ls_error_set(err, "%s:%d: there is no setting '%s'; docs/power.md lists them", path,
                        number, name);
}

static int read_lines(FILE *file, const char *path, struct table *t, struct ls_error *err) {
    char line[LINE];
    for (int number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        if (strlen(line) == LINE - 1 && line[LINE - 2] != '\n')
            return ls_error_set(err, "%s:%d: the line is longer than %u bytes", path, number,
                                LINE - 2);
        line[strcspn(line, "#")] = '\0';
        if (line[strspn(line, " \t\r\n")] != '\0' && take_line(t, path, number, line, err) != 0)
            return -1;
    }
    return ferror(file) ? ls_error_set(err, "%s: %s", path, strerror(errno)) : 0;
}

/* What the registers cannot express, or only badly. */
static int check(const char *path, const struct power_settings *s, const struct body *b,
                 double clock_hz, struct ls_error *err) {
    const double window = ldexp(1, (int)s->window_log2) / clock_hz;
    const double step = window * ldexp(1, (int)s->speed);
    const double die = b->inner * b->die, package = b->outer * b->package;
    const double inward = b->inner * b->package;
    const double fastest = fmin(fmin(die, package), inward);
    const double slowest = fmax(fmax(die, package), inward);
    if (s->ramp_target < s->ramp_start)
        return ls_error_set(err, "%s: ramp_target_c lies below ramp_start_c", path);
    if (step * STEPS_A_TIME > fastest)
        return ls_error_set(err,
                            "%s: a window stands for %g s of heat, more than 1/64 of the "
                            "body's shortest time constant, %g s; lower window_log2 or speed_log2",
                            path, step, fastest);
    if (window / slowest * ldexp(1, 40) < LEAST_SHARE)
        return ls_error_set(err,
                            "%s: a window of %g s is too short for a time constant of %g s; raise "
                            "window_log2",
                            path, window, slowest);
    return 0;
}

int power_profile(const char *path, uint64_t clock_hz, struct power_settings *s,
                  struct ls_error *err) {
    /* As scripts/profiles/45nm.txt. */
    struct body body = {.die = 0.05, .package = 5, .inner = 1, .outer = 18};
    struct table table;
    int status = 0;
    *s = power_defaults();
    s->window_log2 = 10;
    s->speed = 8;
    s->ramp_start = 74 * 65536;
    make_table(&table, s, &body);
    if (path != NULL) {
        FILE *file = fopen(path, "r");
        if (file == NULL)
            return ls_error_set(err, "%s: %s", path, strerror(errno));
        status = read_lines(file, path, &table, err);
        fclose(file);
    }
    if (status == 0)
        status = make_coefficients(&table, path == NULL ? "default profile" : path, s, err);
    if (status == 0)
        status = check(path == NULL ? "default profile" : path, s, &body, (double)clock_hz, err);
    if (status == 0)
        power_body(s, (double)clock_hz, body.die, body.package, body.inner, body.outer);
    return status;
}
