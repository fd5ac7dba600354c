/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `lockstep serve` as a client meets it, over sockets of its own: every route, streams, what is
 * refused and with which words.
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
    }
    http_close(&r);
    return host_test_finish(&t);
}
