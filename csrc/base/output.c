/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * O_TMPFILE: a file without a name goes with the program, however that ends.
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int unwritten(const char *path, int reason, struct ls_error *err) {
    return ls_error_set(err, "%s: cannot be written: %s", path,
                        reason != 0 ? strerror(reason) : "the end is missing; is the disk full?");
}

static void forget(struct output *out) {
    free(out->path);
    free(out->part);
    *out = (struct output){0};
}

/* What another file system says of O_TMPFILE; or there is no /proc to give the file a name by. */
static int open_unnamed(char *part, mode_t mode) {
    if (access("/proc/self/fd", X_OK) != 0)
        return -1;
    char *copy = strdup(part);
    if (copy == NULL)
        return -1;
    const int fd = open(dirname(copy), O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    free(copy);
    return fd;
}

static int open_part(struct output *out, const struct stat *old, struct ls_error *err) {
    const mode_t mode = old != NULL ? old->st_mode & 0777 : 0666;
    if (asprintf(&out->part, "%s.part", out->path) < 0) {
        out->part = NULL;
        return ls_error_set(err, "%s: out of memory", out->path);
    }
    int fd = open_unnamed(out->part, mode);
    if (fd < 0) {
        unlink(out->part); /* of a program that was killed */
        fd = open(out->part, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, mode);
        out->named = fd >= 0;
    }
    if (fd < 0)
        return unwritten(out->path, errno, err);
    if (old != NULL && fchmod(fd, mode) != 0)
        errno = 0; /* not the owner: as new files are */
    out->file = fdopen(fd, "w+");
    if (out->file == NULL) {
        unwritten(out->path, errno, err);
        close(fd);
        if (out->named)
            unlink(out->part);
        return -1;
    }
    return 0;
}

int output_open(struct output *out, const char *path, struct ls_error *err) {
    struct stat old;
    const bool there = lstat(path, &old) == 0;
    int status;
    *out = (struct output){.path = strdup(path)};
    if (out->path == NULL)
        return ls_error_set(err, "%s: out of memory", path);
    if (there && S_ISDIR(old.st_mode))
        status = unwritten(path, EISDIR, err);
    else if (there && !S_ISREG(old.st_mode))
        status = (out->file = fopen(path, "we")) != NULL ? 0 : unwritten(path, errno, err);
    else if (there && access(path, W_OK) != 0)
        status = unwritten(path, errno, err);
    else
        status = open_part(out, there ? &old : NULL, err);
    if (status != 0)
        forget(out);
    return status;
}

static char *join(const char *folder, const char *name, struct ls_error *err) {
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) >= 0)
        return path;
    ls_error_set(err, "%s/%s: out of memory", folder, name);
    return NULL;
}

int output_open_in(struct output *out, const char *folder, const char *name, struct ls_error *err) {
    char *path = join(folder, name, err);
    *out = (struct output){0};
    const int status = path != NULL ? output_open(out, path, err) : -1;
    free(path);
    return status;
}

int output_check(const char *path, struct ls_error *err) {
    struct output out;
    struct stat old;
    if (lstat(path, &old) == 0 && !S_ISREG(old.st_mode)) { /* a pipe would end: do not open it */
        if (stat(path, &old) != 0 && errno == ENOENT)
            return 0; /* a link to a file that it makes */
        return !S_ISDIR(old.st_mode) && access(path, W_OK) == 0
                   ? 0
                   : unwritten(path, S_ISDIR(old.st_mode) ? EISDIR : errno, err);
    }
    if (output_open(&out, path, err) != 0)
        return -1;
    output_discard(&out);
    return 0;
}

int output_check_in(const char *folder, const char *name, struct ls_error *err) {
    char *path = join(folder, name, err);
    const int status = path != NULL ? output_check(path, err) : -1;
    free(path);
    return status;
}

int output_check_folder(const char *folder, struct ls_error *err) {
    struct stat there;
    char *path = strdup(folder), *above = path;
    if (path == NULL)
        return ls_error_set(err, "%s: out of memory", folder);
    while (stat(above, &there) != 0 && errno == ENOENT)
        above = dirname(above);
    int status = 0;
    if (stat(above, &there) != 0)
        status = unwritten(folder, errno, err);
    else if (!S_ISDIR(there.st_mode))
        status = unwritten(folder, ENOTDIR, err);
    else
        status = output_check_in(above, ".lockstep", err);
    free(path);
    return status;
}

/* Files to be have no inode yet: their folders have, and names. */
static bool is_same_name(const char *a, const char *b) {
    struct stat x, y;
    char *copies[4] = {strdup(a), strdup(a), strdup(b), strdup(b)};
    bool same = copies[0] != NULL && copies[1] != NULL && copies[2] != NULL && copies[3] != NULL;
    same = same && strcmp(basename(copies[0]), basename(copies[2])) == 0 &&
           stat(dirname(copies[1]), &x) == 0 && stat(dirname(copies[3]), &y) == 0 &&
           x.st_dev == y.st_dev && x.st_ino == y.st_ino;
    for (int i = 0; i < 4; i++)
        free(copies[i]);
    return same;
}

/* A pipe or a device may be written twice. */
static bool is_one(const char *a, const char *b) {
    struct stat x, y;
    const bool there = stat(a, &x) == 0, also = stat(b, &y) == 0;
    if (!there || !also)
        return !there && !also && is_same_name(a, b);
    return S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int output_check_apart(const char *const *files, size_t inputs, size_t count,
                       struct ls_error *err) {
    for (size_t i = inputs; i < count; i++)
        for (size_t k = 0; k < i && files[i] != NULL; k++)
            if (files[k] != NULL && is_one(files[k], files[i]))
                return ls_error_set(err, "%s: the same file twice: give each its own name",
                                    files[i]);
    return 0;
}

bool output_is_same(const struct output *a, const struct output *b) {
    struct stat x, y;
    if (a->part != NULL && b->part != NULL)
        return is_same_name(a->path, b->path);
    return fstat(fileno(a->file), &x) == 0 && fstat(fileno(b->file), &y) == 0 &&
           x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

void output_executable(const struct output *out) {
    struct stat file;
    if (fstat(fileno(out->file), &file) == 0) /* for those who may read it */
        (void)!fchmod(fileno(out->file), (file.st_mode | (file.st_mode >> 2 & 0111)) & 0777);
}

/* The file gets the name that it has on the way; one that is left of a killed program goes. */
static bool give_name(struct output *out) {
    char file[40];
    if (out->named)
        return true;
    snprintf(file, sizeof file, "/proc/self/fd/%d", fileno(out->file));
    unlink(out->part);
    out->named = linkat(AT_FDCWD, file, AT_FDCWD, out->part, AT_SYMLINK_FOLLOW) == 0;
    return out->named;
}

int output_close(struct output *out, struct ls_error *err) {
    if (out->file == NULL)
        return 0;
    errno = 0;
    bool whole = fflush(out->file) == 0 && !ferror(out->file);
    if (out->part != NULL)
        whole = whole && fsync(fileno(out->file)) == 0 && give_name(out);
    int reason = errno;
    FILE *file = out->file;
    out->file = NULL;
    if (fclose(file) != 0 && whole) {
        reason = errno;
        whole = false;
    }
    if (whole && out->part != NULL && rename(out->part, out->path) != 0) {
        reason = errno;
        whole = false;
    }
    if (!whole && out->named)
        unlink(out->part);
    if (!whole)
        unwritten(out->path, reason, err);
    forget(out);
    return whole ? 0 : -1;
}

void output_discard(struct output *out) {
    if (out->file != NULL)
        fclose(out->file);
    if (out->named)
        unlink(out->part);
    forget(out);
}

int output_standard_open(struct ls_error *err) {
    return fcntl(STDOUT_FILENO, F_GETFD) >= 0 && fcntl(STDERR_FILENO, F_GETFD) >= 0
               ? 0
               : ls_error_set(err, "standard output or error is closed: a file would take its "
                                   "place; send it to /dev/null instead");
}

int output_standard_end(struct ls_error *err) {
    errno = 0;
    const bool whole = fflush(stdout) == 0 && !ferror(stdout);
    return whole ? 0 : unwritten("standard output", errno, err);
}
