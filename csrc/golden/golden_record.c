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

bool run_computes(const struct golden_run *run) {
    return !run->planning && run->slot->stop.fault == GOLDEN_FAULT_NONE;
}

golden_value record_begin(struct golden_run *run, uint32_t op, const char *name,
                          const struct gguf_tensor *weights, size_t count, golden_value a,
                          golden_value b) {
    struct golden_plan *plan = &run->golden->plan;
    struct golden_slot *slot = run->slot;
    struct golden_record *record = NULL;
    golden_value self = GOLDEN_NO_RECORD;
    if (run->planning)
        record = run->no_memory ? NULL : extend_plan(run, name);
    else if (run_computes(run))
        record = &slot->record[slot->records];
    if (record == NULL)
        return self;
    *record = (struct golden_record){.op = op,
                                     .unit = op_info[op].unit,
                                     .kind = op == LOCKSTEP_OP_KV ? GOLDEN_BLOCKS : GOLDEN_BINARY32,
                                     .layer = run->layer,
                                     .expert = run->expert,
                                     .weights = weights,
                                     .input = {a, b},
                                     .count = count};
    if (run->planning) {
        self = plan->records++;
        plan->words += count;
    } else {
        self = slot->records++;
        record->tensor = plan->name[self];
        record->words = slot->arena + slot->used;
        slot->used += count;
    }
    return self;
}

const uint32_t *record_words(const struct golden_run *run, golden_value value) {
    return run_computes(run) ? run->slot->record[value].words : NULL;
}

size_t record_count(const struct golden_run *run, golden_value value) {
    if (value == GOLDEN_NO_RECORD)
        return 0;
    return run->planning ? run->golden->plan.record[value].count : run->slot->record[value].count;
}

uint32_t *record_result(const struct golden_run *run) {
    const struct golden_slot *slot = run->slot;
    return slot->arena + (slot->used - slot->record[slot->records - 1].count);
}

void run_note_fault(const struct golden_run *run, enum golden_fault fault) {
    if (fault != GOLDEN_FAULT_NONE)
        run->slot->stop.met |= 1u << fault;
}

void run_fail(struct golden_run *run, enum golden_fault fault, size_t element) {
    struct golden_record *record = &run->slot->record[run->slot->records - 1];
    record->count = element;
    run->slot->stop.fault = fault;
    run_note_fault(run, fault);
    char layer[24] = "";
    if (record->layer >= 0)
        snprintf(layer, sizeof layer, " layer %d,", record->layer);
    ls_error_set(run->err, "sequence %u, position %u,%s %s %s, element %zu: %s", run->seq, run->pos,
                 layer, op_info[record->op].name, record->tensor, element,
                 golden_fault_name(fault));
}

/* A part of the weights of the record that has begun, not the whole. */
static struct gguf_tensor *begin_view(const struct golden_run *run, uint64_t skip, uint64_t size) {
    const struct golden_slot *slot = run->slot;
    struct golden_record *record = &slot->record[slot->records - 1];
    struct gguf_tensor *view = &slot->view[slot->records - 1];
    *view = *record->weights;
    view->offset += skip;
    view->data += skip;
    view->size = size;
    record->weights = view;
    return view;
}

const struct gguf_tensor *record_rows(const struct golden_run *run, uint64_t first, uint64_t rows) {
    const struct gguf_tensor *whole = run->slot->record[run->slot->records - 1].weights;
    const uint64_t all = whole->ne[1] * whole->ne[2], bytes = whole->size / all;
    if (rows == all)
        return whole;
    struct gguf_tensor *view = begin_view(run, first * bytes, rows * bytes);
    view->n_dims = 2;
    view->ne[1] = rows;
    view->ne[2] = 1;
    return view;
}

const struct gguf_tensor *record_elements(const struct golden_run *run, uint64_t first,
                                          uint64_t count) {
    const struct gguf_tensor *whole = run->slot->record[run->slot->records - 1].weights;
    if (count == whole->ne[0])
        return whole;
    struct gguf_tensor *view = begin_view(run, first * sizeof(float), count * sizeof(float));
    view->ne[0] = count;
    return view;
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
