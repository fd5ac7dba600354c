/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A 5-gram language model over token ids, the yardstick for a trained one: interpolated
 * Kneser-Ney with one discount an order (Chen and Goodman, 1999).
 *
 *     struct ngram *model;
 *     if (ngram_train(ids, starts, documents, vocab, &model, &err) != 0)
 *         return fail(err.text);
 *     double p = ngram_probability(model, document, position);
 *     ngram_free(model);
 */
#ifndef LS_NGRAM_H
#define LS_NGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "csrc/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { NGRAM_ORDER = 5, NGRAM_VOCAB_MAX = 4096 };

struct ngram;

/* Counts documents: document d is ids[starts[d] .. starts[d + 1]), whose first id is not predicted.
 * Returns 0 and a model to be freed with ngram_free, or -1 with one line in `err`. */
int ngram_train(const uint16_t *ids, const size_t *starts, size_t documents, uint32_t vocab,
                struct ngram **model, struct ls_error *err);

/* Probability of document[position] after the ids before it; position at least 1. */
double ngram_probability(const struct ngram *model, const uint16_t *document, size_t position);

/* NULL is allowed. */
void ngram_free(struct ngram *model);

#ifdef __cplusplus
}
#endif
#endif
