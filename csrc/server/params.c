/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A row a field.
 */
#include "params.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "params_fields.h"

int params_bad(struct ls_error *err, const cJSON *value, const char *want) {
    return ls_error_set(err, "\"%s\" must be %s", value->string, want);
}

static int read_real(const cJSON *v, double low, double high, const char *want, double *out,
                     struct ls_error *err) {
    if (!cJSON_IsNumber(v) || !(v->valuedouble >= low && v->valuedouble <= high))
        return params_bad(err, v, want);
    *out = v->valuedouble;
    return 0;
}

static int read_whole(const cJSON *v, double low, double high, const char *want, double *out,
                      struct ls_error *err) {
    if (read_real(v, low, high, want, out, err) != 0)
        return -1;
    return *out == floor(*out) ? 0 : params_bad(err, v, want);
}

static int read_bool(const cJSON *v, bool *out, struct ls_error *err) {
    if (!cJSON_IsBool(v))
        return params_bad(err, v, "true or false");
    *out = cJSON_IsTrue(v);
    return 0;
}

static int temperature(struct params *p, const cJSON *v, struct ls_error *err) {
    return read_real(v, 0, 100, "0 to 100", &p->request.temperature, err);
}

static int top_p(struct params *p, const cJSON *v, struct ls_error *err) {
    return read_real(v, 1e-9, 1, "above 0 and at most 1", &p->request.top_p, err);
}

static int min_p(struct params *p, const cJSON *v, struct ls_error *err) {
    return read_real(v, 0, 1, "0 to 1", &p->request.min_p, err);
}

static int repeat_penalty(struct params *p, const cJSON *v, struct ls_error *err) {
    return read_real(v, 0.1, 10, "0.1 to 10", &p->request.repeat_penalty, err);
}

static int presence_penalty(struct params *p, const cJSON *v, struct ls_error *err) {
    return read_real(v, -2, 2, "-2 to 2", &p->request.presence_penalty, err);
}

static int drafts(struct params *p, const cJSON *v, struct ls_error *err) {
    double n;
    if (read_whole(v, 0, 64, "a whole number from 0 to 64", &n, err) != 0)
        return -1;
    p->request.drafts = (uint32_t)n;
    return 0;
}

static int frequency_penalty(struct params *p, const cJSON *v, struct ls_error *err) {
    return read_real(v, -2, 2, "-2 to 2", &p->request.frequency_penalty, err);
}

static int top_k(struct params *p, const cJSON *v, struct ls_error *err) {
    double k;
    if (read_whole(v, -1, 1u << 20, "a whole number of -1 or more; none above 0: all", &k, err) !=
        0)
        return -1;
    p->request.top_k = k <= 0 ? 0 : (uint32_t)k;
    return 0;
}

static int typical_p(struct params *p, const cJSON *v, struct ls_error *err) {
    return read_real(v, 1e-9, 1, "above 0 and at most 1", &p->request.typical_p, err);
}

static int repeat_last_n(struct params *p, const cJSON *v, struct ls_error *err) {
    double count;
    if (read_whole(v, -1, 1u << 20, "-1 (all tokens), 0 (none) or more", &count, err) != 0)
        return -1;
    p->request.repeat_last_n = count < 0 ? UINT32_MAX : (uint32_t)count;
    return 0;
}

/* -1, and its 32 bits, ask for one that nobody knows: of 52 bits, so that the answer tells it
 * exactly and it can be asked for again. */
static int seed(struct params *p, const cJSON *v, struct ls_error *err) {
    double s;
    if (read_whole(v, -1, 9007199254740992.0, "a whole number of -1 or more", &s, err) != 0)
        return -1;
    if (s < 0 || s == 4294967295.0) {
        if (getrandom(&p->request.seed, sizeof p->request.seed, 0) < 0)
            return ls_error_set(err, "no random number for \"seed\"");
        p->request.seed >>= 12;
    } else {
        p->request.seed = (uint64_t)s;
    }
    return 0;
}

static int max_tokens(struct params *p, const cJSON *v, struct ls_error *err) {
    double n;
    if (read_whole(v, -1, 1u << 20, "-1 (no limit) or 1 to 1048576", &n, err) != 0)
        return -1;
    if (n == 0)
        return params_bad(err, v, "-1 (no limit) or 1 to 1048576");
    p->request.max_tokens = n < 0 ? 0 : (uint32_t)n;
    return 0;
}

static int add_stop(struct params *p, const cJSON *list, const cJSON *v, struct ls_error *err) {
    if (!cJSON_IsString(v) || p->request.stop_count == PARAMS_STOPS)
        return params_bad(err, list, "a text or up to 16 texts");
    p->stops[p->request.stop_count++] = v->valuestring;
    return 0;
}

static int stop(struct params *p, const cJSON *v, struct ls_error *err) {
    const cJSON *each;
    if (!cJSON_IsArray(v))
        return add_stop(p, v, v, err);
    cJSON_ArrayForEach(each, v) if (add_stop(p, v, each, err) != 0) return -1;
    return 0;
}

static int read_tops(struct params *p, const cJSON *v, double most, const char *want,
                     struct ls_error *err) {
    double count;
    if (read_whole(v, 0, most, want, &count, err) != 0)
        return -1;
    p->request.top_logprobs = (uint32_t)count;
    return 0;
}

/* llama.cpp's; none: 0. */
static int n_probs(struct params *p, const cJSON *v, struct ls_error *err) {
    if (read_tops(p, v, 64, "0 to 64", err) != 0)
        return -1;
    p->request.logprobs = p->request.top_logprobs != 0;
    return 0;
}

/* OpenAI's for text: how many of the best. */
static int text_logprobs(struct params *p, const cJSON *v, struct ls_error *err) {
    if (read_tops(p, v, 5, "0 to 5", err) != 0)
        return -1;
    p->request.logprobs = p->request.top_logprobs != 0;
    return 0;
}

static int chat_logprobs(struct params *p, const cJSON *v, struct ls_error *err) {
    bool on;
    if (read_bool(v, &on, err) != 0)
        return -1;
    p->request.logprobs = on;
    return 0;
}

static int top_logprobs(struct params *p, const cJSON *v, struct ls_error *err) {
    return read_tops(p, v, 20, "0 to 20", err);
}

static int n(struct params *p, const cJSON *v, struct ls_error *err) {
    double count;
    if (read_whole(v, 1, PARAMS_MOST, "1 to 16", &count, err) != 0)
        return -1;
    p->n = (uint32_t)count;
    return 0;
}

static int stream(struct params *p, const cJSON *v, struct ls_error *err) {
    return read_bool(v, &p->stream, err);
}

static int return_tokens(struct params *p, const cJSON *v, struct ls_error *err) {
    return read_bool(v, &p->tokens, err);
}

static int stream_options(struct params *p, const cJSON *v, struct ls_error *err) {
    const cJSON *each;
    if (!cJSON_IsObject(v))
        return params_bad(err, v, "an object");
    cJSON_ArrayForEach(each, v) {
        if (strcmp(each->string, "include_usage") != 0)
            return ls_error_set(err, "field \"stream_options.%s\" is not supported", each->string);
        if (read_bool(each, &p->usage, err) != 0)
            return -1;
    }
    return 0;
}

static int prompt(struct params *p, const cJSON *v, struct ls_error *err) {
    (void)err;
    p->prompt = v;
    return 0;
}

static int messages(struct params *p, const cJSON *v, struct ls_error *err) {
    (void)err;
    p->messages = v;
    return 0;
}

static int variables(struct params *p, const cJSON *v, struct ls_error *err) {
    p->variables = v;
    return cJSON_IsObject(v) ? 0 : params_bad(err, v, "an object");
}

/* What it says changes nothing. */
static int taken(struct params *p, const cJSON *v, struct ls_error *err) {
    (void)p;
    (void)v;
    (void)err;
    return 0;
}

enum { ALL = API_NATIVE | API_TEXT | API_CHAT, OPENAI = API_TEXT | API_CHAT };

static const struct {
    const char *name;
    unsigned apis;
    params_reader *read; /* NULL: */
    const char *neutral; /* JSON of the values with which it does nothing, apart by blanks */
} fields[] = {
    {"prompt", API_NATIVE | API_TEXT, prompt, NULL},
    {"messages", API_CHAT, messages, NULL},
    {"chat_template_kwargs", API_CHAT, variables, NULL},
    {"model", ALL, taken, NULL},
    {"user", OPENAI, taken, NULL},
    {"cache_prompt", ALL, taken, NULL}, /* K and V are the same, cached or not */
    {"n_predict", ALL, max_tokens, NULL},
    {"max_tokens", ALL, max_tokens, NULL},
    {"max_completion_tokens", API_CHAT, max_tokens, NULL},
    {"stop", ALL, stop, NULL},
    {"stream", ALL, stream, NULL},
    {"stream_options", OPENAI, stream_options, NULL},
    {"n", OPENAI, n, NULL},
    {"return_tokens", API_NATIVE, return_tokens, NULL},
    {"seed", ALL, seed, NULL},
    {"temperature", ALL, temperature, NULL},
    {"top_k", ALL, top_k, NULL},
    {"top_p", ALL, top_p, NULL},
    {"min_p", ALL, min_p, NULL},
    {"repeat_penalty", ALL, repeat_penalty, NULL},
    {"presence_penalty", ALL, presence_penalty, NULL},
    {"frequency_penalty", ALL, frequency_penalty, NULL},
    {"speculative.n_max", ALL, drafts, NULL},
    {"speculative.n_min", ALL, NULL, "0"},
    {"speculative.p_min", ALL, NULL, "0"},
    {"repeat_last_n", ALL, repeat_last_n, NULL},
    {"typical_p", ALL, typical_p, NULL},
    {"top_n_sigma", ALL, NULL, "-1"},
    {"dynatemp_range", ALL, NULL, "0"},
    {"dynatemp_exponent", ALL, taken, NULL}, /* of what is off, as some that follow */
    {"xtc_probability", ALL, NULL, "0"},
    {"xtc_threshold", ALL, taken, NULL},
    {"dry_multiplier", ALL, NULL, "0"},
    {"dry_base", ALL, taken, NULL},
    {"dry_allowed_length", ALL, taken, NULL},
    {"dry_penalty_last_n", ALL, taken, NULL},
    {"dry_sequence_breakers", ALL, taken, NULL},
    {"mirostat", ALL, NULL, "0"},
    {"mirostat_tau", ALL, taken, NULL},
    {"mirostat_eta", ALL, taken, NULL},
    {"samplers", ALL, NULL,
     "[\"penalties\",\"dry\",\"top_n_sigma\",\"top_k\",\"typ_p\",\"top_p\",\"min_p\",\"xtc\","
     "\"temperature\"]"},
    {"post_sampling_probs", ALL, NULL, "false"},
    {"n_probs", API_NATIVE, n_probs, NULL},
    {"n_probs", OPENAI, NULL, "0"},
    {"min_keep", ALL, NULL, "0"},
    {"n_keep", ALL, NULL, "0"},
    {"n_discard", ALL, NULL, "0"},
    {"id_slot", ALL, NULL, "-1"},
    {"ignore_eos", ALL, NULL, "false"},
    {"timings_per_token", ALL, NULL, "false"},
    {"logit_bias", ALL, params_logit_bias, NULL},
    {"grammar", ALL, params_grammar, NULL},
    {"json_schema", ALL, params_json_schema, NULL},
    {"logprobs", API_TEXT, text_logprobs, NULL},
    {"logprobs", API_CHAT, chat_logprobs, NULL},
    {"top_logprobs", API_CHAT, top_logprobs, NULL},
    {"echo", API_TEXT, NULL, "false"},
    {"best_of", API_TEXT, NULL, "1"},
    {"suffix", API_TEXT, NULL, "\"\""},
    {"tools", API_CHAT, NULL, "[]"},
    {"tool_choice", API_CHAT, NULL, "\"none\" \"auto\""}, /* of no tools */
    {"parallel_tool_calls", API_CHAT, NULL, "false true"},
    {"response_format", ALL, params_response_format, NULL},
};

/* Whether a value is one of those written one behind the other. */
static bool is_neutral(const cJSON *value, const char *list) {
    const char *at = list;
    bool found = false;
    while (*at != '\0' && !found) {
        cJSON *one = cJSON_ParseWithOpts(at, &at, 0);
        found = cJSON_Compare(one, value, 1);
        cJSON_Delete(one);
        while (*at == ' ')
            at++;
    }
    return found;
}

static int read_field(struct params *p, const cJSON *value, struct ls_error *err) {
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if ((fields[i].apis & p->api) == 0 || strcmp(fields[i].name, value->string) != 0)
            continue;
        if (cJSON_IsNull(value)) /* not given */
            return 0;
        if (fields[i].read != NULL)
            return fields[i].read(p, value, err);
        return is_neutral(value, fields[i].neutral)
                   ? 0
                   : ls_error_set(err, "field \"%s\" is not supported, except as %s", value->string,
                                  fields[i].neutral);
    }
    return ls_error_set(err, "field \"%s\" is not supported", value->string);
}

int params_read(struct params *p, enum api api, bool drafts, const cJSON *body,
                const struct tokenizer *tokenizer, struct ls_error *err) {
    const cJSON *value;
    memset(p, 0, sizeof *p);
    p->api = api;
    p->tokenizer = tokenizer;
    p->n = 1;
    lockstep_request_defaults(&p->request, sizeof p->request);
    p->request.temperature = 0.8;
    p->request.min_p = 0.05;
    p->request.drafts = drafts ? PARAMS_DRAFTS : 0;
    const cJSON random = {.type = cJSON_Number, .valuedouble = -1, .string = (char[]){"seed"}};
    if (!cJSON_IsObject(body))
        return ls_error_set(err, "the body must be a JSON object");
    if (seed(p, &random, err) != 0)
        return -1;
    cJSON_ArrayForEach(value, body) if (read_field(p, value, err) != 0) return -1;
    p->request.stop = p->stops;
    p->request.logit_bias = p->biases;
    if (p->request.top_logprobs != 0 && p->request.logprobs == 0)
        return ls_error_set(err, "\"top_logprobs\" needs \"logprobs\": true");
    if (api == API_CHAT ? p->messages == NULL : p->prompt == NULL)
        return ls_error_set(err, "\"%s\" is missing", api == API_CHAT ? "messages" : "prompt");
    return 0;
}

void params_release(struct params *p) {
    free(p->grammar);
    p->grammar = NULL;
}

cJSON *params_show(const struct lockstep_request *r) {
    cJSON *o = cJSON_CreateObject();
    cJSON *stops = cJSON_AddArrayToObject(o, "stop");
    cJSON *biases = cJSON_AddArrayToObject(o, "logit_bias");
    cJSON_AddNumberToObject(o, "n_predict", r->max_tokens == 0 ? -1 : (double)r->max_tokens);
    cJSON_AddNumberToObject(o, "max_tokens", r->max_tokens == 0 ? -1 : (double)r->max_tokens);
    cJSON_AddNumberToObject(o, "seed", (double)r->seed);
    cJSON_AddNumberToObject(o, "temperature", r->temperature);
    cJSON_AddNumberToObject(o, "top_k", r->top_k);
    cJSON_AddNumberToObject(o, "top_p", r->top_p);
    cJSON_AddNumberToObject(o, "min_p", r->min_p);
    cJSON_AddNumberToObject(o, "typical_p", r->typical_p);
    cJSON_AddNumberToObject(o, "repeat_last_n",
                            r->repeat_last_n == UINT32_MAX ? -1 : (double)r->repeat_last_n);
    cJSON_AddNumberToObject(o, "repeat_penalty", r->repeat_penalty);
    cJSON_AddNumberToObject(o, "presence_penalty", r->presence_penalty);
    cJSON_AddNumberToObject(o, "frequency_penalty", r->frequency_penalty);
    cJSON_AddStringToObject(o, "grammar", r->grammar != NULL ? r->grammar : "");
    cJSON_AddNumberToObject(o, "n_probs", r->top_logprobs);
    cJSON_AddNumberToObject(o, "speculative.n_max", r->drafts);
    for (size_t i = 0; i < r->logit_bias_count; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "token", r->logit_bias[i].token);
        cJSON_AddNumberToObject(one, "bias", r->logit_bias[i].bias); /* null: never */
        cJSON_AddItemToArray(biases, one);
    }
    for (size_t i = 0; i < r->stop_count; i++)
        cJSON_AddItemToArray(stops, cJSON_CreateString(r->stop[i]));
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) /* what is not supported is off */
        if (fields[i].neutral != NULL && fields[i].apis == ALL &&
            strcmp(fields[i].name, "id_slot") != 0)
            cJSON_AddItemToObject(o, fields[i].name,
                                  cJSON_ParseWithOpts(fields[i].neutral, NULL, 0));
    return o;
}
