/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Profiles of a technology and a body; docs/power.md, Profiles.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "power.h"

struct body {
    double die, package; /* J/K */
    double inner, outer; /* K/W: die to package, package to ambient */
};

static int32_t degrees(double value) {
    return (int32_t)lround(value * 65536);
}

/* Returns whether there is a setting of this name, and sets it. */
static bool set(struct power_settings *s, struct body *body, const char *name, double value) {
    const struct {
        const char *name;
        double *value;
    } bodies[] = {{"die_j_per_k", &body->die},
                  {"package_j_per_k", &body->package},
                  {"die_to_package_k_per_w", &body->inner},
                  {"package_to_ambient_k_per_w", &body->outer}};
    const struct {
        const char *name;
        int32_t *value;
    } temperatures[] = {{"initial_c", &s->initial},
                        {"ambient_c", &s->ambient},
                        {"ramp_start_c", &s->ramp_start},
                        {"ramp_target_c", &s->ramp_target},
                        {"limit_c", &s->limit}};
    const struct {
        const char *name;
        uint32_t *value;
    } numbers[] = {{"window_log2", &s->window_log2},
                   {"power_filter", &s->power_filter},
                   {"heats", &s->heats},
                   {"speed_log2", &s->speed},
                   {"pace_max", &s->pace_max}};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        if (strcmp(name, bodies[i].name) == 0) {
            *bodies[i].value = value;
            return value > 0;
        }
    for (size_t i = 0; i < sizeof temperatures / sizeof temperatures[0]; i++)
        if (strcmp(name, temperatures[i].name) == 0) {
            *temperatures[i].value = degrees(value);
            return fabs(value) < 500;
        }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].value = (uint32_t)value;
            return value >= 0 && value < 256;
        }
    for (int e = 0; e < POWER_EVENTS; e++)
        if (strncmp(name, "coef_", 5) == 0 &&
            strcmp(name + 5, power_event_name((enum power_event)e)) == 0) {
            s->coefficient[e] = (uint32_t)value;
            return value >= 0 && value <= UINT32_MAX;
        }
    return false;
}

static int read_profile(FILE *file, const char *path, struct power_settings *s, struct body *body,
                        struct ls_error *err) {
    char line[256], name[64], extra;
    double value;
    for (int number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        char *comment = strchr(line, '#');
        if (comment != NULL)
            *comment = '\0';
        if (line[strspn(line, " \t\r\n")] == '\0')
            continue;
        if (sscanf(line, " %63[a-z0-9_] = %lf %c", name, &value, &extra) != 2)
            return ls_error_set(err, "%s:%d: not a line 'name = number'", path, number);
        if (!set(s, body, name, value))
            return ls_error_set(err, "%s:%d: no setting '%s', or not with %g", path, number, name,
                                value);
    }
    return 0;
}

int power_profile(const char *path, uint64_t clock_hz, struct power_settings *settings,
                  struct ls_error *err) {
    struct body body = {0.02, 0.2, 2.5, 20};
    int status = 0;
    settings->window_log2 = 10;
    settings->speed = 6;
    settings->ambient = settings->initial = degrees(45);
    if (path != NULL) {
        FILE *file = fopen(path, "r");
        if (file == NULL)
            return ls_error_set(err, "%s: %s", path, strerror(errno));
        status = read_profile(file, path, settings, &body, err);
        fclose(file);
    }
    if (status == 0 && (settings->window_log2 < 9 || settings->window_log2 > 20 ||
                        settings->speed > 20 || settings->power_filter > 15))
        status = ls_error_set(err,
                              "%s: window_log2 is 9 to 20, speed_log2 0 to 20, power_filter "
                              "0 to 15",
                              path);
    power_body(settings, (double)clock_hz, body.die, body.package, body.inner, body.outer);
    return status;
}
