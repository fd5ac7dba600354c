/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Completions: from a body to generations, and their answer, whole or as a stream.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"

/* ---- prompts ---- */

struct ids {
    uint32_t *ids;
    size_t count;
};

static int append_ids(struct ids *to, const uint32_t *ids, size_t count, struct ls_error *err) {
    uint32_t *larger = realloc(to->ids, (to->count + count + 1) * sizeof *larger);
    if (larger == NULL)
        return ls_error_set(err, "out of memory");
    to->ids = larger;
    if (count != 0)
        memcpy(to->ids + to->count, ids, count * sizeof *ids);
    to->count += count;
    return 0;
}

static int append_text(const struct server *s, struct ids *to, const char *text, bool bos,
                       struct ls_error *err) {
    uint32_t *ids;
    size_t count;
    const unsigned flags = TOKENIZER_PARSE_SPECIAL | (bos ? TOKENIZER_ADD_BOS : 0u);
    if (tokenizer_encode(s->tokenizer, text, strlen(text), flags, &ids, &count, err) != 0)
        return -1;
    const int status = append_ids(to, ids, count, err);
    free(ids);
    return status;
}

/* A text, a list of tokens, or of tokens and texts. */
static int read_prompt(const struct server *s, const cJSON *prompt, struct ids *ids,
                       struct ls_error *err) {
    const cJSON *each;
    if (cJSON_IsString(prompt))
        return append_text(s, ids, prompt->valuestring, true, err);
    if (!cJSON_IsArray(prompt))
        return ls_error_set(err, "\"prompt\" must be a text or a list of tokens and texts");
    int texts = 0;
    cJSON_ArrayForEach(each, prompt) texts += cJSON_IsString(each) != 0;
    if (texts > 1 && texts == cJSON_GetArraySize(prompt)) /* for others these are several */
        return ls_error_set(err, "\"prompt\": several prompts are several requests");
    cJSON_ArrayForEach(each, prompt) {
        const double number = each->valuedouble;
        const uint32_t id = cJSON_IsNumber(each) && number >= 0 && number < UINT32_MAX
                                ? (uint32_t)number
                                : UINT32_MAX;
        if (cJSON_IsString(each)) {
            if (append_text(s, ids, each->valuestring, each == prompt->child, err) != 0)
                return -1;
        } else if (id < tokenizer_vocab(s->tokenizer) && (double)id == number) {
            if (append_ids(ids, &id, 1, err) != 0)
                return -1;
        } else {
            return ls_error_set(err, "\"prompt\": an entry is neither a text nor a token of the "
                                     "vocabulary; several prompts are several requests");
        }
    }
    return 0;
}

/* The prompt of a conversation, to be freed; NULL: refused, and *result is the answer that says
 * why. */
static char *read_messages(struct exchange *x, const cJSON *messages, const cJSON *variables,
                           bool answer, enum MHD_Result *result) {
    struct ls_error err = {"out of memory"};
    enum chat_fault whose;
    char *prompt = chat_prompt(x->server->chat, messages, variables, answer, &whose, &err);
    if (prompt == NULL)
        *result = whose == CHAT_OF_CONVERSATION
                      ? exchange_error(x, 400, "invalid_request_error", "%s", err.text)
                      : exchange_error(x, 500, "server_error", "%s", err.text);
    return prompt;
}

enum MHD_Result completion_template(struct exchange *x, const cJSON *body) {
    const cJSON *variables = cJSON_GetObjectItemCaseSensitive(body, "chat_template_kwargs");
    const cJSON *answer = cJSON_GetObjectItemCaseSensitive(body, "add_generation_prompt");
    enum MHD_Result result = MHD_NO;
    if (variables != NULL && !cJSON_IsObject(variables))
        return exchange_error(x, 400, "invalid_request_error",
                              "\"chat_template_kwargs\" must be an object");
    char *prompt = read_messages(x, cJSON_GetObjectItemCaseSensitive(body, "messages"), variables,
                                 !cJSON_IsFalse(answer), &result);
    if (prompt == NULL)
        return result;
    cJSON *o = cJSON_CreateObject();
    exchange_add_text(o, "prompt", prompt, strlen(prompt));
    free(prompt);
    return exchange_json(x, 200, o);
}

/* ---- answers ---- */

/* The first generation that failed, or NULL. */
static const struct generation *failed(const struct exchange *x) {
    for (uint32_t i = 0; i < x->n; i++) {
        const struct generation *g = x->parts[i].generation;
        if (g->over && (g->end == LOCKSTEP_END_FAILED || g->end == LOCKSTEP_END_CANCELLED))
            return g;
    }
    return NULL;
}

/* Whether the device has refused the request, and not failed in it. */
static bool is_wrong(const struct generation *g) {
    return g->status == LOCKSTEP_BAD_ARGUMENT || g->status == LOCKSTEP_BAD_TOKEN;
}

static unsigned status_of(const struct generation *g) {
    return g->end == LOCKSTEP_END_CANCELLED ? 503 : is_wrong(g) ? 400 : 500;
}

static cJSON *failure(const struct generation *g) {
    return g->end == LOCKSTEP_END_CANCELLED
               ? exchange_error_json(503, "unavailable_error", "the server is being stopped")
           : is_wrong(g) ? exchange_error_json(400, "invalid_request_error", g->error)
                         : exchange_error_json(500, "server_error", g->error);
}

static bool all_over(const struct exchange *x) {
    for (uint32_t i = 0; i < x->n; i++)
        if (!x->parts[i].generation->over)
            return false;
    return true;
}

enum MHD_Result completion_go_on(struct exchange *x) {
    cJSON *answer = NULL;
    unsigned status = 200;
    engine_lock(x->server->engine);
    const struct generation *wrong = failed(x);
    if (wrong != NULL) {
        answer = failure(wrong);
        status = status_of(wrong);
    } else if (all_over(x)) {
        answer = completion_whole(x);
    } else {
        x->suspended = true;
        MHD_suspend_connection(x->connection);
    }
    engine_unlock(x->server->engine);
    return answer == NULL ? MHD_YES : exchange_json(x, status, answer);
}

/* ---- streams ---- */

static void put(struct exchange *x, cJSON *json) {
    char *text = json != NULL ? cJSON_PrintUnformatted(json) : NULL;
    free(x->out);
    x->out = NULL;
    x->out_at = x->out_size = 0;
    if (text != NULL && asprintf(&x->out, "data: %s\n\n", text) > 0)
        x->out_size = strlen(x->out);
    cJSON_free(text);
    cJSON_Delete(json);
}

/* The next thing to be sent, in x->out; false: there is none yet. Under the lock. */
static bool next_piece(struct exchange *x) {
    const struct generation *wrong = failed(x);
    bool all = true;
    if (wrong != NULL) {
        put(x, failure(wrong));
        x->finished = true;
        return true;
    }
    for (uint32_t i = 0; i < x->n; i++) {
        cJSON *piece = completion_piece(x, i);
        if (piece != NULL) {
            put(x, piece);
            return true;
        }
        all = all && x->parts[i].ended;
    }
    if (!all)
        return false;
    if (x->params.usage) {
        x->params.usage = false;
        put(x, completion_usage(x));
        return true;
    }
    put(x, NULL);
    /* the head is gone already: a comment, which clients pass over */
    if (asprintf(&x->out, ": " EXCHANGE_BACKEND " %s\n\n%s", exchange_backend(x),
                 x->params.api != API_NATIVE ? "data: [DONE]\n\n" : "") > 0)
        x->out_size = strlen(x->out);
    x->finished = true;
    return true;
}

static ssize_t read_stream(void *context, uint64_t position, char *buffer, size_t most) {
    struct exchange *x = context;
    ssize_t size = 0;
    (void)position;
    engine_lock(x->server->engine);
    while (x->out_at == x->out_size && !x->finished && next_piece(x))
        ;
    if (x->out_at < x->out_size) {
        const size_t left = x->out_size - x->out_at;
        const size_t part = left < most ? left : most;
        memcpy(buffer, x->out + x->out_at, part);
        x->out_at += part;
        size = (ssize_t)part;
    } else if (x->finished) {
        size = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        x->suspended = true;
        MHD_suspend_connection(x->connection);
    }
    engine_unlock(x->server->engine);
    return size;
}

static enum MHD_Result begin_stream(struct exchange *x) {
    struct MHD_Response *r =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, read_stream, x, NULL);
    if (r == NULL)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", "text/event-stream");
    MHD_add_response_header(r, "Cache-Control", "no-cache");
    MHD_add_response_header(r, "x-lockstep-completion", x->id);
    MHD_add_response_header(r, EXCHANGE_BACKEND,
                            engine_is_golden(x->server->engine) ? exchange_understudy(x->server)
                                                                : "rtl");
    MHD_add_response_header(r, "Access-Control-Allow-Origin", "*");
    const enum MHD_Result result = MHD_queue_response(x->connection, 200, r);
    MHD_destroy_response(r);
    return result;
}

/* ---- begin ---- */

static enum MHD_Result submit(struct exchange *x, const struct ids *ids) {
    struct server *s = x->server;
    x->created = time(NULL);
    snprintf(x->id, sizeof x->id, "%s-%" PRIx64 "%08" PRIx64,
             x->params.api == API_CHAT ? "chatcmpl" : "cmpl", (uint64_t)s->created, ++s->count);
    for (uint32_t i = 0; i < x->params.n; i++) {
        struct lockstep_request r = x->params.request;
        uint32_t *copy = malloc((ids->count + 1) * sizeof *copy);
        r.seed += i;
        if (copy != NULL)
            memcpy(copy, ids->ids, ids->count * sizeof *copy);
        struct generation *g = copy != NULL ? generation_make(copy, ids->count, &r) : NULL;
        if (g == NULL)
            return exchange_error(x, 500, "server_error", "out of memory");
        x->parts[x->n++].generation = g;
        memcpy(g->name, x->id, sizeof g->name);
        g->wake = exchange_wake;
        g->context = x;
        g->socket = exchange_socket(x);
        if (engine_submit(s->engine, g) != 0)
            return exchange_error(x, 503, "unavailable_error",
                                  "the queue is full: try again later");
    }
    return x->params.stream ? begin_stream(x) : completion_go_on(x);
}

enum MHD_Result completion_begin(struct exchange *x, enum api api, const cJSON *body) {
    struct server *s = x->server;
    const uint32_t context = engine_model(s->engine)->context;
    struct ids ids = {0};
    struct ls_error err = {"out of memory"};
    enum MHD_Result result = MHD_NO;
    int status =
        params_read(&x->params, api, s->options.draft_model != NULL, body, s->tokenizer, &err);
    if (status == 0 && api == API_CHAT) {
        char *prompt = read_messages(x, x->params.messages, x->params.variables, true, &result);
        if (prompt == NULL)
            return result;
        status = append_text(s, &ids, prompt, true, &err);
        free(prompt);
    } else if (status == 0) {
        status = read_prompt(s, x->params.prompt, &ids, &err);
    }
    if (status != 0) {
        result = exchange_error(x, 400, "invalid_request_error", "%s", err.text);
    } else if (ids.count == 0) {
        result = exchange_error(x, 400, "invalid_request_error", "the prompt has no token");
    } else if (ids.count > context) {
        snprintf(err.text, sizeof err.text,
                 "request (%zu tokens) exceeds the available context size (%" PRIu32
                 " tokens), try increasing it",
                 ids.count, context);
        cJSON *o = exchange_error_json(400, "exceed_context_size_error", err.text);
        cJSON *e = cJSON_GetObjectItemCaseSensitive(o, "error");
        cJSON_AddNumberToObject(e, "n_prompt_tokens", (double)ids.count);
        cJSON_AddNumberToObject(e, "n_ctx", context);
        result = exchange_json(x, 400, o);
    } else {
        result = submit(x, &ids);
    }
    free(ids.ids);
    return result;
}
