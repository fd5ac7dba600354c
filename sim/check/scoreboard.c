/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * In-order comparison, slot by slot.
 */
#include "scoreboard_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/device_info.h"

int scoreboard_open(struct scoreboard *b, const struct ls_model *model, int act_bits,
                    uint32_t slots, uint32_t sequences, uint32_t context, uint32_t list_size,
                    struct ls_error *err) {
    memset(b, 0, sizeof *b);
    b->model = model;
    b->context = context;
    b->slot_count = slots;
    b->list_size = list_size < model->vocab ? list_size : model->vocab;
    if (slots > SCOREBOARD_SLOTS || sequences > SCOREBOARD_SEQUENCES)
        return ls_error_set(err, "scoreboard: at most %u slots and %u sequences", SCOREBOARD_SLOTS,
                            SCOREBOARD_SEQUENCES);
    for (uint32_t i = 0; i < sequences; i++) {
        b->sequences[i].tokens = calloc(context + 1, sizeof(uint32_t));
        if (b->sequences[i].tokens == NULL)
            return ls_error_set(err, "scoreboard: out of memory for %u positions", context);
    }
    if (golden_open(model, act_bits, slots, sequences, context, &b->golden, err) != 0)
        return -1;
    return ahead_open(b->golden, &b->ahead, err);
}

void scoreboard_close(struct scoreboard *b) {
    ahead_close(b->ahead);
    golden_close(b->golden);
    for (uint32_t i = 0; i < SCOREBOARD_SLOTS; i++)
        free(b->vectors[i].actual);
    for (uint32_t i = 0; i < SCOREBOARD_SEQUENCES; i++)
        free(b->sequences[i].tokens);
    memset(b, 0, sizeof *b);
}

void scoreboard_follow(struct scoreboard *b,
                       void (*on_token)(void *told, uint32_t sequence, uint32_t position,
                                        uint32_t token, const uint32_t *logits),
                       void *told) {
    if (b->ahead != NULL)
        ahead_follow(b->ahead, on_token, told);
}

void scoreboard_prompt(struct scoreboard *b, uint32_t sequence, const uint32_t *tokens,
                       uint32_t count) {
    struct scoreboard_sequence *s = &b->sequences[sequence];
    memcpy(s->tokens, tokens, count * sizeof *tokens);
    s->known = s->prompt = count;
    s->next = s->shown = s->drafts = 0;
    s->choices = SCOREBOARD_LIST;
}

void scoreboard_text(struct scoreboard *b, uint32_t sequence, const uint32_t *tokens,
                     uint32_t count, uint32_t prompt) {
    scoreboard_prompt(b, sequence, tokens, count);
    b->sequences[sequence].prompt = prompt;
}

void scoreboard_list(struct scoreboard *b, uint32_t pairs) {
    b->list_size = pairs < b->model->vocab ? pairs : b->model->vocab;
}

void scoreboard_choices(struct scoreboard *b, uint32_t sequence, uint32_t choices) {
    b->sequences[sequence].choices = choices;
}

void scoreboard_drafts(struct scoreboard *b, uint32_t sequence, const uint32_t *drafts,
                       uint32_t count) {
    struct scoreboard_sequence *s = &b->sequences[sequence];
    for (s->drafts = 0; s->drafts < count && s->known + s->drafts <= b->context; s->drafts++)
        s->tokens[s->known + s->drafts] = drafts[s->drafts];
}

void scoreboard_continue(struct scoreboard *b, uint32_t sequence, const uint32_t *tokens,
                         uint32_t known, uint32_t prompt, uint32_t next) {
    struct scoreboard_sequence *s = &b->sequences[sequence];
    scoreboard_prompt(b, sequence, tokens, known);
    s->prompt = prompt;
    s->shown = known - prompt;
    s->next = next;
}

static void end_op(struct scoreboard *b, const struct device_commit *c, uint32_t slot,
                   const struct golden_record *record) {
    const struct scoreboard_slot *s = &b->slots[slot];
    b->ops++;
    if (b->on_op != NULL)
        b->on_op(b->told,
                 &(struct scoreboard_op){.record = record,
                                         .op = c->op,
                                         .pc = c->pc,
                                         .layer = c->layer,
                                         .slot = slot,
                                         .sequence = s->sequence,
                                         .position = s->position,
                                         .token = b->sequences[s->sequence].tokens[s->position],
                                         .begin = b->begin,
                                         .first = s->first,
                                         .last = c->cycle});
}

static bool is_complete(const struct scoreboard *b, uint32_t slot) {
    const struct scoreboard_slot *s = &b->slots[slot];
    return !s->active || (board_next_record(b, slot) == NULL &&
                          s->sampled == (s->wanted && !s->dropped ? 2 * s->pairs : 0));
}

static bool check_word(struct scoreboard *b, const struct device_commit *c, uint32_t slot,
                       uint32_t index, uint32_t actual) {
    struct scoreboard_slot *s = &b->slots[slot];
    board_await(b, s->record);
    const struct golden_record *r = s->active ? board_next_record(b, slot) : NULL;
    b->words++;
    if (board_is_stopped(b, slot))
        return board_differ_stopped(b, c, slot);
    if (r == NULL)
        return board_differ(b, c, slot, index, "none", 0, actual, "nothing was expected any more");
    if (r->op != c->op)
        return board_differ(b, c, slot, index, r->tensor, r->words[s->word], actual,
                            op_name(r->op));
    if (r->layer >= 0 && (uint32_t)r->layer != c->layer)
        return board_differ(b, c, slot, index, r->tensor, (uint32_t)r->layer, c->layer,
                            "wrong layer");
    if (index != s->word)
        return board_differ(b, c, slot, index, r->tensor, (uint32_t)s->word, index, "out of order");
    if (r->words[index] != actual)
        return board_differ(b, c, slot, index, r->tensor, r->words[index], actual,
                            board_wrong_value);
    if (s->word == 0)
        s->first = c->cycle;
    if (++s->word == r->count && !board_is_stopped(b, slot)) {
        end_op(b, c, slot, r);
        s->word = 0;
        s->record++;
    }
    return true;
}

/* A slot begins a token: the words are token, position, sequence. */
static bool check_pass(struct scoreboard *b, const struct device_commit *c) {
    static const char *const what[] = {"token", "position", "sequence"};
    struct scoreboard_slot *s = &b->slots[c->slot];
    const uint32_t seq = c->words[2];
    struct scoreboard_sequence *sequence = &b->sequences[seq % SCOREBOARD_SEQUENCES];
    struct ls_error error;
    if (c->slot == 0 || !golden_has_ended(b->golden, c->slot))
        board_await_pass(b);           /* else one more token of the pass that begins */
    if (b->stop.found && c->slot == 0) /* slots are filled from 0 on: another pass */
        return board_differ_stopped(b, c, c->slot);
    if (!is_complete(b, c->slot)) {
        const struct golden_record *r = board_next_record(b, c->slot);
        return board_differ(b, c, c->slot, (uint32_t)s->word, r ? r->tensor : "sample", 0, 0,
                            "the pass before did not commit it");
    }
    b->words += 3;
    b->ops++;
    if (c->index != 0 || c->count != 3)
        return board_differ(b, c, c->slot, c->index, "none", 3, c->count, "a token in pieces");
    if (seq >= SCOREBOARD_SEQUENCES || sequence->tokens == NULL)
        return board_differ(b, c, c->slot, 2, what[2], 0, seq, "no such sequence");
    for (uint32_t slot = c->slot; slot < SCOREBOARD_SLOTS; slot++) /* of the pass before */
        b->slots[slot].draft = false;
    *s = (struct scoreboard_slot){.active = true,
                                  .draft = sequence->next >= sequence->known,
                                  .sequence = seq,
                                  .position = sequence->next,
                                  .pairs = b->list_size == 0 ? 1 : b->list_size};
    if (sequence->next >= sequence->known + sequence->drafts || c->words[1] != sequence->next)
        return board_differ(b, c, c->slot, 1, what[1], sequence->next, c->words[1],
                            "wrong position");
    if (c->words[0] != sequence->tokens[sequence->next])
        return board_differ(b, c, c->slot, 0, what[0], sequence->tokens[sequence->next],
                            c->words[0], "wrong token");
    s->wanted = sequence->next + 1 >= sequence->prompt;
    if (!s->draft)
        sequence->lead = c->slot;
    if (ahead_begin(b->ahead,
                    &(struct ahead_token){c->slot, seq, s->position, c->words[0], s->wanted},
                    &error) != 0)
        return board_differ(b, c, c->slot, 1, what[1], 0, c->words[1], error.text);
    b->ready = 0;
    sequence->next++;
    return true;
}

/* Chosen (id, logit) pairs, best first. */
static bool check_sample(struct scoreboard *b, const struct device_commit *c) {
    struct scoreboard_slot *s = &b->slots[c->slot];
    struct scoreboard_sequence *sequence = &b->sequences[s->sequence];
    struct scoreboard_list *list = &sequence->lists[c->slot];
    const uint32_t pairs = s->pairs;
    board_await_pass(b);
    if (b->stop.found)
        return board_differ_stopped(b, c, c->slot);
    if (!s->active || !s->wanted || board_next_record(b, c->slot) != NULL)
        return board_differ(b, c, c->slot, c->index, "sample", 0, c->words[0],
                            "sampled out of turn");
    if (s->sampled == 0) {
        s->first = c->cycle;
        golden_top_k(golden_logits(b->golden, c->slot), b->model->vocab, pairs, list->ids,
                     list->logits);
        list->count = pairs;
        if (b->list_size == 0 && sequence->known <= b->context)
            sequence->tokens[sequence->known++] = list->ids[0];
    }
    for (uint32_t i = 0; i < c->count; i++, s->sampled++) {
        const uint32_t rank = s->sampled / 2, at = c->index + i;
        const uint32_t *words = s->sampled % 2 ? list->logits : list->ids;
        b->words++;
        if (at != s->sampled || rank >= pairs)
            return board_differ(b, c, c->slot, at, "sample", s->sampled, at, "out of order");
        if (words[rank] != c->words[i])
            return board_differ(b, c, c->slot, at, "sample", words[rank], c->words[i],
                                board_wrong_value);
    }
    if (s->sampled == 2 * pairs)
        end_op(b, c, c->slot, NULL);
    return true;
}

/* Begins and ends of ops, whatever their slots. PASS and SAMPLE have no op_start: they begin with
 * what was committed last. */
static void note_commit(struct scoreboard *b, const struct device_commit *c) {
    if (c->op != b->op || c->pc != b->pc || c->layer != b->layer) {
        b->before = b->start;
        b->begin = b->newest + 1;
        b->start = c->start > b->newest ? c->start : b->begin;
        b->op = c->op;
        b->pc = c->pc;
        b->layer = c->layer;
    }
    b->newest = c->cycle;
    if (c->op == LOCKSTEP_OP_PASS && c->slot == 0)
        b->pass = c->cycle;
}

/* One commit compared; false: a difference. */
static bool check(struct scoreboard *b, const struct device_commit *c) {
    bool ok = true;
    if (c->by_slot && c->mask >> b->slot_count != 0) {
        ok = board_differ(b, c, 0, c->index, "none", 0, c->mask, "no such slot");
    } else if (!c->by_slot && c->slot >= b->slot_count) {
        ok = board_differ(b, c, 0, c->index, "none", 0, c->slot, "no such slot");
    } else if (c->op == LOCKSTEP_OP_PASS) {
        ok = check_pass(b, c);
    } else if (c->op == LOCKSTEP_OP_SAMPLE) {
        ok = check_sample(b, c);
    } else if (c->by_slot) {
        for (uint32_t i = 0; i < c->count; i++)
            for (uint32_t slot = 0; slot < SCOREBOARD_SLOTS; slot++)
                if ((c->mask >> slot) & 1u)
                    ok = ok && check_word(b, c, slot, c->index + i, c->words[2 * slot + i]);
    } else {
        for (uint32_t i = 0; ok && i < c->count; i++)
            ok = check_word(b, c, c->slot, c->index + i, c->words[i]);
    }
    return ok;
}

int scoreboard_commit(void *board, const struct device_commit *c) {
    struct scoreboard *b = board;
    if (b->first.found)
        return b->patient && board_collect(b, c) ? 0 : -1;
    note_commit(b, c);
    if (check(b, c))
        return 0;
    if (!b->patient || !b->first.is_value)
        return -1;
    board_begin_collecting(b);
    return board_collect(b, c) ? 0 : -1;
}

bool scoreboard_again(struct scoreboard *b, uint32_t seq, const uint32_t *tokens, uint32_t count,
                      uint32_t kept) {
    const struct scoreboard_sequence *s = &b->sequences[seq];
    const struct device_commit none = {.op = LOCKSTEP_OP_PASS, .cycle = b->newest};
    const bool same = kept <= s->next && memcmp(s->tokens, tokens, kept * sizeof *tokens) == 0;
    scoreboard_continue(b, seq, tokens, count, count, kept);
    return same ||
           board_differ(b, &none, 0, 0, "none", kept, 0, "K and V of other tokens are kept");
}

/* The slot behind the sequence's lead, if it holds a draft. */
static struct scoreboard_slot *draft_behind(struct scoreboard *b, uint32_t seq) {
    const uint32_t slot = b->sequences[seq].lead + 1;
    return slot < b->slot_count && b->slots[slot].draft && b->slots[slot].sequence == seq
               ? &b->slots[slot]
               : NULL;
}

/* Chosen from the lead's list: the draft behind it has sampled if it is right, or has it not, nor
 * has any other. The sequence goes on behind the token. */
static bool take_choice(struct scoreboard *b, uint32_t seq, uint32_t token) {
    struct scoreboard_sequence *s = &b->sequences[seq];
    const struct device_commit none = {.op = LOCKSTEP_OP_SAMPLE, .cycle = b->newest};
    const struct scoreboard_list *list = &s->lists[s->lead];
    const uint32_t at = s->known;
    struct scoreboard_slot *behind = draft_behind(b, seq);
    const bool right = behind != NULL && s->tokens[at] == token, all = s->next == at + s->drafts;
    bool listed = s->choices == 0;
    if (s->known <= b->context)
        s->tokens[s->known++] = token;
    for (uint32_t i = 0; i < list->count && i < s->choices; i++)
        listed = listed || list->ids[i] == token;
    if (!listed)
        return board_differ(b, &none, 0, at, "token-out", list->ids[0], token, "not on the list");
    if (s->drafts != 0 && !all)
        return board_differ(b, &none, 0, at, "token-out", at + s->drafts, s->next,
                            "the pass does not hold its drafts");
    s->drafts = 0;
    s->next = at;
    if (right) {
        s->lead++;
        return behind->sampled == 2 * behind->pairs ||
               board_differ(b, &none, s->lead, at, "sample", 2 * behind->pairs, behind->sampled,
                            "the draft is right and has not sampled");
    }
    for (; behind != NULL; behind = draft_behind(b, seq)) {
        behind->dropped = true;
        s->lead++;
        if (behind->sampled != 0)
            return board_differ(b, &none, s->lead, at, "sample", 0, behind->sampled,
                                "a draft that is wrong has sampled");
    }
    return true;
}

bool scoreboard_token(struct scoreboard *b, uint32_t seq, uint32_t token) {
    struct scoreboard_sequence *s = &b->sequences[seq];
    const struct device_commit none = {.op = LOCKSTEP_OP_SAMPLE, .cycle = b->newest};
    const uint32_t at = s->prompt + s->shown++;
    if (b->list_size != 0 && at >= s->known)
        return take_choice(b, seq, token);
    if (at >= s->known || s->tokens[at] != token)
        return board_differ(b, &none, 0, at, "token-out", at < s->known ? s->tokens[at] : 0, token,
                            "wrong token");
    return true;
}

bool scoreboard_end(struct scoreboard *b, uint32_t seq, struct scoreboard_ending expected,
                    struct scoreboard_ending actual) {
    const struct device_commit none = {.op = LOCKSTEP_OP_SAMPLE, .cycle = b->newest};
    const uint32_t at = b->sequences[seq].shown - 1;
    if (expected.end_of_generation != actual.end_of_generation)
        return board_differ(b, &none, 0, at, "token-out", expected.end_of_generation,
                            actual.end_of_generation, "wrong flag EOG");
    return expected.last == actual.last || board_differ(b, &none, 0, at, "token-out", expected.last,
                                                        actual.last, "wrong flag LAST");
}

bool scoreboard_finish(struct scoreboard *b) {
    scoreboard_settle(b);
    if (b->stop.found && !b->first.found)
        board_differ_stopped(b, &(struct device_commit){.op = LOCKSTEP_OP_END, .cycle = b->newest},
                             0);
    for (uint32_t slot = 0; slot < SCOREBOARD_SLOTS && !b->first.found; slot++)
        if (!is_complete(b, slot)) {
            const struct device_commit end = {
                .op = LOCKSTEP_OP_PASS, .slot = slot, .cycle = b->newest};
            const struct golden_record *r = board_next_record(b, slot);
            board_differ(b, &end, slot, (uint32_t)b->slots[slot].word, r ? r->tensor : "sample", 0,
                         0, "never committed");
        }
    return !b->first.found;
}
