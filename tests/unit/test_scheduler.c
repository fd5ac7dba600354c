/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the scheduler does with a device that does not do its part: no interrupt, an error, a word
 * for a sequence that nobody has, a word too many. With drafts it waits at another place.
 */
#include "firmware/scheduler.h"
#include "tests/kit/host_test.h"
#include "tests/kit/mock_device.h"

static const uint32_t prompt[] = {1, 39, 2};

struct rig {
    struct mock mock;
    struct hal hal;
    struct fw_device device;
    struct fw_scheduler scheduler;
    struct fw_request request;
};

static uint32_t draft(void *context, const struct fw_request *request, uint32_t *drafts,
                      uint32_t most) {
    (void)context;
    (void)request;
    drafts[0] = 7;
    return most > 0;
}

/* A request that has got its first token, and may have drafts. */
static struct rig *open_rig(struct host_test *t, bool drafts) {
    static struct rig r;
    const struct fw_model model = make_model();
    struct fw_token tokens[FW_SLOTS];
    uint32_t n = 0;
    r.hal = mock_open(&r.mock);
    CHECK(t, fw_probe(&r.device, &r.hal) == FW_OK && fw_load(&r.device, &model, NULL) == FW_OK,
          "bring-up");
    fw_schedule(&r.scheduler, &r.device, 0);
    if (drafts)
        r.scheduler.on_draft = draft;
    r.request = (struct fw_request){
        .prompt = prompt,
        .count = 2,
        .budget = 9,
        .sampling = {.temperature = 1, .top_k = 4, .top_p = 1, .repeat_penalty = 1}};
    CHECK(t, fw_submit(&r.scheduler, &r.request) == FW_OK, "a request is refused");
    for (uint32_t i = 0; i < 4; i++)
        r.mock.list[i][0] = (20 + i) | LOCKSTEP_LIST_ID_VALID_MASK;
    r.mock.queue[r.mock.in++ % QUEUE] = LOCKSTEP_OUT_LIST_MASK;
    CHECK(t, fw_step(&r.scheduler, tokens, &n) == FW_OK && n == 1 && r.request.generated == 1,
          "%u tokens", n);
    return &r;
}

static void test_device(struct host_test *t, bool drafts) {
    struct fw_token tokens[FW_SLOTS];
    uint32_t n;
    struct rig *r = open_rig(t, drafts);
    r->mock.silent = 1;
    CHECK(t, fw_step(&r->scheduler, tokens, &n) == FW_TIMEOUT && n == 0, "silence");
    r = open_rig(t, drafts);
    r->mock.registers[LOCKSTEP_REG_STATUS / 4] = LOCKSTEP_STATUS_ERROR_MASK;
    r->mock.registers[LOCKSTEP_REG_ERROR_CODE / 4] = LOCKSTEP_ERROR_NONFINITE;
    CHECK(t,
          fw_step(&r->scheduler, tokens, &n) == FW_DEVICE_ERROR &&
              r->device.fault.code == LOCKSTEP_ERROR_NONFINITE,
          "an error");
    r = open_rig(t, drafts);
    r->mock.queue[r->mock.in++ % QUEUE] = LOCKSTEP_OUT_LIST_MASK | 1u << LOCKSTEP_OUT_SEQ_SHIFT;
    CHECK(t, fw_step(&r->scheduler, tokens, &n) == FW_DEVICE_ERROR && n == 0,
          "a word of a sequence without a request");
    r = open_rig(t, drafts);
    for (int i = 0; i < 3; i++) /* of one or two slots */
        r->mock.queue[r->mock.in++ % QUEUE] = LOCKSTEP_OUT_LIST_MASK;
    CHECK(t, fw_step(&r->scheduler, tokens, &n) == FW_DEVICE_ERROR && n == (drafts ? 2 : 1),
          "more words than slots: %u taken", n);
}

static void test_refusals(struct host_test *t) {
    struct rig *r = open_rig(t, false);
    static uint32_t text[22]; /* one more than the context of 20, and no token behind it */
    text[21] = 40;
    static const struct {
        uint32_t count, start, budget, spoiled; /* spoiled: which token is none; 22: none of them */
        bool taken;
    } requests[] = {{0, 0, 9, 22, false}, {2, 0, 0, 22, false},  {2, 0, 9, 0, false},
                    {2, 0, 9, 1, false},  {2, 0, 9, 2, true},    {2, 0, 1, 22, true},
                    {20, 0, 9, 22, true}, {21, 0, 9, 22, false}, {20, 0, 9, 19, false},
                    {20, 0, 9, 20, true}, {4, 3, 9, 22, true},   {4, 4, 9, 22, false},
                    {4, 5, 9, 22, false}, {20, 19, 9, 22, true}, {20, 20, 9, 22, false}};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct fw_request request = {.prompt = text,
                                     .count = requests[i].count,
                                     .start = requests[i].start,
                                     .budget = requests[i].budget};
        for (uint32_t k = 0; k < 22; k++)
            text[k] = k == requests[i].spoiled ? 40 : 39;
        memset(&request.sampler, 0xa5, sizeof request.sampler);
        request.sent = request.generated = request.drafted = request.taken = 99;
        request.guessed = request.right = 99;
        const uint32_t queued = r->scheduler.queued;
        const bool taken = fw_submit(&r->scheduler, &request) == FW_OK;
        CHECK(t, taken == requests[i].taken, "request %zu", i);
        CHECK(t, r->scheduler.queued == queued + taken, "request %zu: %u in line", i,
              r->scheduler.queued);
        if (!taken)
            continue;
        CHECK(t,
              request.state == FW_REQUEST_QUEUED && request.sent == request.start &&
                  request.generated == 0 && request.drafted == 0 && request.taken == 0 &&
                  request.guessed == 0 && request.right == 0 &&
                  request.sampler.recent_count == request.count,
              "request %zu is not as new", i);
        fw_cancel(&r->scheduler, &request);
    }
}

/* What a scheduler begins with, whatever was there, and how many slots of a device it uses. */
static void test_begin(struct host_test *t) {
    static const struct {
        uint32_t asked, device, used;
    } slots[] = {{0, 2, 2},
                 {1, 2, 1},
                 {2, 2, 2},
                 {3, 2, 2},
                 {0, FW_SLOTS + 1, FW_SLOTS},
                 {FW_SLOTS + 1, FW_SLOTS + 1, FW_SLOTS},
                 {3, 4, 3}};
    static const struct {
        uint32_t address, value;
    } settings[] = {
        {LOCKSTEP_REG_CTRL, 0},
        {LOCKSTEP_REG_TOPK, 1},
        {LOCKSTEP_REG_START_POS, 0},
        {LOCKSTEP_REG_LOGITS, 0},
        {LOCKSTEP_REG_IRQ_ENABLE, LOCKSTEP_IRQ_ENABLE_ERROR_MASK | LOCKSTEP_IRQ_ENABLE_IDLE_MASK}};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        struct rig *r = open_rig(t, false);
        struct fw_scheduler *s = &r->scheduler;
        r->device.limits.slots = slots[i].device;
        memset(s, 0xa5, sizeof *s);
        for (size_t k = 0; k < sizeof settings / sizeof *settings; k++)
            r->mock.registers[settings[k].address / 4] = 0x5a5a5a5a;
        fw_schedule(s, &r->device, slots[i].asked);
        for (size_t k = 0; k < sizeof settings / sizeof *settings; k++)
            CHECK(t, r->mock.registers[settings[k].address / 4] == settings[k].value,
                  "0x%03x is 0x%x", settings[k].address,
                  r->mock.registers[settings[k].address / 4]);
        CHECK(t,
              s->slots == slots[i].used &&
                  r->mock.registers[LOCKSTEP_REG_PASS_SLOTS / 4] == slots[i].used,
              "%u of %u slots: %u", slots[i].asked, slots[i].device, s->slots);
        bool empty = s->queue == NULL && s->turn == 0 && s->queued == 0 && s->active == 0 &&
                     s->passes == 0 && s->slots_had == 0 && s->drafts == 0 &&
                     s->drafts_taken == 0 && s->on_choose == NULL && s->on_admit == NULL &&
                     s->on_pass == NULL && s->on_draft == NULL && s->on_sample == NULL;
        for (uint32_t q = 0; q < FW_SEQUENCES; q++)
            empty = empty && s->running[q] == NULL;
        CHECK(t, empty, "something is left of before");
    }
}

/* Two requests share a pass, each in a sequence of its own, which its words name. */
static void test_two(struct host_test *t) {
    struct rig *r = open_rig(t, false);
    struct fw_request two[2];
    struct fw_token tokens[FW_SLOTS];
    uint32_t n;
    fw_schedule(&r->scheduler, &r->device, 0);
    r->mock.writes = 0;
    for (uint32_t i = 0; i < 2; i++) {
        two[i] = (struct fw_request){
            .prompt = prompt + i, .count = 1, .budget = 9, .sequence = 7 - i, .sampling = {0}};
        CHECK(t, fw_submit(&r->scheduler, &two[i]) == FW_OK, "refused");
        r->mock.queue[r->mock.in++ % QUEUE] = (20 + i) | i << LOCKSTEP_OUT_SEQ_SHIFT;
    }
    CHECK(t, fw_step(&r->scheduler, tokens, &n) == FW_OK && n == 2, "%u tokens", n);
    for (uint32_t i = 0, at = 0; i < 2; i++, at++) {
        at = find(&r->mock, at, LOCKSTEP_REG_TOKEN_IN);
        const uint32_t word = at < WRITES ? r->mock.value[at] : UINT32_MAX;
        CHECK(t,
              (word & LOCKSTEP_IN_TOKEN_MASK) >> LOCKSTEP_IN_TOKEN_SHIFT == prompt[i] &&
                  (word & LOCKSTEP_IN_SEQ_MASK) >> LOCKSTEP_IN_SEQ_SHIFT == i,
              "word %u is 0x%x", i, word);
        CHECK(t, two[i].sequence == i && two[i].generated == 1, "request %u: sequence %u", i,
              two[i].sequence);
    }
}

int main(void) {
    struct host_test t = {"scheduler", 0, 0};
    test_begin(&t);
    test_two(&t);
    test_device(&t, false);
    test_device(&t, true);
    test_refusals(&t);
    return host_test_finish(&t);
}
