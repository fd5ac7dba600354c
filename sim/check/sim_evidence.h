/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to sim_suspect.c and its matrix part.
 */
#ifndef LOCKSTEP_SIM_EVIDENCE_H
#define LOCKSTEP_SIM_EVIDENCE_H

#include "sim_analysis.h"

/* The failing slot's vectors. */
struct evidence {
    const struct analysis *analysis;
    const struct golden_record *expected;
    const uint32_t *actual;
    uint32_t count, position, slot, sequence;
    const struct golden_record *input; /* of a matrix, a rotation, attention */
    const struct gguf_tensor *weights; /* of a matrix */
    struct analysis_facts facts;
    uint32_t slots, wrong_slots; /* that have the op; in which it differs */
    bool alike;                  /* they differ in the same elements */
};

/* What explains a product of a matrix that differs; the unit's name goes into unit[room]. */
void suspect_matrix(const struct evidence *evidence, char *unit, size_t room, FILE *out);

#endif
