/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The driver at its limits: the end of the context to the token, tokens of a sequence that is
 * continued, token-in with little room, a word that comes out just when the driver has looked.
 */
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

int main(void) {
    struct host_test t = {"driver", 0, 0};
    test_context(&t);
    test_continue(&t);
    test_room(&t);
    test_late(&t);
    return host_test_finish(&t);
}
