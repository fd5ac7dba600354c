/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Counts the blocks of memory that are not freed, of all threads of a test. A library keeps some
 * from its first use on: do something once before counting.
 *
 *     use();
 *     const long before = blocks_held();
 *     use();
 *     CHECK(&t, blocks_held() == before, "%ld blocks are left", blocks_held() - before);
 *
 * Included by one file of a program: the functions of the C library are defined here.
 */
#ifndef BLOCKS_H
#define BLOCKS_H

#include <stddef.h>

#define BLOCKS_SEEN __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static long blocks;

static inline long blocks_held(void) {
    return __atomic_load_n(&blocks, __ATOMIC_SEQ_CST);
}

static inline void *blocks_add(void *block, long more) {
    __atomic_add_fetch(&blocks, block != NULL ? more : 0, __ATOMIC_SEQ_CST);
    return block;
}

BLOCKS_SEEN void *malloc(size_t size) {
    return blocks_add(__libc_malloc(size), 1);
}

BLOCKS_SEEN void *calloc(size_t count, size_t size) {
    return blocks_add(__libc_calloc(count, size), 1);
}

BLOCKS_SEEN void *realloc(void *old, size_t size) {
    return blocks_add(__libc_realloc(old, size), old == NULL);
}

BLOCKS_SEEN void *aligned_alloc(size_t alignment, size_t size) {
    return blocks_add(__libc_memalign(alignment, size), 1);
}

BLOCKS_SEEN void free(void *block) {
    blocks_add(block, -1);
    __libc_free(block);
}

#endif
