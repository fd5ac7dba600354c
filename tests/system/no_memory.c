/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * To be preloaded: memory runs out. NO_MEMORY=n makes the n-th allocation of the program fail, and
 * "n+" all from there on; "@" the first, second, third one behind the first, second, third SIGUSR2,
 * for a server. Allocations are those that the program itself asks for, or has the C library, cJSON
 * or PCRE2 ask for. NO_MEMORY_COUNT names a file that is given their number at the end.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEEN __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static atomic_long allocations, first = -1;
static bool all_behind, ready;

static void next_one(int signal) {
    (void)signal;
    atomic_store(&allocations, 0);
    atomic_fetch_add(&first, 1);
}

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("NO_MEMORY");
    if (text != NULL && *text == '@') {
        atomic_store(&first, 0);
        signal(SIGUSR2, next_one);
    } else if (text != NULL) {
        char *end;
        atomic_store(&first, strtol(text, &end, 10));
        all_behind = *end == '+';
    }
    unsetenv("LD_PRELOAD"); /* not in what the program starts */
    atomic_store(&allocations, 0);
    ready = true;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("NO_MEMORY_COUNT");
    char text[32];
    const int n = snprintf(text, sizeof text, "%ld\n", atomic_load(&allocations));
    ready = false;
    const int fd = path != NULL ? open(path, O_CREAT | O_TRUNC | O_WRONLY, 0666) : -1;
    if (fd >= 0 && write(fd, text, (size_t)n) == n)
        close(fd);
}

/* Whether it is one of the program's own that must fail. */
static bool fails(const void *caller) {
    static const char *const libraries[] = {"libc.so", "libcjson", "libpcre2"};
    static _Thread_local bool inside;
    Dl_info info;
    if (!ready || inside)
        return false;
    inside = true;
    bool counts = dladdr(caller, &info) != 0 && info.dli_fname != NULL;
    if (counts && strstr(info.dli_fname, ".so") != NULL) {
        counts = false;
        for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
            counts |= strstr(info.dli_fname, libraries[i]) != NULL;
    }
    inside = false;
    if (!counts)
        return false;
    const long n = atomic_fetch_add(&allocations, 1) + 1, from = atomic_load(&first);
    if (from <= 0 || n < from || (n > from && !all_behind))
        return false;
    errno = ENOMEM;
    return true;
}

SEEN void *malloc(size_t size);
SEEN void *calloc(size_t count, size_t size);
SEEN void *realloc(void *old, size_t size);
SEEN void *mmap(void *address, size_t length, int protect, int flags, int fd, off_t from);

void *malloc(size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

void *mmap(void *address, size_t length, int protect, int flags, int fd, off_t from) {
    static void *(*next)(void *, size_t, int, int, int, off_t);
    if (fails(__builtin_return_address(0)))
        return MAP_FAILED;
    if (next == NULL) {
        void *found = dlsym(RTLD_NEXT, "mmap");
        memcpy(&next, &found, sizeof next);
    }
    return next(address, length, protect, flags, fd, from);
}
