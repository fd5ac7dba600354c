/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Commits as a right device makes them, and the tokens between, from a golden model of their own:
 * two sequences in two slots, the first one's prompt by two tokens a pass, greedily and with a list
 * of the best. For tests of sim/check/scoreboard.h, which need no device for it.
 *
 *     struct stream s = record_stream(model, LIST, RIGHT);
 *     struct scoreboard board;
 *     open_board(&board, model, LIST);
 *     for (size_t i = 0; i < s.count; i++) ... s.event[i]
 *     scoreboard_close(&board);
 *     free(s.event);
 */
#ifndef SCOREBOARD_STREAM_H
#define SCOREBOARD_STREAM_H

#include "csrc/base/device_info.h"
#include "csrc/golden/golden_state.h"
#include "sim/check/scoreboard.h"
#include "tests/kit/host_test.h"

enum { SLOTS = 2, SEQUENCES = 2, CONTEXT = 16, LIST = 4, GROUP = 8, PASSES = 4 };

/* What the board is told, in order: a commit or a token that came out of the driver. */
struct event {
    bool is_token;
    struct device_commit commit;
    uint32_t words[2 * SCOREBOARD_SLOTS];
    uint32_t sequence, token;
    struct scoreboard_ending right, ending; /* behind the token, as it has to be and as it is */
    bool is_edge;                           /* first or last commit of its op for the slot */
};

/* What a device does wrong, and goes on with as if it were right. */
enum habit { RIGHT, TAKES_OTHER_TOKEN, CHOOSES_SECOND, HABITS };

struct stream {
    struct event *event;
    size_t count, room;
    uint64_t cycle;
    uint64_t ops, words; /* that it commits, each slot's its own */
    enum habit habit;
};

struct plan { /* a slot of a pass */
    uint32_t sequence, position;
};

static const uint32_t prompt[SEQUENCES][3] = {{1, 70, 81}, {1}};
static const uint32_t prompts[SEQUENCES] = {3, 1};
static const struct plan plan[PASSES][SLOTS] = {
    {{0, 0}, {0, 1}}, {{0, 2}, {1, 0}}, {{1, 1}, {0, 3}}, {{0, 4}, {1, 2}}};

static inline void append(struct stream *s, const struct event *e) {
    if (s->count == s->room) {
        s->room = s->room == 0 ? 256 : 2 * s->room;
        s->event = realloc(s->event, s->room * sizeof *s->event);
        if (s->event == NULL)
            exit(1);
    }
    struct event *at = &s->event[s->count++];
    *at = *e;
    at->commit.cycle = ++s->cycle;
}

static inline void append_commit(struct stream *s, const struct device_commit *c,
                                 const uint32_t *words, bool is_edge) {
    struct event e = {.commit = *c, .is_edge = is_edge};
    memcpy(e.words, words, (c->by_slot ? 2 * SCOREBOARD_SLOTS : c->count) * sizeof *words);
    append(s, &e);
}

/* Words of one slot, GROUP at a time. */
static inline void append_slot(struct stream *s, struct device_commit c, const uint32_t *words,
                               uint32_t count) {
    s->ops++;
    s->words += count;
    for (uint32_t i = 0; i < count; i += GROUP) {
        c.index = i;
        c.count = count - i < GROUP ? count - i : GROUP;
        append_commit(s, &c, words + i, i == 0 || i + c.count == count);
    }
}

/* Two words of every slot at a time, as rows of a matrix come. */
static inline void append_rows(struct stream *s, struct device_commit c,
                               const struct golden_record *const record[SLOTS], uint32_t count) {
    c.by_slot = true;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        c.mask |= record[slot] != NULL ? 1u << slot : 0;
        s->ops += record[slot] != NULL;
        s->words += record[slot] != NULL ? count : 0;
    }
    for (uint32_t i = 0; i < count; i += c.count) {
        uint32_t words[2 * SCOREBOARD_SLOTS];
        memset(words, 0xa5, sizeof words);
        c.index = i;
        c.count = i + 1 < count ? 2 : 1;
        for (uint32_t slot = 0; slot < SLOTS; slot++)
            if (record[slot] != NULL)
                memcpy(words + 2 * slot, record[slot]->words + i, c.count * sizeof *words);
        append_commit(s, &c, words, i == 0 || i + c.count == count);
    }
}

static inline void append_op(struct stream *s, const struct golden *golden, size_t at) {
    const struct golden_record *record[SLOTS] = {NULL}, *some = NULL;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        size_t count;
        const struct golden_record *r = golden_records(golden, slot, &count);
        record[slot] = at < count ? &r[at] : NULL;
        some = record[slot] != NULL ? record[slot] : some;
    }
    const struct device_commit c = {
        .op = some->op, .pc = (uint32_t)at, .layer = some->layer < 0 ? 0 : (uint32_t)some->layer};
    if (some->op == LOCKSTEP_OP_MATVEC || some->op == LOCKSTEP_OP_LOGITS) {
        append_rows(s, c, record, (uint32_t)some->count);
        return;
    }
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        struct device_commit own = c;
        own.slot = slot;
        if (record[slot] != NULL)
            append_slot(s, own, record[slot]->words, (uint32_t)record[slot]->count);
    }
}

/* One pass of a right device. `pairs` of a SAMPLE; `known`: each sequence's tokens, to which the
 * best one is added. */
static inline void append_pass(struct stream *s, const struct ls_model *model,
                               struct golden *golden, const struct plan slots[SLOTS], bool is_last,
                               uint32_t pairs, uint32_t known[SEQUENCES][CONTEXT]) {
    struct ls_error err;
    size_t records = 0;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        const struct plan *p = &slots[slot];
        const uint32_t token = known[p->sequence][p->position] + (s->habit == TAKES_OTHER_TOKEN);
        const uint32_t words[] = {token, p->position, p->sequence};
        size_t count;
        if (golden_run(golden, slot, p->sequence, p->position, words[0],
                       p->position + 1 >= prompts[p->sequence], &err) != 0)
            exit(1);
        golden_records(golden, slot, &count);
        records = count > records ? count : records;
        append_slot(s, (struct device_commit){.op = LOCKSTEP_OP_PASS, .slot = slot}, words, 3);
    }
    for (size_t at = 0; at < records; at++)
        append_op(s, golden, at);
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        const struct plan *p = &slots[slot];
        uint32_t ids[LIST], logits[LIST], list[2 * LIST], second[2], none[2];
        if (golden_logits(golden, slot) == NULL)
            continue;
        golden_top_k(golden_logits(golden, slot), model->vocab, pairs, ids, logits);
        golden_top_k(golden_logits(golden, slot), model->vocab, 2, second, none);
        for (uint32_t i = 0; i < pairs; i++) {
            list[2 * i] = ids[i];
            list[2 * i + 1] = logits[i];
        }
        if (s->habit == CHOOSES_SECOND)
            ids[0] = list[0] = second[1];
        append_slot(s, (struct device_commit){.op = LOCKSTEP_OP_SAMPLE, .slot = slot}, list,
                    2 * pairs);
        known[p->sequence][p->position + 1] = ids[0];
        /* every sequence generates for as long as the plan goes on */
        const struct scoreboard_ending end = {.end_of_generation = ls_model_is_eog(model, ids[0]),
                                              .last = is_last};
        append(s, &(struct event){.is_token = true,
                                  .sequence = p->sequence,
                                  .token = ids[0],
                                  .right = end,
                                  .ending = end});
    }
}

static inline struct stream record_stream(const struct ls_model *model, uint32_t list,
                                          enum habit habit) {
    struct stream s = {.habit = habit};
    struct golden *golden;
    struct ls_error err;
    uint32_t known[SEQUENCES][CONTEXT] = {{0}};
    for (uint32_t q = 0; q < SEQUENCES; q++)
        memcpy(known[q], prompt[q], sizeof prompt[q]);
    if (golden_open(model, 16, SLOTS, SEQUENCES, CONTEXT, &golden, &err) != 0)
        exit(1);
    for (int pass = 0; pass < PASSES; pass++)
        append_pass(&s, model, golden, plan[pass], pass + 1 == PASSES, list == 0 ? 1 : list, known);
    golden_close(golden);
    return s;
}

static inline void open_board(struct scoreboard *board, const struct ls_model *model,
                              uint32_t list) {
    struct ls_error err;
    if (scoreboard_open(board, model, 16, SLOTS, SEQUENCES, CONTEXT, list, &err) != 0)
        exit(1);
    for (uint32_t q = 0; q < SEQUENCES; q++)
        scoreboard_prompt(board, q, prompt[q], prompts[q]);
}

#endif
