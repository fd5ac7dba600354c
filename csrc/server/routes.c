/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Routes, and what can be answered without the device.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/utf8.h"
#include "exchange.h"

typedef enum MHD_Result route(struct exchange *x, const cJSON *body);

static enum MHD_Result health(struct exchange *x, const cJSON *body) {
    cJSON *o = cJSON_CreateObject();
    (void)body;
    cJSON_AddStringToObject(o, "status", "ok");
    return exchange_json(x, 200, o);
}

static enum MHD_Result models(struct exchange *x, const cJSON *body) {
    const struct lockstep_model_info *m = engine_model(x->server->engine);
    cJSON *o = cJSON_CreateObject(), *model = cJSON_CreateObject();
    (void)body;
    cJSON_AddStringToObject(o, "object", "list");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(o, "data"), model);
    exchange_add_text(model, "id", x->server->name, strlen(x->server->name));
    cJSON_AddStringToObject(model, "object", "model");
    cJSON_AddNumberToObject(model, "created", (double)x->server->created);
    cJSON_AddStringToObject(model, "owned_by", "lockstep");
    cJSON *meta = cJSON_AddObjectToObject(model, "meta");
    cJSON_AddNumberToObject(meta, "n_vocab", m->vocab);
    cJSON_AddNumberToObject(meta, "n_ctx", m->context);
    cJSON_AddNumberToObject(meta, "n_ctx_train", m->context_of_model);
    cJSON_AddNumberToObject(meta, "n_embd", m->dim);
    cJSON_AddNumberToObject(meta, "n_params", (double)m->parameters);
    cJSON_AddNumberToObject(meta, "size", (double)m->bytes);
    return exchange_json(x, 200, o);
}

/* The text of a token, empty if there is none. */
static void add_token(cJSON *o, const char *name, const struct server *s, uint32_t id) {
    char text[1024] = "";
    const size_t size = id != UINT32_MAX ? tokenizer_show(s->tokenizer, id, text, sizeof text) : 0;
    exchange_add_text(o, name, text, size);
}

static const char *const backends[] = {"rtl", "golden", "auto",
                                       "float"}; /* enum lockstep_backend */

static enum MHD_Result props(struct exchange *x, const cJSON *body) {
    const struct server *s = x->server;
    struct params defaults;
    struct ls_error err = {"out of memory"};
    cJSON *empty = cJSON_Parse("{\"prompt\":\"\",\"seed\":4294967296}");
    cJSON *o = cJSON_CreateObject();
    (void)body;
    if (params_read(&defaults, API_NATIVE, s->options.draft_model != NULL, empty, s->tokenizer,
                    &err) == 0) {
        cJSON *settings = cJSON_AddObjectToObject(o, "default_generation_settings");
        cJSON *params = params_show(&defaults.request);
        cJSON_ReplaceItemInObject(params, "seed", cJSON_CreateNumber(4294967295.0));
        cJSON_AddItemToObject(settings, "params", params);
        cJSON_AddNumberToObject(settings, "n_ctx", engine_model(s->engine)->context);
    }
    params_release(&defaults);
    cJSON_Delete(empty);
    cJSON_AddNumberToObject(o, "total_slots", engine_model(s->engine)->sequences);
    exchange_add_text(o, "model_alias", s->name, strlen(s->name));
    cJSON *modalities = cJSON_AddObjectToObject(o, "modalities");
    cJSON_AddFalseToObject(modalities, "vision");
    cJSON_AddFalseToObject(modalities, "audio");
    add_token(o, "bos_token", s, engine_model(s->engine)->bos);
    add_token(o, "eos_token", s, engine_model(s->engine)->eos);
    exchange_add_text(o, "model_path", s->options.model, strlen(s->options.model));
    exchange_add_text(o, "chat_template", s->chat_template, strlen(s->chat_template));
    cJSON_AddStringToObject(o, "chat_format", chat_kind(s->chat));
    cJSON_AddStringToObject(o, "build_info", "lockstep");
    cJSON_AddStringToObject(o, "configuration", lockstep_configuration());
    cJSON_AddStringToObject(o, "backend", backends[s->options.backend]);
    cJSON_AddBoolToObject(o, "checked", s->options.checked);
    return exchange_json(x, 200, o);
}

static enum MHD_Result slots(struct exchange *x, const cJSON *body) {
    const struct lockstep_model_info *m = engine_model(x->server->engine);
    struct engine_status status;
    cJSON *list = cJSON_CreateArray();
    (void)body;
    engine_state(x->server->engine, &status);
    for (uint32_t i = 0; i < m->sequences && i < ENGINE_SEQUENCES; i++) {
        const struct lockstep_sequence *q = &status.sequences[i];
        cJSON *o = cJSON_CreateObject();
        cJSON_AddNumberToObject(o, "id", i);
        cJSON_AddNumberToObject(o, "n_ctx", m->context);
        cJSON_AddBoolToObject(o, "is_processing", q->request != 0);
        if (q->request != 0) {
            cJSON_AddNumberToObject(o, "id_task", (double)q->request);
            cJSON_AddNumberToObject(o, "n_prompt_tokens", q->prompt);
            cJSON_AddNumberToObject(o, "n_prompt_tokens_processed", q->computed);
            cJSON_AddNumberToObject(o, "n_decoded", q->generated);
        }
        cJSON_AddItemToArray(list, o);
    }
    return exchange_json(x, 200, list);
}

static enum MHD_Result metrics(struct exchange *x, const cJSON *body) {
    struct engine_status s;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    (void)body;
    if (out == NULL)
        return MHD_NO;
    engine_state(x->server->engine, &s);
    const struct lockstep_telemetry *t = &s.telemetry;
    const double prompt = (double)t->prompt_tokens, generated = (double)t->generated_tokens;
    const struct {
        const char *name, *type, *help;
        double value;
    } rows[] = {
        {"llamacpp:prompt_tokens_total", "counter", "Number of prompt tokens processed.", prompt},
        {"lockstep:prompt_tokens_reused_total", "counter", "Of these, K and V were still there",
         (double)t->reused_tokens},
        {"llamacpp:prompt_seconds_total", "counter", "Prompt process time", s.prompt_seconds},
        {"llamacpp:tokens_predicted_total", "counter", "Number of generation tokens processed.",
         generated},
        {"llamacpp:tokens_predicted_seconds_total", "counter", "Predict process time",
         s.generation_seconds},
        {"llamacpp:n_decode_total", "counter", "Passes of the device", (double)s.steps},
        {"llamacpp:n_busy_slots_per_decode", "gauge", "Slots of a pass that had a token",
         s.steps != 0 ? (double)t->slots_used / (double)s.steps : 0},
        {"llamacpp:prompt_tokens_seconds", "gauge", "Average prompt throughput in tokens/s.",
         s.prompt_seconds > 0 ? prompt / s.prompt_seconds : 0},
        {"llamacpp:predicted_tokens_seconds", "gauge", "Average generation throughput in tokens/s.",
         s.generation_seconds > 0 ? generated / s.generation_seconds : 0},
        {"llamacpp:requests_processing", "gauge", "Number of requests processing.",
         (double)t->running},
        {"llamacpp:requests_deferred", "gauge", "Number of requests deferred.",
         (double)t->queued + s.waiting},
        {"lockstep:device_cycles_total", "counter", "Busy cycles of the device", (double)t->cycles},
        {"lockstep:device_energy_joules_total", "counter", "Energy of the device",
         (double)t->energy_fj * 1e-15},
        {"lockstep:device_temperature_celsius", "gauge", "Temperature of the die", t->temperature},
        {"lockstep:device_losses_total", "counter", "How often the device was lost",
         (double)s.lost + (double)t->losses},
        {"lockstep:device_out", "gauge", "1: it fails its self-test", t->out},
        {"lockstep:golden_tokens_total", "counter", "Tokens of the golden model in its place",
         (double)t->golden_tokens},
        {"lockstep:drafts_total", "counter", "Tokens that were guessed", (double)t->drafts},
        {"lockstep:drafts_taken_total", "counter", "Of these, rightly: a pass less each",
         (double)t->drafts_taken},
        {"lockstep:words_compared_total", "counter", "Committed words compared with golden",
         (double)t->words_compared},
        {"lockstep:differences_total", "counter", "Differences from the golden side",
         (double)t->differences},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        fprintf(out, "# HELP %s %s\n# TYPE %s %s\n%s %.17g\n", rows[i].name, rows[i].help,
                rows[i].name, rows[i].type, rows[i].name, rows[i].value);
    fclose(out);
    const enum MHD_Result result = exchange_send(x, 200, "text/plain; version=0.0.4", text, size);
    free(text);
    return result;
}

/* A field that is true or false; not given, or null: as it was. */
static bool read_flag(const cJSON *body, const char *name, bool *flag) {
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(body, name);
    if (cJSON_IsBool(value))
        *flag = cJSON_IsTrue(value);
    return value == NULL || cJSON_IsBool(value) || cJSON_IsNull(value);
}

/* The first field of the body that is none of `names` (NULL behind the last), or NULL. */
static const char *stranger(const cJSON *body, const char *const *names) {
    const cJSON *value;
    cJSON_ArrayForEach(value, body) {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], value->string) != 0)
            i++;
        if (names[i] == NULL)
            return value->string;
    }
    return NULL;
}

/* A text, or if it is none by itself the list of its bytes. */
static void add_piece(cJSON *o, const char *piece, size_t size) {
    if (utf8_sound(piece, size) == size) {
        exchange_add_text(o, "piece", piece, size);
        return;
    }
    cJSON *bytes = cJSON_AddArrayToObject(o, "piece");
    for (size_t i = 0; i < size; i++)
        cJSON_AddItemToArray(bytes, cJSON_CreateNumber((unsigned char)piece[i]));
}

static enum MHD_Result tokenize(struct exchange *x, const cJSON *body) {
    static const char *const names[] = {"content", "add_special", "parse_special", "with_pieces",
                                        NULL};
    const struct server *s = x->server;
    const cJSON *content = cJSON_GetObjectItemCaseSensitive(body, "content");
    bool bos = false, special = true, pieces = false;
    struct ls_error err = {"out of memory"};
    uint32_t *ids;
    size_t count;
    if (stranger(body, names) != NULL)
        return exchange_error(x, 400, "invalid_request_error", "field \"%s\" is not supported",
                              stranger(body, names));
    if (!cJSON_IsString(content))
        return exchange_error(x, 400, "invalid_request_error", "\"content\" must be a text");
    if (!read_flag(body, "add_special", &bos) || !read_flag(body, "parse_special", &special) ||
        !read_flag(body, "with_pieces", &pieces))
        return exchange_error(x, 400, "invalid_request_error",
                              "\"add_special\", \"parse_special\" and \"with_pieces\" must be true "
                              "or false");
    const unsigned flags =
        (bos ? TOKENIZER_ADD_BOS : 0u) | (special ? TOKENIZER_PARSE_SPECIAL : 0u);
    if (tokenizer_encode(s->tokenizer, content->valuestring, strlen(content->valuestring), flags,
                         &ids, &count, &err) != 0)
        return exchange_error(x, 400, "invalid_request_error", "%s", err.text);
    cJSON *o = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(o, "tokens");
    for (size_t i = 0; i < count; i++) {
        char piece[1024];
        const size_t size = tokenizer_text(s->tokenizer, ids[i], piece, sizeof piece);
        cJSON *token = cJSON_CreateNumber(ids[i]);
        if (pieces) {
            cJSON *pair = cJSON_CreateObject();
            cJSON_AddItemToObject(pair, "id", token);
            add_piece(pair, piece, size);
            token = pair;
        }
        cJSON_AddItemToArray(list, token);
    }
    free(ids);
    return exchange_json(x, 200, o);
}

static enum MHD_Result detokenize(struct exchange *x, const cJSON *body) {
    static const char *const names[] = {"tokens", NULL};
    const struct server *s = x->server;
    const cJSON *tokens = cJSON_GetObjectItemCaseSensitive(body, "tokens"), *each;
    struct token_stream stream = token_stream_start();
    struct ls_error err = {"out of memory"};
    const char *part;
    size_t size, all = 0;
    char *text = NULL;
    FILE *out = open_memstream(&text, &all);
    bool good = cJSON_IsArray(tokens) && out != NULL && stranger(body, names) == NULL;
    cJSON_ArrayForEach(each, tokens) {
        const double n = each->valuedouble;
        good = good && cJSON_IsNumber(each) && n >= 0 && n < UINT32_MAX &&
               n == (double)(uint32_t)n &&
               token_stream_put(s->tokenizer, &stream, (uint32_t)n, &part, &size, &err) == 0;
        if (good)
            fwrite(part, 1, size, out);
    }
    token_stream_finish(&stream, &part, &size);
    if (out != NULL) {
        fwrite(part, 1, size, out);
        fclose(out);
    }
    cJSON *o = good ? cJSON_CreateObject() : NULL;
    if (good)
        exchange_add_text(o, "content", text, all);
    free(text);
    return good ? exchange_json(x, 200, o)
                : exchange_error(x, 400, "invalid_request_error",
                                 "\"tokens\", and nothing else, must be a list of ids of the "
                                 "vocabulary");
}

static enum MHD_Result native(struct exchange *x, const cJSON *body) {
    return completion_begin(x, API_NATIVE, body);
}

static enum MHD_Result text(struct exchange *x, const cJSON *body) {
    return completion_begin(x, API_TEXT, body);
}

static enum MHD_Result chat(struct exchange *x, const cJSON *body) {
    return completion_begin(x, API_CHAT, body);
}

static const struct {
    const char *method, *path;
    route *answer;
    bool open; /* without a key */
} routes[] = {
    {"GET", "/", page_answer, true},
    {"GET", "/device", page_device, false},
    {"GET", "/health", health, true},
    {"GET", "/v1/health", health, true},
    {"GET", "/v1/models", models, true},
    {"GET", "/models", models, true},
    {"GET", "/props", props, false},
    {"GET", "/slots", slots, false},
    {"GET", "/metrics", metrics, false},
    {"POST", "/completion", native, false},
    {"POST", "/completions", native, false},
    {"POST", "/v1/completions", text, false},
    {"POST", "/v1/chat/completions", chat, false},
    {"POST", "/chat/completions", chat, false},
    {"POST", "/tokenize", tokenize, false},
    {"POST", "/detokenize", detokenize, false},
    {"POST", "/apply-template", completion_template, false},
};

static bool has_key(const struct exchange *x) {
    const char *key = x->server->options.api_key;
    const char *given =
        MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, "Authorization");
    static const char bearer[] = "Bearer ";
    return key == NULL || (given != NULL && strncmp(given, bearer, sizeof bearer - 1) == 0 &&
                           strcmp(given + sizeof bearer - 1, key) == 0);
}

static enum MHD_Result pass(struct exchange *x, const char *method, const char *number) {
    if (!has_key(x))
        return exchange_error(x, 401, "authentication_error", "Invalid API Key");
    const bool wave = strchr(number, '/') != NULL;
    if (strcmp(method, wave ? "POST" : "GET") != 0)
        return exchange_error(x, 405, "invalid_request_error", "/device/passes/%s is not for %s",
                              number, method);
    return wave ? page_wave(x, number) : page_pass(x, number);
}

/* A NUL, as it is or as \u0000. */
static bool holds_nul(const char *json, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (json[i] == '\0' || (json[i] == '\\' && strncmp(json + i + 1, "u0000", 5) == 0))
            return true;
        i += json[i] == '\\'; /* what stands behind it begins nothing */
    }
    return false;
}

/* NULL: it is no JSON in UTF-8. */
static cJSON *parse_body(const struct exchange *x) {
    return x->size != 0 && utf8_sound(x->body, x->size) == x->size
               ? cJSON_ParseWithOpts(x->body, NULL, 1)
               : NULL;
}

static enum MHD_Result refuse_nul(struct exchange *x) {
    return exchange_error(x, 400, "invalid_request_error", "a text cannot hold NUL");
}

/* A body is wanted only by what needs a file. */
static enum MHD_Result slot(struct exchange *x, const char *method, const char *number) {
    if (!has_key(x))
        return exchange_error(x, 401, "authentication_error", "Invalid API Key");
    if (strcmp(method, "POST") != 0)
        return exchange_error(x, 405, "invalid_request_error", "/slots/%s is not for %s", number,
                              method);
    if (holds_nul(x->body, x->size))
        return refuse_nul(x);
    cJSON *body = parse_body(x);
    const enum MHD_Result result = slots_answer(x, number, body);
    cJSON_Delete(body);
    return result;
}

enum MHD_Result route_answer(struct exchange *x, const char *method, const char *path) {
    bool known = false;
    if (x->starved)
        return exchange_no_memory(x);
    if (x->too_large)
        return exchange_error(x, 413, "invalid_request_error", "the body has more than %u bytes",
                              EXCHANGE_BODY_MOST);
    if (strcmp(method, "OPTIONS") == 0)
        return exchange_send(x, 204, "text/plain", "", 0);
    if (strncmp(path, "/slots/", 7) == 0)
        return slot(x, method, path + 7);
    if (strncmp(path, "/device/passes/", 15) == 0)
        return pass(x, method, path + 15);
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (strcmp(routes[i].path, path) != 0)
            continue;
        known = true;
        if (strcmp(routes[i].method, method) != 0 &&
            !(strcmp(method, "HEAD") == 0 && strcmp(routes[i].method, "GET") == 0))
            continue;
        if (!routes[i].open && !has_key(x))
            return exchange_error(x, 401, "authentication_error", "Invalid API Key");
        if (strcmp(routes[i].method, "GET") == 0)
            return routes[i].answer(x, NULL);
        if (holds_nul(x->body, x->size))
            return refuse_nul(x);
        cJSON *body = parse_body(x);
        if (!cJSON_IsObject(body)) {
            cJSON_Delete(body);
            return exchange_error(x, 400, "invalid_request_error",
                                  "the body is no JSON object in UTF-8");
        }
        const enum MHD_Result result = routes[i].answer(x, body);
        cJSON_Delete(body);
        return result;
    }
    return known ? exchange_error(x, 405, "invalid_request_error", "%s is not for %s", path, method)
                 : exchange_error(x, 404, "not_found_error", "File Not Found");
}
