/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Many requests on the `small` device: 200 random schedules of requests that come and go, are
 * cancelled in line and while they run, with other samplings, lengths and priorities, more of them
 * than sequences. Each gives the tokens that it gives alone; no slot is idle while there is a token
 * for it; who waits is admitted in order. Every word, cycle and counter is checked beside.
 *
 *     test_schedule [schedules=200] [seed=1]
 */
#include "csrc/model/model.h"
#include "firmware/scheduler.h"
#include "sim/session/session.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { KINDS = 48, PROMPT = 12, TOKENS = 8, CONTEXT = 16, SEQUENCES = 4, MOST = 10 };
static const struct observer *const checks[] = {&observe_words, &observe_power, &observe_cycles};

/* A request as it may come up in several schedules, and what it gives alone. */
struct kind {
    uint32_t prompt[PROMPT], count, budget;
    struct sampler_settings sampling;
    uint32_t alone[TOKENS], tokens;
};

struct visit {
    struct fw_request request;
    const struct kind *kind;
    uint32_t arrival; /* step at which it is submitted */
    uint32_t leaves;  /* it is cancelled in this step */
    uint32_t number;  /* in order of submission */
    uint32_t tokens;
    bool submitted, cancelled;
};

struct rig {
    struct host_test *test;
    struct session session;
    struct fw_scheduler scheduler;
    struct kind kinds[KINDS];
    struct visit visits[MOST];
    uint32_t visit_count;
    uint64_t random, passes, tokens, cancelled, other;
};

static uint32_t below(struct rig *r, uint32_t limit) {
    return random_below(&r->random, limit);
}

static void on_pass(void *context, uint32_t list) {
    struct rig *r = context;
    scoreboard_list(&r->session.board, list);
}

/* The golden side is told which tokens the sequence has; nobody who waits goes before. */
static void on_admit(void *context, struct fw_request *request) {
    struct rig *r = context;
    const struct visit *v = request->owner;
    scoreboard_prompt(&r->session.board, request->sequence, request->prompt, request->count);
    scoreboard_choices(&r->session.board, request->sequence,
                       sampler_is_greedy(&request->sampling) ? 1 : request->sampling.top_k);
    if (request->sampling.repeat_penalty != 1)
        scoreboard_choices(&r->session.board, request->sequence, SAMPLER_LIST);
    for (const struct fw_request *q = r->scheduler.queue; q != NULL; q = q->next) {
        const struct visit *other = q->owner;
        CHECK(r->test,
              q->priority < request->priority ||
                  (q->priority == request->priority && other->number > v->number),
              "request %u of priority %d is admitted before %u of %d", v->number, request->priority,
              other->number, q->priority);
    }
}

static bool rig_open(struct rig *r, struct ls_model *model) {
    const struct session_settings settings = {
        .seed = 1, .memory = weight_mem_defaults(), .power = {.clock_hz = 500000000}};
    const struct session_layout layout = {
        .sequences = SEQUENCES, .context = CONTEXT, .list_size = 1, .checked = true};
    struct ls_error err = {""};
    const bool open = session_open(&r->session, &settings, &err) == 0 &&
                      session_model(&r->session, model, &layout, &err) == 0 &&
                      session_observe(&r->session, checks, 3, &err) == 0 &&
                      session_load(&r->session, &err) == 0 && r->session.status == FW_OK;
    CHECK(r->test, open, "%s%s", err.text, fw_status_text(r->session.status));
    if (!open)
        return false;
    session_begin(&r->session);
    fw_schedule(&r->scheduler, &r->session.firmware, 0);
    r->scheduler.on_admit = on_admit;
    r->scheduler.on_pass = on_pass;
    r->scheduler.context = r;
    return true;
}

/* Tokens that the requests which run, or will from this step on, could give to a pass. */
static uint32_t available(const struct fw_scheduler *s) {
    uint32_t tokens = 0, free = 0;
    const struct fw_request *q = s->queue;
    for (uint32_t i = 0; i < SEQUENCES; i++) {
        const struct fw_request *r = s->running[i];
        free += r == NULL;
        tokens += r == NULL ? 0 : r->sent < r->count ? r->count - r->sent : 1;
    }
    for (; free != 0 && q != NULL; free--, q = q->next)
        tokens += q->count;
    return tokens;
}

/* One pass; false: there was nothing to do, or something failed. */
static bool step(struct rig *r, bool planted) {
    struct fw_scheduler *s = &r->scheduler;
    struct fw_token tokens[FW_SLOTS];
    uint32_t count;
    const uint32_t work = available(s);
    const uint64_t had = s->slots_had, want = work < s->slots ? work : s->slots;
    r->session.device.cycle_limit = r->session.device.cycle + 5000000;
    const enum fw_status status = fw_step(s, tokens, &count);
    if (status != FW_OK) {
        char why[640] = "";
        if (status != FW_DONE)
            session_why(&r->session, status, why, sizeof why);
        CHECK(r->test, status == FW_DONE, "%s", why);
        return false;
    }
    r->passes++;
    CHECK(r->test, s->slots_had - had == want, "%u slots of %u had a token",
          (uint32_t)(s->slots_had - had), (uint32_t)want);
    for (uint32_t i = 0; i < count; i++) {
        struct visit *v = tokens[i].request->owner;
        const struct kind *k = v->kind;
        const uint32_t at = v->tokens++;
        r->tokens++;
        CHECK(r->test,
              scoreboard_token(&r->session.board, tokens[i].request->sequence, tokens[i].token),
              "%s", r->session.board.first.text);
        const bool same = at < k->tokens && k->alone[at] == tokens[i].token &&
                          tokens[i].last == (at + 1 == k->tokens);
        r->other += !same;
        CHECK(r->test, same || planted, "token %u of %u is %u, alone it is %u", at, k->tokens,
              tokens[i].token, k->alone[at % TOKENS]);
    }
    return true;
}

static void submit(struct rig *r, struct visit *v, const struct kind *k, int32_t priority) {
    v->kind = k;
    v->request = (struct fw_request){.prompt = k->prompt,
                                     .count = k->count,
                                     .budget = k->budget,
                                     .priority = priority,
                                     .sampling = k->sampling,
                                     .owner = v};
    v->submitted = true;
    CHECK(r->test, fw_submit(&r->scheduler, &v->request) == FW_OK, "a request is refused");
}

/* A kind of request, and its tokens alone on the device. */
static void make_kind(struct rig *r, struct kind *k, uint32_t vocab) {
    static const struct sampler_settings samplings[] = {
        {.temperature = 0, .top_k = 40, .top_p = 1, .repeat_penalty = 1},
        {.temperature = 1, .top_k = 40, .top_p = 0.95, .repeat_penalty = 1},
        {.temperature = 2, .top_k = 7, .top_p = 1, .repeat_penalty = 1},
        {.temperature = 0.8, .top_k = 64, .top_p = 1, .repeat_penalty = 1.3},
    };
    struct fw_token tokens[FW_SLOTS];
    struct visit v = {.kind = k};
    uint32_t count;
    k->count = 1 + below(r, PROMPT);
    k->budget = 1 + below(r, TOKENS);
    k->sampling = samplings[below(r, 4)];
    k->sampling.seed = below(r, 1000);
    for (uint32_t i = 0; i < k->count; i++)
        k->prompt[i] = below(r, vocab);
    submit(r, &v, k, 0);
    r->session.device.cycle_limit = r->session.device.cycle + 50000000;
    while (fw_step(&r->scheduler, tokens, &count) == FW_OK)
        for (uint32_t i = 0; i < count; i++) {
            k->alone[k->tokens++] = tokens[i].token;
            scoreboard_token(&r->session.board, v.request.sequence, tokens[i].token);
        }
    const uint32_t room = CONTEXT + 1 - k->count;
    CHECK(r->test,
          v.request.state == FW_REQUEST_OVER &&
              (k->tokens == (k->budget < room ? k->budget : room) ||
               fw_is_eog(&r->session.fw_model, k->alone[k->tokens - 1])),
          "alone: %u tokens of %u", k->tokens, k->budget);
}

static void run_schedule(struct rig *r) {
    uint32_t number = 0, over = 0;
    r->visit_count = 1 + below(r, MOST);
    for (uint32_t i = 0; i < r->visit_count; i++)
        r->visits[i] = (struct visit){.arrival = below(r, 2) ? 0 : below(r, 12),
                                      .leaves = below(r, 4) ? UINT32_MAX : below(r, 16)};
    for (uint32_t now = 0; over < r->visit_count; now++) {
        for (uint32_t i = 0; i < r->visit_count; i++) {
            struct visit *v = &r->visits[i];
            if (!v->submitted && v->arrival <= now) {
                v->number = number++;
                submit(r, v, &r->kinds[below(r, KINDS)], (int32_t)below(r, 3) - 1);
            }
            if (v->submitted && v->leaves <= now && v->request.state != FW_REQUEST_OVER) {
                fw_cancel(&r->scheduler, &v->request);
                v->cancelled = true;
                r->cancelled++;
            }
        }
        const bool worked = step(r, false);
        over = 0;
        for (uint32_t i = 0; i < r->visit_count; i++)
            over += r->visits[i].submitted && r->visits[i].request.state == FW_REQUEST_OVER;
        if (r->test->failures != 0 || (!worked && r->scheduler.active != 0))
            return;
    }
    for (uint32_t i = 0; i < r->visit_count; i++) {
        const struct visit *v = &r->visits[i];
        CHECK(r->test, v->cancelled || v->tokens == v->kind->tokens, "%u tokens of %u", v->tokens,
              v->kind->tokens);
    }
    CHECK(r->test,
          r->scheduler.queue == NULL && r->scheduler.active == 0 && r->scheduler.queued == 0,
          "somebody is left");
}

static void test_refusals(struct rig *r) {
    const uint32_t prompt[CONTEXT + 1] = {0}, unknown[1] = {r->session.fw_model.vocab};
    const struct {
        const char *what;
        struct fw_request request;
    } cases[] = {
        {"an empty prompt", {.prompt = prompt, .count = 0, .budget = 1}},
        {"a long prompt", {.prompt = prompt, .count = CONTEXT + 1, .budget = 1}},
        {"an unknown token", {.prompt = unknown, .count = 1, .budget = 1}},
        {"no token to generate", {.prompt = prompt, .count = 1, .budget = 0}},
        {"a start behind the prompt", {.prompt = prompt, .count = 2, .start = 2, .budget = 1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_request request = cases[i].request;
        CHECK(r->test, fw_submit(&r->scheduler, &request) == FW_PROMPT_FAILED, "%s", cases[i].what);
    }
    CHECK(r->test, r->scheduler.queue == NULL, "a refused request stands in line");
}

/* Another seed than the one it is compared with: the comparison must see it. */
static void test_planted(struct rig *r) {
    struct kind spoiled[KINDS];
    memcpy(spoiled, r->kinds, sizeof spoiled);
    for (uint32_t i = 0; i < KINDS; i++) {
        if (spoiled[i].sampling.temperature < 1 || spoiled[i].tokens < 4)
            continue;
        spoiled[i].sampling.seed += 1000;
        r->visits[0] = (struct visit){0};
        submit(r, &r->visits[0], &spoiled[i], 0);
        while (step(r, true))
            ;
        break;
    }
    CHECK(r->test, r->other != 0, "planted: another seed gives the same tokens");
}

int main(int argc, char **argv) {
    struct host_test t = {"schedule", 0, 0};
    static struct rig r;
    struct ls_model *model;
    struct ls_error err;
    const uint64_t schedules = host_argument(argc, argv, "schedules", 200);
    r.test = &t;
    r.random = host_argument(argc, argv, "seed", 1);
    CHECK(&t, ls_model_open(HOST_TINY, &model, &err) == 0, "%s", err.text);
    if (model != NULL && rig_open(&r, model)) {
        test_refusals(&r);
        for (uint32_t i = 0; i < KINDS && t.failures == 0; i++)
            make_kind(&r, &r.kinds[i], model->vocab);
        for (uint64_t i = 0; i < schedules && t.failures == 0; i++)
            run_schedule(&r);
        if (t.failures == 0)
            test_planted(&r);
        session_detach(&r.session);
        r.session.device.cycle_limit = 0;
        session_check(&r.session, t.failures == 0);
        CHECK(&t, t.failures != 0 || r.session.right, "%s", r.session.message);
        CHECK(&t, scoreboard_finish(&r.session.board), "%s", r.session.board.first.text);
        CHECK(&t, schedules < 100 || (r.cancelled > 20 && r.tokens > 1000),
              "%u cancelled, %u tokens", (uint32_t)r.cancelled, (uint32_t)r.tokens);
        printf("%u passes, %u tokens, %u cancelled, %u cycles\n", (uint32_t)r.passes,
               (uint32_t)r.tokens, (uint32_t)r.cancelled, (uint32_t)r.session.device.cycle);
    }
    session_close(&r.session);
    ls_model_close(model);
    return host_test_finish(&t);
}
