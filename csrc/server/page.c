/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The live page, csrc/server/page.html, and what it shows.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "watch.h"

__asm__(".pushsection .rodata\n"
        "page_begin: .incbin \"csrc/server/page.html\"\n"
        "page_end: .byte 0\n"
        ".popsection\n");
extern const char page_begin[], page_end[];

enum MHD_Result page_answer(struct exchange *x, const cJSON *body) {
    (void)body;
    return exchange_send(x, 200, "text/html; charset=utf-8", page_begin,
                         (size_t)(page_end - page_begin));
}

/* A number of digits alone. */
static bool read_number(const char *text, uint64_t *number) {
    char *end;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0';
}

static void add_count(cJSON *o, const char *name, uint64_t count) {
    cJSON_AddNumberToObject(o, name, (double)count);
}

static void add_device(cJSON *o, const struct server *s, const struct engine_status *status) {
    const struct watch_device of = watch_of(engine_watch(s->engine));
    cJSON_AddStringToObject(o, "configuration", lockstep_configuration());
    cJSON_AddStringToObject(o, "backend",
                            status->telemetry.out != 0 ? exchange_understudy(s) : "rtl");
    cJSON_AddBoolToObject(o, "checked", s->options.checked);
    cJSON_AddBoolToObject(o, "traces", wave_can());
    add_count(o, "clock_hz", engine_clock(s->engine));
    add_count(o, "lanes", of.lanes);
    add_count(o, "slots", of.slots);
    add_count(o, "port_bytes", of.port_bits / 8);
    add_count(o, "token_fifo", of.token_fifo);
    add_count(o, "beat_fifo", of.beat_fifo);
}

static void add_model(cJSON *o, const struct server *s) {
    const struct lockstep_model_info *m = engine_model(s->engine);
    exchange_add_text(o, "name", s->name, strlen(s->name));
    cJSON_AddStringToObject(o, "family", m->family);
    cJSON_AddStringToObject(o, "type", m->type);
    add_count(o, "parameters", m->parameters);
    add_count(o, "layers", m->layers);
    add_count(o, "context", m->context);
    add_count(o, "sequences", m->sequences);
    cJSON_AddBoolToObject(o, "chat", chat_kind(s->chat)[0] != '\0' && s->chat_template[0] != '\0');
}

static void add_totals(cJSON *o, const struct engine_status *status) {
    const struct lockstep_telemetry *t = &status->telemetry;
    add_count(o, "cycles", t->cycles);
    add_count(o, "passes", t->passes);
    add_count(o, "energy_fj", t->energy_fj);
    add_count(o, "prompt_tokens", t->prompt_tokens);
    add_count(o, "reused_tokens", t->reused_tokens);
    add_count(o, "generated_tokens", t->generated_tokens);
    add_count(o, "golden_tokens", t->golden_tokens);
    add_count(o, "words_compared", t->words_compared);
    add_count(o, "ops_compared", t->ops_compared);
    add_count(o, "passes_compared", t->passes_compared);
    add_count(o, "differences", t->differences);
    add_count(o, "losses", t->losses + status->lost);
    cJSON_AddNumberToObject(o, "power_mw", t->power_mw);
    cJSON_AddNumberToObject(o, "die_c", t->temperature);
    cJSON_AddNumberToObject(o, "peak_c", t->temperature_peak);
    add_count(o, "pace", t->pace);
    cJSON_AddBoolToObject(o, "throttled", t->throttled != 0);
    add_count(o, "running", t->running);
    add_count(o, "waiting", t->queued + (uint64_t)status->waiting);
    exchange_add_text(o, "last_loss", status->last_loss, strlen(status->last_loss));
}

enum MHD_Result page_device(struct exchange *x, const cJSON *body) {
    const struct server *s = x->server;
    const char *given = MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, "since");
    struct engine_status status;
    uint64_t since = 0;
    (void)body;
    if (given != NULL && !read_number(given, &since))
        return exchange_error(x, 400, "invalid_request_error", "\"since\" must be a number");
    engine_state(s->engine, &status);
    cJSON *o = cJSON_CreateObject();
    add_device(cJSON_AddObjectToObject(o, "device"), s, &status);
    add_model(cJSON_AddObjectToObject(o, "model"), s);
    add_totals(cJSON_AddObjectToObject(o, "totals"), &status);
    watch_passes(engine_watch(s->engine), o, since, s->tokenizer);
    return exchange_json(x, 200, o);
}

enum MHD_Result page_pass(struct exchange *x, const char *number) {
    const struct server *s = x->server;
    uint64_t n;
    if (!read_number(number, &n))
        return exchange_error(x, 400, "invalid_request_error", "a pass is a number");
    char *model = realpath(s->options.model, NULL);
    cJSON *o = watch_pass(engine_watch(s->engine), n, s->tokenizer,
                          model != NULL ? model : s->options.model);
    free(model);
    return o != NULL ? exchange_json(x, 200, o)
                     : exchange_error(x, 404, "not_found_error",
                                      "pass %" PRIu64 " is none of the last %u", n, WATCH_PASSES);
}

enum MHD_Result page_wave(struct exchange *x, const char *number) {
    const char *given = MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, "token");
    const size_t size = strcspn(number, "/");
    char digits[24];
    uint64_t n, token = 0;
    if (strcmp(number + size, "/waveform") != 0)
        return exchange_error(x, 404, "not_found_error", "File Not Found");
    snprintf(digits, sizeof digits, "%.*s", (int)(size < 24 ? size : 24), number);
    if (!read_number(digits, &n) || (given != NULL && !read_number(given, &token)) ||
        token > UINT32_MAX)
        return exchange_error(x, 400, "invalid_request_error", "pass and token are numbers");
    return wave_begin(x, n, (uint32_t)token);
}
