/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The library through its header: text and tokens, requests that stop, wait and are cancelled from
 * callbacks, checkpoints, registers, refusals; a device that is lost by planted faults, and comes
 * back.
 */
#include "sim/library/lockstep.h"

#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { TOKENS = 12, TEXT = 4096 };
static const char once[] = "Once upon a time";

/* What came of a request. */
struct heard {
    struct lockstep *device;
    char text[TEXT];
    size_t bytes;
    uint32_t tokens[64], count, end, stop, lasts;
    uint64_t id, cancel_at; /* cancelled by its own callback behind so many tokens; 0: not */
    uint64_t cancels;       /* a request that it cancels with its first token */
    struct heard *then;     /* submitted by its last event */
};

static void on_token(void *context, const struct lockstep_event *event) {
    struct heard *h = context;
    if (event->text_bytes < TEXT - h->bytes) {
        memcpy(h->text + h->bytes, event->text, event->text_bytes);
        h->bytes += event->text_bytes;
    }
    if (event->token != UINT32_MAX && h->count < 64)
        h->tokens[h->count++] = event->token;
    if (event->last) {
        h->lasts++;
        h->end = event->end;
        h->stop = event->stop;
    }
    if (h->cancels != 0) {
        const uint64_t other = h->cancels;
        h->cancels = 0;
        lockstep_cancel(h->device, other);
    }
    if (h->cancel_at != 0 && h->count == h->cancel_at && !event->last)
        lockstep_cancel(h->device, event->request);
    if (event->last && h->then != NULL) {
        struct lockstep_request r;
        lockstep_request_defaults(&r, sizeof r);
        r.text = once;
        r.max_tokens = 2;
        r.on_token = on_token;
        r.context = h->then;
        lockstep_submit(h->device, &r, &h->then->id);
    }
}

static struct lockstep_request about(struct heard *h, uint32_t tokens) {
    struct lockstep_request r;
    lockstep_request_defaults(&r, sizeof r);
    r.text = once;
    r.max_tokens = tokens;
    r.on_token = on_token;
    r.context = h;
    return r;
}

static int run(struct lockstep *d) {
    int status;
    while ((status = lockstep_step(d)) == LOCKSTEP_OK)
        ;
    return status;
}

static struct lockstep *open_device(struct host_test *t, uint32_t checked) {
    struct lockstep_settings s;
    char why[256] = "";
    lockstep_settings_defaults(&s, sizeof s);
    s.checked = checked;
    struct lockstep *d = lockstep_open(&s, why, sizeof why);
    CHECK(t, d != NULL, "%s", why);
    return d;
}

static void test_bare(struct host_test *t, struct lockstep *d) {
    uint32_t value;
    struct lockstep_request r;
    struct lockstep_telemetry tm;
    const uint64_t cycle = lockstep_cycle(d);
    CHECK(t, lockstep_api_version() == LOCKSTEP_API_VERSION, "version");
    CHECK(t, strcmp(lockstep_configuration(), "small") == 0, "%s", lockstep_configuration());
    CHECK(t, lockstep_read(d, 0, &value) == LOCKSTEP_OK && value == 0x4c535450, "ID 0x%08x", value);
    CHECK(t, lockstep_read(d, 0xffc, &value) == LOCKSTEP_BAD_ARGUMENT, "a register that is none");
    CHECK(t,
          lockstep_write(d, 0x180, 77) == LOCKSTEP_OK && lockstep_read(d, 0x180, &value) == 0 &&
              value == 77,
          "BUDGET reads %u", value);
    CHECK(t, lockstep_clock(d, 1000) == LOCKSTEP_OK && lockstep_cycle(d) >= cycle + 1000, "clock");
    CHECK(t, lockstep_wait_interrupt(d, 500) == LOCKSTEP_TIMED_OUT, "an interrupt from nowhere");
    lockstep_interrupt(d); /* else it waits for ever */
    CHECK(t, lockstep_wait_interrupt(d, UINT64_MAX) == LOCKSTEP_INTERRUPTED, "%s",
          lockstep_error(d));
    CHECK(t, lockstep_step(d) == LOCKSTEP_BAD_ARGUMENT, "a step without a model");
    lockstep_request_defaults(&r, sizeof r);
    r.text = once;
    CHECK(t,
          lockstep_submit(d, &r, NULL) == LOCKSTEP_BAD_ARGUMENT &&
              strcmp(lockstep_error(d), "no model is loaded") == 0,
          "%s", lockstep_error(d));
    CHECK(t,
          lockstep_get_telemetry(d, &tm, sizeof tm) == LOCKSTEP_OK && tm.simulated_cycles != 0 &&
              tm.passes == 0,
          "telemetry");
    CHECK(t, lockstep_load(d, "no/such.gguf", NULL) == LOCKSTEP_NOT_FOUND, "%s", lockstep_error(d));
    CHECK(t, lockstep_load(d, "Makefile", NULL) == LOCKSTEP_BAD_FORMAT, "%s", lockstep_error(d));
    const struct lockstep_layout large = {.size = sizeof large, .sequences = 5};
    CHECK(t, lockstep_load(d, HOST_TINY, &large) == LOCKSTEP_TOO_LARGE, "%s", lockstep_error(d));
    CHECK(t, lockstep_read(d, 0, &value) == LOCKSTEP_OK, "bare again");
}

/* What cannot be opened leaves the model and its requests. */
static void test_bad_load(struct host_test *t) {
    char why[256];
    struct lockstep *d = lockstep_open(NULL, why, sizeof why);
    struct lockstep_request r;
    struct lockstep_telemetry tm;
    if (d == NULL) {
        CHECK(t, false, "%s", why);
        return;
    }
    lockstep_request_defaults(&r, sizeof r);
    r.text = once;
    struct lockstep_model_info info;
    uint64_t id = 0;
    CHECK(t, lockstep_load(d, HOST_TINY, NULL) == LOCKSTEP_OK, "%s", lockstep_error(d));
    CHECK(t, lockstep_submit(d, &r, &id) == LOCKSTEP_OK, "%s", lockstep_error(d));
    CHECK(t,
          lockstep_load(d, NULL, NULL) == LOCKSTEP_BAD_ARGUMENT &&
              lockstep_load(d, "no/such.gguf", NULL) == LOCKSTEP_NOT_FOUND &&
              lockstep_load(d, "Makefile", NULL) == LOCKSTEP_BAD_FORMAT,
          "%s", lockstep_error(d));
    CHECK(t,
          lockstep_get_model(d, &info, sizeof info) == LOCKSTEP_OK &&
              lockstep_get_telemetry(d, &tm, sizeof tm) == LOCKSTEP_OK && tm.queued == 1 &&
              lockstep_cancel(d, id) == LOCKSTEP_OK,
          "the model is gone: %s", lockstep_error(d));
    CHECK(t, lockstep_unload(d) == LOCKSTEP_OK, "%s", lockstep_error(d));
    lockstep_close(d);
}

/* The map of the registers. */
static void test_map(struct host_test *t) {
    struct lockstep_register r;
    struct lockstep_field f;
    uint32_t index = 0, count = 0;
    for (uint32_t i = 0; lockstep_get_register(i, &r, sizeof r) == LOCKSTEP_OK; i++, count++)
        if (strcmp(r.name, "STATUS") == 0)
            index = i;
    CHECK(t, count > 200 && lockstep_get_register(count, &r, sizeof r) == LOCKSTEP_NOT_FOUND,
          "%u registers", count);
    CHECK(t,
          lockstep_get_register(index, &r, sizeof r) == LOCKSTEP_OK && r.address == 0x84 &&
              strcmp(r.access, "ro") == 0 && r.mask == 0xfff,
          "STATUS at 0x%x", r.address);
    CHECK(t,
          lockstep_get_field(index, 8, &f, sizeof f) == LOCKSTEP_OK &&
              strcmp(f.name, "STATE") == 0 && f.low == 8 && f.bits == 4 &&
              lockstep_get_field(index, 9, &f, sizeof f) == LOCKSTEP_NOT_FOUND,
          "the last field of STATUS is %s", f.name);
}

/* What ends waiting leaves the device well; within a pass it is lost. */
static void test_interrupt(struct host_test *t, struct lockstep *d) {
    static struct heard h;
    const struct lockstep_request r = about(&h, TOKENS);
    const uint64_t cycle = lockstep_cycle(d);
    lockstep_interrupt(d);
    CHECK(t,
          lockstep_clock(d, 1000) == LOCKSTEP_INTERRUPTED && lockstep_cycle(d) < cycle + 10 &&
              lockstep_clock(d, 10) == LOCKSTEP_OK,
          "%s", lockstep_error(d));
    CHECK(t, lockstep_submit(d, &r, NULL) == LOCKSTEP_OK, "%s", lockstep_error(d));
    lockstep_interrupt(d);
    CHECK(t,
          lockstep_step(d) == LOCKSTEP_INTERRUPTED && h.end == LOCKSTEP_END_FAILED &&
              h.lasts == 1 && lockstep_step(d) == LOCKSTEP_INTERRUPTED,
          "end %u, %s", h.end, lockstep_error(d));
    CHECK(t, lockstep_reset(d) == LOCKSTEP_OK && lockstep_step(d) == LOCKSTEP_IDLE, "%s",
          lockstep_error(d));
}

/* The parts' cycles are those that went by in the steps. */
static void test_profile(struct host_test *t, struct lockstep *d) {
    static struct heard h;
    const struct lockstep_request r = about(&h, TOKENS);
    struct lockstep_profile p;
    uint64_t sum = 0;
    CHECK(t, lockstep_get_profile(d, 0, &p, sizeof p) == LOCKSTEP_BAD_ARGUMENT, "it is on");
    CHECK(t,
          lockstep_set_profile(d, 1) == LOCKSTEP_OK && lockstep_submit(d, &r, NULL) == LOCKSTEP_OK,
          "%s", lockstep_error(d));
    const uint64_t cycle = lockstep_cycle(d);
    CHECK(t, run(d) == LOCKSTEP_IDLE && h.count == TOKENS, "%s", lockstep_error(d));
    for (uint32_t i = 0; lockstep_get_profile(d, i, &p, sizeof p) == LOCKSTEP_OK; i++)
        sum += p.cycles;
    CHECK(t, sum == lockstep_cycle(d) - cycle, "%u of %u cycles", (uint32_t)sum,
          (uint32_t)(lockstep_cycle(d) - cycle));
    CHECK(t, lockstep_set_profile(d, 0) == LOCKSTEP_OK, "%s", lockstep_error(d));
}

static void on_test(void *context, const char *name, int status, const char *text) {
    char *list = context;
    (void)text;
    snprintf(list + strlen(list), TEXT - strlen(list), "%s %d, ", name, status);
}

/* The same sentence for a good device whether it is checked or not, and how it was before. */
static void test_self(struct host_test *t, struct lockstep *d) {
    static const char all[] =
        "registers 0, FIFOs 0, interrupt 0, memory port 0, token 0, counters 0, ";
    char list[TEXT] = "";
    struct lockstep_telemetry tm;
    CHECK(t, lockstep_self_test(d, on_test, list) == LOCKSTEP_OK && strcmp(list, all) == 0, "%s",
          list);
    CHECK(t,
          lockstep_get_telemetry(d, &tm, sizeof tm) == LOCKSTEP_OK && tm.passes == 0 &&
              tm.generated_tokens != 1 && lockstep_step(d) == LOCKSTEP_IDLE,
          "%s", lockstep_error(d));
}

static void test_settings(struct host_test *t) {
    static const struct {
        const char *what;
        struct lockstep_settings change;
    } cases[] = {
        {"latency", {.latency = 0}},
        {"jitter", {.latency = 1, .jitter = 1u << 21}},
        {"gaps", {.latency = 1, .gaps = 256}},
        {"clock_hz", {.latency = 1}},
        {"checked", {.latency = 1, .clock_hz = 1, .checked = 2}},
        {"flip_bit", {.latency = 1, .clock_hz = 1, .flip_bit = 8}},
        {"configuration", {.latency = 1, .clock_hz = 1, .configuration = "default"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lockstep_settings s = cases[i].change;
        char why[256] = "";
        s.size = sizeof s;
        struct lockstep *d = lockstep_open(&s, why, sizeof why);
        CHECK(t, d == NULL && strncmp(why, cases[i].what, strlen(cases[i].what)) == 0, "%s: %s",
              cases[i].what, why);
        lockstep_close(d);
    }
}

static void test_text(struct host_test *t, struct lockstep *d) {
    uint32_t ids[32];
    size_t count, bytes;
    char text[64];
    struct lockstep_model_info info;
    CHECK(t,
          lockstep_get_model(d, &info, sizeof info) == LOCKSTEP_OK &&
              strcmp(info.family, "llama") == 0 && info.sequences == 4 && info.slots == 2 &&
              info.context > 100,
          "%s, %u sequences of %u", info.family, info.sequences, info.context);
    CHECK(t,
          lockstep_tokenize(d, once, strlen(once), LOCKSTEP_ADD_BOS, ids, 32, &count) ==
                  LOCKSTEP_OK &&
              count > 1 && count < 32,
          "%zu tokens", count);
    CHECK(t,
          lockstep_detokenize(d, ids, count, text, sizeof text, &bytes) == LOCKSTEP_OK &&
              bytes == strlen(once) && memcmp(text, once, bytes) == 0,
          "'%.*s'", (int)bytes, text);
    CHECK(t,
          lockstep_detokenize(d, ids, count, text, 4, &bytes) == LOCKSTEP_OK &&
              bytes == strlen(once),
          "%zu bytes", bytes);
    ids[0] = info.vocab;
    CHECK(t, lockstep_detokenize(d, ids, 1, text, 4, &bytes) == LOCKSTEP_BAD_TOKEN, "an id");
}

static void test_requests(struct host_test *t, struct lockstep *d) {
    static struct heard a, b, c, e, stopped, same, chain, next, gone;
    const char *const stops[] = {"nowhere", " was", "careful"};
    struct lockstep_request r = about(&a, TOKENS);
    CHECK(t, lockstep_submit(d, &r, &a.id) == LOCKSTEP_OK && a.id == 1, "%s", lockstep_error(d));
    r = about(&b, TOKENS);
    r.temperature = 1;
    r.seed = 5;
    CHECK(t, lockstep_submit(d, &r, &b.id) == LOCKSTEP_OK, "%s", lockstep_error(d));
    r = about(&c, TOKENS);
    r.tokens = (const uint32_t[]){1, 300, 301};
    r.token_count = 3;
    r.text = NULL;
    r.temperature = 0.8;
    CHECK(t, lockstep_submit(d, &r, &c.id) == LOCKSTEP_OK, "%s", lockstep_error(d));
    r = about(&stopped, TOKENS);
    r.stop = stops;
    r.stop_count = 3;
    CHECK(t, lockstep_submit(d, &r, &stopped.id) == LOCKSTEP_OK, "%s", lockstep_error(d));
    e.cancel_at = 3; /* these wait in line */
    e.device = d;
    r = about(&e, TOKENS);
    CHECK(t, lockstep_submit(d, &r, &e.id) == LOCKSTEP_OK, "%s", lockstep_error(d));
    r = about(&gone, TOKENS);
    r.priority = -1;
    CHECK(t, lockstep_submit(d, &r, &gone.id) == LOCKSTEP_OK, "%s", lockstep_error(d));
    chain.device = d;
    chain.cancels = gone.id;
    chain.then = &next;
    r = about(&chain, 1);
    r.priority = 1;
    CHECK(t, lockstep_submit(d, &r, &chain.id) == LOCKSTEP_OK, "%s", lockstep_error(d));
    struct lockstep_telemetry tm;
    CHECK(t, lockstep_get_telemetry(d, &tm, sizeof tm) == LOCKSTEP_OK && tm.queued == 7,
          "%u queued", tm.queued);
    CHECK(t, run(d) == LOCKSTEP_IDLE, "%s", lockstep_error(d));

    CHECK(t,
          a.count == TOKENS && a.lasts == 1 && a.end == LOCKSTEP_END_LENGTH &&
              strncmp(a.text, HOST_STORY, a.bytes) == 0 && a.bytes > 20,
          "%u tokens: %.*s", a.count, (int)a.bytes, a.text);
    CHECK(t, b.count == TOKENS && c.count == TOKENS, "%u and %u tokens", b.count, c.count);
    CHECK(t,
          stopped.end == LOCKSTEP_END_STOP && stopped.stop == 1 &&
              strncmp(stopped.text, ", there", stopped.bytes) == 0 && stopped.bytes == 7,
          "'%.*s', end %u by %u", (int)stopped.bytes, stopped.text, stopped.end, stopped.stop);
    CHECK(t, e.count == 3 && e.end == LOCKSTEP_END_CANCELLED && e.lasts == 1, "%u tokens, end %u",
          e.count, e.end);
    CHECK(t, gone.count == 0 && gone.end == LOCKSTEP_END_CANCELLED && gone.lasts == 1, "end %u",
          gone.end);
    CHECK(t, chain.count == 1 && next.count == 2 && next.id > chain.id, "%u and %u tokens",
          chain.count, next.count);
    CHECK(t, lockstep_cancel(d, a.id) == LOCKSTEP_NOT_FOUND, "it is over");
    CHECK(t,
          lockstep_get_telemetry(d, &tm, sizeof tm) == LOCKSTEP_OK && tm.running == 0 &&
              tm.queued == 0 && tm.differences == 0 && tm.passes != 0 &&
              tm.words_compared > 100000 && tm.passes_compared + 2 >= tm.passes &&
              tm.energy_fj != 0 && tm.temperature > 20,
          "telemetry: %u passes, %u compared", (uint32_t)tm.passes, (uint32_t)tm.passes_compared);

    r = about(&same, TOKENS); /* alone */
    r.temperature = 1;
    r.seed = 5;
    CHECK(t, lockstep_submit(d, &r, NULL) == LOCKSTEP_OK && run(d) == LOCKSTEP_IDLE, "%s",
          lockstep_error(d));
    CHECK(t, same.bytes == b.bytes && memcmp(same.text, b.text, b.bytes) == 0,
          "alone '%.*s', not '%.*s'", (int)same.bytes, same.text, (int)b.bytes, b.text);
}

static void test_refusals(struct host_test *t, struct lockstep *d) {
    struct heard h = {0};
    const struct lockstep_request good = about(&h, 1);
    struct lockstep_request r;
    struct lockstep_model_info info;
    static uint32_t many[5000];
    lockstep_get_model(d, &info, sizeof info);
#define REFUSED(change, status)                                                                    \
    r = good;                                                                                      \
    change;                                                                                        \
    CHECK(t, lockstep_submit(d, &r, NULL) == (status), #change ": %s", lockstep_error(d))
    REFUSED(r.temperature = -1, LOCKSTEP_BAD_ARGUMENT);
    REFUSED(r.top_p = 0, LOCKSTEP_BAD_ARGUMENT);
    REFUSED(r.repeat_penalty = 0, LOCKSTEP_BAD_ARGUMENT);
    REFUSED(r.stop_count = 1, LOCKSTEP_BAD_ARGUMENT);
    REFUSED((r.stop = (const char *[]){"a", NULL}, r.stop_count = 2), LOCKSTEP_BAD_ARGUMENT);
    REFUSED((r.text = NULL, r.tokens = many, r.token_count = info.context + 1),
            LOCKSTEP_CONTEXT_OVERFLOW);
    REFUSED((r.text = NULL, r.tokens = &info.vocab, r.token_count = 1), LOCKSTEP_BAD_TOKEN);
    REFUSED((r.text = NULL, r.token_count = 0), LOCKSTEP_BAD_TOKEN);
    CHECK(t, lockstep_write(d, 0x180, 1) == LOCKSTEP_BAD_ARGUMENT, "a register of the firmware");
    CHECK(t, run(d) == LOCKSTEP_IDLE, "a refused request runs");
}

static void test_checkpoint(struct host_test *t, struct lockstep *d) {
    static struct heard whole, first, other, rest;
    const char *path = "build/tests/library/request.ckpt";
    struct lockstep_request r = about(&whole, TOKENS);
    r.temperature = 1;
    r.seed = 3;
    CHECK(t, lockstep_submit(d, &r, NULL) == LOCKSTEP_OK && run(d) == LOCKSTEP_IDLE, "%s",
          lockstep_error(d));
    r = about(&other, TOKENS);
    lockstep_submit(d, &r, NULL);
    r = about(&first, TOKENS);
    r.temperature = 1;
    r.seed = 3;
    lockstep_submit(d, &r, &first.id);
    CHECK(t, lockstep_save(d, first.id, path) == LOCKSTEP_BAD_ARGUMENT, "nothing to save yet");
    while (first.count < 5 && lockstep_step(d) == LOCKSTEP_OK)
        ;
    CHECK(t, lockstep_save(d, first.id, path) == LOCKSTEP_OK, "%s", lockstep_error(d));
    CHECK(t, lockstep_cancel(d, first.id) == LOCKSTEP_OK, "%s", lockstep_error(d));
    struct lockstep_sequence q;
    CHECK(t, lockstep_get_sequence(d, 1, &q, sizeof q) == LOCKSTEP_OK && q.request == 0,
          "sequence 1");
    r = about(&rest, TOKENS - 5);
    CHECK(t, lockstep_restore(d, path, &r, &rest.id) == LOCKSTEP_OK, "%s", lockstep_error(d));
    CHECK(t, run(d) == LOCKSTEP_IDLE, "%s", lockstep_error(d));
    CHECK(t,
          rest.count == TOKENS - 5 &&
              memcmp(first.tokens, whole.tokens, 5 * sizeof *first.tokens) == 0 &&
              memcmp(rest.tokens, whole.tokens + 5, (TOKENS - 5) * sizeof *rest.tokens) == 0,
          "'%.*s' goes on '%.*s', not '%.*s'", (int)first.bytes, first.text, (int)rest.bytes,
          rest.text, (int)whole.bytes, whole.text);
    CHECK(t,
          first.bytes + rest.bytes == whole.bytes &&
              memcmp(rest.text, whole.text + first.bytes, rest.bytes) == 0,
          "the text");
    CHECK(t, lockstep_restore(d, "Makefile", &r, NULL) == LOCKSTEP_BAD_FORMAT, "%s",
          lockstep_error(d));
    CHECK(t, lockstep_restore(d, "none", &r, NULL) == LOCKSTEP_NOT_FOUND, "%s", lockstep_error(d));
}

/* Prompts that begin alike find K and V of others, whatever became of those, and give what they
 * give on a device that was just switched on. */
static void test_reuse(struct host_test *t) {
    enum { KINDS = 10, ROUNDS = 60, LONG = 14 };
    static struct heard alone[KINDS], heard[ROUNDS];
    uint32_t prompts[KINDS][LONG], counts[KINDS], kinds[ROUNDS];
    struct lockstep *d = open_device(t, 1);
    struct lockstep_telemetry tm;
    struct lockstep_request r;
    uint64_t random = 1;
    const struct lockstep_layout layout = {.size = sizeof layout, .context = 24};
    CHECK(t, lockstep_load(d, HOST_TINY, &layout) == LOCKSTEP_OK, "%s", lockstep_error(d));
    /* Another device, whose weights come through the loader, and a pass holds one token. */
    const struct lockstep_layout other = {
        .size = sizeof other, .sequences = 2, .pass_slots = 1, .front_door = 1};
    for (uint32_t i = 0; i < KINDS; i++) { /* each begins like the one before */
        counts[i] = 1 + random_below(&random, LONG);
        for (uint32_t k = 0; k < LONG; k++)
            prompts[i][k] = i != 0 && k < 2 * i ? prompts[i - 1][k] : random_below(&random, 250);
        r = about(&alone[i], 8);
        r.text = NULL;
        r.tokens = prompts[i];
        r.token_count = counts[i];
        r.temperature = 1;
        r.seed = i;
        CHECK(t,
              lockstep_reset(d) == LOCKSTEP_OK && lockstep_submit(d, &r, NULL) == LOCKSTEP_OK &&
                  run(d) == LOCKSTEP_IDLE,
              "%s", lockstep_error(d));
    }
    CHECK(t, lockstep_get_telemetry(d, &tm, sizeof tm) == LOCKSTEP_OK && tm.reused_tokens == 0,
          "a device that was just switched on holds something");
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const uint32_t k = kinds[i] = random_below(&random, KINDS);
        heard[i].device = d;
        heard[i].cancel_at = random_below(&random, 4) == 0 ? 1 + random_below(&random, 4) : 0;
        r = about(&heard[i], 8);
        r.text = NULL;
        r.tokens = prompts[k];
        r.token_count = counts[k];
        r.temperature = 1;
        r.seed = k;
        CHECK(t, lockstep_submit(d, &r, &heard[i].id) == LOCKSTEP_OK, "%s", lockstep_error(d));
        for (uint32_t steps = random_below(&random, 6); steps > 0; steps--)
            lockstep_step(d);
        if (random_below(&random, 8) == 0) /* in the middle of its prompt, or before */
            lockstep_cancel(d, heard[i].id);
    }
    CHECK(t, run(d) == LOCKSTEP_IDLE, "%s", lockstep_error(d));
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const struct heard *a = &alone[kinds[i]];
        CHECK(t,
              memcmp(heard[i].tokens, a->tokens, heard[i].count * sizeof *a->tokens) == 0 &&
                  (heard[i].count == a->count || heard[i].end == LOCKSTEP_END_CANCELLED),
              "request %u: %u tokens of %u", i, heard[i].count, a->count);
    }
    CHECK(t, lockstep_get_telemetry(d, &tm, sizeof tm) == LOCKSTEP_OK && tm.reused_tokens > 100,
          "%u tokens were there", (uint32_t)tm.reused_tokens);
    CHECK(t, lockstep_unload(d) == LOCKSTEP_OK, "%s", lockstep_error(d));
    CHECK(t, lockstep_load(d, HOST_TINY, &other) == LOCKSTEP_OK, "%s", lockstep_error(d));
    memset(&heard[0], 0, sizeof heard[0]);
    r.context = &heard[0];
    CHECK(t,
          lockstep_submit(d, &r, NULL) == LOCKSTEP_OK && run(d) == LOCKSTEP_IDLE &&
              heard[0].count == alone[kinds[ROUNDS - 1]].count &&
              memcmp(heard[0].tokens, alone[kinds[ROUNDS - 1]].tokens,
                     heard[0].count * sizeof *heard[0].tokens) == 0,
          "through the front door: %u tokens, %s", heard[0].count, lockstep_error(d));
    CHECK(t, lockstep_get_telemetry(d, &tm, sizeof tm) == LOCKSTEP_OK && tm.slots_used == tm.passes,
          "%u slots in %u passes", (uint32_t)tm.slots_used, (uint32_t)tm.passes);
    CHECK(t, lockstep_unload(d) == LOCKSTEP_OK, "%s", lockstep_error(d));
    lockstep_close(d);
}

/* Drafts change nothing of what comes: tokens, texts that stop them, what is kept behind that. */
static void test_drafts(struct host_test *t) {
    enum { KINDS = 8 };
    static struct heard heard[2][KINDS];
    struct lockstep *d = open_device(t, 1);
    struct lockstep_telemetry plain, with;
    char stop[3] = "";
    const char *const stops[] = {stop};
    CHECK(t, lockstep_load(d, HOST_TINY, NULL) == LOCKSTEP_OK, "%s", lockstep_error(d));
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < KINDS; i++) {
            struct heard *h = &heard[round][i];
            struct lockstep_request r = about(h, 30);
            r.text = NULL;
            r.tokens = (const uint32_t[]){1, 40 + i / 2, 90, 91};
            r.token_count = 4;
            r.temperature = i < 4 ? 0 : 1;
            r.top_k = i == 4 ? 1 : 40;
            r.repeat_penalty = i == 5 ? 1.1 : 1;
            r.seed = i;
            r.stop = stops; /* each second one is the one before, stopped in the middle */
            r.stop_count = i % 2;
            r.drafts = round == 0 ? 0 : 4;
            r.logprobs = round;
            CHECK(t, lockstep_submit(d, &r, NULL) == LOCKSTEP_OK && run(d) == LOCKSTEP_IDLE, "%s",
                  lockstep_error(d));
            memcpy(stop, h->text + h->bytes / 2, 2);
        }
        lockstep_get_telemetry(d, round == 0 ? &plain : &with, sizeof plain);
    }
    for (uint32_t i = 0; i < KINDS; i++) {
        const struct heard *a = &heard[0][i], *b = &heard[1][i];
        CHECK(t,
              a->count == b->count && a->end == b->end && a->bytes == b->bytes &&
                  memcmp(a->tokens, b->tokens, a->count * sizeof *a->tokens) == 0 &&
                  memcmp(a->text, b->text, a->bytes) == 0,
              "request %u: %u tokens, without drafts %u", i, b->count, a->count);
    }
    const uint64_t taken = with.drafts_taken, passes = with.passes - plain.passes;
    CHECK(t,
          plain.drafts == 0 && taken > 10 && taken < with.drafts && passes + 10 < plain.passes &&
              with.reused_tokens > plain.reused_tokens,
          "%u of %u drafts were right, %u passes instead of %u", (uint32_t)taken,
          (uint32_t)with.drafts, (uint32_t)passes, (uint32_t)plain.passes);
    CHECK(t, lockstep_unload(d) == LOCKSTEP_OK, "%s", lockstep_error(d));
    lockstep_close(d);
}

/* A fault of the weight memory loses the device, says how, and a reset without it brings it back.
 */
static void test_lost(struct host_test *t, struct lockstep_settings change, uint32_t checked,
                      int status, const char *part) {
    static struct heard h;
    char why[256] = "";
    struct lockstep_settings s;
    lockstep_settings_defaults(&s, sizeof s);
    s.checked = checked;
    s.flip_address = change.flip_address;
    s.error_address = change.error_address;
    s.hang_address = change.hang_address;
    s.cycle_limit = change.cycle_limit;
    struct lockstep *d = lockstep_open(&s, why, sizeof why);
    CHECK(t, d != NULL, "%s", why);
    h = (struct heard){.device = d,
                       .then = status == LOCKSTEP_IDLE ? NULL : &h}; /* comes again: refused */
    struct lockstep_request r = about(&h, TOKENS);
    CHECK(t, lockstep_load(d, HOST_TINY, NULL) == LOCKSTEP_OK, "%s", lockstep_error(d));
    r.text = NULL;
    r.tokens = (const uint32_t[]){1, 5, 9, 7};
    r.token_count = 4;
    CHECK(t, lockstep_submit(d, &r, NULL) == LOCKSTEP_OK, "%s", lockstep_error(d));
    const int got = run(d);
    CHECK(t, got == status && strstr(lockstep_error(d), part) != NULL, "%d: %s", got,
          lockstep_error(d));
    if (status != LOCKSTEP_IDLE) {
        CHECK(t, h.lasts == 1 && h.end == LOCKSTEP_END_FAILED, "end %u", h.end);
        CHECK(t, lockstep_step(d) == status && lockstep_submit(d, &r, NULL) == status,
              "it is lost");
        CHECK(t, lockstep_reset(d) == LOCKSTEP_OK && lockstep_step(d) == LOCKSTEP_IDLE, "%s",
              lockstep_error(d));
    }
    lockstep_close(d);
}

int main(void) {
    struct host_test t = {"library", 0, 0};
    host_folder(&t);
    struct lockstep *d = open_device(&t, 1);
    test_map(&t);
    test_bad_load(&t);
    test_settings(&t);
    if (d != NULL) {
        test_bare(&t, d);
        CHECK(&t, lockstep_load(d, HOST_MODEL("Q8_0"), NULL) == LOCKSTEP_OK, "%s",
              lockstep_error(d));
        test_text(&t, d);
        test_requests(&t, d);
        test_refusals(&t, d);
        test_checkpoint(&t, d);
        test_profile(&t, d);
        test_self(&t, d);
        test_interrupt(&t, d);
        CHECK(&t, lockstep_unload(d) == LOCKSTEP_OK, "%s", lockstep_error(d));
        lockstep_close(d);
    }
    test_drafts(&t);
    test_reuse(&t);
    struct lockstep_settings none, s;
    lockstep_settings_defaults(&none, sizeof none);
    size_t size;
    char *file = host_read(HOST_TINY, &size);
    free(file);
    s = none;
    s.flip_address = size - 100;
    test_lost(&t, s, 1, LOCKSTEP_DIFFERED, "first difference: ");
    test_lost(&t, s, 0, LOCKSTEP_IDLE, ""); /* unchecked, nobody sees it */
    s = none;
    s.error_address = size - 100;
    test_lost(&t, s, 1, LOCKSTEP_DEVICE_FAILED, "PORT_RESPONSE");
    s = none;
    s.hang_address = size - 100;
    test_lost(&t, s, 0, LOCKSTEP_DEVICE_FAILED, "PORT_TIMEOUT");
    s.cycle_limit = 100000;
    test_lost(&t, s, 1, LOCKSTEP_TIMED_OUT, "time-out");
    return host_test_finish(&t);
}
