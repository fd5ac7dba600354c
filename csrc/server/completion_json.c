/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Completions as JSON, in the three dialects.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/utf8.h"
#include "exchange.h"

static const char *stop_type(const struct generation *g) {
    return g->end == LOCKSTEP_END_OF_TEXT ? "eos"
           : g->end == LOCKSTEP_END_STOP  ? "word"
           : g->over                      ? "limit"
                                          : "none";
}

static const char *finish_reason(const struct generation *g) {
    return g->end == LOCKSTEP_END_OF_TEXT || g->end == LOCKSTEP_END_STOP ? "stop" : "length";
}

static void add_times(cJSON *o, const char *what, uint32_t tokens, double seconds) {
    char name[40];
    const double ms = 1000 * seconds;
    snprintf(name, sizeof name, "%s_n", what);
    cJSON_AddNumberToObject(o, name, tokens);
    snprintf(name, sizeof name, "%s_ms", what);
    cJSON_AddNumberToObject(o, name, ms);
    snprintf(name, sizeof name, "%s_per_token_ms", what);
    cJSON_AddNumberToObject(o, name, tokens != 0 ? ms / tokens : 0);
    snprintf(name, sizeof name, "%s_per_second", what);
    cJSON_AddNumberToObject(o, name, seconds > 0 ? tokens / seconds : 0);
}

static void add_timings(cJSON *o, const struct generation *g) {
    cJSON *t = cJSON_AddObjectToObject(o, "timings");
    cJSON_AddNumberToObject(t, "cache_n", g->reused);
    add_times(t, "prompt", (uint32_t)g->count - g->reused,
              g->generated != 0 ? g->first - g->begun : 0);
    add_times(t, "predicted", g->generated, g->generated != 0 ? g->last - g->first : 0);
    if (g->drafts != 0) {
        cJSON_AddNumberToObject(t, "draft_n", g->drafts);
        cJSON_AddNumberToObject(t, "draft_n_accepted", g->drafts_taken);
    }
}

static void add_ids(cJSON *o, const uint32_t *ids, uint32_t count) {
    cJSON *list = cJSON_AddArrayToObject(o, "tokens");
    for (uint32_t i = 0; i < count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateNumber(ids[i]));
}

static void add_usage(cJSON *o, const struct exchange *x) {
    cJSON *usage = cJSON_AddObjectToObject(o, "usage");
    double completion = 0;
    for (uint32_t i = 0; i < x->n; i++)
        completion += x->parts[i].generation->generated;
    const double prompt = (double)x->parts[0].generation->count;
    cJSON_AddNumberToObject(usage, "completion_tokens", completion);
    cJSON_AddNumberToObject(usage, "prompt_tokens", prompt);
    cJSON_AddNumberToObject(usage, "total_tokens", prompt + completion);
    cJSON_AddNumberToObject(cJSON_AddObjectToObject(usage, "prompt_tokens_details"),
                            "cached_tokens", x->parts[0].generation->reused);
}

/* What every object of OpenAI's has. */
static cJSON *openai(const struct exchange *x, const char *object) {
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "id", x->id);
    cJSON_AddStringToObject(o, "object", object);
    cJSON_AddNumberToObject(o, "created", (double)x->created);
    exchange_add_text(o, "model", x->server->name, strlen(x->server->name));
    cJSON_AddStringToObject(o, "system_fingerprint", "lockstep");
    return o;
}

/* A token by itself: any bytes, of which the whole characters are its text. */
static void add_token(cJSON *o, const struct exchange *x, uint32_t id, double logprob) {
    char text[1024];
    const size_t size = tokenizer_text(x->server->tokenizer, id, text, sizeof text);
    cJSON_AddNumberToObject(o, "id", id);
    exchange_add_text(o, "token", text, utf8_sound(text, size));
    cJSON *bytes = cJSON_AddArrayToObject(o, "bytes");
    for (size_t i = 0; i < size; i++)
        cJSON_AddItemToArray(bytes, cJSON_CreateNumber((unsigned char)text[i]));
    cJSON_AddNumberToObject(o, "logprob", logprob);
}

/* All tokens of the prompt, as text. */
static void add_prompt(cJSON *o, const struct exchange *x, const struct generation *g) {
    char *text = NULL, token[1024];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; out != NULL && i < g->count; i++)
        fwrite(token, 1, tokenizer_text(x->server->tokenizer, g->tokens[i], token, sizeof token),
               out);
    if (out != NULL && fclose(out) == 0)
        exchange_add_text(o, "prompt", text, size);
    free(text);
}

/* Of tokens first .. end - 1. */
static cJSON *logprobs(const struct exchange *x, const struct generation *g, uint32_t first,
                       uint32_t end) {
    cJSON *list = cJSON_CreateArray();
    for (uint32_t i = first; i < end; i++) {
        const struct lockstep_logprob *best = g->tops + (size_t)i * g->request.top_logprobs;
        cJSON *o = cJSON_CreateObject();
        cJSON_AddItemToArray(list, o);
        add_token(o, x, g->ids[i], g->logprobs[i]);
        cJSON *tops = cJSON_AddArrayToObject(o, "top_logprobs");
        for (uint32_t k = 0; k < g->request.top_logprobs && best[k].token != UINT32_MAX; k++) {
            cJSON *each = cJSON_CreateObject();
            cJSON_AddItemToArray(tops, each);
            add_token(each, x, best[k].token, best[k].logprob);
        }
    }
    return list;
}

/* As llama.cpp has it, in both of OpenAI's dialects. */
static void add_logprobs(cJSON *o, const struct exchange *x, const struct generation *g,
                         uint32_t first, uint32_t end) {
    if (g->request.logprobs != 0 && first < end)
        cJSON_AddItemToObject(cJSON_AddObjectToObject(o, "logprobs"), "content",
                              logprobs(x, g, first, end));
    else if (x->params.api == API_TEXT)
        cJSON_AddNullToObject(o, "logprobs");
}

static void add_probabilities(cJSON *o, const struct exchange *x, const struct generation *g,
                              uint32_t first, uint32_t end) {
    if (g->request.logprobs != 0)
        cJSON_AddItemToObject(o, "completion_probabilities", logprobs(x, g, first, end));
}

/* The end of a native completion; `from`: bytes of its text that are left out. */
static cJSON *native_end(const struct exchange *x, const struct generation *g, size_t from) {
    cJSON *o = cJSON_CreateObject();
    cJSON_AddNumberToObject(o, "index", 0);
    exchange_add_text(o, "content", g->text != NULL ? g->text + from : "", g->size - from);
    add_ids(o, g->ids, x->params.tokens && !x->params.stream ? g->generated : 0);
    add_probabilities(o, x, g, x->params.stream ? x->parts[0].ids : 0, g->generated);
    cJSON_AddNumberToObject(o, "id_slot", g->sequence);
    cJSON_AddTrueToObject(o, "stop");
    exchange_add_text(o, "model", x->server->name, strlen(x->server->name));
    cJSON_AddNumberToObject(o, "tokens_predicted", g->generated);
    cJSON_AddNumberToObject(o, "tokens_evaluated", (double)g->count);
    cJSON_AddItemToObject(o, "generation_settings", params_show(&g->request));
    add_prompt(o, x, g);
    cJSON_AddBoolToObject(o, "has_new_line", g->text != NULL && strchr(g->text, '\n') != NULL);
    cJSON_AddFalseToObject(o, "truncated");
    cJSON_AddStringToObject(o, "stop_type", stop_type(g));
    cJSON_AddStringToObject(o, "stopping_word",
                            g->end == LOCKSTEP_END_STOP ? g->request.stop[g->stop] : "");
    cJSON_AddNumberToObject(o, "tokens_cached", /* K and V of the last one are not computed */
                            (double)(g->count + g->generated - (g->generated != 0)));
    add_timings(o, g);
    return o;
}

cJSON *completion_whole(const struct exchange *x) {
    const bool chat = x->params.api == API_CHAT;
    if (x->params.api == API_NATIVE)
        return native_end(x, x->parts[0].generation, 0);
    cJSON *o = openai(x, chat ? "chat.completion" : "text_completion");
    cJSON *choices = cJSON_AddArrayToObject(o, "choices");
    for (uint32_t i = 0; i < x->n; i++) {
        const struct generation *g = x->parts[i].generation;
        const char *text = g->text != NULL ? g->text : "";
        cJSON *c = cJSON_CreateObject();
        cJSON_AddNumberToObject(c, "index", i);
        if (chat) {
            cJSON *message = cJSON_AddObjectToObject(c, "message");
            cJSON_AddStringToObject(message, "role", "assistant");
            exchange_add_text(message, "content", text, g->size);
        } else {
            exchange_add_text(c, "text", text, g->size);
        }
        add_logprobs(c, x, g, 0, g->generated);
        cJSON_AddStringToObject(c, "finish_reason", finish_reason(g));
        cJSON_AddItemToArray(choices, c);
    }
    add_usage(o, x);
    add_timings(o, x->parts[0].generation);
    return o;
}

cJSON *completion_usage(const struct exchange *x) {
    cJSON *o = openai(x, x->params.api == API_CHAT ? "chat.completion.chunk" : "text_completion");
    cJSON_AddArrayToObject(o, "choices");
    add_usage(o, x);
    return o;
}

/* A piece of a stream in OpenAI's words: text of tokens first .. end - 1, or how it ended (text
 * NULL), or (neither) the role.
 */
static cJSON *openai_piece(const struct exchange *x, uint32_t part, const char *text, size_t size,
                           uint32_t first, uint32_t end, const char *reason) {
    const bool chat = x->params.api == API_CHAT;
    cJSON *o = openai(x, chat ? "chat.completion.chunk" : "text_completion");
    cJSON *choices = cJSON_AddArrayToObject(o, "choices"), *c = cJSON_CreateObject();
    cJSON_AddNumberToObject(c, "index", part);
    if (chat) {
        cJSON *delta = cJSON_AddObjectToObject(c, "delta");
        if (text != NULL) {
            exchange_add_text(delta, "content", text, size);
        } else if (reason == NULL) {
            cJSON_AddStringToObject(delta, "role", "assistant");
            cJSON_AddNullToObject(delta, "content");
        }
    } else {
        exchange_add_text(c, "text", text != NULL ? text : "", size);
    }
    add_logprobs(c, x, x->parts[part].generation, first, end);
    if (reason != NULL)
        cJSON_AddStringToObject(c, "finish_reason", reason);
    else
        cJSON_AddNullToObject(c, "finish_reason");
    cJSON_AddItemToArray(choices, c);
    if (reason != NULL)
        add_timings(o, x->parts[part].generation);
    return o;
}

static cJSON *native_piece(const struct exchange *x, const struct generation *g, const char *text,
                           size_t size, uint32_t first, uint32_t end) {
    cJSON *o = cJSON_CreateObject();
    cJSON_AddNumberToObject(o, "index", 0);
    exchange_add_text(o, "content", text, size);
    add_ids(o, g->ids + first, end - first);
    add_probabilities(o, x, g, first, end);
    cJSON_AddNumberToObject(o, "id_slot", g->sequence);
    cJSON_AddFalseToObject(o, "stop");
    cJSON_AddNumberToObject(o, "tokens_predicted", g->generated);
    cJSON_AddNumberToObject(o, "tokens_evaluated", (double)g->count);
    return o;
}

cJSON *completion_piece(struct exchange *x, uint32_t part) {
    struct part *p = &x->parts[part];
    const struct generation *g = p->generation;
    const bool native = x->params.api == API_NATIVE;
    if (x->params.api == API_CHAT && !p->begun && g->generated != 0) {
        p->begun = true;
        return openai_piece(x, part, NULL, 0, 0, 0, NULL);
    }
    for (uint32_t i = p->ids; i < g->generated; i++) { /* up to the next one that brings text */
        const size_t from = p->text;
        if (g->ends[i] == from)
            continue;
        const uint32_t first = p->ids;
        p->text = g->ends[i];
        p->ids = i + 1;
        return native ? native_piece(x, g, g->text + from, p->text - from, first, p->ids)
                      : openai_piece(x, part, g->text + from, p->text - from, first, p->ids, NULL);
    }
    if (!g->over || p->ended)
        return NULL;
    p->ended = true;
    return native ? native_end(x, g, g->size)
                  : openai_piece(x, part, NULL, 0, p->ids, g->generated, finish_reason(g));
}
