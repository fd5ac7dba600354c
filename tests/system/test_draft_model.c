/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Drafts of a small model through the library: the model itself, which is always right, one of the
 * same weights in few bits, one of other weights; greedily and by chance, alone and side by side,
 * cancelled, restored, reset, carried on by the golden model. Tokens are those without drafts, a
 * right draft saves a pass, counters have what was heard. Planted: a small model that is not quite
 * the model.
 */
#include "sim/library/library.h" /* to plant another drafter */
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { KINDS = 9, PROMPT = 8, TOKENS = 16, DRAFTS = 3 };
enum source { NONE, TEXT, ITSELF, ROUGH, OTHER, SOURCES };

static const char *const names[] = {"none", "the text", "itself", "rough", "other"};
static const char *const files[] = {NULL, NULL, HOST_TINY, HOST_TINY_ROUGH, HOST_TINY_OTHER};

struct heard {
    struct lockstep *device;
    uint32_t tokens[TOKENS], count, lasts, drafts, taken, golden;
    uint32_t cancel_at; /* so many tokens; 0: not */
    uint64_t id;
};

static uint32_t prompts[KINDS][PROMPT], lengths[KINDS];
static struct heard plain[KINDS]; /* alone, without drafts */

static void on_token(void *context, const struct lockstep_event *event) {
    struct heard *h = context;
    if (event->token != UINT32_MAX && h->count < TOKENS)
        h->tokens[h->count++] = event->token;
    h->golden += event->golden;
    h->lasts += event->last;
    h->drafts = event->drafts;
    h->taken = event->drafts_taken;
    if (h->cancel_at == h->count && !event->last)
        lockstep_cancel(h->device, event->request);
}

static struct lockstep_request about(uint32_t i, struct heard *h, enum source source) {
    struct lockstep_request r;
    lockstep_request_defaults(&r, sizeof r);
    r.tokens = prompts[i];
    r.token_count = lengths[i];
    r.max_tokens = TOKENS;
    r.temperature = i % 3 == 0 ? 0 : 0.7 * (i % 3);
    r.frequency_penalty = i % 4 == 3 ? 0.5 : 0; /* depends on all tokens so far */
    r.seed = i;
    r.drafts = source == NONE ? 0 : DRAFTS;
    r.on_token = on_token;
    r.context = h;
    return r;
}

static struct lockstep *open_device(struct host_test *t, const char *file, uint32_t backend,
                                    uint64_t error_address) {
    struct lockstep_settings s;
    struct lockstep_layout layout;
    char why[256] = "";
    lockstep_settings_defaults(&s, sizeof s);
    s.backend = backend;
    s.error_address = error_address;
    lockstep_layout_defaults(&layout, sizeof layout);
    layout.sequences = 2; /* which leave slots where there are four */
    layout.draft_model = file;
    struct lockstep *d = lockstep_open(&s, why, sizeof why);
    if (d == NULL || lockstep_load(d, HOST_TINY, &layout) != LOCKSTEP_OK) {
        printf("FAIL %s: %s%s\n", t->name, why, d != NULL ? lockstep_error(d) : "");
        exit(1);
    }
    return d;
}

static void submit(struct host_test *t, struct lockstep *d, uint32_t i, struct heard *h,
                   enum source source, uint32_t cancel_at) {
    const struct lockstep_request r = about(i, h, source);
    *h = (struct heard){.device = d, .cancel_at = cancel_at};
    CHECK(t, lockstep_submit(d, &r, &h->id) == LOCKSTEP_OK, "%s", lockstep_error(d));
}

static void run(struct host_test *t, struct lockstep *d) {
    int status;
    while ((status = lockstep_step(d)) == LOCKSTEP_OK)
        ;
    CHECK(t, status == LOCKSTEP_IDLE, "%s", lockstep_error(d));
}

static void check_tokens(struct host_test *t, uint32_t i, const struct heard *h, const char *what) {
    const uint32_t count = h->cancel_at != 0 ? h->cancel_at : plain[i].count;
    CHECK(t,
          h->lasts == 1 && h->count == count &&
              memcmp(h->tokens, plain[i].tokens, count * sizeof *h->tokens) == 0,
          "%s: request %u: %u tokens, not %u, or other ones", what, i, h->count, count);
}

static struct lockstep_telemetry look(struct host_test *t, struct lockstep *d) {
    struct lockstep_telemetry tm = {0};
    CHECK(t, lockstep_get_telemetry(d, &tm, sizeof tm) == LOCKSTEP_OK, "%s", lockstep_error(d));
    return tm;
}

/* All requests alone, one after the other. Returns what the device has counted. */
static struct lockstep_telemetry run_alone(struct host_test *t, struct lockstep *d,
                                           enum source source, struct heard *heard) {
    for (uint32_t i = 0; i < KINDS; i++) {
        submit(t, d, i, &heard[i], source, 0);
        run(t, d);
        check_tokens(t, i, &heard[i], names[source]);
    }
    return look(t, d);
}

static void check_source(struct host_test *t, enum source source,
                         const struct lockstep_telemetry *none) {
    static struct heard heard[KINDS];
    struct lockstep *d = open_device(t, files[source], LOCKSTEP_BACKEND_RTL, LOCKSTEP_NOWHERE);
    const struct lockstep_telemetry alone = run_alone(t, d, source, heard);
    uint64_t drafts = 0, taken = 0;
    for (uint32_t i = 0; i < KINDS; i++) {
        drafts += heard[i].drafts;
        taken += heard[i].taken;
    }
    CHECK(t,
          alone.passes + taken == none->passes && alone.reused_tokens == none->reused_tokens &&
              alone.tokens_out == none->tokens_out,
          "%s: %u passes, %u without drafts, of which %u were right", names[source],
          (uint32_t)alone.passes, (uint32_t)none->passes, (uint32_t)taken);
    for (uint32_t i = 0; i < KINDS; i++)
        submit(t, d, i, &heard[i], source, i % 5 == 2 ? 6 : 0);
    run(t, d);
    for (uint32_t i = 0; i < KINDS; i++) {
        check_tokens(t, i, &heard[i], names[source]);
        drafts += heard[i].drafts;
        taken += heard[i].taken;
    }
    const struct lockstep_telemetry all = look(t, d);
    CHECK(t, all.drafts == drafts && all.drafts_taken == taken,
          "%s: DRAFTS %u, DRAFTS_TAKEN %u; heard of %u and %u", names[source], (uint32_t)all.drafts,
          (uint32_t)all.drafts_taken, (uint32_t)drafts, (uint32_t)taken);
    CHECK(t,
          source == ITSELF  ? taken == drafts && taken > 50
          : source == ROUGH ? taken > 10 && taken + 20 < drafts
          : source == OTHER ? taken * 10 < drafts
                            : taken < drafts,
          "%s: %u of %u drafts are right", names[source], (uint32_t)taken, (uint32_t)drafts);
    printf("%s: %u of %u drafts right; alone %u passes in place of %u\n", names[source],
           (uint32_t)taken, (uint32_t)drafts, (uint32_t)alone.passes, (uint32_t)none->passes);
    CHECK(t, lockstep_unload(d) == LOCKSTEP_OK, "%s", lockstep_error(d));
    lockstep_close(d);
}

/* Restored from a checkpoint on another device, and behind a reset, the small model goes on. */
static void check_restored(struct host_test *t) {
    static const char path[] = "build/tests/draft_model/request.ckpt";
    static struct heard first, rest;
    struct lockstep *d = open_device(t, HOST_TINY, LOCKSTEP_BACKEND_RTL, LOCKSTEP_NOWHERE);
    const uint32_t i = 7;
    submit(t, d, i, &first, ITSELF, 0);
    while (first.count < 6 && lockstep_step(d) == LOCKSTEP_OK)
        ;
    const uint32_t had = first.count;
    CHECK(t, lockstep_save(d, first.id, path) == LOCKSTEP_OK, "%s", lockstep_error(d));
    CHECK(t, lockstep_reset(d) == LOCKSTEP_OK, "%s", lockstep_error(d));
    submit(t, d, i, &first, ITSELF, 0);
    run(t, d);
    check_tokens(t, i, &first, "behind a reset");
    CHECK(t, first.drafts != 0 && first.taken == first.drafts, "reset: %u of %u drafts right",
          first.taken, first.drafts);
    lockstep_close(d);
    d = open_device(t, HOST_TINY, LOCKSTEP_BACKEND_RTL, LOCKSTEP_NOWHERE);
    struct lockstep_request r = about(i, &rest, ITSELF);
    r.max_tokens = plain[i].count - had;
    CHECK(t, lockstep_restore(d, path, &r, NULL) == LOCKSTEP_OK, "%s", lockstep_error(d));
    run(t, d);
    CHECK(t,
          rest.count + had == plain[i].count &&
              memcmp(rest.tokens, plain[i].tokens + had, rest.count * sizeof *rest.tokens) == 0 &&
              rest.drafts != 0 && rest.taken == rest.drafts,
          "restored: %u tokens, %u of %u drafts right", rest.count, rest.taken, rest.drafts);
    lockstep_close(d);
}

/* Wherever the row of this token is read, the device is lost; the golden model goes on. */
static void check_fallback(struct host_test *t) {
    static struct heard heard[KINDS];
    const struct gguf_tensor *rows;
    struct ls_model *model = NULL;
    struct ls_error err;
    uint32_t golden = 0, drafts = 0;
    CHECK(t, ls_model_open(HOST_TINY, &model, &err) == 0, "%s", err.text);
    rows = gguf_find_tensor(model->gguf, "token_embd.weight");
    struct lockstep *d =
        open_device(t, HOST_TINY_ROUGH, LOCKSTEP_BACKEND_AUTO,
                    rows->offset + rows->size / rows->ne[1] * plain[0].tokens[3] + 4);
    ls_model_close(model);
    for (uint32_t i = 0; i < KINDS; i++)
        submit(t, d, i, &heard[i], ROUGH, 0);
    run(t, d);
    for (uint32_t i = 0; i < KINDS; i++) {
        check_tokens(t, i, &heard[i], "lost");
        golden += heard[i].golden;
        drafts += heard[i].drafts;
    }
    const struct lockstep_telemetry tm = look(t, d);
    CHECK(t, tm.losses > 1 && tm.golden_tokens == golden && heard[0].golden != 0 && drafts != 0,
          "%u losses, %u golden tokens, %u drafts", (uint32_t)tm.losses, golden, drafts);
    lockstep_close(d);
}

static void check_refused(struct host_test *t) {
    static const struct {
        const char *file;
        uint32_t backend;
        int status;
        const char *part;
    } cases[] = {
        {"no/such.gguf", LOCKSTEP_BACKEND_RTL, LOCKSTEP_NOT_FOUND, "no/such.gguf: "},
        {"Makefile", LOCKSTEP_BACKEND_RTL, LOCKSTEP_BAD_FORMAT, "Makefile: "},
        {HOST_MADE("Q4_0"), LOCKSTEP_BACKEND_RTL, LOCKSTEP_BAD_ARGUMENT,
         "a vocabulary of 512 tokens, not of 260"},
        {HOST_TINY, LOCKSTEP_BACKEND_GOLDEN, LOCKSTEP_BAD_ARGUMENT,
         "drafts are for the device, not for the golden model in its place"},
        {HOST_TINY, LOCKSTEP_BACKEND_FLOAT, LOCKSTEP_BAD_ARGUMENT, "not for the float reference"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lockstep *d = open_device(t, NULL, cases[i].backend, LOCKSTEP_NOWHERE);
        struct lockstep_layout layout;
        struct heard h;
        lockstep_layout_defaults(&layout, sizeof layout);
        layout.draft_model = cases[i].file;
        const int status = lockstep_load(d, HOST_TINY, &layout);
        CHECK(t, status == cases[i].status && strstr(lockstep_error(d), cases[i].part) != NULL,
              "%s: %d: %s", cases[i].file, status, lockstep_error(d));
        submit(t, d, 0, &h, TEXT, 0); /* the model before is still there */
        run(t, d);
        CHECK(t, h.count == TOKENS, "%u tokens", h.count);
        lockstep_close(d);
    }
}

/* A drafter whose model computes with few bits must be seen: not all that it guesses is right. */
static void check_planted(struct host_test *t) {
    static struct heard heard[KINDS];
    struct lockstep *d = open_device(t, HOST_TINY, LOCKSTEP_BACKEND_RTL, LOCKSTEP_NOWHERE);
    struct ls_model *small = NULL;
    struct ls_error err;
    drafter_close(d->drafter);
    CHECK(t,
          ls_model_open(HOST_TINY, &small, &err) == 0 &&
              drafter_open(small, 4, d->layout.sequences, d->layout.context, &d->drafter, &err) ==
                  0,
          "%s", err.text);
    const struct lockstep_telemetry tm = run_alone(t, d, ITSELF, heard);
    CHECK(t, tm.drafts_taken < tm.drafts, "planted: nobody sees its 4 bits");
    printf("planted: of 4 bits: %u of %u drafts right\n", (uint32_t)tm.drafts_taken,
           (uint32_t)tm.drafts);
    lockstep_close(d);
}

int main(void) {
    struct host_test t = {"draft_model", 0, 0};
    uint64_t random = 3;
    host_folder(&t);
    for (uint32_t i = 0; i < KINDS; i++) {
        lengths[i] = 2 + random_below(&random, PROMPT - 1);
        for (uint32_t k = 0; k < lengths[i]; k++) /* some begin alike */
            prompts[i][k] = k < 3 && i % 4 != 0 ? 40 + k : 3 + random_below(&random, 250);
    }
    struct lockstep *d = open_device(&t, NULL, LOCKSTEP_BACKEND_RTL, LOCKSTEP_NOWHERE);
    for (uint32_t i = 0; i < KINDS; i++) {
        submit(&t, d, i, &plain[i], NONE, 0);
        run(&t, d);
    }
    const struct lockstep_telemetry none = look(&t, d);
    CHECK(&t, none.drafts == 0, "%u drafts", (uint32_t)none.drafts);
    lockstep_close(d);
    for (enum source source = TEXT; source < SOURCES; source++)
        check_source(&t, source, &none);
    check_restored(&t);
    check_fallback(&t);
    check_refused(&t);
    check_planted(&t);
    return host_test_finish(&t);
}
