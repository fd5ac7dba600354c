/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Chunks, each with room for many small things or for a large one.
 */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)32 << 10)
#define ALIGN sizeof(max_align_t)

struct arena_chunk {
    struct arena_chunk *older;
    size_t size; /* of what follows, which is taken from its end */
    max_align_t bytes[];
};

struct arena arena_start(size_t most) {
    return (struct arena){.left = most};
}

void *arena_take(struct arena *a, size_t size) {
    if (size > a->left || size > SIZE_MAX / 2)
        return NULL;
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (size > a->free) {
        const size_t room = size > CHUNK / 4 ? size : CHUNK;
        struct arena_chunk *chunk = calloc(1, sizeof *chunk + room);
        if (chunk == NULL)
            return NULL;
        chunk->size = room;
        if (room == size && a->chunks != NULL) { /* of its own: the newest keeps its room */
            chunk->older = a->chunks->older;
            a->chunks->older = chunk;
            a->left -= size < a->left ? size : a->left;
            return chunk->bytes;
        }
        chunk->older = a->chunks;
        a->chunks = chunk;
        a->free = room;
    }
    a->free -= size;
    a->left -= size < a->left ? size : a->left;
    return (char *)a->chunks->bytes + a->free;
}

void *arena_grow(struct arena *a, void *array, size_t count, size_t *room, size_t element) {
    if (count < *room)
        return array;
    const size_t larger = 2 * count + 4;
    void *copy = larger < SIZE_MAX / 4 / element ? arena_take(a, larger * element) : NULL;
    if (copy == NULL)
        return NULL;
    if (count != 0)
        memcpy(copy, array, count * element);
    *room = larger;
    return copy;
}

void arena_free(struct arena *a) {
    for (struct arena_chunk *older; a->chunks != NULL; a->chunks = older) {
        older = a->chunks->older;
        free(a->chunks);
    }
    a->free = 0;
}

bool buffer_add(struct arena *a, struct buffer *b, const char *bytes, size_t size) {
    if (size > b->room - b->size) {
        const size_t room = 2 * (b->size + size) + 64;
        char *larger = size < SIZE_MAX / 4 ? arena_take(a, room) : NULL;
        if (larger == NULL)
            return false;
        if (b->size != 0)
            memcpy(larger, b->bytes, b->size);
        b->bytes = larger;
        b->room = room;
    }
    if (size != 0)
        memcpy(b->bytes + b->size, bytes, size);
    b->size += size;
    return true;
}
