/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Records of a run and of the plan.
 */
#include "golden_record.h"

#include <stdio.h>
#include <stdlib.h>

#include "csrc/base/device_info.h"

/* Room in the plan for another record and its name. */
static struct golden_record *extend_plan(struct golden_run *run, const char *name) {
    struct golden_plan *plan = &run->golden->plan;
    if (plan->records == plan->room) {
        const size_t room = 2 * plan->room + 32;
        struct golden_record *record = realloc(plan->record, room * sizeof *record);
        plan->record = record != NULL ? record : plan->record;
        char(*names)[ROLE_NAME_SIZE] = realloc(plan->name, room * sizeof *names);
        plan->name = names != NULL ? names : plan->name;
        run->no_memory |= record == NULL || names == NULL;
        if (run->no_memory)
            return NULL;
        plan->room = room;
    }
    if (run->layer < 0)
        snprintf(plan->name[plan->records], ROLE_NAME_SIZE, "%s", name);
    else
        snprintf(plan->name[plan->records], ROLE_NAME_SIZE, "blk.%d.%s", run->layer, name);
    return &plan->record[plan->records];
}

struct golden_slot *run_slot(const struct golden_run *run, struct golden_slot *before) {
    const struct golden *g = run->golden;
    struct golden_slot *slot = before != NULL ? before + 1 : g->slot;
    if (run->planning)
        return NULL;
    while (slot < g->slot + g->slots && !slot->computing)
        slot++;
    return slot < g->slot + g->slots ? slot : NULL;
}

golden_value record_begin(struct golden_run *run, uint32_t op, const char *name,
                          const struct gguf_tensor *weights, size_t count, golden_value a,
                          golden_value b) {
    struct golden *g = run->golden;
    struct golden_plan *plan = &g->plan;
    struct golden_record record = {.op = op,
                                   .unit = op_info[op].unit,
                                   .kind = op == LOCKSTEP_OP_KV ? GOLDEN_BLOCKS : GOLDEN_BINARY32,
                                   .layer = run->layer,
                                   .expert = run->turn < 0 ? -1 : 0,
                                   .weights = weights,
                                   .input = {a, b},
                                   .count = count};
    if (run->planning) {
        struct golden_record *planned = run->no_memory ? NULL : extend_plan(run, name);
        if (planned == NULL)
            return GOLDEN_NO_RECORD;
        *planned = record;
        plan->words += count;
        return plan->records++;
    }
    golden_publish(g, run->records);
    record.tensor = plan->name[run->records];
    EACH_SLOT (run, slot) {
        record.expert = slot_expert(run, slot);
        record.words = slot->arena + slot->used;
        slot->record[slot->records++] = record;
        slot->used += count;
    }
    return run->records++;
}

int slot_expert(const struct golden_run *run, const struct golden_slot *slot) {
    return run->turn < 0 ? -1 : (int)slot->chosen[run->turn];
}

/* A part of the weights of the record that has begun, not the whole. */
static struct gguf_tensor *begin_view(struct golden_slot *slot, uint64_t skip, uint64_t size) {
    struct golden_record *record = &slot->record[slot->records - 1];
    struct gguf_tensor *view = &slot->view[slot->records - 1];
    *view = *record->weights;
    view->offset += skip;
    view->data += skip;
    view->size = size;
    record->weights = view;
    return view;
}

const struct gguf_tensor *record_rows(struct golden_slot *slot, uint64_t first, uint64_t rows) {
    const struct gguf_tensor *whole = slot->record[slot->records - 1].weights;
    const uint64_t all = whole->ne[1] * whole->ne[2], bytes = whole->size / all;
    if (rows == all)
        return whole;
    struct gguf_tensor *view = begin_view(slot, first * bytes, rows * bytes);
    view->n_dims = 2;
    view->ne[1] = rows;
    view->ne[2] = 1;
    return view;
}

const struct gguf_tensor *record_elements(struct golden_slot *slot, uint64_t first,
                                          uint64_t count) {
    const struct gguf_tensor *whole = slot->record[slot->records - 1].weights;
    if (count == whole->ne[0])
        return whole;
    struct gguf_tensor *view = begin_view(slot, first * sizeof(float), count * sizeof(float));
    view->ne[0] = count;
    return view;
}

const uint32_t *record_words(const struct golden_slot *slot, golden_value value) {
    return slot->record[value].words;
}

size_t record_count(const struct golden_run *run, golden_value value) {
    return value == GOLDEN_NO_RECORD ? 0 : run->golden->plan.record[value].count;
}

uint32_t *record_result(const struct golden_slot *slot) {
    return slot->arena + (slot->used - slot->record[slot->records - 1].count);
}

void slot_note_fault(struct golden_slot *slot, enum golden_fault fault) {
    if (fault != GOLDEN_FAULT_NONE)
        slot->stop.met |= 1u << fault;
}

void slot_fail(struct golden_slot *slot, enum golden_fault fault, size_t element) {
    struct golden_record *record = &slot->record[slot->records - 1];
    slot->stop.fault = fault;
    record->count = element;
    slot_note_fault(slot, fault);
    char layer[24] = "", expert[24] = "";
    if (record->layer >= 0)
        snprintf(layer, sizeof layer, " layer %d,", record->layer);
    if (record->expert >= 0)
        snprintf(expert, sizeof expert, " expert %d,", record->expert);
    ls_error_set(&slot->stop.error, "sequence %u, position %u,%s%s %s %s, element %zu: %s",
                 slot->seq, slot->pos, layer, expert, op_info[record->op].name, record->tensor,
                 element, golden_fault_name(fault));
    slot->computing = false;
}

void golden_publish(struct golden *g, size_t records) {
    for (unsigned i = 0; i < g->slots; i++)
        if (!g->slot[i].computing)
            __atomic_store_n(&g->slot[i].ended, true, __ATOMIC_RELEASE);
    __atomic_store_n(&g->ready, records, __ATOMIC_SEQ_CST);
    if (g->on_records != NULL)
        g->on_records(g->told);
}

bool op_want(struct golden_run *run) {
    EACH_SLOT (run, slot)
        slot->computing = slot->want;
    return run->planning || run_slot(run, NULL) != NULL;
}

const struct gguf_tensor *run_tensor(const struct golden_run *run, enum role role) {
    const struct ls_model *m = run->model;
    return role_is_of_layer(role) ? m->layer[run->layer].tensor[role] : m->tensor[role];
}

struct golden_matrix matrix_of(const struct gguf_tensor *tensor) {
    return (struct golden_matrix){.type = tensor->type,
                                  .data = tensor->data,
                                  .rows = (size_t)tensor->ne[1],
                                  .cols = (size_t)tensor->ne[0]};
}
