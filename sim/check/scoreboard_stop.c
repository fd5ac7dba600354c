/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Where the golden model stops the pass, and whether the device stops there.
 */
#include "scoreboard_parts.h"

#include <stdio.h>

#include "csrc/base/device_info.h"

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

uint64_t board_order_of(const struct scoreboard *b, uint32_t slot, size_t record) {
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
    const uint64_t order = board_order_of(b, slot, record);
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
    for (uint32_t slot = 0; slot < b->slot_count; slot++)
        if (b->slots[slot].active && golden_has_ended(b->golden, slot) &&
            golden_slot_stop(b->golden, slot)->fault != GOLDEN_FAULT_NONE)
            note_stop(b, slot);
}

/* Whatever is looked at of a record, in any slot: it stands now, or the pass has met an error. With
 * experts, what the device does before is not what has a lower number, so all of the pass does. */
void board_await(struct scoreboard *b, size_t record) {
    if (b->model->experts != 0)
        record = SIZE_MAX - 1;
    if (b->ready <= record)
        note_stops(b, ahead_wait(b->ahead, record));
}

void board_await_pass(struct scoreboard *b) {
    board_await(b, SIZE_MAX - 1);
}

void scoreboard_await(struct scoreboard *b) {
    board_await_pass(b);
}

void scoreboard_settle(struct scoreboard *b) {
    if (b->ahead == NULL)
        return;
    board_await_pass(b);
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

bool scoreboard_no_reason(struct scoreboard *b, const struct scoreboard_error *e, const char *why) {
    const struct device_commit c = {
        .op = e->op, .pc = e->pc, .layer = e->layer, .slot = e->slot, .cycle = e->cycle};
    struct scoreboard_difference *d = &b->first;
    if (d->found)
        return false;
    board_differ(b, &c, e->slot < b->slot_count ? e->slot : 0, 0, e->tensor, 0, 0, "");
    snprintf(d->text, sizeof d->text,
             "the device stopped with %s at op %u %s, layer %u, slot %u, tensor %s, cycle %llu; %s",
             e->name, e->pc, op_name(e->op), e->layer, e->slot, e->tensor,
             (unsigned long long)e->cycle, why);
    return false;
}

/* What goes through the slots in order fails in the lowest; the weights are all slots', and so is
 * the order in which a row of them, or the heads of a norm, are taken. */
static bool has_met(const struct scoreboard_stop *s, const struct scoreboard_error *e) {
    const uint32_t bit = 1u << e->fault;
    const bool by_heads = e->op == LOCKSTEP_OP_HEADNORM || e->op == LOCKSTEP_OP_HEADNORM_OWN ||
                          e->op == LOCKSTEP_OP_HEADCENTER;
    if (!in_mask(LOCKSTEP_OPS_TENSOR, e->op) && !by_heads)
        return e->slot == s->slot && (s->met[s->slot] & bit) != 0;
    const bool own = in_mask(LOCKSTEP_OPS_UNIT_VECTOR, e->op) && e->fault != GOLDEN_FAULT_NONFINITE;
    for (uint32_t i = 0; i < SCOREBOARD_SLOTS; i++)
        if ((s->met[i] & bit) != 0 && (!own || e->slot == i))
            return true;
    return false;
}

bool scoreboard_error(struct scoreboard *b, const struct scoreboard_error *e) {
    board_await_pass(b);
    const struct scoreboard_stop *s = &b->stop;
    char why[sizeof b->first.text]; /* which it ends */
    snprintf(why, sizeof why, "the golden model meets %s", s->found ? s->error.text : "no error");
    if (!s->found || e->record != s->record || (e->op == LOCKSTEP_OP_QUANT) != s->input ||
        !has_met(s, e))
        return scoreboard_no_reason(b, e, why);
    for (uint32_t slot = 0; slot < b->slot_count; slot++) {
        const struct golden_record *r = b->slots[slot].active ? board_next_record(b, slot) : NULL;
        if (r != NULL && board_order_of(b, slot, b->slots[slot].record) < s->order) {
            snprintf(why, sizeof why, "slot %u has not committed %s before", slot, r->tensor);
            return scoreboard_no_reason(b, e, why);
        }
    }
    return true;
}

/* Whether the pass has ended for the slot where its next word would be. */
bool board_is_stopped(const struct scoreboard *b, uint32_t slot) {
    const struct scoreboard_stop *s = &b->stop;
    const struct scoreboard_slot *at = &b->slots[slot];
    if (!s->found)
        return false;
    const uint64_t order = board_order_of(b, slot, at->record);
    if (order < s->order)
        return false;
    return order > s->order || s->input ||
           (s->met[slot] != 0 && at->word == board_next_record(b, slot)->count);
}
