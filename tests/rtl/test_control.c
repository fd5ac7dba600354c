/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The engine end to end, the data path being a script: which ops and fetches a program makes, with
 * loops and WANT; how tokens are grouped into passes; greedy generation of several sequences with
 * budget, end of generation and context; top-k lists; back-pressure, interrupts, counters, errors
 * and soft reset. Arguments: seed=, stall=, fault=.
 */
#include "control_far.h"
#include "control_model.h"
#include "control_trace.h"

#include "generated/device.h"

#include <stdlib.h>
#include <string.h>

/* ---- sequences ---- */

/* Sends a prompt, in greedy mode, that is answered by `s`. */
static void send_prompt(struct bench *b, const struct model_sequence *s) {
    for (uint32_t i = 0; i < s->prompt; i++)
        model_push(b, s->token[i] | s->seq << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_PROMPT_MASK |
                          (i == 0 ? LOCKSTEP_IN_FIRST_MASK : 0) |
                          (i + 1 == s->prompt ? LOCKSTEP_IN_LAST_MASK : 0));
}

/* Takes tokens until all sequences have ended, and compares each with what the script says. */
static void take_until_ended(struct bench *b, struct model_sequence *sequences, unsigned count) {
    unsigned left = count;
    uint64_t limit = b->top.cycle + 300000;
    while (left > 0 && b->top.cycle < limit) {
        uint32_t word, expected;
        word = model_pull(b);
        if (word == 0xffffffffu)
            continue;
        for (unsigned i = 0; i < count; i++) {
            struct model_sequence *s = &sequences[i];
            if ((word & LOCKSTEP_OUT_SEQ_MASK) >> LOCKSTEP_OUT_SEQ_SHIFT != s->seq || s->ended)
                continue;
            expected = model_next(s);
            CHECK(&b->test, word == expected, "sequence %u token %u: %08x, expected %08x", s->seq,
                  s->generated - 1, word, expected);
            left -= s->ended;
            break;
        }
    }
    CHECK(&b->test, left == 0, "%u sequences have not ended", left);
}

/* The same, and then nothing more may come. */
static void take_tokens(struct bench *b, struct model_sequence *sequences, unsigned count) {
    take_until_ended(b, sequences, count);
    bench_run_until_idle(b);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_TOKEN_OUT) == 0xffffffffu, "a token too many");
    bus_write(b, LOCKSTEP_REG_FIFO_FLAGS, 3);
}

/* Every slot must hold the token of its sequence at its position. */
static void check_slots(struct bench *b, const struct model_sequence *sequences, unsigned count) {
    uint32_t next[16] = {0};
    for (size_t i = 0; i < b->commit_count; i++) {
        const struct bench_commit *c = &b->commits[i];
        if (c->op != LOCKSTEP_OP_PASS)
            continue;
        for (unsigned k = 0; k < count; k++)
            if (sequences[k].seq == c->word[2]) {
                const struct model_sequence *s = &sequences[k];
                CHECK(&b->test, c->word[1] == next[k] && c->word[0] == s->token[next[k]],
                      "sequence %u: token %u at %u, expected %u at %u", c->word[2], c->word[0],
                      c->word[1], s->token[next[k]], next[k]);
                next[k]++;
            }
    }
}

static uint64_t counter(struct bench *b, uint32_t low) {
    uint64_t value = bus_read(b, low);
    return value | (uint64_t)bus_read(b, low + 4) << 32;
}

static void test_single(struct bench *b) {
    struct model_sequence s = model_sequence(b, 1, 7, 10);
    uint32_t slots = b->slots, groups = (7 + slots - 1) / slots;
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bench_forget(b);
    bus_write(b, LOCKSTEP_REG_PASS_SLOTS, 200); /* more than there are */
    bus_write(b, LOCKSTEP_REG_BUDGET, 10);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    send_prompt(b, &s);
    take_tokens(b, &s, 1);
    check_slots(b, &s, 1);
    control_trace_check(b);
    /* The stand-in is slower than the bus, so that only a first token may travel alone. */
    CHECK(&b->test, b->passes >= groups + 9 && b->passes <= groups + 10, "%u passes", b->passes);
    CHECK(&b->test, counter(b, LOCKSTEP_REG_PASSES_LO) == 0, "a counter shows before SNAPSHOT");
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK | LOCKSTEP_CTRL_SNAPSHOT_MASK);
    CHECK(&b->test, counter(b, LOCKSTEP_REG_PASSES_LO) == b->passes, "PASSES");
    CHECK(&b->test, counter(b, LOCKSTEP_REG_TOKENS_IN_LO) == 7, "TOKENS_IN");
    CHECK(&b->test, counter(b, LOCKSTEP_REG_TOKENS_OUT_LO) == 10, "TOKENS_OUT");
    CHECK(&b->test, counter(b, LOCKSTEP_REG_MACS_LO) == b->macs, "MACS");
    CHECK(&b->test, counter(b, LOCKSTEP_REG_WEIGHT_BEATS_LO) == b->beats, "WEIGHT_BEATS");
    uint64_t cycles = counter(b, LOCKSTEP_REG_CYCLES_LO);
    uint64_t prefill = counter(b, LOCKSTEP_REG_PREFILL_CYCLES_LO);
    CHECK(&b->test, cycles > b->op_count * 4 && prefill > 0 && prefill < cycles, "CYCLES %llu %llu",
          (unsigned long long)cycles, (unsigned long long)prefill);
}

static void test_many(struct bench *b, unsigned count, unsigned pass_slots) {
    struct model_sequence s[4];
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bench_forget(b);
    bus_write(b, LOCKSTEP_REG_PASS_SLOTS, pass_slots);
    bus_write(b, LOCKSTEP_REG_BUDGET, 60);
    static const uint32_t ends[] = {LOCKSTEP_REG_EOG0, LOCKSTEP_REG_EOG1, LOCKSTEP_REG_EOG2,
                                    LOCKSTEP_REG_EOG3, LOCKSTEP_REG_EOG4, LOCKSTEP_REG_EOG5,
                                    LOCKSTEP_REG_EOG6, LOCKSTEP_REG_EOG7};
    static unsigned turn; /* every register has its own */
    const uint32_t end = ends[turn++ % (sizeof ends / sizeof *ends)];
    bus_write(b, end, MODEL_EOG | LOCKSTEP_EOG0_VALID_MASK);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    for (unsigned i = 0; i < count; i++) {
        s[i] = model_sequence(b, i, 1 + bench_random(b, 9), 60);
        s[i].eog = true;
        send_prompt(b, &s[i]);
    }
    take_tokens(b, s, count);
    check_slots(b, s, count);
    control_trace_check(b);
    for (size_t i = 0; i < b->commit_count; i++)
        CHECK(&b->test, b->commits[i].slot < (pass_slots == 0 ? 1 : pass_slots),
              "slot %u of a pass with %u", b->commits[i].slot, pass_slots);
    bus_write(b, end, 0);
}

/* Token-out is left full: the engine must wait, and lose nothing. */
static void test_back_pressure(struct bench *b) {
    struct model_sequence s = model_sequence(b, 2, 3, 50);
    uint32_t depth = bus_read(b, LOCKSTEP_REG_TOKEN_FIFO), status;
    if (depth > 40) /* more than the budget and the context of the model can fill */
        return;
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bench_forget(b);
    bus_write(b, LOCKSTEP_REG_BUDGET, 50);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    send_prompt(b, &s);
    for (int i = 0; i < 60000; i++)
        bench_tick(b);
    status = bus_read(b, LOCKSTEP_REG_STATUS);
    CHECK(&b->test,
          (status & LOCKSTEP_STATUS_STATE_MASK) >> LOCKSTEP_STATUS_STATE_SHIFT ==
              LOCKSTEP_STATE_PUSH,
          "not waiting: %08x", status);
    CHECK(&b->test,
          bus_read(b, LOCKSTEP_REG_TOKEN_LEVELS) ==
              (LOCKSTEP_TOKEN_LEVELS_IN_EMPTY_MASK | LOCKSTEP_TOKEN_LEVELS_OUT_FULL_MASK |
               depth << LOCKSTEP_TOKEN_LEVELS_OUT_LEVEL_SHIFT),
          "token-out is not full");
    take_tokens(b, &s, 1);
    check_slots(b, &s, 1);
    control_trace_check(b);
}

/* Token-in is filled while nothing runs: its level and flags, word by word. */
static void test_levels(struct bench *b) {
    const uint32_t depth = bus_read(b, LOCKSTEP_REG_TOKEN_FIFO);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    for (uint32_t i = 0; i <= depth; i++) {
        const uint32_t levels = bus_read(b, LOCKSTEP_REG_TOKEN_LEVELS);
        CHECK(&b->test,
              levels == (LOCKSTEP_TOKEN_LEVELS_OUT_EMPTY_MASK |
                         i << LOCKSTEP_TOKEN_LEVELS_IN_LEVEL_SHIFT |
                         (i == 0 ? LOCKSTEP_TOKEN_LEVELS_IN_EMPTY_MASK : 0) |
                         (i == depth ? LOCKSTEP_TOKEN_LEVELS_IN_FULL_MASK : 0)),
              "levels %08x behind %u words", levels, i);
        if (i < depth)
            bus_write(b, LOCKSTEP_REG_TOKEN_IN, 1 | LOCKSTEP_IN_FIRST_MASK);
    }
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
}

/* The context ends before the budget. */
static void test_context(struct bench *b) {
    struct model_sequence s = model_sequence(b, 0, MODEL_CONTEXT - 5, 50);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bench_forget(b);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    send_prompt(b, &s);
    take_tokens(b, &s, 1);
    CHECK(&b->test, s.generated == 6, "%u tokens", s.generated);
    check_slots(b, &s, 1);
    control_trace_check(b);
}

/* A FIRST word for a sequence that generates waits for its end; then the next prompt runs. */
static void test_queue(struct bench *b) {
    struct model_sequence first = model_sequence(b, 3, 4, 20), next = model_sequence(b, 3, 6, 20);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bench_forget(b);
    bus_write(b, LOCKSTEP_REG_BUDGET, 20);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    send_prompt(b, &first);
    send_prompt(b, &next);
    struct model_sequence both[2] = {first, next};
    take_tokens(b, both, 2);
    control_trace_check(b);
}

/* A prompt that is broken off by another one of its sequence, all of it there at once. */
static void test_restart(struct bench *b) {
    struct model_sequence s = model_sequence(b, 1, 5, 3);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bench_forget(b);
    bus_write(b, LOCKSTEP_REG_PASS_SLOTS, b->slots);
    bus_write(b, LOCKSTEP_REG_BUDGET, 3);
    model_push(b, 7 | 1u << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_FIRST_MASK);
    send_prompt(b, &s);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    take_tokens(b, &s, 1);
    control_trace_check(b);
}

/* Words without FIRST wait too, and go on where the sequence has ended. */
static void test_continue(struct bench *b) {
    struct model_sequence s = model_sequence(b, 2, 4, 9);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bench_forget(b);
    bus_write(b, LOCKSTEP_REG_BUDGET, 9);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    send_prompt(b, &s);
    model_push(b, 11 | 2u << LOCKSTEP_IN_SEQ_SHIFT);
    model_push(b, 12 | 2u << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_LAST_MASK);
    take_until_ended(b, &s, 1);
    s.length--; /* the last token put out has not entered a pass */
    s.token[s.length++] = 11;
    s.token[s.length++] = 12;
    s.generated = 0;
    s.ended = false;
    take_tokens(b, &s, 1);
    check_slots(b, &s, 1);
    control_trace_check(b);
}

/* All logits of a list, or nothing if they were not kept; behind the vocabulary is nothing. */
static void check_logits(struct bench *b, const struct model_entry *list, bool kept) {
    uint32_t want[MODEL_VOCAB + 2];
    for (uint32_t i = 0; i < MODEL_VOCAB + 2; i++)
        want[i] = 0xffffffffu;
    for (uint32_t i = 0; i < MODEL_VOCAB && kept; i++)
        want[list[i].token] = list[i].logit;
    for (uint32_t from = 0; from < MODEL_VOCAB; from += 7) {
        bus_write(b, LOCKSTEP_REG_LOGIT_ADDR, from);
        for (uint32_t i = from; i < MODEL_VOCAB + 2 && i < from + 9; i++) {
            const uint32_t logit = bus_read(b, LOCKSTEP_REG_LOGIT_DATA);
            CHECK(&b->test, logit == want[i], "logit of token %u: %08x, not %08x", i, logit,
                  want[i]);
        }
    }
}

static void test_list(struct bench *b, uint32_t k, bool keeps) {
    struct model_sequence s = model_sequence(b, 1, 6, 12); /* the last of them not in slot 0 */
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bench_forget(b);
    bus_write(b, LOCKSTEP_REG_PASS_SLOTS, b->slots);
    bus_write(b, LOCKSTEP_REG_TOPK, k);
    bus_write(b, LOCKSTEP_REG_LOGITS, keeps ? LOCKSTEP_LOGITS_KEEP_MASK : 0);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    send_prompt(b, &s);
    for (int step = 0; step < 12; step++) {
        struct model_entry list[MODEL_VOCAB];
        uint32_t word, size = k < MODEL_VOCAB ? k : MODEL_VOCAB;
        uint64_t limit = b->top.cycle + 50000;
        while (!(bus_read(b, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_TOKEN_READY_MASK) &&
               b->top.cycle < limit)
            ;
        model_list(&s, list);
        word = bus_read(b, LOCKSTEP_REG_TOKEN_OUT);
        CHECK(&b->test,
              word == (list[0].token | s.seq << LOCKSTEP_OUT_SEQ_SHIFT | LOCKSTEP_OUT_LIST_MASK),
              "list word %08x", word);
        CHECK(&b->test, bus_read(b, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_LIST_READY_MASK,
              "LIST_READY");
        bus_write(b, LOCKSTEP_REG_LIST_SEQ, s.seq);
        for (uint32_t i = 0; i < 64; i++) {
            uint32_t id, logit;
            bus_write(b, LOCKSTEP_REG_LIST_INDEX, i);
            id = bus_read(b, LOCKSTEP_REG_LIST_ID);
            logit = bus_read(b, LOCKSTEP_REG_LIST_LOGIT);
            CHECK(&b->test,
                  i < size ? id == (list[i].token | LOCKSTEP_LIST_ID_VALID_MASK) &&
                                 logit == list[i].logit
                           : id == 0,
                  "rank %u: %08x %08x", i, id, logit);
        }
        check_logits(b, list, keeps);
        /* The commits of the sampling pass are the same pairs. */
        for (uint32_t i = 0; i < size && b->commit_count >= size; i++) {
            const struct bench_commit *c = &b->commits[b->commit_count - size + i];
            CHECK(&b->test,
                  c->op == LOCKSTEP_OP_SAMPLE && c->index == 2 * i && c->count == 2 &&
                      c->word[0] == list[i].token && c->word[1] == list[i].logit,
                  "commit of rank %u", i);
        }
        s.token[s.length++] = list[bench_random(b, size)].token;
        model_push(b,
                   s.token[s.length - 1] | s.seq << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_LAST_MASK);
        for (limit = b->top.cycle + 50000; !b->op_running && b->top.cycle < limit;)
            bench_tick(b);
        CHECK(&b->test,
              !(bus_read(b, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_LIST_READY_MASK) ||
                  !b->op_running,
              "LIST_READY stays");
    }
    bench_run_until_idle(b);
    check_slots(b, &s, 1);
    control_trace_check(b);
    bus_write(b, LOCKSTEP_REG_TOPK, 0);
    bus_write(b, LOCKSTEP_REG_LOGITS, 0);
}

/* A pass keeps the length of its list, whatever is set meanwhile. */
static void test_list_taken(struct bench *b) {
    struct model_sequence s = model_sequence(b, 0, 1, 2);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bus_write(b, LOCKSTEP_REG_BUDGET, 1);
    for (uint32_t k = 0; k <= 5; k += 5) { /* first a token alone, then a list */
        bus_write(b, LOCKSTEP_REG_TOPK, k);
        if (k == 0) {
            bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
            send_prompt(b, &s);
        } else {
            model_push(b, 1 | s.seq << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_FIRST_MASK |
                              LOCKSTEP_IN_LAST_MASK);
        }
        while (!b->op_running)
            bench_tick(b);
        bus_write(b, LOCKSTEP_REG_TOPK, 5 - k);
        bench_run_until_idle(b);
        const uint32_t word = bus_read(b, LOCKSTEP_REG_TOKEN_OUT);
        CHECK(&b->test, (word & LOCKSTEP_OUT_LIST_MASK) == (k == 0 ? 0 : LOCKSTEP_OUT_LIST_MASK),
              "TOPK %u: %08x", k, word);
        bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
        bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    }
    bus_write(b, LOCKSTEP_REG_TOPK, 0);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bench_forget(b);
}

/* A token and a draft behind it, in one pass. */
static void send_draft(struct bench *b, const struct model_sequence *s, uint32_t draft) {
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bench_forget(b);
    bus_write(b, LOCKSTEP_REG_PASS_SLOTS, b->slots);
    bus_write(b, LOCKSTEP_REG_BUDGET, s->budget);
    model_push(b, s->token[0] | s->seq << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_FIRST_MASK);
    model_push(b, draft | s->seq << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_DRAFT_MASK |
                      LOCKSTEP_IN_LAST_MASK);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
}

/* Greedily, the device goes on by itself from the last right token; behind one that ends the
 * sequence nothing is taken, whatever the draft. */
static void test_drafts_alone(struct bench *b) {
    uint32_t ended = 0, taken = 0;
    bus_write(b, LOCKSTEP_REG_EOG0, MODEL_EOG | LOCKSTEP_EOG0_VALID_MASK);
    for (unsigned i = 0; i < 60; i++) {
        struct model_sequence s, first;
        for (unsigned tries = 0;; tries++) { /* the last rounds: the first token ends the text */
            s = model_sequence(b, bench_random(b, MODEL_SEQS), 1, 1 + i % 4);
            s.eog = true;
            first = s;
            model_next(&first);
            if (i < 54 || first.token[1] == MODEL_EOG || tries == 2000)
                break;
        }
        const bool right = i >= 54 || bench_random(b, 2);
        send_draft(b, &s, (first.token[1] + !right) % MODEL_VOCAB);
        for (unsigned k = 0; !s.ended; k++) {
            const uint32_t flag = k == 1 && right ? LOCKSTEP_OUT_DRAFT_MASK : 0;
            const uint32_t expected = model_next(&s) | flag, word = model_wait(b);
            CHECK(&b->test, word == expected, "draft %u, token %u: %08x, expected %08x", i, k, word,
                  expected);
            taken += flag != 0;
        }
        ended += first.ended && right;
        CHECK(&b->test, model_wait(b) == 0xffffffffu, "draft %u: a token behind the last", i);
        bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SNAPSHOT_MASK);
        CHECK(&b->test, counter(b, LOCKSTEP_REG_DRAFTS_LO) == 1, "DRAFTS");
        CHECK(&b->test, counter(b, LOCKSTEP_REG_DRAFTS_TAKEN_LO) == (right && !first.ended ? 1 : 0),
              "DRAFTS_TAKEN");
    }
    CHECK(&b->test, ended > 6 && taken > 6, "%u ended, %u drafts taken", ended, taken);
    bus_write(b, LOCKSTEP_REG_EOG0, 0);
}

/* With a list the draft waits for the firmware's choice. */
static void test_drafts_listed(struct bench *b) {
    bus_write(b, LOCKSTEP_REG_TOPK, 5);
    for (unsigned i = 0; i < 12; i++) {
        struct model_sequence s = model_sequence(b, i % MODEL_SEQS, 1, 9);
        struct model_entry list[MODEL_VOCAB];
        const uint32_t flags = s.seq << LOCKSTEP_OUT_SEQ_SHIFT | LOCKSTEP_OUT_LIST_MASK;
        const bool right = i % 2;
        model_list(&s, list);
        send_draft(b, &s, list[2].token);
        uint32_t word = model_wait(b);
        CHECK(&b->test, word == (list[0].token | flags), "list word %08x", word);
        for (unsigned wait = bench_random(b, 200); wait > 0; wait--)
            bench_tick(b);
        CHECK(&b->test,
              (bus_read(b, LOCKSTEP_REG_STATUS) &
               (LOCKSTEP_STATUS_BUSY_MASK | LOCKSTEP_STATUS_STATE_MASK |
                LOCKSTEP_STATUS_TOKEN_READY_MASK)) ==
                  (LOCKSTEP_STATUS_BUSY_MASK | LOCKSTEP_STATE_PUSH << LOCKSTEP_STATUS_STATE_SHIFT),
              "the draft does not wait");
        s.token[s.length++] = list[right ? 2 : 3].token;
        bus_write(b, LOCKSTEP_REG_CHOICE, s.token[1]);
        if (right) {
            model_list(&s, list);
            word = model_wait(b);
            CHECK(&b->test, word == (list[0].token | flags | LOCKSTEP_OUT_DRAFT_MASK),
                  "behind the draft: %08x", word);
            s.token[s.length++] = list[1].token;
        }
        CHECK(&b->test, model_wait(b) == 0xffffffffu, "a token too many");
        /* It goes on behind the last right token. */
        model_push(b,
                   s.token[s.length - 1] | s.seq << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_LAST_MASK);
        model_list(&s, list);
        word = model_wait(b);
        CHECK(&b->test, word == (list[0].token | flags), "after drafts: %08x", word);
        bench_run_until_idle(b);
    }
    bus_write(b, LOCKSTEP_REG_TOPK, 0);
}

static void test_interrupts(struct bench *b) {
    struct model_sequence s = model_sequence(b, 0, 1, 1);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_IRQ_STATUS) == 0, "soft reset leaves causes");
    bus_write(b, LOCKSTEP_REG_IRQ_ENABLE, LOCKSTEP_IRQ_ENABLE_TOKEN_MASK);
    bus_write(b, LOCKSTEP_REG_BUDGET, 1);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    CHECK(&b->test, !*b->irq_o, "interrupt too early");
    send_prompt(b, &s);
    for (int i = 0; i < 20000 && !*b->irq_o; i++)
        bench_tick(b);
    bench_run_until_idle(b);
    CHECK(&b->test, *b->irq_o, "no interrupt");
    CHECK(&b->test,
          bus_read(b, LOCKSTEP_REG_IRQ_STATUS) ==
              (LOCKSTEP_IRQ_STATUS_TOKEN_MASK | LOCKSTEP_IRQ_STATUS_IDLE_MASK),
          "causes %x", bus_read(b, LOCKSTEP_REG_IRQ_STATUS));
    bus_write(b, LOCKSTEP_REG_IRQ_STATUS, LOCKSTEP_IRQ_STATUS_TOKEN_MASK);
    CHECK(&b->test, !*b->irq_o, "the interrupt stays");
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_IRQ_STATUS) == LOCKSTEP_IRQ_STATUS_IDLE_MASK,
          "causes");
    bus_write(b, LOCKSTEP_REG_IRQ_ENABLE, 0);
    take_tokens(b, &s, 1);
}

/* ---- errors ---- */

struct place {
    uint32_t code, pc, layer, slot, tensor;
};

/* After an error: its place, no start of anything, and recovery by soft reset. */
static void check_stopped(struct bench *b, struct place p, const char *what) {
    uint32_t code;
    uint64_t limit = b->top.cycle + 100000;
    while (!(bus_read(b, LOCKSTEP_REG_STATUS) & LOCKSTEP_STATUS_ERROR_MASK) && b->top.cycle < limit)
        ;
    size_t ops = b->op_count, commits = b->commit_count, fetches = b->fetch_count;
    uint32_t status = bus_read(b, LOCKSTEP_REG_STATUS);
    CHECK(&b->test, (status & LOCKSTEP_STATUS_ERROR_MASK) && !(status & LOCKSTEP_STATUS_BUSY_MASK),
          "%s: status %08x", what, status);
    code = bus_read(b, LOCKSTEP_REG_ERROR_CODE);
    CHECK(&b->test, code == p.code, "%s: code %u, expected %u", what, code, p.code);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_ERROR_PC) == p.pc, "%s: pc", what);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_ERROR_LAYER) == p.layer, "%s: layer", what);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_ERROR_SLOT) == p.slot, "%s: slot", what);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_ERROR_TENSOR) == p.tensor, "%s: tensor", what);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_IRQ_STATUS) & LOCKSTEP_IRQ_STATUS_ERROR_MASK,
          "%s: irq", what);
    model_push(b, 1 | LOCKSTEP_IN_FIRST_MASK | LOCKSTEP_IN_LAST_MASK);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_VALIDATE_MASK | LOCKSTEP_CTRL_RUN_MASK);
    for (int i = 0; i < 2000; i++)
        bench_tick(b);
    CHECK(&b->test,
          b->op_count == ops && b->commit_count == commits && b->fetch_count == fetches &&
              !*b->fetch_valid_o,
          "%s: something started after the error", what);
    b->fail_op = -1;
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_ERROR_CODE) == 0, "the error stays");
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_VALIDATE_MASK);
    bench_run_until_idle(b);
    CHECK(&b->test, bus_read(b, LOCKSTEP_REG_STATUS) == LOCKSTEP_STATUS_MODEL_READY_MASK,
          "not ready");
    bench_forget(b);
}

static void begin(struct bench *b) {
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bus_write(b, LOCKSTEP_REG_BUDGET, 4);
    bus_write(b, LOCKSTEP_REG_PASS_SLOTS, b->slots);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
}

static void test_errors(struct bench *b) {
    const uint32_t first = LOCKSTEP_IN_FIRST_MASK, last = LOCKSTEP_IN_LAST_MASK;
    begin(b);
    bus_write(b, LOCKSTEP_REG_TOKEN_IN, MODEL_VOCAB | first | last);
    check_stopped(b, (struct place){LOCKSTEP_ERROR_TOKEN, 0, 0, 0, 0}, "token");
    begin(b);
    bus_write(b, LOCKSTEP_REG_TOKEN_IN, 3 | 4u << LOCKSTEP_IN_SEQ_SHIFT | first | last);
    check_stopped(b, (struct place){LOCKSTEP_ERROR_SEQUENCE, 0, 0, 0, 0}, "sequence");
    begin(b);
    bus_write(b, LOCKSTEP_REG_TOKEN_IN, 3 | first);
    bus_write(b, LOCKSTEP_REG_TOKEN_IN, (MODEL_VOCAB + 7) | last);
    check_stopped(b, (struct place){LOCKSTEP_ERROR_TOKEN, 0, 0, 1 % b->slots, 0}, "second token");
    begin(b);
    for (uint32_t i = 0; i <= MODEL_CONTEXT; i++)
        model_push(b, 1 | (i == 0 ? first : 0) | (i == MODEL_CONTEXT ? last : 0));
    check_stopped(b, (struct place){LOCKSTEP_ERROR_KV_FULL, 0, 0, MODEL_CONTEXT % b->slots, 0},
                  "context");
    begin(b);
    bus_write(b, LOCKSTEP_REG_TOKEN_IN, 3 | LOCKSTEP_IN_DRAFT_MASK | last);
    check_stopped(b, (struct place){LOCKSTEP_ERROR_DRAFT, 0, 0, 0, 0}, "a draft of nothing");
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bus_write(b, LOCKSTEP_REG_TOKEN_IN, 3 | first);
    bus_write(b, LOCKSTEP_REG_TOKEN_IN,
              3 | 1u << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_DRAFT_MASK | last);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
    check_stopped(b, (struct place){LOCKSTEP_ERROR_DRAFT, 0, 0, 1, 0}, "another one's draft");
    for (int i = 0; i < 8; i++) { /* anywhere in a pass */
        begin(b);
        b->fail_op = (int)bench_random(b, 70);
        b->fail_code = LOCKSTEP_ERROR_RANGE;
        b->fail_port = false;
        bench_forget(b);
        bus_write(b, LOCKSTEP_REG_TOKEN_IN, 3 | first | last);
        while (b->fail_op >= 0)
            bench_tick(b);
        const struct bench_op *op = &b->ops[b->op_count - 1];
        check_stopped(b, (struct place){LOCKSTEP_ERROR_RANGE, op->pc, op->layer, 1, op->tensor},
                      "unit");
    }
    /* The memory refuses a beat of the loader while a unit works, which takes long. */
    begin(b);
    bus_write(b, LOCKSTEP_REG_TOKEN_IN, 3 | first | last);
    while (!b->op_running)
        bench_tick(b);
    b->op_wait = 100000;
    for (int i = 0; i < 2000; i++) /* until all is asked for that may be */
        bench_tick(b);
    b->bresp = 2;
    for (uint32_t i = 0; i < b->port_bytes / 4; i++)
        bus_write(b, LOCKSTEP_REG_LOAD_DATA, i);
    check_stopped(b, (struct place){LOCKSTEP_ERROR_LOADER, 0, 0, 0, 0}, "loader");
    b->bresp = 0;
    for (unsigned i = 0; i < 8; i++) {
        const uint32_t tag = b->fail_tag = (uint32_t)top_random(&b->top);
        begin(b);
        b->fail_op = 7;
        b->fail_code = LOCKSTEP_ERROR_PORT_TIMEOUT;
        b->fail_port = true;
        bus_write(b, LOCKSTEP_REG_TOKEN_IN, 3 | first | last);
        check_stopped(b,
                      (struct place){LOCKSTEP_ERROR_PORT_TIMEOUT, tag >> 24, tag >> 16 & 0xff, 0,
                                     tag & 0xffff},
                      "port");
    }
}

/* A soft reset in the middle of a pass, at many different moments. */
static void test_soft_reset(struct bench *b) {
    for (int i = 0; i < 30; i++) {
        begin(b);
        bus_write(b, LOCKSTEP_REG_TOKEN_IN, 3 | LOCKSTEP_IN_FIRST_MASK | LOCKSTEP_IN_LAST_MASK);
        for (uint32_t n = bench_random(b, 900); n > 0; n--)
            bench_tick(b);
        bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
        CHECK(&b->test, bus_read(b, LOCKSTEP_REG_STATUS) == LOCKSTEP_STATUS_MODEL_READY_MASK,
              "status");
        CHECK(&b->test, bus_read(b, LOCKSTEP_REG_CTRL) == 0, "RUN stays");
    }
    test_many(b, 2, b->slots);
}

/* A program that was written anew, with all slots. */
static void run_anew(struct bench *b, uint32_t budget) {
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_VALIDATE_MASK);
    bench_run_until_idle(b);
    bench_forget(b);
    bus_write(b, LOCKSTEP_REG_PASS_SLOTS, b->slots);
    bus_write(b, LOCKSTEP_REG_BUDGET, budget);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
}

/* The whole device is reset in the middle of a pass: nothing is left, and it works at once. */
static void test_reset(struct bench *b) {
    for (int i = 0; i < 12; i++) {
        struct model_sequence s[2];
        begin(b);
        bus_write(b, LOCKSTEP_REG_TOKEN_IN, 3 | LOCKSTEP_IN_FIRST_MASK);
        bus_write(b, LOCKSTEP_REG_TOKEN_IN, 4 | LOCKSTEP_IN_LAST_MASK);
        for (uint32_t n = bench_random(b, 900); n > 0; n--)
            bench_tick(b);
        bench_reset(b);
        CHECK(&b->test, bus_read(b, LOCKSTEP_REG_STATUS) == 0, "status after reset");
        CHECK(&b->test, bus_read(b, LOCKSTEP_REG_TOKEN_LEVELS) == LOCKSTEP_RESET_TOKEN_LEVELS,
              "tokens after reset");
        model_load(b);
        run_anew(b, 8);
        for (unsigned q = 0; q < 2; q++) {
            s[q] = model_sequence(b, q, 1 + bench_random(b, 5), 8);
            send_prompt(b, &s[q]);
        }
        take_tokens(b, s, 2);
        check_slots(b, s, 2);
        control_trace_check(b);
    }
}

/* Logits come in pieces, the first of which begins the lists. */
static void test_pieces(struct bench *b) {
    enum { AT_LOGITS = MODEL_OPS - 2, FIRST = 17, LAST = 1 };
    const struct model_op ops[] = {
        {.op = LOCKSTEP_OP_OFFER, .n = FIRST},
        {.op = LOCKSTEP_OP_OFFER, .n = MODEL_VOCAB - FIRST - LAST, .imm = FIRST},
        {.op = LOCKSTEP_OP_OFFER, .n = LAST, .imm = MODEL_VOCAB - LAST},
        {.op = LOCKSTEP_OP_END}};
    struct model_sequence s[3];
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    for (uint32_t i = 0; i < sizeof ops / sizeof *ops; i++)
        model_write_op(b, AT_LOGITS + i, &ops[i]);
    run_anew(b, 20);
    for (unsigned i = 0; i < 3; i++) {
        s[i] = model_sequence(b, i, 1 + bench_random(b, 9), 20);
        send_prompt(b, &s[i]);
    }
    take_tokens(b, s, 3);
    check_slots(b, s, 3);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    for (uint32_t i = AT_LOGITS; i < MODEL_OPS; i++)
        model_write_op(b, i, &model_program[i]);
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_VALIDATE_MASK);
    bench_run_until_idle(b);
}

static void set_sizes(struct bench *b, uint32_t vocab, uint32_t context, uint32_t sequences) {
    model_tensors[0].rows = model_tensors[2].rows = vocab; /* embedding and output */
    model_write_tensor(b, 0, &model_tensors[0]);
    model_write_tensor(b, 2, &model_tensors[2]);
    bus_write(b, LOCKSTEP_REG_VOCAB, vocab);
    bus_write(b, LOCKSTEP_REG_CONTEXT, context);
    bus_write(b, LOCKSTEP_REG_N_SEQS, sequences);
}

/* Tokens, positions and budgets of any size, in prompts that do not end, so that no token is
 * wanted: of one sequence with the largest context, or of some with less. */
static void test_sizes(struct bench *b, uint32_t sequences) {
    const uint32_t vocab = (1u << 20) - 1;
    const uint32_t context = bus_read(b, LOCKSTEP_REG_CONTEXT_MAX) / sequences;
    const uint32_t count = 3 * b->slots; /* whole passes: a part of one waits for more */
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bus_write(b, LOCKSTEP_REG_PASS_SLOTS, b->slots);
    set_sizes(b, vocab, context, sequences);
    model_validate(b);
    for (uint32_t i = 0; i < 12; i++) {
        const uint32_t start = bench_random(b, context - count), seq = i % sequences;
        uint32_t token[48], seen = 0;
        bench_forget(b);
        bus_write(b, LOCKSTEP_REG_START_POS, start);
        bus_write(b, LOCKSTEP_REG_BUDGET, (uint32_t)top_random(&b->top) | 1);
        bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_RUN_MASK);
        for (uint32_t k = 0; k < count; k++) {
            token[k] = bench_random(b, vocab);
            model_push(b, token[k] | seq << LOCKSTEP_IN_SEQ_SHIFT | LOCKSTEP_IN_PROMPT_MASK |
                              (k == 0 ? LOCKSTEP_IN_FIRST_MASK : 0));
        }
        bench_run_until_idle(b);
        bus_write(b, LOCKSTEP_REG_CTRL, 0);
        for (size_t k = 0; k < b->commit_count; k++)
            if (b->commits[k].op == LOCKSTEP_OP_PASS) {
                const struct bench_commit *c = &b->commits[k];
                CHECK(&b->test,
                      seen < count && c->word[0] == token[seen] && c->word[1] == start + seen &&
                          c->word[2] == seq,
                      "token %u of a prompt of %u from %u on: %u at %u of %u", seen, seq, start,
                      c->word[0], c->word[1], c->word[2]);
                seen++;
            }
        CHECK(&b->test, seen == count, "%u tokens", seen);
        control_trace_check(b);
    }
    bus_write(b, LOCKSTEP_REG_CTRL, LOCKSTEP_CTRL_SOFT_RESET_MASK);
    bus_write(b, LOCKSTEP_REG_START_POS, 0);
    set_sizes(b, MODEL_VOCAB, MODEL_CONTEXT, MODEL_SEQS);
    model_validate(b);
}

int main(int argc, char **argv) {
    static struct bench b;
    bench_open(&b, "control", argc, argv);
    model_load(&b);
    model_validate(&b);
    test_single(&b);
    for (unsigned i = 1; i <= 4; i++) {
        test_many(&b, i, 1 + bench_random(&b, b.slots));
        test_many(&b, i, b.slots);
        test_many(&b, i, 0); /* counts as 1 */
    }
    test_pieces(&b);
    test_back_pressure(&b);
    test_levels(&b);
    test_context(&b);
    test_queue(&b);
    test_continue(&b);
    test_restart(&b);
    test_list(&b, 1, true);
    test_list(&b, 5, false);
    test_list(&b, 64, true);
    test_list_taken(&b);
    test_drafts_alone(&b);
    test_drafts_listed(&b);
    test_interrupts(&b);
    test_errors(&b);
    test_sizes(&b, 1);
    test_sizes(&b, MODEL_SEQS);
    control_far(&b);
    test_soft_reset(&b);
    test_reset(&b);
    return bench_close(&b);
}
