/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Reads the training text and deals its documents to batches.
 */
#include "train_data.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/utf8.h"

enum { BOS = 1, EOS = 2 }; /* as bpe_learn numbers them */

static size_t count_words(const char *p, size_t size) {
    size_t words = 0;
    for (size_t i = 0; i < size; i++)
        words +=
            !isspace((unsigned char)p[i]) && (i + 1 == size || isspace((unsigned char)p[i + 1]));
    return words;
}

static int check_text(const char *path, const char *text, size_t size, struct ls_error *err) {
    const char *nul = memchr(text, '\0', size);
    size_t sound = utf8_sound(text, nul != NULL ? (size_t)(nul - text) : size);
    if (nul != NULL && sound == (size_t)(nul - text))
        return ls_error_set(err, "%s: byte %zu is NUL: give a plain text", path, sound);
    if (sound < size)
        return ls_error_set(err, "%s: byte %zu is not UTF-8: convert the text", path, sound);
    if (count_words(text, size) == 0)
        return ls_error_set(err, "%s: no words: give a text", path);
    return 0;
}

int train_text_read(const char *path, char **text, size_t *size, struct ls_error *err) {
    FILE *f = fopen(path, "rb");
    *text = NULL;
    if (f == NULL)
        return ls_error_set(err, "%s: %s", path, strerror(errno));
    size_t used = 0, capacity = 1 << 16;
    char *buffer = malloc(capacity);
    while (buffer != NULL) {
        used += fread(buffer + used, 1, capacity - used, f);
        if (used < capacity)
            break;
        char *grown = realloc(buffer, capacity *= 2);
        if (grown == NULL)
            free(buffer);
        buffer = grown;
    }
    int broken = ferror(f);
    fclose(f);
    if (buffer == NULL || broken) {
        free(buffer);
        return ls_error_set(err, "%s: %s", path, broken ? "cannot be read" : "out of memory");
    }
    if (check_text(path, buffer, used, err) != 0) {
        free(buffer);
        return -1;
    }
    *text = buffer;
    *size = used;
    return 0;
}

size_t train_text_split(const char *text, size_t size) {
    size_t documents = 0, i = 0;
    for (; i < size; i++)
        documents += text[i] != '\n' && (i + 1 == size || text[i + 1] == '\n');
    size_t held = documents < 200 ? 1 : documents / 100;
    for (; i > 0 && held > 0; i--)
        held -= text[i - 1] != '\n' && (i == 1 || text[i - 2] == '\n');
    return documents > 1 ? i : 0;
}

/* ------------------------------------------------------------------------------------------ */
/* Documents. */

struct growth {
    size_t ids, docs; /* capacities */
};

static int make_room(struct train_docs *d, struct growth *g, size_t ids) {
    size_t used = d->start == NULL ? 0 : d->start[d->count];
    if (d->count + 2 > g->docs) {
        g->docs = g->docs == 0 ? 1024 : 2 * g->docs;
        size_t *grown = realloc(d->start, g->docs * sizeof *grown);
        if (grown == NULL)
            return -1;
        if (d->start == NULL)
            grown[0] = 0;
        d->start = grown;
    }
    if (used + ids > g->ids) {
        g->ids = 2 * (used + ids);
        uint16_t *grown = realloc(d->ids, g->ids * sizeof *grown);
        if (grown == NULL)
            return -1;
        d->ids = grown;
    }
    return 0;
}

/* Adds one line's tokens (the first is BOS) and EOS, in pieces of at most context + 1 ids; a piece
 * that continues starts with the id that ended the one before. */
static int add_document(struct train_docs *d, struct growth *g, const uint32_t *ids, size_t count,
                        uint32_t context) {
    size_t total = count + 1;
    for (size_t first = 0; first + 1 < total; first += context) {
        size_t n = total - first < context + 1 ? total - first : context + 1;
        if (make_room(d, g, n) != 0)
            return -1;
        uint16_t *out = d->ids + d->start[d->count];
        for (size_t i = 0; i < n; i++)
            out[i] = first + i < count ? (uint16_t)ids[first + i] : EOS;
        d->start[d->count + 1] = d->start[d->count] + n;
        d->count++;
    }
    return 0;
}

int train_docs_make(const char *path, const char *text, size_t size,
                    const struct tokenizer *tokenizer, uint32_t context, struct train_docs *docs,
                    struct ls_error *err) {
    struct growth growth = {0, 0};
    int status = 0;
    memset(docs, 0, sizeof *docs);
    for (size_t at = 0; at < size && status == 0;) {
        const char *newline = memchr(text + at, '\n', size - at);
        size_t length = newline != NULL ? (size_t)(newline - (text + at)) : size - at;
        if (length > 0) {
            uint32_t *ids;
            size_t count;
            status = tokenizer_encode(tokenizer, text + at, length, TOKENIZER_ADD_BOS, &ids, &count,
                                      err);
            if (status == 0 && (count == 0 || ids[0] != BOS))
                status =
                    ls_error_set(err, "%s: the vocabulary does not begin texts with <s>", path);
            if (status == 0 && add_document(docs, &growth, ids, count, context) != 0)
                status = ls_error_set(err, "%s: out of memory", path);
            free(ids);
        }
        at += length + 1;
    }
    docs->words = count_words(text, size);
    if (status == 0 && docs->count == 0)
        status = ls_error_set(err, "%s: no text", path);
    if (status != 0)
        train_docs_free(docs);
    return status;
}

int train_docs_read(const char *path, const struct tokenizer *tokenizer, uint32_t context,
                    struct train_docs *docs, struct ls_error *err) {
    char *text;
    size_t size;
    memset(docs, 0, sizeof *docs);
    if (train_text_read(path, &text, &size, err) != 0)
        return -1;
    int status = train_docs_make(path, text, size, tokenizer, context, docs, err);
    free(text);
    return status;
}

void train_docs_free(struct train_docs *docs) {
    free(docs->ids);
    free(docs->start);
    memset(docs, 0, sizeof *docs);
}

/* ------------------------------------------------------------------------------------------ */
/* Batches. */

int train_shard_open(struct train_shard *shard, uint32_t capacity, struct ls_error *err) {
    shard->capacity = capacity;
    shard->ids = calloc(capacity, sizeof *shard->ids);
    shard->targets = calloc(capacity, sizeof *shard->targets);
    shard->starts = calloc((size_t)capacity + 1, sizeof *shard->starts);
    train_shard_clear(shard);
    if (shard->ids == NULL || shard->targets == NULL || shard->starts == NULL) {
        train_shard_close(shard);
        return ls_error_set(err, "out of memory");
    }
    return 0;
}

void train_shard_close(struct train_shard *shard) {
    free(shard->ids);
    free(shard->targets);
    free(shard->starts);
    memset(shard, 0, sizeof *shard);
}

void train_shard_clear(struct train_shard *shard) {
    shard->batch = (struct net_batch){.ids = shard->ids,
                                      .targets = shard->targets,
                                      .tokens = 0,
                                      .starts = shard->starts,
                                      .sequences = 0};
}

int train_shard_add(struct train_shard *shard, const struct train_docs *docs, size_t doc) {
    struct net_batch *b = &shard->batch;
    const uint16_t *ids = docs->ids + docs->start[doc];
    uint32_t n = (uint32_t)(docs->start[doc + 1] - docs->start[doc] - 1);
    if (n > shard->capacity - b->tokens)
        return 0;
    memcpy(shard->ids + b->tokens, ids, n * sizeof *ids);
    memcpy(shard->targets + b->tokens, ids + 1, n * sizeof *ids);
    b->tokens += n;
    b->sequences++;
    shard->starts[b->sequences] = b->tokens;
    return 1;
}

/* The place of document `i` in an epoch's order: a permutation of 0..count-1 that needs no table.
 * Four rounds of a Feistel network on the smallest even number of bits that holds count, walked
 * until the result is in range (Black and Rogaway, 2002). */
static uint64_t permuted(uint64_t i, uint64_t count, uint64_t key) {
    unsigned half = 1;
    while (half < 32 && (1ULL << (2 * half)) < count)
        half++;
    uint64_t mask = (1ULL << half) - 1;
    do {
        uint64_t left = i >> half, right = i & mask;
        for (unsigned round = 0; round < 4; round++) {
            uint64_t f = (right + key + round) * 0x9e3779b97f4a7c15U;
            f = (f ^ (f >> 29)) * 0xbf58476d1ce4e5b9U;
            uint64_t swapped = left ^ ((f >> 32) & mask);
            left = right;
            right = swapped;
        }
        i = left << half | right;
    } while (i >= count);
    return i;
}

void train_deal_next(struct train_deal *deal, const struct train_docs *docs,
                     struct train_shard *shards, uint32_t count) {
    for (uint32_t s = 0; s < count; s++) {
        train_shard_clear(&shards[s]);
        for (;;) {
            if (deal->next == docs->count) {
                deal->next = 0;
                deal->epoch++;
            }
            uint64_t key = deal->seed * 0xd1342543de82ef95U + deal->epoch * 0xda942042e4dd58b5U;
            if (!train_shard_add(&shards[s], docs, permuted(deal->next, docs->count, key)))
                break;
            deal->next++;
        }
    }
}
