/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Merging neighbours, best first: what SentencePiece's BPE and byte-level BPE
 * share. Symbols form a linked list, candidate merges a heap, so n symbols take
 * O(n log n) steps and O(n) memory. The memory is kept from word to word.
 *
 *     struct merger m = {0};
 *     if (merger_reserve(&m, n) == 0) {
 *         fill(m.symbols, n);
 *         if (merger_run(&m, t, text, n) == 0)
 *             for (uint32_t i = 0; i != NO_SYMBOL; i = m.symbols[i].next)
 *                 use(m.symbols[i].id);
 *     }
 *     merger_free(&m);
 */
#ifndef LS_TOKENIZER_MERGE_H
#define LS_TOKENIZER_MERGE_H

#include "tokenizer_vocab.h"

#define NO_SYMBOL UINT32_MAX

/* A run of bytes of the text; merged ones are unlinked and get size 0. */
struct symbol {
    uint32_t start, size;    /* bytes */
    uint32_t previous, next; /* set by merger_run */
    uint32_t id;             /* its token, or NO_TOKEN */
};

/* A candidate: for a merge the symbol `at` with its neighbour, of these sizes when it was queued
 * (other sizes by now mean stale); for special_cut() a token at a place of the text. */
struct candidate {
    uint32_t rank, at; /* lower rank first, then leftmost */
    uint32_t left_size, right_size;
    uint32_t id; /* what it becomes */
};

struct candidates {
    struct candidate *items;
    size_t count, capacity;
};

/* Returns 0, or -1 if out of memory. */
int candidates_push(struct candidates *heap, struct candidate item);

/* The best; there must be one. */
struct candidate candidates_pop(struct candidates *heap);

struct merger {
    struct symbol *symbols;
    uint32_t capacity;
    struct candidates heap;
};

/* Room for `count` symbols. Returns 0, or -1 if out of memory. */
int merger_reserve(struct merger *m, uint32_t count);

/* Merges the first `count` symbols, at least one. Returns 0, or -1 if out of memory. */
int merger_run(struct merger *m, const struct tokenizer *t, const char *text, uint32_t count);

void merger_free(struct merger *m);

#endif
