/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Sampling among all tokens, through the library: the same tokens on the device, unchecked, on the
 * golden model, alone, in company and behind a lost device; those of the firmware where its list
 * does; the float reference in their place; biases, penalties that look back otherwise, grammars;
 * log probabilities of a device without the check. Planted: a logit that the host reads wrong.
 */
#include <math.h>

#include "csrc/schema/schema.h"
#include "sim/library/library.h"
#include "tests/kit/host_test.h"

enum { TOKENS = 20, KINDS = 8, TEXT = 4096 };

struct heard {
    uint32_t tokens[64], count, end;
    double logprobs[64];
    struct lockstep_logprob second[64]; /* best but one */
    bool golden;
    char text[TEXT];
    size_t bytes;
};

static void on_token(void *context, const struct lockstep_event *event) {
    struct heard *h = context;
    if (event->token != UINT32_MAX && h->count < 64) {
        h->logprobs[h->count] = event->logprob;
        if (event->top_count > 1)
            h->second[h->count] = event->top[1];
        h->tokens[h->count++] = event->token;
    }
    if (event->text_bytes < TEXT - h->bytes) {
        memcpy(h->text + h->bytes, event->text, event->text_bytes);
        h->bytes += event->text_bytes;
    }
    h->golden |= event->golden != 0;
    h->end = event->end;
}

static struct lockstep *open_device(struct host_test *t, uint32_t backend, uint32_t checked) {
    struct lockstep_settings s;
    char why[256] = "";
    lockstep_settings_defaults(&s, sizeof s);
    s.checked = checked;
    s.backend = backend;
    struct lockstep *d = lockstep_open(&s, why, sizeof why);
    CHECK(t, d != NULL, "%s", why);
    CHECK(t, lockstep_load(d, HOST_TINY, NULL) == LOCKSTEP_OK, "%s", lockstep_error(d));
    return d;
}

static const uint32_t prompt[] = {1, 40, 90, 91};
static const struct lockstep_bias never[] = {{5, -(double)INFINITY}, {100, -3}, {101, 2.5}};
static const struct lockstep_bias nothing[] = {{7, 0}};

static const char form[] = "root ::= [a-z]{3,} \"-\" [\xc3\xa9 0-9]{2}";

static struct lockstep_request about(struct heard *h) {
    struct lockstep_request r;
    *h = (struct heard){0};
    lockstep_request_defaults(&r, sizeof r);
    r.tokens = prompt;
    r.token_count = 4;
    r.max_tokens = TOKENS;
    r.temperature = 1.5;
    r.seed = 3;
    r.on_token = on_token;
    r.context = h;
    return r;
}

static char *json; /* any object */

static struct lockstep_request kind(struct heard *h, unsigned i) {
    struct lockstep_request r = about(h);
    r.seed = i;
    if (i == 1)
        r.typical_p = 0.5;
    if (i == 2)
        r.top_k = 200;
    if (i == 3)
        r.top_k = 0, r.top_p = 1;
    if (i == 4)
        r.logit_bias = never, r.logit_bias_count = 3;
    if (i == 5)
        r.repeat_penalty = 2, r.repeat_last_n = UINT32_MAX;
    if (i == 6)
        r.grammar = form;
    if (i == 7)
        r.grammar = json, r.top_k = 10;
    return r;
}

static void ask(struct host_test *t, struct lockstep *d, struct lockstep_request r, int status) {
    int got = lockstep_submit(d, &r, NULL);
    CHECK(t, got == LOCKSTEP_OK, "%s", lockstep_error(d));
    while (got == LOCKSTEP_OK)
        got = lockstep_step(d);
    CHECK(t, got == status, "%d: %s", got, lockstep_error(d));
}

static bool same(const struct heard *a, const struct heard *b) {
    return a->count == b->count && a->end == b->end && a->count != 0 &&
           memcmp(a->tokens, b->tokens, a->count * sizeof *a->tokens) == 0;
}

static uint32_t chosen_here(const struct lockstep *d) {
    return d->jobs != NULL && d->jobs->request.whole;
}

/* Each kind alone on every backend, then all of them at once. */
static void test_same(struct host_test *t) {
    static struct heard alone[KINDS], other[KINDS];
    static const uint32_t backends[][2] = {
        {LOCKSTEP_BACKEND_RTL, 1}, {LOCKSTEP_BACKEND_RTL, 0}, {LOCKSTEP_BACKEND_GOLDEN, 0}};
    struct lockstep *d = NULL;
    for (size_t b = 0; b < 3; b++) {
        lockstep_close(d);
        d = open_device(t, backends[b][0], backends[b][1]);
        for (unsigned i = 0; i < KINDS; i++) {
            struct heard *h = b == 0 ? &alone[i] : &other[i];
            ask(t, d, kind(h, i), LOCKSTEP_IDLE);
            CHECK(t, same(&alone[i], h), "kind %u on backend %zu", i, b);
        }
    }
    lockstep_close(d);
    d = open_device(t, LOCKSTEP_BACKEND_RTL, 1);
    for (unsigned i = 0; i < KINDS; i++) {
        const struct lockstep_request r = kind(&other[i], i);
        CHECK(t, lockstep_submit(d, &r, NULL) == LOCKSTEP_OK, "%s", lockstep_error(d));
        struct job *newest = d->jobs;
        while (newest->next != NULL)
            newest = newest->next;
        CHECK(t, newest->request.whole == (i != 0), "kind %u", i);
    }
    while (lockstep_step(d) == LOCKSTEP_OK)
        ;
    for (unsigned i = 0; i < KINDS; i++) {
        CHECK(t, same(&alone[i], &other[i]), "kind %u in company", i);
        for (unsigned k = 0; k < i; k++)
            CHECK(t, !same(&alone[i], &alone[k]), "kinds %u and %u are one", i, k);
    }
    CHECK(t, lockstep_unload(d) == LOCKSTEP_OK, "%s", lockstep_error(d));
    lockstep_close(d);
}

/* A bias of nothing changes who chooses, and not what. */
static void test_firmware(struct host_test *t, struct lockstep *d) {
    struct heard device, host;
    struct lockstep_request r = about(&device);
    ask(t, d, r, LOCKSTEP_IDLE);
    r = about(&host);
    r.logit_bias = nothing;
    r.logit_bias_count = 1;
    r.drafts = 4;
    CHECK(t, lockstep_submit(d, &r, NULL) == LOCKSTEP_OK && chosen_here(d), "%s",
          lockstep_error(d));
    while (lockstep_step(d) == LOCKSTEP_OK)
        ;
    CHECK(t, same(&device, &host), "%u tokens, the firmware %u", host.count, device.count);
}

static void test_biases(struct host_test *t, struct lockstep *d) {
    struct heard greedy, banned, forced, near, far;
    struct lockstep_request r = about(&greedy);
    r.temperature = 0;
    r.max_tokens = 1;
    r.logprobs = 1;
    r.top_logprobs = 2;
    ask(t, d, r, LOCKSTEP_IDLE);
    const struct lockstep_bias ban = {greedy.tokens[0], -(double)INFINITY}, force = {200, 1e6};
    r.context = &banned, banned = (struct heard){0};
    r.logit_bias = &ban;
    r.logit_bias_count = 1;
    ask(t, d, r, LOCKSTEP_IDLE);
    CHECK(t, banned.tokens[0] == greedy.second[0].token && banned.logprobs[0] < greedy.logprobs[0],
          "token %u, the second best is %u", banned.tokens[0], greedy.second[0].token);
    r = about(&forced);
    r.logit_bias = &force;
    r.logit_bias_count = 1;
    ask(t, d, r, LOCKSTEP_IDLE);
    for (uint32_t i = 0; i < forced.count; i++)
        CHECK(t, forced.tokens[i] == 200, "token %u", forced.tokens[i]);
    r = about(&near);
    r.temperature = 0;
    r.frequency_penalty = 2;
    r.repeat_penalty = 10;
    r.repeat_last_n = 1;
    r.max_tokens = 40;
    ask(t, d, r, LOCKSTEP_IDLE);
    r.context = &far, far = (struct heard){0};
    r.repeat_last_n = UINT32_MAX;
    ask(t, d, r, LOCKSTEP_IDLE);
    CHECK(t, !same(&near, &far), "penalties look back no further");
}

/* The text is what the grammar says, or the beginning of it, and ends with it. */
static void test_grammar(struct host_test *t, struct lockstep *d) {
    struct heard h;
    struct ls_error err;
    struct grammar *g = NULL;
    unsigned ended = 0;
    for (unsigned i = 0; i < 6; i++) {
        struct lockstep_request r = kind(&h, 6 + i % 2);
        r.seed = 10 + i;
        r.max_tokens = 40;
        r.temperature = i < 2 ? 0 : 1.5;
        ask(t, d, r, LOCKSTEP_IDLE);
        CHECK(t, grammar_open(i % 2 == 0 ? form : json, &g, &err) == 0, "%s", err.text);
        CHECK(t,
              h.bytes != 0 && grammar_accept(g, h.text, h.bytes) &&
                  grammar_ends(g) == (h.end == LOCKSTEP_END_OF_TEXT),
              "'%.*s' ends %u", (int)h.bytes, h.text, h.end);
        ended += h.end == LOCKSTEP_END_OF_TEXT;
        grammar_close(g);
    }
    CHECK(t, ended >= 2, "%u of 6 came to an end", ended);
    struct lockstep_request r = about(&h);
    r.grammar = "root ::= r\nr ::= [a-z] (q | r | r{2,})\nq ::= r{2,3}";
    r.max_tokens = 40;
    ask(t, d, r, LOCKSTEP_IDLE);
    CHECK(t,
          h.end == LOCKSTEP_END_FAILED && h.bytes > 4 &&
              strstr(lockstep_error(d), "more ways than its bounds hold") != NULL,
          "'%.*s' ends %u: %s", (int)h.bytes, h.text, h.end, lockstep_error(d));
}

static void test_logprobs(struct host_test *t, struct lockstep *checked) {
    struct lockstep *d = open_device(t, LOCKSTEP_BACKEND_RTL, 0);
    for (unsigned whole = 0; whole < 2; whole++) {
        struct heard want, got;
        struct lockstep_request r = about(&want);
        r.logprobs = 1;
        r.top_logprobs = 2;
        r.drafts = 2;
        r.logit_bias = nothing;
        r.logit_bias_count = whole;
        ask(t, checked, r, LOCKSTEP_IDLE);
        r.context = &got, got = (struct heard){0};
        ask(t, d, r, LOCKSTEP_IDLE);
        CHECK(t,
              same(&want, &got) &&
                  memcmp(want.logprobs, got.logprobs, want.count * sizeof *want.logprobs) == 0 &&
                  want.second[3].token == got.second[3].token &&
                  want.second[3].logprob == got.second[3].logprob && want.logprobs[0] < 0,
              "log probabilities without the check");
    }
    lockstep_close(d);
}

/* Nearly the golden model's logits, and its own: no check, no checkpoint. */
static void test_float(struct host_test *t, struct lockstep *golden) {
    struct lockstep *d = open_device(t, LOCKSTEP_BACKEND_FLOAT, 1);
    struct heard want, got;
    double far = 0;
    struct lockstep_request r = about(&want);
    r.temperature = 0;
    r.logprobs = 1;
    r.top_logprobs = 2;
    ask(t, golden, r, LOCKSTEP_IDLE);
    r.context = &got, got = (struct heard){0};
    ask(t, d, r, LOCKSTEP_IDLE);
    CHECK(t, same(&want, &got) && got.golden, "%u greedy tokens", got.count);
    for (uint32_t i = 0; i < got.count; i++)
        far = fmax(far, fabs(got.logprobs[i] - want.logprobs[i]));
    CHECK(t, far > 0 && far < 1e-3, "log probabilities are %g apart", far);
    ask(t, d, kind(&want, 4), LOCKSTEP_IDLE);
    ask(t, d, kind(&got, 4), LOCKSTEP_IDLE);
    CHECK(t, same(&want, &got) && got.count == TOKENS, "%u tokens among all", got.count);
    CHECK(t,
          lockstep_save_sequence(d, 0, "build/tests/whole/kv.ckpt", NULL) < 0 &&
              strstr(lockstep_error(d), "golden model") != NULL,
          "%s", lockstep_error(d));
    CHECK(t, lockstep_unload(d) == LOCKSTEP_OK, "%s", lockstep_error(d));
    lockstep_close(d);
}

static unsigned reads;

/* Chooses as the library does; the host has read one logit wrong. */
static uint32_t wrong_read(void *device, struct fw_request *request) {
    struct job *j = request->owner;
    const uint32_t token = library_sample(device, request);
    if (++reads == 5)
        j->logits[259] ^= 1;
    return token;
}

static void test_planted(struct host_test *t, const struct heard *right) {
    struct heard h;
    struct lockstep *d = open_device(t, LOCKSTEP_BACKEND_RTL, 1);
    d->scheduler.on_sample = wrong_read;
    ask(t, d, kind(&h, 3), LOCKSTEP_DIFFERED);
    CHECK(t,
          strstr(lockstep_error(d), "position 7: logit of token 259 as the host reads it") !=
                  NULL &&
              h.count == 4 && h.end == LOCKSTEP_END_FAILED,
          "%u tokens, %s", h.count, lockstep_error(d));
    lockstep_close(d);
    d = open_device(t, LOCKSTEP_BACKEND_AUTO, 1);
    reads = 0;
    d->scheduler.on_sample = wrong_read;
    ask(t, d, kind(&h, 3), LOCKSTEP_IDLE);
    CHECK(t, same(&h, right) && h.golden && d->losses == 1, "%u tokens, %s", h.count,
          lockstep_error(d));
    lockstep_close(d);
}

static void test_refusals(struct host_test *t, struct lockstep *d) {
    struct heard h;
    const struct lockstep_request good = about(&h);
    struct lockstep_request r;
    const uint32_t words = d->limits.logit_words;
#define REFUSED(change, status)                                                                    \
    r = good;                                                                                      \
    change;                                                                                        \
    CHECK(t, lockstep_submit(d, &r, NULL) == (status), #change ": %s", lockstep_error(d))
    const struct lockstep_bias beyond = {260, 1}, nan = {1, (double)NAN}, large = {1, 2e6};
    REFUSED(r.typical_p = 0, LOCKSTEP_BAD_ARGUMENT);
    REFUSED(r.typical_p = 1.5, LOCKSTEP_BAD_ARGUMENT);
    REFUSED((r.logit_bias = &beyond, r.logit_bias_count = 1), LOCKSTEP_BAD_TOKEN);
    REFUSED((r.logit_bias = &nan, r.logit_bias_count = 1), LOCKSTEP_BAD_ARGUMENT);
    REFUSED((r.logit_bias = &large, r.logit_bias_count = 1), LOCKSTEP_BAD_ARGUMENT);
    REFUSED(r.logit_bias_count = 1, LOCKSTEP_BAD_ARGUMENT);
    REFUSED(r.grammar = "root ::= x", LOCKSTEP_BAD_ARGUMENT);
    d->limits.logit_words = 259;
    REFUSED(r.top_k = 0, LOCKSTEP_BAD_ARGUMENT);
    d->limits.logit_words = words;
}

int main(void) {
    struct host_test t = {"whole", 0, 0};
    struct heard right;
    struct ls_error err = {""};
    cJSON *object = cJSON_Parse("{\"type\":\"object\"}");
    json = schema_grammar(object, &err);
    cJSON_Delete(object);
    CHECK(&t, json != NULL, "%s", err.text);
    host_folder(&t);
    test_same(&t);
    struct lockstep *d = open_device(&t, LOCKSTEP_BACKEND_RTL, 1);
    test_firmware(&t, d);
    test_biases(&t, d);
    test_grammar(&t, d);
    test_logprobs(&t, d);
    test_float(&t, d);
    test_refusals(&t, d);
    ask(&t, d, kind(&right, 3), LOCKSTEP_IDLE);
    CHECK(&t, lockstep_unload(d) == LOCKSTEP_OK, "%s", lockstep_error(d));
    lockstep_close(d);
    test_planted(&t, &right);
    free(json);
    return host_test_finish(&t);
}
