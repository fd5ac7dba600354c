/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Counts in one hash table. A key packs the order and the ids of an n-gram, the last id lowest:
 *
 *     63..60 order | 59..48 oldest id | ... | 11..0 last id
 *
 * The highest order counts occurrences, the lower ones count the different ids that precede. A
 * context (an n-gram without its last id) has the sum of its counts and how many ids follow it.
 */
#include "ngram.h"

#include <stdlib.h>
#include <string.h>

enum { ID_BITS = 12, CONTEXT_FLAG = 8, FIRST_CAPACITY = 1 << 16 };

struct entry {
    uint64_t key;   /* 0: free */
    uint32_t count; /* of an n-gram; sum over those of a context */
    uint32_t kinds; /* of a context: different ids that follow */
};

struct ngram {
    struct entry *entry; /* [capacity], a power of two */
    size_t capacity, used;
    uint32_t vocab;
    double discount[NGRAM_ORDER + 1];
};

static uint64_t make_key(const uint16_t *ids, unsigned count, unsigned tag) {
    uint64_t key = tag;
    for (unsigned i = NGRAM_ORDER; i > 0; i--)
        key = key << ID_BITS | (i <= count ? ids[count - i] : 0u);
    return key;
}

static size_t slot_of(const struct ngram *m, uint64_t key) {
    uint64_t h = key * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (size_t)(h ^ h >> 29) & (m->capacity - 1);
    while (m->entry[slot].key != 0 && m->entry[slot].key != key)
        slot = (slot + 1) & (m->capacity - 1);
    return slot;
}

static int grow(struct ngram *m) {
    struct ngram bigger = *m;
    bigger.capacity = m->capacity == 0 ? FIRST_CAPACITY : 2 * m->capacity;
    bigger.entry = calloc(bigger.capacity, sizeof *bigger.entry);
    if (bigger.entry == NULL)
        return -1;
    for (size_t i = 0; i < m->capacity; i++)
        if (m->entry[i].key != 0)
            bigger.entry[slot_of(&bigger, m->entry[i].key)] = m->entry[i];
    free(m->entry);
    *m = bigger;
    return 0;
}

/* The entry of a key, made if new; NULL if out of memory. */
static struct entry *get(struct ngram *m, uint64_t key) {
    if (2 * m->used >= m->capacity && grow(m) != 0)
        return NULL;
    struct entry *e = &m->entry[slot_of(m, key)];
    if (e->key == 0) {
        e->key = key;
        m->used++;
    }
    return e;
}

/* Counts an n-gram of `order` ids; one that is new counts for the order below. */
static int add(struct ngram *m, const uint16_t *ids, unsigned order) {
    for (; order > 0; order--, ids++) {
        struct entry *e = get(m, make_key(ids, order, order));
        if (e == NULL)
            return -1;
        int is_new = e->count++ == 0;
        struct entry *context = get(m, make_key(ids, order - 1, order | CONTEXT_FLAG));
        if (context == NULL)
            return -1;
        context->count++;
        context->kinds += (uint32_t)is_new;
        if (!is_new)
            break;
    }
    return 0;
}

/* The ids up to `position`, with the first one repeated where the document is too short. */
static void window_at(uint16_t *window, const uint16_t *document, size_t position) {
    for (size_t i = 0; i < NGRAM_ORDER; i++) {
        size_t back = NGRAM_ORDER - 1 - i;
        window[i] = document[back < position ? position - back : 0];
    }
}

int ngram_train(const uint16_t *ids, const size_t *starts, size_t documents, uint32_t vocab,
                struct ngram **model, struct ls_error *err) {
    struct ngram *m = calloc(1, sizeof *m);
    uint16_t window[NGRAM_ORDER];
    *model = NULL;
    if (vocab > NGRAM_VOCAB_MAX) {
        free(m);
        return ls_error_set(err, "5-gram: more than %d tokens", NGRAM_VOCAB_MAX);
    }
    int status = m == NULL ? -1 : 0;
    for (size_t d = 0; d < documents && status == 0; d++)
        for (size_t i = 1; i < starts[d + 1] - starts[d] && status == 0; i++) {
            window_at(window, ids + starts[d], i);
            status = add(m, window, NGRAM_ORDER);
        }
    if (status != 0) {
        ngram_free(m);
        return ls_error_set(err, "5-gram: out of memory");
    }

    m->vocab = vocab;
    double once[NGRAM_ORDER + 1] = {0}, twice[NGRAM_ORDER + 1] = {0};
    for (size_t i = 0; i < m->capacity; i++) {
        const struct entry *e = &m->entry[i];
        unsigned tag = (unsigned)(e->key >> 60);
        if (e->key == 0 || (tag & CONTEXT_FLAG) != 0)
            continue;
        once[tag] += e->count == 1;
        twice[tag] += e->count == 2;
    }
    for (unsigned n = 1; n <= NGRAM_ORDER; n++)
        m->discount[n] = once[n] > 0 ? once[n] / (once[n] + 2 * twice[n]) : 0.5;
    *model = m;
    return 0;
}

double ngram_probability(const struct ngram *model, const uint16_t *document, size_t position) {
    uint16_t window[NGRAM_ORDER];
    double p = 1.0 / model->vocab;
    window_at(window, document, position);
    for (unsigned n = 1; n <= NGRAM_ORDER; n++) {
        const uint16_t *ids = window + NGRAM_ORDER - n;
        const struct entry *context =
            &model->entry[slot_of(model, make_key(ids, n - 1, n | CONTEXT_FLAG))];
        if (context->key == 0)
            break; /* never seen: the longer ones were not either */
        const struct entry *e = &model->entry[slot_of(model, make_key(ids, n, n))];
        double kept = e->key != 0 ? e->count - model->discount[n] : 0;
        double rest = model->discount[n] * context->kinds;
        p = ((kept > 0 ? kept : 0) + rest * p) / context->count;
    }
    return p;
}

void ngram_free(struct ngram *model) {
    if (model != NULL)
        free(model->entry);
    free(model);
}
