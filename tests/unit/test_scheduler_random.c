/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The scheduler on a toy device, which has no weights: the best token behind a text is a hash of
 * it. It keeps to the register map's words for token-in, drafts, lists, choices and interrupts, and
 * is as late as it may be. Random requests come, share passes, are cancelled, have drafts right and
 * wrong. Each gets the tokens that it gets alone, by rules that know of no passes; and each pass is
 * as full, as fair and as ordered as docs/architecture.md says. Arguments: rounds=, seed=
 */
#include "firmware/scheduler.h"
#include "tests/kit/host_test.h"
#include "tests/kit/mock_device.h"
#include "tests/kit/random.h"

enum { VOCAB = 40, CONTEXT = 20, PROMPT = 9, BUDGET = 7, MOST = 8, SEQUENCES = 5, WORDS = 64 };
enum { EOG = 13, NOT_YET = 0xffffff };

#define FIELD(name, word) (((word) & name##_MASK) >> name##_SHIFT)

/* ---- the toy ---- */

struct toy {
    struct host_test *t;
    uint32_t registers[REGISTERS];
    uint32_t in[WORDS], ins, at; /* of the pass: words, those that have been computed */
    uint32_t out[WORDS], outs, taken;
    uint32_t text[FW_SEQUENCES][CONTEXT], length[FW_SEQUENCES]; /* whose K and V it has */
    uint32_t best[FW_SEQUENCES], said[FW_SEQUENCES];            /* the newest */
    bool passed_over[FW_SEQUENCES];
    bool drafted;     /* the pass has drafts */
    bool busy, waits; /* waits: a draft does, for a choice */
    bool eager;       /* goes on behind a choice before anyone looks */
    uint64_t right;   /* drafts that were */
    uint32_t context; /* positions of a sequence */
    void (*on_run)(void *told, const struct toy *toy);
    void *told;
};

static uint32_t best_of(const uint32_t *text, uint32_t length) {
    uint32_t hash = 17;
    for (uint32_t i = 0; i < length; i++)
        hash = (hash ^ text[i]) * 0x01000193u + 1;
    return (hash >> 8) % VOCAB;
}

static float logit_of(uint32_t rank) {
    return 4 - 0.7f * (float)rank;
}

static uint32_t listed(uint32_t best, uint32_t rank) {
    return (best + 3 * rank) % VOCAB;
}

static void raise(struct toy *d, uint32_t cause) {
    d->registers[LOCKSTEP_REG_IRQ_STATUS / 4] |= cause;
}

static void put_out(struct toy *d, uint32_t q) {
    const bool list = d->registers[LOCKSTEP_REG_TOPK / 4] > 1;
    d->best[q] = d->said[q] = best_of(d->text[q], d->length[q]);
    if (d->outs == d->taken)
        raise(d, LOCKSTEP_IRQ_STATUS_TOKEN_MASK);
    CHECK(d->t, d->outs < WORDS, "too many words out");
    d->out[d->outs++ % WORDS] = d->best[q] << LOCKSTEP_OUT_TOKEN_SHIFT |
                                q << LOCKSTEP_OUT_SEQ_SHIFT | (list ? LOCKSTEP_OUT_LIST_MASK : 0);
}

/* Until a token comes, or the pass is over. */
static void go_on(struct toy *d) {
    while (d->at < d->ins) {
        const uint32_t word = d->in[d->at++], q = FIELD(LOCKSTEP_IN_SEQ, word);
        const uint32_t token = FIELD(LOCKSTEP_IN_TOKEN, word);
        const uint32_t next = d->at < d->ins ? d->in[d->at] : 0;
        const bool draft = (word & LOCKSTEP_IN_DRAFT_MASK) != 0;
        const bool drafted = (next & LOCKSTEP_IN_DRAFT_MASK) != 0;
        CHECK(d->t, !drafted || FIELD(LOCKSTEP_IN_SEQ, next) == q, "a draft of another sequence");
        d->passed_over[q] = draft && (d->passed_over[q] || token != d->said[q]);
        if (d->passed_over[q])
            continue;
        d->right += draft;
        if ((word & LOCKSTEP_IN_FIRST_MASK) != 0)
            d->length[q] = d->registers[LOCKSTEP_REG_START_POS / 4];
        CHECK(d->t, d->length[q] < d->context, "sequence %u is full", q);
        d->text[q][d->length[q]++ % CONTEXT] = token;
        if (!drafted && (word & LOCKSTEP_IN_LAST_MASK) == 0)
            continue;
        put_out(d, q);
        d->waits = drafted && d->registers[LOCKSTEP_REG_TOPK / 4] > 1;
        return;
    }
    d->busy = false;
    raise(d, LOCKSTEP_IRQ_STATUS_IDLE_MASK);
}

static uint32_t toy_read(void *context, uint32_t address) {
    struct toy *d = context;
    const uint32_t q = d->registers[LOCKSTEP_REG_LIST_SEQ / 4] % FW_SEQUENCES;
    const uint32_t rank = d->registers[LOCKSTEP_REG_LIST_INDEX / 4];
    const uint32_t most = d->registers[LOCKSTEP_REG_TOPK / 4];
    const float logit = logit_of(rank);
    uint32_t bits;
    memcpy(&bits, &logit, sizeof bits);
    switch (address) {
    case LOCKSTEP_REG_STATUS:
        return d->busy ? LOCKSTEP_STATUS_BUSY_MASK : 0;
    case LOCKSTEP_REG_TOKEN_LEVELS:
        bits = (d->outs - d->taken) << LOCKSTEP_TOKEN_LEVELS_OUT_LEVEL_SHIFT;
        if (d->eager && d->busy && !d->waits)
            go_on(d); /* behind the look */
        return bits;
    case LOCKSTEP_REG_TOKEN_OUT:
        CHECK(d->t, d->taken < d->outs, "an empty token-out is read");
        return d->out[d->taken++ % WORDS];
    case LOCKSTEP_REG_LIST_ID:
        return listed(d->best[q], rank) << LOCKSTEP_LIST_ID_TOKEN_SHIFT |
               (rank < most && rank < VOCAB ? LOCKSTEP_LIST_ID_VALID_MASK : 0);
    case LOCKSTEP_REG_LIST_LOGIT:
        return bits;
    default:
        return d->registers[address / 4 % REGISTERS];
    }
}

static void toy_write(void *context, uint32_t address, uint32_t value) {
    struct toy *d = context;
    const uint32_t was = d->registers[LOCKSTEP_REG_IRQ_STATUS / 4];
    const bool same = d->registers[address / 4 % REGISTERS] == value;
    const bool runs = (d->registers[LOCKSTEP_REG_CTRL / 4] & LOCKSTEP_CTRL_RUN_MASK) != 0;
    d->registers[address / 4 % REGISTERS] = value;
    switch (address) {
    case LOCKSTEP_REG_IRQ_STATUS:
        d->registers[address / 4] = was & ~value;
        break;
    case LOCKSTEP_REG_TOKEN_IN:
        CHECK(d->t, !runs && !d->busy, "a word while passes may begin");
        d->in[d->ins++ % WORDS] = value;
        d->drafted |= (value & LOCKSTEP_IN_DRAFT_MASK) != 0;
        break;
    case LOCKSTEP_REG_CHOICE:
        CHECK(d->t, d->waits, "a choice that nobody waits for");
        d->said[FIELD(LOCKSTEP_IN_SEQ, d->in[d->at - 1])] = value;
        d->waits = false;
        if (d->eager)
            go_on(d);
        break;
    case LOCKSTEP_REG_TOPK:
    case LOCKSTEP_REG_START_POS:
    case LOCKSTEP_REG_LOGITS:
        CHECK(d->t, !runs && !d->busy && !same, "0x%03x is written in a pass, or again", address);
        break;
    case LOCKSTEP_REG_IRQ_ENABLE: /* of tokens while drafts wait for choices */
        CHECK(d->t,
              (value & LOCKSTEP_IRQ_ENABLE_TOKEN_MASK) == 0 ||
                  (d->drafted && d->registers[LOCKSTEP_REG_TOPK / 4] > 1),
              "interrupts %x", value);
        break;
    case LOCKSTEP_REG_CTRL:
        if ((value & LOCKSTEP_CTRL_RUN_MASK) == 0)
            break;
        CHECK(d->t, !runs && d->ins != 0 && d->ins <= d->registers[LOCKSTEP_REG_PASS_SLOTS / 4],
              "a pass of %u words", d->ins);
        d->on_run(d->told, d);
        d->busy = true;
        d->at = 0;
        break;
    default:
        break;
    }
}

static int toy_wait(void *context) {
    struct toy *d = context;
    const uint32_t *r = d->registers;
    while ((r[LOCKSTEP_REG_IRQ_STATUS / 4] & r[LOCKSTEP_REG_IRQ_ENABLE / 4]) == 0 && d->busy &&
           !d->waits)
        go_on(d);
    return (r[LOCKSTEP_REG_IRQ_STATUS / 4] & r[LOCKSTEP_REG_IRQ_ENABLE / 4]) != 0 ? 0 : -1;
}

/* ---- requests ---- */

struct visit {
    struct fw_request request;
    uint32_t prompt[PROMPT];
    uint32_t alone[BUDGET], tokens; /* what it gets alone */
    uint32_t came;                  /* of them, so far */
    uint32_t number;                /* in order of submission */
    uint64_t guessed;               /* drafts that the device was given */
    bool submitted, cancelled;
};

struct rig {
    struct host_test *t;
    struct toy toy;
    struct fw_device device;
    struct fw_scheduler scheduler;
    struct visit visits[MOST];
    uint32_t visit_count, submitted;
    uint64_t random, drafts;
    uint32_t chosen;               /* on_choose's sequence, or NOT_YET */
    uint32_t turn;                 /* sequence behind the last that had a slot */
    uint32_t waited[FW_SEQUENCES]; /* passes that a sequence had no slot of */
    bool asked[FW_SEQUENCES];      /* for drafts, in this pass */
    uint32_t told;                 /* the list that on_pass was told of */
    uint32_t admitted;
};

static uint32_t below(struct rig *r, uint32_t n) {
    return random_below(&r->random, n);
}

static bool is_greedy(const struct sampler_settings *s) {
    return s->temperature <= 0 && s->repeat_penalty == 1;
}

static uint32_t list_of(const struct fw_request *r) {
    return r->whole || is_greedy(&r->sampling) ? 1
           : r->sampling.repeat_penalty != 1   ? SAMPLER_LIST
                                               : r->sampling.top_k;
}

/* What comes of it with the device to itself, a token after the other. */
static void run_alone(struct visit *v, uint32_t context) {
    struct fw_request *r = &v->request;
    uint32_t text[CONTEXT], length = r->count;
    struct sampler sampler;
    memcpy(text, v->prompt, length * sizeof *text);
    sampler_init(&sampler, &r->sampling);
    for (uint32_t i = 0; i < length; i++)
        sampler_accept(&sampler, text[i]);
    for (v->tokens = 0; v->tokens < r->budget;) {
        struct sampler_entry list[SAMPLER_LIST];
        const uint32_t best = best_of(text, length), size = list_of(r);
        uint32_t n = 0, token = best;
        for (; n < size && n < VOCAB; n++)
            list[n] = (struct sampler_entry){listed(best, n), (double)logit_of(n)};
        if (r->whole)
            token = listed(best, 5);
        else if (!is_greedy(&r->sampling))
            token = sampler_choose(&sampler, list, n);
        sampler_accept(&sampler, token);
        v->alone[v->tokens++] = token;
        if (token == EOG || length == context)
            break;
        text[length++] = token;
    }
}

static void make_visit(struct rig *r, struct visit *v) {
    const uint32_t kind = below(r, 4);
    *v = (struct visit){.number = NOT_YET};
    v->request = (struct fw_request){.prompt = v->prompt,
                                     .count = 1 + below(r, PROMPT),
                                     .budget = 1 + below(r, BUDGET),
                                     .priority = (int32_t)below(r, 3) - 1,
                                     .keeps = below(r, 4) == 0,
                                     .whole = below(r, 6) == 0,
                                     .sampling = {.temperature = kind == 0 ? 0 : 1,
                                                  .top_k = 1 + below(r, 6),
                                                  .top_p = 1,
                                                  .repeat_penalty = kind == 3 ? 1.5 : 1,
                                                  .seed = random_64(&r->random)},
                                     .owner = v,
                                     .sequence = 99};
    v->request.keeps |= v->request.whole; /* what it chooses from */
    for (uint32_t i = 0; i < v->request.count; i++)
        v->prompt[i] = below(r, VOCAB);
    v->request.start = below(r, 3) == 0 ? below(r, v->request.count) : 0;
    run_alone(v, r->device.model.context);
}

/* ---- what the scheduler asks ---- */

static uint32_t free_sequences(const struct rig *r) {
    uint32_t free = 0;
    for (uint32_t q = 0; q < r->device.model.sequences; q++)
        free |= r->scheduler.running[q] == NULL ? 1u << q : 0;
    return free;
}

static uint32_t on_choose(void *context, struct fw_request *request, uint32_t free) {
    struct rig *r = context;
    CHECK(r->t, free != 0 && free == free_sequences(r), "free are %x, not %x", free,
          free_sequences(r));
    uint32_t q = below(r, r->device.model.sequences);
    while ((free >> q & 1) == 0)
        q = (q + 1) % r->device.model.sequences;
    request->start = below(r, 2) * below(r, request->count);
    return r->chosen = q;
}

static void on_admit(void *context, struct fw_request *request) {
    struct rig *r = context;
    struct visit *v = request->owner;
    const uint32_t q = request->sequence;
    CHECK(r->t, q < r->device.model.sequences && r->scheduler.running[q] == request, "sequence %u",
          q);
    CHECK(r->t, !r->toy.busy && request->state == FW_REQUEST_RUNNING, "it runs");
    CHECK(r->t, (r->scheduler.on_choose != NULL) == (r->chosen != NOT_YET), "who chooses");
    for (uint32_t i = 0; r->chosen == NOT_YET && i < q; i++)
        CHECK(r->t, r->scheduler.running[i] != NULL, "%u is free, and it gets %u", i, q);
    CHECK(r->t, r->chosen == NOT_YET || r->chosen == q, "sequence %u, not %u", q, r->chosen);
    r->chosen = NOT_YET;
    for (uint32_t i = 0; i < r->visit_count; i++) {
        const struct visit *w = &r->visits[i];
        CHECK(r->t,
              w->request.state != FW_REQUEST_QUEUED || w->request.priority < request->priority ||
                  (w->request.priority == request->priority && w->number > v->number),
              "request %u goes before %u", v->number, w->number);
    }
    for (uint32_t i = 0; i < CONTEXT; i++) /* somebody puts K and V of the start there */
        r->toy.text[q][i] = i < request->start ? request->prompt[i] : 77;
    r->admitted++;
    r->waited[q] = 0;
}

static void on_pass(void *context, uint32_t list) {
    struct rig *r = context;
    r->told = list;
}

static uint32_t on_draft(void *context, const struct fw_request *request, uint32_t *drafts,
                         uint32_t most) {
    struct rig *r = context;
    const struct visit *v = request->owner;
    const uint32_t n = below(r, most + 1);
    CHECK(r->t, most >= 1 && most < FW_SLOTS && !request->keeps, "%u drafts", most);
    r->asked[request->sequence] = true;
    CHECK(r->t,
          request->generated != 0 && request->choice == v->alone[v->came - 1] &&
              v->came == request->generated,
          "what is guessed on");
    for (uint32_t i = 0; i < n; i++)
        drafts[i] = below(r, 4) != 0 && v->came + i < v->tokens ? v->alone[v->came + i]
                                                                : below(r, VOCAB + 2);
    return n;
}

static uint32_t on_sample(void *context, struct fw_request *request) {
    struct rig *r = context;
    return listed(r->toy.best[request->sequence], 5);
}

/* ---- a pass ---- */

/* Words of a pass as they are to be. */
static void check_pass(void *context, const struct toy *d) {
    struct rig *r = context;
    const struct fw_scheduler *s = &r->scheduler;
    uint32_t words[FW_SEQUENCES] = {0}, most = 0, list = 1, keep = 0, drafts = 0;
    uint32_t sent[FW_SEQUENCES] = {0}; /* of the prompt, in this pass */
    bool first = false;
    for (uint32_t i = 0; i < d->ins; i++) {
        const uint32_t word = d->in[i], q = FIELD(LOCKSTEP_IN_SEQ, word);
        const struct fw_request *p = q < FW_SEQUENCES ? s->running[q] : NULL;
        const bool prompt = (word & LOCKSTEP_IN_PROMPT_MASK) != 0;
        const bool draft = (word & LOCKSTEP_IN_DRAFT_MASK) != 0;
        CHECK(r->t, p != NULL, "word %u is of sequence %u, which nobody has", i, q);
        if (p == NULL)
            continue;
        words[q]++;
        sent[q] += prompt;
        drafts += draft;
        ((struct visit *)p->owner)->guessed += draft;
        CHECK(r->t,
              !draft ||
                  (FIELD(LOCKSTEP_IN_TOKEN, word) < VOCAB && FIELD(LOCKSTEP_IN_TOKEN, word) != EOG),
              "a draft of %u", FIELD(LOCKSTEP_IN_TOKEN, word));
        if ((word & LOCKSTEP_IN_FIRST_MASK) != 0) {
            first = true;
            CHECK(r->t, d->registers[LOCKSTEP_REG_START_POS / 4] == p->start && prompt,
                  "a first token at %u, not %u", d->registers[LOCKSTEP_REG_START_POS / 4],
                  p->start);
        }
        if ((word & LOCKSTEP_IN_LAST_MASK) != 0) {
            list = list_of(p) > list ? list_of(p) : list;
            keep |= p->keeps;
        }
    }
    /* a prompt's words are those behind what was sent, LAST behind the last of them alone */
    for (uint32_t i = 0, n[FW_SEQUENCES] = {0}; i < d->ins; i++) {
        const uint32_t word = d->in[i], q = FIELD(LOCKSTEP_IN_SEQ, word);
        const struct fw_request *p = s->running[q];
        if (p == NULL || (word & LOCKSTEP_IN_PROMPT_MASK) == 0)
            continue;
        const uint32_t at = p->sent - sent[q] + n[q]++;
        CHECK(r->t,
              at < p->count && FIELD(LOCKSTEP_IN_TOKEN, word) == p->prompt[at] &&
                  ((word & LOCKSTEP_IN_FIRST_MASK) != 0) == (at == p->start) &&
                  ((word & LOCKSTEP_IN_LAST_MASK) != 0) == (at + 1 == p->count),
              "word %u: 0x%x", i, word);
    }
    CHECK(r->t, d->registers[LOCKSTEP_REG_TOPK / 4] == list && r->told == list,
          "lists of %u, told %u, not %u", d->registers[LOCKSTEP_REG_TOPK / 4], r->told, list);
    CHECK(r->t,
          d->registers[LOCKSTEP_REG_LOGITS / 4] == (keep != 0 ? LOCKSTEP_LOGITS_KEEP_MASK : 0),
          "LOGITS %u", d->registers[LOCKSTEP_REG_LOGITS / 4]);
    r->drafts += drafts;
    uint32_t next = r->turn; /* in turn: behind the last of the pass before */
    while (s->running[next] == NULL)
        next = (next + 1) % r->device.model.sequences;
    CHECK(r->t, FIELD(LOCKSTEP_IN_SEQ, d->in[0]) == next, "sequence %u has its turn, not %u",
          FIELD(LOCKSTEP_IN_SEQ, d->in[0]), next);
    r->turn = (FIELD(LOCKSTEP_IN_SEQ, d->in[d->ins - 1]) + 1) % r->device.model.sequences;

    /* a slot for each in turn, then prompts, then drafts; none stays idle */
    bool all_served = true, prompts_done = true;
    for (uint32_t q = 0; q < r->device.model.sequences; q++) {
        const struct fw_request *p = s->running[q];
        most = words[q] > most ? words[q] : most;
        if (p == NULL)
            continue;
        const bool apart = words[q] == 0 && p->sent == p->start && first &&
                           p->start != d->registers[LOCKSTEP_REG_START_POS / 4];
        all_served = all_served && (words[q] != 0 || apart);
        prompts_done = prompts_done && (p->sent == p->count || apart);
        const bool drafts_fit = words[q] != 0 && p->sent == p->count && p->generated != 0 &&
                                p->budget - p->generated > 1 &&
                                p->count + p->generated < r->device.model.context && !p->keeps;
        CHECK(r->t, !drafts_fit || d->ins == s->slots || s->on_draft == NULL || r->asked[q],
              "slots are left, and sequence %u is not asked for drafts", q);
        r->waited[q] = words[q] != 0 ? 0 : r->waited[q] + 1;
        CHECK(r->t, r->waited[q] <= 2 * r->device.model.sequences, "sequence %u waits", q);
    }
    CHECK(r->t, d->ins == s->slots || (all_served && prompts_done), "%u of %u slots", d->ins,
          s->slots);
    CHECK(r->t, all_served || most <= 1, "%u slots, and another has none", most);
    CHECK(r->t, prompts_done || drafts == 0, "drafts before prompts");
}

/* Requests in line and running are counted. */
static void check_counts(struct rig *r) {
    uint32_t queued = 0, active = 0;
    for (uint32_t i = 0; i < r->visit_count; i++) {
        const struct fw_request *p = &r->visits[i].request;
        queued += r->visits[i].submitted && p->state == FW_REQUEST_QUEUED;
        active += r->visits[i].submitted && p->state == FW_REQUEST_RUNNING;
    }
    CHECK(r->t, r->scheduler.queued == queued && r->scheduler.active == active,
          "%u in line, %u run, not %u and %u", r->scheduler.queued, r->scheduler.active, queued,
          active);
}

static enum fw_status step(struct rig *r) {
    struct fw_scheduler *s = &r->scheduler;
    struct fw_token tokens[FW_SLOTS];
    uint32_t count = 77;
    const uint64_t passes = s->passes, had = s->slots_had, drafts = r->drafts;
    const uint64_t right = r->toy.right, s_drafts = s->drafts, s_taken = s->drafts_taken;
    const uint32_t generated = r->device.tokens_generated;
    r->toy.ins = r->toy.outs = r->toy.taken = 0;
    r->toy.drafted = false;
    memset(r->asked, 0, sizeof r->asked);
    r->toy.eager = below(r, 2) != 0;
    const enum fw_status status = fw_step(s, tokens, &count);
    CHECK(r->t, status == FW_OK || status == FW_DONE, "status %d", (int)status);
    CHECK(r->t, status == FW_OK || count == 0, "%u tokens", count);
    if (status != FW_OK)
        return status;
    CHECK(r->t,
          !r->toy.busy && r->toy.outs == r->toy.taken &&
              r->toy.registers[LOCKSTEP_REG_CTRL / 4] == 0,
          "the pass is not over");
    CHECK(r->t,
          r->toy.registers[LOCKSTEP_REG_IRQ_ENABLE / 4] ==
              (LOCKSTEP_IRQ_ENABLE_ERROR_MASK | LOCKSTEP_IRQ_ENABLE_IDLE_MASK),
          "interrupts %x", r->toy.registers[LOCKSTEP_REG_IRQ_ENABLE / 4]);
    CHECK(r->t,
          s->passes == passes + 1 && s->slots_had == had + r->toy.ins && count == r->toy.outs &&
              r->device.tokens_generated == generated + count,
          "counts of a pass");
    CHECK(r->t,
          s->drafts - s_drafts == r->drafts - drafts &&
              s->drafts_taken - s_taken == r->toy.right - right,
          "drafts are counted");
    for (uint32_t i = 0; i < count; i++) {
        struct visit *v = tokens[i].request->owner;
        const uint32_t at = v->came++;
        CHECK(r->t,
              at < v->tokens && tokens[i].token == v->alone[at] && tokens[i].index == at &&
                  tokens[i].last == (at + 1 == v->tokens) &&
                  tokens[i].end_of_generation == (tokens[i].token == EOG),
              "request %u: token %u of %u is %u, alone it is %u", v->number, at, v->tokens,
              tokens[i].token, v->alone[at % BUDGET]);
        CHECK(r->t,
              (v->request.state == FW_REQUEST_OVER) == (v->came >= v->tokens) || v->cancelled ||
                  i + 1 < count,
              "request %u: state %d", v->number, (int)v->request.state);
    }
    check_counts(r);
    return status;
}

static void submit(struct rig *r, struct visit *v) {
    make_visit(r, v);
    v->number = r->submitted++;
    v->submitted = true;
    CHECK(r->t, fw_submit(&r->scheduler, &v->request) == FW_OK, "request %u is refused", v->number);
    CHECK(r->t,
          v->request.state == FW_REQUEST_QUEUED && v->request.sent == v->request.start &&
              v->request.generated == 0,
          "request %u: state %d", v->number, (int)v->request.state);
}

static void cancel(struct rig *r, struct visit *v) {
    const enum fw_request_state state = v->request.state;
    fw_cancel(&r->scheduler, &v->request);
    v->cancelled |= state != FW_REQUEST_OVER;
    CHECK(r->t, v->request.state == FW_REQUEST_OVER, "request %u goes on", v->number);
    for (uint32_t q = 0; q < FW_SEQUENCES; q++)
        CHECK(r->t, r->scheduler.running[q] != &v->request, "request %u runs", v->number);
    check_counts(r);
}

static void open_rig(struct rig *r, struct host_test *t, uint64_t seed) {
    static struct mock mock;
    static struct hal recording, toy;
    const struct fw_model model = make_model();
    memset(r, 0, sizeof *r);
    r->t = r->toy.t = t;
    r->random = seed;
    recording = mock_open(&mock);
    CHECK(t,
          fw_probe(&r->device, &recording) == FW_OK && fw_load(&r->device, &model, NULL) == FW_OK,
          "bring-up");
    toy = (struct hal){toy_read, toy_write, toy_wait, &r->toy};
    r->device.hal = &toy;
    r->device.model.sequences = 1 + below(r, SEQUENCES);
    r->device.model.context = r->toy.context = PROMPT + below(r, CONTEXT + 1 - PROMPT);
    r->device.limits.slots = 1 + below(r, 9);
    r->chosen = NOT_YET;
    r->toy.on_run = check_pass;
    r->toy.told = r;
    for (uint32_t i = 0; i < REGISTERS; i++)
        r->toy.registers[i] = 0x5a5a5a00;
    r->toy.registers[LOCKSTEP_REG_CTRL / 4] = 0;
    fw_schedule(&r->scheduler, &r->device, below(r, 2) * below(r, 10));
    r->scheduler.context = r;
    r->scheduler.on_admit = on_admit;
    r->scheduler.on_pass = on_pass;
    r->scheduler.on_sample = on_sample;
    r->scheduler.on_choose = below(r, 2) != 0 ? on_choose : NULL;
    r->scheduler.on_draft = below(r, 3) != 0 ? on_draft : NULL;
    r->visit_count = 1 + below(r, MOST);
}

static void test_episode(struct host_test *t, uint64_t seed, uint64_t *drafts, uint64_t *right) {
    static struct rig r;
    open_rig(&r, t, seed);
    uint32_t next = 0;
    for (uint32_t steps = 0; steps < 400; steps++) {
        while (next < r.visit_count && below(&r, 3) != 0)
            submit(&r, &r.visits[next++]);
        check_counts(&r);
        if (next > 0 && below(&r, 12) == 0)
            cancel(&r, &r.visits[below(&r, next)]);
        if (step(&r) == FW_DONE && next == r.visit_count)
            break;
    }
    for (uint32_t i = 0; i < r.visit_count; i++) {
        const struct visit *v = &r.visits[i];
        CHECK(t,
              v->request.state == FW_REQUEST_OVER && (v->cancelled || v->came == v->tokens) &&
                  v->request.guessed == v->guessed,
              "request %u: %u tokens of %u, %u drafts of %u", v->number, v->came, v->tokens,
              v->request.guessed, (unsigned)v->guessed);
    }
    CHECK(t, r.device.prompts == r.admitted, "%u prompts of %u", r.device.prompts, r.admitted);
    uint64_t of_requests = 0;
    for (uint32_t i = 0; i < r.visit_count; i++)
        of_requests += r.visits[i].request.right;
    CHECK(t, r.scheduler.drafts == r.drafts && r.scheduler.drafts_taken == of_requests,
          "drafts in all");
    *drafts += r.drafts;
    *right += of_requests;
}

int main(int argc, char **argv) {
    struct host_test t = {"scheduler_random", 0, 0};
    const uint64_t rounds = host_argument(argc, argv, "rounds", 2000);
    const uint64_t seed = host_argument(argc, argv, "seed", 1);
    uint64_t drafts = 0, right = 0;
    for (uint64_t i = 0; i < rounds; i++)
        test_episode(&t, seed * 1000003 + i, &drafts, &right);
    CHECK(&t, rounds < 100 || (right > drafts / 4 && right < drafts), "%lu of %lu drafts are right",
          (unsigned long)right, (unsigned long)drafts);
    return host_test_finish(&t);
}
