/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The training text as token ids: a document a line, each <s> ... </s>, cut into pieces where it is
 * longer than the context. Documents are dealt to batches in an order that depends on the seed and
 * the epoch alone, so that a resumed run sees what an unbroken one would have seen.
 *
 *     struct train_docs docs;
 *     struct train_deal deal = {.seed = 1};
 *     if (train_docs_read("stories.txt", tokenizer, 256, &docs, &err) != 0)
 *         return fail(err.text);
 *     train_deal_next(&deal, &docs, shards, 4);
 */
#ifndef LS_TRAIN_DATA_H
#define LS_TRAIN_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "csrc/base/error.h"
#include "csrc/tokenizer/tokenizer.h"
#include "train_net.h"

#ifdef __cplusplus
extern "C" {
#endif

struct train_docs {
    uint16_t *ids; /* all documents, one after the other */
    size_t *start; /* [count + 1] first id of each; the last is the number of ids */
    size_t count;  /* documents */
    size_t words;  /* words of the text */
};

/* Reads a whole file, which must be UTF-8 without NUL bytes and hold a word. Returns 0 and *text to
 * be freed with free(), or -1. */
int train_text_read(const char *path, char **text, size_t *size, struct ls_error *err);

/* Where the last hundredth of the documents, at least one, begins in a text; 0 if it has but one.
 */
size_t train_text_split(const char *text, size_t size);

/* Tokenises a text; `path` is for messages. Returns 0 and documents to be freed with
 * train_docs_free, or -1. */
int train_docs_make(const char *path, const char *text, size_t size,
                    const struct tokenizer *tokenizer, uint32_t context, struct train_docs *docs,
                    struct ls_error *err);

/* The same for a whole file. */
int train_docs_read(const char *path, const struct tokenizer *tokenizer, uint32_t context,
                    struct train_docs *docs, struct ls_error *err);

void train_docs_free(struct train_docs *docs);

/* A part of a step's batch, with the arrays that its net_batch points into. */
struct train_shard {
    struct net_batch batch;
    uint16_t *ids, *targets; /* [capacity] */
    uint32_t *starts;        /* [capacity + 1] */
    uint32_t capacity;       /* tokens */
};

int train_shard_open(struct train_shard *shard, uint32_t capacity, struct ls_error *err);
void train_shard_close(struct train_shard *shard);

/* Empties a shard. */
void train_shard_clear(struct train_shard *shard);

/* Adds a document if it fits; returns whether it did. */
int train_shard_add(struct train_shard *shard, const struct train_docs *docs, size_t doc);

/* Where the dealing is: all that a checkpoint needs. */
struct train_deal {
    uint64_t seed;
    uint64_t epoch; /* passes over the documents that are complete */
    uint64_t next;  /* documents dealt in this epoch */
};

/* Fills the shards with the next documents, each shard up to its capacity. */
void train_deal_next(struct train_deal *deal, const struct train_docs *docs,
                     struct train_shard *shards, uint32_t count);

#ifdef __cplusplus
}
#endif
#endif
