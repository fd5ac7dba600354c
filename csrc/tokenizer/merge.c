/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Merging neighbours with a linked list and a heap.
 */
#include "merge.h"

#include <stdlib.h>

static bool comes_before(const struct candidate *a, const struct candidate *b) {
    return a->rank < b->rank || (a->rank == b->rank && a->at < b->at);
}

int candidates_push(struct candidates *heap, struct candidate item) {
    if (heap->count == heap->capacity) {
        const size_t capacity = heap->capacity * 2 + 64;
        struct candidate *items = realloc(heap->items, capacity * sizeof *items);
        if (items == NULL)
            return -1;
        heap->items = items;
        heap->capacity = capacity;
    }
    size_t i = heap->count++;
    while (i > 0 && comes_before(&item, &heap->items[(i - 1) / 2])) {
        heap->items[i] = heap->items[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap->items[i] = item;
    return 0;
}

struct candidate candidates_pop(struct candidates *heap) {
    const struct candidate top = heap->items[0], item = heap->items[--heap->count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && comes_before(&heap->items[child + 1], &heap->items[child]))
            child++;
        if (!comes_before(&heap->items[child], &item))
            break;
        heap->items[i] = heap->items[child];
        i = child;
    }
    heap->items[i] = item;
    return top;
}

int merger_reserve(struct merger *m, uint32_t count) {
    if (count <= m->capacity)
        return 0;
    struct symbol *symbols = realloc(m->symbols, (size_t)count * sizeof *symbols);
    if (symbols == NULL)
        return -1;
    m->symbols = symbols;
    m->capacity = count;
    return 0;
}

void merger_free(struct merger *m) {
    free(m->symbols);
    free(m->heap.items);
}

/* Queues the merge of a symbol with the next, if there is one: SentencePiece joins what together
 * is a piece, byte-level BPE what a rule joins. */
static int queue_merge(struct merger *m, const struct tokenizer *t, const char *text, uint32_t at) {
    const struct symbol *left = &m->symbols[at];
    if (left->next == NO_SYMBOL)
        return 0;
    const struct symbol *right = &m->symbols[left->next];
    struct candidate c = {0, at, left->size, right->size, NO_TOKEN};
    if (t->kind == SENTENCEPIECE) {
        c.id = vocab_find(t, text + left->start, (uint64_t)left->size + right->size);
        if (c.id != NO_TOKEN)
            c.rank = t->ranks[c.id];
    } else {
        c.rank = vocab_find_merge(t, left->id, right->id);
        if (c.rank != NO_TOKEN)
            c.id = t->merges[c.rank].result;
    }
    return c.id == NO_TOKEN || !vocab_is_text(t, c.id) ? 0 : candidates_push(&m->heap, c);
}

int merger_run(struct merger *m, const struct tokenizer *t, const char *text, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        m->symbols[i].previous = i - 1; /* of the first: NO_SYMBOL */
        m->symbols[i].next = i + 1 < count ? i + 1 : NO_SYMBOL;
    }
    m->heap.count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (queue_merge(m, t, text, i) != 0)
            return -1;
    while (m->heap.count > 0) {
        const struct candidate c = candidates_pop(&m->heap);
        struct symbol *left = &m->symbols[c.at];
        if (left->size != c.left_size || left->next == NO_SYMBOL ||
            m->symbols[left->next].size != c.right_size)
            continue;
        struct symbol *right = &m->symbols[left->next];
        left->size += right->size;
        left->id = c.id;
        left->next = right->next;
        right->size = 0;
        if (left->next != NO_SYMBOL)
            m->symbols[left->next].previous = c.at;
        if ((left->previous != NO_SYMBOL && queue_merge(m, t, text, left->previous) != 0) ||
            queue_merge(m, t, text, c.at) != 0)
            return -1;
    }
    return 0;
}
