/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `lockstep serve` as a program: clients that come at once or go away, a full queue, a key,
 * SIGTERM, sequences saved and restored, templates, names and a draft model, and how it refuses to
 * start.
 */
#include "tests/kit/http.h"

#define FOLDER "build/tests/server"
#define ONCE   "\"prompt\":\"Once upon a time\",\"temperature\":0"

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
        "serve", HOST_TINY, "--port=0", "--parallel=1", "--slot-save-path=" FOLDER, NULL};
    char first[400];
    struct http r;
    unlink(FOLDER "/story");
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
    static const char path[] = FOLDER "/own.jinja";
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
    struct host_test t = {"server", 0, 0};
    struct http r;
    host_folder(&t);
    http_open(&r, &t, (const char *const[]){"serve", HOST_MODEL("Q8_0"), "--port=0", NULL});
    if (r.port != 0)
        test_gone(&r);
    http_close(&r);
    http_open(&r, &t, (const char *const[]){"serve", HOST_TINY, "--port=0", NULL});
    if (r.port != 0)
        test_many(&r);
    http_close(&r);
    test_queue(&t);
    test_slots(&t);
    test_template(&t);
    test_names(&t);
    test_draft_model(&t);
    test_start(&t);
    return host_test_finish(&t);
}
