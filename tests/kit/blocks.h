/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Counts the blocks of memory that the first thread of a test has taken and nobody has freed;
 * others, such as a library's, may take some at any time. A library keeps some from its first use
 * on: do something once before counting. Words around each block are 0xff until it is freed, or the
 * test ends there: what is written beside a block is found. A new block is no zeros: what is read
 * before it is written is found, too.
 *
 *     use();
 *     const long before = blocks_held();
 *     use();
 *     CHECK(&t, blocks_held() == before, "%ld blocks are left", blocks_held() - before);
 *     blocks_refuse(2); // the next block but one that this thread asks for is not given
 *     CHECK(&t, use() != 0 && blocks_refused(), "it works without memory");
 *
 * Included by one file of a program: the functions of the C library are defined here.
 */
#ifndef BLOCKS_H
#define BLOCKS_H

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCKS_SEEN __attribute__((visibility("default")))

extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

/* Before each block; as many bytes as `around` lie behind it. The mark says whether it counts. */
struct blocks_head {
    char *base;
    size_t size, mark;
    uint64_t around;
};

#define BLOCKS_MARK  ((size_t)0x5eedb10c5eedb10cu)
#define BLOCKS_DIRTY ((size_t)1 << 20) /* bytes of a new block that are no zeros */

static long blocks_count;
static _Thread_local size_t blocks_counted; /* 1 in the first thread */
static _Thread_local long blocks_to_refused;

__attribute__((constructor)) static void blocks_begin(void) {
    blocks_counted = 1;
}

static inline long blocks_held(void) {
    return __atomic_load_n(&blocks_count, __ATOMIC_SEQ_CST);
}

static inline void blocks_refuse(long nth) { /* 0: none any more */
    blocks_to_refused = nth;
}

/* Whether that block has been asked for; from now on all are given. */
static inline bool blocks_refused(void) {
    const bool refused = blocks_to_refused == 0;
    blocks_to_refused = 0;
    return refused;
}

static inline struct blocks_head *blocks_head(void *block) {
    return (struct blocks_head *)block - 1;
}

static inline void *blocks_add(size_t alignment, size_t size) {
    const size_t before = alignment < 32 ? 32 : alignment; /* a multiple of the head */
    const bool refused = blocks_to_refused != 0 && --blocks_to_refused == 0;
    char *base = refused || size > SIZE_MAX - before - 8
                     ? NULL
                     : (char *)__libc_memalign(before, before + size + sizeof(uint64_t));
    if (base == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    memset(base + before, 0xa5, size < BLOCKS_DIRTY ? size : BLOCKS_DIRTY);
    *blocks_head(base + before) =
        (struct blocks_head){base, size, (BLOCKS_MARK ^ size) + blocks_counted, UINT64_MAX};
    memset(base + before + size, 0xff, sizeof(uint64_t));
    __atomic_add_fetch(&blocks_count, (long)blocks_counted, __ATOMIC_SEQ_CST);
    return base + before;
}

BLOCKS_SEEN void *malloc(size_t size) {
    return blocks_add(0, size);
}

BLOCKS_SEEN void *calloc(size_t count, size_t size) {
    void *block = size != 0 && count > SIZE_MAX / size ? NULL : blocks_add(0, count * size);
    return block == NULL ? NULL : memset(block, 0, count * size);
}

BLOCKS_SEEN void *aligned_alloc(size_t alignment, size_t size) {
    return blocks_add(alignment, size);
}

BLOCKS_SEEN void *memalign(size_t alignment, size_t size) {
    return blocks_add(alignment, size);
}

BLOCKS_SEEN int posix_memalign(void **block, size_t alignment, size_t size) {
    *block = blocks_add(alignment, size);
    return *block == NULL ? ENOMEM : 0;
}

BLOCKS_SEEN void free(void *block) {
    static const char says[] = "FAIL: something was written beside a block of memory\n";
    if (block == NULL)
        return;
    struct blocks_head *head = blocks_head(block);
    const uint64_t all = UINT64_MAX;
    const size_t counted = head->mark - (BLOCKS_MARK ^ head->size);
    if (counted > 1 || head->around != UINT64_MAX ||
        memcmp((char *)block + head->size, &all, sizeof all) != 0) {
        (void)!write(STDOUT_FILENO, says, sizeof says - 1);
        _exit(1);
    }
    head->mark = 0;
    __atomic_sub_fetch(&blocks_count, (long)counted, __ATOMIC_SEQ_CST);
    __libc_free(head->base);
}

BLOCKS_SEEN void *realloc(void *old, size_t size) {
    void *block = blocks_add(0, size);
    if (block == NULL || old == NULL)
        return block;
    memcpy(block, old, size < blocks_head(old)->size ? size : blocks_head(old)->size);
    free(old);
    return block;
}

#endif
