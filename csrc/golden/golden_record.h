/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to the ops of golden_ops.h: a run's records, from which an op takes its inputs and into
 * which it puts its result. While a run is planned, records are only counted.
 *
 *     const golden_value self = record_begin(run, op, name, NULL, n, value, GOLDEN_NO_RECORD);
 *     EACH_SLOT (run, slot)
 *         compute(record_words(slot, value), record_result(slot));
 *     return self;
 */
#ifndef LS_GOLDEN_RECORD_H
#define LS_GOLDEN_RECORD_H

#include "golden_dot.h"
#include "golden_ops.h"

/* Every slot for which ops compute: none while planning, and none behind a fault. */
#define EACH_SLOT(run, slot)                                                                       \
    for (struct golden_slot *slot = run_slot(run, NULL); slot != NULL; slot = run_slot(run, slot))
struct golden_slot *run_slot(const struct golden_run *run, struct golden_slot *before);

/* Begins the records of an op on `a` and `b` (GOLDEN_NO_RECORD: none). */
golden_value record_begin(struct golden_run *run, uint32_t op, const char *name,
                          const struct gguf_tensor *weights, size_t count, golden_value a,
                          golden_value b);

/* The values of a record; how many a record has. */
const uint32_t *record_words(const struct golden_slot *slot, golden_value value);
size_t record_count(const struct golden_run *run, golden_value value);

/* Those of the record that has begun, to be written. */
uint32_t *record_result(const struct golden_slot *slot);

/* Says that the record that has begun uses a part of its weights alone, which it gives: rows of all
 * that the tensor has, whatever matrix they are of, or elements of a vector in F32. */
const struct gguf_tensor *record_rows(struct golden_slot *slot, uint64_t first, uint64_t rows);
const struct gguf_tensor *record_elements(struct golden_slot *slot, uint64_t first, uint64_t count);

/* The expert whose turn it is; -1: none. */
int slot_expert(const struct golden_run *run, const struct golden_slot *slot);

/* An error that the op of the last record meets besides the one that it fails with. */
void slot_note_fault(struct golden_slot *slot, enum golden_fault fault);

/* Ends the slot's run at word `element` of the last record. */
void slot_fail(struct golden_slot *slot, enum golden_fault fault, size_t element);

/* So many records of every slot may be read, and how those ended that did before. */
void golden_publish(struct golden *golden, size_t records);

/* A role's tensor, of the run's layer if it is of a layer. */
const struct gguf_tensor *run_tensor(const struct golden_run *run, enum role role);
struct golden_matrix matrix_of(const struct gguf_tensor *tensor);

#endif
