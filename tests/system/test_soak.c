/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Tokens upon tokens of a device, four sequences at once, each word, cycle and counter checked: no
 * difference, a request gives the same tokens whenever it comes, memory does not grow. Tells how
 * fast it was, which nothing holds.
 *
 *     test_soak [tokens=1500] [seed=1] [model=FILE]
 */
#include <time.h>

#include "sim/library/lockstep.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { KINDS = 24, PROMPT = 8, MOST = 48, WAITING = 6, VOCAB = 32 };

/* A request that comes again and again, and what it gave when it came first. */
struct kind {
    uint32_t prompt[PROMPT], count, tokens[MOST], known;
    struct lockstep_request request;
};

struct visit {
    struct soak *soak;
    struct kind *kind; /* NULL: free */
    uint32_t tokens;
};

struct soak {
    struct host_test *test;
    struct lockstep *device;
    struct kind kinds[KINDS];
    struct visit visits[WAITING];
    uint64_t random, tokens, requests, again;
};

static void on_token(void *context, const struct lockstep_event *event) {
    struct visit *v = context;
    struct kind *k = v->kind;
    if (event->token != UINT32_MAX) {
        const uint32_t i = v->tokens++;
        if (i == k->known && i < MOST)
            k->tokens[k->known++] = event->token;
        CHECK(v->soak->test, i < MOST && k->tokens[i] == event->token, "request %lu, token %u: %u",
              (unsigned long)event->request, i, event->token);
        v->soak->tokens++;
    }
    if (event->last && event->end != LOCKSTEP_END_CANCELLED) { /* the soak is over */
        CHECK(v->soak->test, v->tokens == k->known && v->tokens != 0, "%u tokens, %u before",
              v->tokens, k->known);
        v->soak->requests++;
        v->kind = NULL;
    }
}

static void make_kinds(struct soak *s) {
    for (uint32_t i = 0; i < KINDS; i++) {
        struct kind *k = &s->kinds[i];
        k->count = 1 + random_below(&s->random, PROMPT);
        for (uint32_t n = 0; n < k->count; n++)
            k->prompt[n] = 3 + random_below(&s->random, VOCAB);
        lockstep_request_defaults(&k->request, sizeof k->request);
        k->request.tokens = k->prompt;
        k->request.token_count = k->count;
        k->request.max_tokens = 1 + random_below(&s->random, MOST);
        k->request.temperature = i % 3 == 0 ? 0 : 0.5 * (i % 3);
        k->request.seed = i;
        k->request.drafts = i % 4 == 1;
        k->request.on_token = on_token;
    }
}

/* As many wait as have room, so that no sequence is idle. */
static void submit(struct soak *s) {
    for (uint32_t i = 0; i < WAITING; i++) {
        struct visit *v = &s->visits[i];
        if (v->kind != NULL)
            continue;
        struct kind *k = &s->kinds[random_below(&s->random, KINDS)];
        *v = (struct visit){s, k, 0};
        s->again += k->known != 0;
        k->request.context = v;
        CHECK(s->test, lockstep_submit(s->device, &k->request, NULL) == LOCKSTEP_OK, "%s",
              lockstep_error(s->device));
    }
}

static bool run(struct soak *s, uint64_t tokens) {
    int status = LOCKSTEP_OK;
    while (s->tokens < tokens && status == LOCKSTEP_OK && s->test->failures == 0) {
        submit(s);
        status = lockstep_step(s->device);
    }
    CHECK(s->test, status == LOCKSTEP_OK, "%s", lockstep_error(s->device));
    return s->test->failures == 0;
}

static double resident(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*u %lu", &pages) != 1)
        abort();
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const char *model_of(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "model=", 6) == 0)
            return argv[i] + 6;
    return HOST_TINY;
}

int main(int argc, char **argv) {
    struct host_test t = {"soak", 0, 0};
    static struct soak s;
    struct lockstep_telemetry told;
    char why[256] = "";
    const uint64_t tokens = host_argument(argc, argv, "tokens", 1500);
    s.test = &t;
    s.random = host_argument(argc, argv, "seed", 1);
    s.device = lockstep_open(NULL, why, sizeof why);
    CHECK(&t,
          s.device != NULL && lockstep_load(s.device, model_of(argc, argv), NULL) == LOCKSTEP_OK,
          "%s", s.device == NULL ? why : lockstep_error(s.device));
    if (t.failures != 0)
        return host_test_finish(&t);
    make_kinds(&s);
    if (run(&s, tokens / 3)) { /* until all that is kept for later is there */
        const double before = resident(), begun = now();
        const uint64_t first = s.tokens;
        run(&s, tokens);
        const double seconds = now() - begun, grown = resident() - before;
        CHECK(&t, grown < 1e6, "memory has grown by %.0f bytes", grown);
        CHECK(&t, lockstep_get_telemetry(s.device, &told, sizeof told) == LOCKSTEP_OK, "%s",
              lockstep_error(s.device));
        CHECK(&t, told.differences == 0 && told.losses == 0 && told.generated_tokens == s.tokens,
              "%lu differences, %lu tokens", (unsigned long)told.differences,
              (unsigned long)told.generated_tokens);
        CHECK(&t, told.slots_used * 10 > told.slots_offered * 9 && s.again > s.requests / 2,
              "%lu of %lu slots, %lu of %lu requests again", (unsigned long)told.slots_used,
              (unsigned long)told.slots_offered, (unsigned long)s.again, (unsigned long)s.requests);
        printf("%lu tokens of %lu requests, %lu words compared, memory %+.0f KB; %.0f tokens/s\n",
               (unsigned long)s.tokens, (unsigned long)s.requests,
               (unsigned long)told.words_compared, grown / 1e3,
               (double)(s.tokens - first) / seconds);
    }
    CHECK(&t, lockstep_unload(s.device) == LOCKSTEP_OK, "%s", lockstep_error(s.device));
    lockstep_close(s.device);
    return host_test_finish(&t);
}
