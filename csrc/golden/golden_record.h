/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to the ops of golden_ops.h: a run's records, from which an op takes its inputs and into
 * which it puts its result. While a run is planned, records are only counted.
 *
 *     const uint32_t *x = record_words(run, value);
 *     const golden_value self = record_begin(run, op, name, NULL, n, value, GOLDEN_NO_RECORD);
 *     if (run_computes(run))
 *         compute(x, record_result(run));
 *     return self;
 */
#ifndef LS_GOLDEN_RECORD_H
#define LS_GOLDEN_RECORD_H

#include "golden_dot.h"
#include "golden_ops.h"

/* Whether ops compute: not while planning, and not behind a fault. */
bool run_computes(const struct golden_run *run);

/* Begins the record of an op on `a` and `b` (GOLDEN_NO_RECORD: none). */
golden_value record_begin(struct golden_run *run, uint32_t op, const char *name,
                          const struct gguf_tensor *weights, size_t count, golden_value a,
                          golden_value b);

/* The values of a record; NULL if nothing is computed. */
const uint32_t *record_words(const struct golden_run *run, golden_value value);
size_t record_count(const struct golden_run *run, golden_value value);

/* Those of the record that has begun, to be written. */
uint32_t *record_result(const struct golden_run *run);

/* Says that the record that has begun uses a part of its weights alone, which it gives: rows of all
 * that the tensor has, whatever matrix they are of, or elements of a vector in F32. */
const struct gguf_tensor *record_rows(const struct golden_run *run, uint64_t first, uint64_t rows);
const struct gguf_tensor *record_elements(const struct golden_run *run, uint64_t first,
                                          uint64_t count);

/* An error that the op of the last record meets besides the one that it fails with. */
void run_note_fault(const struct golden_run *run, enum golden_fault fault);

/* Ends the run at word `element` of the last record. */
void run_fail(struct golden_run *run, enum golden_fault fault, size_t element);

/* A role's tensor, of the run's layer if it is of a layer. */
const struct gguf_tensor *run_tensor(const struct golden_run *run, enum role role);
struct golden_matrix matrix_of(const struct gguf_tensor *tensor);

#endif
