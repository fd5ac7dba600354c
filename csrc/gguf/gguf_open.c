/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Files into memory. A split model (split.count of the first part is above 1) is mapped part behind
 * part into one range of addresses, so that for its users it is one file with tensors at offsets:
 *
 *     | part 1 | zeros | part 2 | zeros | part 3 |      each from a multiple of PART_ALIGNMENT on
 *
 * the same on every host, so that the device sees the same addresses. Names and keys of the parts
 * are those of llama.cpp's gguf-split: NAME-00001-of-00003.gguf; split.no counts from 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gguf_read.h"

#define PART_ALIGNMENT 65536u /* at least a page of any host */
#define PARTS_MOST     65535u /* split.count is a uint16 */
#define PATH_ROOM      GGUF_PATH_SIZE

/* ---- one file ---- */

/* What a path is that cannot be mapped. */
static const char *odd_kind(mode_t mode) {
    return S_ISDIR(mode)    ? "a folder: give the .gguf file in it"
           : S_ISFIFO(mode) ? "a pipe; a model is mapped, so it must be a file: store it first"
           : S_ISSOCK(mode) ? "a socket; a model is mapped, so it must be a file: store it first"
                            : "a device: give a .gguf model";
}

/* A descriptor of a regular file that is not empty, or -1 with `err`. Does not wait for a pipe. */
static int open_file(const char *path, uint64_t *size, struct ls_error *err) {
    struct stat st;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return ls_error_set(err, "%s: cannot open: %s: check the path", path, strerror(errno));
    if (fstat(fd, &st) != 0)
        ls_error_set(err, "%s: cannot open: %s: check the path", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        ls_error_set(err, "%s: not a regular file but %s", path, odd_kind(st.st_mode));
    else if (st.st_size == 0)
        ls_error_set(err, "%s: empty file: give a .gguf model", path);
    else {
        *size = (uint64_t)st.st_size;
        return fd;
    }
    close(fd);
    return -1;
}

/* ---- the parts of a split model ---- */

/* The name of part `no`, if `path` is that of part `as`; false if it has another form. */
static bool part_name(const char *path, uint32_t as, uint32_t no, uint32_t count, char *name) {
    char end[32];
    const size_t size = strlen(path);
    const size_t end_size =
        (size_t)snprintf(end, sizeof end, "-%05" PRIu32 "-of-%05" PRIu32 ".gguf", as + 1, count);
    if (size <= end_size || strcmp(path + size - end_size, end) != 0)
        return false;
    return snprintf(name, PATH_ROOM, "%.*s-%05" PRIu32 "-of-%05" PRIu32 ".gguf",
                    (int)(size - end_size), path, no + 1, count) < (int)PATH_ROOM;
}

/* split.no and split.count, 0 and 1 in a file of its own. */
static int read_split(const struct gguf *g, uint32_t *no, uint32_t *count, struct ls_error *err) {
    *no = 0;
    *count = 1;
    if (gguf_get_u32(g, "split.count", count) == GGUF_WRONG_TYPE ||
        gguf_get_u32(g, "split.no", no) == GGUF_WRONG_TYPE || *count > PARTS_MOST ||
        (*no != 0 && *no >= *count))
        return ls_error_set(err,
                            "%s: split.no, split.count: not a part of its parts: split the "
                            "model again",
                            g->path);
    return 0;
}

/* Sizes and places of all parts; the end of the last in *total. */
static int find_parts(const char *path, uint32_t count, struct gguf_part *parts, uint64_t *total,
                      struct ls_error *err) {
    char name[PATH_ROOM];
    uint64_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct ls_error why;
        if (!part_name(path, 0, i, count, name))
            return ls_error_set(err,
                                "%s: part 1 of %" PRIu32
                                " of a split model, whose name must end in "
                                "-00001-of-%05" PRIu32 ".gguf for the others to be found",
                                path, count, count);
        const int fd = open_file(name, &parts[i].size, &why);
        if (fd < 0)
            return ls_error_set(err, "part %" PRIu32 " of %" PRIu32 " of the model is missing: %s",
                                i + 1, count, why.text);
        close(fd);
        parts[i].at = at;
        *total = at + parts[i].size;
        at = (*total + PART_ALIGNMENT - 1) / PART_ALIGNMENT * PART_ALIGNMENT;
    }
    return 0;
}

static int map_parts(const char *path, uint32_t count, const struct gguf_part *parts, uint8_t *base,
                     struct ls_error *err) {
    char name[PATH_ROOM];
    for (uint32_t i = 0; i < count && part_name(path, 0, i, count, name); i++) {
        uint64_t size;
        const int fd = open_file(name, &size, err);
        if (fd < 0)
            return -1;
        const bool changed = size != parts[i].size;
        const void *map = mmap(base + parts[i].at, (size_t)parts[i].size, PROT_READ,
                               MAP_PRIVATE | MAP_FIXED, fd, 0);
        const int map_errno = errno;
        close(fd);
        if (map == MAP_FAILED || changed)
            return ls_error_set(err, "%s: cannot map the file: %s", name,
                                changed ? "it has changed" : strerror(map_errno));
    }
    return 0;
}

/* Appends the tensors of a part that lies `at` bytes behind the first. */
static int append(struct gguf *g, const struct gguf *part, uint64_t at, struct ls_error *err) {
    const uint64_t count = g->tensor_count + part->tensor_count;
    struct gguf_tensor *grown = realloc(g->tensors, (size_t)count * sizeof *grown + 1);
    if (grown == NULL)
        return ls_error_set(err, "%s: tensors: out of memory", part->path);
    g->tensors = grown;
    for (uint64_t i = 0; i < part->tensor_count; i++) {
        struct gguf_tensor *t = &g->tensors[g->tensor_count++];
        *t = part->tensors[i];
        t->offset += at;
    }
    return 0;
}

/* Reads part `i`, which must say that it is that, into the model. */
static int read_part(struct gguf *g, const char *name, uint32_t i, const struct gguf_part *place,
                     struct ls_error *err) {
    struct gguf *part;
    uint32_t no, count;
    if (gguf_read(name, g->map + place->at, place->size, false, &part, err) != 0)
        return -1;
    int status = read_split(part, &no, &count, err);
    if (status == 0 && (no != i || count != g->parts))
        status = ls_error_set(err,
                              "%s: says that it is part %" PRIu32 " of %" PRIu32
                              ": give each part the name it was made with",
                              name, no + 1, count);
    if (status == 0)
        status = append(g, part, place->at, err);
    gguf_close(part);
    return status;
}

static int read_parts(const char *path, const struct gguf_part *parts, struct gguf *g,
                      struct ls_error *err) {
    char name[PATH_ROOM];
    uint64_t expected;
    for (uint32_t i = 1; i < g->parts && part_name(path, 0, i, g->parts, name); i++)
        if (read_part(g, name, i, &parts[i], err) != 0)
            return -1;
    if (gguf_get_u64(g, "split.tensors.count", &expected) == GGUF_FOUND &&
        expected != g->tensor_count)
        return ls_error_set(err,
                            "%s: split.tensors.count: %" PRIu64 " tensors, but its %" PRIu32
                            " parts have %" PRIu64 ": split the model again",
                            path, expected, g->parts, g->tensor_count);
    return gguf_order_tensors(g, err);
}

/* The model whose first part is `path`. */
static int open_parts(const char *path, uint32_t count, struct gguf **gguf, struct ls_error *err) {
    struct gguf_part *parts = calloc(count, sizeof *parts);
    uint64_t total = 0;
    if (parts == NULL)
        return ls_error_set(err, "%s: out of memory", path);
    if (find_parts(path, count, parts, &total, err) != 0) {
        free(parts);
        return -1;
    }
    /* What no part covers reads as zeros. */
    void *base =
        mmap(NULL, (size_t)total, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    int status = base == MAP_FAILED ? ls_error_set(err, "%s: cannot map %" PRIu64 " bytes: %s",
                                                   path, total, strerror(errno))
                                    : map_parts(path, count, parts, base, err);
    if (status == 0)
        status = gguf_read(path, base, parts[0].size, false, gguf, err);
    if (status == 0) {
        (*gguf)->size = total;
        (*gguf)->mapped = true;
        (*gguf)->parts = count;
        (*gguf)->part = parts;
        status = read_parts(path, parts, *gguf, err);
        if (status != 0) {
            gguf_close(*gguf);
            *gguf = NULL;
        }
        return status;
    }
    if (base != MAP_FAILED)
        munmap(base, (size_t)total);
    free(parts);
    return status;
}

void gguf_part_path(const struct gguf *g, uint32_t part, char path[GGUF_PATH_SIZE]) {
    if (g->parts == 1 || !part_name(g->path, 0, part, g->parts, path))
        snprintf(path, GGUF_PATH_SIZE, "%s", g->path);
}

int gguf_open(const char *path, struct gguf **gguf, struct ls_error *err) {
    uint64_t size;
    uint32_t no, count;
    char first[PATH_ROOM];
    *gguf = NULL;
    const int fd = open_file(path, &size, err);
    if (fd < 0)
        return -1;
    void *map = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
    const int map_errno = errno;
    close(fd);
    if (map == MAP_FAILED)
        return ls_error_set(err, "%s: cannot map the file: %s", path, strerror(map_errno));
    /* Pages of 2 MB, on file systems that can, for what is not in memory yet: a fifth less time to
     * read it all. */
    (void)madvise(map, (size_t)size, MADV_HUGEPAGE);
    if (gguf_read(path, map, size, true, gguf, err) != 0)
        return -1;
    int status = read_split(*gguf, &no, &count, err);
    if (status == 0 && count <= 1)
        return 0;
    if (status == 0 && no != 0)
        status = ls_error_set(err,
                              "%s: part %" PRIu32 " of %" PRIu32 " of a split model: give the "
                              "first, %s",
                              path, no + 1, count,
                              part_name(path, no, 0, count, first) ? first : "-00001-of-...");
    gguf_close(*gguf);
    *gguf = NULL;
    return status == 0 ? open_parts(path, count, gguf, err) : -1;
}
