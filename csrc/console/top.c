/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * top: where cycles and energy go, what the sequences do, how warm it is; behind each pass of a
 * request, on the whole screen of a terminal that knows how to.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "csrc/base/device_info.h"
#include "inside.h"

#define PICTURES_PER_S 10

static void add_row(cJSON *rows, const char *what, const char *name, cJSON **row) {
    *row = cJSON_CreateObject();
    cJSON_AddItemToArray(rows, *row);
    cJSON_AddStringToObject(*row, what, name);
}

static double percent(uint64_t part, double whole) {
    return whole > 0 ? 100 * (double)part / whole : 0;
}

static void add_classes(cJSON *out, const struct lockstep_pass *p) {
    cJSON *rows = cJSON_AddArrayToObject(out, "classes"), *row;
    double whole = 0;
    for (uint32_t i = 0; i < LOCKSTEP_PASS_CLASSES; i++)
        whole += (double)p->classes[i];
    for (uint32_t i = 0; i < LOCKSTEP_PASS_CLASSES && i < LOCKSTEP_CLASS_LIMIT; i++) {
        if (p->classes[i] == 0)
            continue;
        add_row(rows, "class", class_info[i].key, &row);
        cJSON_AddNumberToObject(row, "cycles", (double)p->classes[i]);
        cJSON_AddNumberToObject(row, "percent", percent(p->classes[i], whole));
    }
}

static void add_units(cJSON *out, const struct lockstep_pass *p, double hz) {
    cJSON *rows = cJSON_AddArrayToObject(out, "units"), *row;
    double whole = 0;
    for (uint32_t i = 0; i < LOCKSTEP_PASS_UNITS; i++)
        whole += (double)p->energy_fj[i];
    for (uint32_t i = 0; i < LOCKSTEP_PASS_UNITS && i < LOCKSTEP_UNIT_LIMIT; i++) {
        if (p->energy_fj[i] == 0)
            continue;
        add_row(rows, "unit", unit_info[i].key, &row);
        cJSON_AddNumberToObject(row, "energy_uj", 1e-9 * (double)p->energy_fj[i]);
        cJSON_AddNumberToObject(row, "percent", percent(p->energy_fj[i], whole));
        cJSON_AddNumberToObject(
            row, "power_mw",
            p->cycles != 0 ? (double)p->energy_fj[i] / (double)p->cycles * hz / 1e12 : 0);
    }
}

static int add_sequences(struct console *c, cJSON *out, uint32_t count) {
    cJSON *rows = cJSON_AddArrayToObject(out, "sequences"), *row;
    struct lockstep_sequence s;
    for (uint32_t i = 0; i < count; i++) {
        if (console_check(c, lockstep_get_sequence(console_now(c)->device, i, &s, sizeof s)) != 0)
            return -1;
        row = cJSON_CreateObject();
        cJSON_AddItemToArray(rows, row);
        cJSON_AddNumberToObject(row, "sequence", i);
        cJSON_AddNumberToObject(row, "request", (double)s.request);
        cJSON_AddNumberToObject(row, "prompt", s.prompt);
        cJSON_AddNumberToObject(row, "computed", s.computed);
        cJSON_AddNumberToObject(row, "generated", s.generated);
    }
    return 0;
}

/* Cycles and energies are those since the one before. */
static int take_picture(struct console *c, cJSON *out) {
    struct instance *in = console_now(c);
    struct lockstep_model_info m;
    struct lockstep_pass p;
    struct lockstep_telemetry t;
    if (console_check(c, lockstep_get_model(in->device, &m, sizeof m)) != 0 ||
        console_check(c, lockstep_get_pass(in->device, &p, sizeof p)) != 0 ||
        console_check(c, lockstep_get_telemetry(in->device, &t, sizeof t)) != 0)
        return -1;
    add_classes(out, &p);
    add_units(out, &p, (double)in->settings.clock_hz);
    if (add_sequences(c, out, m.sequences) != 0)
        return -1;
    cJSON_AddNumberToObject(out, "passes", (double)t.passes);
    cJSON_AddNumberToObject(out, "tokens", (double)t.generated_tokens);
    cJSON_AddNumberToObject(out, "words_compared", (double)t.words_compared);
    cJSON_AddNumberToObject(out, "differences", (double)t.differences);
    cJSON_AddNumberToObject(out, "queued", t.queued);
    cJSON_AddNumberToObject(out, "weight_fifo_most", p.beats_most);
    cJSON_AddNumberToObject(out, "power_mw", t.power_mw);
    cJSON_AddNumberToObject(out, "die_c", p.die);
    cJSON_AddNumberToObject(out, "package_c", p.package);
    cJSON_AddNumberToObject(out, "pace", t.pace);
    return 0;
}

/* ---- the screen ---- */

static bool has_screen(const struct console *c) {
    const char *kind = getenv("TERM");
    return !c->json && isatty(STDOUT_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
}

/* Line by line over what was there. */
static void print_over(const char *text) {
    fputs("\033[H", stdout);
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1)
        printf("%.*s\033[K\n", (int)(end - text), text);
    fputs("\033[J", stdout);
    fflush(stdout);
}

static int draw(struct console *c, struct answer *a) {
    char *text = NULL;
    size_t size;
    const double now = console_seconds();
    if (now < a->pictured + 1.0 / PICTURES_PER_S)
        return 0;
    a->pictured = now;
    cJSON *out = cJSON_CreateObject();
    FILE *to = open_memstream(&text, &size);
    const int status = to != NULL ? take_picture(c, out) : console_fail(c, "out of memory");
    if (status == 0)
        console_show(to, out);
    if (to != NULL)
        fclose(to);
    if (status == 0)
        print_over(text);
    free(text);
    cJSON_Delete(out);
    return status;
}

int cmd_top(struct console *c, int argc, char **argv, cJSON *out) {
    struct lockstep_request r = c->settings.request;
    struct answer a = {0};
    const bool screen = has_screen(c);
    int status = 0;
    if (argc > 1) {
        char *text = console_join(argc, argv);
        r.text = text;
        if (screen) {
            a.on_pass = draw;
            fputs("\033[?1049h", stdout);
        }
        status = text != NULL ? console_request(c, &r, &a) : console_fail(c, "out of memory");
        if (screen)
            fputs("\033[?1049l", stdout);
        free(text);
        free(a.text);
    }
    return status == 0 ? take_picture(c, out) : status;
}
