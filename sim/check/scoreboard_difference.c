/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The first difference: its sentence, and the words of its op, as far as the device comes.
 */
#include "scoreboard_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/device_info.h"

const char board_wrong_value[] = "wrong value";

const struct golden_record *board_next_record(const struct scoreboard *b, uint32_t slot) {
    size_t count;
    const struct golden_record *records = golden_records(b->golden, slot, &count);
    return b->slots[slot].record < count ? &records[b->slots[slot].record] : NULL;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
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
bool board_differ(struct scoreboard *b, const struct device_commit *c, uint32_t slot,
                  uint32_t index, const char *tensor, uint32_t expected, uint32_t actual,
                  const char *what) {
    board_await_pass(b);
    struct scoreboard_difference *d = &b->first;
    const struct scoreboard_slot *s = &b->slots[slot];
    const bool is_op = in_mask(LOCKSTEP_OPS, c->op); /* else PASS or SAMPLE */
    const struct golden_record *r = is_op ? board_next_record(b, slot) : NULL;
    const bool in_layer = r != NULL ? r->layer >= 0 : is_op;
    const bool is_value = what == board_wrong_value;
    char layer[48] = "", due[24], came[24];
    b->mismatches++;
    if (d->found)
        return false;
    *d = (struct scoreboard_difference){.found = true,
                                        .cycle = c->cycle,
                                        .begin = b->start,
                                        .before = b->before,
                                        .pass = b->pass,
                                        .record = board_next_record(b, slot),
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
    snprintf(d->tensor, sizeof d->tensor, "%s", tensor);
    scoreboard_word_text(d->kind, index, expected, due, sizeof due);
    scoreboard_word_text(d->kind, index, actual, came, sizeof came);
    if (in_layer)
        snprintf(layer, sizeof layer, "layer %u, ", c->layer);
    if (r != NULL && r->expert >= 0)
        snprintf(layer, sizeof layer, "layer %u, expert %d, ", c->layer, r->expert);
    snprintf(
        d->text, sizeof d->text,
        "token %u at position %u (sequence %u, slot %u), %sop %u %s, tensor %s, element %u: %s: "
        "expected 0x%08x (%s), got 0x%08x (%s), cycle %llu",
        d->token, d->position, d->sequence, slot, layer, c->pc, op_name(c->op), tensor, index, what,
        expected, due, actual, came, (unsigned long long)c->cycle);
    return false;
}

/* What came where the golden model has stopped the pass. */
bool board_differ_stopped(struct scoreboard *b, const struct device_commit *c, uint32_t slot) {
    struct scoreboard_difference *d = &b->first;
    size_t count;
    board_differ(b, c, slot, c->index, "none", 0, 0, ""); /* the golden model stands still now */
    const struct golden_record *at = golden_records(b->golden, b->stop.slot, &count);
    snprintf(d->tensor, sizeof d->tensor, "%s", at[b->stop.record].tensor);
    snprintf(
        d->text, sizeof d->text,
        "the device goes on to op %u %s, layer %u, slot %u at cycle %llu, where it had to stop: "
        "the golden model meets an error before: %s",
        c->pc, op_name(c->op), c->layer, slot, (unsigned long long)c->cycle, b->stop.error.text);
    return false;
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
    const struct scoreboard_list *list = &b->sequences[d->sequence].lists[d->slot];
    struct scoreboard_vector *v = &b->vectors[d->slot];
    const uint32_t pairs = b->slots[d->slot].pairs;
    for (uint32_t i = 0; i < 2 * pairs; i++)
        b->sample_words[i] = i % 2 ? list->logits[i / 2] : list->ids[i / 2];
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
void board_begin_collecting(struct scoreboard *b) {
    const struct scoreboard_difference *d = &b->first;
    if (d->op == LOCKSTEP_OP_SAMPLE)
        begin_sample(b);
    for (uint32_t slot = 0; slot < b->slot_count && d->record != NULL; slot++) {
        const struct scoreboard_slot *s = &b->slots[slot];
        struct scoreboard_vector *v = &b->vectors[slot];
        size_t count;
        if (!s->active)
            continue;
        const struct golden_record *records = golden_records(b->golden, slot, &count);
        size_t at = 0;
        while (at < count && scoreboard_order(records, count, at) !=
                                 board_order_of(b, d->slot, b->slots[d->slot].record))
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
}

bool board_collect(struct scoreboard *b, const struct device_commit *c) {
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
