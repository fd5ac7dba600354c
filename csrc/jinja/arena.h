/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Memory that is freed at once, up to a bound, and texts that grow in it.
 *
 *     struct arena arena = arena_start(1u << 20);
 *     struct buffer buffer = {0};
 *     if (!buffer_add(&arena, &buffer, "text", 4))
 *         return fail("too much");
 *     arena_free(&arena);
 */
#ifndef LS_JINJA_ARENA_H
#define LS_JINJA_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct arena {
    struct arena_chunk *chunks; /* the newest first */
    size_t free;                /* bytes of it */
    size_t left;                /* bytes that may still be taken */
};

struct arena arena_start(size_t most);

/* Zeroed; NULL: beyond the bound. */
void *arena_take(struct arena *arena, size_t size);

/* [count] elements grow to hold one more; NULL: beyond the bound. *room: elements that fit. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *room, size_t element);

void arena_free(struct arena *arena);

struct buffer {
    char *bytes; /* [size] */
    size_t size, room;
};

bool buffer_add(struct arena *arena, struct buffer *buffer, const char *bytes, size_t size);

#ifdef __cplusplus
}
#endif
#endif
