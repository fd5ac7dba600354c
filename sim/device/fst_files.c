/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The writer's calls have no context, so this has the one trace of the program in variables.
 */
#include "fst_files.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>

static FILE *trace; /* between begin and end */
static bool is_whole;

void fst_files_begin(FILE *file) {
    trace = file;
    is_whole = true;
}

bool fst_files_end(void) {
    trace = NULL;
    return is_whole;
}

FILE *fst_files_open(const char *name, const char *mode) {
    if (name != NULL && strcmp(name, FST_FILES_NAME) == 0)
        return trace;
    if (name != NULL && name[0] == '/') /* /proc/meminfo */
        return fopen(name, mode);
    const int fd = memfd_create("fst", MFD_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, mode) : NULL;
    if (fd >= 0 && file == NULL)
        close(fd);
    return file;
}

int fst_files_close(FILE *file) {
    if (file == trace)
        return fflush(file);
    is_whole = is_whole && !ferror(file);
    return fclose(file);
}

void *fst_files_map(size_t bytes, int fd) {
    if (posix_fallocate(fd, 0, (off_t)bytes) == 0)
        return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    is_whole = false;
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
