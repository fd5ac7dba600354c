/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model as understudy of a device that is lost in the middle: by an error of the weight
 * port, by a burst that never comes, by a flipped bit; in the row of one token, which comes up now
 * and then, so that the device is taken back between, or in a matrix, so that it is not. Every
 * request gives what it gives on a device that is well.
 */
#include <math.h>

#include "csrc/gguf/gguf.h"
#include "csrc/golden/golden.h"
#include "sim/library/library.h" /* to mend a device */
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { REQUESTS = 20, PROMPT = 12, TOKENS = 18, ROOM = 4096, BEST = 4 };

struct heard {
    uint32_t tokens[TOKENS], count, lasts, end, golden;
    double logprobs[TOKENS];
    struct lockstep_logprob best[TOKENS][BEST];
    char text[ROOM];
    size_t bytes;
    bool went_back; /* a token of the device behind one of the golden model */
};

static uint32_t prompts[REQUESTS][PROMPT], lengths[REQUESTS];
static struct heard alone[REQUESTS];

static void on_token(void *context, const struct lockstep_event *event) {
    struct heard *h = context;
    if (event->token != UINT32_MAX && h->count < TOKENS) {
        h->logprobs[h->count] = event->logprob;
        if (event->top_count == BEST)
            memcpy(h->best[h->count], event->top, sizeof *h->best);
        h->tokens[h->count++] = event->token;
        h->went_back = h->went_back || (h->golden != 0 && !event->golden);
        h->golden += event->golden;
    }
    if (event->text_bytes < ROOM - h->bytes) {
        memcpy(h->text + h->bytes, event->text, event->text_bytes);
        h->bytes += event->text_bytes;
    }
    h->lasts += event->last;
    h->end = event->end;
}

static struct lockstep_request about(uint32_t i, struct heard *h) {
    struct lockstep_request r;
    lockstep_request_defaults(&r, sizeof r);
    r.tokens = prompts[i];
    r.token_count = lengths[i];
    r.max_tokens = i % 3 == 0 ? TOKENS : 3 + i % 7;
    r.temperature = i % 4 == 0 ? 0 : 1.2;
    r.frequency_penalty = 0.5; /* depends on all tokens so far */
    r.priority = (int32_t)(i % 2);
    r.seed = i;
    r.typical_p = i % 4 == 3 ? 0.7 : 1; /* among all tokens */
    r.logprobs = 1;
    r.top_logprobs = BEST;
    r.on_token = on_token;
    r.context = h;
    return r;
}

static struct lockstep *open_device(struct host_test *t, const struct lockstep_settings *s) {
    char why[256] = "";
    struct lockstep *d = lockstep_open(s, why, sizeof why);
    if (d == NULL || lockstep_load(d, HOST_TINY, NULL) != LOCKSTEP_OK) {
        printf("FAIL %s: %s%s\n", t->name, why, d != NULL ? lockstep_error(d) : "");
        exit(1);
    }
    return d;
}

static void make_requests(struct host_test *t) {
    struct lockstep_settings s;
    uint64_t random = 7;
    lockstep_settings_defaults(&s, sizeof s);
    struct lockstep *d = open_device(t, &s);
    for (uint32_t i = 0; i < REQUESTS; i++) {
        lengths[i] = 1 + random_below(&random, PROMPT);
        for (uint32_t k = 0; k < lengths[i]; k++) /* some begin alike */
            prompts[i][k] = k < 3 && i % 5 != 0 ? 40 + k : 3 + random_below(&random, 250);
        struct lockstep_request r = about(i, &alone[i]);
        CHECK(t, lockstep_submit(d, &r, NULL) == LOCKSTEP_OK, "%s", lockstep_error(d));
        while (lockstep_step(d) == LOCKSTEP_OK)
            ;
        CHECK(t, alone[i].count > 0 && alone[i].golden == 0, "request %u: %u tokens", i,
              alone[i].count);
    }
    lockstep_close(d);
}

/* The golden model by itself, and the softmax of its logits. */
static void test_logprobs(struct host_test *t) {
    struct ls_model *m = NULL;
    struct golden *g = NULL;
    struct ls_error err;
    if (ls_model_open(HOST_TINY, &m, &err) != 0 || golden_open(m, 16, 1, 1, 64, &g, &err) != 0) {
        CHECK(t, false, "%s", err.text);
        return;
    }
    for (uint32_t i = 0; i < REQUESTS; i++)
        for (uint32_t k = 0; k < lengths[i] + alone[i].count - 1; k++) {
            const bool samples = k + 1 >= lengths[i];
            const uint32_t token = k < lengths[i] ? prompts[i][k] : alone[i].tokens[k - lengths[i]];
            double sum = 0;
            CHECK(t, golden_run(g, 0, 0, k, token, samples, &err) == 0, "%s", err.text);
            if (!samples)
                continue;
            const uint32_t n = k + 1 - lengths[i];
            const float *logits = (const float *)golden_logits(g, 0);
            for (uint32_t v = 0; v < m->vocab; v++)
                sum += exp((double)logits[v]);
            const double logprob = log(exp((double)logits[alone[i].tokens[n]]) / sum);
            CHECK(t, fabs(logprob - alone[i].logprobs[n]) < 1e-9, "%g, not %g",
                  alone[i].logprobs[n], logprob);
            for (uint32_t b = 0; b < BEST; b++) {
                const struct lockstep_logprob *best = &alone[i].best[n][b];
                CHECK(t,
                      fabs(best->logprob - log(exp((double)logits[best->token]) / sum)) < 1e-9 &&
                          (b == 0 || best->logprob <= best[-1].logprob),
                      "the best ones");
            }
        }
    golden_close(g);
    ls_model_close(m);
}

/* The token that comes up behind the prompt in most of the requests, and in no prompt. */
static uint32_t common_token(void) {
    uint32_t best = 0, most = 0;
    for (uint32_t token = 3; token < 256; token++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < REQUESTS; i++)
            for (uint32_t k = 0; k + 1 < alone[i].count; k++)
                n += k > 0 && alone[i].tokens[k] == token;
        for (uint32_t i = 0; i < REQUESTS; i++)
            for (uint32_t k = 0; k < lengths[i]; k++)
                n = prompts[i][k] == token ? 0 : n;
        if (n > most) {
            most = n;
            best = token;
        }
    }
    return best;
}

/* All requests, some of them at once, one behind the other. */
static void run_all(struct host_test *t, struct lockstep *d, const char *name,
                    struct heard *heard) {
    uint64_t random = 3;
    memset(heard, 0, REQUESTS * sizeof *heard);
    for (uint32_t i = 0; i < REQUESTS; i++) {
        const struct lockstep_request r = about(i, &heard[i]);
        CHECK(t, lockstep_submit(d, &r, NULL) == LOCKSTEP_OK, "%s: %s", name, lockstep_error(d));
        for (uint32_t n = random_below(&random, 5); n != 0; n--)
            CHECK(t, lockstep_step(d) >= 0, "%s: %s", name, lockstep_error(d));
    }
    int status;
    while ((status = lockstep_step(d)) == LOCKSTEP_OK)
        ;
    CHECK(t, status == LOCKSTEP_IDLE, "%s: %s", name, lockstep_error(d));
    for (uint32_t i = 0; i < REQUESTS; i++) {
        const struct heard *h = &heard[i], *a = &alone[i];
        CHECK(t,
              h->lasts == 1 && h->end == a->end && h->count == a->count && !h->went_back &&
                  memcmp(h->tokens, a->tokens, a->count * sizeof *a->tokens) == 0 &&
                  h->bytes == a->bytes && memcmp(h->text, a->text, a->bytes) == 0 &&
                  memcmp(h->logprobs, a->logprobs, sizeof h->logprobs) == 0 &&
                  memcmp(h->best, a->best, sizeof h->best) == 0,
              "%s: request %u: %u tokens of %u, end %u of %u, %u golden", name, i, h->count,
              a->count, h->end, a->end, h->golden);
    }
}

static uint64_t address_of(const char *name, uint32_t row) {
    struct gguf *g = NULL;
    struct ls_error err;
    uint64_t address = LOCKSTEP_NOWHERE;
    if (gguf_open(HOST_TINY, &g, &err) == 0) {
        const struct gguf_tensor *x = gguf_find_tensor(g, name);
        if (x != NULL)
            address = x->offset + x->size / x->ne[1] * row + 4;
    }
    gguf_close(g);
    return address;
}

enum fault { FLIP, ERROR, HANG };

/* back: the device is taken back behind each loss. */
static void test_fault(struct host_test *t, const char *name, enum fault fault, uint64_t address,
                       uint32_t checked, bool back) {
    static struct heard heard[REQUESTS];
    struct lockstep_settings s;
    struct lockstep_telemetry tm;
    lockstep_settings_defaults(&s, sizeof s);
    s.backend = LOCKSTEP_BACKEND_AUTO;
    s.checked = checked;
    s.flip_bit = 6;
    *(fault == FLIP    ? &s.flip_address
      : fault == ERROR ? &s.error_address
                       : &s.hang_address) = address;
    struct lockstep *d = open_device(t, &s);
    uint32_t golden = 0, untouched = 0;
    for (int round = 0; round < (back ? 1 : 2); round++) { /* it is tried again in the second one */
        run_all(t, d, name, heard);
        for (uint32_t i = 0; i < REQUESTS; i++) {
            golden += heard[i].golden;
            untouched += heard[i].golden == 0;
        }
    }
    CHECK(t,
          lockstep_get_telemetry(d, &tm, sizeof tm) == LOCKSTEP_OK && tm.losses > 0 &&
              (back ? tm.losses > 1 && tm.out == 0 && untouched > 2
                    : tm.losses == 1 && tm.out == 1 && untouched == 0) &&
              tm.golden_tokens == golden,
          "%s: %u losses, out %u, %u requests of the device, %u golden tokens of %u", name,
          (uint32_t)tm.losses, tm.out, untouched, golden, (uint32_t)tm.golden_tokens);
    CHECK(t, lockstep_unload(d) == LOCKSTEP_OK, "%s: %s", name, lockstep_error(d));
    lockstep_close(d);
}

/* A request that loses the device with its first pass is not given to it again. */
static void test_first(struct host_test *t, uint64_t address, uint32_t token) {
    static struct heard heard;
    struct lockstep_settings s;
    struct lockstep_telemetry tm;
    struct lockstep_request r = about(0, &heard);
    uint32_t steps = 0;
    int status = LOCKSTEP_OK;
    lockstep_settings_defaults(&s, sizeof s);
    s.backend = LOCKSTEP_BACKEND_AUTO;
    s.error_address = address;
    struct lockstep *d = open_device(t, &s);
    r.tokens = &token;
    r.token_count = 1;
    r.max_tokens = 3;
    CHECK(t, lockstep_submit(d, &r, NULL) == LOCKSTEP_OK, "%s", lockstep_error(d));
    while (status == LOCKSTEP_OK && steps++ < 10)
        status = lockstep_step(d);
    CHECK(t,
          status == LOCKSTEP_IDLE && heard.count == 3 && heard.golden == 3 &&
              lockstep_get_telemetry(d, &tm, sizeof tm) == LOCKSTEP_OK && tm.losses == 1 &&
              tm.out == 0,
          "%u steps, %u tokens, %u golden", steps, heard.count, heard.golden);
    lockstep_close(d);
}

/* A device that is out and mended has the requests again that wait, when it is tried. */
static void test_mended(struct host_test *t, uint64_t address) {
    static struct heard heard[REQUESTS];
    struct lockstep_settings s;
    struct lockstep_telemetry tm;
    uint32_t untouched = 0;
    lockstep_settings_defaults(&s, sizeof s);
    s.backend = LOCKSTEP_BACKEND_AUTO;
    s.error_address = address;
    struct lockstep *d = open_device(t, &s);
    run_all(t, d, "before it is mended", heard);
    d->settings.error_address = LOCKSTEP_NOWHERE;
    run_all(t, d, "mended", heard);
    for (uint32_t i = 0; i < REQUESTS; i++)
        untouched += heard[i].golden == 0;
    CHECK(t,
          lockstep_get_telemetry(d, &tm, sizeof tm) == LOCKSTEP_OK && tm.losses == 1 &&
              tm.out == 0 && untouched > 2 && untouched < REQUESTS,
          "%u losses, out %u, %u requests of the device", (uint32_t)tm.losses, tm.out, untouched);
    CHECK(t, lockstep_unload(d) == LOCKSTEP_OK, "%s", lockstep_error(d));
    lockstep_close(d);
}

/* Nothing but the golden model; a checkpoint of it goes on there, and on a device. */
static void test_golden(struct host_test *t) {
    static struct heard heard[REQUESTS], first, rest;
    const char *path = "build/tests/fallback/request.ckpt";
    struct lockstep_settings s;
    uint64_t id;
    uint32_t value;
    lockstep_settings_defaults(&s, sizeof s);
    s.backend = LOCKSTEP_BACKEND_GOLDEN;
    struct lockstep *d = open_device(t, &s);
    run_all(t, d, "golden", heard);
    for (uint32_t i = 0; i < REQUESTS; i++)
        CHECK(t, heard[i].golden == heard[i].count, "request %u", i);
    CHECK(t, lockstep_read(d, 0, &value) == LOCKSTEP_DEVICE_FAILED, "there is a device");
    struct lockstep_request r = about(3, &first);
    CHECK(t, lockstep_submit(d, &r, &id) == LOCKSTEP_OK, "%s", lockstep_error(d));
    while (first.count < 5 && lockstep_step(d) == LOCKSTEP_OK)
        ;
    CHECK(t, lockstep_save(d, id, path) == LOCKSTEP_OK, "%s", lockstep_error(d));
    lockstep_cancel(d, id);
    for (int backend = 0; backend < 2; backend++) {
        rest = (struct heard){0};
        r = about(3, &rest);
        r.max_tokens = TOKENS - 5;
        CHECK(t, lockstep_restore(d, path, &r, NULL) == LOCKSTEP_OK, "%s", lockstep_error(d));
        while (lockstep_step(d) == LOCKSTEP_OK)
            ;
        CHECK(t,
              rest.count == TOKENS - 5 &&
                  memcmp(rest.tokens, alone[3].tokens + 5, sizeof *rest.tokens * (TOKENS - 5)) == 0,
              "backend %d: %u tokens, %s", backend, rest.count, lockstep_error(d));
        lockstep_close(d);
        s.backend = LOCKSTEP_BACKEND_RTL;
        d = backend == 0 ? open_device(t, &s) : NULL;
    }
}

int main(void) {
    struct host_test t = {"fallback", 0, 0};
    host_folder(&t);
    make_requests(&t);
    test_logprobs(&t);
    const uint32_t token = common_token();
    const uint64_t row = address_of("token_embd.weight", token),
                   matrix = address_of("blk.1.ffn_down.weight", 9);
    CHECK(&t, row != LOCKSTEP_NOWHERE && matrix != LOCKSTEP_NOWHERE, "no such tensors");
    test_fault(&t, "an error at a token", ERROR, row, 1, true);
    test_fault(&t, "no answer at a token", HANG, row, 1, true);
    test_fault(&t, "a flipped bit at a token", FLIP, row, 1, true);
    test_fault(&t, "an error at a token, unchecked", ERROR, row, 0, true);
    test_fault(&t, "an error in a matrix", ERROR, matrix, 1, false);
    test_fault(&t, "no answer in a matrix", HANG, matrix, 1, false);
    test_fault(&t, "a flipped bit in a matrix", FLIP, matrix, 1, false);
    test_first(&t, row, token);
    test_mended(&t, matrix);
    test_golden(&t);
    return host_test_finish(&t);
}
