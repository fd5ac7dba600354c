/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Cutting special tokens out of a text. The longest goes first wherever it is,
 * then what is left of the text is searched for the next: as if every token in
 * turn cut the text at all its places, but in one pass with a heap of places.
 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>

/* How a list of special tokens that begin alike goes on at `depth`: those with this byte. */
static void narrow(const struct tokenizer *t, size_t depth, unsigned char byte, uint32_t *low,
                   uint32_t *high) {
    uint32_t bounds[2];
    for (unsigned k = 0; k < 2; k++) { /* the first with at least byte + k there */
        uint32_t a = *low, b = *high;
        while (a < b) {
            const uint32_t middle = a + (b - a) / 2;
            if ((unsigned char)t->pieces[t->special[middle]].data[depth] < byte + k)
                a = middle + 1;
            else
                b = middle;
        }
        bounds[k] = a;
    }
    *low = bounds[0];
    *high = bounds[1];
}

/* The longest special token at the start of the text: its number in `special`, or NO_TOKEN. */
static uint32_t longest_special(const struct tokenizer *t, const char *text, uint32_t left,
                                bool parse_special) {
    const unsigned char first = (unsigned char)text[0];
    uint32_t low = t->special_from[first], high = t->special_from[first + 1], best = NO_TOKEN;
    for (uint32_t depth = 1; low < high; depth++) {
        const uint32_t id = t->special[low];
        if (t->pieces[id].size == depth) { /* the shortest comes first, and there is only one */
            if (parse_special || t->types[id] == TOKEN_USER_DEFINED)
                best = low;
            low++;
        }
        if (depth == left)
            break;
        narrow(t, depth, (unsigned char)text[depth], &low, &high);
    }
    return best;
}

static int push_special(const struct tokenizer *t, struct candidates *heap, const char *text,
                        uint32_t at, uint32_t left, bool parse_special) {
    const uint32_t k = longest_special(t, text + at, left, parse_special);
    if (k == NO_TOKEN)
        return 0;
    const uint32_t id = t->special[k];
    return candidates_push(
        heap, (struct candidate){t->special_rank[k], at, (uint32_t)t->pieces[id].size, 0, id});
}

struct found {
    struct fragment *items; /* special tokens; `size` with the white space that goes with it */
    size_t count, capacity;
};

static int add_found(struct found *found, struct fragment item) {
    if (found->count == found->capacity) {
        const size_t capacity = found->capacity * 2 + 16;
        struct fragment *items = realloc(found->items, capacity * sizeof *items);
        if (items == NULL)
            return -1;
        found->items = items;
        found->capacity = capacity;
    }
    found->items[found->count++] = item;
    return 0;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* phi3's rule: white space behind a special token is no text, but behind these. */
static bool strips(const struct tokenizer *t, uint32_t id) {
    return t->strip_after_special && !gguf_string_equals(t->pieces[id], "<unk>") &&
           !gguf_string_equals(t->pieces[id], "<s>") &&
           !gguf_string_equals(t->pieces[id], "<|endoftext|>");
}

/* Takes places off the heap, best first; one that is partly taken tries a shorter token. */
static int take_places(const struct tokenizer *t, const char *text, uint32_t size,
                       bool parse_special, struct candidates *heap, struct found *found) {
    char *taken = calloc(size, 1);
    int status = taken == NULL ? -1 : 0;
    while (heap->count > 0 && status == 0) {
        const struct candidate c = candidates_pop(heap);
        const char *wall = memchr(taken + c.at, 1, c.left_size);
        if (wall != NULL) {
            const uint32_t room = (uint32_t)(wall - taken) - c.at;
            if (room > 0)
                status = push_special(t, heap, text, c.at, room, parse_special);
            continue;
        }
        uint32_t end = c.at + c.left_size;
        while (strips(t, c.id) && end < size && !taken[end] && is_blank(text[end]))
            end++;
        memset(taken + c.at, 1, end - c.at);
        status = add_found(found, (struct fragment){c.at, end - c.at, c.id});
    }
    free(taken);
    return status;
}

static int compare_start(const void *a, const void *b) {
    const struct fragment *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

int special_cut(const struct tokenizer *t, const char *text, uint32_t size, bool parse_special,
                struct fragment **fragments, size_t *count) {
    struct candidates heap = {NULL, 0, 0};
    struct found found = {NULL, 0, 0}, all = {NULL, 0, 0};
    int status = 0;
    for (uint32_t at = 0; at < size && status == 0 && t->special_count > 0; at++)
        status = push_special(t, &heap, text, at, size - at, parse_special);
    if (status == 0 && heap.count > 0)
        status = take_places(t, text, size, parse_special, &heap, &found);
    free(heap.items);
    if (found.count > 0)
        qsort(found.items, found.count, sizeof *found.items, compare_start);
    uint32_t done = 0;
    for (size_t i = 0; i < found.count && status == 0; i++) {
        const struct fragment special = found.items[i];
        if (special.start > done)
            status = add_found(&all, (struct fragment){done, special.start - done, NO_TOKEN});
        if (status == 0)
            status = add_found(&all, special);
        done = special.start + special.size;
    }
    if (done < size && status == 0)
        status = add_found(&all, (struct fragment){done, size - done, NO_TOKEN});
    free(found.items);
    if (status != 0)
        free(all.items);
    *fragments = status == 0 ? all.items : NULL;
    *count = status == 0 ? all.count : 0;
    return status;
}
