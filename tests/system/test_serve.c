/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `lockstep serve` as its clients meet it, over sockets of their own: every route, streams, what is
 * refused and with which words, clients that come at once or go away, a full queue, a key, SIGTERM.
 */
#include "tests/kit/http.h"

#define FOLDER "build/tests/serve"
#define ONCE   "\"prompt\":\"Once upon a time\",\"temperature\":0"

/* The events of a stream: their text joined, how many, whether the last one is [DONE]. */
struct events {
    char text[4096], reason[32];
    int count, usage, roles;
    bool done;
};

static struct events read_events(const struct http_answer *a, const char *where) {
    static struct events e;
    char *rest = NULL, *copy = strdup(a->body);
    memset(&e, 0, sizeof e);
    for (char *line = strtok_r(copy, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, "data: ", 6) != 0)
            continue;
        e.done = strcmp(line + 6, "[DONE]") == 0;
        cJSON *o = cJSON_Parse(line + 6);
        const cJSON *text = json_at(o, where), *reason = json_at(o, "choices.0.finish_reason");
        if (cJSON_IsString(text))
            snprintf(e.text + strlen(e.text), sizeof e.text - strlen(e.text), "%s",
                     text->valuestring);
        if (cJSON_IsString(reason))
            snprintf(e.reason, sizeof e.reason, "%s", reason->valuestring);
        e.usage += json_at(o, "usage") != NULL;
        e.roles += json_at(o, "choices.0.delta.role") != NULL;
        e.count += o != NULL;
        cJSON_Delete(o);
    }
    free(copy);
    return e;
}

/* ---- with the story's model ---- */

static void test_plain(struct http *r) {
    struct host_test *t = r->t;
    struct http_answer *a = http_get(r, "/health");
    CHECK(t, a->status == 200 && strcmp(a->body, "{\"status\":\"ok\"}") == 0, "%s", a->body);
    a = http_get(r, "/v1/models");
    CHECK(t,
          strcmp(json_text(a->json, "data.0.id"), "stories") == 0 &&
              json_number(a->json, "data.0.meta.n_vocab") > 500,
          "%s", a->body);
    a = http_get(r, "/props");
    CHECK(t,
          json_number(a->json, "total_slots") == 4 &&
              strcmp(json_text(a->json, "chat_format"), "chatml") == 0 &&
              json_number(a->json, "default_generation_settings.params.top_k") == 40,
          "%s", a->body);
    a = http_get(r, "/slots");
    CHECK(t, cJSON_GetArraySize(a->json) == 4 && cJSON_IsFalse(json_at(a->json, "3.is_processing")),
          "%s", a->body);
    a = http_get(r, "/nowhere");
    CHECK(t,
          a->status == 404 && strcmp(json_text(a->json, "error.type"), "not_found_error") == 0 &&
              json_number(a->json, "error.code") == 404,
          "%d %s", a->status, a->body);
    a = http_get(r, "/completion");
    CHECK(t, a->status == 405, "%d", a->status);
    a = http_hear(r, http_ask(r, "HEAD", "/health", ""));
    CHECK(t, a->status == 200 && a->body[0] == '\0', "%d", a->status);
    a = http_hear(r, http_ask(r, "OPTIONS", "/completion", ""));
    CHECK(t, a->status == 204, "%d", a->status);
    a = http_post(r, "/tokenize", "{\"content\":\"Once upon a time\",\"add_special\":true}");
    const int count = cJSON_GetArraySize(json_at(a->json, "tokens"));
    char *ids = cJSON_PrintUnformatted(json_at(a->json, "tokens")), body[400];
    CHECK(t, a->status == 200 && count > 1 && json_number(a->json, "tokens.0") == 1, "%s", a->body);
    snprintf(body, sizeof body, "{\"tokens\":%s}", ids);
    a = http_post(r, "/detokenize", body);
    CHECK(t, strcmp(json_text(a->json, "content"), "Once upon a time") == 0, "%s", a->body);
    snprintf(body, sizeof body, "{\"prompt\":%s,\"n_predict\":2,\"temperature\":0}", ids);
    cJSON_free(ids);
    a = http_post(r, "/completion", body);
    CHECK(t, json_number(a->json, "tokens_evaluated") == count, "%s", a->body);
    a = http_post(r, "/tokenize", "{\"content\":\"a\\\\u0000\"}"); /* a backslash, no NUL */
    CHECK(t, a->status == 200 && cJSON_GetArraySize(json_at(a->json, "tokens")) > 3, "%s", a->body);
    a = http_post(r, "/detokenize", "{\"tokens\":[97,3,97]}"); /* 3 is a NUL */
    CHECK(t, a->status == 200 && strstr(a->body, "\"^\\u0000^\"") != NULL, "%s", a->body);
    a = http_post(r, "/tokenize", "{\"content\":\"a\",\"with_pieces\":true}");
    CHECK(t, json_at(a->json, "tokens.0.piece") != NULL, "%s", a->body);
    a = http_post(r, "/tokenize", "{\"content\":\"\\n\xc3\x89\",\"with_pieces\":true}");
    CHECK(t,
          strcmp(json_text(a->json, "tokens.1.piece"), "\n") == 0 &&
              json_number(a->json, "tokens.2.piece.0") == 0xc3 &&
              json_number(a->json, "tokens.3.piece.0") == 0x89,
          "%s", a->body);
    a = http_post(
        r, "/apply-template",
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]}]}");
    CHECK(t,
          strcmp(json_text(a->json, "prompt"),
                 "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n") == 0,
          "%s", a->body);
}

static void test_completions(struct http *r) {
    struct host_test *t = r->t;
    struct http_answer *a = http_post(r, "/completion", "{" ONCE ",\"n_predict\":8}");
    CHECK(t,
          a->status == 200 && strncmp(HOST_STORY, json_text(a->json, "content"), 15) == 0 &&
              json_number(a->json, "tokens_predicted") == 8 &&
              strcmp(json_text(a->json, "stop_type"), "limit") == 0 &&
              json_number(a->json, "timings.predicted_n") == 8 &&
              strcmp(json_text(a->json, "prompt"), "<s> Once upon a time") == 0 &&
              json_number(a->json, "tokens_cached") ==
                  json_number(a->json, "tokens_evaluated") + 7 &&
              json_number(a->json, "timings.prompt_n") + json_number(a->json, "timings.cache_n") ==
                  json_number(a->json, "tokens_evaluated") &&
              json_number(a->json, "generation_settings.mirostat") == 0 &&
              json_number(a->json, "id_slot") >= 0,
          "%d %s", a->status, a->body);
    a = http_post(r, "/v1/completions", "{" ONCE ",\"max_tokens\":1}"); /* all but the last one */
    CHECK(t,
          json_number(a->json, "usage.prompt_tokens_details.cached_tokens") ==
                  json_number(a->json, "usage.prompt_tokens") - 1 &&
              json_number(a->json, "timings.prompt_n") == 1,
          "%s", a->body);
    a = http_post(r, "/completion", "{" ONCE ",\"n_predict\":8}");
    char whole[200];
    snprintf(whole, sizeof whole, "%s", json_text(a->json, "content"));
    a = http_post(r, "/completion", "{" ONCE ",\"n_predict\":8,\"speculative.n_max\":3}");
    CHECK(t, strcmp(json_text(a->json, "content"), whole) == 0, "with drafts: %s", a->body);
    a = http_post(r, "/completion", "{" ONCE ",\"n_predict\":8,\"stream\":true}");
    struct events e = read_events(a, "content");
    CHECK(t,
          strcmp(e.text, whole) == 0 && e.count > 4 && !e.done &&
              strstr(a->head, "text/event-stream") != NULL,
          "%d events: %s", e.count, e.text);
    a = http_post(r, "/completion", "{\"prompt\":\"Once\",\"temperature\":2,\"n_predict\":8}");
    char drawn[200], again[200];
    snprintf(drawn, sizeof drawn, "%s", json_text(a->json, "content"));
    snprintf(again, sizeof again,
             "{\"prompt\":\"Once\",\"temperature\":2,\"n_predict\":8,\"seed\":%.0f}",
             json_number(a->json, "generation_settings.seed"));
    a = http_post(r, "/completion", again);
    CHECK(t, a->status == 200 && strcmp(json_text(a->json, "content"), drawn) == 0,
          "%s: %s and not %s", again, a->body, drawn);
    a = http_post(r, "/v1/completions", "{" ONCE ",\"max_tokens\":8,\"stop\":[\" was\"]}");
    CHECK(t,
          strcmp(json_text(a->json, "choices.0.text"), ", there") == 0 &&
              strcmp(json_text(a->json, "choices.0.finish_reason"), "stop") == 0 &&
              strcmp(json_text(a->json, "object"), "text_completion") == 0 &&
              json_number(a->json, "usage.total_tokens") ==
                  json_number(a->json, "usage.prompt_tokens") +
                      json_number(a->json, "usage.completion_tokens"),
          "%s", a->body);
    a = http_post(r, "/v1/completions",
                  "{" ONCE ",\"max_tokens\":3,\"n\":2,\"temperature\":1,\"seed\":1}");
    CHECK(t,
          cJSON_GetArraySize(json_at(a->json, "choices")) == 2 &&
              json_number(a->json, "usage.completion_tokens") == 6,
          "%s", a->body);
    const char *chat = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"temperature\":0,"
                       "\"max_completion_tokens\":4%s}";
    char body[400];
    snprintf(body, sizeof body, chat, "");
    a = http_post(r, "/v1/chat/completions", body);
    CHECK(t,
          a->status == 200 &&
              strcmp(json_text(a->json, "choices.0.message.role"), "assistant") == 0 &&
              strcmp(json_text(a->json, "choices.0.finish_reason"), "length") == 0 &&
              strncmp(json_text(a->json, "id"), "chatcmpl-", 9) == 0,
          "%s", a->body);
    snprintf(whole, sizeof whole, "%s", json_text(a->json, "choices.0.message.content"));
    snprintf(body, sizeof body, chat,
             ",\"stream\":true,\"stream_options\":{\"include_usage\":true}");
    a = http_post(r, "/v1/chat/completions", body);
    e = read_events(a, "choices.0.delta.content");
    CHECK(t,
          strcmp(e.text, whole) == 0 && e.done && e.usage == 1 && e.roles == 1 &&
              strcmp(e.reason, "length") == 0,
          "%s", a->body);
    snprintf(body, sizeof body, chat, ",\"stream\":true");
    e = read_events(http_post(r, "/v1/chat/completions", body), "choices.0.delta.content");
    CHECK(t, e.done && e.usage == 0, "usage that nobody asked for");
    a = http_get(r, "/metrics");
    CHECK(t,
          strstr(a->body, "\nllamacpp:tokens_predicted_total ") != NULL &&
              strstr(a->body, "\nlockstep:differences_total 0\n") != NULL,
          "%s", a->body);
}

/* A list of tokens with their best ones: greedily each is the best, and a probability. */
static void check_logprobs(struct host_test *t, const cJSON *list, int count, int best) {
    const cJSON *each;
    CHECK(t, cJSON_GetArraySize(list) == count, "%d tokens", cJSON_GetArraySize(list));
    cJSON_ArrayForEach(each, list) {
        double last = 0, sum = 0;
        const cJSON *top;
        CHECK(t,
              json_number(each, "logprob") < 0 && strlen(json_text(each, "token")) > 0 &&
                  json_number(each, "bytes.0") >= 0 &&
                  cJSON_GetArraySize(json_at(each, "top_logprobs")) == best &&
                  (best == 0 ||
                   (json_number(each, "id") == json_number(each, "top_logprobs.0.id") &&
                    json_number(each, "logprob") == json_number(each, "top_logprobs.0.logprob"))),
              "%s", cJSON_PrintUnformatted(each));
        cJSON_ArrayForEach(top, json_at(each, "top_logprobs")) {
            CHECK(t, json_number(top, "logprob") <= last, "not the best first");
            last = json_number(top, "logprob");
            sum += exp(last);
        }
        CHECK(t, sum <= 1 && (best < 64 || sum > 0.5), "together %g", sum);
    }
}

/* Tokens with log probabilities in all pieces of a stream. */
static int count_logprobs(const struct http_answer *a, const char *where) {
    char *copy = strdup(a->body), *rest = copy, *line;
    int count = 0;
    while ((line = strsep(&rest, "\n")) != NULL) {
        cJSON *o = strncmp(line, "data: {", 7) == 0 ? cJSON_Parse(line + 6) : NULL;
        const cJSON *list = json_at(o, where);
        count += list != NULL ? cJSON_GetArraySize(list) : 0;
        cJSON_Delete(o);
    }
    free(copy);
    return count;
}

static void test_logprobs(struct http *r) {
    static const char chat[] = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],"
                               "\"temperature\":0,\"max_tokens\":4,\"logprobs\":true%s}";
    struct host_test *t = r->t;
    char body[300];
    const struct http_answer *a =
        http_post(r, "/completion", "{" ONCE ",\"n_predict\":5,\"n_probs\":64}");
    check_logprobs(t, json_at(a->json, "completion_probabilities"), 5, 64);
    a = http_post(r, "/v1/completions", "{" ONCE ",\"max_tokens\":5,\"logprobs\":2}");
    check_logprobs(t, json_at(a->json, "choices.0.logprobs.content"), 5, 2);
    snprintf(body, sizeof body, chat, "");
    a = http_post(r, "/v1/chat/completions", body);
    check_logprobs(t, json_at(a->json, "choices.0.logprobs.content"), 4, 0);
    snprintf(body, sizeof body, chat, ",\"top_logprobs\":3,\"stream\":true");
    a = http_post(r, "/v1/chat/completions", body);
    CHECK(t, count_logprobs(a, "choices.0.logprobs.content") == 4, "%s", a->body);
    a = http_post(r, "/completion", "{" ONCE ",\"n_predict\":5,\"n_probs\":1,\"stream\":true}");
    CHECK(t, count_logprobs(a, "completion_probabilities") == 5, "%s", a->body);
    a = http_post(r, "/v1/completions", "{" ONCE ",\"max_tokens\":2}");
    CHECK(t, cJSON_IsNull(json_at(a->json, "choices.0.logprobs")), "nobody asked for them");
}

/* What the device's list does not do is done among all tokens. */
static void test_whole(struct http *r) {
    struct host_test *t = r->t;
    char plain[64], *last = plain;
    static const char *const neutral =
        "{" ONCE ",\"n_predict\":6,\"seed\":4,\"return_tokens\":true%s}";
    char body[512];
    snprintf(body, sizeof body, neutral, "");
    const struct http_answer *a = http_post(r, "/completion", body);
    for (const cJSON *id = json_at(a->json, "tokens.0"); id != NULL; id = id->next)
        last += snprintf(last, (size_t)(plain + sizeof plain - last), " %.0f", id->valuedouble);
    static const struct {
        const char *fields;
        int same; /* the tokens are those without the fields */
    } cases[] = {{",\"logit_bias\":[[5,0]]", 1},
                 {",\"logit_bias\":{\"5\":0},\"top_k\":40", 1},
                 {",\"logit_bias\":[[7,100],[8,false]]", 0},
                 {",\"top_k\":0,\"min_p\":0,\"top_p\":1,\"temperature\":5", 0},
                 {",\"typical_p\":0.1,\"temperature\":3", 0},
                 {",\"repeat_penalty\":10,\"repeat_last_n\":-1,\"frequency_penalty\":2", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char tokens[64], *end = tokens;
        snprintf(body, sizeof body, neutral, cases[i].fields);
        a = http_post(r, "/completion", body);
        for (const cJSON *id = json_at(a->json, "tokens.0"); id != NULL; id = id->next)
            end += snprintf(end, (size_t)(tokens + sizeof tokens - end), " %.0f", id->valuedouble);
        CHECK(t, a->status == 200 && last != plain && (strcmp(tokens, plain) == 0) == cases[i].same,
              "%s:%s, without it%s", cases[i].fields, tokens, plain);
        CHECK(t, i != 2 || strcmp(tokens, " 7 7 7 7 7 7") == 0, "a bias of 100:%s", tokens);
    }
    snprintf(
        body, sizeof body, neutral,
        ",\"logit_bias\":[[7,1.5],[8,false]],\"typical_p\":0.5,\"repeat_last_n\":-1,\"top_k\":-1");
    a = http_post(r, "/completion", body);
    CHECK(t,
          json_number(a->json, "generation_settings.logit_bias.0.token") == 7 &&
              json_number(a->json, "generation_settings.logit_bias.0.bias") == 1.5 &&
              cJSON_IsNull(json_at(a->json, "generation_settings.logit_bias.1.bias")) &&
              json_number(a->json, "generation_settings.typical_p") == 0.5 &&
              json_number(a->json, "generation_settings.repeat_last_n") == -1 &&
              json_number(a->json, "generation_settings.top_k") == 0,
          "%s", a->body);
    a = http_post(r, "/tokenize", "{\"content\":\"Hello there\",\"parse_special\":false}");
    char *wanted = cJSON_PrintUnformatted(json_at(a->json, "tokens")), got[200] = "[";
    static const char *const texts[] = {",\"logit_bias\":[[\"Hello there\",false]]",
                                        ",\"logit_bias\":{\"Hello there\":-1}"};
    for (size_t i = 0; i < 2; i++) { /* a text: each of its tokens */
        snprintf(body, sizeof body, neutral, texts[i]);
        a = http_post(r, "/completion", body);
        const cJSON *bias = json_at(a->json, "generation_settings.logit_bias.0");
        got[1] = '\0';
        for (; bias != NULL; bias = bias->next)
            snprintf(got + strlen(got), sizeof got - strlen(got), "%.0f%s",
                     json_number(bias, "token"), bias->next != NULL ? "," : "]");
        CHECK(t, strcmp(got, wanted) == 0 && strlen(wanted) > 5, "%s: %s, not %s", texts[i], got,
              wanted);
    }
    cJSON_free(wanted);
}

static void test_grammar(struct http *r) {
    struct host_test *t = r->t;
    const struct http_answer *a = http_post(
        r, "/completion",
        "{" ONCE
        ",\"n_predict\":30,\"grammar\":\"root ::= \\\" \\\" (\\\"yes\\\" | \\\"no\\\")\"}");
    const char *text = json_text(a->json, "content");
    CHECK(t, a->status == 200 && (strcmp(text, " yes") == 0 || strcmp(text, " no") == 0), "%s",
          a->body);
    a = http_post(r, "/v1/chat/completions",
                  "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"max_tokens\":60,"
                  "\"response_format\":{\"type\":\"json_object\"}}");
    text = json_text(a->json, "choices.0.message.content");
    cJSON *json = cJSON_Parse(text);
    CHECK(t,
          a->status == 200 && text[0] == '{' &&
              (json != NULL) ==
                  (strcmp(json_text(a->json, "choices.0.finish_reason"), "stop") == 0),
          "%s", a->body);
    cJSON_Delete(json);
    static const char *const schemas[] = {
        ("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\","
         "\"strict\":true,\"schema\":%s}}"),
        "\"response_format\":{\"type\":\"json_object\",\"schema\":%s}",
        "\"response_format\":{\"type\":\"json_schema\",\"schema\":%s}", "\"json_schema\":%s"};
    for (unsigned i = 0; i < 4; i++) {
        char body[600], format[400];
        snprintf(format, sizeof format, schemas[i],
                 "{\"type\":\"object\",\"properties\":{\"name\":{\"enum\":[\"Tom\",\"Lily\"]},"
                 "\"age\":{\"type\":\"integer\",\"minimum\":3,\"maximum\":12}},"
                 "\"required\":[\"name\",\"age\"]}");
        snprintf(body, sizeof body,
                 "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
                 "\"max_tokens\":200,%s}",
                 format);
        a = http_post(r, "/v1/chat/completions", body);
        json = cJSON_Parse(json_text(a->json, "choices.0.message.content"));
        CHECK(t,
              cJSON_GetArraySize(json) == 2 && strlen(json_text(json, "name")) > 2 &&
                  json_number(json, "age") >= 3 && json_number(json, "age") <= 12,
              "%s: %s", body, a->body);
        cJSON_Delete(json);
    }
}

static void test_refusals(struct http *r) {
    struct host_test *t = r->t;
    static const struct {
        const char *path, *body;
        int status;
        const char *part;
    } cases[] = {
        {"/completion", "", 400, "no JSON object"},
        {"/completion", "[1]", 400, "no JSON object"},
        {"/completion", "{\"prompt\":\"a\"} x", 400, "no JSON object"},
        {"/completion", "{\"prompt\":\"\xff\"}", 400, "UTF-8"},
        {"/completion", "{\"prompt\":\"a\\u0000b\"}", 400, "NUL"},
        {"/completion", "{}", 400, "\"prompt\" is missing"},
        {"/completion", "{\"prompt\":7}", 400, "\"prompt\" must be"},
        {"/completion", "{\"prompt\":[1,-2]}", 400, "\"prompt\": an entry"},
        {"/completion", "{\"prompt\":[]}", 400, "no token"},
        {"/v1/completions", "{\"prompt\":[\"a\",\"b\"]}", 400, "several prompts"},
        {"/completion", "{" ONCE ",\"grammar\":\"root ::= x\"}", 400, "rule \"x\" is not there"},
        {"/completion", "{" ONCE ",\"grammar\":7}", 400, "\"grammar\" must be"},
        {"/v1/completions", "{" ONCE ",\"response_format\":{\"type\":\"json_schema\"}}", 400,
         "\"response_format\" must be"},
        {"/v1/completions",
         "{" ONCE ",\"grammar\":\"root ::= [a-z]\",\"response_format\":{\"type\":\"json_object\"}}",
         400, "exclude each other"},
        {"/completion", "{" ONCE ",\"n_probs\":65}", 400, "\"n_probs\" must be 0 to 64"},
        {"/completion", "{" ONCE ",\"mirostat\":2}", 400, "\"mirostat\""},
        {"/completion", "{" ONCE ",\"top_k\":-2}", 400, "\"top_k\" must be"},
        {"/completion", "{" ONCE ",\"typical_p\":0}", 400, "\"typical_p\" must be"},
        {"/completion", "{" ONCE ",\"repeat_last_n\":-2}", 400, "\"repeat_last_n\" must be"},
        {"/completion", "{" ONCE ",\"logit_bias\":[[1]]}", 400, "\"logit_bias\" must be"},
        {"/completion", "{" ONCE ",\"logit_bias\":[[1.5,1]]}", 400, "\"logit_bias\" must be"},
        {"/completion", "{" ONCE ",\"logit_bias\":{\"\":1}}", 400, "\"logit_bias\" must be"},
        {"/completion", "{" ONCE ",\"logit_bias\":{\"a\":\"1\"}}", 400, "\"logit_bias\" must be"},
        {"/completion", "{" ONCE ",\"json_schema\":{\"type\":\"array\",\"uniqueItems\":true}}", 400,
         "JSON schema, #: \"uniqueItems\" is not"},
        {"/completion", "{" ONCE ",\"json_schema\":{},\"grammar\":\"root ::= [a-z]\"}", 400,
         "exclude each other"},
        {"/v1/completions",
         "{" ONCE ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{},"
         "\"other\":1}}}",
         400, "\"response_format\" must be"},
        {"/completion", "{" ONCE ",\"logit_bias\":{\"1\":true}}", 400, "\"logit_bias\" must be"},
        {"/completion", "{" ONCE ",\"logit_bias\":[[999999,1]]}", 400, "not in the vocabulary"},
        {"/completion", "{" ONCE ",\"top_k\":2.5}", 400, "\"top_k\" must be"},
        {"/completion", "{" ONCE ",\"speculative.n_max\":-1}", 400,
         "\"speculative.n_max\" must be"},
        {"/completion", "{" ONCE ",\"speculative.p_min\":0.5}", 400,
         "\"speculative.p_min\" is not"},
        {"/completion", "{" ONCE ",\"top_p\":\"1\"}", 400, "\"top_p\" must be"},
        {"/completion", "{" ONCE ",\"seed\":-2}", 400, "\"seed\" must be"},
        {"/completion", "{" ONCE ",\"n_predict\":0}", 400, "\"n_predict\" must be"},
        {"/completion", "{" ONCE ",\"stop\":[7]}", 400, "\"stop\" must be"},
        {"/completion", "{" ONCE ",\"stream\":1}", 400, "\"stream\" must be"},
        {"/completion", "{" ONCE ",\"n\":2}", 400, "\"n\" is not supported"},
        {"/v1/completions", "{" ONCE ",\"logprobs\":6}", 400, "\"logprobs\" must be 0 to 5"},
        {"/v1/chat/completions",
         "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"top_logprobs\":1}", 400,
         "needs \"logprobs\": true"},
        {"/v1/completions", "{" ONCE ",\"best_of\":2}", 400, "\"best_of\""},
        {"/v1/chat/completions", "{}", 400, "\"messages\" is missing"},
        {"/v1/chat/completions", "{\"messages\":[]}", 400, "\"messages\" must be"},
        {"/v1/chat/completions", "{\"messages\":[{\"content\":\"a\"}]}", 400, "no role"},
        {"/v1/chat/completions", "{\"messages\":[{\"role\":\"user\"}]}", 400,
         "\"content\" must be"},
        {"/v1/chat/completions",
         "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}", 400,
         "no text"},
        {"/v1/chat/completions",
         "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"tools\":[{}]}", 400, "\"tools\""},
        {"/tokenize", "{\"content\":7}", 400, "\"content\""},
        {"/tokenize", "{\"content\":\"a\",\"colour\":1}", 400, "\"colour\""},
        {"/tokenize", "{\"content\":\"a\",\"add_special\":\"yes\"}", 400, "\"add_special\""},
        {"/detokenize", "{\"tokens\":[99999999]}", 400, "\"tokens\""},
        {"/detokenize", "{\"tokens\":[7.5]}", 400, "\"tokens\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct http_answer *a = http_post(r, cases[i].path, cases[i].body);
        CHECK(t,
              a->status == cases[i].status &&
                  strstr(json_text(a->json, "error.message"), cases[i].part) != NULL &&
                  json_number(a->json, "error.code") == cases[i].status &&
                  strcmp(json_text(a->json, "error.type"), "invalid_request_error") == 0,
              "%s %s: %d %s", cases[i].path, cases[i].body, a->status, a->body);
    }
    const struct http_answer *a =
        http_post(r, "/completion",
                  "{" ONCE ",\"n_predict\":1,\"mirostat\":0,\"logit_bias\":[],"
                  "\"grammar\":null,\"user\":\"me\"}");
    CHECK(t, a->status == 400 && strstr(a->body, "user") != NULL, "%s", a->body);
    const size_t much = (4u << 20) + 10;
    char *body = malloc(much);
    memset(body, 'a', much);
    CHECK(t, http_hear(r, http_ask_bytes(r, "POST", "/completion", body, much))->status == 413,
          "a long body");
    memcpy(body, "{\"prompt\":\"", 11);
    memcpy(body + 20000, "\"}", 3);
    a = http_post(r, "/completion", body);
    CHECK(t,
          a->status == 400 &&
              strcmp(json_text(a->json, "error.type"), "exceed_context_size_error") == 0 &&
              json_number(a->json, "error.n_prompt_tokens") > json_number(a->json, "error.n_ctx"),
          "%d %s", a->status, a->body);
    free(body);
}

/* ---- with a model as small as they come ---- */

static const char *const tiny_body =
    "{\"prompt\":[1,%d,7],\"n_predict\":10,\"temperature\":1.5,\"seed\":%d,\"return_tokens\":true}";

static void test_many(struct http *r) {
    enum { CLIENTS = 12 };
    char alone[CLIENTS][400], body[200];
    int sockets[CLIENTS], different = 0;
    for (int i = 0; i < CLIENTS; i++) {
        snprintf(body, sizeof body, tiny_body, 10 + i, i);
        const struct http_answer *a = http_post(r, "/completion", body);
        char *ids = cJSON_PrintUnformatted(json_at(a->json, "tokens"));
        snprintf(alone[i], sizeof alone[i], "%s", ids != NULL ? ids : a->body);
        cJSON_free(ids);
        different += i != 0 && strcmp(alone[i], alone[i - 1]) != 0;
    }
    CHECK(r->t, different > CLIENTS / 2, "all give the same");
    for (int i = 0; i < CLIENTS; i++) {
        snprintf(body, sizeof body, tiny_body, 10 + i, i);
        sockets[i] = http_ask(r, "POST", "/completion", body);
    }
    for (int i = 0; i < CLIENTS; i++) {
        const struct http_answer *a = http_hear(r, sockets[i]);
        char *ids = cJSON_PrintUnformatted(json_at(a->json, "tokens"));
        CHECK(r->t, ids != NULL && strcmp(ids, alone[i]) == 0, "client %d: %s, alone %s", i,
              a->body, alone[i]);
        cJSON_free(ids);
    }
}

/* Sequences that are at work. */
static int at_work(const struct http *r) {
    const struct http_answer *a = http_get(r, "/slots");
    int count = 0;
    for (int i = 0; i < cJSON_GetArraySize(a->json); i++)
        count += cJSON_IsTrue(json_at(cJSON_GetArrayItem(a->json, i), "is_processing"));
    return count;
}

static bool comes_to(const struct http *r, int count) {
    const double end = http_now() + 60;
    while (at_work(r) != count && http_now() < end)
        usleep(20000);
    return at_work(r) == count;
}

static const char *const endless = "{\"prompt\":[1,5],\"n_predict\":-1,\"ignore_eos\":false,"
                                   "\"temperature\":1,\"seed\":4,\"stream\":%s}";

static void test_gone(struct http *r) {
    for (int streams = 0; streams < 2; streams++) {
        char body[200];
        snprintf(body, sizeof body, endless, streams ? "true" : "false");
        const int s = http_ask(r, "POST", "/completion", body);
        const bool began = comes_to(r, 1);
        close(s);
        CHECK(r->t, began && comes_to(r, 0), "a client that went away keeps its sequence");
    }
}

static void test_queue(struct host_test *t) {
    struct http r;
    setenv("OPENBLAS_NUM_THREADS", "2", 1); /* a thread of a library's own, which gets signals */
    http_open(&r, t,
              (const char *const[]){"serve", HOST_MODEL("Q8_0"), "--port=0", "--parallel=1",
                                    "--queue=0", "--api-key=secret", "--grace=1", NULL});
    unsetenv("OPENBLAS_NUM_THREADS");
    const struct http_answer *a = http_post(&r, "/completion", "{" ONCE "}");
    CHECK(t,
          a->status == 401 && strcmp(json_text(a->json, "error.type"), "authentication_error") == 0,
          "%d %s", a->status, a->body);
    CHECK(t, http_get(&r, "/health")->status == 200 && http_get(&r, "/v1/models")->status == 200,
          "open");
    CHECK(t, http_get(&r, "/metrics")->status == 401, "metrics are open");
    r.key = "Authorization: Bearer secre\r\n";
    CHECK(t, http_get(&r, "/metrics")->status == 401, "half a key");
    r.key = "Authorization: Bearer secret\r\n";
    CHECK(t, http_get(&r, "/metrics")->status == 200, "the key");
    const int s =
        http_ask(&r, "POST", "/completion", "{" ONCE ",\"n_predict\":200,\"stream\":true}");
    CHECK(t, comes_to(&r, 1), "it does not begin");
    a = http_post(&r, "/completion", "{" ONCE "}");
    CHECK(t,
          a->status == 503 && strcasestr(a->head, "Retry-After: ") != NULL &&
              strcmp(json_text(a->json, "error.type"), "unavailable_error") == 0,
          "%d %s", a->status, a->body);
    const double begin = http_now();
    kill(r.child.pid, SIGTERM); /* it is cancelled behind a second, and told */
    usleep(100000);
    kill(r.child.pid, SIGTERM); /* which is no reason for less */
    a = http_hear(&r, s);
    CHECK(t, strstr(a->body, "\"code\":503") != NULL, "%s", a->body);
    child_wait(&r.child);
    CHECK(t, r.child.status == 0 && http_now() - begin < 30, "exit %d", r.child.status);
    child_close(&r.child);
}

/* Whether the metric grows so far; the answer may be there a moment before the number. */
static bool counted(const struct http *r, const char *metric, double least) {
    char name[80];
    const int length = snprintf(name, sizeof name, "\nlockstep:%s ", metric);
    for (int i = 0; i < 50; i++, usleep(100000)) {
        const char *at = strstr(http_get(r, "/metrics")->body, name);
        if (at != NULL && strtod(at + length, NULL) >= least)
            return true;
    }
    return false;
}

/* Tokens of prompts whose K and V were still there. */
static bool reused(const struct http *r, double least) {
    return counted(r, "prompt_tokens_reused_total", least);
}

/* What a sequence holds is saved, erased, restored into another server's, and found there. */
static void test_slots(struct host_test *t) {
    static const char story[] = "{\"prompt\":\"Once upon a time there was\",\"n_predict\":6,"
                                "\"temperature\":0}";
    const char *const args[] = {
        "serve", HOST_TINY, "--port=0", "--parallel=1", "--slot-save-path=build/tests/serve", NULL};
    char first[400];
    struct http r;
    unlink("build/tests/serve/story");
    http_open(&r, t, args);
    const struct http_answer *a = http_post(&r, "/slots/0?action=save", "{\"filename\":\"story\"}");
    CHECK(t, a->status == 400 && strstr(a->body, "holds nothing") != NULL, "%s", a->body);
    a = http_post(&r, "/completion", story);
    snprintf(first, sizeof first, "%s", json_text(a->json, "content"));
    a = http_post(&r, "/slots/0?action=save", "{\"filename\":\"story\"}");
    const double saved = json_number(a->json, "n_saved");
    CHECK(t,
          a->status == 200 && saved > 20 && json_number(a->json, "n_written") > 1000 &&
              json_number(a->json, "id_slot") == 0 &&
              json_number(a->json, "timings.save_ms") >= 0 &&
              strcmp(json_text(a->json, "filename"), "story") == 0,
          "%s", a->body);
    a = http_post(&r, "/slots/0?action=erase", "");
    CHECK(t, a->status == 200 && json_number(a->json, "n_erased") == saved, "%s", a->body);
    for (int i = 0; i < 200; i++) /* at any moment of an idle device's thread */
        CHECK(t, http_post(&r, "/slots/0?action=erase", "")->status == 200, "erase %d", i);
    a = http_post(&r, "/completion", story);
    CHECK(t, strcmp(json_text(a->json, "content"), first) == 0, "erased: %s", a->body);
    a = http_get(&r, "/metrics");
    CHECK(t, strstr(a->body, "\nlockstep:prompt_tokens_reused_total 0\n") != NULL, "%s", a->body);
    http_close(&r);
    http_open(&r, t, args);
    const int busy = http_ask(&r, "POST", "/completion", "{" ONCE ",\"n_predict\":40}");
    CHECK(t, comes_to(&r, 1), "it does not begin");
    a = http_post(&r, "/slots/0?action=restore", "{\"filename\":\"story\"}"); /* waits */
    CHECK(t,
          a->status == 200 && json_number(a->json, "n_restored") == saved &&
              json_number(a->json, "n_read") > 1000,
          "%s", a->body);
    CHECK(t, http_hear(&r, busy)->status == 200, "the one before");
    a = http_post(&r, "/completion", story);
    CHECK(t, strcmp(json_text(a->json, "content"), first) == 0, "restored: %s", a->body);
    CHECK(t, reused(&r, 20), "nothing of it is found");
    static const struct {
        const char *path, *body, *message;
        int status;
    } bad[] = {
        {"/slots/1?action=erase", "", "Invalid slot ID", 400},
        {"/slots/-1?action=erase", "", "Invalid slot ID", 400},
        {"/slots/0", "", "Invalid action", 400},
        {"/slots/0?action=copy", "", "Invalid action", 400},
        {"/slots/0?action=save", "", "Invalid filename", 400},
        {"/slots/0?action=save", "{\"filename\":\"../x\"}", "Invalid filename", 400},
        {"/slots/0?action=save", "{\"filename\":\"a\\u0000b\"}", "NUL", 400},
        {"/slots/0?action=restore", "{\"filename\":\"none\"}", "No such file", 400},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        a = http_post(&r, bad[i].path, bad[i].body);
        CHECK(t,
              a->status == bad[i].status &&
                  strstr(json_text(a->json, "error.message"), bad[i].message) != NULL,
              "%s: %d %s", bad[i].path, a->status, a->body);
    }
    http_close(&r);
}

/* A template of one's own is run. */
static void test_template(struct host_test *t) {
    static const char path[] = "build/tests/serve/own.jinja";
    static const struct {
        const char *path, *more, *part;
        int status;
    } cases[] = {
        {"/apply-template", "", "[user: Hi][assistant: None]", 200},
        {"/apply-template", ",\"add_generation_prompt\":false", "[user: Hi]\"", 200},
        {"/apply-template", ",\"chat_template_kwargs\":{\"mode\":\"calm\"}",
         "[user: Hi][assistant: calm]", 200},
        {"/apply-template", ",\"chat_template_kwargs\":7", "must be an object", 400},
        {"/v1/chat/completions", ",\"chat_template_kwargs\":[]", "must be an object", 400},
        {"/v1/chat/completions", ",\"chat_template_kwargs\":{\"mode\":\"loud\"}",
         "the chat template, line 3: not loud", 400},
        {"/v1/chat/completions", ",\"chat_template_kwargs\":{\"mode\":[1]}", "line 2: str + list",
         500},
        {"/v1/chat/completions", ",\"max_tokens\":2", "\"chat.completion\"", 200},
    };
    FILE *file = fopen(path, "w");
    fputs("{% for m in messages %}[{{ m.role }}: {{ m.content }}]{% endfor %}\n"
          "{%- if add_generation_prompt %}{{ '[assistant: ' + (mode or 'None') + ']' }}\n"
          "{%- if mode == 'loud' %}{{ raise_exception('not loud') }}{% endif %}{% endif %}\n",
          file);
    fclose(file);
    struct http r;
    http_open(&r, t,
              (const char *const[]){"serve", HOST_TINY, "--port=0", "--chat-template", path, NULL});
    for (size_t i = 0; i < sizeof cases / sizeof *cases && r.port != 0; i++) {
        char body[300];
        snprintf(body, sizeof body, "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]%s}",
                 cases[i].more);
        const struct http_answer *a = http_post(&r, cases[i].path, body);
        CHECK(t, a->status == cases[i].status && strstr(a->body, cases[i].part) != NULL,
              "%s: %d %s", body, a->status, a->body);
    }
    if (r.port != 0)
        CHECK(t, strcmp(json_text(http_get(&r, "/props")->json, "chat_format"), "jinja") == 0,
              "another format");
    http_close(&r);
}

/* Names of models are files' names: any bytes. */
static void test_names(struct host_test *t) {
    static const char *const paths[] = {"/v1/models", "/props", "/device"};
    struct http r;
    unlink(FOLDER "/\xff.gguf");
    if (symlink("../models/tiny.gguf", FOLDER "/\xff.gguf") != 0)
        abort();
    http_open(
        &r, t,
        (const char *const[]){"serve", FOLDER "/\xff.gguf", "--port=0", "--backend=golden", NULL});
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const struct http_answer *a = http_get(&r, paths[i]);
        CHECK(t, strstr(a->body, "/\\ufffd.gguf\"") != NULL && a->json != NULL, "%s", a->body);
    }
    const struct http_answer *a = http_post(&r, "/v1/completions", "{" ONCE ",\"max_tokens\":1}");
    CHECK(t, strstr(a->body, "/\\ufffd.gguf\"") != NULL, "%s", a->body);
    a = http_post(&r, "/completion", "{" ONCE ",\"n_predict\":1}");
    CHECK(t, strstr(a->body, "/\\ufffd.gguf\"") != NULL, "%s", a->body);
    http_close(&r);
}

/* A small model guesses unless a request wants none; timings and metrics tell. */
static void test_draft_model(struct host_test *t) {
    struct http r;
    http_open(
        &r, t,
        (const char *const[]){"serve", HOST_TINY, "--port=0", "--draft-model=" HOST_TINY, NULL});
    if (r.port != 0) {
        char whole[600];
        const struct http_answer *a = http_post(
            &r, "/completion", "{" ONCE ",\"n_predict\":12,\"seed\":4,\"speculative.n_max\":0}");
        snprintf(whole, sizeof whole, "%s", json_text(a->json, "content"));
        CHECK(t, a->status == 200 && json_at(a->json, "timings.draft_n") == NULL, "%s", a->body);
        a = http_post(&r, "/completion", "{" ONCE ",\"n_predict\":12,\"seed\":4}");
        const double drafts = json_number(a->json, "timings.draft_n");
        CHECK(t,
              strcmp(json_text(a->json, "content"), whole) == 0 && drafts > 3 &&
                  json_number(a->json, "timings.draft_n_accepted") == drafts,
              "%s, without drafts %s", a->body, whole);
        CHECK(t, counted(&r, "drafts_taken_total", drafts), "no %.0f drafts taken in the metrics",
              drafts);
    }
    http_close(&r);
}

static void test_start(struct host_test *t) {
    static const struct {
        const char *args[6], *part;
    } cases[] = {
        {{"serve", "none.gguf", NULL}, "none.gguf"},
        {{"serve", HOST_TINY, "--chat-template=klingon", NULL},
         "klingon: it is no file and none of: chatml"},
        {{"serve", HOST_TINY, "--draft-model=" HOST_MADE("Q4_0"), NULL}, "a vocabulary of 512"},
        {{"serve", HOST_TINY, "--draft-model=" HOST_TINY, "--backend=golden", NULL},
         "drafts are for"},
        {{"serve", HOST_TINY, "--host=256.0.0.1", NULL}, "--host 256.0.0.1"},
        {{"serve", HOST_TINY, "--context=100000", NULL}, "positions"},
        {{"serve", HOST_TINY, "--api-key=", NULL}, "--api-key: it is empty"},
        {{"serve", HOST_TINY, "--slot-save-path=none", NULL}, "none/.lockstep: cannot be written"},
        {{"serve", HOST_TINY, "--slot-save-path=" HOST_TINY, NULL}, "Not a directory"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct child c;
        child_start(&c, "build/small/lockstep", cases[i].args, false);
        child_wait(&c);
        CHECK(t,
              c.status == 2 && strstr(c.err, cases[i].part) != NULL &&
                  strchr(c.err, '\n') == c.err + strlen(c.err) - 1,
              "%d: %s", c.status, c.err);
        child_close(&c);
    }
}

int main(void) {
    struct host_test t = {"serve", 0, 0};
    struct http r;
    host_folder(&t);
    http_open(
        &r, &t,
        (const char *const[]){"serve", HOST_MODEL("Q8_0"), "--port=0", "--alias=stories", NULL});
    if (r.port != 0) {
        test_plain(&r);
        test_completions(&r);
        test_logprobs(&r);
        test_whole(&r);
        test_grammar(&r);
        test_refusals(&r);
        test_gone(&r);
    }
    http_close(&r);
    http_open(&r, &t, (const char *const[]){"serve", HOST_TINY, "--port=0", NULL});
    if (r.port != 0) {
        test_many(&r);
    }
    http_close(&r);
    test_queue(&t);
    test_slots(&t);
    test_template(&t);
    test_names(&t);
    test_draft_model(&t);
    test_start(&t);
    return host_test_finish(&t);
}
