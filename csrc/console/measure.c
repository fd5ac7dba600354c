/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the device does and did: stats, profile, bench, diag, power, throttle, trace.
 */
#include <string.h>
#include <sys/resource.h>

#include "csrc/base/text_json.h"
#include "inside.h"

static int telemetry(struct console *c, struct lockstep_telemetry *t) {
    return console_check(c, lockstep_get_telemetry(console_now(c)->device, t, sizeof *t));
}

int cmd_stats(struct console *c, int argc, char **argv, cJSON *out) {
    struct lockstep_telemetry t;
    (void)argc, (void)argv;
    if (telemetry(c, &t) != 0)
        return -1;
    const struct {
        const char *name;
        double value;
    } rows[] = {
        {"cycles", (double)t.cycles},
        {"prefill_cycles", (double)t.prefill_cycles},
        {"passes", (double)t.passes},
        {"macs", (double)t.macs},
        {"weight_bytes", (double)t.weight_bytes},
        {"weight_stalls", (double)t.weight_stalls},
        {"tokens_in", (double)t.tokens_in},
        {"tokens_out", (double)t.tokens_out},
        {"kv_reads", (double)t.kv_reads},
        {"kv_writes", (double)t.kv_writes},
        {"drafts", (double)t.drafts},
        {"drafts_taken", (double)t.drafts_taken},
        {"prompt_tokens", (double)t.prompt_tokens},
        {"generated_tokens", (double)t.generated_tokens},
        {"reused_tokens", (double)t.reused_tokens},
        {"slots_used", (double)t.slots_used},
        {"slots_offered", (double)t.slots_offered},
        {"words_compared", (double)t.words_compared},
        {"ops_compared", (double)t.ops_compared},
        {"passes_compared", (double)t.passes_compared},
        {"differences", (double)t.differences},
        {"simulated_cycles", (double)t.simulated_cycles},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cJSON_AddNumberToObject(out, rows[i].name, rows[i].value);
    return 0;
}

int cmd_profile(struct console *c, int argc, char **argv, cJSON *out) {
    struct instance *in = console_now(c);
    struct lockstep_profile p;
    if (argc > 1) {
        const bool on = strcmp(argv[1], "on") == 0;
        if (!on && strcmp(argv[1], "off") != 0)
            return console_fail(c, "profile: on or off");
        if (console_check(c, lockstep_set_profile(in->device, on)) != 0)
            return -1;
        cJSON_AddStringToObject(out, "profile", argv[1]);
        return 0;
    }
    cJSON *rows = cJSON_AddArrayToObject(out, "parts");
    double cycles = 0, seconds = 0;
    int status;
    for (uint32_t i = 0;
         (status = lockstep_get_profile(in->device, i, &p, sizeof p)) == LOCKSTEP_OK; i++) {
        cJSON *row = cJSON_CreateObject();
        cJSON_AddItemToArray(rows, row);
        cJSON_AddStringToObject(row, "part", p.name);
        cJSON_AddNumberToObject(row, "count", (double)p.count);
        cJSON_AddNumberToObject(row, "cycles", (double)p.cycles);
        cJSON_AddNumberToObject(row, "host_s", p.seconds);
        cycles += (double)p.cycles;
        seconds += p.seconds;
    }
    if (status != LOCKSTEP_NOT_FOUND)
        return console_check(c, status);
    cJSON_AddNumberToObject(out, "cycles", cycles);
    cJSON_AddNumberToObject(out, "host_s", seconds);
    return 0;
}

/* ---- bench ---- */

static double peak_memory(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss * 1024;
}

/* A prompt of so many tokens, then so many that are generated; one of both is measured. */
static int measure(struct console *c, cJSON *rows, uint32_t prompt, uint32_t generate,
                   uint32_t vocab) {
    static uint32_t kind;
    uint32_t tokens[100];
    struct lockstep_telemetry before, after;
    struct lockstep_request r = c->settings.request;
    struct answer a = {0};
    kind++;
    for (uint32_t i = 0; i < prompt; i++) /* no two begin alike: nothing is found in K and V */
        tokens[i] = (kind * 7919u + i * 104729u) % vocab;
    r.tokens = tokens;
    r.token_count = prompt;
    r.max_tokens = generate + 1;
    r.temperature = 0;
    if (telemetry(c, &before) != 0)
        return -1;
    const int status = console_request(c, &r, &a);
    if (status != 0 || telemetry(c, &after) != 0)
        return -1;
    const double hz = (double)console_now(c)->settings.clock_hz;
    const double prefill = (double)(after.prefill_cycles - before.prefill_cycles);
    const double rest = (double)(after.cycles - before.cycles) - prefill;
    const double cycles = generate == 0 ? prefill : rest;
    const double seconds = generate == 0 ? a.first : a.last - a.first;
    const double count = generate == 0 ? prompt : a.count - 1;
    cJSON *row = cJSON_CreateObject();
    cJSON_AddItemToArray(rows, row);
    cJSON_AddStringToObject(row, "what", generate == 0 ? "prompt" : "generate");
    cJSON_AddNumberToObject(row, "tokens", count);
    cJSON_AddNumberToObject(row, "cycles", cycles);
    cJSON_AddNumberToObject(row, "device_tokens_per_s", cycles > 0 ? count * hz / cycles : 0);
    cJSON_AddNumberToObject(row, "host_s", seconds);
    cJSON_AddNumberToObject(row, "host_tokens_per_s", seconds > 0 ? count / seconds : 0);
    return 0;
}

int cmd_bench(struct console *c, int argc, char **argv, cJSON *out) {
    static const struct {
        uint32_t prompt, generate;
    } runs[] = {{10, 0}, {50, 0}, {100, 0}, {4, 1}, {4, 10}, {4, 50}};
    struct lockstep_model_info m;
    cJSON *rows;
    (void)argc, (void)argv;
    if (console_check(c, lockstep_get_model(console_now(c)->device, &m, sizeof m)) != 0)
        return -1;
    rows = cJSON_AddArrayToObject(out, "runs");
    uint32_t left = 0;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        if (runs[i].prompt + runs[i].generate > m.context)
            left++;
        else if (measure(c, rows, runs[i].prompt, runs[i].generate, m.vocab) != 0)
            return -1;
    cJSON_AddNumberToObject(out, "left_out", left); /* longer than the context */
    cJSON_AddNumberToObject(out, "model_bytes", (double)m.bytes);
    cJSON_AddNumberToObject(out, "peak_memory_bytes", peak_memory());
    return 0;
}

/* ---- diag ---- */

static void on_test(void *context, const char *name, int status, const char *text) {
    cJSON *row = cJSON_CreateObject();
    cJSON_AddItemToArray(context, row);
    cJSON_AddStringToObject(row, "test", name);
    cJSON_AddStringToObject(row, "result", status == LOCKSTEP_OK ? "pass" : "FAIL");
    cJSON_AddStringToObject(row, "why", text);
}

int cmd_diag(struct console *c, int argc, char **argv, cJSON *out) {
    cJSON *rows = cJSON_AddArrayToObject(out, "tests");
    (void)argc, (void)argv;
    const int status = lockstep_self_test(console_now(c)->device, on_test, rows);
    if (status != LOCKSTEP_OK && !c->json)
        console_show(stdout, out);
    return console_check(c, status);
}

/* ---- power ---- */

/* Energies of the units, as the last snapshot latched them. */
static int add_energies(struct console *c, cJSON *rows) {
    static const char prefix[] = "ENERGY_", end[] = "_LO";
    struct lockstep *device = console_now(c)->device;
    struct lockstep_register r;
    for (uint32_t i = 0; lockstep_get_register(i, &r, sizeof r) == LOCKSTEP_OK; i++) {
        const size_t size = strlen(r.name);
        uint32_t low, high;
        char unit[32];
        if (strncmp(r.name, prefix, sizeof prefix - 1) != 0 || size < sizeof prefix + sizeof end ||
            strcmp(r.name + size - 3, end) != 0)
            continue;
        if (console_check(c, lockstep_read(device, r.address, &low)) != 0 ||
            console_check(c, lockstep_read(device, r.address + 4, &high)) != 0)
            return -1;
        snprintf(unit, sizeof unit, "%.*s", (int)(size - sizeof prefix - sizeof end + 2),
                 r.name + sizeof prefix - 1);
        cJSON *row = cJSON_CreateObject();
        cJSON_AddItemToArray(rows, row);
        cJSON_AddStringToObject(row, "unit", unit);
        cJSON_AddNumberToObject(row, "energy_uj",
                                1e-9 * ((double)high * 4294967296.0 + (double)low));
    }
    return 0;
}

int cmd_power(struct console *c, int argc, char **argv, cJSON *out) {
    struct lockstep_telemetry t;
    cJSON *rows = cJSON_AddArrayToObject(out, "units");
    (void)argc, (void)argv;
    if (telemetry(c, &t) != 0 || add_energies(c, rows) != 0)
        return -1;
    cJSON_AddNumberToObject(out, "energy_uj", 1e-9 * (double)t.energy_fj);
    cJSON_AddNumberToObject(
        out, "uj_per_token",
        t.generated_tokens != 0 ? 1e-9 * (double)t.energy_fj / (double)t.generated_tokens : 0);
    cJSON_AddNumberToObject(out, "power_mw", t.power_mw);
    cJSON_AddNumberToObject(out, "temperature_c", t.temperature);
    cJSON_AddNumberToObject(out, "temperature_peak_c", t.temperature_peak);
    return 0;
}

int cmd_throttle(struct console *c, int argc, char **argv, cJSON *out) {
    static const char *const names[] = {"off", "on", "hot", NULL};
    struct instance *in = console_now(c);
    struct lockstep_telemetry t;
    if (argc > 1 && console_choice(c, in, &c->settings.device.throttle, names, argv[1]) != 0)
        return -1;
    if (telemetry(c, &t) != 0)
        return -1;
    cJSON_AddStringToObject(out, "throttle", names[in->settings.throttle]);
    cJSON_AddNumberToObject(out, "power_cap_mw", in->settings.power_cap_mw);
    cJSON_AddBoolToObject(out, "throttled", t.throttled != 0);
    cJSON_AddNumberToObject(out, "pace", t.pace);
    cJSON_AddNumberToObject(out, "temperature_c", t.temperature);
    return 0;
}

/* ---- trace ---- */

int cmd_trace(struct console *c, int argc, char **argv, cJSON *out) {
    struct instance *in = console_now(c);
    const bool off = argc > 1 && strcmp(argv[1], "off") == 0;
    for (uint32_t i = 0; argc > 1 && !off && i < c->count; i++)
        if (c->instances[i] != in && lockstep_traced(c->instances[i]->device) != NULL)
            return console_fail(c, "trace: %s is traced: one device at a time",
                                c->instances[i]->name);
    if (argc > 1 && console_check(c, lockstep_trace(in->device, off ? NULL : argv[1])) != 0)
        return -1;
    const char *path = lockstep_traced(in->device);
    text_json_add(out, "trace", path != NULL ? path : "off", strlen(path != NULL ? path : "off"));
    cJSON_AddNumberToObject(out, "cycle", (double)lockstep_cycle(in->device));
    return 0;
}
