/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The driver at its limits: the end of the context to the token, tokens of a sequence that is
 * continued, token-in with little room, a word that comes out just when the driver has looked.
 */
#include <math.h>

#include "tests/kit/host_test.h"
#include "tests/kit/mock_device.h"

static const uint32_t prompt[] = {1, 39, 2, 7, 30, 11, 9, 5};

static struct fw_device open_device(struct host_test *t, struct mock *m, const struct hal *hal,
                                    const struct fw_settings *settings) {
    const struct fw_model model = make_model();
    struct fw_device d;
    CHECK(t,
          fw_probe(&d, hal) == FW_OK && fw_load(&d, &model, NULL) == FW_OK &&
              fw_configure(&d, settings) == FW_OK,
          "bring-up");
    for (uint32_t i = 0; i < 4; i++) {
        const float logit = 4.0f - (float)i;
        m->list[i][0] = (20 + i) | LOCKSTEP_LIST_ID_VALID_MASK;
        memcpy(&m->list[i][1], &logit, 4);
    }
    m->writes = 0;
    return d;
}

/* Tokens that the driver chooses until it calls one the last. */
static uint32_t chosen(struct host_test *t, struct mock *m, struct fw_device *d,
                       uint32_t sequence) {
    struct fw_event e = {0};
    uint32_t n = 0;
    for (; n < 64 && !e.last; n++) {
        m->queue[m->in++ % QUEUE] = LOCKSTEP_OUT_LIST_MASK | sequence << LOCKSTEP_OUT_SEQ_SHIFT;
        CHECK(t, fw_next(d, &e) == FW_OK && e.sequence == sequence && e.token == 20, "choice %u",
              n);
    }
    CHECK(t, fw_next(d, &e) == FW_DONE, "it goes on");
    return n;
}

/* A context of 20 holds prompt and completion, and the last token needs no place in it. */
static void test_context(struct host_test *t) {
    static struct mock m;
    const struct hal hal = mock_open(&m);
    const struct fw_settings settings = {
        .budget = 50,
        .sampling = {.temperature = 1e-6, .top_k = 4, .top_p = 1, .repeat_penalty = 1}};
    struct fw_device d = open_device(t, &m, &hal, &settings);
    struct sampler sampler;
    uint32_t n;
    for (uint32_t count_of = 1; count_of <= 8; count_of++) {
        CHECK(t, fw_prompt(&d, 0, prompt, count_of) == FW_OK, "prompt");
        n = chosen(t, &m, &d, 0);
        CHECK(t, n == 20 - count_of + 1, "a prompt of %u, %u tokens", count_of, n);
    }
    sampler_init(&sampler, &settings.sampling);
    CHECK(t, fw_continue(&d, 1, prompt, 3, 10, 2, &sampler) == FW_OK, "continue");
    n = chosen(t, &m, &d, 1);
    CHECK(t, n == 20 - 13 + 1, "continued at 10 with 3, %u tokens", n);
    CHECK(t, fw_continue(&d, 1, prompt, 3, 17, 2, &sampler) == FW_OK, "up to the end");
    n = chosen(t, &m, &d, 1);
    CHECK(t, n == 1, "%u tokens at the end of the context", n);
    CHECK(t, fw_continue(&d, 1, prompt, 3, 18, 2, &sampler) == FW_PROMPT_FAILED, "beyond it");
}

/* What a sequence had already chosen is no prompt. */
static void test_continue(struct host_test *t) {
    static struct mock m;
    const struct hal hal = mock_open(&m);
    const struct fw_settings settings = {.budget = 2,
                                         .sampling = {.top_k = 1, .top_p = 1, .repeat_penalty = 1}};
    struct fw_device d = open_device(t, &m, &hal, &settings);
    struct sampler sampler;
    struct fw_event e;
    sampler_init(&sampler, &settings.sampling);
    CHECK(t, fw_continue(&d, 0, prompt, 5, 6, 3, &sampler) == FW_OK, "continue");
    CHECK(t, m.registers[LOCKSTEP_REG_START_POS / 4] == 6, "START_POS");
    m.queue[m.in++ % QUEUE] = 3 | LOCKSTEP_OUT_LAST_MASK;
    CHECK(t, fw_next(&d, &e) == FW_OK && e.last && !e.end_of_generation, "a token");
    const uint32_t at = find(&m, 0, LOCKSTEP_REG_TOKEN_IN);
    for (uint32_t i = 0; i < 5; i++) {
        const uint32_t word = prompt[i] | (i < 3 ? LOCKSTEP_IN_PROMPT_MASK : 0) |
                              (i == 0 ? LOCKSTEP_IN_FIRST_MASK : 0) |
                              (i == 4 ? LOCKSTEP_IN_LAST_MASK : 0);
        CHECK(t, m.value[at + i] == word, "word %u is %x, not %x", i, m.value[at + i], word);
    }
}

/* No more words than fit, choices before prompts, and none twice. */
static void test_room(struct host_test *t) {
    static struct mock m;
    const struct hal hal = mock_open(&m);
    const struct fw_settings settings = {
        .budget = 9,
        .sampling = {.temperature = 1e-6, .top_k = 4, .top_p = 1, .repeat_penalty = 1}};
    struct fw_device d = open_device(t, &m, &hal, &settings);
    struct fw_event e;
    const uint32_t depth = m.registers[LOCKSTEP_REG_TOKEN_FIFO / 4];
    CHECK(t, fw_prompt(&d, 0, prompt, 3) == FW_OK, "prompt");
    m.queue[m.in++ % QUEUE] = LOCKSTEP_OUT_LIST_MASK;
    CHECK(t, fw_next(&d, &e) == FW_OK, "a choice");
    CHECK(t, fw_prompt(&d, 1, prompt, 8) == FW_OK, "prompt");
    for (uint32_t room = 0; room <= 3; room++) {
        m.writes = 0;
        m.in_level = depth - room;
        m.queue[m.in++ % QUEUE] = LOCKSTEP_OUT_LIST_MASK;
        CHECK(t, fw_next(&d, &e) == FW_OK, "a choice");
        CHECK(t, count(&m, LOCKSTEP_REG_TOKEN_IN) == room, "%u words for room of %u",
              count(&m, LOCKSTEP_REG_TOKEN_IN), room);
        const uint32_t at = find(&m, 0, LOCKSTEP_REG_TOKEN_IN);
        if (room != 0)
            CHECK(t, m.value[at] == (20 | LOCKSTEP_IN_LAST_MASK), "%x is no choice", m.value[at]);
    }
    m.writes = 0; /* 1 + 2 words of the prompt are sent; the rest, behind the choice */
    m.in_level = 0;
    m.queue[m.in++ % QUEUE] = LOCKSTEP_OUT_LIST_MASK;
    CHECK(t, fw_next(&d, &e) == FW_OK, "a choice");
    CHECK(t, count(&m, LOCKSTEP_REG_TOKEN_IN) == 1 + 5, "%u words, the rest",
          count(&m, LOCKSTEP_REG_TOKEN_IN));
    CHECK(t,
          m.value[find(&m, 0, LOCKSTEP_REG_TOKEN_IN) + 1] ==
              (prompt[3] | 1u << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_PROMPT_MASK),
          "where the prompt goes on");
}

/* The word comes, and the interrupt with it, after the driver has found token-out empty: it must
 * not sleep. */
static void test_late(struct host_test *t) {
    static struct mock m;
    const struct hal hal = mock_open(&m);
    const struct fw_settings settings = {.budget = 9,
                                         .sampling = {.top_k = 1, .top_p = 1, .repeat_penalty = 1}};
    struct fw_device d = open_device(t, &m, &hal, &settings);
    struct fw_event e;
    CHECK(t, fw_prompt(&d, 0, prompt, 3) == FW_OK, "prompt");
    m.silent = 1; /* but for an event that nobody has cleared */
    m.late = 31;
    CHECK(t, fw_next(&d, &e) == FW_OK && e.token == 31, "a word is lost");
    CHECK(t, fw_next(&d, &e) == FW_TIMEOUT, "silence");
}

/* The firmware calls an end of generation what the model calls so, and takes no entry of a list
 * that is not valid. */
static void test_list(struct host_test *t) {
    static struct mock m;
    const struct hal hal = mock_open(&m);
    const struct fw_settings settings = {
        .budget = 9,
        .sampling = {.temperature = 1e-6, .top_k = 4, .top_p = 1, .repeat_penalty = 1}};
    struct fw_device d = open_device(t, &m, &hal, &settings);
    struct sampler_entry list[4];
    struct fw_event e;
    for (uint32_t n = 0; n <= 4; n++) {
        for (uint32_t i = 0; i < 4; i++)
            m.list[i][0] = (20 + i) | (i < n ? LOCKSTEP_LIST_ID_VALID_MASK : 0);
        CHECK(t, fw_list(&d, 0, list, 4) == n, "a list of %u", n);
        CHECK(t, fw_list(&d, 0, list, 2) == (n < 2 ? n : 2), "a list of %u, 2 wanted", n);
    }
    for (uint32_t i = 0; i < 4; i++)
        CHECK(t,
              list[i % 2].token == 20 + i % 2 && fabs(list[i % 2].logit - (4 - (int)i % 2)) < 1e-9,
              "entry %u", i);
    CHECK(t, fw_prompt(&d, 0, prompt, 3) == FW_OK, "prompt");
    m.list[0][0] = 13 | LOCKSTEP_LIST_ID_VALID_MASK;
    m.queue[m.in++ % QUEUE] = LOCKSTEP_OUT_LIST_MASK;
    CHECK(t, fw_next(&d, &e) == FW_OK && e.token == 13 && e.end_of_generation && e.last,
          "an end of generation that is chosen");
}

/* Each counter is read where it stands, both halves of it. */
static void test_telemetry(struct host_test *t) {
    static struct mock m;
    const struct hal hal = mock_open(&m);
    const struct fw_settings settings = {
        .budget = 9,
        .sampling = {.temperature = 1e-6, .top_k = 4, .top_p = 1, .repeat_penalty = 1}};
    struct fw_device d = open_device(t, &m, &hal, &settings);
    struct fw_telemetry is;
    const struct {
        uint32_t address;
        const uint64_t *value;
    } counters[] = {{LOCKSTEP_REG_CYCLES_LO, &is.cycles},
                    {LOCKSTEP_REG_PREFILL_CYCLES_LO, &is.prefill_cycles},
                    {LOCKSTEP_REG_MACS_LO, &is.macs},
                    {LOCKSTEP_REG_WEIGHT_BEATS_LO, &is.weight_beats},
                    {LOCKSTEP_REG_WEIGHT_STALLS_LO, &is.weight_stalls},
                    {LOCKSTEP_REG_PASSES_LO, &is.passes},
                    {LOCKSTEP_REG_TOKENS_IN_LO, &is.tokens_in},
                    {LOCKSTEP_REG_TOKENS_OUT_LO, &is.tokens_out},
                    {LOCKSTEP_REG_KV_READS_LO, &is.kv_reads},
                    {LOCKSTEP_REG_KV_WRITES_LO, &is.kv_writes},
                    {LOCKSTEP_REG_DRAFTS_LO, &is.drafts},
                    {LOCKSTEP_REG_DRAFTS_TAKEN_LO, &is.drafts_taken}};
    enum { COUNTERS = sizeof counters / sizeof *counters };
    for (uint32_t i = 0; i < COUNTERS; i++) {
        m.registers[counters[i].address / 4] = 1000 * (i + 1);
        m.registers[counters[i].address / 4 + 1] = i + 1;
    }
    CHECK(t, fw_prompt(&d, 1, prompt, 5) == FW_OK, "prompt");
    d.tokens_generated = 12;
    d.sequences[1].generated = 4;
    memset(&is, 0xa5, sizeof is);
    fw_telemetry(&d, 500000000, &is);
    CHECK(t, m.value[m.writes - 1] == (LOCKSTEP_CTRL_RUN_MASK | LOCKSTEP_CTRL_SNAPSHOT_MASK),
          "CTRL %x", m.value[m.writes - 1]);
    for (uint32_t i = 0; i < COUNTERS; i++)
        CHECK(t, *counters[i].value == ((uint64_t)(i + 1) << 32 | 1000 * (i + 1)), "counter %u", i);
    CHECK(t,
          is.prompts == 1 && is.tokens_generated == 12 && is.last_prompt_tokens == 5 &&
              is.last_completion_tokens == 4,
          "tokens");
    CHECK(t, is.tokens_per_second_milli == 12 * 500000000ull / ((1ull << 32) / 1000 + 2), "%llu",
          (unsigned long long)is.tokens_per_second_milli);
    m.registers[LOCKSTEP_REG_CTRL / 4] = 0;
    m.registers[LOCKSTEP_REG_CYCLES_LO / 4] = m.registers[LOCKSTEP_REG_CYCLES_LO / 4 + 1] = 0;
    fw_telemetry(&d, 500000000, &is);
    CHECK(t,
          is.tokens_per_second_milli == 0 && m.value[m.writes - 1] == LOCKSTEP_CTRL_SNAPSHOT_MASK,
          "before the first cycle");
}

/* Tokens that are given come instead of choices, whatever the device says; and each look at it
 * begins with no interrupt left from before. */
static void test_given(struct host_test *t) {
    static struct mock m;
    static const uint32_t text[] = {31, 8, 17};
    const struct hal hal = mock_open(&m);
    const struct fw_settings settings = {
        .budget = 3, .given = 1, .sampling = {.top_k = 1, .top_p = 1, .repeat_penalty = 1}};
    struct fw_device d = open_device(t, &m, &hal, &settings);
    struct fw_event e = {0};
    CHECK(t, fw_prompt(&d, 1, prompt, 2) == FW_OK, "prompt");
    fw_give(&d, 1, text);
    for (uint32_t i = 0; i < 3; i++) {
        m.queue[m.in++ % QUEUE] = LOCKSTEP_OUT_LIST_MASK | 1u << LOCKSTEP_OUT_SEQ_SHIFT;
        m.writes = 0;
        CHECK(t, fw_next(&d, &e) == FW_OK && e.sequence == 1 && e.token == text[i],
              "token %u is %u", i, e.token);
        CHECK(t, m.address[0] == LOCKSTEP_REG_IRQ_STATUS && m.value[0] == UINT32_MAX,
              "token %u: interrupts 0x%x are cleared", i, m.value[0]);
    }
}

int main(void) {
    struct host_test t = {"driver", 0, 0};
    test_given(&t);
    test_context(&t);
    test_continue(&t);
    test_room(&t);
    test_late(&t);
    test_list(&t);
    test_telemetry(&t);
    return host_test_finish(&t);
}
