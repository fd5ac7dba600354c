/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * In-order comparison, slot by slot.
 */
#include "scoreboard.h"

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
    s->next = s->shown = 0;
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

void scoreboard_continue(struct scoreboard *b, uint32_t sequence, const uint32_t *tokens,
                         uint32_t known, uint32_t prompt, uint32_t next) {
    struct scoreboard_sequence *s = &b->sequences[sequence];
    scoreboard_prompt(b, sequence, tokens, known);
    s->prompt = prompt;
    s->shown = known - prompt;
    s->next = next;
}

uint64_t scoreboard_order(const struct golden_record *records, size_t count, size_t record) {
    if (record >= count)
        return UINT64_MAX;
    const int expert = records[record].expert;
    size_t loop = record, first = record; /* of the expert loop; of the expert */
    for (; loop > 0 && expert >= 0 && records[loop - 1].expert >= 0; loop--)
        if (records[loop - 1].expert == expert)
            first = loop - 1;
    return (uint64_t)loop << 32 | (uint64_t)(expert + 1) << 16 | (record - first);
}

static uint64_t order_of(const struct scoreboard *b, uint32_t slot, size_t record) {
    size_t count;
    const struct golden_record *records = golden_records(b->golden, slot, &count);
    return scoreboard_order(records, count, record);
}

/* The golden model has met an error in this slot: does the device come to it first? */
static void note_stop(struct scoreboard *b, uint32_t slot) {
    struct scoreboard_stop *s = &b->stop;
    const struct golden_stop *g = golden_slot_stop(b->golden, slot);
    size_t records;
    golden_records(b->golden, slot, &records);
    const size_t record = records - 1;
    const uint64_t order = order_of(b, slot, record);
    if (!s->found || order < s->order || (order == s->order && g->input && !s->input))
        *s = (struct scoreboard_stop){.found = true,
                                      .record = record,
                                      .order = order,
                                      .input = g->input,
                                      .slot = slot,
                                      .error = g->error};
    if (order == s->order && g->input == s->input)
        s->met[slot] = g->met;
}

/* The errors of slots that have ended: all that the pass meets up to record `ready`. */
static void note_stops(struct scoreboard *b, size_t ready) {
    b->ready = ready;
    for (uint32_t slot = 0; slot < b->slot_count; slot++) {
        struct scoreboard_slot *s = &b->slots[slot];
        if (!s->active || s->stopped || !golden_has_ended(b->golden, slot) ||
            golden_slot_stop(b->golden, slot)->fault == GOLDEN_FAULT_NONE)
            continue;
        s->stopped = true;
        note_stop(b, slot);
    }
}

/* Whatever is looked at of a record, in any slot: it stands now, or the pass has met an error. With
 * experts, what the device does before is not what has a lower number, so all of the pass does. */
static void await(struct scoreboard *b, size_t record) {
    if (b->model->experts != 0)
        record = SIZE_MAX - 1;
    if (b->ready <= record)
        note_stops(b, ahead_wait(b->ahead, record));
}

static void await_pass(struct scoreboard *b) {
    await(b, SIZE_MAX - 1);
}

void scoreboard_await(struct scoreboard *b) {
    await_pass(b);
}

void scoreboard_settle(struct scoreboard *b) {
    if (b->ahead == NULL)
        return;
    await_pass(b);
    ahead_finish(b->ahead);
}

struct golden *scoreboard_take(struct scoreboard *b) {
    struct golden *golden = b->golden;
    scoreboard_settle(b);
    ahead_close(b->ahead);
    if (golden != NULL)
        golden_follow(golden, NULL, NULL);
    b->ahead = NULL;
    b->golden = NULL;
    return golden;
}

static const char wrong_value[] = "wrong value";

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static const struct golden_record *next_record(const struct scoreboard *b, uint32_t slot) {
    size_t count;
    const struct golden_record *records = golden_records(b->golden, slot, &count);
    return b->slots[slot].record < count ? &records[b->slots[slot].record] : NULL;
}

bool scoreboard_is_binary32(enum golden_kind kind, uint32_t index) {
    return kind == GOLDEN_BINARY32 || (kind == GOLDEN_LIST && index % 2 == 1);
}

void scoreboard_word_text(enum golden_kind kind, uint32_t index, uint32_t word, char *text,
                          size_t room) {
    const bool shift = index % GOLDEN_KV_BLOCK_WORDS == GOLDEN_KV_BLOCK_WORDS - 1;
    if (scoreboard_is_binary32(kind, index))
        snprintf(text, room, "%.9g", (double)float_of(word));
    else if (kind == GOLDEN_BLOCKS && !shift)
        snprintf(text, room, "%d %d", (int16_t)(uint16_t)word, (int16_t)(uint16_t)(word >> 16));
    else
        snprintf(text, room, "%s%u",
                 kind == GOLDEN_BLOCKS ? "shift "
                 : kind == GOLDEN_LIST ? "id "
                                       : "",
                 word);
}

/* Notes the first difference; `what` completes the sentence "token ..., ...: ". */
static bool differ(struct scoreboard *b, const struct device_commit *c, uint32_t slot,
                   uint32_t index, const char *tensor, uint32_t expected, uint32_t actual,
                   const char *what) {
    await_pass(b);
    struct scoreboard_difference *d = &b->first;
    const struct scoreboard_slot *s = &b->slots[slot % SCOREBOARD_SLOTS];
    const bool is_op = in_mask(LOCKSTEP_OPS, c->op); /* else PASS or SAMPLE */
    const struct golden_record *r = is_op ? next_record(b, slot % SCOREBOARD_SLOTS) : NULL;
    const bool in_layer = r != NULL ? r->layer >= 0 : is_op;
    const bool is_value = what == wrong_value;
    char layer[48] = "", values[2][24];
    b->mismatches++;
    if (d->found)
        return false;
    *d = (struct scoreboard_difference){.found = true,
                                        .cycle = c->cycle,
                                        .begin = b->start,
                                        .before = b->before,
                                        .pass = b->pass,
                                        .record = next_record(b, slot % SCOREBOARD_SLOTS),
                                        .tensor = tensor,
                                        .op = c->op,
                                        .pc = c->pc,
                                        .sequence = s->sequence,
                                        .position = s->position,
                                        .token = b->sequences[s->sequence].tokens[s->position],
                                        .slot = slot,
                                        .layer = c->layer,
                                        .index = index,
                                        .expected = expected,
                                        .actual = actual,
                                        .kind = !is_value                     ? GOLDEN_WORDS
                                                : c->op == LOCKSTEP_OP_SAMPLE ? GOLDEN_LIST
                                                                              : r->kind,
                                        .is_value = is_value};
    for (int i = 0; i < 2; i++)
        scoreboard_word_text(d->kind, index, i == 0 ? expected : actual, values[i],
                             sizeof values[i]);
    if (in_layer)
        snprintf(layer, sizeof layer, "layer %u, ", c->layer);
    if (r != NULL && r->expert >= 0)
        snprintf(layer, sizeof layer, "layer %u, expert %d, ", c->layer, r->expert);
    snprintf(
        d->text, sizeof d->text,
        "token %u at position %u (sequence %u, slot %u), %sop %u %s, tensor %s, element %u: %s: "
        "expected 0x%08x (%s), got 0x%08x (%s), cycle %llu",
        d->token, d->position, d->sequence, slot, layer, c->pc, op_name(c->op), tensor, index, what,
        expected, values[0], actual, values[1], (unsigned long long)c->cycle);
    return false;
}

/* What came where the golden model has stopped the pass. */
static bool differ_stopped(struct scoreboard *b, const struct device_commit *c, uint32_t slot) {
    await_pass(b);
    struct scoreboard_difference *d = &b->first;
    if (d->found)
        return false;
    size_t count;
    const struct golden_record *at = golden_records(b->golden, b->stop.slot, &count);
    differ(b, c, slot, c->index, at[b->stop.record].tensor, 0, 0, "");
    snprintf(
        d->text, sizeof d->text,
        "the device goes on to op %u %s, layer %u, slot %u at cycle %llu, where it had to stop: "
        "the golden model meets an error before: %s",
        c->pc, op_name(c->op), c->layer, slot, (unsigned long long)c->cycle, b->stop.error.text);
    return false;
}

bool scoreboard_no_reason(struct scoreboard *b, const struct scoreboard_error *e, const char *why) {
    const struct device_commit c = {
        .op = e->op, .pc = e->pc, .layer = e->layer, .slot = e->slot, .cycle = e->cycle};
    struct scoreboard_difference *d = &b->first;
    if (d->found)
        return false;
    differ(b, &c, e->slot % SCOREBOARD_SLOTS, 0, e->tensor, 0, 0, "");
    snprintf(d->text, sizeof d->text,
             "the device stopped with %s at op %u %s, layer %u, slot %u, tensor %s, cycle %llu; %s",
             e->name, e->pc, op_name(e->op), e->layer, e->slot, e->tensor,
             (unsigned long long)e->cycle, why);
    return false;
}

/* What goes through the slots in order fails in the lowest; the weights are all slots', and so is
 * the order in which a row of them, or HEADNORM's heads, are taken. */
static bool has_met(const struct scoreboard_stop *s, const struct scoreboard_error *e) {
    const uint32_t bit = 1u << e->fault;
    if (!in_mask(LOCKSTEP_OPS_TENSOR, e->op) && e->op != LOCKSTEP_OP_HEADNORM)
        return e->slot == s->slot && (s->met[s->slot] & bit) != 0;
    if (in_mask(LOCKSTEP_OPS_UNIT_VECTOR, e->op) && e->fault != GOLDEN_FAULT_NONFINITE)
        return e->slot < SCOREBOARD_SLOTS && (s->met[e->slot] & bit) != 0;
    for (uint32_t i = 0; i < SCOREBOARD_SLOTS; i++)
        if ((s->met[i] & bit) != 0)
            return true;
    return false;
}

bool scoreboard_error(struct scoreboard *b, const struct scoreboard_error *e) {
    await_pass(b);
    const struct scoreboard_stop *s = &b->stop;
    char why[sizeof s->error.text + 40];
    snprintf(why, sizeof why, "the golden model meets %s", s->found ? s->error.text : "no error");
    if (!s->found || e->record != s->record || (e->op == LOCKSTEP_OP_QUANT) != s->input ||
        !has_met(s, e))
        return scoreboard_no_reason(b, e, why);
    for (uint32_t slot = 0; slot < b->slot_count; slot++) {
        const struct golden_record *r = next_record(b, slot);
        if (b->slots[slot].active && r != NULL &&
            order_of(b, slot, b->slots[slot].record) < s->order) {
            snprintf(why, sizeof why, "slot %u has not committed %s before", slot, r->tensor);
            return scoreboard_no_reason(b, e, why);
        }
    }
    return true;
}

/* Whether the pass has ended for the slot where its next word would be. */
static bool is_stopped(const struct scoreboard *b, uint32_t slot) {
    const struct scoreboard_stop *s = &b->stop;
    const struct scoreboard_slot *at = &b->slots[slot];
    const uint64_t order = s->found ? order_of(b, slot, at->record) : 0;
    if (!s->found || order < s->order)
        return false;
    return order > s->order || s->input ||
           (s->met[slot] != 0 && at->word == next_record(b, slot)->count);
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
    return !s->active ||
           (next_record(b, slot) == NULL && s->sampled == (s->wanted ? 2 * s->pairs : 0));
}

static bool check_word(struct scoreboard *b, const struct device_commit *c, uint32_t slot,
                       uint32_t index, uint32_t actual) {
    struct scoreboard_slot *s = &b->slots[slot];
    await(b, s->record);
    const struct golden_record *r = s->active ? next_record(b, slot) : NULL;
    b->words++;
    if (is_stopped(b, slot))
        return differ_stopped(b, c, slot);
    if (r == NULL)
        return differ(b, c, slot, index, "none", 0, actual, "nothing was expected any more");
    if (r->op != c->op)
        return differ(b, c, slot, index, r->tensor, r->words[s->word], actual, op_name(r->op));
    if (r->layer >= 0 && (uint32_t)r->layer != c->layer)
        return differ(b, c, slot, index, r->tensor, (uint32_t)r->layer, c->layer, "wrong layer");
    if (index != s->word)
        return differ(b, c, slot, index, r->tensor, (uint32_t)s->word, index, "out of order");
    if (r->words[index] != actual)
        return differ(b, c, slot, index, r->tensor, r->words[index], actual, wrong_value);
    if (s->word == 0)
        s->first = c->cycle;
    if (++s->word == r->count && !is_stopped(b, slot)) {
        end_op(b, c, slot, r);
        s->word = 0;
        s->record++;
    }
    return true;
}

/* Behind the first difference: words of its op are kept, with what the golden model has for each
 * slot, until another op commits. */
static bool collect_word(struct scoreboard *b, uint32_t slot, uint32_t index, uint32_t actual) {
    struct scoreboard_vector *v = &b->vectors[slot];
    if (v->expected != NULL && index < v->expected->count) {
        v->actual[index] = actual;
        v->count = index + 1;
    }
    return true;
}

/* The list of the slot whose SAMPLE differs. */
static void begin_sample(struct scoreboard *b) {
    const struct scoreboard_difference *d = &b->first;
    const struct scoreboard_sequence *s = &b->sequences[d->sequence];
    struct scoreboard_vector *v = &b->vectors[d->slot];
    const uint32_t pairs = b->slots[d->slot].pairs;
    for (uint32_t i = 0; i < 2 * pairs; i++)
        b->sample_words[i] = i % 2 ? s->logits[i / 2] : s->ids[i / 2];
    b->sample = (struct golden_record){.op = LOCKSTEP_OP_SAMPLE,
                                       .unit = LOCKSTEP_UNIT_CONTROL,
                                       .kind = GOLDEN_LIST,
                                       .layer = -1,
                                       .tensor = d->tensor,
                                       .input = {GOLDEN_NO_RECORD, GOLDEN_NO_RECORD},
                                       .words = b->sample_words,
                                       .count = 2 * pairs};
    v->actual = calloc(b->sample.count, sizeof *v->actual);
    if (v->actual == NULL)
        return;
    v->expected = &b->sample;
    v->sequence = d->sequence;
    v->position = d->position;
    v->token = d->token;
    v->count = b->slots[d->slot].sampled;
    memcpy(v->actual, b->sample.words, v->count * sizeof *v->actual);
}

/* The first word of a difference has been seen: what each slot has committed of the op so far. */
static void begin_collecting(struct scoreboard *b) {
    const struct scoreboard_difference *d = &b->first;
    if (d->op == LOCKSTEP_OP_SAMPLE)
        begin_sample(b);
    for (uint32_t slot = 0; slot < SCOREBOARD_SLOTS && d->record != NULL; slot++) {
        const struct scoreboard_slot *s = &b->slots[slot];
        struct scoreboard_vector *v = &b->vectors[slot];
        size_t count;
        if (!s->active || slot >= b->slot_count)
            continue;
        const struct golden_record *records = golden_records(b->golden, slot, &count);
        size_t at = 0;
        while (at < count && scoreboard_order(records, count, at) !=
                                 order_of(b, d->slot, b->slots[d->slot].record))
            at++;
        if (at == count || records[at].count == 0)
            continue;
        v->actual = calloc(records[at].count, sizeof *v->actual);
        if (v->actual == NULL)
            continue;
        v->expected = &records[at];
        v->sequence = s->sequence;
        v->position = s->position;
        v->token = b->sequences[s->sequence].tokens[s->position];
        v->count = (uint32_t)(s->record > at ? records[at].count : s->record == at ? s->word : 0);
        memcpy(v->actual, records[at].words, v->count * sizeof *v->actual);
    }
    b->ends = d->cycle;
}

/* A slot begins a token: the words are token, position, sequence. */
static bool check_pass(struct scoreboard *b, const struct device_commit *c) {
    static const char *const what[] = {"token", "position", "sequence"};
    struct scoreboard_slot *s = &b->slots[c->slot];
    const uint32_t seq = c->words[2];
    struct scoreboard_sequence *sequence = &b->sequences[seq % SCOREBOARD_SEQUENCES];
    struct ls_error error;
    if (c->slot == 0 || b->ready != 0 || !golden_has_ended(b->golden, c->slot))
        await_pass(b);                 /* else one more token of the pass that begins */
    if (b->stop.found && c->slot == 0) /* slots are filled from 0 on: another pass */
        return differ_stopped(b, c, c->slot);
    if (!is_complete(b, c->slot)) {
        const struct golden_record *r = next_record(b, c->slot);
        return differ(b, c, c->slot, (uint32_t)s->word, r ? r->tensor : "sample", 0, 0,
                      "the pass before did not commit it");
    }
    b->words += 3;
    b->ops++;
    if (seq >= SCOREBOARD_SEQUENCES || sequence->tokens == NULL)
        return differ(b, c, c->slot, 2, what[2], 0, seq, "no such sequence");
    *s = (struct scoreboard_slot){.active = true,
                                  .sequence = seq,
                                  .position = sequence->next,
                                  .pairs = b->list_size == 0 ? 1 : b->list_size};
    if (sequence->next >= sequence->known || c->words[1] != sequence->next)
        return differ(b, c, c->slot, 1, what[1], sequence->next, c->words[1], "wrong position");
    if (c->words[0] != sequence->tokens[sequence->next])
        return differ(b, c, c->slot, 0, what[0], sequence->tokens[sequence->next], c->words[0],
                      "wrong token");
    s->wanted = sequence->next + 1 >= sequence->prompt;
    if (ahead_begin(b->ahead,
                    &(struct ahead_token){c->slot, seq, s->position, c->words[0], s->wanted},
                    &error) != 0)
        return differ(b, c, c->slot, 1, what[1], 0, c->words[1], error.text);
    b->ready = 0;
    sequence->next++;
    return true;
}

/* Chosen (id, logit) pairs, best first. */
static bool check_sample(struct scoreboard *b, const struct device_commit *c) {
    struct scoreboard_slot *s = &b->slots[c->slot];
    struct scoreboard_sequence *sequence = &b->sequences[s->sequence];
    const uint32_t pairs = s->pairs;
    await_pass(b);
    if (b->stop.found)
        return differ_stopped(b, c, c->slot);
    if (!s->active || !s->wanted || next_record(b, c->slot) != NULL)
        return differ(b, c, c->slot, c->index, "sample", 0, c->words[0], "sampled out of turn");
    if (s->sampled == 0) {
        s->first = c->cycle;
        golden_top_k(golden_logits(b->golden, c->slot), b->model->vocab, pairs, sequence->ids,
                     sequence->logits);
        sequence->listed = pairs;
        if (b->list_size == 0 && sequence->known <= b->context)
            sequence->tokens[sequence->known++] = sequence->ids[0];
    }
    for (uint32_t i = 0; i < c->count; i++, s->sampled++) {
        const uint32_t rank = s->sampled / 2, at = c->index + i;
        const uint32_t *list = s->sampled % 2 ? sequence->logits : sequence->ids;
        b->words++;
        if (at != s->sampled || rank >= pairs)
            return differ(b, c, c->slot, at, "sample", s->sampled, at, "out of order");
        if (list[rank] != c->words[i])
            return differ(b, c, c->slot, at, "sample", list[rank], c->words[i], wrong_value);
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

static bool collect(struct scoreboard *b, const struct device_commit *c) {
    const struct scoreboard_difference *d = &b->first;
    bool missing = false;
    if (c->op != d->op || c->pc != d->pc || c->layer != d->layer)
        return false;
    for (uint32_t i = 0; i < c->count && !c->by_slot; i++)
        collect_word(b, c->slot, c->index + i, c->words[i]);
    for (uint32_t i = 0; i < c->count && c->by_slot; i++)
        for (uint32_t slot = 0; slot < SCOREBOARD_SLOTS; slot++)
            if ((c->mask >> slot) & 1u)
                collect_word(b, slot, c->index + i, c->words[2 * slot + i]);
    b->ends = c->cycle;
    for (uint32_t slot = 0; slot < SCOREBOARD_SLOTS; slot++)
        missing |= b->vectors[slot].expected != NULL &&
                   b->vectors[slot].count < b->vectors[slot].expected->count;
    return missing;
}

/* One commit compared; false: a difference. */
static bool check(struct scoreboard *b, const struct device_commit *c) {
    bool ok = true;
    if (c->slot >= SCOREBOARD_SLOTS) {
        ok = differ(b, c, 0, c->index, "none", 0, c->slot, "no such slot");
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
        return b->patient && collect(b, c) ? 0 : -1;
    note_commit(b, c);
    if (check(b, c))
        return 0;
    if (!b->patient || !b->first.is_value)
        return -1;
    begin_collecting(b);
    return collect(b, c) ? 0 : -1;
}

bool scoreboard_again(struct scoreboard *b, uint32_t seq, const uint32_t *tokens, uint32_t count,
                      uint32_t kept) {
    const struct scoreboard_sequence *s = &b->sequences[seq];
    const struct device_commit none = {.op = LOCKSTEP_OP_PASS, .cycle = b->newest};
    const bool same = kept <= s->next && memcmp(s->tokens, tokens, kept * sizeof *tokens) == 0;
    scoreboard_continue(b, seq, tokens, count, count, kept);
    return same || differ(b, &none, 0, 0, "none", kept, 0, "K and V of other tokens are kept");
}

bool scoreboard_token(struct scoreboard *b, uint32_t seq, uint32_t token) {
    struct scoreboard_sequence *s = &b->sequences[seq];
    const struct device_commit none = {.op = LOCKSTEP_OP_SAMPLE, .cycle = b->newest};
    const uint32_t at = s->prompt + s->shown++;
    if (b->list_size != 0 && at >= s->known) {
        if (s->known <= b->context)
            s->tokens[s->known++] = token;
        for (uint32_t i = 0; i < s->listed && i < s->choices; i++)
            if (s->ids[i] == token)
                return true;
        return differ(b, &none, 0, at, "token-out", s->ids[0], token, "not on the list");
    }
    if (at >= s->known || s->tokens[at] != token)
        return differ(b, &none, 0, at, "token-out", at < s->known ? s->tokens[at] : 0, token,
                      "wrong token");
    return true;
}

bool scoreboard_end(struct scoreboard *b, uint32_t seq, struct scoreboard_ending expected,
                    struct scoreboard_ending actual) {
    const struct device_commit none = {.op = LOCKSTEP_OP_SAMPLE, .cycle = b->newest};
    const uint32_t at = b->sequences[seq].shown - 1;
    if (expected.end_of_generation != actual.end_of_generation)
        return differ(b, &none, 0, at, "token-out", expected.end_of_generation,
                      actual.end_of_generation, "wrong flag EOG");
    return expected.last == actual.last ||
           differ(b, &none, 0, at, "token-out", expected.last, actual.last, "wrong flag LAST");
}

bool scoreboard_finish(struct scoreboard *b) {
    scoreboard_settle(b);
    if (b->stop.found && !b->first.found)
        differ_stopped(b, &(struct device_commit){.op = LOCKSTEP_OP_END, .cycle = b->newest}, 0);
    for (uint32_t slot = 0; slot < SCOREBOARD_SLOTS && !b->first.found; slot++)
        if (!is_complete(b, slot)) {
            const struct device_commit end = {
                .op = LOCKSTEP_OP_PASS, .slot = slot, .cycle = b->newest};
            const struct golden_record *r = next_record(b, slot);
            differ(b, &end, slot, (uint32_t)b->slots[slot].word, r ? r->tensor : "sample", 0, 0,
                   "never committed");
        }
    return !b->first.found;
}
