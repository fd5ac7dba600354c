/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Drafts, right, wrong and in part, of one to three requests at once, chosen greedily and by
 * chance: the tokens, K and V and what comes behind them are those without drafts, the counters say
 * exactly what was guessed and guessed rightly, and passes are saved. Every word, cycle and counter
 * is checked beside. A device that is told something else is found out.
 *
 *     test_drafts [rounds=12] [seed=1]
 */
#include "csrc/golden/golden_kv.h"
#include "csrc/model/model.h"
#include "firmware/lookup.h"
#include "firmware/scheduler.h"
#include "generated/device.h"
#include "sim/session/session.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

enum { PROMPT = 9, TOKENS = 14, CONTEXT = 24, SEQUENCES = 3 };
static const struct observer *const checks[] = {&observe_words, &observe_power, &observe_cycles};

enum source { NONE, RIGHT, WRONG, PARTLY, LOOKUP, SOURCES };
static const char *const source_names[] = {"none", "right", "wrong", "partly right", "lookup"};

/* A request, and what it gives alone and without drafts. */
struct kind {
    uint32_t text[PROMPT + TOKENS], count, budget, tokens;
    struct sampler_settings sampling;
};

struct visit {
    struct fw_request request;
    const struct kind *kind;
    uint32_t text[PROMPT + TOKENS], known; /* prompt and tokens so far */
};

/* What the device is told other than the firmware says. */
enum plant { HONEST, CHOICE, GUESS };

struct rig {
    struct host_test *test;
    struct session session;
    struct hal hal;
    struct fw_scheduler scheduler;
    struct kind kinds[SEQUENCES];
    struct visit visits[SEQUENCES];
    enum source source;
    uint32_t slots; /* most of a pass; 0: all */
    enum plant plant;
    bool acted;
    uint64_t random, drafts, taken; /* as they must be counted */
    uint64_t saved, passes, behind;
};

static uint32_t below(struct rig *r, uint32_t limit) {
    return random_below(&r->random, limit);
}

/* ---- the device, with ears that may hear wrong ---- */

static uint32_t read32(void *context, uint32_t address) {
    const struct rig *r = context;
    return hal_read(&r->session.power.hal, address);
}

static void write32(void *context, uint32_t address, uint32_t value) {
    struct rig *r = context;
    const struct visit *v = &r->visits[0];
    if (r->plant == CHOICE && address == LOCKSTEP_REG_CHOICE &&
        value != v->request.drafts[v->request.taken]) {
        value = v->request.drafts[v->request.taken];
        r->acted = true;
    }
    if (r->plant == GUESS && address == LOCKSTEP_REG_TOKEN_IN &&
        (value & LOCKSTEP_IN_DRAFT_MASK) != 0) {
        value ^= 1;
        r->acted = true;
    }
    hal_write(&r->session.power.hal, address, value);
}

static int wait_irq(void *context) {
    const struct rig *r = context;
    return r->session.power.hal.wait_irq(r->session.power.hal.context);
}

/* ---- the host's part ---- */

static void on_admit(void *context, struct fw_request *request) {
    struct rig *r = context;
    struct scoreboard *b = &r->session.board;
    if (request->start != 0)
        scoreboard_again(b, request->sequence, request->prompt, request->count, request->start);
    else
        scoreboard_prompt(b, request->sequence, request->prompt, request->count);
    scoreboard_choices(
        b, request->sequence,
        sampler_is_greedy(&request->sampling) ? 1 : sampler_list_size(&request->sampling));
}

static uint32_t on_draft(void *context, const struct fw_request *request, uint32_t *drafts,
                         uint32_t most) {
    struct rig *r = context;
    const struct visit *v = request->owner;
    const struct kind *k = v->kind;
    const uint32_t vocab = r->session.fw_model.vocab, left = k->count + k->tokens - v->known;
    if (r->source == NONE)
        return 0;
    if (r->source == LOOKUP)
        return lookup_draft(v->text, v->known, drafts, most);
    if (r->source == PARTLY)
        most = below(r, most + 1);
    for (uint32_t i = 0; i < most && i < left; i++) {
        drafts[i] = k->text[v->known + i];
        if (r->source == WRONG || (r->source == PARTLY && below(r, 3) == 0))
            drafts[i] = (drafts[i] + 1 + below(r, vocab - 1)) % vocab;
    }
    return most < left ? most : left;
}

/* The golden side is told what the pass holds. What must come of it is counted. */
static void on_pass(void *context, uint32_t list) {
    struct rig *r = context;
    scoreboard_list(&r->session.board, list);
    for (uint32_t i = 0; i < SEQUENCES; i++) {
        const struct fw_request *q = r->scheduler.running[i];
        if (q == NULL || q->drafted == 0)
            continue;
        const struct visit *v = q->owner;
        uint32_t right = 0;
        scoreboard_drafts(&r->session.board, q->sequence, q->drafts, q->drafted);
        while (right < q->drafted && v->known + right < v->kind->count + v->kind->tokens &&
               q->drafts[right] == v->kind->text[v->known + right])
            right++;
        r->drafts += q->drafted;
        r->taken += right;
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
    r->hal = (struct hal){read32, write32, wait_irq, r};
    r->session.firmware.hal = &r->hal;
    fw_schedule(&r->scheduler, &r->session.firmware, r->slots);
    r->scheduler.on_admit = on_admit;
    r->scheduler.on_pass = on_pass;
    r->scheduler.on_draft = on_draft;
    r->scheduler.context = r;
    return true;
}

/* Requests of the first `count` kinds at once, `kept` tokens of the first one's prompt computed.
 * Returns the passes. */
static uint64_t run(struct rig *r, uint32_t count, enum source source, uint32_t kept) {
    struct fw_scheduler *s = &r->scheduler;
    const uint64_t before = s->passes;
    struct fw_token tokens[FW_SLOTS];
    uint32_t made;
    enum fw_status status;
    r->source = source;
    for (uint32_t i = 0; i < count; i++) {
        struct visit *v = &r->visits[i];
        const struct kind *k = &r->kinds[i];
        v->kind = k;
        v->known = k->count;
        memcpy(v->text, k->text, k->count * sizeof *k->text);
        v->request = (struct fw_request){.prompt = k->text,
                                         .count = k->count,
                                         .start = i == 0 ? kept : 0,
                                         .budget = k->budget,
                                         .sampling = k->sampling,
                                         .owner = v};
        CHECK(r->test, fw_submit(s, &v->request) == FW_OK, "a request is refused");
    }
    r->session.device.cycle_limit = r->session.device.cycle + 5000000;
    while ((status = fw_step(s, tokens, &made)) == FW_OK)
        for (uint32_t i = 0; i < made; i++) {
            struct visit *v = tokens[i].request->owner;
            CHECK(r->test, tokens[i].index == v->known - v->kind->count, "token %u is number %u",
                  v->known - v->kind->count, tokens[i].index);
            if (v->known < PROMPT + TOKENS)
                v->text[v->known++] = tokens[i].token;
            if (!scoreboard_token(&r->session.board, v->request.sequence, tokens[i].token))
                return 0;
        }
    char why[640] = "";
    if (status != FW_DONE)
        session_why(&r->session, status, why, sizeof why);
    CHECK(r->test, status == FW_DONE, "%s", why);
    return s->passes - before;
}

/* K and V of the device at the positions that a sequence uses. */
static uint32_t *read_kv(struct rig *r, uint32_t sequence, uint32_t positions, size_t *words) {
    const struct golden *golden = r->session.board.golden;
    const struct ls_model *m = r->session.model;
    struct golden_kv_place p = {.sequence = sequence};
    uint32_t *all = malloc((size_t)m->layers * 2 * m->kv_heads * positions *
                           golden_kv_blocks(golden) * GOLDEN_KV_BLOCK_WORDS * sizeof *all);
    *words = 0;
    for (p.layer = 0; p.layer < m->layers; p.layer++)
        for (p.value = 0; p.value < 2; p.value++)
            for (p.head = 0; p.head < m->kv_heads; p.head++)
                for (p.position = 0; p.position < positions; p.position++)
                    for (p.block = 0; p.block < golden_kv_blocks(golden); p.block++) {
                        device_kv_read(&r->session.device, golden_kv_address(golden, &p),
                                       all + *words);
                        *words += GOLDEN_KV_BLOCK_WORDS;
                    }
    return all;
}

static void make_kind(struct rig *r, struct kind *k) {
    static const struct sampler_settings samplings[] = {
        {.temperature = 0, .top_k = 40, .top_p = 1, .repeat_penalty = 1},
        {.temperature = 1, .top_k = 40, .top_p = 0.95, .repeat_penalty = 1},
        {.temperature = 2, .top_k = 7, .top_p = 1, .repeat_penalty = 1},
        {.temperature = 1, .top_k = 1, .top_p = 1, .repeat_penalty = 1},
        {.temperature = 0.8, .top_k = 64, .top_p = 1, .repeat_penalty = 1.3},
    };
    k->count = 1 + below(r, PROMPT);
    k->budget = 4 + below(r, TOKENS - 3);
    k->sampling = samplings[below(r, 5)];
    k->sampling.seed = below(r, 1000);
    for (uint32_t i = 0; i < k->count; i++)
        k->text[i] = below(r, r->session.fw_model.vocab);
}

static uint64_t up(uint64_t count, uint64_t by) {
    return (count + by - 1) / by;
}

/* Passes of a request alone whose drafts are right, or wrong. */
static uint64_t passes_of(const struct rig *r, const struct kind *k, bool right) {
    const uint64_t slots = r->scheduler.slots;
    return up(k->count, slots) + up(k->tokens - 1, right ? slots : 1);
}

/* One set of requests with every source of drafts. */
static void check_round(struct rig *r) {
    size_t words, again;
    uint32_t *kv = NULL, *other;
    uint32_t positions = 0;
    for (uint32_t i = SEQUENCES; i-- > 0;) { /* alone, each at the place of the first */
        make_kind(r, &r->kinds[i]);
        const struct kind keep = r->kinds[0];
        r->kinds[0] = r->kinds[i];
        r->kinds[0].tokens = 0;
        run(r, 1, NONE, 0);
        r->kinds[i].tokens = r->visits[0].known - r->kinds[i].count;
        memcpy(r->kinds[i].text, r->visits[0].text, sizeof r->kinds[i].text);
        if (i != 0)
            r->kinds[0] = keep;
    }
    positions = r->kinds[0].count + r->kinds[0].tokens - 1; /* the newest was not computed */
    kv = read_kv(r, 0, positions, &words);
    for (enum source source = RIGHT; source < SOURCES; source++)
        for (uint32_t count = 1; count <= SEQUENCES; count++) {
            const uint64_t passes = run(r, count, source, 0);
            const struct kind *k = &r->kinds[0];
            for (uint32_t i = 0; i < count; i++) {
                const struct visit *v = &r->visits[i];
                CHECK(r->test,
                      v->known == v->kind->count + v->kind->tokens &&
                          memcmp(v->text, v->kind->text, v->known * sizeof *v->text) == 0,
                      "request %u of %u, drafts %s: other tokens", i, count, source_names[source]);
            }
            if (count == 1 && (source == RIGHT || source == WRONG))
                CHECK(r->test, passes == passes_of(r, k, source == RIGHT),
                      "drafts %s: %u passes, expected %u", source_names[source], (uint32_t)passes,
                      (uint32_t)passes_of(r, k, source == RIGHT));
            if (count == 1)
                r->saved += passes_of(r, k, false) - passes;
            r->passes += passes;
            other = read_kv(r, 0, positions, &again);
            CHECK(r->test, again == words && memcmp(kv, other, words * sizeof *kv) == 0,
                  "%u requests, drafts %s: other K and V", count, source_names[source]);
            free(other);
            if (r->test->failures != 0)
                break;
        }
    free(kv);
}

/* Behind wrong drafts the sequence goes on from its K and V as it does from new ones. */
static void check_behind(struct rig *r) {
    struct kind *k = &r->kinds[0];
    const uint32_t computed = k->count + k->tokens - 1;
    if (computed + 4 > CONTEXT || computed + 1 > PROMPT + TOKENS - 4 || r->test->failures != 0)
        return;
    const struct kind before = *k;
    k->count = computed + 1;
    k->budget = 3;
    run(r, 1, NONE, 0);
    k->tokens = r->visits[0].known - k->count;
    memcpy(k->text, r->visits[0].text, sizeof k->text);
    const struct kind longer = *k;
    *k = before;
    run(r, 1, WRONG, 0);
    *k = longer;
    run(r, 1, WRONG, computed);
    CHECK(r->test,
          longer.count + longer.tokens == r->visits[0].known &&
              memcmp(longer.text, r->visits[0].text, r->visits[0].known * sizeof *k->text) == 0,
          "behind wrong drafts: other tokens");
    r->behind++;
    *k = before;
}

/* Registers and scheduler have counted what the test has. */
static void check_counters(struct rig *r) {
    const struct hal *hal = &r->session.power.hal;
    hal_write(hal, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SNAPSHOT_MASK);
    const uint32_t drafts = hal_read(hal, LOCKSTEP_REG_DRAFTS_LO);
    const uint32_t taken = hal_read(hal, LOCKSTEP_REG_DRAFTS_TAKEN_LO);
    CHECK(r->test, drafts == r->drafts && r->scheduler.drafts == r->drafts,
          "DRAFTS %u, the scheduler %u, expected %u", drafts, (uint32_t)r->scheduler.drafts,
          (uint32_t)r->drafts);
    CHECK(r->test, taken == r->taken && r->scheduler.drafts_taken == r->taken,
          "DRAFTS_TAKEN %u, the scheduler %u, expected %u", taken,
          (uint32_t)r->scheduler.drafts_taken, (uint32_t)r->taken);
}

static void finish(struct rig *r) {
    session_detach(&r->session);
    r->session.device.cycle_limit = 0;
    session_check(&r->session, r->test->failures == 0);
    CHECK(r->test, r->test->failures != 0 || r->session.right, "%s", r->session.message);
    CHECK(r->test, scoreboard_finish(&r->session.board), "%s", r->session.board.first.text);
}

/* The device hears another choice, or another draft, than the golden side: that is a difference. */
static void check_planted(struct ls_model *model, enum plant plant, const char *what) {
    struct host_test silent = {NULL, 0, 0}, told = {"drafts", 0, 0};
    struct rig *r = calloc(1, sizeof *r);
    r->test = &silent;
    r->random = 7;
    r->slots = 2; /* one draft: the firmware would not answer to a second one behind a wrong one */
    if (rig_open(r, model)) {
        make_kind(r, &r->kinds[0]);
        r->kinds[0].sampling = (struct sampler_settings){
            .temperature = plant == CHOICE ? 1 : 0, .top_k = 40, .top_p = 1, .repeat_penalty = 1};
        r->kinds[0].budget = TOKENS;
        run(r, 1, NONE, 0);
        r->kinds[0].tokens = r->visits[0].known - r->kinds[0].count;
        memcpy(r->kinds[0].text, r->visits[0].text, sizeof r->visits[0].text);
        CHECK(&told, !r->session.board.first.found, "%s", r->session.board.first.text);
        r->plant = plant;
        run(r, 1, plant == CHOICE ? WRONG : RIGHT, 0);
        CHECK(&told, r->acted, "planted: %s: it did not act", what);
        CHECK(&told, r->session.board.first.found, "planted: %s: nobody saw it", what);
        printf("planted: %s: %s\n", what, r->session.board.first.text);
    }
    session_close(&r->session);
    free(r);
    if (told.failures != 0)
        exit(host_test_finish(&told));
}

int main(int argc, char **argv) {
    struct host_test t = {"drafts", 0, 0};
    static struct rig r;
    struct ls_model *model;
    struct ls_error err;
    const uint64_t rounds = host_argument(argc, argv, "rounds", 12);
    r.test = &t;
    r.random = host_argument(argc, argv, "seed", 1);
    CHECK(&t, ls_model_open(HOST_TINY, &model, &err) == 0, "%s", err.text);
    if (model != NULL && rig_open(&r, model)) {
        for (uint64_t i = 0; i < rounds && t.failures == 0; i++) {
            check_round(&r);
            check_behind(&r);
        }
        check_counters(&r);
        finish(&r);
        CHECK(&t,
              rounds < 12 ||
                  (r.saved > 50 && r.taken > 100 && r.drafts > r.taken + 100 && r.behind != 0),
              "%u passes saved, %u of %u drafts were right", (uint32_t)r.saved, (uint32_t)r.taken,
              (uint32_t)r.drafts);
        printf("%u slots: %u passes, %u saved by one request, %u of %u drafts were right\n",
               r.scheduler.slots, (uint32_t)r.passes, (uint32_t)r.saved, (uint32_t)r.taken,
               (uint32_t)r.drafts);
    }
    session_close(&r.session);
    if (model != NULL) {
        check_planted(model, CHOICE, "a wrong draft is taken");
        check_planted(model, GUESS, "another draft");
    }
    ls_model_close(model);
    return host_test_finish(&t);
}
